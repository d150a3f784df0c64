#include "script/watchdog.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

/* Installed before the watchdog has its own. */
static volatile sig_atomic_t foreign_signals;

static void on_foreign_signal(int number)
{
    (void)number;
    foreign_signals++;
}

__attribute__((constructor)) static void install_foreign_handler(void)
{
    signal(SIGUSR1, on_foreign_signal);
}

struct stretch {
    volatile sig_atomic_t soft, hard;
};

static void count_bark(void *subject, bool hard)
{
    struct stretch *stretch = subject;

    if (hard)
        stretch->hard++;
    else
        stretch->soft++;
}

static const nanos soft = MICROSECONDS(1000), extra = MICROSECONDS(1000), never = SECONDS(1000);

static void work_until(const volatile sig_atomic_t *flag)
{
    while (!*flag)
        ;
}

TEST(a_long_stretch_is_barked_at_softly_then_hard)
{
    struct stretch stretch = {0, 0};

    assert_true(watchdog_arm(count_bark, &stretch, soft, extra));
    work_until(&stretch.soft);
    assert_int_equal(stretch.hard, 0);
    work_until(&stretch.hard);
    watchdog_disarm();
}

TEST(nothing_is_barked_at_once_it_is_over)
{
    struct stretch stretch = {0, 0}, other = {0, 0};

    assert_true(watchdog_arm(count_bark, &stretch, soft, never));
    work_until(&stretch.soft);
    watchdog_disarm();
    int barks = stretch.soft;
    assert_true(watchdog_arm(count_bark, &other, soft, never));
    work_until(&other.soft);
    watchdog_disarm();
    assert_int_equal(stretch.soft, barks);
}

TEST(short_stretches_in_a_row_are_not_one_long_one)
{
    struct stretch stretch = {0, 0};

    for (int i = 0; i < 200000; i++) {
        assert_true(watchdog_arm(count_bark, &stretch, MILLISECONDS(500), never));
        watchdog_disarm();
    }
    assert_int_equal(stretch.soft, 0);
}

TEST(time_without_a_processor_does_not_count)
{
    struct stretch stretch = {0, 0};
    struct timespec span = {0, MILLISECONDS(15)};

    assert_true(watchdog_arm(count_bark, &stretch, MILLISECONDS(5), never));
    nanosleep(&span, NULL);
    watchdog_disarm();
    assert_int_equal(stretch.soft, 0);
}

TEST(stretches_nest_and_only_the_innermost_is_barked_at_hard)
{
    struct stretch stretches[WATCHES_MAX] = {{0, 0}}, extra_one = {0, 0};

    for (int i = 0; i < WATCHES_MAX; i++)
        assert_true(watchdog_arm(count_bark, &stretches[i], soft, extra));
    assert_false(watchdog_arm(count_bark, &extra_one, soft, extra));
    work_until(&stretches[WATCHES_MAX - 1].hard);
    for (int i = 0; i < WATCHES_MAX - 1; i++) {
        work_until(&stretches[i].soft);
        assert_int_equal(stretches[i].hard, 0);
    }
    for (int i = WATCHES_MAX; i > 0; i--) {
        work_until(&stretches[i - 1].hard);
        watchdog_disarm();
    }
}

static sigjmp_buf landing;

static void jump_away(void *subject, bool hard)
{
    (void)subject;
    if (hard)
        siglongjmp(landing, 1);
}

TEST(a_bark_may_jump_away)
{
    for (int i = 0; i < 20; i++) {
        if (!sigsetjmp(landing, 1)) {
            assert_true(watchdog_arm(jump_away, NULL, soft, extra));
            for (;;)
                ;
        }
        watchdog_disarm();
    }
}

TEST(a_signal_of_somebody_else_goes_to_its_handler)
{
    struct stretch stretch = {0, 0};
    int before = foreign_signals;

    assert_true(watchdog_arm(count_bark, &stretch, never, never));
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    while (foreign_signals < before + 1)
        ;
    watchdog_disarm();
    assert_int_equal(stretch.soft, 0);
}

static void *bark_once(void *context)
{
    struct stretch *stretch = context;

    if (!watchdog_arm(count_bark, stretch, soft, never))
        return NULL;
    work_until(&stretch->soft);
    watchdog_disarm();
    return stretch;
}

static void *bark_once_in_a_quiet_thread(void *context)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL); /* joining the watchdog opens SIGUSR1 again */
    return bark_once(context);
}

TEST(threads_come_and_go)
{
    for (int i = 0; i < 30; i++) {
        struct stretch stretch = {0, 0};
        pthread_t thread;
        void *result;
        assert_int_equal(pthread_create(&thread, NULL, bark_once_in_a_quiet_thread, &stretch),
                         0);
        pthread_join(thread, &result);
        assert_ptr_equal(result, &stretch);
    }
}

TEST(a_child_process_is_watched_too)
{
    struct stretch stretch = {0, 0};
    int status;

    assert_true(watchdog_arm(count_bark, &stretch, never, never)); /* the parent's is awake */
    watchdog_disarm();
    pid_t child = fork();
    if (child == 0)
        _exit(bark_once(&stretch) == &stretch ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_ptr_equal(bark_once(&stretch), &stretch);
}

/* The watchdog goes to sleep after a while without work; the first stretch wakes it. */
TEST(a_sleeping_watchdog_wakes_up)
{
    struct timespec span = {0, MILLISECONDS(1)};
    struct stretch stretch = {0, 0};

    for (int i = 0; i < 2000 && !atomic_load(&watchdog_is_away); i++)
        nanosleep(&span, NULL);
    assert_ptr_equal(bark_once(&stretch), &stretch);
}
