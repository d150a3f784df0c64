/* The order pipeline: the stages that every order of every origin passes, in the
 * order of engine/trace.h. Pure but for the guards and the sizing rule, which
 * are asked through their ports; it changes nothing and sends nothing.
 *
 * Rounding comes first (right after sizing) and only ever makes an order
 * smaller, so that no check passes a size that is not the one that leaves.
 *
 * A change to an order that works passes the same stages. What it holds and
 * counts now is counted as gone, so that limits are asked for the difference;
 * and a change that asks for nothing more (not larger, not at a price that is
 * nearer to the market or worth more) passes as a reducing order does. */
#ifndef ENGINE_PIPELINE_H
#define ENGINE_PIPELINE_H

#include "engine/degrade.h"
#include "engine/guard.h"
#include "engine/guard_tally.h"
#include "engine/intent.h"
#include "engine/limits.h"

struct pipeline {
    const struct engine_settings *settings;
    const struct view *view; /* .market is the intent's product's */
    const struct oms *oms;
    const struct degrade *degrade;
    const struct equity_watch *watch;
    struct pace *pace;
    uint32_t idle_limits;             /* limits_idle() of the settings */
    const struct sizing_port *sizing; /* .size NULL: by the settings */
    const struct guard_port *guards;
    int guard_count;
    bool reconciling;          /* the venue's truth is being read: no new risk */
    struct guard_tally *tally; /* where failures of guards are counted; NULL: nowhere */
    bool has_unresolved; /* an order of the same product and side has an unknown outcome */
    /* The order that the intent changes, NULL: a new one. The intent's size is then its new
     * total, what is filled included. */
    const struct order *changed;
    bool is_previewed; /* the venue was asked, and would take it */
};

/* On entry *request is the intent's; on REFUSAL_NONE it is what may leave (client id aside),
 * and *price what its funds are to be reserved at. *trace is filled either way. When its
 * verdict of STAGE_PREVIEW is VERDICT_WAITING the order holds, but for the venue's word. */
enum refusal pipeline_run(const struct pipeline *pipeline, const struct intent *intent,
                          struct order_request *request, decimal *price, struct trace *trace);

#endif
