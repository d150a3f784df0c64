/* Eight bytes of text at a time, for the loops that look at every byte: each test gives a
 * word with the top bit of the bytes set that pass it. The lowest bit set is always right;
 * bits above it may be wrong, because a borrow runs upwards. */
#ifndef BASE_OCTETS_H
#define BASE_OCTETS_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define OCTETS(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t octets_load(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof word);
    return le64toh(word); /* the first byte is the lowest */
}

static inline uint64_t octets_below(uint64_t word, unsigned limit)
{
    return (word - OCTETS(limit)) & ~word & OCTETS(0x80);
}

static inline uint64_t octets_equal(uint64_t word, unsigned char byte)
{
    return octets_below(word ^ OCTETS(byte), 1);
}

static inline uint64_t octets_not_ascii(uint64_t word)
{
    return word & OCTETS(0x80);
}

/* The index of the first byte that passed; the word is not zero. */
static inline size_t octets_first(uint64_t passed)
{
    return (size_t)__builtin_ctzll(passed) / 8;
}

#endif
