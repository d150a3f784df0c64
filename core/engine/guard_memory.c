#include "engine/guard_memory.h"

#include <stdio.h>
#include <string.h>

#include "engine/guards_private.h"

enum { BUCKETS = 30, BUCKET_REQUESTS_MAX = 10000 };

static const char requests_subject[] = "watch requests", engine_subject[] = "watch engine";

void guard_memory_keep_one(struct engine *engine, const char *subject, const struct buf *json)
{
    if (saved_states_find(&engine->states, subject) || strcmp(buf_text(json), "{}") != 0)
        engine_keep_state(engine, subject, 0, buf_text(json));
}

struct json_doc *guard_memory_find(const struct engine *engine, const char *subject,
                                   struct buf *text)
{
    const struct saved_state *state = saved_states_find(&engine->states, subject);
    struct json_doc *doc = NULL;

    if (!state)
        return NULL;
    buf_add_text(text, state->json);
    return json_parse(buf_text(text), text->len, &doc, NULL) ? NULL : doc;
}

/* ---- requests ---- */

/* So many parts of the window, each as [its last request, how many, of them failed]. */
static void write_window(struct json_writer *w, const struct request_watch *watch, nanos window)
{
    int64_t end = watch->first + watch->count;

    json_open_array(w, "window");
    for (int64_t i = watch->first; i < end;) {
        nanos start = watch->items[i].time, last = start;
        int64_t count = 0, failed = 0;
        for (; i < end && watch->items[i].time <= start + window / BUCKETS; i++, count++) {
            failed += !watch->items[i].is_answered;
            last = watch->items[i].time;
        }
        json_open_array(w, NULL);
        json_add_int(w, NULL, last);
        json_add_int(w, NULL, count);
        json_add_int(w, NULL, failed);
        json_close_array(w);
    }
    json_close_array(w);
}

static void write_requests(const struct engine *engine, struct buf *out)
{
    const struct guards *guards = &engine->guards;
    struct json_writer w = json_writer_init(out);

    json_open_object(&w, NULL);
    if (guards->request_failures)
        json_add_int(&w, "failures", guards->request_failures);
    if (guards->failed_in_row)
        json_add_int(&w, "failed_in_row", (int64_t)guards->failed_in_row);
    if (guards->requests.failed)
        write_window(&w, &guards->requests, engine->settings.guards.error_rate_window);
    json_close_object(&w);
}

/* While the venue fails everything is paused, which is told: then now and then is enough. */
static void keep_requests(struct engine *engine)
{
    struct guards *guards = &engine->guards;
    nanos pause = engine->settings.guards.error_rate_window / BUCKETS;
    bool has_turned = guards->request_failures != guards->kept_failures &&
                      !degrade_find(engine->degrade, "broker", PRODUCT_NONE);
    struct buf json = BUF_INIT;

    if (!has_turned &&
        engine->now < guards->kept_requests + (pause > SECONDS(10) ? pause : SECONDS(10)))
        return;
    write_requests(engine, &json);
    guard_memory_keep_one(engine, requests_subject, &json);
    guards->kept_failures = guards->request_failures;
    guards->kept_requests = engine->now;
    buf_clear(&json);
}

static int64_t read_count(const struct json_doc *doc, int token, int64_t max)
{
    int64_t count = 0;

    if (!json_read_int(doc, token, &count) || count < 0)
        return 0;
    return count < max ? count : max;
}

/* As if all of a part had come at its end: what failed counts a little longer, not shorter. */
static void read_window(const struct json_doc *doc, int list, struct request_watch *watch)
{
    for (int t = json_first(doc, list); t != JSON_NONE; t = json_next(doc, list, t)) {
        nanos time = read_count(doc, json_at(doc, t, 0), INT64_MAX);
        int64_t count = read_count(doc, json_at(doc, t, 1), BUCKET_REQUESTS_MAX);
        int64_t failed = read_count(doc, json_at(doc, t, 2), count);
        for (int64_t i = 0; i < count; i++)
            request_watch_add(watch, time, i >= failed);
    }
}

static void restore_requests(struct engine *engine)
{
    struct guards *guards = &engine->guards;
    struct buf text = BUF_INIT;
    struct json_doc *doc = guard_memory_find(engine, requests_subject, &text);

    if (doc) {
        int root = json_root(doc);
        guards->request_failures = guards->kept_failures =
            (int)read_count(doc, json_find(doc, root, "failures"),
                            engine->settings.degrade.broker_failures - 1);
        guards->failed_in_row =
            (uint64_t)read_count(doc, json_find(doc, root, "failed_in_row"), INT64_MAX);
        if (!decimal_is_zero(engine->settings.guards.error_rate_share))
            read_window(doc, json_find(doc, root, "window"), &guards->requests);
    }
    json_free(doc);
    buf_clear(&text);
}

/* ---- the rest ---- */

static void write_slippage(const struct engine *engine, struct json_writer *w)
{
    bool is_open = false;

    for (int i = 0; i < engine->products->count; i++) {
        int count = engine->guards.slippage_refusals[i];
        if (count && !is_open)
            json_open_object(w, "slippage");
        is_open = is_open || count;
        if (count)
            json_add_int(w, engine->products->items[i].symbol, count);
    }
    if (is_open)
        json_close_object(w);
}

/* Since when; negative: and it was told. */
static void write_exits(const struct engine *engine, struct json_writer *w)
{
    const struct guards *guards = &engine->guards;
    bool is_open = false;

    for (int i = 0; i < engine->products->count; i++) {
        nanos since = guards->exit_since[i];
        if (since && !is_open)
            json_open_object(w, "exits");
        is_open = is_open || since;
        if (since)
            json_add_int(w, engine->products->items[i].symbol,
                         guards->exit_reported[i] ? -since : since);
    }
    if (is_open)
        json_close_object(w);
}

static void write_strikes(const struct engine *engine, struct json_writer *w)
{
    int64_t max = engine->settings.degrade.guard_failures;
    bool is_open = false;

    for (int i = 0; i < engine->guard_count; i++) {
        int64_t strikes = engine->guard_strikes[i];
        if (strikes && !is_open)
            json_open_object(w, "strikes");
        is_open = is_open || strikes;
        if (strikes)
            json_add_int(w, engine->script_guards[i].name, strikes < max ? strikes : max);
    }
    if (is_open)
        json_close_object(w);
}

static void keep_rest(struct engine *engine)
{
    struct buf json = BUF_INIT;
    struct json_writer w = json_writer_init(&json);

    json_open_object(&w, NULL);
    if (engine->guards.orders_reported)
        json_add_int(&w, "orders_told", (int64_t)engine->guards.orders_reported);
    write_slippage(engine, &w);
    write_exits(engine, &w);
    write_strikes(engine, &w);
    json_close_object(&w);
    guard_memory_keep_one(engine, engine_subject, &json);
    buf_clear(&json);
}

static void read_symbols(struct engine *engine, const struct json_doc *doc)
{
    struct guards *guards = &engine->guards;
    int slippage = json_find(doc, json_root(doc), "slippage");
    int exits = json_find(doc, json_root(doc), "exits");

    for (int i = 0; i < engine->products->count; i++) {
        const char *symbol = engine->products->items[i].symbol;
        int64_t since = 0;
        guards->slippage_refusals[i] =
            (int)read_count(doc, json_find(doc, slippage, symbol),
                            engine->settings.degrade.slippage_failures - 1);
        if (!json_read_int(doc, json_find(doc, exits, symbol), &since))
            continue;
        guards->exit_since[i] = since < 0 ? -since : since;
        guards->exit_reported[i] = since < 0;
    }
}

static void restore_rest(struct engine *engine)
{
    struct buf text = BUF_INIT;
    struct json_doc *doc = guard_memory_find(engine, engine_subject, &text);

    if (doc) {
        int strikes = json_find(doc, json_root(doc), "strikes");
        engine->guards.orders_reported = (order_number)read_count(
            doc, json_find(doc, json_root(doc), "orders_told"), INT64_MAX);
        read_symbols(engine, doc);
        for (int i = 0; i < engine->guard_count; i++)
            engine->guard_strikes[i] =
                (int)read_count(doc, json_find(doc, strikes, engine->script_guards[i].name),
                                engine->settings.degrade.guard_failures);
    }
    json_free(doc);
    buf_clear(&text);
}

/* ---- all of it ---- */

void guard_memory_keep(struct engine *engine)
{
    if (!engine->settings.cycle_every)
        return;
    keep_requests(engine);
    keep_rest(engine);
    metric_watch_keep(engine);
}

void guard_memory_restore(struct engine *engine)
{
    restore_requests(engine);
    restore_rest(engine);
    metric_watch_restore(engine);
}
