/* A day of an engine that meets its fate again and again, and a venue that does
 * not: this process is the venue. What the engine had sent before it ended has
 * arrived; what was on its way to it has not. */
#ifndef CRASH_WORLD_H
#define CRASH_WORLD_H

#include "audit.h"
#include "engine_side.h"

/* Lives that end while they still recover do so within so many steps. */
enum { RECOVERY_STEPS = 200 };

struct fate {
    enum mortal_way way;
    uint64_t first;  /* step of the first life at which it is met; 0: nobody meets it */
    uint64_t stride; /* of the later lives; after an odd `first` the second one ends early */
    enum mistake mistake;
};

struct day_result {
    struct audit audit; /* a life that ended otherwise than its fate wanted counts as lost */
    uint64_t steps;     /* of the last life */
    int deaths;
};

/* `folder`: for the journal, of which nothing is left. */
void world_run_day(const char *folder, const struct fate *fate, struct day_result *out);

/* From a signal's handler. */
void world_kill_engine(void);

#endif
