#include "app/version.h"

#include <stdio.h>

#include <lua.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <uv.h>

#include "base/attr.h"
#include "base/json.h"

#if defined __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

void version_print(bool json)
{
    const struct {
        const char *name, *version;
    } parts[] = {
        {"perigee", PERIGEE_VERSION},
        {"lua", LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE},
        {"sqlite", sqlite3_libversion()},
        {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
        {"libuv", uv_version_string()},
        {"compiler", COMPILER},
    };
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    json_open_object(&w, NULL);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        json_add_text(&w, parts[i].name, parts[i].version);
        if (!json)
            printf("%-10s %s\n", parts[i].name, parts[i].version);
    }
    json_close_object(&w);
    if (json)
        printf("%s\n", buf_text(&out));
    buf_clear(&out);
}
