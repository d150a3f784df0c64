#include "store/journal_chain.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void journal_chain_init(struct journal_chain *chain)
{
    char zeros[DIGEST_TEXT_MAX];

    chain->digest = digest_new();
    memset(zeros, '0', sizeof zeros - 1);
    zeros[sizeof zeros - 1] = '\0';
    journal_chain_resume(chain, 0, zeros);
}

void journal_chain_clear(struct journal_chain *chain)
{
    digest_free(chain->digest);
    chain->digest = NULL;
}

void journal_chain_resume(struct journal_chain *chain, uint64_t sequence, const char *hash)
{
    chain->sequence = sequence;
    snprintf(chain->hash, sizeof chain->hash, "%s", hash);
}

static void put_number(unsigned char out[8], uint64_t number)
{
    for (int i = 7; i >= 0; i--, number >>= 8)
        out[i] = (unsigned char)number;
}

/* The previous hash (64 characters), sequence and time (8 bytes each, the highest first), the
 * kind with its NUL, the payload. */
void journal_chain_add(struct journal_chain *chain, nanos time, const char *kind,
                       const char *payload, size_t len)
{
    unsigned char numbers[16];

    chain->sequence++;
    put_number(numbers, chain->sequence);
    put_number(numbers + 8, (uint64_t)time);
    digest_add(chain->digest, chain->hash, strlen(chain->hash));
    digest_add(chain->digest, numbers, sizeof numbers);
    digest_add(chain->digest, kind, strlen(kind) + 1);
    digest_add(chain->digest, payload, len);
    digest_finish(chain->digest, chain->hash);
}
