#include "app/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "check.h"

static struct buf out;
static struct fault why;

/* Runs "data" with these words; what it printed is in out. */
static enum err data(int count, const char *const words[])
{
    char path[300];
    struct args *args = NULL;

    snprintf(path, sizeof path, "%s/out", check_tmp());
    why = (struct fault){OK, ""};
    enum err err =
        args_parse(count, (char **)(uintptr_t)words, command_data.options, 1, 257, &args, &why);
    if (err)
        return err;
    fflush(stdout);
    int saved = dup(1);
    assert_non_null(freopen(path, "w+", stdout));
    err = command_data.run(args, &why);
    fflush(stdout);
    dup2(saved, 1);
    close(saved);
    buf_reset(&out);
    assert_int_equal(buf_read_file(&out, path, 1000000, NULL), OK);
    args_free(args);
    return err;
}

#define DATA(...)                                                                              \
    data((int)ARRAY_LEN(((const char *const[]){__VA_ARGS__})),                                 \
         (const char *const[]){__VA_ARGS__})

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("expected \"%s\" in \"%s\"", part, text);
}

static const char *tmp(const char *name)
{
    static char paths[8][300];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", check_tmp(), name);
    return path;
}

static const char *write_file(const char *name, const char *text)
{
    const char *path = tmp(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

/* A member of the printed JSON, as text; of the i-th file if there are files. */
static const char *member(const char *name)
{
    static char text[200];
    struct json_doc *doc = NULL;
    size_t len;

    if (json_parse(buf_text(&out), out.len, &doc, &why))
        fail_msg("%s in %s", why.text, buf_text(&out));
    int object = json_root(doc), files = json_find(doc, object, "files");
    if (files != JSON_NONE)
        object = json_at(doc, files, 0);
    const char *raw = json_raw(doc, json_find(doc, object, name), &len);
    snprintf(text, sizeof text, "%.*s", raw ? (int)len : 0, raw ? raw : "");
    json_free(doc);
    return text;
}

#define BARS "ts_ms,open,high,low,close,volume\n"
#define GOOD                                                                                   \
    BARS "0,1,2,1,2,1\n60000,2,3,2,3,0.1234567890123\n240000,3,3,3,3,1\n300000,3,3,3,3,1\n"

TEST(a_csv_is_imported_beside_itself_and_described)
{
    const char *csv = write_file("good.csv", GOOD);

    assert_int_equal(DATA("import", csv, "--symbol", "BTC-USD"), OK);
    assert_contains(buf_text(&out), "/good.pgh: bars of BTC-USD, 1m, 4 rows, "
                                    "1970-01-01T00:00:00Z to 1970-01-01T00:05:00Z");
    assert_contains(buf_text(&out), "1 numbers had more than 12 fraction digits: rounded");
    assert_int_equal(DATA("info", tmp("good.pgh"), "--json"), OK);
    assert_string_equal(member("kind"), "bars");
    assert_string_equal(member("symbol"), "BTC-USD");
    assert_string_equal(member("interval"), "1m");
    assert_string_equal(member("rows"), "4");
    assert_string_equal(member("first"), "1970-01-01T00:00:00Z");
    assert_string_equal(member("last"), "1970-01-01T00:05:00Z");
    assert_string_equal(member("format"), "columnar");
    assert_string_equal(member("rounded"), "1");
    assert_int_equal(strlen(member("digest")), 64);
    assert_int_equal(DATA("info", csv), OK);
    assert_contains(buf_text(&out), "/good.csv: bars, 1m, 4 rows, 1970-01-01T00:00:00Z to");
    unlink(tmp("good.pgh"));
}

TEST(a_file_that_is_there_is_not_written_over_unless_forced)
{
    const char *csv = write_file("twice.csv", GOOD), *out_path = tmp("twice.pgh");

    assert_int_equal(DATA("import", csv, "--json"), OK);
    assert_string_equal(member("symbol"), "null");
    assert_int_equal(DATA("import", csv), ERR_EXISTS);
    assert_contains(why.text, "/twice.pgh is there already; --force writes over it");
    assert_int_equal(DATA("import", csv, "--force", "--out", out_path), OK);
    unlink(out_path);
}

TEST(a_bad_row_is_named_and_nothing_is_written)
{
    const char *csv =
        write_file("bad.csv", BARS "0,1,2,1,2,1\n60000,1,2,1,2,1\n120000,1,x,1,2,1\n");

    assert_int_equal(DATA("import", csv), ERR_PARSE);
    assert_contains(why.text, "/bad.csv: line 4, column \"high\": \"x\" is not a number");
    assert_int_not_equal(access(tmp("bad.pgh"), F_OK), 0);
}

TEST(what_is_imported_and_written_out_again_is_the_same)
{
    char digest[200];

    assert_int_equal(DATA("import", write_file("round.csv", GOOD), "--json"), OK);
    strcpy(digest, member("digest"));
    assert_int_equal(DATA("import", tmp("round.pgh"), "--out", tmp("text.csv")), OK);
    assert_int_equal(DATA("import", tmp("text.csv"), "--out", tmp("again.pgh"), "--json"), OK);
    assert_string_not_equal(member("digest"), "null");
    assert_int_equal(DATA("check", tmp("again.pgh"), "--json"), OK);
    assert_string_equal(member("sound"), "true");
    assert_string_equal(member("rows"), "4");
    unlink(tmp("round.pgh"));
    unlink(tmp("again.pgh"));
}

TEST(files_that_run_backwards_and_overlap_are_put_in_order)
{
    const char *late = write_file("late.csv", BARS "180000,3,3,3,3,1\n120000,2,2,2,2,1\n");
    const char *early =
        write_file("early.csv", BARS "120000,2,2,2,2,1\n60000,2,2,2,2,1\n0,1,1,1,1,1\n");
    const char *other = write_file("other.csv", BARS "120000,9,9,9,9,1\n60000,2,2,2,2,1\n");

    assert_int_equal(DATA("import", late, early, "--out", tmp("sorted.pgh")), ERR_REFUSED);
    assert_int_equal(DATA("import", late, early, "--sort", "--out", tmp("sorted.pgh")), OK);
    assert_contains(buf_text(&out), "4 rows, 1970-01-01T00:00:00Z to 1970-01-01T00:03:00Z");
    assert_contains(buf_text(&out), "1 rows dropped: they were there twice");
    assert_int_equal(DATA("import", late, early, "--sort", "--force", "--out",
                          tmp("sorted.pgh"), "--from", "1970-01-01T00:01", "--to",
                          "1970-01-01T00:03", "--json"),
                     OK);
    assert_string_equal(member("rows"), "2");
    assert_int_equal(DATA("import", late, other, "--sort", "--out", tmp("no.pgh")),
                     ERR_REFUSED);
    assert_contains(why.text, "/other.csv: line 2: 1970-01-01T00:02:00Z occurs a second time");
    unlink(tmp("sorted.pgh"));
}

TEST(files_of_different_kinds_are_not_made_one)
{
    const char *bars = write_file("bars.csv", GOOD);
    const char *trades = write_file("trades.csv", "ts_ms,price,qty,side\n0,1,1,buy\n");

    assert_int_equal(DATA("import", bars, trades, "--out", tmp("mixed.pgh")), ERR_USAGE);
    assert_contains(why.text, "trades.csv differ in kind, symbol or interval");
    assert_int_equal(DATA("import", bars, trades), ERR_USAGE);
    assert_contains(why.text, "name it with --out FILE.pgh");
}

TEST(a_check_finds_what_is_wrong_and_fails)
{
    const char *csv =
        write_file("wrong.csv", BARS "0,1,2,1,2,1\n60000,1,0.5,1,2,1\n180000,one,2,1,2,1\n"
                                     "240000,1,2,1,2,1\n300000,1,2,1,2,1\n360000,1,2,1,2,1\n");

    assert_int_equal(DATA("check", csv), ERR_REFUSED);
    assert_contains(why.text, "1 of 1 file cannot be used as it is");
    assert_contains(buf_text(&out), "bad_ohlc          1  bars whose high or low");
    assert_contains(buf_text(&out), "line 3: high or low does not enclose the other prices");
    assert_contains(buf_text(&out), "line 4, column \"open\": \"one\" is not a number");
    assert_contains(buf_text(&out), "line 5: 2 bars are missing after 1970-01-01T00:01:00Z");
    assert_contains(buf_text(&out), "cannot be used as it is");
    assert_int_equal(DATA("check", csv, "--json"), ERR_REFUSED);
    assert_string_equal(member("sound"), "false");
    assert_string_equal(member("missing"), "2");
    assert_contains(member("findings"), "\"unreadable\"");
    assert_int_equal(DATA("check", write_file("good.csv", GOOD)), OK);
    assert_contains(buf_text(&out), "sound");
    assert_contains(buf_text(&out), "missing           2  in the gaps, the longest 3m");
}

/* Synthetic markets */

TEST(a_made_up_market_is_the_same_each_time)
{
    char digest[200];

    assert_int_equal(
        DATA("synth", "--out", tmp("a.pgh"), "--rows", "200", "--seed", "7", "--json"), OK);
    assert_string_equal(member("kind"), "bars");
    assert_string_equal(member("symbol"), "BTC-USD");
    assert_string_equal(member("rows"), "200");
    strcpy(digest, member("digest"));
    assert_int_equal(
        DATA("synth", "--out", tmp("b.pgh"), "--rows", "200", "--seed", "7", "--json"), OK);
    assert_string_equal(member("digest"), digest);
    assert_int_equal(
        DATA("synth", "--out", tmp("c.pgh"), "--rows", "200", "--seed", "8", "--json"), OK);
    assert_string_not_equal(member("digest"), digest);
}

TEST(markets_are_made_of_every_kind_and_sound)
{
    static const char *const kinds[] = {"bars", "trades", "quotes", "book"};
    char name[40];

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        snprintf(name, sizeof name, "%s%s", kinds[i], i % 2 ? ".csv" : ".pgh");
        const char *path = tmp(name);
        unlink(path);
        if (DATA("synth", "--symbol", "ETH-USD", "--kind", kinds[i], "--rows", "300", "--out",
                 path))
            fail_msg("%s", why.text);
        if (DATA("check", path, "--json"))
            fail_msg("%s: %s", why.text, buf_text(&out));
        assert_string_equal(member("kind"), kinds[i]);
        assert_string_equal(member("sound"), "true");
        assert_true(atoi(member("rows")) >= 299);
    }
}

TEST(a_made_up_market_ends_where_it_is_told)
{
    assert_int_equal(DATA("synth", "--from", "2024-03-01", "--to", "2024-03-01T06:00",
                          "--interval", "15m", "--step", "5s", "--out", tmp("end.pgh"),
                          "--json"),
                     OK);
    assert_string_equal(member("first"), "2024-03-01T00:00:00Z");
    assert_string_equal(member("last"), "2024-03-01T05:45:00Z");
    assert_string_equal(member("rows"), "24");
}

/* Wrong words */

TEST(wrong_usage_is_told_what_is_right)
{
    static const struct {
        const char *words[6];
        const char *message;
    } rows[] = {
        {{"export", "x.csv"}, "'export' is not one of import, synth, info, check"},
        {{"info"}, "info needs at least one file"},
        {{"import"}, "import needs at least one file"},
        {{"info", "x.csv", "--seed", "4"}, "--seed means nothing to info"},
        {{"synth", "--sort"}, "--sort means nothing to synth"},
        {{"check", "x.csv", "--force"}, "--force means nothing to check"},
        {{"check", "x.csv", "--kind", "candles"}, "--kind candles: expected bars, trades,"},
        {{"check", "x.csv", "--interval", "fast"}, "--interval: "},
        {{"synth"}, "--out is missing: name a file"},
        {{"synth", "x.csv", "--out", "y.pgh"}, "synth reads no file"},
        {{"synth", "--out", "y.pgh", "--symbol", "NO-SUCH"}, "--symbol NO-SUCH: not in"},
        {{"synth", "--out", "y.pgh", "--kind", "deltas"},
         "--kind deltas: expected bars, trades"},
        {{"synth", "--out", "y.pgh", "--rows", "0"}, "--rows 0: expected 1 to"},
        {{"synth", "--out", "y.pgh", "--step", "2h"}, "--step: a market moves at least once"},
        {{"synth", "--out", "y.pgh", "--to", "1999-01-01"}, "--from must lie before --to"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int count = 0;
        while (count < 6 && rows[i].words[count])
            count++;
        assert_int_equal(data(count, rows[i].words), ERR_USAGE);
        assert_contains(why.text, rows[i].message);
    }
    assert_int_equal(DATA("info", tmp("none.csv")), ERR_MISSING);
    assert_contains(why.text, "none.csv: cannot open it");
}
