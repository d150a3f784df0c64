/* The crash sweep: an engine is killed at every input and output it makes in the
 * course of a scripted day, and at random instants; each time it starts again and
 * trades on. When the day is over its journal is held against the venue's truth.
 *
 * The day is lived many times. In the k-th it is killed at its k-th step, and
 * then again every `stride` steps, so that the days together leave no step out.
 * In every other day the second life ends early, while it still recovers.
 *
 * This process is the venue: it outlives the engine, as a venue does. What the
 * engine had sent before it died has arrived; what was on its way to the engine
 * has not. Time is virtual, so a day is the same day until the moment of the
 * kill, but for the random instants, which fall where they fall.
 *
 *     crash_sweep [--stride N] [--every N] [--random N] [--jobs N]
 *     crash_sweep --stride N --at K        that one day */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit.h"
#include "base/rng.h"
#include "day.h"
#include "engine/bus.h"
#include "engine_side.h"
#include "frame.h"

enum { DEATHS_MAX = 200, PATH_LEN = 200, RECOVERY_STEPS = 200 };

static char folder[PATH_LEN];

struct world {
    struct product_table products;
    struct fault_plan *faults;
    struct mock *mock;
    struct venue_port venue;
    struct bus *bus;
    int fd;
    nanos now, deadline;
    uint64_t kill_at; /* step of the first life; 0: nobody is killed */
    uint64_t stride;  /* of the later lives */
    uint64_t steps;   /* of the present life */
    int deaths;
    bool is_trading;
    char path[PATH_LEN + 32];
};

/* ---- the lives of the engine ---- */

static volatile pid_t engine_pid;

static void on_alarm(int signal)
{
    (void)signal;
    if (engine_pid > 0)
        kill(engine_pid, SIGKILL);
}

/* The step at which the coming life ends, 0: none. */
static uint64_t next_kill(const struct world *world)
{
    if (world->kill_at == 0 || world->deaths == 0)
        return world->kill_at;
    if (world->deaths == 1 && world->kill_at % 2)
        return 1 + world->kill_at % RECOVERY_STEPS;
    return world->stride;
}

static void give_birth(struct world *world)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) {
        perror("socketpair");
        exit(1);
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        engine_side_run(ends[1], world->path, next_kill(world));
    }
    close(ends[1]);
    world->fd = ends[0];
    world->steps = 0;
    engine_pid = pid;
    mock_connect(world->mock, world->bus);
}

/* Waits for it to be gone; 0 when it ended well. */
static int bury(struct world *world)
{
    int status = 0;
    pid_t pid = engine_pid;

    close(world->fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    engine_pid = 0;
    return status;
}

static void drop_events(struct world *world)
{
    while (bus_pop(world->bus))
        ;
}

/* ---- the venue's side of the wire ---- */

static void obey(struct world *world, const struct frame *frame)
{
    const struct venue_port *venue = &world->venue;

    if (frame->kind == FRAME_SUBMIT)
        venue->submit(venue->ctx, &frame->request);
    else if (frame->kind == FRAME_CANCEL)
        venue->cancel(venue->ctx, &frame->client_id, &frame->venue_id);
    else if (frame->kind == FRAME_AMEND)
        venue->amend(venue->ctx, &frame->amend);
    else if (frame->kind == FRAME_QUERY_ORDER)
        venue->query_order(venue->ctx, frame->query, &frame->client_id, &frame->venue_id);
    else if (frame->kind == FRAME_QUERY_ORDERS)
        venue->query_orders(venue->ctx, frame->query, frame->time);
    else if (frame->kind == FRAME_QUERY_FILLS)
        venue->query_fills(venue->ctx, frame->query, frame->time);
    else if (frame->kind == FRAME_QUERY_ACCOUNT)
        venue->query_account(venue->ctx, frame->query);
}

static bool hear(struct world *world)
{
    struct frame frame;

    while (frame_receive(world->fd, &frame)) {
        if (frame.kind == FRAME_DONE) {
            world->deadline = frame.time;
            world->steps = frame.query;
            return true;
        }
        obey(world, &frame);
    }
    return false;
}

static bool tell(struct world *world, enum frame_kind kind)
{
    struct frame frame = {.kind = FRAME_EVENT};
    const struct event *event;

    while (kind == FRAME_TURN && (event = bus_pop(world->bus))) {
        frame.event = *event;
        if (!frame_send(world->fd, &frame))
            return false;
    }
    frame = (struct frame){.kind = kind, .time = world->now, .is_trading = world->is_trading};
    return frame_send(world->fd, &frame) && hear(world);
}

static bool live_again(struct world *world);

/* Until it is done, in as many lives as it takes. False: it cannot live. */
static bool insist(struct world *world, enum frame_kind kind)
{
    while (!tell(world, kind)) {
        hear(world); /* what it had sent before it died */
        int status = bury(world);
        if (kind == FRAME_STOP && status == 0)
            return true;
        if (!live_again(world))
            return false;
        if (kind == FRAME_START)
            return true;
    }
    return true;
}

static bool live_again(struct world *world)
{
    if (++world->deaths > DEATHS_MAX)
        return false;
    drop_events(world);
    give_birth(world);
    return insist(world, FRAME_START);
}

/* ---- a day ---- */

static void open_world(struct world *world, uint64_t kill_at, uint64_t stride)
{
    struct engine_settings settings;
    struct mock_setup setup;

    memset(world, 0, sizeof *world);
    day_products(&world->products);
    day_settings(&settings);
    setup = day_venue(&settings);
    world->faults = day_faults();
    world->mock = mock_new(&world->products, &setup);
    world->venue = mock_port(world->mock);
    world->bus = bus_new(65536);
    world->now = day_start;
    world->kill_at = kill_at;
    world->stride = stride;
    mock_deposit(world->mock, settings.currency, day_cash());
    mock_set_faults(world->mock, world->faults);
    snprintf(world->path, sizeof world->path, "%s/%d.db", folder, (int)getpid());
}

static void close_world(struct world *world)
{
    static const char *const parts[] = {"", "-wal", "-shm", ".lock"};
    char file[sizeof world->path + 8];

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        snprintf(file, sizeof file, "%s%s", world->path, parts[i]);
        unlink(file);
    }
    bus_free(world->bus);
    mock_free(world->mock);
    fault_plan_free(world->faults);
}

static bool trade_until(struct world *world, nanos end)
{
    while (world->now < end) {
        nanos next = mock_next_time(world->mock);
        next = world->deadline < next ? world->deadline : next;
        world->now = next > world->now ? next : world->now;
        mock_advance(world->mock, world->now);
        if (!insist(world, FRAME_TURN))
            return false;
    }
    return true;
}

static bool live_the_day(struct world *world)
{
    nanos evening = day_start + DAY_CYCLES * day_cycle;

    give_birth(world);
    if (!insist(world, FRAME_START))
        return false;
    world->is_trading = true;
    if (!trade_until(world, evening))
        return false;
    world->is_trading = false;
    mock_set_faults(world->mock, NULL);
    if (!trade_until(world, evening + DAY_QUIET_CYCLES * day_cycle))
        return false;
    world->now += SECONDS(1); /* between two moves of the market: all is told */
    mock_advance(world->mock, world->now);
    if (!insist(world, FRAME_TURN) || !insist(world, FRAME_STOP))
        return false;
    if (engine_pid)
        bury(world);
    return true;
}

struct outcome {
    struct audit audit;
    uint64_t steps;
    int deaths;
};

static void run_day(uint64_t kill_at, uint64_t stride, struct outcome *out)
{
    struct world world;

    open_world(&world, kill_at, stride);
    memset(out, 0, sizeof *out);
    if (live_the_day(&world)) {
        audit_run(world.path, mock_simulator(world.mock), &out->audit);
    } else {
        out->audit.lost = 1;
        snprintf(out->audit.first, sizeof out->audit.first, "the engine cannot live");
    }
    out->steps = world.steps;
    out->deaths = world.deaths;
    close_world(&world);
}

/* ---- the sweep ---- */

struct plan {
    uint64_t stride, every, random, jobs, at;
};

struct tally {
    uint64_t points, lost, doubled;
};

static void judge(struct tally *tally, const char *where, uint64_t at,
                  const struct outcome *outcome)
{
    tally->points += (uint64_t)outcome->deaths;
    tally->lost += (uint64_t)outcome->audit.lost;
    tally->doubled += (uint64_t)outcome->audit.doubled;
    if (outcome->audit.first[0])
        printf("killed at %s %llu, %d deaths: %s\n", where, (unsigned long long)at,
               outcome->deaths, outcome->audit.first);
    fflush(stdout);
}

static void set_alarm(int64_t microseconds)
{
    struct itimerval timer = {.it_value = {microseconds / 1000000, microseconds % 1000000}};

    setitimer(ITIMER_REAL, &timer, NULL);
}

static void sweep(const struct plan *plan, uint64_t job, nanos day_time, struct tally *tally)
{
    struct rng rng = rng_stream(job, "instants");
    struct outcome outcome;

    for (uint64_t at = 1 + job * plan->every; at <= plan->stride;
         at += plan->every * plan->jobs) {
        run_day(at, plan->stride, &outcome);
        judge(tally, "step", at, &outcome);
    }
    signal(SIGALRM, on_alarm);
    for (uint64_t i = job; i < plan->random; i += plan->jobs) {
        int64_t instant = rng_between(&rng, 1, day_time / 1000);
        set_alarm(instant);
        run_day(0, 0, &outcome);
        set_alarm(0);
        judge(tally, "microsecond", (uint64_t)instant, &outcome);
    }
}

/* Every job in a process of its own, which writes its tally into a pipe. */
static void sweep_all(const struct plan *plan, nanos day_time, struct tally *sum)
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
        sweep(plan, job, day_time, &tally);
        _exit(write(ends[1], &tally, sizeof tally) == (ssize_t)sizeof tally ? 0 : 1);
    }
    close(ends[1]);
    while (read(ends[0], &tally, sizeof tally) == (ssize_t)sizeof tally) {
        sum->points += tally.points;
        sum->lost += tally.lost;
        sum->doubled += tally.doubled;
    }
    close(ends[0]);
    for (uint64_t job = 0; job < plan->jobs; job++) {
        int status = 0;
        wait(&status);
        sum->lost += status != 0; /* a job that died found something too */
    }
}

static struct plan read_plan(int argc, char **argv)
{
    struct plan plan = {.stride = 500,
                        .every = 1,
                        .random = 300,
                        .jobs = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN)};

    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t value = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--stride") == 0 && value > RECOVERY_STEPS)
            plan.stride = value;
        else if (strcmp(argv[i], "--every") == 0 && value > 0)
            plan.every = value;
        else if (strcmp(argv[i], "--random") == 0)
            plan.random = value;
        else if (strcmp(argv[i], "--jobs") == 0 && value > 0)
            plan.jobs = value;
        else if (strcmp(argv[i], "--at") == 0)
            plan.at = value;
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
    struct outcome whole;

    make_folder();
    nanos before = clock_monotonic();
    run_day(plan.at, plan.stride, &whole); /* nobody is killed, or at the step asked for */
    nanos day_time = clock_monotonic() - before;
    printf("a day: %d orders, %d fills, %llu steps, %d deaths, %lld ms\n", whole.audit.orders,
           whole.audit.fills, (unsigned long long)whole.steps, whole.deaths,
           (long long)(day_time / MILLISECONDS(1)));
    judge(&tally, "step", plan.at, &whole);
    if (!plan.at)
        sweep_all(&plan, day_time, &tally);
    rmdir(folder);
    printf("crash-sweep: %llu kill points, %llu lost, %llu doubled\n",
           (unsigned long long)tally.points, (unsigned long long)tally.lost,
           (unsigned long long)tally.doubled);
    return tally.lost || tally.doubled;
}
