#include "model/event.h"

#include "check.h"

TEST(every_kind_of_event_has_a_name_of_its_own)
{
    for (int i = 0; i < EVENT_KIND_COUNT; i++) {
        const char *name = event_kind_name((enum event_kind)i);
        assert_true(name && name[0]);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(name, event_kind_name((enum event_kind)k));
    }
    assert_string_equal(event_kind_name(EVENT_BAR), "bar");
    assert_string_equal(event_kind_name(EVENT_COMMAND), "command");
}

TEST(every_kind_of_report_has_a_name_of_its_own)
{
    for (int i = 0; i < REPORT_KIND_COUNT; i++) {
        const char *name = report_kind_name((enum report_kind)i);
        assert_true(name && name[0]);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(name, report_kind_name((enum report_kind)k));
    }
    assert_string_equal(report_kind_name(REPORT_LOST), "lost");
}

TEST(every_command_is_read_back_from_its_name)
{
    for (int i = 0; i < COMMAND_KIND_COUNT; i++) {
        enum command_kind kind;
        assert_true(command_kind_parse(command_kind_name((enum command_kind)i), &kind));
        assert_int_equal(kind, i);
    }
}

TEST(commands_are_written_as_on_the_command_line)
{
    enum command_kind kind = COMMAND_HALT;

    assert_string_equal(command_kind_name(COMMAND_REDUCE_ONLY), "reduce-only");
    assert_string_equal(command_kind_name(COMMAND_CANCEL_ALL), "cancel-all");
    assert_false(command_kind_parse("reduce_only", &kind));
    assert_false(command_kind_parse("", &kind));
    assert_string_equal(command_kind_name(kind), "halt");
}

TEST(every_gauge_has_a_name_of_its_own)
{
    for (int i = 0; i < GAUGE_COUNT; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(gauge_name((enum gauge)i), gauge_name((enum gauge)k));
    assert_string_equal(gauge_name(GAUGE_RATE_USAGE), "rate_usage");
}

TEST(of_two_clocks_only_what_the_way_there_and_back_does_not_explain_counts_as_skew)
{
    char text[DECIMAL_TEXT_MAX];

    assert_string_equal(decimal_format(gauge_clock_skew(SECONDS(10), 0, SECONDS(10)), text),
                        "0");
    assert_string_equal(decimal_format(gauge_clock_skew(0, 0, SECONDS(10)), text), "0");
    assert_string_equal(decimal_format(gauge_clock_skew(SECONDS(11), 0, SECONDS(10)), text),
                        "1");
    assert_string_equal(
        decimal_format(gauge_clock_skew(MILLISECONDS(-1), 0, SECONDS(10)), text), "-0.001");
}
