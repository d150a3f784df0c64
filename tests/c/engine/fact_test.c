#include "engine/fact.h"

#include <stdlib.h>

#include "base/json.h"

#include "check.h"
#include "fact_random.h"

static struct product_table products;
static struct buf text;

static const char *encode(const struct fact *fact)
{
    products = fact_random_products();
    buf_reset(&text);
    fact_encode(fact, &products, &text);
    return buf_text(&text);
}

/* Decodes a copy that ends where its memory ends. *out borrows from it until the next call. */
static enum err decode(enum fact_kind kind, const char *json, struct fact *out,
                       struct fault *why)
{
    static char *copy;
    size_t len = strlen(json);

    free(copy);
    copy = malloc(len + 1);
    memcpy(copy, json, len);
    products = fact_random_products();
    return fact_decode(kind, copy, len, &products, out, why);
}

static const char *refusal_of(enum fact_kind kind, const char *json)
{
    static struct fault why;
    struct fact fact;

    assert_int_equal(decode(kind, json, &fact, &why), ERR_CORRUPT);
    return why.text;
}

static bool is_same_field(const struct fact_field *field, const struct fact *a,
                          const struct fact *b)
{
    const void *one = fact_field_at(field, a), *two = fact_field_at(field, b);

    if (field->type == FIELD_JSON)
        return strcmp(*(const char *const *)one, *(const char *const *)two) == 0;
    return memcmp(one, two, field->size) == 0;
}

static void assert_same_fact(const struct fact *a, const struct fact *b, uint64_t seed)
{
    int count;
    const struct fact_field *fields = fact_fields(a->kind, &count);

    for (int i = 0; i < count; i++)
        if (!is_same_field(&fields[i], a, b))
            fail_msg("%s.%s does not come back (seed %llu): %s", fact_kind_name(a->kind),
                     fields[i].name, (unsigned long long)seed, encode(a));
}

TEST(every_kind_of_fact_comes_back_as_it_was)
{
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct rng rng = rng_stream(seed, "fact");
        struct fact fact, back;
        struct fault why;

        fact_random(&rng, (enum fact_kind)(seed % FACT_KIND_COUNT), false, &fact);
        if (decode(fact.kind, encode(&fact), &back, &why))
            fail_msg("seed %llu: %s in %s", (unsigned long long)seed, why.text,
                     buf_text(&text));
        assert_same_fact(&fact, &back, seed);
    }
}

TEST(every_payload_is_one_line_of_json)
{
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct rng rng = rng_stream(seed, "json");
        struct fact fact;
        struct json_doc *doc;
        struct fault why;

        fact_random(&rng, (enum fact_kind)(seed % FACT_KIND_COUNT), true, &fact);
        const char *json = encode(&fact);
        if (json_parse(json, strlen(json), &doc, &why))
            fail_msg("seed %llu: %s in %s", (unsigned long long)seed, why.text, json);
        assert_null(strchr(json, '\n'));
        json_free(doc);
    }
}

/* A text of bytes that are no UTF-8 comes back with '?' in their place and no longer. */
TEST(text_that_is_no_utf8_is_stored_readably_and_still_fits)
{
    struct fact fact = {.kind = FACT_ANOMALY, .note = {.product = PRODUCT_NONE}}, back;
    struct fault why;

    memset(fact.note.text, 0xFF, sizeof fact.note.text - 1);
    strcpy(fact.note.subject, "caf\xC3\xA9 \xE2\x82");
    assert_int_equal(decode(fact.kind, encode(&fact), &back, &why), OK);
    assert_string_equal(back.note.subject, "caf\xC3\xA9 ??");
    assert_int_equal(strspn(back.note.text, "?"), sizeof fact.note.text - 1);
}

TEST(what_was_read_is_written_again_byte_for_byte)
{
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct rng rng = rng_stream(seed, "again");
        struct fact fact, back;
        struct fault why;
        char *first;

        fact_random(&rng, (enum fact_kind)(seed % FACT_KIND_COUNT), true, &fact);
        first = strdup(encode(&fact));
        if (decode(fact.kind, first, &back, &why))
            fail_msg("seed %llu: %s in %s", (unsigned long long)seed, why.text, first);
        assert_string_equal(encode(&back), first);
        free(first);
    }
}

/* Padding is what no field covers. A member without a row in the table would add to it. */
TEST(every_member_of_every_fact_has_a_row_in_the_table)
{
    struct {
        enum fact_kind kind;
        size_t size, padding;
    } kinds[] = {
        {FACT_RUN, sizeof(struct fact_run), 0},
        {FACT_ORDER, sizeof(struct order), 41},
        {FACT_ORDER_EVENT, sizeof(struct fact_order_event), 0},
        {FACT_FILL, sizeof(struct fill), 5},
        {FACT_AMEND, sizeof(struct fact_amend), 8},
        /* the time since when is the fact's own */
        {FACT_AMEND_ASKED, sizeof(struct fact_amend_asked), 23},
        {FACT_BALANCE, sizeof(struct fact_balance), 0},
        {FACT_POSITION, sizeof(struct fact_position), 22},
        {FACT_CAUSE, sizeof(struct fact_cause), 0},
        {FACT_CAUSE_END, sizeof(struct fact_cause_end), 0},
        {FACT_BASELINE, sizeof(struct fact_baseline), 8},
        {FACT_COMMAND, sizeof(struct command), 10},
        {FACT_CYCLE, sizeof(struct fact_cycle), 16},
        {FACT_GUARD, sizeof(struct fact_note), 10},
        {FACT_EXIT, sizeof(struct fact_exit), 14},
        {FACT_STATE, sizeof(struct fact_state), 0},
        {FACT_WISH, sizeof(struct fact_wish), 7},
        {FACT_MEMORY, sizeof(struct fact_memory), 8},
        {FACT_TRIP, sizeof(struct fact_trip), 14},
        {FACT_PACE, sizeof(struct fact_pace), 0},
        {FACT_SEEN, sizeof(struct fact_seen), 0},
        /* the query is the engine's affair */
        {FACT_PREVIEW, sizeof(struct fact_preview), 16},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        int count;
        const struct fact_field *fields = fact_fields(kinds[k].kind, &count);
        size_t covered = 0;
        for (int i = 0; i < count; i++)
            covered += fields[i].size;
        if (kinds[k].size - covered != kinds[k].padding)
            fail_msg("%s: %zu bytes without a row, of which %zu are padding",
                     fact_kind_name(kinds[k].kind), kinds[k].size - covered, kinds[k].padding);
    }
}

TEST(kinds_are_read_back_by_name)
{
    for (int i = 0; i < FACT_KIND_COUNT; i++) {
        enum fact_kind kind = FACT_KIND_COUNT;
        assert_true(fact_kind_parse(fact_kind_name((enum fact_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    enum fact_kind kind;
    assert_false(fact_kind_parse("", &kind));
    assert_false(fact_kind_parse("ORDER", &kind));
}

TEST(a_payload_that_is_wrong_is_refused_by_the_name_of_its_member)
{
    assert_string_equal(refusal_of(FACT_AMEND, "{\"order\":1,\"size\":\"2\"}"),
                        "a amend fact: member \"limit_price\" is missing");
    assert_string_equal(
        refusal_of(FACT_AMEND, "{\"order\":-1,\"size\":\"2\",\"limit_price\":\"3\"}"),
        "a amend fact: member \"order\" is not a count");
    assert_string_equal(
        refusal_of(FACT_AMEND, "{\"order\":18446744073709551616,\"size\":\"2\"}"),
        "a amend fact: member \"order\" is not a count");
    assert_string_equal(refusal_of(FACT_AMEND, "{\"order\":1,\"size\":\"2.0000000000001\"}"),
                        "a amend fact: member \"size\" is not a decimal");
    assert_string_equal(refusal_of(FACT_AMEND, "{\"order\":1,\"size\":2}"),
                        "a amend fact: member \"size\" is not a decimal");
    assert_string_equal(refusal_of(FACT_AMEND, "{\"size\":\"2\",\"order\":1}"),
                        "a amend fact: member \"order\" is missing");
    assert_string_equal(
        refusal_of(FACT_AMEND,
                   "{\"order\":1,\"order\":1,\"size\":\"2\",\"limit_price\":\"3\"}"),
        "a amend fact: member \"order\" is unknown, repeated or out of place");
    assert_string_equal(
        refusal_of(FACT_BASELINE, "{\"equity\":\"1\",\"colour\":\"red\"}"),
        "a baseline fact: member \"colour\" is unknown, repeated or out of place");
    assert_string_equal(refusal_of(FACT_SNAPSHOT, "{\"ends\":\"true\"}"),
                        "a snapshot fact: member \"ends\" is not true or false");
    assert_string_equal(refusal_of(FACT_COMMAND, "{\"command\":\"dance\"}"),
                        "a command fact: member \"command\" is not one of its names");
    assert_string_equal(refusal_of(FACT_FILL, "{\"order\":1,\"side\":\"buy\"}"),
                        "a fill fact: member \"product\" is missing");
    assert_string_equal(refusal_of(FACT_STATE, "{\"subject\":\"s\"}"),
                        "a state fact: member \"state\" is missing");
    assert_string_equal(refusal_of(FACT_STOP, "[]"), "a stop fact: not an object");
    assert_non_null(strstr(refusal_of(FACT_STOP, "{"), "a stop fact: not JSON"));
}

TEST(a_text_that_does_not_fit_its_place_is_refused)
{
    assert_string_equal(refusal_of(FACT_BALANCE, "{\"currency\":\"ABCDEFGHIJKLMNOP\"}"),
                        "a balance fact: member \"currency\" is not a text that fits");
    assert_string_equal(refusal_of(FACT_BALANCE, "{\"currency\":\"A\\u0000B\"}"),
                        "a balance fact: member \"currency\" is not a text that fits");
}

TEST(stages_out_of_order_or_unheard_of_are_refused)
{
    const char *wrong[] = {
        "{\"order\":1,\"stages\":{\"funds\":\"passed\",\"sizing\":\"passed\"}}",
        "{\"order\":1,\"stages\":{\"magic\":\"passed\"}}",
        "{\"order\":1,\"stages\":{\"sizing\":\"perhaps\"}}",
        "{\"order\":1,\"stages\":{\"sizing\":[\"passed\"]}}",
        "{\"order\":1,\"stages\":{\"sizing\":[\"passed\",1]}}",
        "{\"order\":1,\"stages\":{\"sizing\":[\"passed\",\"0\"]}}",
        "{\"order\":1,\"stages\":[]}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_non_null(strstr(refusal_of(FACT_TRACE, wrong[i]), "member \"stages\""));
}

TEST(a_trace_written_before_a_stage_was_invented_reads_it_as_skipped)
{
    struct fact fact;
    struct fault why;

    assert_int_equal(decode(FACT_TRACE,
                            "{\"order\":7,\"stages\":{\"kill_switch\":[\"passed\",\"2\"],"
                            "\"sizing\":[\"changed\",\"1.5\"]}}",
                            &fact, &why),
                     OK);
    assert_int_equal(fact.trace.count, STAGE_SIZING + 1);
    assert_string_equal(verdict_name(fact.trace.verdicts[STAGE_DEGRADATION]), "skipped");
    assert_true(decimal_is_equal(fact.trace.sizes[STAGE_DEGRADATION], D(2)));
    assert_string_equal(verdict_name(fact.trace.verdicts[STAGE_SIZING]), "changed");
}

TEST(a_product_the_run_does_not_know_is_named)
{
    struct fact fact;
    struct fault why;

    assert_int_equal(decode(FACT_CAUSE,
                            "{\"id\":1,\"level\":\"paused\",\"product\":\"DOGE-USD\"}", &fact,
                            &why),
                     ERR_MISSING);
    assert_non_null(strstr(why.text, "DOGE-USD"));
}

TEST(a_cause_without_a_product_is_global)
{
    struct fact fact;
    struct fault why;

    assert_int_equal(decode(FACT_CAUSE, "{\"id\":1,\"level\":\"paused\"}", &fact, &why), OK);
    assert_int_equal(fact.cause.product, PRODUCT_NONE);
}

TEST(a_state_that_is_no_json_is_stored_as_null)
{
    struct fact fact = {.kind = FACT_STATE, .state = {.subject = "s", .json = "{\"open\":"}};

    assert_string_equal(encode(&fact), "{\"subject\":\"s\",\"state\":null}");
}

/* Whatever one byte is changed to: it reads as something, or is refused with a sentence. */
TEST(no_changed_byte_crashes_the_reader)
{
    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct rng rng = rng_stream(seed, "corrupt");
        struct fact fact, back;
        struct fault why = {0};

        fact_random(&rng, (enum fact_kind)(seed % FACT_KIND_COUNT), false, &fact);
        char *json = strdup(encode(&fact));
        json[rng_below(&rng, strlen(json))] = (char)rng_between(&rng, 1, 255);
        if (decode(fact.kind, json, &back, &why))
            assert_true(strlen(why.text) > 10);
        free(json);
    }
}
