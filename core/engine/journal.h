/* Port: where facts are kept. */
#ifndef ENGINE_JOURNAL_H
#define ENGINE_JOURNAL_H

#include "engine/fact.h"

struct journal_port {
    void *ctx;

    /* Takes a fact into the open transaction and gives it its sequence number. Memory only: it
     * cannot fail; what goes wrong shows in commit. */
    uint64_t (*append)(void *ctx, const struct fact *fact);

    /* Makes everything appended durable, all or nothing. With `sync` it is on the platter
     * before this returns. After an error nothing of the turn may leave for the venue. */
    enum err (*commit)(void *ctx, bool sync, struct fault *why);

    /* Reads every fact from the last complete snapshot on, oldest first, into `each`, which may
     * stop it with an error. */
    enum err (*replay)(void *ctx,
                       enum err (*each)(void *to, const struct fact *fact, struct fault *why),
                       void *to, struct fault *why);
};

#endif
