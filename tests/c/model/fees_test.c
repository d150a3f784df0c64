#include "model/fees.h"

#include "model_sample.h"

static const struct fee_schedule *tier(const char *volume)
{
    return fee_schedule_of_volume(dec(volume));
}

TEST(liquidity_is_read_back_from_its_name)
{
    enum liquidity liquidity;

    assert_true(liquidity_parse("maker", &liquidity));
    assert_string_equal(liquidity_name(liquidity), "maker");
    assert_true(liquidity_parse("taker", &liquidity));
    assert_string_equal(liquidity_name(liquidity), "taker");
    assert_false(liquidity_parse("MAKER", &liquidity));
}

TEST(fees_are_what_the_venue_charged_on_recorded_orders)
{
    struct fee_schedule fees = {.maker_rate = dec("0.0025"), .taker_rate = dec("0.004")};

    assert_decimal(fee_of(&fees, dec("23.63"), LIQUIDITY_MAKER), "0.059075");
    assert_decimal(fee_of(&fees, dec("22.99424436"), LIQUIDITY_TAKER), "0.09197697744");
}

TEST(a_fee_beyond_twelve_digits_is_rounded_half_even)
{
    struct fee_schedule fees = {.maker_rate = dec("0.5")};

    assert_decimal(fee_of(&fees, dec("0.000000000001"), LIQUIDITY_MAKER), "0");
    assert_decimal(fee_of(&fees, dec("0.000000000003"), LIQUIDITY_MAKER), "0.000000000002");
}

TEST(a_volume_gets_the_highest_tier_that_it_reaches)
{
    assert_decimal(tier("0")->taker_rate, "0.012");
    assert_decimal(tier("0")->maker_rate, "0.006");
    assert_decimal(tier("999.99")->taker_rate, "0.012");
    assert_decimal(tier("1000")->taker_rate, "0.0075");
    assert_decimal(tier("10000")->taker_rate, "0.004");
    assert_decimal(tier("10000")->maker_rate, "0.0025");
    assert_decimal(tier("99999.999999")->taker_rate, "0.0025");
    assert_decimal(tier("100000")->taker_rate, "0.002");
    assert_decimal(tier("75000000")->maker_rate, "0.0003");
    assert_decimal(tier("9999999999999")->taker_rate, "0.0005");
    assert_decimal(tier("9999999999999")->maker_rate, "0");
}

TEST(tiers_fall_in_volume_and_rise_in_rates_down_to_zero_volume)
{
    for (int i = 1; i < fee_tier_count; i++) {
        const struct fee_tier *above = &fee_tiers[i - 1], *below = &fee_tiers[i];
        assert_true(decimal_is_less(below->volume_min, above->volume_min));
        assert_true(decimal_is_less(above->fees.taker_rate, below->fees.taker_rate));
        assert_false(decimal_is_less(below->fees.maker_rate, above->fees.maker_rate));
        assert_true(decimal_is_less(below->fees.maker_rate, below->fees.taker_rate));
    }
    assert_decimal(fee_tiers[fee_tier_count - 1].volume_min, "0");
}
