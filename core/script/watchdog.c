#include "script/watchdog.h"

#include <assert.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

/* Each thread that runs guarded code has one record, listed here until it ends. The thread
 * writes `turn`, the watchdog reads it; the watchdog writes `soft_turn` and `hard_turn`,
 * the signal handler on the thread compares them with `turn`. A signal that arrives late
 * therefore finds another turn and does nothing.
 *
 * While nothing runs the watchdog waits on a condition variable. Whoever arms a watch looks
 * at `watchdog_is_away` after its store to `turn`; the watchdog sets the flag and then
 * looks at all turns. One of the two must see the other, which needs a full fence on both
 * sides. membarrier() supplies the fence of the other side from here, so that arming does
 * not pay for one. Without it the watchdog never goes away and polls slowly instead.
 *
 * The signal handler takes no lock. Everything else is under `lock`. */

enum { STACK_SIZE = 256 * 1024, IDLE_LOOKS = 40 };

/* What one look may charge. A virtual machine that stands still counts as processor time of
 * the thread it stopped: seen, 9 ms at once. It is one look to the watchdog. */
static const nanos credit_max = MILLISECONDS(2);

static const nanos look_every = MICROSECONDS(500), idle_look_every = MILLISECONDS(5);
static const nanos nudge_every = MILLISECONDS(50);

_Thread_local struct watched_thread *watchdog_self __attribute__((tls_model("initial-exec")));
_Atomic bool watchdog_is_away = true;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t thread;
static bool is_running, is_stopping, can_go_away;
static struct watched_thread *threads;
static struct sigaction handler_before;
static void (*_Atomic nudge)(void *subject);
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_thread_exit;

/* The watchdog's thread. */

static nanos time_of(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t))
        return 0;
    return SECONDS(t.tv_sec) + t.tv_nsec;
}

static void send_signal(struct watched_thread *t)
{
    pthread_sigqueue(t->thread, SIGUSR1, (union sigval){.sival_ptr = &lock});
}

static void nudge_when_due(struct watched_thread *t, struct watch *w, uint64_t turn)
{
    if (w->used - w->used_at_nudge < nudge_every ||
        !atomic_load_explicit(&nudge, memory_order_relaxed))
        return;
    w->used_at_nudge = w->used;
    atomic_store_explicit(&w->nudged_turn, turn, memory_order_release);
    send_signal(t);
}

/* The extra time begins with the first bark, however late that came. */
static void bark_when_due(struct watched_thread *t, struct watch *w, uint64_t turn)
{
    if (w->used < atomic_load_explicit(&w->soft, memory_order_relaxed)) {
        nudge_when_due(t, w, turn);
        return;
    }
    if (atomic_load_explicit(&w->soft_turn, memory_order_relaxed) != turn) {
        w->used_at_bark = w->used;
        atomic_store_explicit(&w->soft_turn, turn, memory_order_release);
    } else if (w->used - w->used_at_bark >=
               atomic_load_explicit(&w->extra, memory_order_relaxed)) {
        atomic_store_explicit(&w->hard_turn, turn, memory_order_release);
    }
    send_signal(t);
}

static void add_time_used(struct watched_thread *t, struct watch *w)
{
    nanos now = time_of(t->clock), more = now - w->seen_at;

    w->seen_at = now;
    w->used += more < credit_max ? more : credit_max;
}

/* Returns whether the watch runs, or has run since the last look. */
static bool look_at(struct watched_thread *t, struct watch *w)
{
    uint64_t turn = atomic_load_explicit(&w->turn, memory_order_acquire);

    if (turn != w->seen_turn) {
        w->seen_turn = turn;
        w->used = w->used_at_nudge = 0;
        if (turn & 1)
            w->seen_at = time_of(t->clock);
        return true;
    }
    if (!(turn & 1))
        return false;
    add_time_used(t, w);
    bark_when_due(t, w, turn);
    return true;
}

static bool look_around(void)
{
    bool is_busy = false;

    for (struct watched_thread *t = threads; t; t = t->next)
        for (int i = 0; i < WATCHES_MAX && !t->is_gone; i++)
            is_busy |= look_at(t, &t->watches[i]);
    return is_busy;
}

static void wait_for(nanos span)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    nanos end = SECONDS(until.tv_sec) + until.tv_nsec + span;
    until.tv_sec = end / SECONDS(1);
    until.tv_nsec = end % SECONDS(1);
    pthread_cond_timedwait(&changed, &lock, &until);
}

static void go_away(void)
{
    if (!can_go_away) {
        wait_for(idle_look_every);
        return;
    }
    atomic_store(&watchdog_is_away, true);
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) || look_around())
        atomic_store(&watchdog_is_away, false);
    while (atomic_load(&watchdog_is_away) && !is_stopping)
        pthread_cond_wait(&changed, &lock);
}

static void *keep_watch(void *unused)
{
    int idle = 0;

    pthread_mutex_lock(&lock);
    while (!is_stopping) {
        idle = look_around() ? 0 : idle + 1;
        if (idle < IDLE_LOOKS)
            wait_for(look_every);
        else
            go_away();
    }
    pthread_mutex_unlock(&lock);
    return unused;
}

/* On the thread under guard. */

static bool is_due(const struct watch *w, bool *hard)
{
    uint64_t turn = atomic_load_explicit(&w->turn, memory_order_acquire);

    *hard = atomic_load_explicit(&w->hard_turn, memory_order_acquire) == turn;
    return (turn & 1) && atomic_load_explicit(&w->soft_turn, memory_order_acquire) == turn;
}

static void nudge_if_due(struct watch *w)
{
    uint64_t turn = atomic_load_explicit(&w->turn, memory_order_acquire);
    void (*how)(void *) = atomic_load_explicit(&nudge, memory_order_acquire);

    if (!(turn & 1) || atomic_load_explicit(&w->nudged_turn, memory_order_acquire) != turn)
        return;
    atomic_store_explicit(&w->nudged_turn, 0, memory_order_relaxed);
    if (how)
        how(w->subject);
}

/* A signal that is not ours, to whoever had it before. */
static void pass_on(int number, siginfo_t *info, void *context)
{
    if (handler_before.sa_flags & SA_SIGINFO)
        handler_before.sa_sigaction(number, info, context);
    else if (handler_before.sa_handler != SIG_DFL && handler_before.sa_handler != SIG_IGN)
        handler_before.sa_handler(number);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    struct watched_thread *self = watchdog_self;

    if (info->si_code != SI_QUEUE || info->si_value.sival_ptr != &lock)
        pass_on(number, info, context);
    for (int i = 0; self && i < WATCHES_MAX; i++) {
        struct watch *watch = &self->watches[i];
        bool is_innermost = i + 1 >= self->depth; /* a jump must not skip armed ones */
        bool hard;
        nudge_if_due(watch);
        if (is_due(watch, &hard))
            watch->bark(watch->subject, hard && is_innermost);
    }
    errno = saved;
}

/* Starting and stopping. */

void watchdog_set_nudge(void (*how)(void *subject))
{
    atomic_store(&nudge, how);
}

static void leave(void *record)
{
    struct watched_thread **link;

    pthread_mutex_lock(&lock);
    for (link = &threads; *link && *link != record; link = &(*link)->next)
        ;
    if (*link)
        *link = (*link)->next;
    pthread_mutex_unlock(&lock);
    watchdog_self = NULL;
    mem_free(record);
}

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

static void init_condition(void)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void after_fork_in_child(void)
{
    init_condition(); /* the watchdog waited on the old one */
    is_running = false;
    atomic_store(&watchdog_is_away, true);
    for (struct watched_thread *t = threads; t; t = t->next)
        t->is_gone = t != watchdog_self;
    if (watchdog_self)
        pthread_getcpuclockid(watchdog_self->thread, &watchdog_self->clock);
    pthread_mutex_unlock(&lock);
}

static void set_up(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};

    init_condition();
    pthread_key_create(&at_thread_exit, leave);
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, &handler_before);
}

static int create_thread(void)
{
    pthread_attr_t small;
    sigset_t all, before;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK_SIZE);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, &small, keep_watch, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&small);
    return error;
}

static int start_locked(void)
{
    if (is_running)
        return 0;
    if (is_stopping)
        return ECANCELED;
    can_go_away = !syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
    int error = create_thread();
    is_running = error == 0;
    return error;
}

enum err watchdog_start(struct fault *why)
{
    pthread_once(&once, set_up);
    pthread_mutex_lock(&lock);
    int error = start_locked();
    pthread_mutex_unlock(&lock);
    if (error)
        return fail(why, ERR_IO, "cannot start the thread that watches over scripts: %s",
                    strerror(error));
    return OK;
}

static void set_barking(int how)
{
    sigset_t ours;

    sigemptyset(&ours);
    sigaddset(&ours, SIGUSR1);
    pthread_sigmask(how, &ours, NULL);
}

/* The caller's turn has begun: no jump may leave the lock behind. */
bool watchdog_call_back(void)
{
    set_barking(SIG_BLOCK);
    bool is_there = watchdog_start(NULL) == OK;
    if (is_there) {
        pthread_mutex_lock(&lock);
        atomic_store(&watchdog_is_away, false);
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&lock);
    }
    set_barking(SIG_UNBLOCK);
    return is_there;
}

struct watched_thread *watchdog_join(void)
{
    if (watchdog_start(NULL))
        return NULL;
    struct watched_thread *self = mem_new(sizeof *self);
    self->thread = pthread_self();
    pthread_getcpuclockid(self->thread, &self->clock);
    pthread_setspecific(at_thread_exit, self);
    set_barking(SIG_UNBLOCK);
    watchdog_self = self;
    pthread_mutex_lock(&lock);
    self->next = threads;
    threads = self;
    pthread_mutex_unlock(&lock);
    return self;
}

/* At exit, and when a Lua that loaded us as a module unloads it: nothing may run or be
 * called in code that is no longer there. */
__attribute__((destructor)) static void stop(void)
{
    struct sigaction now;

    pthread_mutex_lock(&lock);
    bool was_running = is_running;
    is_stopping = true;
    is_running = false;
    if (was_running)
        pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    if (!was_running)
        return;
    pthread_join(thread, NULL);
    if (!sigaction(SIGUSR1, NULL, &now) && now.sa_sigaction == on_signal)
        sigaction(SIGUSR1, &handler_before, NULL);
    if (watchdog_self)
        leave(watchdog_self);
    pthread_key_delete(at_thread_exit);
}
