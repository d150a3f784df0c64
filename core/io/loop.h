/* Waiting: for a time, a signal, a descriptor. One libuv loop, one thread.
 *
 * The engine's driver owns the order of things (DESIGN.md section 3); this only
 * sleeps for it, and calls back while it does. */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/err.h"

struct loop;
struct uv_loop_s;

enum err loop_new(struct loop **out, struct fault *why) MUST_CHECK;
void loop_free(struct loop *loop);

/* SIGINT and SIGTERM only set a flag: the driver ends its turn, then stops. SIGPIPE is ignored.
 */
enum err loop_catch_signals(struct loop *loop, struct fault *why) MUST_CHECK;
/* The signal that came, 0 while none did. */
int loop_signal(const struct loop *loop);

/* Handles what is ready, then sleeps until the monotonic deadline or until something happened,
 * whichever is first. A deadline in the past only handles what is ready. */
void loop_wait(struct loop *loop, nanos deadline);
/* Makes a wait that is under way return; called from callbacks on the loop. */
void loop_wake(struct loop *loop);

/* For the modules of this layer that put their handles on it. */
struct uv_loop_s *loop_uv(struct loop *loop);

#endif
