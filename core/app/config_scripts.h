/* Whether what a configuration names is there and fits: scripts and the mock's products. */
#ifndef APP_CONFIG_SCRIPTS_H
#define APP_CONFIG_SCRIPTS_H

#include "app/config.h"

/* Loads every script as a run would, and lets it go again: missing files, syntax, roles,
 * unknown and impossible parameters. Also symbols that the mock does not have, and sizes of
 * entries that the venue would not take. One line each
 * in *problems; the first error is returned. */
enum err config_check_scripts(const struct config *config, struct buf *problems) MUST_CHECK;

#endif
