/* The configuration a command line asks for. Commands that take a profile put
 * CONFIG_ARG_OPTIONS into their table of options and call config_from_args. */
#ifndef APP_CONFIG_ARGS_H
#define APP_CONFIG_ARGS_H

#include "app/args.h"
#include "app/config.h"

#define CONFIG_ARG_OPTIONS                                                                     \
    {.name = "profile",                                                                        \
     .value = "NAME|FILE",                                                                     \
     .help = "settings to use; else $PERIGEE_PROFILE, else dev"},                              \
    {                                                                                          \
        .name = "set", .value = "KEY=VALUE", .help = "one setting, over all others",           \
        .repeats = true                                                                        \
    }

/* An option of the command that is a setting under another name: {"seed", "mock.seed"}. A key
 * that ends with a dot takes NAME=VALUE: {"param", "strategies.1.params."}. */
struct config_alias {
    const char *option; /* NULL ends the list */
    const char *key;
};

/* --profile, else the environment's, else "dev". */
const char *config_profile_of(const struct args *args);

/* `aliases` may be NULL. Errors as config_load. */
enum err config_from_args(const struct args *args, const struct config_alias *aliases,
                          struct config **out, struct buf *problems,
                          struct fault *why) MUST_CHECK;

#endif
