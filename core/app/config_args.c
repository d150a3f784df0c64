#include "app/config_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETS_MAX = 256 };

struct set_list {
    struct config_set items[SETS_MAX];
    char options[SETS_MAX][48];
    char keys[SETS_MAX][OPTION_KEY_MAX];
    int count;
};

const char *config_profile_of(const struct args *args)
{
    const char *fallback = getenv("PERIGEE_PROFILE");

    return args_text(args, "profile", fallback && fallback[0] ? fallback : "dev");
}

static enum err add(struct set_list *list, const char *option, const char *key,
                    const char *value, struct fault *why)
{
    int n = list->count;

    if (n == SETS_MAX)
        return fail(why, ERR_USAGE, "more than %d settings", SETS_MAX);
    snprintf(list->options[n], sizeof list->options[n], "--%s", option);
    list->items[n] = (struct config_set){.option = list->options[n], .value = value};
    if (key) {
        snprintf(list->keys[n], sizeof list->keys[n], "%s", key);
        list->items[n].key = list->keys[n];
    }
    list->count++;
    return OK;
}

/* NAME=VALUE under the prefix. */
static enum err add_pair(struct set_list *list, const struct config_alias *alias,
                         const char *pair, struct fault *why)
{
    const char *equals = strchr(pair, '=');
    char key[OPTION_KEY_MAX];

    if (!equals || equals == pair || equals - pair > 60)
        return fail(why, ERR_USAGE, "--%s: expected NAME=VALUE, not '%.80s'", alias->option,
                    pair);
    snprintf(key, sizeof key, "%s%.*s", alias->key, (int)(equals - pair), pair);
    return add(list, alias->option, key, equals + 1, why);
}

static enum err add_alias(struct set_list *list, const struct args *args,
                          const struct config_alias *alias, struct fault *why)
{
    bool takes_pairs = alias->key[strlen(alias->key) - 1] == '.';
    enum err err = OK;
    const char *text;

    for (int i = 0; !err && (text = args_text_at(args, alias->option, i)); i++)
        err = takes_pairs ? add_pair(list, alias, text, why)
                          : add(list, alias->option, alias->key, text, why);
    return err;
}

enum err config_from_args(const struct args *args, const struct config_alias *aliases,
                          struct config **out, struct buf *problems, struct fault *why)
{
    struct set_list list = {.count = 0};
    enum err err = OK;
    const char *text;

    for (int i = 0; !err && (text = args_text_at(args, "set", i)); i++)
        err = add(&list, "set", NULL, text, why);
    for (; !err && aliases && aliases->option; aliases++)
        err = add_alias(&list, args, aliases, why);
    if (err)
        return err;
    struct config_request request = {config_profile_of(args), list.items, list.count, NULL};
    return config_load(&request, out, problems, why);
}
