/* Every indicator against golden/, which golden/generate.py makes from the
 * definitions in exact arithmetic. */
#include <math.h>

#include "bars.h"

enum { BARS_MAX = 400 };

/* These promise the double nearest to the true value. */
static const char *const exact[] = {"sma",      "wma",     "vwap",   "obv",
                                    "donchian", "highest", "lowest", NULL};

static struct bar bars[BARS_MAX];
static int bar_count;

static FILE *open_golden(const char *name, const char *suffix)
{
    char path[512];

    snprintf(path, sizeof path, "%s/tests/c/series/golden/%s%s", check_root(), name, suffix);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is missing: python3 tests/c/series/golden/generate.py", path);
    return file;
}

static void read_bars(void)
{
    char line[200];
    FILE *file = open_golden("bars", ".csv");

    if (!fgets(line, sizeof line, file))
        fail_msg("bars.csv is empty");
    for (bar_count = 0; fgets(line, sizeof line, file); bar_count++) {
        struct bar *bar = &bars[bar_count];
        assert_true(bar_count < BARS_MAX);
        *bar = flat_bar(0, DECIMAL_ZERO, DECIMAL_ZERO);
        bar->start = SECONDS(strtoll(strtok(line, ","), NULL, 10));
        bar->open = parse_decimal(strtok(NULL, ","));
        bar->high = parse_decimal(strtok(NULL, ","));
        bar->low = parse_decimal(strtok(NULL, ","));
        bar->close = parse_decimal(strtok(NULL, ","));
        bar->volume = parse_decimal(strtok(NULL, ",\n"));
    }
    fclose(file);
    assert_int_equal(bar_count, 200);
}

static void set_option(const struct indicator_info *info, double *options, char *word)
{
    char *value = strchr(word, '=');

    assert_non_null(value);
    *value++ = '\0';
    int index = indicator_find_option(info, word);
    assert_true(index >= 0);
    if (info->options[index].kind == INDICATOR_CHOICE)
        assert_int_equal(indicator_parse_choice(info, index, value, &options[index], NULL), OK);
    else
        options[index] = strtod(value, NULL);
}

/* "call NAME OPTION=VALUE ..." */
static struct indicator *indicator_of_call(char *line)
{
    double options[INDICATOR_OPTIONS_MAX];
    const struct indicator_info *info;

    strtok(line, " \n");
    info = indicators_find(strtok(NULL, " \n"));
    assert_non_null(info);
    indicator_default_options(info, options);
    for (char *word = strtok(NULL, " \n"); word; word = strtok(NULL, " \n"))
        set_option(info, options, word);
    return new_indicator(info->name, options);
}

static bool is_exact(const char *name)
{
    for (int i = 0; exact[i]; i++) {
        if (strcmp(exact[i], name) == 0)
            return true;
    }
    return false;
}

static void check_value(const struct indicator *indicator, int output, double want)
{
    const char *name = indicator_info(indicator)->name;
    double got = value_of(indicator, output, 0);
    double allowed = is_exact(name) ? 0 : 1e-12 * fmax(1, fabs(want));

    if (!(fabs(got - want) <= allowed))
        fail_msg("%s.%s on bar %" PRId64 ": %.17g instead of %.17g", name,
                 indicator_info(indicator)->outputs[output].name,
                 indicator_updates(indicator) - 1, got, want);
}

/* "BAR VALUE ...": feeds the indicator up to that bar. Before the first such line there is
 * nothing to see, after it there is one for every bar. */
static void check_line(struct indicator *indicator, char *line, bool is_first)
{
    int64_t number = strtoll(strtok(line, " \n"), NULL, 10);

    while (is_first && indicator_updates(indicator) < number) {
        indicator_update(indicator, &bars[indicator_updates(indicator)]);
        assert_string_equal(shown(indicator, 0), "none");
    }
    assert_int_equal(indicator_updates(indicator), number);
    indicator_update(indicator, &bars[number]);
    for (int i = 0; indicator_info(indicator)->outputs[i].name; i++)
        check_value(indicator, i, strtod(strtok(NULL, " \n"), NULL));
    assert_null(strtok(NULL, " \n"));
}

/* How many calls the file holds. */
static int check_file(const char *name)
{
    struct indicator *indicator = NULL;
    FILE *file = open_golden(name, ".txt");
    char line[300];
    bool is_first = true;
    int calls = 0;

    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "call ", 5) != 0) {
            assert_non_null(indicator);
            check_line(indicator, line, is_first);
            is_first = false;
            continue;
        }
        indicator_free(indicator);
        indicator = indicator_of_call(line);
        is_first = true;
        calls++;
    }
    assert_int_equal(indicator_updates(indicator), bar_count);
    indicator_free(indicator);
    fclose(file);
    return calls;
}

TEST(every_indicator_gives_what_its_definition_says_in_exact_arithmetic)
{
    read_bars();
    for (int i = 0; i < indicators_count(); i++)
        assert_true(check_file(indicators_at(i)->name) >= 1);
}
