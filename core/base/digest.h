/* SHA-256 (FIPS 180-4, by OpenSSL), for hash chains and fingerprints. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

enum { DIGEST_BYTES = 32, DIGEST_TEXT_MAX = 65 };

struct digest; /* one that is being computed */

struct digest *digest_new(void);
void digest_free(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t len);
/* Lower-case hexadecimal of everything added since new or the last finish; starts over. */
const char *digest_finish(struct digest *digest, char out[DIGEST_TEXT_MAX]);

#endif
