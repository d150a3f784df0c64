/* What a script keeps over restarts: on_save gives it as a table, on_restore gets
 * it back with the version of the script that saved it. On the way it is JSON. */
#ifndef SCRIPT_SCRIPT_STATE_H
#define SCRIPT_SCRIPT_STATE_H

#include "script/script_instance.h"

/* Calls on_save, which is this handler, and appends its table as JSON. Nothing is appended on
 * failure: ERR_SCRIPT (no table, or one with what is no data in it), ERR_BUDGET. */
enum err script_state_save(struct script_instance *instance, int handler, nanos budget,
                           struct buf *out, struct fault *why) MUST_CHECK;
enum err script_state_restore(struct script_instance *instance, int handler, nanos budget,
                              const char *json, uint64_t version, struct fault *why) MUST_CHECK;

/* ERR_SCRIPT when a script has the one handler without the other. */
enum err script_state_check(const struct script_instance *instance, int save, int restore,
                            struct fault *why) MUST_CHECK;

#endif
