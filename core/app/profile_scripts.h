/* The scripts that a profile names, as their hosts want them told. */
#ifndef APP_PROFILE_SCRIPTS_H
#define APP_PROFILE_SCRIPTS_H

#include "app/run_settings.h"
#include "script/strategy_host.h"

struct profile_scripts;

/* Borrows the settings. `seed` is the run's. */
struct profile_scripts *profile_scripts_new(const struct run_settings *run, uint64_t seed);
void profile_scripts_free(struct profile_scripts *scripts);

/* As many as run->strategy_count, in their order. */
const struct script_options *profile_scripts_strategies(const struct profile_scripts *scripts);
/* The guards that are scripts; rules written as data are not among them. */
const struct script_options *profile_scripts_guards(const struct profile_scripts *scripts,
                                                    int *count);
/* NULL: the settings' sizes. */
const struct script_options *profile_scripts_sizing(const struct profile_scripts *scripts);

#endif
