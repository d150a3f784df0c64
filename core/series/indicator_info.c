#include "series/indicator_info.h"

#include <assert.h>
#include <math.h>
#include <string.h>

int indicator_count_options(const struct indicator_info *info)
{
    int count = 0;

    while (info->options[count].name)
        count++;
    return count;
}

int indicator_count_outputs(const struct indicator_info *info)
{
    int count = 0;

    while (info->outputs[count].name)
        count++;
    return count;
}

int indicator_find_option(const struct indicator_info *info, const char *name)
{
    for (int i = 0; info->options[i].name; i++) {
        if (strcmp(info->options[i].name, name) == 0)
            return i;
    }
    return -1;
}

int indicator_find_output(const struct indicator_info *info, const char *name)
{
    for (int i = 0; info->outputs[i].name; i++) {
        if (strcmp(info->outputs[i].name, name) == 0)
            return i;
    }
    return -1;
}

static void list_choices(const struct indicator_option *option, struct buf *out)
{
    for (int i = 0; option->choices[i]; i++)
        buf_add_format(out, "%s%s", i > 0 ? ", " : "", option->choices[i]);
}

enum err indicator_parse_choice(const struct indicator_info *info, int option, const char *name,
                                double *out, struct fault *why)
{
    const struct indicator_option *choice = &info->options[option];
    struct buf names = BUF_INIT;

    assert(choice->kind == INDICATOR_CHOICE);
    for (int i = 0; choice->choices[i]; i++) {
        if (strcmp(choice->choices[i], name) == 0) {
            *out = i;
            return OK;
        }
    }
    list_choices(choice, &names);
    enum err err = fail(why, ERR_RANGE, "%s: %s must be one of %s, not '%s'", info->name,
                        choice->name, buf_text(&names), name);
    buf_clear(&names);
    return err;
}

void indicator_default_options(const struct indicator_info *info,
                               double options[INDICATOR_OPTIONS_MAX])
{
    int count = indicator_count_options(info);

    for (int i = 0; i < INDICATOR_OPTIONS_MAX; i++)
        options[i] = i < count ? info->options[i].initial : 0;
}

static enum err check_option(const struct indicator_info *info,
                             const struct indicator_option *option, double value,
                             struct fault *why)
{
    bool is_in_range = value >= option->min && value <= option->max; /* false for NaN */

    if (is_in_range && (option->kind == INDICATOR_NUMBER || value == floor(value)))
        return OK;
    return fail(why, ERR_RANGE, "%s: %s must be a %snumber from %.10g to %.10g, not %.10g",
                info->name, option->name, option->kind == INDICATOR_NUMBER ? "" : "whole ",
                option->min, option->max, value);
}

enum err indicator_check_options(const struct indicator_info *info, const double *options,
                                 struct fault *why)
{
    for (int i = 0; info->options[i].name; i++) {
        enum err err = check_option(info, &info->options[i], options[i], why);
        if (err)
            return err;
    }
    return info->check ? info->check(options, why) : OK;
}

static void format_value(const struct indicator_option *option, double value, struct buf *out)
{
    if (option->kind == INDICATOR_CHOICE)
        buf_add_text(out, option->choices[(int)value]);
    else
        buf_add_format(out, "%.10g", value);
}

void indicator_format_usage(const struct indicator_info *info, struct buf *out)
{
    buf_add_format(out, "%s(", info->name);
    for (int i = 0; info->options[i].name; i++) {
        buf_add_format(out, "%s%s = ", i > 0 ? ", " : "", info->options[i].name);
        format_value(&info->options[i], info->options[i].initial, out);
    }
    buf_add_text(out, ")");
}

void indicator_format_call(const struct indicator_info *info, const double *options,
                           struct buf *out)
{
    int last = indicator_count_options(info);

    while (last > 1 && options[last - 1] == info->options[last - 1].initial)
        last--;
    buf_add_format(out, "%s(", info->name);
    for (int i = 0; i < last; i++) {
        buf_add_text(out, i > 0 ? ", " : "");
        format_value(&info->options[i], options[i], out);
    }
    buf_add_text(out, ")");
}
