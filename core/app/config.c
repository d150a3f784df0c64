#include "app/config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/* Variables with our prefix that are no settings. */
static const char *const other_variables[] = {"PERIGEE_HOME", "PERIGEE_PROFILE", "PERIGEE_ROOT",
                                              NULL};

static struct config *new_config(void)
{
    struct config *config = mem_new(sizeof *config);

    config->options = options_new();
    run_settings_add(&config->run, config->options);
    engine_settings_add(&config->engine, config->options);
    return config;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    options_free(config->options);
    mem_free(config);
}

/* "lua/profiles/mine.lua" is "mine". */
static void set_name(struct config *config, const char *profile)
{
    const char *slash = strrchr(profile, '/');
    const char *name = slash ? slash + 1 : profile;
    size_t len = strlen(name);

    if (len > 4 && strcmp(name + len - 4, ".lua") == 0)
        len -= 4;
    snprintf(config->name, sizeof config->name, "%.*s", (int)(len < 63 ? len : 63), name);
}

/* ---- sources ---- */

/* A mistake here is wrong usage, whatever kind it is. */
static enum err set_one(struct options *options, const struct config_set *set,
                        struct fault *why)
{
    struct option_origin origin = {.source = OPTION_FROM_COMMAND_LINE};
    struct option_value value = {OPTION_AS_TEXT, set->value, NULL};

    snprintf(origin.where, sizeof origin.where, "%s", set->option);
    enum err err = set->key ? options_set(options, set->key, &value, &origin, why)
                            : options_set_pair(options, set->value, &origin, why);
    if (err)
        why->code = ERR_USAGE;
    return err ? ERR_USAGE : OK;
}

/* A list that the command line names replaces the profile's: "strategies.1" clears strategies.
 */
static void clear_replaced_lists(struct config *config, const struct config_request *request)
{
    static const char *const lists[] = {"strategies", "guards"};
    char first[32];

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        snprintf(first, sizeof first, "%s.1", lists[i]);
        for (int j = 0; j < request->set_count; j++)
            if (request->sets[j].key && strcmp(request->sets[j].key, first) == 0)
                options_clear_list(config->options, lists[i]);
    }
}

/* The first mistake is what the caller is told; all go into the list. */
static void note(enum err err, const struct fault *each, enum err *first, struct buf *problems,
                 struct fault *why)
{
    if (!err)
        return;
    if (problems)
        buf_add_format(problems, "%s\n", each->text);
    if (*first)
        return;
    *first = err;
    *why = *each;
}

static enum err apply_sources(struct config *config, const struct config_request *request,
                              struct buf *problems, struct fault *why)
{
    char *const *environment = request->environment ? request->environment : environ;
    enum err first = OK, err;
    struct fault each;

    if (request->profile && !request->profile[0])
        note(fail(&each, ERR_USAGE, "the name of the profile is empty"), &each, &first,
             problems, why);
    else if (request->profile)
        first =
            profile_load(request->profile, config->options, &config->profile, problems, why);
    err = options_set_environment(config->options, environment, other_variables, &each);
    note(err, &each, &first, problems, why);
    clear_replaced_lists(config, request);
    for (int i = 0; i < request->set_count; i++) {
        err = set_one(config->options, &request->sets[i], &each);
        note(err, &each, &first, problems, why);
    }
    return first;
}

/* ---- what belongs together ---- */

/* Puts in front of a message where its key was set. */
static enum err blame(const struct config *config, const char *key, enum err err,
                      struct fault *why)
{
    struct option_origin origin = options_origin(config->options, key);

    if (err && why && origin.where[0])
        fault_prefix(why, "%s: ", origin.where);
    return err;
}

static bool is_traded(const struct config *config, const char *symbol)
{
    for (int i = 0; i < config->run.symbols.count; i++)
        if (strcmp(config->run.symbols.items[i], symbol) == 0)
            return true;
    return false;
}

/* Which file of the chain a place "file:line" is in: 0 the profile, then what it extends; the
 * count for a default. Long paths are cut in front, so ends are compared. */
static int file_index(const struct config *config, const char *where)
{
    const char *colon = strrchr(where, ':');
    size_t len = colon ? (size_t)(colon - where) : strlen(where);

    for (int i = 0; len > 0 && i < config->profile.count; i++) {
        size_t path_len = strlen(config->profile.paths[i]);
        if (path_len >= len &&
            strncmp(config->profile.paths[i] + path_len - len, where, len) == 0)
            return i;
    }
    return config->profile.count;
}

/* A limit or a size for a symbol that nobody trades is most likely a slip, and a limit with a
 * slip in it is none. Whoever narrows the symbols later, in a profile on top or by hand, means
 * it. */
static enum err check_symbol_keys(const struct config *config, struct fault *why)
{
    struct option_origin symbols = options_origin(config->options, "symbols");
    int symbols_file = file_index(config, symbols.where);
    struct options_cursor at = {0};
    struct option_entry entry;

    while (options_next(config->options, &at, &entry)) {
        if (!entry.table->elements || entry.table->elements->naming != OPTION_BY_SYMBOL ||
            entry.origin.source == OPTION_FROM_DEFAULT || is_traded(config, entry.target) ||
            entry.origin.source < symbols.source)
            continue;
        if (entry.origin.source == OPTION_FROM_PROFILE &&
            file_index(config, entry.origin.where) > symbols_file)
            continue;
        return blame(config, entry.key,
                     fail(why, ERR_RANGE, "%s: %s is not among the symbols of the profile",
                          entry.key, (const char *)entry.target),
                     why);
    }
    return OK;
}

/* A rule's keys in a guard that is a script would be read and then ignored. */
static enum err check_guard_keys(const struct config *config, struct fault *why)
{
    static const char *const keys[] = {"compare",    "threshold", "symbols",  "warning_share",
                                       "window",     "lasting",   "cooldown", "action",
                                       "action_for", "scope"};
    char key[OPTION_KEY_MAX];

    for (int i = 0; i < config->run.guard_count; i++)
        for (size_t j = 0; config->run.guards[i].script[0] && j < ARRAY_LEN(keys); j++) {
            snprintf(key, sizeof key, "guards.%d.%s", i + 1, keys[j]);
            if (options_origin(config->options, key).source == OPTION_FROM_DEFAULT)
                continue;
            return blame(config, key,
                         fail(why, ERR_RANGE,
                              "%s belongs to a rule with a metric, but this guard "
                              "is the script %s",
                              key, config->run.guards[i].script),
                         why);
        }
    return OK;
}

static enum err check(const struct config *config, struct fault *why)
{
    char key[OPTION_KEY_MAX] = "";
    const char *engine_key = "";
    enum err err = engine_settings_check(&config->engine, &engine_key, why);

    if (err)
        return blame(config, engine_key, err, why);
    err = run_settings_check(&config->run, key, why);
    if (err)
        return blame(config, key, err, why);
    err = check_symbol_keys(config, why);
    return err ? err : check_guard_keys(config, why);
}

enum err config_load(const struct config_request *request, struct config **out,
                     struct buf *problems, struct fault *why)
{
    struct config *config = new_config();
    struct fault local;
    enum err err;

    if (!why)
        why = &local;
    if (request->profile)
        set_name(config, request->profile);
    err = apply_sources(config, request, problems, why);
    if (!err) {
        err = check(config, why);
        if (err && problems)
            buf_add_format(problems, "%s\n", why->text);
    }
    if (err) {
        config_free(config);
        return err;
    }
    config->engine.rule_count = run_settings_rules(&config->run, config->engine.rules);
    *out = config;
    return OK;
}

/* ---- what nobody honours yet ---- */

int config_list_planned(const struct config *config, struct buf *out)
{
    struct options_cursor at = {0};
    struct option_entry entry;
    int count = 0;

    while (options_next(config->options, &at, &entry)) {
        if (entry.param || !option_is_planned(entry.option, entry.target))
            continue;
        buf_add_format(out, "%s = ", entry.key);
        option_entry_format(&entry, out);
        buf_add_format(out, " (%s)\n", entry.origin.where);
        count++;
    }
    return count;
}

enum err config_check_honoured(const struct config *config, struct fault *why)
{
    struct buf list = BUF_INIT;
    enum err err = OK;

    if (config_list_planned(config, &list) > 0)
        err = fail(why, ERR_REFUSED,
                   "this version does not honour what the settings ask for; leave out or "
                   "change:\n%.*s",
                   (int)(list.len - 1 < 400 ? list.len - 1 : 400), buf_text(&list));
    buf_clear(&list);
    return err;
}
