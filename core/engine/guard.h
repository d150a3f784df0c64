/* Ports: pre-trade guards and sizing rules that scripts bring. */
#ifndef ENGINE_GUARD_H
#define ENGINE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/decision.h"
#include "engine/view.h"

enum { GUARD_NAME_MAX = 48, GUARD_REASON_MAX = 160 };

/* What a guard's on_cycle asks for. */
struct guard_action {
    enum level level; /* LEVEL_NORMAL: nothing */
    nanos duration;   /* 0: until an operator clears it (HALTED always does) */
    bool global;      /* else the view's product */
    char reason[GUARD_REASON_MAX];
};

struct guard_port {
    void *ctx;
    char name[GUARD_NAME_MAX];
    bool has_check, has_cycle;

    /* Whether the order may go. An error refuses new risk (guard_error); orders that only
     * reduce are never asked about. */
    enum err (*check)(void *ctx, const struct order_request *request, const struct view *view,
                      bool *allow, char reason[GUARD_REASON_MAX], struct fault *why);
    enum err (*cycle)(void *ctx, const struct view *view, struct guard_action *out,
                      struct fault *why);

    /* State over restarts, as of a strategy; either may be NULL. */
    enum err (*save)(void *ctx, struct buf *out, struct fault *why);
    enum err (*restore)(void *ctx, const char *json, uint64_t version, struct fault *why);
    uint64_t version;
};

/* How large an entry is: base units, not yet rounded. The engine's limits cap what it says. */
struct sizing_port {
    void *ctx;
    enum err (*size)(void *ctx, const struct decision *decision, const struct view *view,
                     decimal *out, struct fault *why);
};

#endif
