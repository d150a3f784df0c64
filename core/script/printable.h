/* Bytes of a stranger, made fit for a log line and a terminal. */
#ifndef SCRIPT_PRINTABLE_H
#define SCRIPT_PRINTABLE_H

#include <stddef.h>

/* Copies text to out, NUL-terminated, at most cap - 1 bytes, cut with "..." if need be.
 * Printable ASCII and well-formed UTF-8 stay, but for control and direction-changing
 * characters; other bytes become \n, \t or \xHH, a backslash stays. cap > 8. Returns the
 * length. */
size_t printable_format(const char *text, size_t len, char *out, size_t cap);

#endif
