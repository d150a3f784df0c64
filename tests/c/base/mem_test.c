#include "base/mem.h"

#include <stdint.h>
#include <string.h>

#include "check.h"

TEST(new_memory_is_zero)
{
    char zeros[1000] = {0};
    char *one = mem_new(sizeof zeros);
    char *many = mem_new_array(100, 10);

    assert_memory_equal(one, zeros, sizeof zeros);
    assert_memory_equal(many, zeros, sizeof zeros);
    mem_free(one);
    mem_free(many);
}

TEST(no_bytes_are_still_memory_of_their_own)
{
    void *a = mem_new(0), *b = mem_new_array(0, 8), *c = mem_resize(NULL, 0, 8);

    assert_true(a && b && c && a != b && b != c);
    mem_free(a);
    mem_free(b);
    mem_free(c);
    mem_free(NULL);
}

TEST(resizing_keeps_what_was_there)
{
    int *numbers = mem_resize(NULL, 3, sizeof *numbers);

    for (int i = 0; i < 3; i++)
        numbers[i] = i;
    numbers = mem_resize(numbers, 10000, sizeof *numbers);
    numbers[9999] = 9999;
    for (int i = 0; i < 3; i++)
        assert_int_equal(numbers[i], i);
    numbers = mem_resize(numbers, 1, sizeof *numbers);
    assert_int_equal(numbers[0], 0);
    mem_free(numbers);
}

TEST(a_copied_text_is_its_own)
{
    char text[] = "BTC-USD";
    char *copy = mem_copy_text(text);

    text[0] = 'X';
    assert_string_equal(copy, "BTC-USD");
    mem_free(copy);
    copy = mem_copy_text("");
    assert_string_equal(copy, "");
    mem_free(copy);
}

/* Volatile, or the compiler sees that no such size can exist. */
static volatile size_t huge = SIZE_MAX / 2;

static void ask_for_too_much(void)
{
    mem_free(mem_new(huge));
}

static void overflow_a_new_array(void)
{
    mem_free(mem_new_array(huge, 4));
}

static void overflow_a_resize(void)
{
    mem_free(mem_resize(NULL, huge, 4));
}

TEST(running_out_of_memory_ends_the_program)
{
    assert_true(check_dies(ask_for_too_much));
    assert_true(check_dies(overflow_a_new_array));
    assert_true(check_dies(overflow_a_resize));
}
