/* Inputs of one kind, symbol and interval make a stream, which is in order by
 * itself; the streams are merged by the time their next row became known. */
#include "store/history.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "store/history_book.h"

struct stream {
    const struct history_info *info; /* of its first input */
    int rank;                        /* among streams of the same time; then their order */
    struct history_chain chain;
    struct history_book book; /* instead of the chain, if that is the kind */
    struct history_head head;
};

struct history {
    struct history_source **sources; /* by input; the streams own them */
    int inputs;
    struct stream *streams;
    int stream_count;
    nanos to;
    bool has_ended;
    struct fault failure; /* of a row before: final */
};

/* Streams */

/* The closing quote of a bar is known when the bar is; what else has that time comes later. */
static int rank_of(const struct history_info *info)
{
    if (info->kind == HISTORY_BARS)
        return 1;
    return info->interval > 0 ? 0 : 2;
}

static bool is_same_stream(const struct history_info *a, const struct history_info *b)
{
    return a->kind == b->kind && a->interval == b->interval &&
           strcmp(a->symbol, b->symbol) == 0;
}

static struct stream *find_stream(struct history *history, const struct history_info *info)
{
    for (int i = 0; i < history->stream_count; i++)
        if (is_same_stream(history->streams[i].info, info))
            return &history->streams[i];
    struct stream *stream = &history->streams[history->stream_count++];
    stream->info = info;
    stream->rank = rank_of(info);
    return stream;
}

static struct history_chain *find_chain(struct stream *stream,
                                        const struct history_source *source)
{
    if (source->info.kind != HISTORY_BOOK)
        return &stream->chain;
    return source->is_snapshots ? &stream->book.snapshots : &stream->book.changes;
}

static enum err sort_stream(struct stream *stream, struct fault *why)
{
    enum err err = history_chain_sort(&stream->chain, why);

    if (!err)
        err = history_chain_sort(&stream->book.snapshots, why);
    return err ? err : history_chain_sort(&stream->book.changes, why);
}

static void skip_stream_to(struct stream *stream, nanos from)
{
    if (from <= 0)
        return;
    if (stream->info->kind == HISTORY_BOOK)
        history_book_skip_to(&stream->book, from);
    else
        history_chain_skip_to(&stream->chain, from);
}

static enum err next_of_stream(struct stream *stream, struct history_row *row, bool *has,
                               struct fault *why)
{
    return stream->info->kind == HISTORY_BOOK
               ? history_book_next(&stream->book, row, has, why)
               : history_chain_next(&stream->chain, row, has, why);
}

/* Opening */

static enum err check_range(nanos from, nanos to, struct fault *why)
{
    char first[NANOS_TEXT_MAX], last[NANOS_TEXT_MAX];

    if (to == 0 || from < to)
        return OK;
    return fail(why, ERR_USAGE, "the range is empty: it begins at %s and ends at %s",
                nanos_format(from, first), nanos_format(to, last));
}

static enum err open_inputs(struct history *history, const struct history_input *inputs,
                            struct fault *why)
{
    for (int i = 0; i < history->inputs; i++) {
        struct history_source *source;
        enum err err = history_source_open(&inputs[i], &source, why);
        if (err)
            return err;
        history->sources[i] = source;
        struct stream *stream = find_stream(history, &source->info);
        history_chain_add(find_chain(stream, source), source, i);
    }
    return OK;
}

enum err history_open(const struct history_input *inputs, int count, nanos from, nanos to,
                      struct history **out, struct fault *why)
{
    assert(count > 0);
    enum err err = check_range(from, to, why);
    if (err)
        return err;
    struct history *history = mem_new(sizeof *history);
    history->sources = mem_new_array((size_t)count, sizeof *history->sources);
    history->streams = mem_new_array((size_t)count, sizeof *history->streams);
    history->inputs = count;
    history->to = to;
    err = open_inputs(history, inputs, why);
    for (int i = 0; i < history->stream_count && !err; i++)
        err = sort_stream(&history->streams[i], why);
    if (err) {
        history_close(history);
        return err;
    }
    for (int i = 0; i < history->stream_count; i++)
        skip_stream_to(&history->streams[i], from);
    *out = history;
    return OK;
}

void history_close(struct history *history)
{
    if (!history)
        return;
    for (int i = 0; i < history->stream_count; i++) {
        history_chain_clear(&history->streams[i].chain);
        history_book_clear(&history->streams[i].book);
    }
    mem_free(history->streams);
    mem_free(history->sources);
    mem_free(history);
}

/* Reading */

static bool is_before(const struct stream *a, const struct stream *b)
{
    if (a->head.row.time != b->head.row.time)
        return a->head.row.time < b->head.row.time;
    return a->rank < b->rank;
}

/* The next row of a stream that is still wanted. */
static enum err next_wanted(const struct history *history, struct stream *stream,
                            struct history_row *row, bool *has, struct fault *why)
{
    enum err err = next_of_stream(stream, row, has, why);

    if (!err && *has && history->to > 0 && history_row_key(row) >= history->to)
        *has = false;
    return err;
}

/* A stream that has ended keeps an empty head, which counts as read. */
static enum err read_heads(struct history *history, struct fault *why)
{
    for (int i = 0; i < history->stream_count; i++) {
        struct history_head *head = &history->streams[i].head;
        if (head->is_read)
            continue;
        enum err err =
            next_wanted(history, &history->streams[i], &head->row, &head->has_row, why);
        if (err)
            return err;
        head->is_read = true;
    }
    return OK;
}

static struct stream *find_first(struct history *history)
{
    struct stream *first = NULL;

    for (int i = 0; i < history->stream_count; i++) {
        struct stream *stream = &history->streams[i];
        if (stream->head.has_row && (!first || is_before(stream, first)))
            first = stream;
    }
    return first;
}

static enum err merge_next(struct history *history, struct history_row *row, bool *has,
                           struct fault *why)
{
    enum err err = read_heads(history, why);

    if (err)
        return err;
    struct stream *first = find_first(history);
    *has = first != NULL;
    if (first) {
        *row = first->head.row;
        first->head.is_read = false;
    }
    return OK;
}

/* The usual single stream needs no reading ahead. */
static enum err next(struct history *history, struct history_row *row, bool *has,
                     struct fault *why)
{
    if (history->has_ended) {
        *has = false;
        return OK;
    }
    enum err err = history->stream_count == 1
                       ? next_wanted(history, &history->streams[0], row, has, why)
                       : merge_next(history, row, has, why);
    history->has_ended = !err && !*has;
    return err;
}

enum err history_next(struct history *history, struct history_row *row, bool *has,
                      struct fault *why)
{
    struct fault *failure = &history->failure;

    if (!failure->code)
        next(history, row, has, failure);
    return failure->code ? fail(why, failure->code, "%s", failure->text) : OK;
}

/* Facts */

int history_input_count(const struct history *history)
{
    return history->inputs;
}

const struct history_info *history_input_info(const struct history *history, int input)
{
    assert(input >= 0 && input < history->inputs);
    return &history->sources[input]->info;
}

int history_permille(const struct history *history)
{
    uint64_t read = 0, all = 0;

    for (int i = 0; i < history->inputs; i++) {
        const struct history_source *source = history->sources[i];
        read += source->ops->bytes_read(source);
        all += source->info.bytes;
    }
    /* A file that grows while it is read has more than it began with. */
    return read >= all ? 1000 : (int)(read * 1000 / all);
}

uint64_t history_dropped(const struct history *history)
{
    uint64_t sum = 0;

    for (int i = 0; i < history->stream_count; i++)
        sum += history->streams[i].book.dropped;
    return sum;
}

uint64_t history_gaps(const struct history *history)
{
    uint64_t sum = 0;

    for (int i = 0; i < history->stream_count; i++)
        sum += history->streams[i].book.gaps;
    return sum;
}
