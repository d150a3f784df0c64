#include "base/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "check.h"

/* What one log call wrote, with the time fixed. */
static char *written;
static size_t written_len;

static FILE *start(enum log_level level, bool json, bool colour)
{
    FILE *out = open_memstream(&written, &written_len);

    assert_non_null(out);
    log_setup(
        &(struct log_options){.out = out, .level = level, .json = json, .colour = colour});
    log_set_time(INT64_C(1723161254087891268));
    return out;
}

static void finish(FILE *out)
{
    log_setup(&(struct log_options){.level = LOG_INFO});
    log_set_time(0);
    fclose(out);
}

#define assert_line(json, expected, ...)                                                       \
    do {                                                                                       \
        FILE *out = start(LOG_DEBUG, json, false);                                             \
        log_info(__VA_ARGS__);                                                                 \
        finish(out);                                                                           \
        assert_string_equal(written, expected);                                                \
        free(written);                                                                         \
    } while (0)

#define TIME "2024-08-08T23:54:14.087Z"
#define TEXT TIME " info  "
#define JSON(event, rest)                                                                      \
    "{\"time\":\"" TIME "\",\"level\":\"info\",\"event\":\"" event "\"" rest "}\n"

TEST(a_line_is_time_level_event_and_pairs)
{
    assert_line(false, TEXT "order.filled symbol=BTC-USD size=0.5 n=3\n", "order.filled",
                "symbol=%s size=%s n=%d", "BTC-USD", "0.5", 3);
    assert_line(false, TEXT "engine.started\n", "engine.started", NULL);
    assert_line(true,
                JSON("order.filled", ",\"symbol\":\"BTC-USD\",\"size\":\"0.5\",\"n\":\"3\""),
                "order.filled", "symbol=%s size=%s n=%d", "BTC-USD", "0.5", 3);
    assert_line(true, JSON("engine.started", ""), "engine.started", NULL);
}

TEST(values_with_blanks_or_nothing_in_them_are_quoted)
{
    assert_line(false, TEXT "a.b reason=\"no funds\" note=\"\" end=1\n", "a.b",
                "reason=%s note=%s end=%d", "no funds", "", 1);
    assert_line(false, TEXT "a.b reason=\"no funds: 5 short\"\n", "a.b",
                "reason=\"no funds: %d short\"", 5);
    assert_line(false, TEXT "a.b reason=plain\n", "a.b", "reason=\"%s\"", "plain");
    assert_line(true, JSON("a.b", ",\"reason\":\"no funds: 5 short\",\"x\":\"\""), "a.b",
                "reason=\"no funds: %d short\" x=%s", 5, "");
}

TEST(an_argument_cannot_forge_a_line_or_a_pair)
{
    const char *evil = "x\" level=error\n2024-01-01T00:00:00.000Z error fake.event a=b\x1b[2J";

    assert_line(false,
                TEXT "script.print text=\"x\\\" level=error\\n2024-01-01T00:00:00.000Z error "
                     "fake.event a=b\\u001b[2J\"\n",
                "script.print", "text=\"%s\"", evil);
    assert_line(false,
                TEXT "script.print text=\"x\\\" level=error\\n2024-01-01T00:00:00.000Z error "
                     "fake.event a=b\\u001b[2J\"\n",
                "script.print", "text=%s", evil);
    assert_line(true,
                JSON("script.print",
                     ",\"text\":\"x\\\" level=error\\n2024-01-01T00:00:00.000Z error "
                     "fake.event a=b\\u001b[2J\""),
                "script.print", "text=%s", evil);
    assert_line(false, TEXT "script.print text=\"100%\\r\" n=1\n", "script.print",
                "text=%s n=%d", "100%\r", 1);
}

TEST(keys_can_be_arguments_and_cannot_forge_either)
{
    assert_line(false, TEXT "a.b price=5\n", "a.b", "%s=%d", "price", 5);
    assert_line(false, TEXT "a.b \"a=b c\"=5\n", "a.b", "%s=%d", "a=b c", 5);
    assert_line(true, JSON("a.b", ",\"a=b c\":\"5\""), "a.b", "%s=%d", "a=b c", 5);
}

TEST(an_equals_sign_in_a_value_belongs_to_it)
{
    assert_line(false, TEXT "http.get url=https://host/?a=b&c=%20d\n", "http.get",
                "url=https://host/?a=%s&c=%%20d", "b");
}

TEST(text_that_is_not_utf8_is_mended)
{
    assert_line(false, TEXT "a.b x=\"\xEF\xBF\xBD\xC3\xA9\"\n", "a.b", "x=%s", "\xFF\xC3\xA9");
}

TEST(every_conversion_prints_as_printf_does)
{
    char want[400];

    snprintf(want, sizeof want,
             TEXT "a.b d=%d i=%i u=%u x=%x X=%#X o=%o c=%c hh=%hhd h=%hd l=%ld ll=%lld z=%zu "
                  "j=%jd t=%td m=%" PRId64 " f=%.3f e=%e g=%g w=%05d s=%.3s n=%.2f\n",
             -1, 2, 3u, 0xabcu, 0xabcu, 8u, 'k', (signed char)-5, (short)-6, -7L, -8LL,
             sizeof want, (intmax_t)-9, (ptrdiff_t)10, INT64_MIN, 1.5, 2.5, 0.1, 42, "abcdef",
             2.0);
    assert_line(false, want, "a.b",
                "d=%d i=%i u=%u x=%x X=%#X o=%o c=%c hh=%hhd h=%hd l=%ld ll=%lld z=%zu "
                "j=%jd t=%td m=%" PRId64 " f=%.3f e=%e g=%g w=%0*d s=%.*s n=%.2f",
                -1, 2, 3u, 0xabcu, 0xabcu, 8u, 'k', (signed char)-5, (short)-6, -7L, -8LL,
                sizeof want, (intmax_t)-9, (ptrdiff_t)10, INT64_MIN, 1.5, 2.5, 0.1, 5, 42, 3,
                "abcdef", 2.0);
    assert_line(false, TEXT "a.b s=abcdef w=\"5  \"\n", "a.b", "s=%.*s w=%*d", -1, "abcdef", -3,
                5);
}

TEST(a_pointer_prints_as_one)
{
    char want[100];
    int x;

    snprintf(want, sizeof want, TEXT "a.b p=%p\n", (void *)&x);
    assert_line(false, want, "a.b", "p=%p", (void *)&x);
}

TEST(a_word_without_a_value_stays_a_word)
{
    assert_line(false, TEXT "a.b done n=1\n", "a.b", "done n=%d", 1);
    assert_line(true, JSON("a.b", ",\"done\":\"\",\"n\":\"1\""), "a.b", "done n=%d", 1);
}

TEST(extra_blanks_in_the_format_do_no_harm)
{
    assert_line(false, TEXT "a.b x=1 y=2\n", "a.b", "  x=%d   y=%d  ", 1, 2);
}

TEST(lines_below_the_level_are_not_written)
{
    FILE *out = start(LOG_WARN, false, false);

    log_debug("a.debug", NULL);
    log_info("a.info", NULL);
    log_warn("a.warn", NULL);
    log_error("a.error", NULL);
    finish(out);
    assert_string_equal(written, TIME " warn  a.warn\n" TIME " error a.error\n");
    free(written);
}

TEST(colours_surround_the_level_only)
{
    FILE *out = start(LOG_DEBUG, false, true);

    log_error("a.b", "c=1");
    finish(out);
    assert_string_equal(written, TIME " \x1b[31merror\x1b[0m a.b c=1\n");
    free(written);
}

TEST(a_long_value_is_written_whole)
{
    enum { LEN = 100000 };
    char *text = malloc(LEN + 1);
    FILE *out = start(LOG_INFO, true, false);

    memset(text, 'x', LEN);
    text[LEN] = '\0';
    log_info("a.b", "text=%s", text);
    finish(out);
    assert_int_equal(written_len, strlen(JSON("a.b", ",\"text\":\"\"")) + LEN);
    free(text);
    free(written);
}

TEST(json_lines_are_json)
{
    FILE *out = start(LOG_INFO, true, false);
    struct json_doc *doc;
    char text[16];

    log_info("a.b", "c=%s \"d e\"=%s", "\x01\xFF\"\\", "f");
    finish(out);
    assert_int_equal(json_parse(written, written_len, &doc, NULL), OK);
    assert_true(json_read_text(doc, json_find(doc, json_root(doc), "c"), text, sizeof text));
    assert_string_equal(text, "\x01\xEF\xBF\xBD\"\\");
    assert_true(json_read_text(doc, json_find(doc, json_root(doc), "d e"), text, sizeof text));
    assert_string_equal(text, "f");
    json_free(doc);
    free(written);
}

TEST(without_a_set_time_lines_carry_the_wall_clock)
{
    FILE *out = start(LOG_INFO, false, false);
    nanos before = clock_wall(), stamp;
    char text[] = TIME;

    log_set_time(0);
    log_info("a.b", NULL);
    nanos after = clock_wall();
    finish(out);
    memcpy(text, written, strlen(text));
    assert_int_equal(nanos_parse(text, &stamp, NULL), OK);
    assert_true(stamp >= before - MILLISECONDS(1) && stamp <= after);
    free(written);
}

TEST(levels_are_read_by_name)
{
    enum log_level level = LOG_INFO;

    assert_true(log_parse_level("debug", &level));
    assert_int_equal(level, LOG_DEBUG);
    assert_true(log_parse_level("error", &level));
    assert_int_equal(level, LOG_ERROR);
    assert_false(log_parse_level("loud", &level));
    assert_false(log_parse_level("", &level));
    assert_int_equal(level, LOG_ERROR);
}
