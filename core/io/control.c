#include "io/control.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <uv.h>

#include "base/mem.h"

/* A connection: its line so far, and what is written back. */
struct client {
    uv_pipe_t pipe; /* first: libuv's handle is the client */
    struct control_server *server;
    struct client *next; /* in the order of arrival */
    char line[CONTROL_LINE_MAX];
    size_t len;
    bool is_whole; /* the line has ended: a request */
    char answer[CONTROL_ANSWER_MAX];
    uv_write_t write;
};

struct control_server {
    uv_pipe_t pipe; /* first */
    struct loop *loop;
    struct client *clients; /* oldest first */
    int client_count;
    char path[108];
};

static bool fill_address(const char *path, struct sockaddr_un *address)
{
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path)
        return false;
    memcpy(address->sun_path, path, strlen(path));
    return true;
}

/* A connected socket, or -1. */
static int connect_to(const char *path)
{
    struct sockaddr_un address;
    int fd = fill_address(path, &address) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* ---- the server ---- */

static void unlink_client(struct client *client)
{
    struct client **at = &client->server->clients;

    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    client->server->client_count--;
}

static void on_client_closed(uv_handle_t *handle)
{
    mem_free(handle);
}

/* Closing cancels a write under way, whose callback wants to drop the client too. */
static void drop(struct client *client)
{
    if (uv_is_closing((uv_handle_t *)&client->pipe))
        return;
    unlink_client(client);
    uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct client *client = (struct client *)handle;

    (void)suggested;
    buf->base = client->line + client->len;
    buf->len = sizeof client->line - client->len;
}

/* A line that never ends, or an end without a line, is nobody worth listening to. */
static void on_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct client *client = (struct client *)stream;

    (void)buf;
    if (count == 0)
        return;
    if (count < 0) {
        drop(client);
        return;
    }
    client->len += (size_t)count;
    char *end = memchr(client->line, '\n', client->len);
    if (!end && client->len == sizeof client->line) {
        drop(client);
        return;
    }
    if (!end)
        return;
    *end = '\0';
    client->is_whole = true;
    uv_read_stop(stream);
    loop_wake(client->server->loop);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct control_server *server = (struct control_server *)stream;
    struct client *client;
    struct client **last = &server->clients;

    if (status < 0)
        return;
    client = mem_new(sizeof *client);
    client->server = server;
    uv_pipe_init(loop_uv(server->loop), &client->pipe, 0);
    while (*last)
        last = &(*last)->next;
    *last = client;
    server->client_count++;
    if (uv_accept(stream, (uv_stream_t *)&client->pipe) != 0 ||
        server->client_count > CONTROL_CLIENTS_MAX) {
        drop(client);
        return;
    }
    uv_read_start((uv_stream_t *)&client->pipe, give_room, on_bytes);
}

/* Whether somebody answers there; a dead socket is taken away. */
static bool is_taken(const char *path)
{
    int fd = connect_to(path);

    if (fd < 0) {
        unlink(path);
        return false;
    }
    close(fd);
    return true;
}

static int start(struct control_server *server)
{
    /* Nobody may connect between bind and chmod: the mask makes the mode from the beginning. */
    mode_t mask = umask(0177);
    int code = uv_pipe_bind(&server->pipe, server->path);

    umask(mask);
    return code ? code
                : uv_listen((uv_stream_t *)&server->pipe, CONTROL_CLIENTS_MAX, on_connection);
}

static void on_server_closed(uv_handle_t *handle)
{
    mem_free(handle);
}

enum err control_server_open(struct loop *loop, const char *path, struct control_server **out,
                             struct fault *why)
{
    struct sockaddr_un address;

    if (!fill_address(path, &address))
        return fail(
            why, ERR_RANGE,
            "%s: a socket's path has at most %zu bytes; set PERIGEE_HOME to a shorter one",
            path, sizeof address.sun_path - 1);
    if (is_taken(path))
        return fail(why, ERR_LOCKED, "%s: an engine answers there already", path);
    struct control_server *server = mem_new(sizeof *server);
    server->loop = loop;
    snprintf(server->path, sizeof server->path, "%s", path);
    uv_pipe_init(loop_uv(loop), &server->pipe, 0);
    int code = start(server);
    if (code) {
        uv_close((uv_handle_t *)&server->pipe, on_server_closed);
        return fail(why, ERR_IO, "%s: %s", path, uv_strerror(code));
    }
    *out = server;
    return OK;
}

void control_server_close(struct control_server *server)
{
    if (!server)
        return;
    while (server->clients)
        drop(server->clients);
    unlink(server->path);
    uv_close((uv_handle_t *)&server->pipe, on_server_closed);
    loop_wait(server->loop, 0); /* lets the handles finish closing */
}

static struct client *first_request(struct control_server *server)
{
    struct client *client = server->clients;

    while (client && !client->is_whole)
        client = client->next;
    return client;
}

const char *control_server_request(struct control_server *server)
{
    struct client *client = first_request(server);

    return client ? client->line : NULL;
}

bool control_server_any(const struct control_server *server, bool (*is)(const char *line))
{
    for (const struct client *client = server->clients; client; client = client->next)
        if (client->is_whole && is(client->line))
            return true;
    return false;
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    drop(write->data);
}

void control_server_answer(struct control_server *server, const char *text)
{
    struct client *client = first_request(server);

    assert(client);
    client->is_whole = false; /* answered: no request any more */
    int len =
        snprintf(client->answer, sizeof client->answer, "%.*s\n", CONTROL_ANSWER_MAX - 2, text);
    uv_buf_t buf = uv_buf_init(client->answer, (unsigned int)len);
    client->write.data = client;
    if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &buf, 1, on_written) != 0)
        drop(client);
}

/* ---- the client ---- */

static enum err send_line(int fd, const char *path, const char *line, struct fault *why)
{
    char text[CONTROL_LINE_MAX];
    int len = snprintf(text, sizeof text, "%s\n", line);

    if (len < 0 || (size_t)len >= sizeof text)
        return fail(why, ERR_RANGE, "the request is too long");
    for (int sent = 0; sent < len;) {
        ssize_t count = send(fd, text + sent, (size_t)(len - sent), MSG_NOSIGNAL);
        if (count <= 0)
            return fail(why, ERR_IO, "%s: %s", path, strerror(errno));
        sent += (int)count;
    }
    return OK;
}

static enum err read_line(int fd, const char *path, nanos deadline,
                          char out[CONTROL_ANSWER_MAX], struct fault *why)
{
    size_t len = 0;

    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        nanos left = deadline - clock_monotonic();
        if (left <= 0 || poll(&poll_fd, 1, (int)(left / MILLISECONDS(1)) + 1) == 0)
            return fail(why, ERR_IO, "%s: the engine does not answer; it may be stuck", path);
        ssize_t count = read(fd, out + len, CONTROL_ANSWER_MAX - 1 - len);
        if (count <= 0)
            return fail(why, ERR_IO, "%s: the engine went away without an answer", path);
        len += (size_t)count;
        out[len] = '\0';
        char *end = strchr(out, '\n');
        if (end || len == CONTROL_ANSWER_MAX - 1) {
            if (end)
                *end = '\0';
            return OK;
        }
    }
}

enum err control_ask(const char *path, const char *line, nanos patience,
                     char answer[CONTROL_ANSWER_MAX], struct fault *why)
{
    nanos deadline = clock_monotonic() + patience;
    int fd = connect_to(path);

    if (fd < 0)
        return fail(why, ERR_MISSING, "no engine runs there (%s); `perigee run` starts one",
                    path);
    enum err err = send_line(fd, path, line, why);
    if (!err)
        err = read_line(fd, path, deadline, answer, why);
    close(fd);
    return err;
}
