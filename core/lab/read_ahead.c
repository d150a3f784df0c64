/* A ring of blocks between two threads. `written` and `taken` count blocks and are
 * guarded by the lock; a block belongs to the reader until it is counted as
 * written, then to who asks for rows until it is counted as taken.
 *
 * Reading is faster than trading, so the ring is full most of the time. A reader
 * that slept is woken when half of the ring is free, not at each block: waking
 * costs more than reading a few rows. */
#include "lab/read_ahead.h"

#include <pthread.h>
#include <signal.h>

#include "base/mem.h"

enum { BLOCKS = 8, ROWS = 256 };

struct block {
    struct history_row rows[ROWS];
    int count, permille;
    bool is_last;
    enum err err; /* of what follows the rows of the last block */
    struct fault why;
};

struct read_ahead {
    struct history *history;
    bool in_thread;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t is_written, is_free;
    uint64_t written, taken;
    bool is_stopped;
    struct block *current; /* NULL before the first */
    int at;                /* the next row of it */
    struct block blocks[BLOCKS];
};

static void fill(struct read_ahead *ahead, struct block *block)
{
    bool has = true;

    block->err = OK;
    for (block->count = 0; block->count < ROWS; block->count++) {
        block->err =
            history_next(ahead->history, &block->rows[block->count], &has, &block->why);
        if (block->err || !has)
            break;
    }
    block->is_last = block->count < ROWS;
    block->permille = history_permille(ahead->history);
}

/* False when nobody wants rows any more. */
static bool wait_for_room(struct read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    if (ahead->written - ahead->taken == BLOCKS)
        while (ahead->written - ahead->taken > BLOCKS / 2 && !ahead->is_stopped)
            pthread_cond_wait(&ahead->is_free, &ahead->lock);
    bool is_stopped = ahead->is_stopped;
    pthread_mutex_unlock(&ahead->lock);
    return !is_stopped;
}

static void *read_all(void *subject)
{
    struct read_ahead *ahead = subject;
    bool is_last = false;

    while (!is_last && wait_for_room(ahead)) {
        struct block *block = &ahead->blocks[ahead->written % BLOCKS]; /* ours alone to count */
        fill(ahead, block);
        is_last = block->is_last;
        pthread_mutex_lock(&ahead->lock);
        ahead->written++;
        pthread_cond_signal(&ahead->is_written);
        pthread_mutex_unlock(&ahead->lock);
    }
    return NULL;
}

/* Signals are for the thread that trades. */
static bool start(struct read_ahead *ahead)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool has_started = pthread_create(&ahead->thread, NULL, read_all, ahead) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return has_started;
}

struct read_ahead *read_ahead_new(struct history *history, bool in_thread)
{
    struct read_ahead *ahead = mem_new(sizeof *ahead);

    ahead->history = history;
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->is_written, NULL);
    pthread_cond_init(&ahead->is_free, NULL);
    ahead->in_thread = in_thread && start(ahead);
    return ahead;
}

static void stop(struct read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->is_stopped = true;
    pthread_cond_signal(&ahead->is_free);
    pthread_mutex_unlock(&ahead->lock);
    pthread_join(ahead->thread, NULL);
}

void read_ahead_free(struct read_ahead *ahead)
{
    if (!ahead)
        return;
    if (ahead->in_thread)
        stop(ahead);
    pthread_cond_destroy(&ahead->is_free);
    pthread_cond_destroy(&ahead->is_written);
    pthread_mutex_destroy(&ahead->lock);
    mem_free(ahead);
}

/* Gives the current block back and waits for the next one. */
static void take_block(struct read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    if (ahead->current && ++ahead->taken + BLOCKS / 2 == ahead->written)
        pthread_cond_signal(&ahead->is_free);
    while (ahead->written == ahead->taken)
        pthread_cond_wait(&ahead->is_written, &ahead->lock);
    ahead->current = &ahead->blocks[ahead->taken % BLOCKS];
    pthread_mutex_unlock(&ahead->lock);
    ahead->at = 0;
}

static enum err end(const struct block *last, bool *has, struct fault *why)
{
    *has = false;
    if (last->err && why)
        *why = last->why;
    return last->err;
}

enum err read_ahead_next(struct read_ahead *ahead, struct history_row *row, bool *has,
                         struct fault *why)
{
    if (!ahead->in_thread)
        return history_next(ahead->history, row, has, why);
    if (!ahead->current || ahead->at == ROWS)
        take_block(ahead);
    if (ahead->at == ahead->current->count)
        return end(ahead->current, has, why);
    *row = ahead->current->rows[ahead->at++];
    *has = true;
    return OK;
}

int read_ahead_permille(const struct read_ahead *ahead)
{
    if (!ahead->in_thread)
        return history_permille(ahead->history);
    return ahead->current ? ahead->current->permille : 0;
}
