#include "venue/candles.h"

#include <string.h>

#include "base/mem.h"

void candles_init(struct candles *candles, nanos interval)
{
    *candles = (struct candles){.limit = CANDLES_MAX};
    if (interval)
        candles->builder = candle_builder_init(interval);
}

void candles_clear(struct candles *candles)
{
    mem_free(candles->bars);
    candles->bars = NULL;
    candles->count = candles->room = candles->unsaved = 0;
}

static void drop_oldest(struct candles *candles)
{
    int gone = candles->count - candles->limit;

    candles->count = candles->limit;
    memmove(candles->bars, candles->bars + gone,
            (size_t)candles->count * sizeof *candles->bars);
    if (candles->unsaved > candles->count)
        candles->unsaved = candles->count;
}

void candles_set_limit(struct candles *candles, int limit)
{
    candles->limit = limit < CANDLES_MAX ? limit : CANDLES_MAX;
    if (candles->count > candles->limit)
        drop_oldest(candles);
}

static void add(struct candles *candles, const struct bar *bar)
{
    if (candles->count == candles->room) {
        candles->room = candles->room ? 2 * candles->room : 64;
        candles->bars = mem_resize(candles->bars, (size_t)candles->room, sizeof *candles->bars);
    }
    candles->bars[candles->count++] = *bar;
    candles->unsaved++;
    if (candles->count >= 2 * candles->limit) /* now and then, not with each */
        drop_oldest(candles);
}

void candles_add_trade(struct candles *candles, nanos time, decimal price, decimal size)
{
    struct bar done;

    if (candles->builder.interval &&
        candle_builder_add_trade(&candles->builder, time, price, size, &done))
        add(candles, &done);
}

void candles_flush(struct candles *candles, nanos now)
{
    struct bar done;

    if (candle_builder_flush(&candles->builder, now, &done))
        add(candles, &done);
}

int candles_list(const struct candles *candles, int max, struct bar **out)
{
    int count = candles->count < max ? candles->count : max;

    *out = mem_new_array((size_t)count + 1, sizeof **out);
    if (count)
        memcpy(*out, candles->bars + candles->count - count, (size_t)count * sizeof **out);
    if (candles->builder.has_bar)
        (*out)[count++] = candles->builder.bar;
    return count;
}

/* ---- saving ---- */

static void save_bar(struct json_writer *w, const struct bar *bar)
{
    json_open_array(w, NULL);
    json_add_int(w, NULL, bar->start);
    json_add_decimal(w, NULL, bar->open);
    json_add_decimal(w, NULL, bar->high);
    json_add_decimal(w, NULL, bar->low);
    json_add_decimal(w, NULL, bar->close);
    json_add_decimal(w, NULL, bar->volume);
    json_close_array(w);
}

void candles_save(struct candles *candles, bool all, struct json_writer *w)
{
    if (!candles->builder.interval)
        return;
    if (candles->count > candles->limit)
        drop_oldest(candles);
    json_add_int(w, "interval", candles->builder.interval);
    json_open_array(w, "ended");
    for (int i = all ? 0 : candles->count - candles->unsaved; i < candles->count; i++)
        save_bar(w, &candles->bars[i]);
    json_close_array(w);
    json_open_array(w, "open");
    if (candles->builder.has_bar)
        save_bar(w, &candles->builder.bar);
    json_close_array(w);
    candles->unsaved = 0;
}

/* ---- loading ---- */

static bool read_bar(const struct json_doc *doc, int list, nanos interval, struct bar *out)
{
    decimal *const prices[] = {&out->open, &out->high, &out->low, &out->close, &out->volume};
    int t = json_first(doc, list);

    *out = (struct bar){.interval = interval};
    if (json_count(doc, list) != 1 + (int)(sizeof prices / sizeof prices[0]) ||
        !json_read_int(doc, t, &out->start) || out->start % interval != 0)
        return false;
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++)
        if (!json_read_decimal(doc, t = json_next(doc, list, t), prices[i]))
            return false;
    return bar_is_sane(out);
}

static bool is_next(const struct candles *candles, const struct bar *bar)
{
    return candles->count == 0 || bar->start > candles->bars[candles->count - 1].start;
}

/* The one under way is the last that was saved, or none. */
static bool load_open(struct candles *candles, const struct json_doc *doc, int list)
{
    struct candle_builder *builder = &candles->builder;
    struct bar bar;

    *builder = candle_builder_init(builder->interval);
    if (candles->count)
        builder->open_from = candles->bars[candles->count - 1].start + builder->interval;
    if (json_count(doc, list) == 0)
        return true;
    if (!read_bar(doc, json_first(doc, list), builder->interval, &bar) ||
        !is_next(candles, &bar))
        return false;
    builder->has_bar = true;
    builder->bar = bar;
    builder->open_from = bar.start;
    return true;
}

bool candles_load(struct candles *candles, const struct json_doc *doc, int object)
{
    int ended = json_find(doc, object, "ended");
    nanos interval = 0;
    struct bar bar;

    if (!json_read_int(doc, json_find(doc, object, "interval"), &interval) || interval <= 0)
        return false;
    if (interval != candles->builder.interval)
        return true;
    for (int t = json_first(doc, ended); t != JSON_NONE; t = json_next(doc, ended, t)) {
        if (!read_bar(doc, t, interval, &bar) || !is_next(candles, &bar))
            return false;
        add(candles, &bar);
    }
    candles->unsaved = 0;
    return load_open(candles, doc, json_find(doc, object, "open"));
}
