/* All settings of a run: tables of options bound to the structs they fill, and
 * where each value came from.
 *
 * A stronger source wins whatever the order of setting: command line over
 * environment over profile over default. Within a source the later wins. What
 * nobody knows is an error with a suggestion; nothing is read and then ignored. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/option.h"

struct options;

struct options *options_new(void);
void options_free(struct options *options);

/* Binds a table to its target and writes its defaults there. Both are borrowed. */
void options_add(struct options *options, const struct option_table *table, void *target);

enum option_source {
    OPTION_FROM_DEFAULT,
    OPTION_FROM_PROFILE,
    OPTION_FROM_ENVIRONMENT,
    OPTION_FROM_COMMAND_LINE,
    OPTION_SOURCE_COUNT
};

const char *option_source_name(enum option_source source); /* "command line" */

enum { OPTION_WHERE_MAX = 200 };

struct option_origin {
    enum option_source source;
    char where[OPTION_WHERE_MAX]; /* "lua/profiles/dev.lua:12", "PERIGEE_CYCLE", "--cycle" */
};

/* Sets one key. Messages begin with where it was written. ERR_MISSING: no such key; ERR_PARSE
 * and ERR_RANGE as option_set. An element of a list that is not there yet is made, with
 * defaults. */
enum err options_set(struct options *options, const char *key, const struct option_value *value,
                     const struct option_origin *origin, struct fault *why) MUST_CHECK;

/* "KEY=VALUE", as the command line has it. */
enum err options_set_pair(struct options *options, const char *pair,
                          const struct option_origin *origin, struct fault *why) MUST_CHECK;

/* Every PERIGEE_... variable: PERIGEE_RISK_MAX_ORDER_VALUE is risk.max_order_value. An unknown
 * one is an error unless its name is in `others` (ends with NULL). An empty one counts as
 * unset. */
enum err options_set_environment(struct options *options, char *const *environment,
                                 const char *const *others, struct fault *why) MUST_CHECK;

/* Takes every element off a list ("strategies"), so that a stronger source can write its own.
 */
void options_clear_list(struct options *options, const char *prefix);

/* What kind of thing a key names. */
enum option_shape {
    OPTION_UNKNOWN,
    OPTION_VALUE,  /* an option that takes one value */
    OPTION_VALUES, /* an option that takes several words: symbols, days */
    OPTION_LIST,   /* a list of elements: "strategies" */
    OPTION_GROUP,  /* any other part before keys: "risk", "risk.symbols", "strategies.1" */
};
enum option_shape options_shape(const struct options *options, const char *key);

/* One value as it is now. */
struct option_entry {
    char key[OPTION_KEY_MAX];
    const struct option_table *table;
    const struct option *option;
    const void *target; /* what option_format wants; NULL: the list has no such element */
    const struct option_param *param; /* the parameter it is, of an OPTION_PARAMS; else NULL */
    struct option_origin origin;
};

/* What a key names. ERR_MISSING when no key is like it; *why then suggests. */
enum err options_find(const struct options *options, const char *key, struct option_entry *out,
                      struct fault *why) MUST_CHECK;

/* Every value there is, in the order of the tables and their elements. Start with zeros. */
struct options_cursor {
    int table, element, option, param;
};
bool options_next(const struct options *options, struct options_cursor *at,
                  struct option_entry *out);

/* The value of an entry as text. */
void option_entry_format(const struct option_entry *entry, struct buf *out);

/* "PERIGEE_RISK_MAX_ORDER_VALUE"; returns out. */
const char *option_variable(const char *key, char out[OPTION_KEY_MAX]);

/* Where a key was set, "" for a default: for messages about values that do not go together. */
struct option_origin options_origin(const struct options *options, const char *key);

/* Every table, as sections of a reference page in Markdown. */
void options_write_markdown(const struct options *options, struct buf *out);

#endif
