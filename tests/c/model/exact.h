/* Decimals against GMP's exact integers and fractions: the oracle of tests about money. */
#ifndef TESTS_MODEL_EXACT_H
#define TESTS_MODEL_EXACT_H

#include <gmp.h>

#include "base/decimal.h"

static inline void exact_set_units(mpz_t out, decimal a)
{
    int128 units = a.units < 0 ? -a.units : a.units;

    mpz_set_ui(out, (unsigned long)(units >> 64));
    mpz_mul_2exp(out, out, 64);
    mpz_add_ui(out, out, (unsigned long)units);
    if (a.units < 0)
        mpz_neg(out, out);
}

static inline void exact_set(mpq_t out, decimal a)
{
    exact_set_units(mpq_numref(out), a);
    mpz_set_ui(mpq_denref(out), (unsigned long)DECIMAL_ONE);
    mpq_canonicalize(out);
}

static inline void exact_sub_units(mpz_t sum, decimal a)
{
    mpz_t units;

    mpz_init(units);
    exact_set_units(units, a);
    mpz_sub(sum, sum, units);
    mpz_clear(units);
}

static inline bool exact_is_units(const mpz_t want, decimal a)
{
    mpz_t units;

    mpz_init(units);
    exact_set_units(units, a);
    bool is_equal = mpz_cmp(want, units) == 0;
    mpz_clear(units);
    return is_equal;
}

/* Whether they are at most `halves` half units apart: one for each rounding in between. */
static inline bool exact_is_near(const mpq_t want, decimal a, int halves)
{
    mpq_t distance, bound;

    mpq_inits(distance, bound, NULL);
    exact_set(distance, a);
    mpq_sub(distance, distance, want);
    mpq_abs(distance, distance);
    mpq_set_ui(bound, (unsigned long)halves, 2 * (unsigned long)DECIMAL_ONE);
    mpq_canonicalize(bound);
    bool is_near = mpq_cmp(distance, bound) <= 0;
    mpq_clears(distance, bound, NULL);
    return is_near;
}

static inline bool exact_is_equal(const mpq_t want, decimal a)
{
    return exact_is_near(want, a, 0);
}

#endif
