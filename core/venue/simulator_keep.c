#include "venue/simulator_keep.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/names.h"
#include "venue/simulator_private.h"

static const char *const state_names[] = {
    [SIM_OPEN] = "open",
    [SIM_FILLED] = "filled",
    [SIM_CANCELED] = "canceled",
    [SIM_EXPIRED] = "expired",
};

/* ---- what has changed ---- */

void sim_note_order(struct simulator *sim, struct order_record *record)
{
    if (record->is_noted)
        return;
    record->is_noted = true;
    if (sim->noted_count == sim->noted_room) {
        sim->noted_room = sim->noted_room ? 2 * sim->noted_room : 16;
        sim->noted = mem_resize(sim->noted, (size_t)sim->noted_room, sizeof *sim->noted);
    }
    sim->noted[sim->noted_count++] = record->order.number - 1;
}

static bool is_stop(const struct order_record *record)
{
    enum order_type type = record->order.request.type;

    return type == ORDER_STOP || type == ORDER_STOP_LIMIT;
}

/* A stop that was triggered and rests now; nobody tells. */
static void note_triggers(struct simulator *sim)
{
    struct match_view view;

    for (uint64_t i = 0; i < sim->open_count && !sim->setup.fills_at_touch; i++) {
        struct order_record *record = sim->orders[sim->open[i]];
        product_ref product = record->order.request.product;
        if (!is_stop(record) || record->is_triggered ||
            !matching_find(sim->markets[product].book, record->match, &view) || view.is_waiting)
            continue;
        record->is_triggered = true;
        sim_note_order(sim, record);
    }
}

bool simulator_has_news(struct simulator *sim)
{
    note_triggers(sim);
    return sim->noted_count > 0 || sim->has_deposit;
}

/* ---- saving ---- */

static struct json_writer begin_row(struct buf *out, const char *what)
{
    struct json_writer w = json_writer_init(out);

    json_open_object(&w, NULL);
    json_open_object(&w, what);
    return w;
}

static void end_row(struct json_writer *w)
{
    json_close_object(w);
    json_close_object(w);
    buf_add_text(w->out, "\n");
}

static void save_market(const struct simulator *sim, product_ref product, struct buf *out)
{
    const struct sim_market *market = &sim->markets[product];
    struct json_writer w = begin_row(out, "market");

    json_add_text(&w, "product", sim_product(sim, product)->symbol);
    json_add_decimal(&w, "last_price", simulator_last_price(sim, product));
    json_add_int(&w, "trades", (int64_t)market->trade_count);
    json_open_array(&w, "path");
    int64_t state[SYNTH_STATE_COUNT];
    if (market->synth) {
        synth_get_state(market->synth, state);
        for (int i = 0; i < SYNTH_STATE_COUNT; i++)
            json_add_int(&w, NULL, state[i]);
    }
    json_close_array(&w);
    end_row(&w);
}

static void save_candles(struct simulator *sim, product_ref product, bool all, struct buf *out)
{
    struct candles *candles = &sim->markets[product].candles;

    if (!candles->count && !candles->builder.has_bar)
        return;
    struct json_writer w = begin_row(out, "candles");
    json_add_text(&w, "product", sim_product(sim, product)->symbol);
    candles_save(candles, all, &w);
    end_row(&w);
}

static void save_money(const struct simulator *sim, struct buf *out)
{
    for (int i = 0; i < ledger_currency_count(sim->ledger); i++) {
        const char *currency = ledger_currency_at(sim->ledger, i);
        struct json_writer w = begin_row(out, "balance");
        json_add_text(&w, "currency", currency);
        json_add_decimal(&w, "total", ledger_total(sim->ledger, currency));
        end_row(&w);
    }
    for (int i = 0; i < sim->products->count; i++) {
        struct ledger_position position = ledger_position(sim->ledger, (product_ref)i);
        if (sim->products->items[i].type != PRODUCT_FUTURE)
            continue;
        struct json_writer w = begin_row(out, "position");
        json_add_text(&w, "product", sim->products->items[i].symbol);
        json_add_decimal(&w, "size", position.size);
        json_add_decimal(&w, "cost", position.cost);
        end_row(&w);
    }
}

static void save_request(struct json_writer *w, const struct simulator *sim,
                         const struct order_request *request)
{
    json_add_text(w, "client_id", request->client_id.text);
    json_add_text(w, "product", sim_product(sim, request->product)->symbol);
    json_add_text(w, "side", side_name(request->side));
    json_add_text(w, "type", order_type_name(request->type));
    json_add_text(w, "tif", time_in_force_name(request->tif));
    json_add_bool(w, "post_only", request->post_only);
    json_add_bool(w, "reduce_only", request->reduce_only);
    json_add_decimal(w, "size", request->size);
    json_add_decimal(w, "limit_price", request->limit_price);
    json_add_decimal(w, "stop_price", request->stop_price);
    json_add_int(w, "expires", request->expires);
}

/* One that was taken and has not happened; else nothing is said. */
static void save_edit(struct json_writer *w, const struct order_record *record)
{
    if (!record->edit_due)
        return;
    json_add_int(w, "edit_due", record->edit_due);
    json_add_decimal(w, "edit_size", record->edit_size);
    json_add_decimal(w, "edit_limit_price", record->edit_limit_price);
}

static void save_order(const struct simulator *sim, const struct order_record *record,
                       struct buf *out)
{
    const struct sim_order *order = &record->order;
    struct json_writer w = begin_row(out, "order");

    json_add_int(&w, "number", (int64_t)order->number);
    json_add_text(&w, "venue_id", order->venue_id.text);
    save_request(&w, sim, &order->request);
    json_add_text(&w, "state", state_names[order->state]);
    json_add_bool(&w, "external", order->is_external);
    json_add_decimal(&w, "filled", order->filled);
    json_add_decimal(&w, "value", order->value);
    json_add_decimal(&w, "fees", order->fees);
    json_add_int(&w, "fills", order->fills);
    json_add_text(&w, "reason", order->end.reason);
    json_add_text(&w, "text", order->end.text);
    json_add_int(&w, "created", order->created);
    json_add_int(&w, "updated", order->updated);
    json_add_int(&w, "hidden_until", order->hidden_until);
    json_add_bool(&w, "triggered", record->is_triggered);
    json_add_decimal(&w, "claim_price", record->claim.price);
    json_add_decimal(&w, "claim_rate", record->claim.rate);
    json_add_decimal(&w, "claim_amount", record->claim.amount);
    save_edit(&w, record);
    end_row(&w);
}

static void save_fill(const struct simulator *sim, const struct fill *fill, struct buf *out)
{
    struct json_writer w = begin_row(out, "fill");

    json_add_text(&w, "id", fill->id.text);
    json_add_int(&w, "order", (int64_t)fill->order);
    json_add_text(&w, "product", sim_product(sim, fill->product)->symbol);
    json_add_text(&w, "side", side_name(fill->side));
    json_add_decimal(&w, "size", fill->size);
    json_add_decimal(&w, "price", fill->price);
    json_add_decimal(&w, "value", fill->value);
    json_add_decimal(&w, "fee", fill->fee);
    json_add_text(&w, "liquidity", liquidity_name(fill->liquidity));
    json_add_int(&w, "time", fill->time);
    end_row(&w);
}

static void save_exchange(const struct simulator *sim, struct buf *out)
{
    struct json_writer w = begin_row(out, "exchange");

    json_add_int(&w, "time", sim->now);
    json_add_int(&w, "next_step", sim->next_step);
    json_add_int(&w, "next_funding", sim->next_funding);
    json_add_decimal(&w, "funding_paid", sim->funding_paid);
    json_add_int(&w, "liquidations", (int64_t)sim->liquidations);
    json_add_int(&w, "orders", (int64_t)sim->order_count);
    json_add_int(&w, "fills", (int64_t)sim->fill_count);
    end_row(&w);
}

static void forget_notes(struct simulator *sim)
{
    for (uint64_t i = 0; i < sim->noted_count; i++)
        sim->orders[sim->noted[i]]->is_noted = false;
    sim->noted_count = 0;
    sim->has_deposit = false;
    sim->fills_saved = sim->fill_count;
}

static void save_queue(const struct simulator *sim, product_ref product, struct buf *out)
{
    if (!sim_has_queue(sim, product))
        return;
    struct json_writer w = begin_row(out, "queue");
    json_add_text(&w, "product", sim_product(sim, product)->symbol);
    sim_save_queue(sim, product, &w);
    end_row(&w);
}

void simulator_save(struct simulator *sim, bool all, struct buf *out)
{
    bool has_news = simulator_has_news(sim);

    for (int i = 0; i < sim->products->count; i++)
        save_market(sim, (product_ref)i, out);
    for (int i = 0; i < sim->products->count; i++)
        save_candles(sim, (product_ref)i, all, out);
    if (has_news || all)
        save_money(sim, out);
    for (uint64_t i = 0; i < (all ? sim->order_count : sim->noted_count); i++)
        save_order(sim, sim->orders[all ? i : sim->noted[i]], out);
    for (uint64_t i = all ? 0 : sim->fills_saved; i < sim->fill_count; i++)
        save_fill(sim, &sim->fills[i].fill, out);
    for (int i = 0; i < sim->products->count; i++)
        save_queue(sim, (product_ref)i, out);
    save_exchange(sim, out);
    forget_notes(sim);
}

/* ---- loading ---- */

/* A line being read: the first member that is not as it should be is remembered. */
struct row {
    struct simulator *sim;
    const struct json_doc *doc;
    int object;
    const char *wrong;
    char missing[SYMBOL_MAX]; /* a product that is not there */
};

static int member(struct row *row, const char *name)
{
    return json_find(row->doc, row->object, name);
}

static void expect(struct row *row, bool is_right, const char *name)
{
    if (!is_right && !row->wrong)
        row->wrong = name;
}

static void get_text(struct row *row, const char *name, char *out, size_t cap)
{
    out[0] = '\0';
    expect(row, json_read_text(row->doc, member(row, name), out, cap), name);
}

static int64_t get_int(struct row *row, const char *name)
{
    int64_t value = 0;

    expect(row, json_read_int(row->doc, member(row, name), &value), name);
    return value;
}

static decimal get_decimal(struct row *row, const char *name)
{
    decimal value = DECIMAL_ZERO;

    expect(row, json_read_decimal(row->doc, member(row, name), &value), name);
    return value;
}

static bool get_bool(struct row *row, const char *name)
{
    bool value = false;

    expect(row, json_read_bool(row->doc, member(row, name), &value), name);
    return value;
}

static product_ref get_product(struct row *row)
{
    char symbol[SYMBOL_MAX];

    get_text(row, "product", symbol, sizeof symbol);
    product_ref product = product_table_find(row->sim->products, symbol);
    if (product == PRODUCT_NONE)
        memcpy(row->missing, symbol, sizeof symbol);
    expect(row, product != PRODUCT_NONE, "product");
    return product;
}

static void load_market(struct row *row)
{
    product_ref product = get_product(row);
    decimal last = get_decimal(row, "last_price");
    int64_t trades = get_int(row, "trades"), state[SYNTH_STATE_COUNT];
    int path = member(row, "path"), count = json_count(row->doc, path), i = 0;

    for (int t = json_first(row->doc, path); t != JSON_NONE && i < SYNTH_STATE_COUNT;
         t = json_next(row->doc, path, t), i++)
        expect(row, json_read_int(row->doc, t, &state[i]), "path");
    if (row->wrong)
        return;
    struct sim_market *market = &row->sim->markets[product];
    if (decimal_is_positive(last))
        matching_set_last_price(market->book, last);
    market->trade_count = (uint64_t)trades;
    expect(row, count == (market->synth ? SYNTH_STATE_COUNT : 0), "path");
    if (market->synth && !row->wrong)
        expect(row, synth_set_state(market->synth, state), "path");
}

static void load_candles(struct row *row)
{
    product_ref product = get_product(row);

    if (!row->wrong)
        expect(row, candles_load(&row->sim->markets[product].candles, row->doc, row->object),
               "candles");
}

static void load_balance(struct row *row)
{
    char currency[CURRENCY_MAX];

    get_text(row, "currency", currency, sizeof currency);
    decimal total = get_decimal(row, "total");
    struct ledger *ledger = row->sim->ledger;
    if (!row->wrong)
        ledger_deposit(ledger, currency, decimal_sub(total, ledger_total(ledger, currency)));
}

static void load_position(struct row *row)
{
    product_ref product = get_product(row);
    struct ledger_position position = {get_decimal(row, "size"), get_decimal(row, "cost")};

    if (!row->wrong)
        ledger_set_position(row->sim->ledger, product, position);
}

static void load_request(struct row *row, struct order_request *out)
{
    char side[8], type[16], tif[8];

    get_text(row, "client_id", out->client_id.text, sizeof out->client_id.text);
    out->product = get_product(row);
    get_text(row, "side", side, sizeof side);
    get_text(row, "type", type, sizeof type);
    get_text(row, "tif", tif, sizeof tif);
    expect(row, side_parse(side, &out->side), "side");
    expect(row, order_type_parse(type, &out->type), "type");
    expect(row, time_in_force_parse(tif, &out->tif), "tif");
    out->post_only = get_bool(row, "post_only");
    out->reduce_only = get_bool(row, "reduce_only");
    out->size = get_decimal(row, "size");
    out->limit_price = get_decimal(row, "limit_price");
    out->stop_price = get_decimal(row, "stop_price");
    out->expires = get_int(row, "expires");
}

static void load_end(struct row *row, struct order_record *record)
{
    char reason[VENUE_REASON_MAX], text[VENUE_TEXT_MAX];

    get_text(row, "reason", reason, sizeof reason);
    get_text(row, "text", text, sizeof text);
    mem_free(record->end_texts);
    record->end_texts = mem_new(strlen(reason) + strlen(text) + 2);
    strcpy(record->end_texts, reason);
    strcpy(record->end_texts + strlen(reason) + 1, text);
    record->order.end =
        (struct rejection){record->end_texts, record->end_texts + strlen(reason) + 1};
}

static void load_edit(struct row *row, struct order_record *record)
{
    record->edit_due = 0;
    if (member(row, "edit_due") == JSON_NONE)
        return;
    record->edit_due = get_int(row, "edit_due");
    record->edit_size = get_decimal(row, "edit_size");
    record->edit_limit_price = get_decimal(row, "edit_limit_price");
    expect(row, record->edit_due > 0 && record->order.state == SIM_OPEN, "edit_due");
}

static void load_record(struct row *row, struct order_record *record)
{
    struct sim_order *order = &record->order;
    char state[16];

    load_request(row, &order->request);
    get_text(row, "state", state, sizeof state);
    int found = names_find(state_names, ARRAY_LEN(state_names), state);
    expect(row, found >= 0, "state");
    order->state = found >= 0 ? (enum sim_state)found : SIM_OPEN;
    order->is_external = get_bool(row, "external");
    order->filled = get_decimal(row, "filled");
    order->value = get_decimal(row, "value");
    order->fees = get_decimal(row, "fees");
    order->fills = (int)get_int(row, "fills");
    load_end(row, record);
    order->created = get_int(row, "created");
    order->updated = get_int(row, "updated");
    order->hidden_until = get_int(row, "hidden_until");
    record->is_triggered = get_bool(row, "triggered");
    record->claim = (struct ledger_claim){.product = order->request.product,
                                          .side = order->request.side,
                                          .price = get_decimal(row, "claim_price"),
                                          .rate = get_decimal(row, "claim_rate"),
                                          .amount = get_decimal(row, "claim_amount")};
    load_edit(row, record);
}

static void load_order(struct row *row)
{
    struct simulator *sim = row->sim;
    uint64_t number = (uint64_t)get_int(row, "number");

    expect(row, number >= 1 && number <= sim->order_count + 1, "number");
    if (row->wrong)
        return;
    if (number <= sim->order_count) {
        load_record(row, sim->orders[number - 1]);
        return;
    }
    struct order_request request = {.size = D(1)};
    load_request(row, &request);
    if (row->wrong || map_find(sim->by_client_id, request.client_id.text)) {
        expect(row, false, "client_id");
        return;
    }
    load_record(row, sim_add_record(sim, &request, false));
}

static void load_fill(struct row *row)
{
    struct fill fill = {.order = (order_number)get_int(row, "order")};
    char side[8], liquidity[8];

    get_text(row, "id", fill.id.text, sizeof fill.id.text);
    fill.product = get_product(row);
    get_text(row, "side", side, sizeof side);
    get_text(row, "liquidity", liquidity, sizeof liquidity);
    expect(row, side_parse(side, &fill.side), "side");
    expect(row, liquidity_parse(liquidity, &fill.liquidity), "liquidity");
    fill.size = get_decimal(row, "size");
    fill.price = get_decimal(row, "price");
    fill.value = get_decimal(row, "value");
    fill.fee = get_decimal(row, "fee");
    fill.time = get_int(row, "time");
    expect(row, fill.order >= 1 && fill.order <= row->sim->order_count, "order");
    if (!row->wrong)
        sim_add_fill(row->sim, &fill);
}

static void load_queue(struct row *row)
{
    product_ref product = get_product(row);

    if (!row->wrong)
        expect(row, sim_load_queue(row->sim, product, row->doc, member(row, "places")),
               "places");
}

static void load_exchange(struct row *row)
{
    struct simulator *sim = row->sim;
    nanos time = get_int(row, "time");

    expect(row, time >= sim->now, "time");
    expect(row, (uint64_t)get_int(row, "orders") == sim->order_count, "orders");
    expect(row, (uint64_t)get_int(row, "fills") == sim->fill_count, "fills");
    if (row->wrong)
        return;
    sim_move_time(sim, time);
    sim->next_step = get_int(row, "next_step");
    sim->next_funding = get_int(row, "next_funding");
    sim->funding_paid = get_decimal(row, "funding_paid");
    sim->liquidations = (uint64_t)get_int(row, "liquidations");
}

static enum err refuse(const struct row *row, int line, struct fault *why)
{
    if (row->missing[0])
        return fail(why, ERR_MISSING,
                    "line %d speaks of %s, which is not among the products of this run: add it "
                    "to the profile",
                    line, row->missing);
    return fail(why, ERR_CORRUPT, "line %d: %s is missing or wrong", line, row->wrong);
}

static enum err load_line(struct simulator *sim, const char *text, size_t len, int line,
                          struct fault *why)
{
    /* clang-format off */
    static const struct { const char *name; void (*load)(struct row *row); } kinds[] = {
        {"market", load_market}, {"candles", load_candles}, {"balance", load_balance}, {"position", load_position},
        {"order", load_order}, {"fill", load_fill}, {"queue", load_queue},
        {"exchange", load_exchange},
    };
    /* clang-format on */
    struct json_doc *doc;
    struct fault detail;

    if (json_parse(text, len, &doc, &detail))
        return fail(why, ERR_CORRUPT, "line %d: %s", line, detail.text);
    struct row row = {.sim = sim, .doc = doc, .object = JSON_NONE};
    size_t kind = 0;
    for (; kind < ARRAY_LEN(kinds) && row.object == JSON_NONE; kind++)
        row.object = json_find(doc, json_root(doc), kinds[kind].name);
    if (row.object == JSON_NONE)
        row.wrong = "what it is";
    else
        kinds[kind - 1].load(&row);
    enum err err = row.wrong ? refuse(&row, line, why) : OK;
    json_free(doc);
    return err;
}

/* Books, claims and the list of open orders follow from the orders. */
static void rebuild(struct simulator *sim)
{
    sim->open_count = sim->edits = 0;
    for (uint64_t i = 0; i < sim->order_count; i++) {
        struct order_record *record = sim->orders[i];
        if (record->order.state != SIM_OPEN)
            continue;
        sim->open[sim->open_count++] = i;
        record->claim.size = decimal_sub(record->order.request.size, record->order.filled);
        ledger_take_claim(sim->ledger, &record->claim);
        sim->edits += record->edit_due > 0;
    }
    if (!sim->setup.fills_at_touch)
        sim_restore_queues(sim);
    forget_notes(sim);
}

enum err simulator_load(struct simulator *sim, const char *text, size_t len, struct fault *why)
{
    struct sim_listener listener = sim->listener;
    enum err err = OK;
    size_t at = 0;

    assert(sim->order_count == 0);
    sim->listener = (struct sim_listener){.ctx = NULL}; /* nothing of this is news */
    for (int line = 1; at < len && !err; line++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t stop = end ? (size_t)(end - text) : len;
        err = load_line(sim, text + at, stop - at, line, why);
        at = stop + 1;
    }
    if (!err)
        rebuild(sim);
    sim->listener = listener;
    return err;
}

void simulator_reopen(struct simulator *sim, nanos now)
{
    if (now <= sim->now)
        return;
    for (int i = 0; i < sim->products->count; i++)
        candles_flush(&sim->markets[i].candles, now);
    sim_move_time(sim, now);
    if (sim->next_step < now)
        sim->next_step = now;
    if (sim->next_funding < now)
        sim->next_funding = (now / HOURS(8) + 1) * HOURS(8);
}
