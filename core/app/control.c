#include "app/control.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "engine/commands.h"
#include "engine/degrade.h"
#include "engine/exits.h"
#include "engine/guard_tally.h"
#include "engine/oms.h"

void control_path_of(const char *journal, char out[CONTROL_PATH_MAX])
{
    const char *slash = strrchr(journal, '/');
    int len = slash ? (int)(slash - journal) + 1 : 0;

    snprintf(out, CONTROL_PATH_MAX, "%.*scontrol.sock", len, journal);
}

void control_encode(const struct control_request *request, struct buf *out)
{
    const struct command *command = &request->command;
    struct json_writer w = json_writer_init(out);

    json_open_object(&w, NULL);
    json_add_text(&w, "command",
                  request->is_status ? "status" : command_kind_name(command->kind));
    json_add_text(&w, "who", command->who);
    json_add_text(&w, "why", command->why);
    json_add_int(&w, "seconds", command->duration / SECONDS(1));
    if (request->symbol[0])
        json_add_text(&w, "symbol", request->symbol);
    json_close_object(&w);
}

static enum err read_members(const struct json_doc *doc, struct control_request *out,
                             struct fault *why)
{
    int root = json_root(doc);
    struct command *command = &out->command;
    char name[32];
    int64_t seconds = 0;

    if (!json_read_text(doc, json_find(doc, root, "command"), name, sizeof name))
        return fail(why, ERR_PARSE, "the request has no command");
    out->is_status = strcmp(name, "status") == 0;
    if (!out->is_status && !command_kind_parse(name, &command->kind))
        return fail(why, ERR_PARSE, "there is no command '%s'", name);
    if (!json_read_text(doc, json_find(doc, root, "who"), command->who, sizeof command->who))
        return fail(why, ERR_PARSE, "the request does not say who asks");
    if (!json_read_text(doc, json_find(doc, root, "why"), command->why, sizeof command->why))
        return fail(why, ERR_PARSE, "the request does not say why");
    int token = json_find(doc, root, "symbol");
    if (token != JSON_NONE && !json_read_text(doc, token, out->symbol, sizeof out->symbol))
        return fail(why, ERR_PARSE, "symbol: expected one such as BTC-USD");
    token = json_find(doc, root, "seconds");
    if (token != JSON_NONE &&
        (!json_read_int(doc, token, &seconds) || seconds < 0 || seconds > 366 * 86400))
        return fail(why, ERR_PARSE, "seconds: expected 0 to a year of them");
    command->duration = SECONDS(seconds);
    return OK;
}

enum err control_decode(const char *line, struct control_request *out, struct fault *why)
{
    struct json_doc *doc = NULL;
    enum err err = json_parse(line, strlen(line), &doc, why);

    memset(out, 0, sizeof *out);
    if (!err)
        err = read_members(doc, out, why);
    json_free(doc);
    return err;
}

static void add_positions(struct json_writer *w, const struct engine *engine,
                          const struct product_table *products)
{
    json_open_object(w, "positions");
    for (int i = 0; i < products->count; i++) {
        decimal size = portfolio_position(engine_portfolio(engine), (product_ref)i)->size;
        if (!decimal_is_zero(size))
            json_add_decimal(w, products->items[i].symbol, size);
    }
    json_close_object(w);
}

/* ": min_notional", ", 3 orders came to nothing": why an exit is not out yet. */
static const char *trouble_of(const struct fact_exit *exit, char out[64])
{
    out[0] = '\0';
    if (exit->code)
        snprintf(out, 64, ": %s", refusal_name(exit->code));
    else if (exit_is_failing(exit))
        snprintf(out, 64, ", %llu orders came to nothing", (unsigned long long)exit->tries);
    return out;
}

/* What guards the positions, "BTC-USD #3": "armed 2, stop 95, target 110". Positions of the
 * journal tell machines more. */
static void add_exits(struct json_writer *w, const struct engine *engine,
                      const struct product_table *products)
{
    enum { SHOWN_MAX = 32 };
    const struct exits *exits = engine_exits(engine);

    json_open_object(w, "exits");
    for (int i = 0; i < exits->count && i < SHOWN_MAX; i++) {
        const struct fact_exit *exit = &exits->items[i].exit;
        char name[64], text[240], trouble[64], size[DECIMAL_TEXT_MAX], stop[DECIMAL_TEXT_MAX],
            target[DECIMAL_TEXT_MAX];
        snprintf(name, sizeof name, "%s #%llu", products->items[exit->product].symbol,
                 (unsigned long long)exit->id);
        snprintf(text, sizeof text, "%s %s, stop %s, target %s%s", exit_state_name(exit->state),
                 decimal_format(exit->size, size), decimal_format(exit_stop_level(exit), stop),
                 decimal_format(exit->plan.target, target), trouble_of(exit, trouble));
        json_add_text(w, name, text);
    }
    json_close_object(w);
}

static void add_levels(struct json_writer *w, const struct engine *engine,
                       const struct product_table *products)
{
    json_add_text(w, "level", level_name(engine_level(engine, PRODUCT_NONE)));
    json_open_object(w, "levels");
    for (int i = 0; i < products->count; i++) {
        enum level level = engine_level(engine, (product_ref)i);
        if (level != engine_level(engine, PRODUCT_NONE))
            json_add_text(w, products->items[i].symbol, level_name(level));
    }
    json_close_object(w);
}

static void add_cause(struct json_writer *w, const struct fact_cause *cause,
                      const struct product_table *products)
{
    char time[NANOS_TEXT_MAX];

    json_open_object(w, NULL);
    json_add_text(w, "level", level_name(cause->level));
    if (cause->product != PRODUCT_NONE)
        json_add_text(w, "symbol", products->items[cause->product].symbol);
    json_add_text(w, "source", cause->source);
    json_add_text(w, "why", cause->why);
    json_add_text(w, "until",
                  cause->until     ? nanos_format(cause->until, time)
                  : cause->lingers ? "its reason is gone"
                                   : "resumed");
    json_add_bool(w, "exits_pass", cause->allow_reduce && cause->level < LEVEL_HALTED);
    json_close_object(w);
}

/* The worst first. */
static void add_causes(struct json_writer *w, const struct engine *engine,
                       const struct product_table *products)
{
    const struct degrade *degrade = engine_degrade(engine);

    json_open_array(w, "causes");
    for (int level = LEVEL_HALTED; level > LEVEL_NORMAL; level--)
        for (int i = 0; i < degrade_count(degrade); i++)
            if (degrade_at(degrade, i)->level == (enum level)level)
                add_cause(w, degrade_at(degrade, i), products);
    json_close_array(w);
}

/* perigee_guard_failures_total{guard,severity}, and how often each tripped. */
static void add_guards(struct json_writer *w, const struct engine *engine)
{
    const struct guard_tally *tally = engine_guard_tally(engine);

    json_open_object(w, "guards");
    for (int i = 0; i < tally->count; i++) {
        json_open_object(w, tally->rows[i].guard);
        for (int kind = 0; kind < TALLY_KIND_COUNT; kind++)
            json_add_int(w, tally_kind_name((enum tally_kind)kind),
                         (int64_t)tally->rows[i].counts[kind]);
        json_close_object(w);
    }
    json_close_object(w);
}

/* "orders_breaker" and "orders_usage": one level, so that a terminal shows them line by line.
 */
static void add_class(struct json_writer *w, const struct courier_state *way, int class)
{
    const char *name = errand_class_name((enum errand_class) class);
    decimal used =
        decimal_quantize(way->usage[class], (decimal){DECIMAL_ONE / 1000}, ROUND_HALF_EVEN);
    char key[32];

    snprintf(key, sizeof key, "%s_breaker", name);
    json_add_text(w, key, breaker_state_name(way->breakers[class]));
    snprintf(key, sizeof key, "%s_usage", name);
    json_add_decimal(w, key, used);
}

/* The way to the venue: what each class of requests uses of its budget, and whether it is given
 * up for a while. */
static void add_way(struct json_writer *w, const struct courier_state *way)
{
    char time[NANOS_TEXT_MAX];

    json_open_object(w, "requests");
    json_add_int(w, "waiting", way->waiting);
    json_add_int(w, "on_the_way", way->on_the_way);
    if (way->held_until)
        json_add_text(w, "held_until", nanos_format(way->held_until, time));
    for (int i = 0; i < ERRAND_CLASS_COUNT; i++)
        add_class(w, way, i);
    json_close_object(w);
}

void control_write_status(const struct engine *engine, const struct product_table *products,
                          const struct courier_state *way, nanos now, struct buf *out)
{
    const struct portfolio *portfolio = engine_portfolio(engine);
    struct engine_counters counters = engine_counters(engine);
    struct json_writer w = json_writer_init(out);
    char time[NANOS_TEXT_MAX];

    json_open_object(&w, NULL);
    json_add_bool(&w, "ok", true);
    json_add_text(&w, "time", nanos_format(now, time));
    add_levels(&w, engine, products);
    json_add_text(&w, "flatten", flatten_state_name(commands_flatten_state(engine)));
    json_add_decimal(&w, "equity", portfolio_equity(portfolio));
    json_add_decimal(&w, "exposure", portfolio_exposure(portfolio));
    add_positions(&w, engine, products);
    add_exits(&w, engine, products);
    json_add_int(&w, "open_orders", oms_open_count(engine_oms(engine)));
    json_add_int(&w, "cycles", (int64_t)counters.cycles);
    json_add_int(&w, "orders", (int64_t)counters.orders);
    json_add_int(&w, "refusals", (int64_t)counters.refusals);
    json_add_int(&w, "fills", (int64_t)counters.fills);
    json_add_int(&w, "anomalies", (int64_t)counters.anomalies);
    json_add_int(&w, "script_errors", (int64_t)counters.script_errors);
    add_way(&w, way);
    add_causes(&w, engine, products);
    add_guards(&w, engine);
    json_close_object(&w);
}

void control_write_error(const char *text, struct buf *out)
{
    struct json_writer w = json_writer_init(out);

    json_open_object(&w, NULL);
    json_add_bool(&w, "ok", false);
    json_add_text(&w, "error", text);
    json_close_object(&w);
}
