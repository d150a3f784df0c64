#include "engine/journal_null.h"

#include <string.h>

#include "check.h"
#include "fact_random.h"

static struct fact order_fact(void)
{
    struct fact fact = {.kind = FACT_ORDER, .time = SECONDS(1723161254)};

    fact.order = (struct order){
        .number = 7,
        .request = {.side = SIDE_SELL,
                    .type = ORDER_LIMIT,
                    .size = D(2),
                    .limit_price = D(64000)},
        .strategy = "trend_follow",
        .state = ORDER_INITIALIZED,
    };
    return fact;
}

static const char *hash_of(const struct fact *facts, int count)
{
    static char out[DIGEST_TEXT_MAX];
    struct journal_null *journal = journal_null_new(true);
    struct journal_port port = journal_null_port(journal);

    for (int i = 0; i < count; i++)
        assert_int_equal(port.append(port.ctx, &facts[i]), i + 1);
    assert_int_equal(journal_null_count(journal), count);
    journal_null_hash(journal, out);
    journal_null_free(journal);
    return out;
}

/* The expected value was computed from the list of values by another program. */
TEST(the_hash_of_an_order_is_the_same_on_every_machine)
{
    struct fact fact = order_fact();

    assert_string_equal(hash_of(NULL, 0),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(hash_of(&fact, 1),
                        "e24831ed40753067046493d90925d111259c7cb8a788f5d41f5e34e788850357");
}

TEST(every_value_of_a_decision_changes_the_hash)
{
    char before[DIGEST_TEXT_MAX];
    struct fact fact = order_fact();

    strcpy(before, hash_of(&fact, 1));
    fact.order.request.size = D(3);
    assert_string_not_equal(hash_of(&fact, 1), before);
    fact = order_fact();
    fact.order.request.limit_price.units++;
    assert_string_not_equal(hash_of(&fact, 1), before);
    fact = order_fact();
    fact.order.strategy[0] = 'T';
    assert_string_not_equal(hash_of(&fact, 1), before);
    fact = order_fact();
    fact.time++;
    assert_string_not_equal(hash_of(&fact, 1), before);
}

TEST(what_only_tells_people_does_not_change_the_hash)
{
    char before[DIGEST_TEXT_MAX];
    struct fact facts[2] = {order_fact(), {.kind = FACT_SCRIPT, .note = {.text = "hello"}}};

    strcpy(before, hash_of(facts, 1));
    assert_string_equal(hash_of(facts, 2), before);
    strcpy(facts[0].order.reason, "another");
    strcpy(facts[0].order.request.client_id.text, "another");
    assert_string_equal(hash_of(facts, 2), before);
}

TEST(a_refusal_counts_and_a_passage_does_not)
{
    struct fact trace = {.kind = FACT_TRACE, .trace = {.order = 1, .count = STAGE_COUNT}};
    char nothing[DIGEST_TEXT_MAX];

    strcpy(nothing, hash_of(NULL, 0));
    assert_string_equal(hash_of(&trace, 1), nothing);
    trace.trace.code = REFUSAL_HARD_LIMIT;
    assert_string_not_equal(hash_of(&trace, 1), nothing);
}

TEST(many_facts_of_every_kind_hash_the_same_twice)
{
    enum { COUNT = 2000 };
    static struct fact facts[COUNT];
    char once[DIGEST_TEXT_MAX];
    struct rng rng = rng_stream(1, "null");

    for (int i = 0; i < COUNT; i++)
        fact_random(&rng, (enum fact_kind)(i % FACT_KIND_COUNT), true, &facts[i]);
    strcpy(once, hash_of(facts, COUNT));
    assert_string_equal(hash_of(facts, COUNT), once);
    struct fact first = facts[FACT_ORDER];
    facts[FACT_ORDER] = facts[FACT_ORDER + FACT_KIND_COUNT];
    facts[FACT_ORDER + FACT_KIND_COUNT] = first;
    assert_string_not_equal(hash_of(facts, COUNT), once);
}

TEST(without_hashing_it_only_counts)
{
    struct journal_null *journal = journal_null_new(false);
    struct journal_port port = journal_null_port(journal);
    struct fact fact = order_fact();
    char out[DIGEST_TEXT_MAX];
    struct fault why;

    assert_int_equal(port.append(port.ctx, &fact), 1);
    assert_int_equal(port.append(port.ctx, &fact), 2);
    assert_int_equal(port.commit(port.ctx, true, &why), OK);
    assert_int_equal(port.replay(port.ctx, NULL, NULL, &why), OK);
    assert_string_equal(journal_null_hash(journal, out), hash_of(NULL, 0));
    journal_null_free(journal);
}
