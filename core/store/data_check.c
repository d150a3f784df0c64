#include "store/data_check.h"

#include <stdio.h>
#include <string.h>

#include "store/history_source.h"

static void add_place(struct data_finding *finding, uint64_t position, nanos time,
                      const char *text)
{
    finding->count++;
    if (finding->shown == DATA_CHECK_SHOWN)
        return;
    struct data_place *place = &finding->places[finding->shown++];
    place->position = position;
    place->time = time;
    snprintf(place->text, sizeof place->text, "%s", text);
}

static void add_flaws(struct data_report *report, uint32_t flaws,
                      const struct history_track *track, const struct history_row *row,
                      uint64_t position)
{
    char text[HISTORY_FLAW_TEXT_MAX];

    for (int flaw = 0; flaw < HISTORY_FLAW_COUNT; flaw++) {
        if (!(flaws & HISTORY_FLAW_BIT(flaw)))
            continue;
        text[0] = '\0';
        if (report->findings[flaw].shown < DATA_CHECK_SHOWN)
            history_flaw_explain((enum history_flaw)flaw, track, row, text);
        add_place(&report->findings[flaw], position, history_row_key(row), text);
    }
}

static void add_gap(struct data_report *report, const struct history_track *track,
                    const struct history_row *row)
{
    uint64_t missing = history_track_missing(track, row);
    nanos distance = history_row_key(row) - track->key;

    report->missing += missing;
    if (missing > 0 && distance > report->gap_longest)
        report->gap_longest = distance;
}

static void add_delay(struct data_report *report, int128 *sum, const struct history_row *row)
{
    nanos delay = row->time - row->venue_time;

    if (row->venue_time == 0)
        return;
    if (report->two_stamps++ == 0)
        report->delay_min = report->delay_max = delay;
    report->delay_min = delay < report->delay_min ? delay : report->delay_min;
    report->delay_max = delay > report->delay_max ? delay : report->delay_max;
    *sum += delay;
}

static void add_row(struct data_report *report, const struct history_row *row)
{
    nanos key = history_row_key(row);

    if (report->rows++ == 0)
        report->first = report->last = key;
    report->first = key < report->first ? key : report->first;
    report->last = key > report->last ? key : report->last;
}

static bool is_made_up(const struct history_source *source, const struct history_row *row)
{
    return row->kind == HISTORY_BOOK && row->level.update.clears && !source->info.is_columnar;
}

static void judge(struct data_report *report, struct history_source *source,
                  struct history_track *track, int128 *delays, const struct history_row *row)
{
    uint64_t position = source->ops->position(source);

    if (is_made_up(source, row))
        return;
    uint32_t flaws = history_track_judge(track, row);
    if (UNLIKELY(flaws))
        add_flaws(report, flaws, track, row, position);
    if (flaws & HISTORY_FLAW_BIT(HISTORY_FLAW_GAP))
        add_gap(report, track, row);
    add_delay(report, delays, row);
    add_row(report, row);
    history_track_add(track, row);
}

static bool is_one_row_only(enum err err)
{
    return err == ERR_PARSE || err == ERR_RANGE;
}

static enum err read_all(struct history_source *source, struct data_report *report,
                         struct fault *why)
{
    struct history_track track = {0};
    int128 delays = 0;
    struct history_row row;
    struct fault reason;
    bool has = true;

    while (has) {
        enum err err = source->ops->next(source, &row, &has, &reason);
        if (err && !is_one_row_only(err))
            return fail(why, err, "%s", reason.text);
        if (err)
            add_place(&report->findings[HISTORY_FLAW_UNREADABLE], source->ops->position(source),
                      0, reason.text);
        else if (has)
            judge(report, source, &track, &delays, &row);
        has |= err != OK;
    }
    if (report->two_stamps > 0)
        report->delay_mean = (nanos)(delays / report->two_stamps);
    return OK;
}

enum err data_check(const struct history_input *input, struct data_report *out,
                    struct fault *why)
{
    struct history_source *source;
    enum err err = history_source_open(input, &source, why);

    if (err)
        return err;
    memset(out, 0, sizeof *out);
    out->position_name = source->position_name;
    err = read_all(source, out, why);
    out->info = source->info;
    out->rounded = source->info.rounded;
    history_source_close(source);
    return err;
}

bool data_report_is_sound(const struct data_report *report)
{
    for (int flaw = 0; flaw < HISTORY_FLAW_COUNT; flaw++)
        if (history_flaw_is_fatal((enum history_flaw)flaw) && report->findings[flaw].count > 0)
            return false;
    return true;
}
