#include "io/control.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const char *socket_path(void)
{
    static char path[100];

    snprintf(path, sizeof path, "%s/control.sock", check_tmp());
    return path;
}

/* A child that asks, and exits with 0 if it got the answer it wants. */
static pid_t ask_from_child(const char *line, const char *wanted)
{
    pid_t child = fork();

    if (child == 0) {
        char answer[CONTROL_ANSWER_MAX];
        struct fault why;
        if (control_ask(socket_path(), line, SECONDS(20), answer, &why))
            _exit(2);
        _exit(strcmp(answer, wanted) == 0 ? 0 : 1);
    }
    return child;
}

static struct control_server *open_server(struct loop *loop)
{
    struct control_server *server;
    struct fault why;

    if (control_server_open(loop, socket_path(), &server, &why))
        fail_msg("%s", why.text);
    return server;
}

TEST(a_request_wakes_the_loop_and_gets_its_answer)
{
    struct loop *loop;

    assert_int_equal(loop_new(&loop, NULL), OK);
    struct control_server *server = open_server(loop);
    pid_t child = ask_from_child("{\"command\":\"status\"}", "fine");
    while (!control_server_request(server))
        loop_wait(loop, clock_monotonic() + SECONDS(20));

    assert_string_equal(control_server_request(server), "{\"command\":\"status\"}");
    control_server_answer(server, "fine");
    assert_null(control_server_request(server));
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0)
        loop_wait(loop, clock_monotonic() + MILLISECONDS(1));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    control_server_close(server);
    loop_free(loop);
}

TEST(only_the_owner_may_open_the_socket)
{
    struct loop *loop;
    struct stat st;

    assert_int_equal(loop_new(&loop, NULL), OK);
    struct control_server *server = open_server(loop);
    assert_int_equal(stat(socket_path(), &st), 0);

    assert_int_equal(st.st_mode & 0777, 0600);
    control_server_close(server);
    assert_int_not_equal(access(socket_path(), F_OK), 0);
    loop_free(loop);
}

TEST(a_socket_that_answers_is_not_taken_over_and_a_dead_one_is)
{
    struct loop *loop;
    struct control_server *second;
    struct fault why;

    assert_int_equal(loop_new(&loop, NULL), OK);
    struct control_server *server = open_server(loop);
    assert_int_equal(control_server_open(loop, socket_path(), &second, &why), ERR_LOCKED);
    control_server_close(server);

    FILE *left_behind = fopen(socket_path(), "w");
    assert_non_null(left_behind);
    fclose(left_behind);
    server = open_server(loop);
    control_server_close(server);
    loop_free(loop);
}

TEST(asking_where_nobody_listens_says_so)
{
    char answer[CONTROL_ANSWER_MAX];
    struct fault why;

    assert_int_equal(control_ask("/nonexistent/socket", "x", SECONDS(1), answer, &why),
                     ERR_MISSING);
    assert_non_null(strstr(why.text, "no engine runs there"));
}

TEST(a_line_that_never_ends_is_dropped)
{
    struct loop *loop;
    char answer[CONTROL_ANSWER_MAX], line[CONTROL_LINE_MAX];
    struct fault why;

    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\0';
    assert_int_equal(loop_new(&loop, NULL), OK);
    struct control_server *server = open_server(loop);
    assert_int_equal(control_ask(socket_path(), line, MILLISECONDS(1), answer, &why),
                     ERR_RANGE);
    loop_wait(loop, 0);
    assert_null(control_server_request(server));
    control_server_close(server);
    loop_free(loop);
}
