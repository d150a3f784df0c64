#include "base/digest.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/mem.h"

struct digest {
    EVP_MD_CTX *ctx;
};

static void start(struct digest *digest)
{
    if (EVP_DigestInit_ex(digest->ctx, EVP_sha256(), NULL) != 1)
        abort(); /* only out of memory or a broken OpenSSL gets here */
}

struct digest *digest_new(void)
{
    struct digest *digest = mem_new(sizeof *digest);

    digest->ctx = EVP_MD_CTX_new();
    assert(digest->ctx);
    start(digest);
    return digest;
}

void digest_free(struct digest *digest)
{
    if (digest)
        EVP_MD_CTX_free(digest->ctx);
    mem_free(digest);
}

void digest_add(struct digest *digest, const void *bytes, size_t len)
{
    int ok = EVP_DigestUpdate(digest->ctx, bytes, len);

    assert(ok == 1);
    (void)ok;
}

const char *digest_finish(struct digest *digest, char out[DIGEST_TEXT_MAX])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    int ok = EVP_DigestFinal_ex(digest->ctx, raw, &len);

    assert(ok == 1 && len == DIGEST_BYTES);
    (void)ok;
    for (unsigned int i = 0; i < len; i++) {
        out[2 * i] = hex[raw[i] >> 4];
        out[2 * i + 1] = hex[raw[i] & 15];
    }
    out[2 * len] = '\0';
    start(digest);
    return out;
}
