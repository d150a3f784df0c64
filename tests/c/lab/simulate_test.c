/* The simulation: a monkey trades under the eyes of the oracle. `make simulate` runs many more
 * seeds for longer. */
#include <stdio.h>

#include "check.h"
#include "lab/simulate.h"

static struct simulate_result run(struct simulate_options options)
{
    struct simulate_result result;

    simulate_run(&options, &result);
    if (result.has_violation)
        fail_msg("perigee simulate --seed %d: %s", (int)options.seed, result.violation);
    return result;
}

TEST(on_a_perfect_wire_the_engine_keeps_every_rule)
{
    uint64_t fills = 0;

    for (uint64_t seed = 1; seed <= 10; seed++)
        fills += run((struct simulate_options){.seed = seed,
                                               .span = HOURS(4),
                                               .without_faults = true,
                                               .without_crashes = true})
                     .fills;
    assert_true(fills > 50);
}

TEST(whatever_gets_lost_and_whenever_it_dies_the_engine_keeps_every_rule)
{
    uint64_t fills = 0, crashes = 0;

    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct simulate_result result =
            run((struct simulate_options){.seed = seed, .span = HOURS(8)});
        fills += result.fills;
        crashes += result.crashes;
    }
    assert_true(fills > 50);
    assert_true(crashes > 5);
}

TEST(a_seed_is_the_same_day_every_time)
{
    struct simulate_options options = {.seed = 3, .span = HOURS(1)};
    struct simulate_result first = run(options), second = run(options);

    assert_true(first.orders > 0);
    assert_string_equal(second.hash, first.hash);
    options.seed = 4;
    assert_string_not_equal(run(options).hash, first.hash);
}

TEST(a_halt_that_was_heard_outlives_a_power_cut)
{
    run((struct simulate_options){.seed = 431, .span = HOURS(2)});
}
