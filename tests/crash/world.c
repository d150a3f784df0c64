/* The venue's process: it outlives the engine, as a venue does. */
#include "world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "day.h"
#include "engine/bus.h"
#include "frame.h"

enum { DEATHS_MAX = 400, PATH_MAX_LEN = 240 };

struct world {
    struct product_table products;
    struct fault_plan *faults;
    struct mock *mock;
    struct venue_port venue;
    struct bus *bus;
    int fd;
    nanos now, deadline;
    struct fate fate;
    struct engine_life life; /* the present one */
    uint64_t steps;          /* of it */
    int deaths;
    bool is_trading;
    char path[PATH_MAX_LEN];
    char accident[128]; /* the first end of a life that was nobody's plan */
};

/* ---- the lives of the engine ---- */

static volatile pid_t engine_pid;

void world_kill_engine(void)
{
    if (engine_pid > 0)
        kill(engine_pid, SIGKILL);
}

/* When it is night what is unknown has to be found out, and some of that takes minutes. */
static bool is_night(const struct world *world)
{
    return world->now > day_start + (DAY_CYCLES + DAY_EVENING_CYCLES) * day_cycle;
}

/* The step at which the coming life meets its fate, 0: never. */
static uint64_t next_step(const struct world *world)
{
    const struct fate *fate = &world->fate;

    if (is_night(world))
        return 0;
    if (fate->first == 0 || world->deaths == 0)
        return fate->first;
    if (world->deaths == 1 && fate->first % 2)
        return 1 + fate->first % RECOVERY_STEPS;
    return fate->stride;
}

static void give_birth(struct world *world)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) {
        perror("socketpair");
        exit(1);
    }
    world->life.step = next_step(world);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        engine_side_run(ends[1], &world->life);
    }
    close(ends[1]);
    world->fd = ends[0];
    world->steps = 0;
    engine_pid = pid;
    mock_connect(world->mock, world->bus);
}

static bool is_planned(const struct world *world, int status)
{
    bool dies = world->life.way == MORTAL_KILL || world->life.way == MORTAL_POWER;

    if (WIFEXITED(status))
        return WEXITSTATUS(status) == 0 || (!dies && WEXITSTATUS(status) == ENGINE_GAVE_UP);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && dies;
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
    if (!is_planned(world, status) && !world->accident[0])
        snprintf(world->accident, sizeof world->accident,
                 WIFSIGNALED(status) ? "the engine died of signal %d in life %d"
                                     : "the engine ended with code %d in life %d",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                 world->deaths + 1);
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
    else if (frame->kind == FRAME_PREVIEW)
        venue->preview(venue->ctx, frame->query, &frame->request);
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

static void open_world(struct world *world, const char *folder, const struct fate *fate)
{
    struct engine_settings settings;
    struct mock_setup setup;

    memset(world, 0, sizeof *world);
    world->fate = *fate;
    day_products(&world->products);
    day_settings(&settings);
    setup = day_venue(&settings);
    world->faults = day_faults();
    world->mock = mock_new(&world->products, &setup);
    world->venue = mock_port(world->mock);
    world->bus = bus_new(65536);
    world->now = day_start;
    mock_deposit(world->mock, settings.currency, day_cash());
    mock_set_faults(world->mock, world->faults);
    snprintf(world->path, sizeof world->path, "%s/%d.db", folder, (int)getpid());
    world->life =
        (struct engine_life){.path = world->path, .way = fate->way, .mistake = fate->mistake};
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

void world_run_day(const char *folder, const struct fate *fate, struct day_result *out)
{
    struct world world;

    open_world(&world, folder, fate);
    memset(out, 0, sizeof *out);
    if (live_the_day(&world))
        audit_run(world.path, mock_simulator(world.mock), &out->audit);
    else
        snprintf(world.accident, sizeof world.accident, "the engine cannot live");
    if (world.accident[0] && !out->audit.first[0])
        memcpy(out->audit.first, world.accident, sizeof world.accident);
    out->audit.lost += world.accident[0] != 0;
    out->steps = world.steps;
    out->deaths = world.deaths;
    close_world(&world);
}
