#include "hosts.h"

#include "script/params.h"

static struct rig rig;

/* What loading a strategy with these parameters says, or the value of `p` in force. */
static const char *declared(const char *declaration, const char *given)
{
    static char said[FAULT_TEXT_MAX];
    char text[1024];
    struct param_value value;
    struct script_options options = {.params = &value};

    snprintf(text, sizeof text,
             "local bot = strategy.new('bot', {\n   p = %s,\n})\n"
             "function bot:on_bar() return hold(math.type(self.params.p) or "
             "type(self.params.p)) end\nreturn bot",
             declaration);
    if (given) {
        assert_int_equal(param_value_parse(given, "--param", &value, NULL), OK);
        options.param_count = 1;
    }
    if (rig_load(&rig, text, &options)) {
        portfolio_free(rig.portfolio);
        return without_folder(&rig.why);
    }
    assert_int_equal(rig_bar(&rig, 10), OK);
    snprintf(said, sizeof said, "%s %s", rig.decisions.items[0].reason,
             strategy_host_params(rig.host)->items[0].value);
    rig_clear(&rig);
    return said;
}

TEST(each_type_has_a_value_of_its_type)
{
    assert_string_equal(declared("param.integer { 10 }", NULL), "integer 10");
    assert_string_equal(declared("param.integer { 10.0 }", NULL), "integer 10");
    assert_string_equal(declared("param.number { 10 }", NULL), "float 10");
    assert_string_equal(declared("param.number { 0.1 }", NULL), "float 0.1");
    assert_string_equal(declared("param.boolean { true }", NULL), "boolean true");
    assert_string_equal(declared("param.text { '' }", NULL), "string ");
    assert_string_equal(declared("param.choice { 'b', choices = { 'a', 'b' } }", NULL),
                        "string b");
}

TEST(a_given_value_takes_the_place_of_the_default)
{
    assert_string_equal(declared("param.integer { 10 }", "p=12"), "integer 12");
    assert_string_equal(declared("param.number { 10 }", "p=1e-3"), "float 1e-3");
    assert_string_equal(declared("param.boolean { true }", "p=false"), "boolean false");
    assert_string_equal(declared("param.text { 'x' }", "p=a=b"), "string a=b");
    assert_string_equal(declared("param.choice { 'b', choices = { 'a', 'b' } }", "p=a"),
                        "string a");
}

TEST(both_ends_of_a_range_belong_to_it)
{
    const char *range = "param.integer { 10, min = 2, max = 20 }";

    assert_string_equal(declared(range, "p=2"), "integer 2");
    assert_string_equal(declared(range, "p=20"), "integer 20");
    assert_string_equal(
        declared(range, "p=1"),
        "--param: parameter p=1 is out of range: 2 to 20 (declared at s.lua:2)");
    assert_string_equal(
        declared(range, "p=21"),
        "--param: parameter p=21 is out of range: 2 to 20 (declared at s.lua:2)");
    assert_string_equal(declared("param.number { 1, min = 0 }", "p=-1"),
                        "--param: parameter p=-1 is out of range: at least 0 (declared at "
                        "s.lua:2)");
    assert_string_equal(declared("param.number { 1, max = 1 }", "p=1.5"),
                        "--param: parameter p=1.5 is out of range: at most 1 (declared at "
                        "s.lua:2)");
}

TEST(a_value_of_the_wrong_type_is_refused)
{
    assert_string_equal(declared("param.integer { 1 }", "p=1.5"),
                        "--param: parameter p=1.5 is not a whole number (declared at s.lua:2)");
    assert_string_equal(declared("param.integer { 1 }", "p=1e300"),
                        "--param: parameter p=1e300 is out of range: whole numbers go up to "
                        "2^53 (declared at s.lua:2)");
    assert_string_equal(declared("param.number { 1 }", "p=ten"),
                        "--param: parameter p=ten is not a number (declared at s.lua:2)");
    assert_string_equal(declared("param.number { 1 }", "p=nan"),
                        "--param: parameter p=nan is not a number (declared at s.lua:2)");
    assert_string_equal(declared("param.number { 1 }", "p="),
                        "--param: parameter p= is not a number (declared at s.lua:2)");
    assert_string_equal(declared("param.boolean { true }", "p=yes"),
                        "--param: parameter p=yes is neither true nor false (declared at "
                        "s.lua:2)");
    assert_string_equal(declared("param.choice { 'a', choices = { 'a', 'b' } }", "p=c"),
                        "--param: parameter p=c is not one of: a b (declared at s.lua:2)");
}

TEST(an_unknown_parameter_suggests_the_nearest)
{
    struct param_value value;
    struct script_options options = {.params = &value, .param_count = 1};
    const char *text = "local bot = strategy.new('bot', { fast = param.integer { 1 }, slow = "
                       "param.integer { 2 } })\nfunction bot:on_bar() end\nreturn bot";

    assert_int_equal(param_value_parse("fsat=1", "--param", &value, NULL), OK);
    assert_int_equal(rig_load(&rig, text, &options), ERR_USAGE);
    assert_string_equal(rig.why.text,
                        "--param: bot has no parameter 'fsat'; did you mean 'fast'?");
    portfolio_free(rig.portfolio);
    assert_int_equal(param_value_parse("volume=1", "--param", &value, NULL), OK);
    assert_int_equal(rig_load(&rig, text, &options), ERR_USAGE);
    assert_string_equal(rig.why.text,
                        "--param: bot has no parameter 'volume'; it has fast, slow");
    portfolio_free(rig.portfolio);
}

TEST(a_mistake_in_a_declaration_is_reported_where_it_stands)
{
    static const struct {
        const char *declaration, *says;
    } cases[] = {
        {"param.integer(10)",
         "s.lua:2: param.integer takes a table: param.integer { default, help = \"...\" }"},
        {"param.integer {}", "s.lua:2: a parameter needs a default as its first value"},
        {"param.integer { 1.5 }", "s.lua:2: the default 1.5 is not a whole number"},
        {"param.number { 0/0 }", "s.lua:2: the default nan is not a number"},
        {"param.number { -1/0 }", "s.lua:2: the default -inf is not a number"},
        {"param.integer { 'x' }", "s.lua:2: the default is a string; expected a number"},
        {"param.boolean { 1 }", "s.lua:2: the default is a number; expected true or false"},
        {"param.text { 1 }", "s.lua:2: the default is a number; expected text"},
        {"param.integer { 1, min = 2 }", "s.lua:2: the default 1 is out of range: at least 2"},
        {"param.integer { 3, min = 4, max = 2 }", "s.lua:2: min is more than max"},
        {"param.integer { 3, mim = 4 }",
         "s.lua:2: a parameter has a default and min, max, choices and help, not 'mim'"},
        {"param.integer { 3, 4 }",
         "s.lua:2: a parameter has a default and min, max, choices and help, not 'number'"},
        {"param.text { 'x', min = 4 }", "s.lua:2: 'min' belongs to integers and numbers"},
        {"param.number { 3, max = 0/0 }", "s.lua:2: 'max' must be a finite number"},
        {"param.number { 3, help = 5 }", "s.lua:2: the help is a number; expected text"},
        {"param.choice { 'a' }",
         "s.lua:2: param.choice needs choices = { \"one\", \"another\" }"},
        {"param.choice { 'a', choices = { 'b' } }", "s.lua:2: the default a is not one of: b"},
        {"param.choice { 'a', choices = { 'a b' } }", "s.lua:2: choice 1 is not a word"},
        {"param.number { 1, choices = {} }", "s.lua:2: 'choices' belongs to param.choice"},
        {"5", "s.lua: parameter 'p' is a number; declare it: p = param.number { ... }"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(declared(cases[i].declaration, NULL), cases[i].says);
}

TEST(a_parameter_without_a_name_is_refused)
{
    assert_int_equal(
        rig_load(&rig, "return strategy.new('bot', { param.integer { 1 } })", NULL),
        ERR_SCRIPT);
    assert_string_equal(without_folder(&rig.why),
                        "s.lua: parameters have names, like fast = param.integer { 10 }");
    portfolio_free(rig.portfolio);
}

TEST(a_given_value_is_name_and_value)
{
    struct param_value value;
    struct fault why;

    assert_int_equal(param_value_parse("fast=12", "--param", &value, &why), OK);
    assert_string_equal(value.name, "fast");
    assert_string_equal(value.text, "12");
    assert_string_equal(value.source, "--param");
    assert_int_equal(param_value_parse("fast", "--param", &value, &why), ERR_USAGE);
    assert_string_equal(why.text, "--param fast: expected NAME=VALUE");
    assert_int_equal(param_value_parse("=5", "--param", &value, &why), ERR_USAGE);
}

TEST(a_parameter_has_a_name_that_can_be_typed)
{
    static const char *const keys[][2] = {
        {"['a b']", "s.lua:1: 'a b' is no name for a parameter: letters, digits and _, no "
                    "digit first"},
        {"['']",
         "s.lua:1: '' is no name for a parameter: letters, digits and _, no digit first"},
        {"['2nd']",
         "s.lua:1: '2nd' is no name for a parameter: letters, digits and _, no digit "
         "first"},
        {"['a\\0b']",
         "s.lua:1: 'a\\x00b' is no name for a parameter: letters, digits and _, no "
         "digit first"},
        {"[('k'):rep(48)]",
         "s.lua:1: the name 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk' "
         "is longer than 47 characters"},
    };
    char text[200];

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        snprintf(text, sizeof text, "return strategy.new('bot', { %s = param.integer { 1 } })",
                 keys[i][0]);
        assert_int_equal(rig_load(&rig, text, NULL), ERR_SCRIPT);
        assert_string_equal(without_folder(&rig.why), keys[i][1]);
        portfolio_free(rig.portfolio);
    }
}
