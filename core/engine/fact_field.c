#include "engine/fact_field.h"

#include <assert.h>

/* Enums differ in type but not in shape: they are read and written as int. */
#define NAMES_OF(noun)                                                                         \
    static const char *noun##_of(int value)                                                    \
    {                                                                                          \
        return noun##_name((enum noun)value);                                                  \
    }                                                                                          \
    static_assert(sizeof(enum noun) == sizeof(int), "read and written as int")

NAMES_OF(side);
NAMES_OF(order_type);
NAMES_OF(time_in_force);
NAMES_OF(order_origin);
NAMES_OF(order_state);
NAMES_OF(order_event);
NAMES_OF(liquidity);
NAMES_OF(level);
NAMES_OF(stage);
NAMES_OF(refusal);
NAMES_OF(command_kind);
NAMES_OF(exit_state);
NAMES_OF(exit_leg);

enum { NEEDED = false, OPTIONAL = true };

#define FIELD(member, type, optional, path, name_of, first, count)                             \
    {                                                                                          \
        member, ",\"" member "\":", sizeof member + 3, type, optional,                         \
            offsetof(struct fact, path), sizeof(((struct fact *)0)->path), name_of, first,     \
            count                                                                              \
    }
#define PLAIN(member, type, optional, path) FIELD(member, type, optional, path, NULL, 0, 0)
#define ENUM(member, optional, path, noun, first, count)                                       \
    FIELD(member, FIELD_ENUM, optional, path, noun##_of, first, count)

#define TEXT(member, path)              PLAIN(member, FIELD_TEXT, OPTIONAL, path)
#define COUNT(member, optional, path)   PLAIN(member, FIELD_COUNT, optional, path)
#define TIME(member, path)              PLAIN(member, FIELD_NANOS, OPTIONAL, path)
#define INT(member, path)               PLAIN(member, FIELD_INT, NEEDED, path)
#define FLAG(member, path)              PLAIN(member, FIELD_BOOL, OPTIONAL, path)
#define DECIMAL(member, optional, path) PLAIN(member, FIELD_DECIMAL, optional, path)
#define PRODUCT(optional, path)         PLAIN("product", FIELD_PRODUCT, optional, path)
#define SIDE(path)                      ENUM("side", NEEDED, path, side, 0, SIDE_COUNT)
#define CODE(path)                      ENUM("code", OPTIONAL, path, refusal, 0, REFUSAL_COUNT)
#define LEVEL(path)                     ENUM("level", NEEDED, path, level, 0, LEVEL_COUNT)

/* One member a line. clang-format would pack them. */
/* clang-format off */
static const struct fact_field run_fields[] = {
    TEXT("run", run.run),
    TEXT("profile", run.profile),
    TEXT("version", run.version),
    TEXT("venue", run.venue),
    COUNT("seed", NEEDED, run.seed),
};

static const struct fact_field order_fields[] = {
    COUNT("number", NEEDED, order.number),
    COUNT("replaces", OPTIONAL, order.replaces),
    COUNT("logical", OPTIONAL, order.logical),
    TEXT("client_id", order.request.client_id.text),
    PRODUCT(NEEDED, order.request.product),
    SIDE(order.request.side),
    ENUM("type", NEEDED, order.request.type, order_type, 0, ORDER_TYPE_COUNT),
    ENUM("tif", NEEDED, order.request.tif, time_in_force, 0, TIF_COUNT),
    FLAG("post_only", order.request.post_only),
    FLAG("reduce_only", order.request.reduce_only),
    DECIMAL("size", NEEDED, order.request.size),
    DECIMAL("limit_price", OPTIONAL, order.request.limit_price),
    DECIMAL("stop_price", OPTIONAL, order.request.stop_price),
    TIME("expires", order.request.expires),
    ENUM("origin", NEEDED, order.origin, order_origin, 0, ORIGIN_COUNT),
    TEXT("strategy", order.strategy),
    TEXT("reason", order.reason),
    TEXT("venue_id", order.venue_id.text),
    ENUM("state", NEEDED, order.state, order_state, ORDER_INITIALIZED, ORDER_STATE_COUNT),
    DECIMAL("filled", OPTIONAL, order.filled),
    DECIMAL("filled_value", OPTIONAL, order.filled_value),
    DECIMAL("fees", OPTIONAL, order.fees),
    DECIMAL("overfill", OPTIONAL, order.overfill),
    DECIMAL("inferred_size", OPTIONAL, order.inferred.size),
    DECIMAL("inferred_value", OPTIONAL, order.inferred.value),
    DECIMAL("inferred_fee", OPTIONAL, order.inferred.fee),
    DECIMAL("asked_size", OPTIONAL, order.asked.size),
    DECIMAL("asked_limit_price", OPTIONAL, order.asked.limit_price),
    DECIMAL("asked_stop_price", OPTIONAL, order.asked.stop_price),
    TIME("asked_since", order.asked.since),
    FLAG("asked_anew", order.asked.is_anew),
    FLAG("awaits_preview", order.awaits_preview),
    DECIMAL("reserved_price", OPTIONAL, order.reserved_price),
    TIME("created", order.created),
    TIME("sent", order.sent),
    TIME("updated", order.updated),
    TIME("lost_since", order.lost_since),
};

static const struct fact_field trace_fields[] = {
    COUNT("order", NEEDED, trace.order),
    PLAIN("stages", FIELD_STAGES, NEEDED, trace),
    FLAG("amend", trace.is_amend),
    CODE(trace.code),
    ENUM("refused_by", OPTIONAL, trace.refused_by, stage, 0, STAGE_COUNT),
    TEXT("detail", trace.detail),
};

static const struct fact_field order_event_fields[] = {
    COUNT("order", NEEDED, order_event.order),
    ENUM("event", NEEDED, order_event.event, order_event, 0, ORDER_EVENT_COUNT),
    TEXT("venue_id", order_event.venue_id.text),
    CODE(order_event.code),
    TEXT("reason", order_event.reason),
    TEXT("text", order_event.text),
};

static const struct fact_field fill_fields[] = {
    TEXT("id", fill.id.text),
    COUNT("order", OPTIONAL, fill.order),
    PRODUCT(NEEDED, fill.product),
    SIDE(fill.side),
    DECIMAL("size", NEEDED, fill.size),
    DECIMAL("price", NEEDED, fill.price),
    DECIMAL("value", NEEDED, fill.value),
    DECIMAL("fee", OPTIONAL, fill.fee),
    ENUM("liquidity", NEEDED, fill.liquidity, liquidity, 0, LIQUIDITY_MAKER + 1),
    FLAG("inferred", fill.is_inferred),
    TIME("time", fill.time),
};

static const struct fact_field amend_fields[] = {
    COUNT("order", NEEDED, amend.order),
    DECIMAL("size", NEEDED, amend.size),
    DECIMAL("limit_price", NEEDED, amend.limit_price),
};

static const struct fact_field amend_asked_fields[] = {
    COUNT("order", NEEDED, amend_asked.order),
    DECIMAL("size", NEEDED, amend_asked.change.size),
    DECIMAL("limit_price", OPTIONAL, amend_asked.change.limit_price),
    DECIMAL("stop_price", OPTIONAL, amend_asked.change.stop_price),
    FLAG("anew", amend_asked.change.is_anew),
    TEXT("reason", amend_asked.reason),
};

static const struct fact_field balance_fields[] = {
    TEXT("currency", balance.currency),
    DECIMAL("total", NEEDED, balance.total),
    TEXT("why", balance.why),
};

static const struct fact_field position_fields[] = {
    PRODUCT(NEEDED, position.product),
    DECIMAL("size", NEEDED, position.position.size),
    DECIMAL("cost", NEEDED, position.position.cost),
    DECIMAL("realised", NEEDED, position.position.realised),
    DECIMAL("fees", NEEDED, position.position.fees),
    TIME("opened", position.position.opened),
    TEXT("why", position.why),
};

static const struct fact_field cause_fields[] = {
    COUNT("id", NEEDED, cause.id),
    LEVEL(cause.level),
    PRODUCT(OPTIONAL, cause.product),
    FLAG("allow_reduce", cause.allow_reduce),
    FLAG("sticky", cause.sticky),
    TIME("until", cause.until),
    TIME("lingers", cause.lingers),
    TEXT("source", cause.source),
    TEXT("why", cause.why),
};

static const struct fact_field cause_end_fields[] = {
    COUNT("id", NEEDED, cause_end.id),
    TEXT("who", cause_end.who),
    TEXT("why", cause_end.why),
};

static const struct fact_field baseline_fields[] = {
    TIME("day", baseline.day),
    DECIMAL("equity", NEEDED, baseline.equity),
};

static const struct fact_field command_fields[] = {
    ENUM("command", NEEDED, command.kind, command_kind, 0, COMMAND_KIND_COUNT),
    TEXT("who", command.who),
    TEXT("why", command.why),
    TIME("duration", command.duration),
    PRODUCT(OPTIONAL, command.product),
};

static const struct fact_field cycle_fields[] = {
    COUNT("number", NEEDED, cycle.number),
    DECIMAL("equity", NEEDED, cycle.equity),
    DECIMAL("cash", NEEDED, cycle.cash),
    DECIMAL("exposure", NEEDED, cycle.exposure),
    DECIMAL("realised", NEEDED, cycle.realised),
    DECIMAL("unrealised", NEEDED, cycle.unrealised),
    DECIMAL("fees", NEEDED, cycle.fees),
    LEVEL(cycle.level),
    INT("open_orders", cycle.open_orders),
};

static const struct fact_field note_fields[] = {
    TEXT("subject", note.subject),
    TEXT("severity", note.severity),
    COUNT("order", OPTIONAL, note.order),
    PRODUCT(OPTIONAL, note.product),
    TEXT("text", note.text),
};

static const struct fact_field exit_fields[] = {
    COUNT("id", NEEDED, exit.id),
    PRODUCT(NEEDED, exit.product),
    SIDE(exit.side),
    ENUM("state", NEEDED, exit.state, exit_state, 0, EXIT_STATE_COUNT),
    ENUM("leg", OPTIONAL, exit.leg, exit_leg, 0, EXIT_LEG_COUNT),
    CODE(exit.code),
    COUNT("tries", OPTIONAL, exit.tries),
    DECIMAL("size", OPTIONAL, exit.size),
    DECIMAL("stop", OPTIONAL, exit.plan.stop),
    DECIMAL("target", OPTIONAL, exit.plan.target),
    DECIMAL("trail", OPTIONAL, exit.plan.trail),
    DECIMAL("stop_share", OPTIONAL, exit.plan.stop_share),
    DECIMAL("target_share", OPTIONAL, exit.plan.target_share),
    DECIMAL("trail_share", OPTIONAL, exit.plan.trail_share),
    DECIMAL("extreme", OPTIONAL, exit.extreme),
    COUNT("entry", OPTIONAL, exit.entry),
    COUNT("order", OPTIONAL, exit.order),
    TEXT("strategy", exit.strategy),
};

static const struct fact_field state_fields[] = {
    TEXT("subject", state.subject),
    COUNT("version", OPTIONAL, state.version),
    PLAIN("state", FIELD_JSON, NEEDED, state.json),
};

static const struct fact_field snapshot_fields[] = {
    PLAIN("ends", FIELD_BOOL, NEEDED, snapshot_ends),
};

static const struct fact_field wish_fields[] = {
    COUNT("order", NEEDED, wish.order),
    FLAG("lasting", wish.is_lasting),
};

static const struct fact_field memory_fields[] = {
    COUNT("cycles", NEEDED, memory.cycles),
    COUNT("last_cause", NEEDED, memory.last_cause),
    COUNT("last_exit", OPTIONAL, memory.last_exit),
    COUNT("losses_in_row", NEEDED, memory.losses_in_row),
    DECIMAL("peak", NEEDED, memory.peak),
    DECIMAL("last", NEEDED, memory.last),
    TIME("fee_day", memory.fee_day),
    DECIMAL("fees_today", OPTIONAL, memory.fees_today),
};

static const struct fact_field trip_fields[] = {
    PRODUCT(NEEDED, trip.product),
    DECIMAL("profit", NEEDED, trip.profit),
};

static const struct fact_field pace_fields[] = {
    TIME("first", pace.first),
    TEXT("steps", pace.steps),
};

static const struct fact_field seen_fields[] = {
    COUNT("order", NEEDED, seen.order),
    TEXT("fills", seen.fills),
};

static const struct fact_field preview_fields[] = {
    COUNT("order", NEEDED, preview.order),
    TEXT("id", preview.preview.id),
    DECIMAL("size", OPTIONAL, preview.preview.size),
    DECIMAL("value", OPTIONAL, preview.preview.value),
    DECIMAL("total", OPTIONAL, preview.preview.total),
    DECIMAL("commission", OPTIONAL, preview.preview.commission),
    DECIMAL("margin", OPTIONAL, preview.preview.margin),
    DECIMAL("best_bid", OPTIONAL, preview.preview.best_bid),
    DECIMAL("best_ask", OPTIONAL, preview.preview.best_ask),
    DECIMAL("average_price", OPTIONAL, preview.preview.average_price),
    DECIMAL("slippage", OPTIONAL, preview.preview.slippage),
    TEXT("reason", preview.preview.reason),
    TEXT("warning", preview.preview.warning),
    DECIMAL("reserved_price", OPTIONAL, preview.reserved_price),
};
/* clang-format on */

#define ROWS(table)                                                                            \
    {                                                                                          \
        table, ARRAY_LEN(table)                                                                \
    }

static const struct {
    const struct fact_field *fields;
    size_t count;
} kinds[] = {
    [FACT_RUN] = ROWS(run_fields),
    [FACT_STOP] = ROWS(note_fields),
    [FACT_ORDER] = ROWS(order_fields),
    [FACT_TRACE] = ROWS(trace_fields),
    [FACT_ORDER_EVENT] = ROWS(order_event_fields),
    [FACT_FILL] = ROWS(fill_fields),
    [FACT_FILL_KNOWN] = ROWS(fill_fields),
    [FACT_AMEND] = ROWS(amend_fields),
    [FACT_AMEND_ASKED] = ROWS(amend_asked_fields),
    [FACT_BALANCE] = ROWS(balance_fields),
    [FACT_POSITION] = ROWS(position_fields),
    [FACT_CAUSE] = ROWS(cause_fields),
    [FACT_CAUSE_END] = ROWS(cause_end_fields),
    [FACT_BASELINE] = ROWS(baseline_fields),
    [FACT_COMMAND] = ROWS(command_fields),
    [FACT_CYCLE] = ROWS(cycle_fields),
    [FACT_GUARD] = ROWS(note_fields),
    [FACT_SCRIPT] = ROWS(note_fields),
    [FACT_ANOMALY] = ROWS(note_fields),
    [FACT_REPAIR] = ROWS(note_fields),
    [FACT_EXIT] = ROWS(exit_fields),
    [FACT_STATE] = ROWS(state_fields),
    [FACT_SNAPSHOT] = ROWS(snapshot_fields),
    [FACT_WISH] = ROWS(wish_fields),
    [FACT_MEMORY] = ROWS(memory_fields),
    [FACT_TRIP] = ROWS(trip_fields),
    [FACT_PACE] = ROWS(pace_fields),
    [FACT_SEEN] = ROWS(seen_fields),
    [FACT_PREVIEW] = ROWS(preview_fields),
};
static_assert(ARRAY_LEN(kinds) == FACT_KIND_COUNT, "fields of every kind");

const struct fact_field *fact_fields(enum fact_kind kind, int *count)
{
    assert(kind < FACT_KIND_COUNT);
    *count = (int)kinds[kind].count;
    return kinds[kind].fields;
}
