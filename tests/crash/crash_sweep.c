/* The crash sweep: an engine is killed at every input and output it makes in the
 * course of a scripted day, and at random instants; each time it starts again and
 * trades on. When the day is over its journal is held against the venue's truth.
 *
 * The day is lived many times. In the k-th it meets its fate (mortal.h) at its
 * k-th step, and then again every `stride` steps, so that the days together leave
 * no step out. In every other day the second life ends early, while it still
 * recovers. Each way (mortal.h) has a sweep of its own.
 *
 * Time is virtual, so a day is the same day until the first end of a life, but for
 * the random instants, which fall where they fall.
 *
 *     crash_sweep [--way NAME] [--stride N] [--every N] [--random N] [--jobs N]
 *     crash_sweep --way NAME --stride N --at K      that one day
 *     crash_sweep --quick                           a sample, in seconds
 *     crash_sweep --break NAME                      with an engine that makes a mistake */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"
#include "world.h"

enum { PATH_LEN = 200, ORDERS_MIN = 200, TRIES_MAX = 10 };

static char folder[PATH_LEN];

struct plan {
    int way; /* MORTAL_WAY_COUNT: all of them */
    uint64_t stride, every, random, jobs, at;
    enum mistake mistake;
};

struct tally {
    uint64_t days, points, lost, doubled;
};

static void add(struct tally *sum, const struct tally *more)
{
    sum->days += more->days;
    sum->points += more->points;
    sum->lost += more->lost;
    sum->doubled += more->doubled;
}

static void judge(struct tally *tally, const char *where, uint64_t at,
                  const struct day_result *outcome)
{
    struct tally day = {1, (uint64_t)outcome->deaths, (uint64_t)outcome->audit.lost,
                        (uint64_t)outcome->audit.doubled};

    add(tally, &day);
    if (outcome->audit.first[0])
        printf("%s %llu, %d ends: %s\n", where, (unsigned long long)at, outcome->deaths,
               outcome->audit.first);
    fflush(stdout);
}

/* ---- one sweep ---- */

/* What a start needs until its first sync must fit into a life without power, and what it reads
 * into one on a disk that fails, or nothing ever gets further. */
static uint64_t stride_of(const struct plan *plan, enum mortal_way way)
{
    return way == MORTAL_POWER || way == MORTAL_IOERR ? 4 * plan->stride : plan->stride;
}

static void run_steps(const struct plan *plan, enum mortal_way way, uint64_t job,
                      struct tally *tally)
{
    struct day_result outcome;
    char where[32];

    snprintf(where, sizeof where, "%s at step", mortal_way_name(way));
    uint64_t stride = stride_of(plan, way);
    for (uint64_t at = 1 + job * plan->every; at <= stride; at += plan->every * plan->jobs) {
        struct fate fate = {way, at, stride, plan->mistake};
        world_run_day(folder, &fate, &outcome);
        judge(tally, where, at, &outcome);
    }
}

static void on_alarm(int signal)
{
    (void)signal;
    world_kill_engine();
}

static void set_alarm(int64_t microseconds)
{
    struct itimerval timer = {.it_value = {microseconds / 1000000, microseconds % 1000000}};

    setitimer(ITIMER_REAL, &timer, NULL);
}

/* A day may be over sooner than the first one was: then again, and earlier. */
static void run_instant(enum mistake mistake, int64_t instant, struct tally *tally)
{
    struct fate fate = {.way = MORTAL_KILL, .mistake = mistake};
    struct day_result day = {.deaths = 0};

    for (int tries = 0; tries < TRIES_MAX && day.deaths == 0; tries++) {
        set_alarm(instant);
        world_run_day(folder, &fate, &day);
        set_alarm(0);
        judge(tally, "killed at microsecond", (uint64_t)instant, &day);
        instant = instant / 2 + 1000;
    }
}

static void run_instants(const struct plan *plan, nanos day_time, uint64_t job,
                         struct tally *tally)
{
    struct rng rng = rng_stream(job, "instants");

    signal(SIGALRM, on_alarm);
    for (uint64_t i = job; i < plan->random; i += plan->jobs)
        run_instant(plan->mistake, rng_between(&rng, 1, day_time / 1000), tally);
}

/* Every job in a process of its own, which writes its tally into a pipe. `way`
 * MORTAL_WAY_COUNT: at random instants. */
static void sweep(const struct plan *plan, int way, nanos day_time, struct tally *sum)
{
    int ends[2];
    struct tally tally;

    if (pipe(ends) != 0)
        exit(1);
    for (uint64_t job = 0; job < plan->jobs; job++) {
        fflush(NULL);
        if (fork() != 0)
            continue;
        memset(&tally, 0, sizeof tally);
        if (way == MORTAL_WAY_COUNT)
            run_instants(plan, day_time, job, &tally);
        else
            run_steps(plan, (enum mortal_way)way, job, &tally);
        _exit(write(ends[1], &tally, sizeof tally) == (ssize_t)sizeof tally ? 0 : 1);
    }
    close(ends[1]);
    while (read(ends[0], &tally, sizeof tally) == (ssize_t)sizeof tally)
        add(sum, &tally);
    close(ends[0]);
    for (uint64_t job = 0; job < plan->jobs; job++) {
        int status = 0;
        wait(&status);
        sum->lost += status != 0; /* a job that died found something too */
    }
}

static void print_tally(const char *name, const struct tally *tally, nanos since)
{
    printf("%s: %llu days, %llu ends, %llu lost, %llu doubled, %.1f s\n", name,
           (unsigned long long)tally->days, (unsigned long long)tally->points,
           (unsigned long long)tally->lost, (unsigned long long)tally->doubled,
           (double)(clock_monotonic() - since) / 1e9);
    fflush(stdout);
}

/* ---- all of them ---- */

static void sweep_all(const struct plan *plan, nanos day_time, struct tally *sum)
{
    for (int way = 0; way <= MORTAL_WAY_COUNT; way++) {
        struct tally tally = {0};
        nanos since = clock_monotonic();
        bool is_instants = way == MORTAL_WAY_COUNT;
        if (plan->way != MORTAL_WAY_COUNT && plan->way != (is_instants ? MORTAL_KILL : way))
            continue;
        sweep(plan, way, day_time, &tally);
        add(sum, &tally);
        print_tally(is_instants ? "random instants" : mortal_way_name((enum mortal_way)way),
                    &tally, since);
    }
}

/* Nobody meets anything, or at the step asked for; how long it takes. */
static nanos run_whole_day(const struct plan *plan, struct tally *tally)
{
    enum mortal_way way =
        plan->way == MORTAL_WAY_COUNT ? MORTAL_KILL : (enum mortal_way)plan->way;
    struct fate fate = {way, plan->at, stride_of(plan, way), plan->mistake};
    struct day_result whole;
    nanos before = clock_monotonic();

    world_run_day(folder, &fate, &whole);
    nanos took = clock_monotonic() - before;
    printf("a day: %d orders, %d amends, %d fills, %llu steps, %d ends, %lld ms\n",
           whole.audit.orders, whole.audit.amends, whole.audit.fills,
           (unsigned long long)whole.steps, whole.deaths, (long long)(took / MILLISECONDS(1)));
    judge(tally, "step", plan->at, &whole);
    if (whole.audit.orders < ORDERS_MIN && !plan->at) {
        printf("a day of fewer than %d orders shows too little\n", ORDERS_MIN);
        tally->lost++;
    }
    return took;
}

/* ---- the program ---- */

static int find_way(const char *name)
{
    for (int way = 0; way < MORTAL_WAY_COUNT; way++)
        if (strcmp(mortal_way_name((enum mortal_way)way), name) == 0)
            return way;
    fprintf(stderr, "crash_sweep: there is no way \"%s\"\n", name);
    exit(2);
}

static enum mistake find_mistake(const char *name)
{
    const char *known;

    for (int i = 0; (known = mistake_name((enum mistake)i)); i++)
        if (strcmp(known, name) == 0)
            return (enum mistake)i;
    fprintf(stderr, "crash_sweep: there is no mistake \"%s\"\n", name);
    exit(2);
}

/* A number from `min` on. */
static uint64_t read_number(const char *option, const char *text, uint64_t min)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);

    if (*text >= '0' && *text <= '9' && !*end && value >= min)
        return value;
    fprintf(stderr, "crash_sweep: %s takes a number from %llu on, not \"%s\"\n", option,
            (unsigned long long)min, text);
    exit(2);
}

static void read_option(struct plan *plan, const char *option, const char *value)
{
    if (strcmp(option, "--way") == 0)
        plan->way = find_way(value);
    else if (strcmp(option, "--break") == 0)
        plan->mistake = find_mistake(value);
    else if (strcmp(option, "--stride") == 0)
        plan->stride = read_number(option, value, RECOVERY_STEPS + 1);
    else if (strcmp(option, "--every") == 0)
        plan->every = read_number(option, value, 1);
    else if (strcmp(option, "--random") == 0)
        plan->random = read_number(option, value, 0);
    else if (strcmp(option, "--jobs") == 0)
        plan->jobs = read_number(option, value, 1);
    else if (strcmp(option, "--at") == 0)
        plan->at = read_number(option, value, 1);
    else {
        fprintf(stderr, "crash_sweep: there is no option %s\n", option);
        exit(2);
    }
}

static struct plan read_plan(int argc, char **argv)
{
    struct plan plan = {.way = MORTAL_WAY_COUNT,
                        .stride = 250,
                        .every = 1,
                        .random = 300,
                        .jobs = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN)};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            plan.every = 125;
            plan.random = 4;
        } else if (i + 1 < argc) {
            read_option(&plan, argv[i], argv[i + 1]);
            i++;
        } else {
            fprintf(stderr, "crash_sweep: %s takes a value\n", argv[i]);
            exit(2);
        }
    }
    return plan;
}

static void make_folder(void)
{
    const char *base = getenv("TMPDIR");

    if (!base)
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/crash-sweep-XXXXXX", base);
    if (!mkdtemp(folder)) {
        perror(folder);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    struct plan plan = read_plan(argc, argv);
    struct tally tally = {0};
    nanos before = clock_monotonic();

    make_folder();
    nanos day_time = run_whole_day(&plan, &tally);
    if (!plan.at)
        sweep_all(&plan, day_time, &tally);
    rmdir(folder);
    print_tally("in all", &tally, before);
    printf("crash-sweep: %llu kill points, %llu lost, %llu doubled\n",
           (unsigned long long)tally.points, (unsigned long long)tally.lost,
           (unsigned long long)tally.doubled);
    return tally.lost || tally.doubled;
}
