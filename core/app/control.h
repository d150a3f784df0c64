/* Asking and commanding a running engine: what goes over its socket.
 *
 * A request is {"command":"pause","who":"anna","why":"...","seconds":600}, and
 * "symbol" where the level is that of one; the
 * answer {"ok":true,...status...} or {"ok":false,"error":"..."}. */
#ifndef APP_CONTROL_H
#define APP_CONTROL_H

#include "base/buf.h"
#include "engine/engine.h"
#include "venue/courier.h"

enum { CONTROL_PATH_MAX = 512 };

/* The socket beside a journal: control.sock in its folder. */
void control_path_of(const char *journal, char out[CONTROL_PATH_MAX]);

struct control_request {
    bool is_status;
    struct command command;  /* void when is_status; its product as yet unknown */
    char symbol[SYMBOL_MAX]; /* of the product meant, "" for all */
};

void control_encode(const struct control_request *request, struct buf *out);
/* ERR_PARSE says what is wrong with the line. */
enum err control_decode(const char *line, struct control_request *out,
                        struct fault *why) MUST_CHECK;

/* The engine as a status answer: level and causes, equity, positions, orders, counters, and the
 * way to the venue. */
void control_write_status(const struct engine *engine, const struct product_table *products,
                          const struct courier_state *way, nanos now, struct buf *out);
void control_write_error(const char *text, struct buf *out);

#endif
