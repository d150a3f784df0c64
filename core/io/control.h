/* A Unix socket on which a running engine is asked and told things: one line of
 * JSON in, one line out, then the connection ends.
 *
 * Requests are only collected here; whoever drives the engine takes them between
 * two turns and answers. The socket has mode 0600: who may open it is its owner
 * and root. A socket left behind by a process that died is replaced; one that
 * answers is not. */
#ifndef IO_CONTROL_H
#define IO_CONTROL_H

#include <stddef.h>

#include "io/loop.h"

enum { CONTROL_LINE_MAX = 4096, CONTROL_ANSWER_MAX = 65536, CONTROL_CLIENTS_MAX = 16 };

struct control_server;

/* ERR_LOCKED when somebody answers on the path, ERR_IO otherwise. Borrows the loop, which is
 * woken by each request. */
enum err control_server_open(struct loop *loop, const char *path, struct control_server **out,
                             struct fault *why) MUST_CHECK;
/* Before the loop is freed. Removes the socket; NULL is fine. */
void control_server_close(struct control_server *server);

/* The oldest request not yet answered, without its newline; NULL when there is none. */
const char *control_server_request(struct control_server *server);
/* Whether one of the requests not yet answered is so. */
bool control_server_any(const struct control_server *server, bool (*is)(const char *line));
/* Answers that request (a line is made of it, of at most CONTROL_ANSWER_MAX) and ends its
 * connection. */
void control_server_answer(struct control_server *server, const char *text);

/* The other side: sends a line and waits for the answer, at most `patience`. ERR_MISSING:
 * nobody listens. */
enum err control_ask(const char *path, const char *line, nanos patience,
                     char answer[CONTROL_ANSWER_MAX], struct fault *why) MUST_CHECK;

#endif
