/* Making room for a new journal: the one that is there becomes PATH.old, the one
 * that was PATH.old becomes PATH.old.2, and so on to PATH.old.9.
 *
 * A journal goes with its WAL and lock, which know how far it went. */
#ifndef APP_JOURNAL_ASIDE_H
#define APP_JOURNAL_ASIDE_H

#include <stdbool.h>

#include "base/err.h"

enum { JOURNALS_KEPT = 9 };

/* What is behind the last goes if it may; else there being nine is ERR_REFUSED and nothing is
 * moved. That PATH is not there is fine. ERR_IO when the system refuses. */
enum err journal_aside_move(const char *path, bool may_drop, struct fault *why) MUST_CHECK;

#endif
