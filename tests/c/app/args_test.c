#include "app/args.h"

#include "check.h"

static const struct arg_option options[] = {
    {"strategy", "NAME", "a strategy", false, false},
    {"param", "K=V", "a parameter", true, false},
    {"data", "FILE", "files", true, true},
    {"cycles", "N", "a number", false, false},
    {"size", "SIZE", "a decimal", false, false},
    {"quick", NULL, "a switch", false, false},
    {NULL, NULL, NULL, false, false},
};

#define PARSE(out, why, ...)                                                                   \
    parse((char *[]){__VA_ARGS__}, (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)),    \
          out, why)

static enum err parse(char **argv, int argc, struct args **out, struct fault *why)
{
    return args_parse(argc, argv, options, 0, 1, out, why);
}

TEST(values_come_after_a_blank_or_an_equals_sign)
{
    struct args *args;
    struct fault why;

    assert_int_equal(PARSE(&args, &why, "--strategy", "sma_cross", "--size=0.5", "--quick"),
                     OK);

    assert_string_equal(args_text(args, "strategy", "none"), "sma_cross");
    assert_string_equal(args_text(args, "size", "none"), "0.5");
    assert_true(args_has(args, "quick"));
    assert_false(args_has(args, "cycles"));
    args_free(args);
}

TEST(an_option_that_takes_many_takes_every_word_up_to_the_next_option)
{
    struct args *args;
    struct fault why;

    assert_int_equal(PARSE(&args, &why, "--data", "a.csv", "b.csv", "--quick", "word"), OK);

    assert_string_equal(args_text_at(args, "data", 0), "a.csv");
    assert_string_equal(args_text_at(args, "data", 1), "b.csv");
    assert_null(args_text_at(args, "data", 2));
    assert_string_equal(args_positional(args, 0), "word");
    args_free(args);
}

TEST(repeatable_options_keep_their_order_and_others_are_taken_once)
{
    struct args *args;
    struct fault why;

    assert_int_equal(PARSE(&args, &why, "--param", "a=1", "--param", "b=2"), OK);
    assert_string_equal(args_text_at(args, "param", 1), "b=2");
    args_free(args);

    assert_int_equal(PARSE(&args, &why, "--size", "1", "--size", "2"), ERR_USAGE);
    assert_string_equal(why.text, "--size is given twice; it takes one value");
}

TEST(what_is_wrong_is_said_with_a_hint)
{
    struct args *args;
    struct fault why;

    assert_int_equal(PARSE(&args, &why, "--stratgy", "x"), ERR_USAGE);
    assert_string_equal(why.text, "unknown option '--stratgy'; did you mean '--strategy'?");
    assert_int_equal(PARSE(&args, &why, "--strategy"), ERR_USAGE);
    assert_string_equal(why.text, "--strategy needs a value: NAME");
    assert_int_equal(PARSE(&args, &why, "--quick=yes"), ERR_USAGE);
    assert_string_equal(why.text, "--quick takes no value");
    assert_int_equal(PARSE(&args, &why, "one", "two"), ERR_USAGE);
    assert_string_equal(why.text, "unexpected word 'two'; --help shows how");
}

TEST(numbers_are_checked_whole_and_in_range)
{
    struct args *args;
    struct fault why;
    int64_t cycles = 7;
    decimal size = D(1);

    assert_int_equal(PARSE(&args, &why, "--cycles", "12x", "--size", "1e3"), OK);
    assert_int_equal(args_int(args, "cycles", 1, 100, &cycles, &why), ERR_USAGE);
    assert_string_equal(why.text, "--cycles 12x: expected a whole number");
    assert_int_equal(args_decimal(args, "size", &size, &why), ERR_USAGE);
    assert_int_equal(cycles, 7);
    args_free(args);

    assert_int_equal(PARSE(&args, &why, "--cycles", "101"), OK);
    assert_int_equal(args_int(args, "cycles", 1, 100, &cycles, &why), ERR_USAGE);
    assert_string_equal(why.text, "--cycles 101: expected 1 to 100");
    args_free(args);

    assert_int_equal(PARSE(&args, &why, "--cycles", "100"), OK);
    assert_int_equal(args_int(args, "cycles", 1, 100, &cycles, &why), OK);
    assert_int_equal(cycles, 100);
    args_free(args);
}

TEST(after_two_dashes_everything_is_a_word)
{
    struct args *args;
    struct fault why;

    assert_int_equal(PARSE(&args, &why, "--", "--quick"), OK);
    assert_false(args_has(args, "quick"));
    assert_string_equal(args_positional(args, 0), "--quick");
    args_free(args);
}
