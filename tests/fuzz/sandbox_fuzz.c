/* Any text, run as a script under small budgets: nothing may crash, hang or leak, and the
 * sandbox next door must not notice. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "script/sandbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sandbox_limits small = {
    .memory = 2 << 20,
    .call = MILLISECONDS(10),
    .extra = MILLISECONDS(10),
    .work = 300000,
};

/* The script itself can be required: by itself, twice, in circles. */
static enum err find_module(void *host, const char *module, struct sandbox_source *out,
                            struct fault *why)
{
    const struct buf *text = host;

    (void)module, (void)why;
    buf_add(&out->text, text->data, text->len);
    return OK;
}

static void swallow_line(void *host, const char *line)
{
    (void)host;
    assert(strlen(line) <= 1000);
    for (; *line; line++)
        assert((unsigned char)*line >= ' ');
}

static void call_what_came_back(struct sandbox *sandbox, int value)
{
    struct fault why;

    for (int i = 0; i < 3; i++) {
        lua_State *L = sandbox_enter(sandbox, value);
        if (!L)
            return;
        lua_pushnumber(L, i);
        (void)sandbox_call(sandbox, 1, 2, 0, &why);
        sandbox_leave(sandbox);
    }
}

static void check_canary(void)
{
    static struct sandbox *canary;
    int value;

    if (!canary && sandbox_new(&(struct sandbox_options){.name = "canary"}, &canary, NULL))
        abort();
    enum err err = sandbox_load(canary, "canary.lua", "return ('x'):rep(3)", 19, SECONDS(10),
                                &value, NULL);
    assert(err == OK);
    sandbox_unref(canary, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = BUF_INIT;
    struct sandbox *sandbox;
    struct fault why;
    int value;

    buf_add(&text, (const char *)data, size);
    struct sandbox_options options = {.name = "fuzz",
                                      .limits = small,
                                      .host = &text,
                                      .print = swallow_line,
                                      .find_module = find_module};
    if (sandbox_new(&options, &sandbox, &why))
        abort();
    if (!sandbox_load(sandbox, "fuzz.lua", text.data, text.len, 0, &value, &why))
        call_what_came_back(sandbox, value);
    sandbox_free(sandbox);
    buf_clear(&text);
    check_canary();
    return 0;
}
