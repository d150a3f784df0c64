#include "series/indicators.h"

#include <ctype.h>
#include <string.h>

#include "check.h"

static bool is_lower_case_name(const char *name)
{
    for (; *name; name++) {
        if (!islower((unsigned char)*name) && *name != '_')
            return false;
    }
    return true;
}

static void check_row(const struct indicator_info *info)
{
    double options[INDICATOR_OPTIONS_MAX];

    assert_true(is_lower_case_name(info->name));
    assert_true(strlen(info->summary) > 0 && strlen(info->notes) > 0 &&
                strlen(info->inputs) > 0);
    assert_true(indicator_count_outputs(info) >= 1);
    for (int i = 0; info->outputs[i].name; i++) {
        assert_true(is_lower_case_name(info->outputs[i].name));
        assert_int_equal(indicator_find_output(info, info->outputs[i].name), i);
    }
    for (int i = 0; info->options[i].name; i++) {
        assert_true(is_lower_case_name(info->options[i].name));
        assert_int_equal(indicator_find_option(info, info->options[i].name), i);
        assert_int_equal(info->options[i].kind == INDICATOR_CHOICE,
                         info->options[i].choices != NULL);
    }
    assert_int_equal(strcmp(info->inputs, "source") == 0,
                     indicator_find_option(info, "source") >= 0);
    indicator_default_options(info, options);
    assert_int_equal(indicator_check_options(info, options, NULL), OK);
    assert_true(info->warm_up(options) >= 1);
}

TEST(every_row_is_complete_and_found_by_its_name)
{
    for (int i = 0; i < indicators_count(); i++) {
        const struct indicator_info *info = indicators_at(i);
        check_row(info);
        assert_ptr_equal(indicators_find(info->name), info);
    }
    assert_null(indicators_find("smaa"));
    assert_null(indicators_find(""));
    assert_int_equal(indicator_find_output(indicators_find("sma"), "signal"), -1);
    assert_int_equal(indicator_find_option(indicators_find("sma"), "fast"), -1);
}
