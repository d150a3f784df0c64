#include "base/digest.h"

#include <string.h>

#include "base/attr.h"
#include "check.h"

/* The vectors of FIPS 180-4 and its examples. */
static const struct {
    const char *text, *digest;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

TEST(known_texts_have_their_published_digests)
{
    struct digest *digest = digest_new();
    char out[DIGEST_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        digest_add(digest, vectors[i].text, strlen(vectors[i].text));
        assert_string_equal(digest_finish(digest, out), vectors[i].digest);
    }
    digest_free(digest);
}

TEST(a_million_letters_have_theirs)
{
    struct digest *digest = digest_new();
    char out[DIGEST_TEXT_MAX], chunk[1000];

    memset(chunk, 'a', sizeof chunk);
    for (int i = 0; i < 1000; i++)
        digest_add(digest, chunk, sizeof chunk);
    assert_string_equal(digest_finish(digest, out),
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    digest_free(digest);
}

TEST(pieces_make_the_same_digest_as_the_whole)
{
    struct digest *digest = digest_new();
    char out[DIGEST_TEXT_MAX];
    const char *text = vectors[2].text;

    for (const char *p = text; *p; p++)
        digest_add(digest, p, 1);
    digest_add(digest, "", 0);
    assert_string_equal(digest_finish(digest, out), vectors[2].digest);
    digest_free(digest);
}

TEST(finishing_starts_over)
{
    struct digest *digest = digest_new();
    char out[DIGEST_TEXT_MAX];

    digest_add(digest, "something else", 14);
    digest_finish(digest, out);
    digest_add(digest, "abc", 3);
    assert_string_equal(digest_finish(digest, out), vectors[1].digest);
    assert_string_equal(digest_finish(digest, out), vectors[0].digest);
    digest_free(digest);
    digest_free(NULL);
}
