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
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka's fail() is in the way of the one of base/err.h, and its fail_msg() needs it. */
#undef fail
#undef fail_msg
#define fail_msg(...)                                                                          \
    do {                                                                                       \
        print_error("ERROR: ");                                                                \
        print_error(__VA_ARGS__);                                                              \
        print_error("\n");                                                                     \
        _fail(__FILE__, __LINE__);                                                             \
    } while (0)

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

/* Whether a process that runs this dies of it, as a failed assertion does. Quietly. */
bool check_dies(void (*run)(void));

/* A fresh empty directory, removed when the program ends. Borrowed. */
const char *check_tmp(void);

#endif
