/* perigee new strategy NAME: a strategy that runs, and its spec. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "base/json.h"
#include "script/lua_files.h"

static const struct arg_option options[] = {
    {"dir", "FOLDER", "where lua/ and tests/ are (the current folder)", false, false},
    {NULL, NULL, NULL, false, false},
};

/* A role that can be made: its template among the compiled-in files, and where its files go. */
struct role {
    const char *name, *script, *spec, *script_to, *spec_to;
};

static const struct role roles[] = {
    {"strategy", "lua/perigee/template/strategy.lua", "lua/perigee/template/strategy_spec.lua",
     "lua/strategies/%s.lua", "tests/lua/strategies/%s_spec.lua"},
};

static const struct role *find_role(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (strcmp(roles[i].name, name) == 0)
            return &roles[i];
    return NULL;
}

static bool is_name(const char *name)
{
    if (!islower((unsigned char)name[0]) || strlen(name) > 40)
        return false;
    for (const char *c = name; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
            return false;
    return true;
}

/* Copies the template, NAME replaced by the name. */
static void fill_in(const struct lua_file *template, const char *name, struct buf *out)
{
    const char *at = template->bytes, *end = at + template->len;

    while (at < end) {
        const char *mark = strstr(at, "NAME");
        if (!mark) {
            buf_add(out, at, (size_t)(end - at));
            return;
        }
        buf_add(out, at, (size_t)(mark - at));
        buf_add_text(out, name);
        at = mark + 4;
    }
}

static enum err make_folders(const char *path, struct fault *why)
{
    char part[512];

    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return fail(why, ERR_IO, "%s: %s", part, strerror(errno));
        *slash = '/';
    }
    return OK;
}

/* "wx": what is there already is never written over. */
static enum err write_new(const char *path, const struct buf *text, struct fault *why)
{
    enum err err = make_folders(path, why);
    FILE *file = err ? NULL : fopen(path, "wx");

    if (err)
        return err;
    if (!file && errno == EEXIST)
        return fail(why, ERR_EXISTS, "%s is there already; choose another name", path);
    if (!file)
        return fail(why, ERR_IO, "%s: %s", path, strerror(errno));
    fwrite(buf_text(text), 1, text->len, file);
    if (fclose(file) != 0)
        return fail(why, ERR_IO, "%s: %s", path, strerror(errno));
    return OK;
}

static enum err make(const char *template, const char *path, const char *name,
                     struct fault *why)
{
    const struct lua_file *file = lua_files_find(template);
    struct buf text = BUF_INIT;

    if (!file)
        return fail(why, ERR_MISSING, "%s is not compiled in", template);
    fill_in(file, name, &text);
    enum err err = write_new(path, &text, why);
    buf_clear(&text);
    return err;
}

static void print_json(const char *script, const char *spec)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    json_open_object(&w, NULL);
    json_add_text(&w, "script", script);
    json_add_text(&w, "spec", spec);
    json_close_object(&w);
    printf("%s\n", buf_text(&out));
    buf_clear(&out);
}

/* Specs run where .busted says with which Lua and where the module is: in the source tree. */
static void print_text(const struct args *args, const char *script, const char *spec)
{
    const char *dir = args_text(args, "dir", ".");
    char settings[512];

    snprintf(settings, sizeof settings, "%.200s/.busted", dir);
    bool has_settings = access(settings, F_OK) == 0;
    printf("%s\n%s\n\nnext: perigee data synth --symbol BTC-USD --rows 100000 --out btc.pgh\n"
           "      perigee backtest --strategy %s --data btc.pgh --size 0.1\n",
           script, spec, script);
    if (has_settings && strcmp(dir, ".") == 0)
        printf("      busted %s\n", spec);
    else if (has_settings)
        printf("      cd %s && busted\n", dir);
    else
        printf("the spec needs Perigee's source tree: put both files there and run busted\n");
}

static enum err run(const struct args *args, struct fault *why)
{
    const struct role *role = find_role(args_positional(args, 0));
    const char *name = args_positional(args, 1), *dir = args_text(args, "dir", ".");
    char file[256], script[512], spec[512];

    if (!role)
        return fail(why, ERR_USAGE, "'%s' cannot be made; strategy can",
                    args_positional(args, 0));
    if (strlen(dir) > 200)
        return fail(why, ERR_USAGE, "--dir: longer than 200 characters");
    if (!is_name(name))
        return fail(
            why, ERR_USAGE,
            "'%s' is no name for a script: lower-case letters, digits and _, a letter first",
            name);
    snprintf(file, sizeof file, role->script_to, name);
    snprintf(script, sizeof script, "%.200s/%s", dir, file);
    snprintf(file, sizeof file, role->spec_to, name);
    snprintf(spec, sizeof spec, "%.200s/%s", dir, file);
    if (access(spec, F_OK) == 0)
        return fail(why, ERR_EXISTS, "%s is there already; choose another name", spec);
    enum err err = make(role->script, script, name, why);
    if (!err)
        err = make(role->spec, spec, name, why);
    if (err)
        return err;
    if (args_has(args, "json"))
        print_json(script, spec);
    else
        print_text(args, script, spec);
    return OK;
}

const struct cli_command command_new = {
    .name = "new",
    .summary = "write a strategy to start from, with its spec",
    .words = "strategy NAME",
    .examples = "  perigee new strategy breakout\n",
    .options = options,
    .words_min = 2,
    .words_max = 2,
    .run = run,
};
