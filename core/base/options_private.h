/* The insides of base/options.h, for its own files: options.c sets, options_key.c
 * finds what a key means, options_list.c reads, options_env.c takes the
 * environment in. */
#ifndef BASE_OPTIONS_PRIVATE_H
#define BASE_OPTIONS_PRIVATE_H

#include "base/options.h"

struct binding {
    const struct option_table *table;
    char *target;
};

/* Where a value that is no default came from. */
struct record {
    char *key;
    struct option_origin origin;
};

struct options {
    struct binding *bindings;
    int binding_count;
    struct record *records;
    int record_count;
};

/* A key is read from the left: a table's prefix, for lists an element's name,
 * then the option's key, for parameters a name. */
struct place {
    const struct binding *binding;
    const struct option *option;
    char element[OPTION_SYMBOL_MAX]; /* "": the table has none */
    int index;                       /* of the element; the count where it is yet to be made */
    char param[OPTION_PARAM_NAME_MAX];
};

/* Changes nothing. False for a key that can never be. */
bool place_find(const struct options *options, const char *key, struct place *place);
/* The key as it is listed: "strategies.1" becomes "strategies.1.script". */
const char *place_key(const struct place *place, char out[OPTION_KEY_MAX]);
/* The element or struct that the option lies in; NULL when it is yet to be made. */
char *place_target(const struct place *place);

int binding_element_count(const struct binding *binding);
void binding_set_element_count(const struct binding *binding, int count);
char *binding_element(const struct binding *binding, int index);
void binding_element_name(const struct binding *binding, int index,
                          char out[OPTION_SYMBOL_MAX]);
bool option_is_element_name(enum option_naming naming, const char *name);

/* What follows `head` and a dot in key; NULL if key does not begin so. */
const char *key_after(const char *key, const char *head);

/* Keys, for the nearest to be picked from. */
struct key_list {
    char **keys;
    int count;
};
void key_list_add(struct key_list *list, const char *key);
void key_list_clear(struct key_list *list);

/* Why the key is none, with a suggestion. */
enum err options_refuse_key(const struct options *options, const char *key, struct fault *why);

#endif
