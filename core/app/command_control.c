/* perigee status, pause, resume, reduce-only, halt, flatten, cancel-all, kill: the
 * operator's words to a running engine. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/config_args.h"
#include "app/control.h"
#include "app/journal_file.h"
#include "base/json.h"
#include "io/control.h"

static const struct arg_option status_options[] = {
    JOURNAL_FILE_OPTIONS,
    {.name = NULL},
};

static const struct arg_option options[] = {
    JOURNAL_FILE_OPTIONS,
    {.name = "why", .value = "TEXT", .help = "the reason, for the journal (required)"},
    {.name = "for", .value = "SPAN", .help = "of a pause: how long; without it until resumed"},
    {.name = NULL},
};

/* Who asks: the login name, as the journal is to remember it. */
static void name_user(char out[COMMAND_WHO_MAX])
{
    const struct passwd *user = getpwuid(getuid());

    snprintf(out, COMMAND_WHO_MAX, "%.40s", user ? user->pw_name : "unknown");
}

static void print_object(const struct json_doc *doc, int token)
{
    int name;

    for (int i = 0; i < json_count(doc, token); i++) {
        size_t key_len, len;
        int value = json_member(doc, token, i, &name);
        const char *key = json_raw(doc, name, &key_len), *text = json_raw(doc, value, &len);
        if (json_kind(doc, value) == JSON_OBJECT && json_count(doc, value) == 0)
            continue;
        printf("%-14.*s %.*s\n", (int)key_len, key, (int)len, text);
    }
}

/* The engine's answer: printed, or its error returned. */
static enum err take_answer(const struct args *args, const char *answer, struct fault *why)
{
    struct json_doc *doc = NULL;
    char error[256] = "";
    bool ok = false;
    enum err err = json_parse(answer, strlen(answer), &doc, why);

    if (!err && !json_read_bool(doc, json_find(doc, json_root(doc), "ok"), &ok))
        err = fail(why, ERR_PARSE, "the engine's answer makes no sense: %.200s", answer);
    if (!err && !ok) {
        bool told =
            json_read_text(doc, json_find(doc, json_root(doc), "error"), error, sizeof error);
        err = fail(why, ERR_REFUSED, "%s", told ? error : "the engine refused");
    }
    if (!err && args_has(args, "json"))
        printf("%s\n", answer);
    else if (!err)
        print_object(doc, json_root(doc));
    json_free(doc);
    return err;
}

static enum err ask(const struct args *args, const struct control_request *request,
                    struct fault *why)
{
    char journal[JOURNAL_PATH_MAX], path[CONTROL_PATH_MAX], answer[CONTROL_LINE_MAX];
    struct buf line = BUF_INIT;
    enum err err = journal_file_from_args(args, journal, why);

    if (err)
        return err;
    control_path_of(journal, path);
    control_encode(request, &line);
    err = control_ask(path, buf_text(&line), SECONDS(10), answer, why);
    buf_clear(&line);
    return err ? err : take_answer(args, answer, why);
}

static enum err status(const struct args *args, struct fault *why)
{
    struct control_request request = {.is_status = true};

    name_user(request.command.who);
    return ask(args, &request, why);
}

static enum err command(const struct args *args, enum command_kind kind, struct fault *why)
{
    struct control_request request = {.command = {.kind = kind}};
    const char *reason = args_text(args, "why", NULL);

    if (!reason || !reason[0])
        return fail(why, ERR_USAGE, "--why is missing: the journal keeps who did it and why");
    if (args_has(args, "for") && kind != COMMAND_PAUSE)
        return fail(why, ERR_USAGE, "--for goes with pause alone");
    enum err err = args_duration(args, "for", &request.command.duration, why);
    name_user(request.command.who);
    snprintf(request.command.why, sizeof request.command.why, "%s", reason);
    return err ? err : ask(args, &request, why);
}

#define OPERATOR_COMMAND(id, word, kind, text, example)                                        \
    static enum err run_##id(const struct args *args, struct fault *why)                       \
    {                                                                                          \
        return command(args, kind, why);                                                       \
    }                                                                                          \
    const struct cli_command command_##id = {                                                  \
        .name = word,                                                                          \
        .summary = text,                                                                       \
        .words = "",                                                                           \
        .examples = "  perigee " example "\n",                                                 \
        .options = options,                                                                    \
        .run = run_##id,                                                                       \
    }

OPERATOR_COMMAND(pause, "pause", COMMAND_PAUSE, "stop new orders, for a while or until resumed",
                 "pause --why \"news at 14:00\" --for 30m");
OPERATOR_COMMAND(resume, "resume", COMMAND_RESUME, "take back what operators have held",
                 "resume --why \"news is out\"");
OPERATOR_COMMAND(reduce_only, "reduce-only", COMMAND_REDUCE_ONLY,
                 "let positions only get smaller", "reduce-only --why \"weekend\"");
OPERATOR_COMMAND(halt, "halt", COMMAND_HALT, "stop everything but cancels, until resumed",
                 "halt --why \"something is wrong\"");
OPERATOR_COMMAND(flatten, "flatten", COMMAND_FLATTEN, "cancel orders and close every position",
                 "flatten --why \"done for the day\"");
OPERATOR_COMMAND(cancel_all, "cancel-all", COMMAND_CANCEL_ALL, "cancel every open order",
                 "cancel-all --why \"stale quotes\"");
OPERATOR_COMMAND(kill, "kill", COMMAND_KILL, "halt, cancel everything and end the engine",
                 "kill --why \"out of control\"");

const struct cli_command command_status = {
    .name = "status",
    .summary = "how a running engine is",
    .words = "",
    .examples = "  perigee status --profile dev\n  perigee status --json\n",
    .options = status_options,
    .run = status,
};
