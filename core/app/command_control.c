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
    {.name = "symbol",
     .value = "SYMBOL",
     .help = "of pause, reduce-only, halt and resume: this symbol alone"},
    {.name = NULL},
};

/* Who asks: the login name, as the journal is to remember it. */
static void name_user(char out[COMMAND_WHO_MAX])
{
    const struct passwd *user = getpwuid(getuid());

    snprintf(out, COMMAND_WHO_MAX, "%.40s", user ? user->pw_name : "unknown");
}

static const char *text_of(const struct json_doc *doc, int object, const char *name,
                           char out[256])
{
    if (!json_read_text(doc, json_find(doc, object, name), out, 256))
        out[0] = '\0';
    return out;
}

static void print_causes(const struct json_doc *doc, int causes)
{
    char level[256], symbol[256], source[256], why[256], until[256];

    for (int i = 0; i < json_count(doc, causes); i++) {
        int cause = json_at(doc, causes, i);
        text_of(doc, cause, "symbol", symbol);
        printf("%-14s %s%s%s by %s until %s: %s\n", i ? "" : "causes",
               text_of(doc, cause, "level", level), symbol[0] ? " " : "", symbol,
               text_of(doc, cause, "source", source), text_of(doc, cause, "until", until),
               text_of(doc, cause, "why", why));
    }
}

static void print_guards(const struct json_doc *doc, int guards)
{
    for (int i = 0; i < json_count(doc, guards); i++) {
        int name, guard = json_member(doc, guards, i, &name);
        size_t len;
        const char *text = json_raw(doc, name, &len);
        int64_t trips = 0, recoverable = 0, critical = 0;
        if (json_read_int(doc, json_find(doc, guard, "trip"), &trips) &&
            json_read_int(doc, json_find(doc, guard, "recoverable"), &recoverable) &&
            json_read_int(doc, json_find(doc, guard, "critical"), &critical))
            printf("%-14s %.*s tripped %lld times, failed %lld times (%lld critical)\n",
                   i ? "" : "guards", (int)len, text, (long long)trips,
                   (long long)(recoverable + critical), (long long)critical);
    }
}

/* One line for each member: levels and positions by symbol. */
static void print_members(const struct json_doc *doc, int object, const char *title,
                          int title_len)
{
    for (int i = 0; i < json_count(doc, object); i++) {
        int name, value = json_member(doc, object, i, &name);
        size_t name_len, len;
        const char *symbol = json_raw(doc, name, &name_len);
        const char *text = json_raw(doc, value, &len);
        printf("%-14.*s %-15.*s %.*s\n", i ? 0 : title_len, title, (int)name_len, symbol,
               (int)len, text);
    }
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
        if (json_kind(doc, value) == JSON_ARRAY)
            print_causes(doc, value);
        else if (key_len == strlen("guards") && memcmp(key, "guards", key_len) == 0)
            print_guards(doc, value);
        else if (json_kind(doc, value) == JSON_OBJECT)
            print_members(doc, value, key, (int)key_len);
        else
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

/* Long enough for a script that uses up all of its time; a kill is worth waiting for. */
static nanos patience_for(const struct control_request *request)
{
    bool is_kill = !request->is_status && request->command.kind == COMMAND_KILL;

    return is_kill ? SECONDS(60) : SECONDS(15);
}

static enum err exchange(const char *path, const struct control_request *request,
                         char answer[CONTROL_ANSWER_MAX], struct fault *why)
{
    struct buf line = BUF_INIT;

    control_encode(request, &line);
    enum err err = control_ask(path, buf_text(&line), patience_for(request), answer, why);
    buf_clear(&line);
    return err;
}

static enum err find_engine(const struct args *args, char path[CONTROL_PATH_MAX],
                            struct fault *why)
{
    char journal[JOURNAL_PATH_MAX];
    enum err err = journal_file_from_args(args, journal, why);

    if (!err)
        control_path_of(journal, path);
    return err;
}

static enum err ask(const struct args *args, const struct control_request *request,
                    struct fault *why)
{
    char path[CONTROL_PATH_MAX], answer[CONTROL_ANSWER_MAX];
    enum err err = find_engine(args, path, why);

    if (!err)
        err = exchange(path, request, answer, why);
    return err ? err : take_answer(args, answer, why);
}

static enum err status(const struct args *args, struct fault *why)
{
    struct control_request request = {.is_status = true};

    name_user(request.command.who);
    return ask(args, &request, why);
}

static enum err read_command(const struct args *args, enum command_kind kind,
                             struct control_request *request, struct fault *why)
{
    const char *reason = args_text(args, "why", NULL);

    if (!reason || !reason[0])
        return fail(why, ERR_USAGE, "--why is missing: the journal keeps who did it and why");
    request->command.kind = kind;
    name_user(request->command.who);
    snprintf(request->command.why, sizeof request->command.why, "%s", reason);
    return OK;
}

static enum err command(const struct args *args, enum command_kind kind, struct fault *why)
{
    struct control_request request = {.is_status = false};
    enum err err = read_command(args, kind, &request, why);

    bool is_level = kind == COMMAND_PAUSE || kind == COMMAND_REDUCE_ONLY ||
                    kind == COMMAND_HALT || kind == COMMAND_RESUME;
    snprintf(request.symbol, sizeof request.symbol, "%s", args_text(args, "symbol", ""));
    if (!err && request.symbol[0] && !is_level)
        err = fail(why, ERR_USAGE, "--symbol goes with pause, reduce-only, halt and resume");
    if (!err && args_has(args, "for") && kind != COMMAND_PAUSE)
        err = fail(why, ERR_USAGE, "--for goes with pause alone");
    if (!err)
        err = args_duration(args, "for", &request.command.duration, why);
    return err ? err : ask(args, &request, why);
}

/* ---- flatten: said, and then waited for ---- */

/* What a status answer says of it: "working", "done". */
static void read_progress(const char *answer, char state[256], char left[256])
{
    struct json_doc *doc = NULL;
    size_t len = 2;
    const char *positions = "{}";

    state[0] = '\0';
    if (json_parse(answer, strlen(answer), &doc, NULL) == OK) {
        int token = json_find(doc, json_root(doc), "positions");
        text_of(doc, json_root(doc), "flatten", state);
        if (token != JSON_NONE)
            positions = json_raw(doc, token, &len);
    }
    snprintf(left, 256, "%.*s", (int)(len < 255 ? len : 255), positions);
    json_free(doc);
}

/* Asks for the status until the engine says that all is flat. */
static enum err wait_until_flat(const char *path, nanos patience,
                                char answer[CONTROL_ANSWER_MAX], struct fault *why)
{
    struct control_request request = {.is_status = true};
    nanos deadline = clock_monotonic() + patience;
    char state[256], left[256], span[NANOS_TEXT_MAX];

    name_user(request.command.who);
    for (;;) {
        read_progress(answer, state, left);
        if (strcmp(state, "none") == 0)
            return fail(why, ERR_REFUSED,
                        "somebody resumed before all was flat, positions left: %s", left);
        if (strcmp(state, "working") != 0) /* done, or an error that the answer tells */
            return OK;
        if (clock_monotonic() >= deadline)
            return fail(
                why, ERR_REFUSED,
                "NOT FLAT after %s, positions left: %s. The engine keeps trying; "
                "`perigee status` shows how far it is, `perigee events --kind guard` why",
                nanos_format_duration(patience, span), left);
        usleep(200000);
        enum err err = exchange(path, &request, answer, why);
        if (err)
            return err;
    }
}

static enum err run_flatten(const struct args *args, struct fault *why)
{
    struct control_request request = {.is_status = false};
    char path[CONTROL_PATH_MAX], answer[CONTROL_ANSWER_MAX];
    nanos patience = MINUTES(1);
    enum err err = read_command(args, COMMAND_FLATTEN, &request, why);

    if (!err)
        err = args_duration(args, "wait", &patience, why);
    if (!err)
        err = find_engine(args, path, why);
    if (!err)
        err = exchange(path, &request, answer, why);
    if (!err)
        err = wait_until_flat(path, patience, answer, why);
    return err ? err : take_answer(args, answer, why);
}

static const struct arg_option flatten_options[] = {
    JOURNAL_FILE_OPTIONS,
    {.name = "why", .value = "TEXT", .help = "the reason, for the journal (required)"},
    {.name = "wait",
     .value = "SPAN",
     .help = "how long to wait until everything is flat (1m); failing that the exit code is 1"},
    {.name = NULL},
};

const struct cli_command command_flatten = {
    .name = "flatten",
    .summary = "cancel orders, close every position, and wait until that is done",
    .words = "",
    .examples = "  perigee flatten --why \"done for the day\"\n"
                "  perigee flatten --why \"get out\" --wait 10m\n",
    .options = flatten_options,
    .run = run_flatten,
};

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
                 "pause --why \"news at 14:00\" --for 30m\n"
                 "  perigee pause --why \"halving\" --symbol BTC-USD");
OPERATOR_COMMAND(resume, "resume", COMMAND_RESUME, "take back what operators have held",
                 "resume --why \"news is out\"");
OPERATOR_COMMAND(reduce_only, "reduce-only", COMMAND_REDUCE_ONLY,
                 "let positions only get smaller", "reduce-only --why \"weekend\"");
OPERATOR_COMMAND(halt, "halt", COMMAND_HALT, "stop everything but cancels, until resumed",
                 "halt --why \"something is wrong\"");
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
