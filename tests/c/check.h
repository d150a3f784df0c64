/* The test harness: cmocka, with tests that register themselves.
 *
 *     TEST(a_full_fill_beats_a_cancel_already_on_its_way)
 *     {
 *         assert_string_equal(order_state_name(state), "FILLED");
 *     }
 *
 * A test file holds nothing but tests and their helpers; main() is in check.c.
 * Names are sentences. Compare printed values, so that a failure explains
 * itself. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void check_add(const char *name, CMUnitTestFunction run);

#define TEST(name)                                                                             \
    static void name(void **state);                                                            \
    __attribute__((constructor)) static void add_##name(void)                                  \
    {                                                                                          \
        check_add(#name, name);                                                                \
    }                                                                                          \
    static void name(void **state __attribute__((unused)))

/* Root of the checkout the tests run in; fixtures are found below it. */
const char *check_root(void);

/* A fresh empty directory, removed when the program ends. Borrowed. */
const char *check_tmp(void);

#endif
