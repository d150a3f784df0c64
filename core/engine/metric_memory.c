/* Over a restart a line of a rule keeps its looks, thinned out to a sixteenth of
 * the window, and its marks. It is journaled when its marks change, and with the
 * looks as often as those are thin: what was seen last is seen again anyway, only
 * what is old cannot be. Sums are journaled whenever they have grown. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "engine/guard_memory.h"
#include "engine/metric_guard_private.h"

enum { KEPT_PER_WINDOW = 16 };

static const char sums_subject[] = "watch sums";

static void name_line(const struct engine *engine, const struct rule *rule, int index,
                      char out[FACT_SUBJECT_MAX])
{
    const char *symbol = rule->info.of_symbol ? engine->products->items[index].symbol : "";

    snprintf(out, FACT_SUBJECT_MAX, "watch %s%s%s", rule->source, *symbol ? " " : "", symbol);
}

static int count_lines(const struct engine *engine, const struct rule *rule)
{
    return rule->info.of_symbol ? engine->products->count : 1;
}

/* ---- one line ---- */

static nanos thin(nanos window)
{
    nanos span = window / KEPT_PER_WINDOW;

    return span > SECONDS(10) ? span : SECONDS(10);
}

static void write_looks(struct json_writer *w, struct line *line, nanos window)
{
    nanos last = 0;

    json_open_array(w, "looks");
    for (int i = 0; i < line->count; i++) {
        const struct metric_look *look = metric_line_look(line, i);
        if (i > 0 && i < line->count - 1 && look->time < last + thin(window))
            continue;
        last = look->time;
        json_open_array(w, NULL);
        json_add_int(w, NULL, look->time);
        json_add_decimal(w, NULL, look->value);
        json_add_decimal(w, NULL, look->whole);
        json_close_array(w);
    }
    json_close_array(w);
}

static void write_line(struct line *line, nanos window, struct buf *out)
{
    struct json_writer w = json_writer_init(out);

    json_open_object(&w, NULL);
    json_add_int(&w, "broken_since", line->marks.broken_since);
    json_add_int(&w, "rests_until", line->marks.rests_until);
    json_add_int(&w, "quiet_until", line->marks.quiet_until);
    json_add_int(&w, "told", line->marks.told);
    json_add_bool(&w, "has_cause", line->marks.has_cause);
    write_looks(&w, line, window);
    json_close_object(&w);
}

static bool is_same(const struct line_marks *a, const struct line_marks *b)
{
    return a->rests_until == b->rests_until && a->quiet_until == b->quiet_until &&
           a->told == b->told && a->has_cause == b->has_cause;
}

/* A rule that waits before it acts has to remember since when, but may flicker meanwhile. */
static bool has_news(const struct engine *engine, const struct rule *rule, struct line *line)
{
    nanos window = rule->guard.window, lasting = rule->guard.lasting;
    nanos pause = lasting / SAMPLES_PER_WINDOW;
    bool has_flipped = lasting && line->marks.broken_since != line->kept.broken_since;

    if (!is_same(&line->marks, &line->kept) ||
        (has_flipped && engine->now >= line->kept_at + pause))
        return true;
    return window && line->count &&
           metric_line_look(line, line->count - 1)->time >= line->kept_look + thin(window);
}

static void keep_line(struct engine *engine, const struct rule *rule, int index)
{
    struct line *line = &rule->lines[index];
    char subject[FACT_SUBJECT_MAX];
    struct buf json = BUF_INIT;

    if (!has_news(engine, rule, line))
        return;
    name_line(engine, rule, index, subject);
    write_line(line, rule->guard.window, &json);
    guard_memory_keep_one(engine, subject, &json);
    line->kept = line->marks;
    line->kept_at = engine->now;
    line->kept_look = line->count ? metric_line_look(line, line->count - 1)->time : 0;
    buf_clear(&json);
}

static bool read_look(const struct json_doc *doc, int token, struct metric_look *out)
{
    return json_read_int(doc, json_at(doc, token, 0), &out->time) &&
           json_read_decimal(doc, json_at(doc, token, 1), &out->value) &&
           json_read_decimal(doc, json_at(doc, token, 2), &out->whole);
}

/* What is not there is as in a line that is new. */
static nanos read_time(const struct json_doc *doc, const char *name)
{
    int64_t time = 0;

    return json_read_int(doc, json_find(doc, json_root(doc), name), &time) ? time : 0;
}

static void read_line(const struct engine *engine, const struct json_doc *doc, bool has_window,
                      struct line *line)
{
    int looks = json_find(doc, json_root(doc), "looks");
    int64_t told = read_time(doc, "told");
    struct metric_look look;

    line->marks.broken_since = read_time(doc, "broken_since");
    line->marks.rests_until = read_time(doc, "rests_until");
    line->marks.quiet_until = read_time(doc, "quiet_until");
    line->marks.told = told > FINE && told <= BROKEN ? (enum grade)told : FINE;
    if (!json_read_bool(doc, json_find(doc, json_root(doc), "has_cause"),
                        &line->marks.has_cause))
        line->marks.has_cause = false;
    for (int t = json_first(doc, looks); has_window && t != JSON_NONE;
         t = json_next(doc, looks, t))
        if (read_look(doc, t, &look) && look.time <= engine->now)
            metric_line_add(line, &look);
}

static void restore_line(struct engine *engine, const struct rule *rule, int index)
{
    product_ref product = rule->info.of_symbol ? (product_ref)index : PRODUCT_NONE;
    struct line *line = &rule->lines[index];
    char subject[FACT_SUBJECT_MAX];
    struct buf text = BUF_INIT;

    name_line(engine, rule, index, subject);
    struct json_doc *doc = guard_memory_find(engine, subject, &text);
    if (doc)
        read_line(engine, doc, rule->guard.window != 0, line);
    const struct fact_cause *held =
        degrade_find(engine->degrade, rule->source, metric_rule_place(rule, product));
    if (line->marks.has_cause && held)
        line->held_until = degrade_end(engine->degrade, held);
    line->kept = line->marks;
    line->kept_look = line->count ? metric_line_look(line, line->count - 1)->time : 0;
    json_free(doc);
    buf_clear(&text);
}

/* ---- sums ---- */

static void write_sums(const struct engine *engine, struct buf *out)
{
    const struct metric_watch *watch = engine->guards.rules;
    struct json_writer w = json_writer_init(out);
    bool is_written[METRIC_COUNT] = {false};
    struct metric_look look;

    json_open_object(&w, NULL);
    for (int i = 0; i < watch->count; i++) {
        const struct rule *rule = &watch->rules[i];
        enum metric metric = (enum metric)rule->guard.metric;
        if (!rule->info.is_sum || is_written[metric] ||
            !metric_look(engine, metric, PRODUCT_NONE, &look))
            continue;
        is_written[metric] = true;
        json_open_array(&w, rule->info.name);
        json_add_decimal(&w, NULL, look.value);
        json_add_decimal(&w, NULL, look.whole);
        json_close_array(&w);
    }
    json_close_object(&w);
}

static void keep_sums(struct engine *engine)
{
    struct buf json = BUF_INIT;

    write_sums(engine, &json);
    guard_memory_keep_one(engine, sums_subject, &json);
    buf_clear(&json);
}

static void restore_sums(struct engine *engine)
{
    struct buf text = BUF_INIT;
    struct json_doc *doc = guard_memory_find(engine, sums_subject, &text);

    for (int i = METRIC_NONE + 1; doc && i < METRIC_COUNT; i++) {
        struct metric_look look = {0};
        int pair = json_find(doc, json_root(doc), metric_names[i]);
        if (json_read_decimal(doc, json_at(doc, pair, 0), &look.value) &&
            json_read_decimal(doc, json_at(doc, pair, 1), &look.whole))
            metric_go_on(engine, (enum metric)i, &look);
    }
    json_free(doc);
    buf_clear(&text);
}

/* ---- all of it ---- */

void metric_watch_keep(struct engine *engine)
{
    const struct metric_watch *watch = engine->guards.rules;

    if (!watch)
        return;
    keep_sums(engine);
    for (int i = 0; i < watch->count; i++)
        for (int k = 0; k < count_lines(engine, &watch->rules[i]); k++)
            keep_line(engine, &watch->rules[i], k);
}

void metric_watch_restore(struct engine *engine)
{
    const struct metric_watch *watch = engine->guards.rules;

    if (!watch)
        return;
    restore_sums(engine);
    for (int i = 0; i < watch->count; i++)
        for (int k = 0; k < count_lines(engine, &watch->rules[i]); k++)
            restore_line(engine, &watch->rules[i], k);
}
