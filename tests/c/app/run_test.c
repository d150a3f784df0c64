/* A run of the program in a process of its own, while something that it depends on is stuck. */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/command.h"
#include "app/control.h"
#include "io/control.h"

#include "check.h"

static char journal[200], path[CONTROL_PATH_MAX], answer[CONTROL_ANSWER_MAX];
static pid_t child;

static void write_file(const char *name, const char *text)
{
    char file[256];

    snprintf(file, sizeof file, "%s/%s", check_tmp(), name);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

/* Rests an entry far below the market, and an exit far above it. */
static void write_scripts(void)
{
    char text[1000];

    write_file("trader.lua",
               "local trader = strategy.new(\"trader\", {})\n"
               "function trader:on_fill(market)\n"
               "   if self.held then return end\n"
               "   self.held = true\n"
               "   return {\n"
               "      buy(\"rests\", { size = 0.001, limit = market.price * 0.95 }),\n"
               "      sell(\"exit\", { size = 0.001, limit = market.price * 1.05,\n"
               "                       reduce_only = true }),\n"
               "   }\n"
               "end\n"
               "function trader:on_cycle(market)\n"
               "   if self.done or not market.price then return end\n"
               "   self.done = true\n"
               "   return buy(\"is held\", { size = 0.001 })\n"
               "end\n"
               "return trader\n");
    snprintf(text, sizeof text,
             "return { extends = 'dev', symbols = { 'BTC-USD' },\n"
             "sizing = { sizes = { ['BTC-USD'] = 0.001 } },\n"
             "strategies = { { script = '%s/trader.lua' } }, log = { level = 'error' } }\n",
             check_tmp());
    write_file("p.lua", text);
}

/* The engine, in a child; its stderr goes to a file. */
static void start(void)
{
    char profile[256], errors[256];

    write_scripts();
    snprintf(journal, sizeof journal, "%s/j.db", check_tmp());
    snprintf(profile, sizeof profile, "%s/p.lua", check_tmp());
    snprintf(errors, sizeof errors, "%s/stderr", check_tmp());
    control_path_of(journal, path);
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char *argv[] = {"perigee", "run",   "--profile", profile, "--journal", journal,
                        "--for",   "9000h", "--speed",   "20",    "--fresh",   NULL};
        if (!freopen(errors, "w", stderr) || !freopen("/dev/null", "w", stdout))
            _exit(9);
        alarm(60); /* should the test die before it */
        int code = cli_main(11, argv);
        fflush(NULL);
        _exit(code);
    }
}

static enum err ask(const char *line)
{
    struct fault why;

    return control_ask(path, line, SECONDS(30), answer, &why);
}

static void wait_for(const char *sign)
{
    static const char status[] = "{\"command\":\"status\",\"who\":\"test\",\"why\":\"\"}";

    for (int i = 0; i < 1000; i++) {
        if (ask(status) == OK && strstr(answer, sign))
            return;
        usleep(10000);
    }
    fail_msg("'%s' never came: %s", sign, answer);
}

static int exit_code(void)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static sqlite3 *lock_journal(void)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(journal, &db), SQLITE_OK);
    for (int i = 0; i < 1000; i++) {
        if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
            return db;
        usleep(1000);
    }
    fail_msg("the journal cannot be locked: %s", sqlite3_errmsg(db));
    return NULL;
}

static void unlock_journal(sqlite3 *db)
{
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(db);
}

TEST(a_kill_cancels_every_order_while_another_process_holds_the_journal)
{
    start();
    wait_for("\"open_orders\":2");
    sqlite3 *db = lock_journal();

    assert_int_equal(ask("{\"command\":\"kill\",\"who\":\"anna\",\"why\":\"stuck\"}"), OK);

    assert_non_null(strstr(answer, "\"ok\":false"));
    assert_non_null(strstr(answer, "database is locked"));
    assert_non_null(
        strstr(answer, "the venue was asked to cancel 2 orders, all that were open"));
    assert_int_equal(exit_code(), 1);
    unlock_journal(db);
}

TEST(a_run_whose_journal_is_held_ends_and_cancels_what_could_add_risk)
{
    struct buf errors = BUF_INIT;
    char file[256];

    start();
    wait_for("\"open_orders\":2");
    sqlite3 *db = lock_journal();

    assert_int_equal(exit_code(), 1);

    snprintf(file, sizeof file, "%s/stderr", check_tmp());
    assert_int_equal(buf_read_file(&errors, file, 100000, NULL), OK);
    assert_non_null(strstr(buf_text(&errors), "database is locked"));
    assert_non_null(strstr(buf_text(&errors), "asked to cancel 1 open orders, all but exits"));
    buf_clear(&errors);
    unlock_journal(db);
}

TEST(a_journal_that_is_held_for_a_moment_only_makes_the_engine_wait)
{
    start();
    wait_for("\"open_orders\":2");
    unlock_journal(lock_journal());

    assert_int_equal(ask("{\"command\":\"kill\",\"who\":\"anna\",\"why\":\"done\"}"), OK);

    assert_non_null(strstr(answer, "\"ok\":true"));
    assert_non_null(strstr(answer, "\"level\":\"halted\""));
    assert_int_equal(exit_code(), 0);
}
