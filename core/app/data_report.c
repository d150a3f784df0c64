/* perigee data info and check: what files hold, and what is wrong with them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/data_job.h"
#include "store/data_check.h"

/* Summaries */

static void write_time(struct json_writer *w, const char *name, nanos time)
{
    char text[NANOS_TEXT_MAX];

    json_add_text(w, name, nanos_format(time, text));
}

void data_write_summary(struct json_writer *w, const struct history_info *info, uint64_t rows,
                        nanos first, nanos last)
{
    char text[NANOS_TEXT_MAX];

    json_add_text(w, "kind", history_kind_name(info->kind));
    json_add_text(w, "symbol", info->symbol[0] ? info->symbol : NULL);
    json_add_text(w, "interval",
                  info->interval ? nanos_format_duration(info->interval, text) : NULL);
    json_add_int(w, "rows", (int64_t)rows);
    if (rows > 0) {
        write_time(w, "first", first);
        write_time(w, "last", last);
    } else {
        json_add_null(w, "first");
        json_add_null(w, "last");
    }
}

void data_add_summary(struct buf *out, const struct history_info *info, uint64_t rows,
                      nanos first, nanos last)
{
    char a[NANOS_TEXT_MAX], b[NANOS_TEXT_MAX];

    buf_add_format(out, "%s%s%s", history_kind_name(info->kind), info->symbol[0] ? " of " : "",
                   info->symbol);
    if (info->interval)
        buf_add_format(out, ", %s", nanos_format_duration(info->interval, a));
    buf_add_format(out, ", %" PRIu64 " rows", rows);
    if (rows > 0)
        buf_add_format(out, ", %s to %s", nanos_format(first, a), nanos_format(last, b));
}

enum err data_report_written(struct data_job *job, const char *path,
                             const struct history_info *info, uint64_t rows, struct fault *why)
{
    struct history *history;
    struct json_writer w = json_writer_init(&job->out);
    struct history_input input = {.path = path, .interval = info->interval};
    enum err err = history_open(&input, 1, 0, 0, &history, why);

    if (err)
        return err;
    const struct history_info *written = history_input_info(history, 0);
    if (job->json) {
        w.pretty = true;
        json_open_object(&w, NULL);
        json_add_text(&w, "path", path);
        data_write_summary(&w, info, rows, written->first, written->last);
        json_add_int(&w, "bytes", (int64_t)written->bytes);
        json_add_int(&w, "rounded", (int64_t)info->rounded);
        json_add_text(&w, "digest", written->digest[0] ? written->digest : NULL);
        json_close_object(&w);
        buf_add_text(&job->out, "\n");
    } else {
        buf_add_format(&job->out, "%s: ", path);
        data_add_summary(&job->out, info, rows, written->first, written->last);
        buf_add_format(&job->out, ", %" PRIu64 " bytes\n", written->bytes);
    }
    history_close(history);
    return OK;
}

/* What was found */

static void write_places(struct json_writer *w, const struct data_finding *finding)
{
    json_open_array(w, "places");
    for (int i = 0; i < finding->shown; i++) {
        const struct data_place *place = &finding->places[i];
        json_open_object(w, NULL);
        json_add_int(w, "position", (int64_t)place->position);
        if (place->time)
            write_time(w, "time", place->time);
        else
            json_add_null(w, "time");
        json_add_text(w, "text", place->text);
        json_close_object(w);
    }
    json_close_array(w);
}

static void write_findings(struct json_writer *w, const struct data_report *report)
{
    json_open_array(w, "findings");
    for (int i = 0; i < HISTORY_FLAW_COUNT; i++) {
        enum history_flaw flaw = (enum history_flaw)i;
        const struct data_finding *finding = &report->findings[flaw];
        if (finding->count == 0)
            continue;
        json_open_object(w, NULL);
        json_add_text(w, "flaw", history_flaw_name(flaw));
        json_add_bool(w, "fatal", history_flaw_is_fatal(flaw));
        json_add_int(w, "count", (int64_t)finding->count);
        write_places(w, finding);
        json_close_object(w);
    }
    json_close_array(w);
}

static void write_delays(struct json_writer *w, const struct data_report *report)
{
    json_open_object(w, "delay");
    json_add_int(w, "rows", (int64_t)report->two_stamps);
    json_add_int(w, "min_ns", report->delay_min);
    json_add_int(w, "mean_ns", report->delay_mean);
    json_add_int(w, "max_ns", report->delay_max);
    json_close_object(w);
}

static void write_check(struct json_writer *w, const struct data_report *report)
{
    json_add_bool(w, "sound", data_report_is_sound(report));
    json_add_int(w, "missing", (int64_t)report->missing);
    json_add_int(w, "gap_longest_ns", report->gap_longest);
    if (report->two_stamps)
        write_delays(w, report);
    write_findings(w, report);
}

/* Negative spans too. */
static const char *span_text(nanos span, char out[NANOS_TEXT_MAX])
{
    out[0] = '-';
    nanos_format_duration(span < 0 ? -span : span, span < 0 ? out + 1 : out);
    return out;
}

static void add_finding(struct buf *out, const struct data_report *report,
                        enum history_flaw flaw)
{
    const struct data_finding *finding = &report->findings[flaw];

    buf_add_format(out, "  %-10s %8" PRIu64 "  %s\n", history_flaw_name(flaw), finding->count,
                   history_flaw_text(flaw));
    for (int i = 0; i < finding->shown; i++) {
        if (flaw == HISTORY_FLAW_UNREADABLE)
            buf_add_format(out, "      %s\n", finding->places[i].text);
        else
            buf_add_format(out, "      %s %" PRIu64 ": %s\n", report->position_name,
                           finding->places[i].position, finding->places[i].text);
    }
    if (finding->count > (uint64_t)finding->shown)
        buf_add_format(out, "      and %" PRIu64 " more\n",
                       finding->count - (uint64_t)finding->shown);
    if (history_flaw_remedy(flaw))
        buf_add_format(out, "      %s\n", history_flaw_remedy(flaw));
}

static void add_check(struct buf *out, const struct data_report *report)
{
    char a[NANOS_TEXT_MAX], b[NANOS_TEXT_MAX], c[NANOS_TEXT_MAX];

    for (int flaw = 0; flaw < HISTORY_FLAW_COUNT; flaw++)
        if (report->findings[flaw].count > 0)
            add_finding(out, report, (enum history_flaw)flaw);
    if (report->missing > 0)
        buf_add_format(out, "  missing    %8" PRIu64 "  in the gaps, the longest %s\n",
                       report->missing, span_text(report->gap_longest, a));
    if (report->rounded > 0)
        buf_add_format(out, "  rounded    %8" PRIu64 "  numbers of more than 12 digits\n",
                       report->rounded);
    if (report->two_stamps > 0)
        buf_add_format(out, "  received %s to %s after the venue's stamp, %s on average\n",
                       span_text(report->delay_min, a), span_text(report->delay_max, b),
                       span_text(report->delay_mean, c));
    buf_add_text(out,
                 data_report_is_sound(report) ? "  sound\n" : "  cannot be used as it is\n");
}

/* The verbs */

static void write_info(struct json_writer *w, const struct data_report *report)
{
    const struct history_info *info = &report->info;

    data_write_summary(w, info, report->rows, report->first, report->last);
    json_add_text(w, "format", info->is_columnar ? "columnar" : "csv");
    json_add_int(w, "bytes", (int64_t)info->bytes);
    json_add_int(w, "rounded", (int64_t)report->rounded);
    json_add_text(w, "digest", info->digest[0] ? info->digest : NULL);
}

static void add_info(struct buf *out, const struct data_report *report)
{
    data_add_summary(out, &report->info, report->rows, report->first, report->last);
    buf_add_format(out, "\n  %s, %" PRIu64 " bytes",
                   report->info.is_columnar ? "columnar" : "csv", report->info.bytes);
    if (report->info.digest[0])
        buf_add_format(out, ", digest %s", report->info.digest);
    buf_add_text(out, "\n");
}

/* A columnar file says what it holds; a CSV has to be read. */
static enum err look_at(const struct history_input *input, bool checks,
                        struct data_report *report, struct fault *why)
{
    struct history *history;

    if (!checks) {
        enum err err = history_open(input, 1, 0, 0, &history, why);
        if (err)
            return err;
        *report = (struct data_report){.info = *history_input_info(history, 0)};
        history_close(history);
        report->rows = report->info.rows;
        report->first = report->info.first;
        report->last = report->info.last;
        report->rounded = report->info.rounded;
        if (report->info.is_columnar)
            return OK;
    }
    return data_check(input, report, why);
}

static void report_one(struct data_job *job, struct json_writer *w, const char *path,
                       bool checks, const struct data_report *report)
{
    if (job->json) {
        json_open_object(w, NULL);
        json_add_text(w, "path", path);
        write_info(w, report);
        if (checks)
            write_check(w, report);
        json_close_object(w);
        return;
    }
    buf_add_format(&job->out, "%s: ", path);
    add_info(&job->out, report);
    if (checks)
        add_check(&job->out, report);
}

static enum err report_all(struct data_job *job, struct json_writer *w, bool checks,
                           struct fault *why)
{
    static struct data_report report; /* large, and there is one per process */
    static struct history_input inputs[DATA_FILES_MAX];
    int count, bad = 0;
    enum err err = data_job_inputs(job, inputs, &count, why);

    for (int i = 0; !err && i < count; i++) {
        err = look_at(&inputs[i], checks, &report, why);
        if (err)
            return err;
        report_one(job, w, inputs[i].path, checks, &report);
        bad += checks && !data_report_is_sound(&report);
    }
    if (err || bad == 0)
        return err;
    job->prints_anyway = true;
    return fail(why, ERR_REFUSED, "%d of %d file%s cannot be used as it is", bad, count,
                count == 1 ? "" : "s");
}

static enum err look_at_all(struct data_job *job, bool checks, struct fault *why)
{
    struct json_writer w = json_writer_init(&job->out);

    w.pretty = true;
    job->prints_anyway = !job->json;
    if (!job->json)
        return report_all(job, &w, checks, why);
    json_open_object(&w, NULL);
    json_open_array(&w, "files");
    enum err err = report_all(job, &w, checks, why);
    json_close_array(&w);
    json_close_object(&w);
    buf_add_text(&job->out, "\n");
    return err;
}

enum err data_info(struct data_job *job, struct fault *why)
{
    return look_at_all(job, false, why);
}

enum err data_check_files(struct data_job *job, struct fault *why)
{
    return look_at_all(job, true, why);
}
