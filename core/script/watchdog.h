/* Ends what does not end by itself: one thread for the process looks every half millisecond
 * at the stretches of code under guard, and signals (SIGUSR1) the thread of one that has
 * used more processor time than it was given. A `bark` function then runs in the signal
 * handler on that thread, with `hard` false at first and true once the extra time is over
 * too (for the innermost stretch only); it is called again every half millisecond until the
 * stretch is over.
 *
 * A stretch that takes long, and may, can be asked now and then whether it should go on: a
 * `nudge` runs in the signal handler every 50 ms of its time.
 *
 * Time is processor time of the thread under guard: code that is not given a processor is
 * not blamed for it. Nor is it blamed for more than 2 ms between two looks, during which
 * the whole machine may have stood still. A stretch may overrun by two looks or so, by more
 * on a busy machine. Stretches nest, on each thread up to WATCHES_MAX deep.
 *
 * The guarded code pays two atomic stores. The watchdog starts with the first call, sleeps
 * while there is nothing to watch, is started anew in a forked child when needed and ends
 * when the library is unloaded. A process under seccomp must call watchdog_start before,
 * and allow clock_gettime, futex, membarrier, rt_tgsigqueueinfo and rt_sigreturn.
 *
 * SIGUSR1 is ours: nobody may install another handler or block it in a thread that has run
 * guarded code (the first call opens it). A handler that was there before still gets the
 * signals that others send. */
#ifndef SCRIPT_WATCHDOG_H
#define SCRIPT_WATCHDOG_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"

/* Called in a signal handler: only what is async-signal-safe. May siglongjmp to a frame
 * that armed the watch. */
typedef void watchdog_bark(void *subject, bool hard);

enum err watchdog_start(struct fault *why) MUST_CHECK;

/* For all stretches of the process, from now on; NULL: none is nudged. As a bark it may do only
 * what is async-signal-safe; it must not jump. */
void watchdog_set_nudge(void (*nudge)(void *subject));

/* Between these two, `bark(subject, ...)` may be called. False when stretches are nested
 * too deeply or the watchdog cannot be started; nothing is armed then. */
static inline bool watchdog_arm(watchdog_bark *bark, void *subject, nanos soft, nanos extra);
static inline void watchdog_disarm(void);

/* The rest is what the two need to be inline. */

enum { WATCHES_MAX = 4 };

struct watch {
    _Atomic uint64_t turn; /* odd while the stretch runs */
    _Atomic nanos soft, extra;
    watchdog_bark *bark;
    void *subject;
    _Atomic uint64_t soft_turn, hard_turn; /* the turns barked at */
    _Atomic uint64_t nudged_turn;          /* a nudge is on its way; 0: none */
    /* What the watchdog saw last, and when by the thread's clock; what it counted since. */
    uint64_t seen_turn;
    nanos seen_at, used, used_at_bark, used_at_nudge;
};

struct watched_thread {
    struct watch watches[WATCHES_MAX];
    volatile sig_atomic_t depth; /* raised before and lowered after a turn: see disarm */
    pthread_t thread;
    clockid_t clock; /* its processor time */
    bool is_gone;    /* it ended, or was left behind by a fork */
    struct watched_thread *next;
};

/* initial-exec: read in a signal handler, where the first access may not allocate. */
extern _Thread_local struct watched_thread *watchdog_self
    __attribute__((tls_model("initial-exec")));
extern _Atomic bool watchdog_is_away;

struct watched_thread *watchdog_join(void); /* NULL on failure */
bool watchdog_call_back(void);

static inline bool watchdog_arm(watchdog_bark *bark, void *subject, nanos soft, nanos extra)
{
    struct watched_thread *self = watchdog_self;

    if (UNLIKELY(!self) && !(self = watchdog_join()))
        return false;
    if (UNLIKELY(self->depth == WATCHES_MAX))
        return false;
    struct watch *watch = &self->watches[self->depth];
    watch->bark = bark;
    watch->subject = subject;
    atomic_store_explicit(&watch->soft, soft, memory_order_relaxed);
    atomic_store_explicit(&watch->extra, extra, memory_order_relaxed);
    uint64_t turn = atomic_load_explicit(&watch->turn, memory_order_relaxed);
    self->depth++;
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&watch->turn, turn + 1, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    if (UNLIKELY(atomic_load_explicit(&watchdog_is_away, memory_order_relaxed)) &&
        !watchdog_call_back()) {
        watchdog_disarm();
        return false;
    }
    return true;
}

/* A bark that jumps away lands where the watch is disarmed, so it must not come once that
 * has begun to: the turn ends first, in one store. */
static inline void watchdog_disarm(void)
{
    struct watched_thread *self = watchdog_self;
    struct watch *watch = &self->watches[self->depth - 1];
    uint64_t turn = atomic_load_explicit(&watch->turn, memory_order_relaxed);

    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&watch->turn, turn + 1, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    self->depth--;
}

#endif
