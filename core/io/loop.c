#include "io/loop.h"

#include <assert.h>
#include <signal.h>

#include <uv.h>

#include "base/mem.h"

struct loop {
    uv_loop_t uv;
    uv_timer_t timer;
    uv_signal_t interrupt, terminate;
    bool has_signals, woke;
    int signal;
};

enum err loop_new(struct loop **out, struct fault *why)
{
    struct loop *loop = mem_new(sizeof *loop);
    int code = uv_loop_init(&loop->uv);

    if (code) {
        mem_free(loop);
        return fail(why, ERR_IO, "cannot make an event loop: %s", uv_strerror(code));
    }
    uv_timer_init(&loop->uv, &loop->timer);
    loop->timer.data = loop;
    *out = loop;
    return OK;
}

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT); /* lets the handles finish closing */
    int code = uv_loop_close(&loop->uv);
    assert(code == 0);
    (void)code;
    mem_free(loop);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct loop *loop = handle->data;

    loop->signal = number;
    loop_wake(loop);
}

static int catch_one(struct loop *loop, uv_signal_t *handle, int number)
{
    uv_signal_init(&loop->uv, handle);
    handle->data = loop;
    int code = uv_signal_start(handle, on_signal, number);
    uv_unref((uv_handle_t *)handle);
    return code;
}

enum err loop_catch_signals(struct loop *loop, struct fault *why)
{
    /* A reader of the log that goes away must not take the engine with it. */
    signal(SIGPIPE, SIG_IGN);
    int code = catch_one(loop, &loop->interrupt, SIGINT);

    if (!code)
        code = catch_one(loop, &loop->terminate, SIGTERM);
    loop->has_signals = true;
    return code ? fail(why, ERR_IO, "cannot catch signals: %s", uv_strerror(code)) : OK;
}

int loop_signal(const struct loop *loop)
{
    return loop->signal;
}

static void on_timer(uv_timer_t *timer)
{
    loop_wake(timer->data);
}

/* libuv sleeps in whole milliseconds: rounded up, so that the time has come when it returns. */
static uint64_t milliseconds_until(nanos deadline)
{
    nanos left = deadline - clock_monotonic();

    return left <= 0 ? 0 : (uint64_t)((left + MILLISECONDS(1) - 1) / MILLISECONDS(1));
}

void loop_wait(struct loop *loop, nanos deadline)
{
    uint64_t left = milliseconds_until(deadline);

    loop->woke = false;
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    if (loop->woke || left == 0)
        return;
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->timer, on_timer, left, 0);
    uv_run(&loop->uv, UV_RUN_ONCE);
    uv_timer_stop(&loop->timer);
}

void loop_wake(struct loop *loop)
{
    loop->woke = true;
    uv_stop(&loop->uv);
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return &loop->uv;
}
