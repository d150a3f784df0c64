/* Private to the CSV reader: several characters at once in one register.
 *
 * A loop over the characters of a short cell costs more in mispredicted
 * branches (every cell has another length) than in work. So eight characters
 * are looked at in one 64-bit word: for separators, and to sum up digits. The first
 * is in the lowest byte. */
#ifndef STORE_CSV_SWAR_H
#define STORE_CSV_SWAR_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first character is the low byte");

#define SWAR_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t swar_load(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof word);
    return word;
}

/* Bit i is set where text[i] is c, for i in 0..7. */
static inline unsigned swar_find(const char *text, uint64_t each_c)
{
    uint64_t differs = swar_load(text) ^ each_c;
    /* High bit of each byte: the byte is zero. No borrow between bytes. */
    uint64_t low = (differs & SWAR_EACH(0x7f)) + SWAR_EACH(0x7f);
    uint64_t zero = ~(low | differs) & SWAR_EACH(0x80);

    return (unsigned)((zero * UINT64_C(0x0002040810204081)) >> 56);
}

/* The same for 64 characters. */
static inline uint64_t swar_find_64(const char *text, uint64_t each_c)
{
    uint64_t found = 0;

    for (int i = 0; i < 8; i++)
        found |= (uint64_t)swar_find(text + 8 * i, each_c) << (8 * i);
    return found;
}

/* The number that 1 to 8 characters write; false when one of them is no digit. */
static inline bool swar_parse_8(const char *text, size_t len, uint64_t *out)
{
    /* Digits become their values, at the high end, with zeros before them. */
    uint64_t x = (swar_load(text) ^ SWAR_EACH('0')) << (8 * (8 - len));
    bool is_number = ((x | (x + SWAR_EACH(0x76))) & SWAR_EACH(0x80)) == 0;

    x = x * 2561 >> 8; /* pairs: 10 * a + b */
    x = (x & UINT64_C(0x00ff00ff00ff00ff)) * 6553601 >> 16;
    *out = (x & UINT64_C(0x0000ffff0000ffff)) * UINT64_C(42949672960001) >> 32;
    return is_number;
}

enum { SWAR_DIGITS_MAX = 19 }; /* fit 64 bits */

/* The same for 1 to 19 characters. */
static inline bool swar_parse(const char *text, size_t len, uint64_t *out)
{
    const char *end = text + len;
    uint64_t next;

    text += (len - 1) % 8 + 1;
    bool is_number = swar_parse_8(end - len, (len - 1) % 8 + 1, out);
    for (; text < end; text += 8) {
        is_number &= swar_parse_8(text, 8, &next);
        *out = *out * 100000000 + next;
    }
    return is_number;
}

#endif
