#include "script/printable.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_MAX = 4 };

/* Length of the UTF-8 sequence at text, its character in *c; 0 when malformed. */
static size_t sequence(const unsigned char *text, size_t len, uint32_t *c)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = *text < 0x80 ? 1 : *text < 0xC2 ? 0 : *text < 0xE0 ? 2 : *text < 0xF0 ? 3 : 4;

    if (n == 0 || n > len || *text > 0xF4)
        return 0;
    *c = n == 1 ? *text : *text & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        *c = *c << 6 | (text[i] & 0x3F);
    }
    bool is_surrogate = *c >= 0xD800 && *c <= 0xDFFF;
    return *c < lowest[n] || is_surrogate || *c > 0x10FFFF ? 0 : n;
}

/* Control characters, line separators, marks that change the direction of writing. */
static bool is_treacherous(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/* Writes the next piece of output, *n bytes; returns how many bytes of text it stands for. */
static size_t next_piece(const unsigned char *text, size_t len, char piece[PIECE_MAX + 1],
                         size_t *n)
{
    uint32_t c;

    *n = sequence(text, len, &c);
    if (*n && !is_treacherous(c)) {
        memcpy(piece, text, *n);
        return *n;
    }
    const char *format = *text == '\n' ? "\\n" : *text == '\t' ? "\\t" : "\\x%02X";
    *n = (size_t)snprintf(piece, PIECE_MAX + 1, format, *text);
    return 1;
}

/* How many bytes from here on, at most `most`, are what they look like: nearly always all. */
static size_t count_plain(const char *text, size_t len, size_t most)
{
    size_t count = 0;

    while (count < len && count < most && text[count] >= ' ' && text[count] <= '~')
        count++;
    return count;
}

size_t printable_format(const char *text, size_t len, char *out, size_t cap)
{
    assert(cap > 8);
    const size_t uncut = cap - 1 - 3; /* dots fit behind that many bytes */
    size_t used = 0, cut = 0, n;
    char piece[PIECE_MAX + 1];

    for (size_t at = 0; at < len;) {
        size_t plain = count_plain(text + at, len - at, used < uncut ? uncut - used : 0);
        if (plain) {
            memcpy(out + used, text + at, plain);
            at += plain;
            cut = used += plain;
            continue;
        }
        at += next_piece((const unsigned char *)text + at, len - at, piece, &n);
        if (used + n > cap - 1) {
            memcpy(out + cut, "...", 4);
            return cut + 3;
        }
        for (size_t i = 0; i < n; i++)
            out[used++] = piece[i];
        cut = used <= uncut ? used : cut;
    }
    out[used] = '\0';
    return used;
}
