#include "mortal.h"

#include <assert.h>
#include <signal.h>
#include <unistd.h>

#include "../c/store/faulty_vfs.h"
#include "base/attr.h"

static struct {
    enum mortal_way way;
    uint64_t steps, last;
    const char *path;
} mortal;

static const char *const names[] = {
    [MORTAL_KILL] = "kill",   [MORTAL_POWER] = "power", [MORTAL_FULL] = "full",
    [MORTAL_IOERR] = "ioerr", [MORTAL_BUSY] = "busy",   [MORTAL_LOCKED] = "locked"};
static_assert(ARRAY_LEN(names) == MORTAL_WAY_COUNT, "name every way");

const char *mortal_way_name(enum mortal_way way)
{
    return names[way];
}

NORETURN static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* The shared memory goes with the machine. */
NORETURN static void lose_power(void)
{
    struct rng rng = rng_stream(mortal.last, "power");
    char shm[300];

    faulty_take_back(&rng);
    snprintf(shm, sizeof shm, "%s-shm", mortal.path);
    unlink(shm);
    die();
}

static bool is_last(void)
{
    return ++mortal.steps == mortal.last;
}

void mortal_step(void)
{
    bool dies = mortal.way == MORTAL_KILL || mortal.way == MORTAL_POWER;

    if (!dies || !is_last())
        return;
    if (mortal.way == MORTAL_POWER)
        lose_power();
    die();
}

/* ---- each way, at something that touches a file ---- */

static int meet_kill(struct faulty_file *file, enum faulty_op op, const void *bytes, int len,
                     sqlite3_int64 at)
{
    if (op == FAULTY_READ || op == FAULTY_LOCK || !is_last())
        return SQLITE_OK;
    if (op == FAULTY_WRITE)
        file->real->pMethods->xWrite(file->real, bytes, len / 2, at);
    die();
}

static int meet_power(struct faulty_file *file, enum faulty_op op, const void *bytes, int len,
                      sqlite3_int64 at)
{
    if (op == FAULTY_READ || op == FAULTY_LOCK || !is_last())
        return SQLITE_OK;
    if (op == FAULTY_WRITE)
        faulty_record(file, bytes, len, at, false); /* it may get through, or a part of it */
    lose_power();
}

static int meet_full(struct faulty_file *file, enum faulty_op op, const void *bytes, int len,
                     sqlite3_int64 at)
{
    (void)file, (void)bytes, (void)len, (void)at;
    if (op == FAULTY_READ || op == FAULTY_LOCK)
        return SQLITE_OK;
    return ++mortal.steps >= mortal.last && mortal.last ? SQLITE_FULL : SQLITE_OK;
}

static int meet_ioerr(struct faulty_file *file, enum faulty_op op, const void *bytes, int len,
                      sqlite3_int64 at)
{
    static const int codes[] = {[FAULTY_READ] = SQLITE_IOERR_READ,
                                [FAULTY_WRITE] = SQLITE_IOERR_WRITE,
                                [FAULTY_CUT] = SQLITE_IOERR_TRUNCATE,
                                [FAULTY_SYNC] = SQLITE_IOERR_FSYNC};

    (void)file, (void)bytes, (void)len, (void)at;
    return op != FAULTY_LOCK && is_last() ? codes[op] : SQLITE_OK;
}

/* How many attempts at a lock there were since the fate began, 0: it has not. */
static uint64_t count_attempts(enum faulty_op op)
{
    if (op != FAULTY_LOCK || ++mortal.steps < mortal.last || !mortal.last)
        return 0;
    return 1 + mortal.steps - mortal.last;
}

static int meet_busy(struct faulty_file *file, enum faulty_op op, const void *bytes, int len,
                     sqlite3_int64 at)
{
    (void)file, (void)bytes, (void)len, (void)at;
    /* As if by chance: in a rhythm one of the two locks of a transaction never got through. */
    uint32_t mixed = (uint32_t)count_attempts(op) * UINT32_C(2654435761);
    return mixed >> 31 ? SQLITE_BUSY : SQLITE_OK;
}

static int meet_lock(struct faulty_file *file, enum faulty_op op, const void *bytes, int len,
                     sqlite3_int64 at)
{
    (void)file, (void)bytes, (void)len, (void)at;
    return count_attempts(op) ? SQLITE_BUSY : SQLITE_OK;
}

void mortal_begin(enum mortal_way way, uint64_t step, const char *path)
{
    static int (*const hooks[])(struct faulty_file *, enum faulty_op, const void *, int,
                                sqlite3_int64) = {
        [MORTAL_KILL] = meet_kill,   [MORTAL_POWER] = meet_power, [MORTAL_FULL] = meet_full,
        [MORTAL_IOERR] = meet_ioerr, [MORTAL_BUSY] = meet_busy,   [MORTAL_LOCKED] = meet_lock};

    faulty_reset();
    faulty.hook = hooks[way];
    faulty.records = way == MORTAL_POWER;
    mortal.way = way;
    mortal.steps = 0;
    mortal.last = step;
    mortal.path = path;
}

uint64_t mortal_steps(void)
{
    return mortal.steps;
}
