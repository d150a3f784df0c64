/* perigee config: what is set, where it comes from, what it means, whether it is right. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/config_args.h"
#include "app/config_scripts.h"

struct job {
    const struct args *args;
    struct config *config;
    struct buf out;
    bool json;
};

static bool is_set(const struct option_entry *entry)
{
    return entry->origin.source != OPTION_FROM_DEFAULT;
}

/* "lua/profiles/dev.lua:12", or "default". */
static const char *source_of(const struct option_entry *entry)
{
    return entry->origin.where[0] ? entry->origin.where
                                  : option_source_name(entry->origin.source);
}

static const char *value_of(const struct option_entry *entry, struct buf *text)
{
    buf_reset(text);
    option_entry_format(entry, text);
    return buf_text(text);
}

/* Whether a key is the one asked for, or lies below it. */
static bool is_within(const char *key, const char *above)
{
    size_t len = strlen(above);

    return strncmp(key, above, len) == 0 && (key[len] == '\0' || key[len] == '.');
}

static void open_json(struct json_writer *w, struct job *job)
{
    *w = json_writer_init(&job->out);
    w->pretty = true;
    json_open_object(w, NULL);
    json_add_text(w, "profile", job->config->name);
    json_open_array(w, "files");
    for (int i = 0; i < job->config->profile.count; i++)
        json_add_text(w, NULL, job->config->profile.paths[i]);
    json_close_array(w);
}

/* ---- show ---- */

/* The next entry that `show` is about: all, those below a word, those that are set. */
static bool next_shown(const struct job *job, struct options_cursor *at,
                       struct option_entry *entry)
{
    const char *above = args_positional(job->args, 1);
    bool only_set = args_has(job->args, "changed");

    while (options_next(job->config->options, at, entry))
        if ((!above || is_within(entry->key, above)) && (!only_set || is_set(entry)))
            return true;
    return false;
}

static void show_json(struct job *job)
{
    struct json_writer w;
    struct options_cursor at = {0};
    struct option_entry entry;
    struct buf text = BUF_INIT;

    open_json(&w, job);
    json_open_object(&w, "settings");
    while (next_shown(job, &at, &entry)) {
        json_open_object(&w, entry.key);
        json_add_text(&w, "value", value_of(&entry, &text));
        json_add_text(&w, "source", option_source_name(entry.origin.source));
        json_add_text(&w, "where", entry.origin.where);
        json_close_object(&w);
    }
    json_close_object(&w);
    json_close_object(&w);
    buf_clear(&text);
}

static void show_text(struct job *job)
{
    struct options_cursor at = {0};
    struct option_entry entry;
    struct buf text = BUF_INIT;
    int key_width = 0, value_width = 0;

    while (next_shown(job, &at, &entry)) {
        int key = (int)strlen(entry.key), value = (int)strlen(value_of(&entry, &text));
        key_width = key > key_width ? key : key_width;
        value_width = value > value_width && value <= 24 ? value : value_width;
    }
    at = (struct options_cursor){0};
    while (next_shown(job, &at, &entry))
        buf_add_format(&job->out, "%-*s  %-*s  %s\n", key_width, entry.key, value_width,
                       value_of(&entry, &text), source_of(&entry));
    buf_clear(&text);
}

static enum err show(struct job *job, struct fault *why)
{
    const char *above = args_positional(job->args, 1);
    struct option_entry entry;

    if (above && options_shape(job->config->options, above) == OPTION_UNKNOWN)
        return options_find(job->config->options, above, &entry, why);
    if (job->json)
        show_json(job);
    else
        show_text(job);
    return OK;
}

/* ---- explain ---- */

static void explain_text(struct job *job, const struct option_entry *entry)
{
    struct buf text = BUF_INIT, takes = BUF_INIT;
    char variable[OPTION_KEY_MAX];
    const char *initial = entry->option->initial;

    option_describe(entry->option, &takes);
    buf_add_format(&job->out, "%s = %s\n", entry->key, value_of(entry, &text));
    buf_add_format(&job->out, "  from      %s\n", source_of(entry));
    if (!entry->param)
        buf_add_format(&job->out, "  default   %s\n", initial && initial[0] ? initial : "\"\"");
    buf_add_format(&job->out, "  takes     %s\n", buf_text(&takes));
    buf_add_format(&job->out, "  variable  %s\n", option_variable(entry->key, variable));
    buf_add_format(&job->out, "  %s\n", entry->option->help);
    if (entry->option->planned)
        buf_add_format(&job->out, "  not honoured yet: %s\n",
                       entry->option->planned[0] == '*' ? "any value but the default"
                                                        : entry->option->planned);
    buf_clear(&takes);
    buf_clear(&text);
}

static void explain_json(struct json_writer *w, const struct option_entry *entry)
{
    struct buf text = BUF_INIT, takes = BUF_INIT;
    char variable[OPTION_KEY_MAX];

    option_describe(entry->option, &takes);
    json_open_object(w, NULL);
    json_add_text(w, "key", entry->key);
    json_add_text(w, "value", value_of(entry, &text));
    json_add_text(w, "source", option_source_name(entry->origin.source));
    json_add_text(w, "where", entry->origin.where);
    json_add_text(w, "default", entry->option->initial);
    json_add_text(w, "takes", buf_text(&takes));
    json_add_text(w, "variable", option_variable(entry->key, variable));
    json_add_text(w, "help", entry->option->help);
    json_add_bool(w, "honoured",
                  !entry->target || !option_is_planned(entry->option, entry->target));
    json_close_object(w);
    buf_clear(&takes);
    buf_clear(&text);
}

static void explain_one(struct job *job, struct json_writer *w,
                        const struct option_entry *entry)
{
    if (job->json)
        explain_json(w, entry);
    else
        explain_text(job, entry);
}

/* A key, or everything below it. */
static enum err explain_key(struct job *job, struct json_writer *w, const char *key,
                            struct fault *why)
{
    struct options_cursor at = {0};
    struct option_entry entry;
    enum option_shape shape = options_shape(job->config->options, key);

    if (shape == OPTION_GROUP || shape == OPTION_LIST) {
        while (options_next(job->config->options, &at, &entry))
            if (is_within(entry.key, key))
                explain_one(job, w, &entry);
        return OK;
    }
    enum err err = options_find(job->config->options, key, &entry, why);
    if (!err)
        explain_one(job, w, &entry);
    return err;
}

/* Without a key: what this profile is, and everything it changes. */
static void explain_profile(struct job *job, struct json_writer *w)
{
    struct options_cursor at = {0};
    struct option_entry entry;

    if (!job->json)
        buf_add_format(&job->out, "%s: %s\n\n", job->config->name,
                       job->config->run.description);
    while (options_next(job->config->options, &at, &entry))
        if (is_set(&entry))
            explain_one(job, w, &entry);
}

static enum err explain(struct job *job, struct fault *why)
{
    struct json_writer w = {0};
    enum err err = OK;
    const char *key;

    if (job->json) {
        open_json(&w, job);
        json_open_array(&w, "settings");
    }
    if (!args_positional(job->args, 1))
        explain_profile(job, &w);
    for (int i = 1; !err && (key = args_positional(job->args, i)); i++)
        err = explain_key(job, &w, key, why);
    if (job->json) {
        json_close_array(&w);
        json_close_object(&w);
    }
    return err;
}

/* ---- check ---- */

struct verdict {
    struct buf problems, planned;
    bool is_valid;
};

static void add_lines(struct json_writer *w, const char *name, const char *text)
{
    json_open_array(w, name);
    while (*text) {
        size_t len = strcspn(text, "\n");
        json_add_bytes(w, NULL, text, len);
        text += len + (text[len] == '\n');
    }
    json_close_array(w);
}

static void print_verdict(struct job *job, const char *name, const struct verdict *verdict)
{
    struct json_writer w = json_writer_init(&job->out);

    if (job->json) {
        json_open_object(&w, NULL);
        json_add_text(&w, "profile", name);
        json_add_bool(&w, "valid", verdict->is_valid);
        add_lines(&w, "problems", buf_text(&verdict->problems));
        add_lines(&w, "not_honoured", buf_text(&verdict->planned));
        json_close_object(&w);
        buf_add_text(&job->out, "\n");
    } else if (verdict->is_valid) {
        buf_add_format(&job->out, "%s: valid%s\n%s", name,
                       verdict->planned.len ? ", but this version does not honour yet:" : "",
                       buf_text(&verdict->planned));
    } else {
        fputs(buf_text(&verdict->problems), stderr);
    }
}

static enum err check_one(struct job *job, const char *name)
{
    struct verdict verdict = {BUF_INIT, BUF_INIT, false};
    struct config_request request = {.profile = name};
    struct config *config = NULL;
    enum err err = config_load(&request, &config, &verdict.problems, NULL);

    if (!err)
        err = config_check_scripts(config, &verdict.problems);
    verdict.is_valid = !err;
    if (!err)
        config_list_planned(config, &verdict.planned);
    print_verdict(job, name, &verdict);
    config_free(config);
    buf_clear(&verdict.problems);
    buf_clear(&verdict.planned);
    return err;
}

static enum err check(struct job *job)
{
    enum err err = OK, each;
    const char *name;

    if (!args_positional(job->args, 1))
        return check_one(job, config_profile_of(job->args));
    for (int i = 1; (name = args_positional(job->args, i)); i++) {
        each = check_one(job, name);
        err = err ? err : each;
    }
    return err;
}

/* ---- the command ---- */

static enum err load_and(struct job *job, enum err (*act)(struct job *, struct fault *),
                         struct fault *why)
{
    struct buf problems = BUF_INIT;
    enum err err = config_from_args(job->args, NULL, &job->config, &problems, why);

    if (err && problems.len) {
        fputs(buf_text(&problems), stderr);
        why->text[0] = '\0';
    }
    buf_clear(&problems);
    return err ? err : act(job, why);
}

static enum err run(const struct args *args, struct fault *why)
{
    struct job job = {.args = args, .out = BUF_INIT, .json = args_has(args, "json")};
    const char *verb = args_positional(args, 0);
    enum err err;

    if (strcmp(verb, "show") == 0)
        err = load_and(&job, show, why);
    else if (strcmp(verb, "explain") == 0)
        err = load_and(&job, explain, why);
    else if (strcmp(verb, "check") == 0)
        err = check(&job);
    else
        err = fail(why, ERR_USAGE, "'%.40s' is not one of show, explain, check", verb);
    if (!err || strcmp(verb, "check") == 0)
        fputs(buf_text(&job.out), stdout);
    buf_clear(&job.out);
    config_free(job.config);
    return err;
}

static const struct arg_option options[] = {
    CONFIG_ARG_OPTIONS,
    {.name = "changed", .help = "show: only what is not at its default"},
    {.name = NULL},
};

const struct cli_command command_config = {
    .name = "config",
    .summary = "show, explain and check settings and profiles",
    .words = "show [PREFIX] | explain [KEY...] | check [PROFILE...]",
    .examples =
        "  perigee config show --profile canary --changed  # what the canary sets\n"
        "  perigee config show risk                        # limits in force, and from where\n"
        "  perigee config explain risk.max_order_value     # value, source, range, meaning\n"
        "  perigee config explain --profile prod           # a profile in plain words\n"
        "  perigee config check dev paper canary prod      # mistakes, with file and line\n",
    .options = options,
    .words_min = 1,
    .words_max = 32,
    .run = run,
};
