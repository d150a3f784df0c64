/* Helpers of the tests that run scripts in sandboxes. */
#ifndef TESTS_SCRIPT_SCRIPTS_H
#define TESTS_SCRIPT_SCRIPTS_H

#include <lauxlib.h>

#include <stdio.h>
#include <string.h>

#include "script/sandbox.h"

#include "check.h"

enum { ANSWER_MAX = 2048 };

static inline struct sandbox *new_sandbox(const struct sandbox_options *given)
{
    struct sandbox_options options = {.name = "test"};
    struct sandbox *sandbox;
    struct fault why;

    if (given)
        options = *given;
    if (sandbox_new(&options, &sandbox, &why))
        fail_msg("%s", why.text);
    return sandbox;
}

struct answer {
    int value;
    char *text;
};

static inline void read_answer(lua_State *L, void *context)
{
    struct answer *answer = context;
    size_t len;

    lua_rawgeti(L, LUA_REGISTRYINDEX, answer->value);
    const char *text = luaL_tolstring(L, -1, &len);
    len = len < ANSWER_MAX - 1 ? len : ANSWER_MAX - 1;
    memcpy(answer->text, text, len);
    answer->text[len] = '\0';
}

/* What the chunk returns, as text, or "error: " and the fault's sentence. */
static inline const char *run_in(struct sandbox *sandbox, const char *script, size_t len)
{
    static char text[ANSWER_MAX];
    struct answer answer = {.text = text};
    struct fault why = {OK, ""};
    enum err err = sandbox_load(sandbox, "t.lua", script, len, 0, &answer.value, &why);

    if (!err) {
        err = sandbox_run(sandbox, read_answer, &answer, 0, &why);
        sandbox_unref(sandbox, answer.value);
    }
    if (err)
        snprintf(text, sizeof text, "%s: %s", err == ERR_SCRIPT ? "error" : err_name(err),
                 why.text);
    return text;
}

static inline const char *run(const char *script)
{
    struct sandbox *sandbox = new_sandbox(NULL);
    const char *text = run_in(sandbox, script, strlen(script));

    sandbox_free(sandbox);
    return text;
}

#endif
