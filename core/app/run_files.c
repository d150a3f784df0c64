#include "app/run_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const parts[] = {"", "-wal", "-shm", ".lock", ".mock"};

void run_files_mock_of(const char *journal, char out[RUN_FILE_MAX])
{
    snprintf(out, RUN_FILE_MAX, "%s.mock", journal);
}

enum err run_files_make_folders(const char *journal, struct fault *why)
{
    char path[JOURNAL_PATH_MAX];

    snprintf(path, sizeof path, "%s", journal);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int code = mkdir(path, 0700);
        int reason = errno;
        if (code != 0 && reason != EEXIST)
            return fail(why, ERR_IO, "%s: %s; set PERIGEE_HOME to a folder that can be written",
                        path, strerror(reason));
        *slash = '/';
    }
    return OK;
}

static void name_part(const char *journal, int number, const char *part, char out[RUN_FILE_MAX])
{
    if (number)
        snprintf(out, RUN_FILE_MAX, "%s.%d%s", journal, number, part);
    else
        snprintf(out, RUN_FILE_MAX, "%s%s", journal, part);
}

static bool is_free(const char *journal, int number)
{
    char path[RUN_FILE_MAX];

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        name_part(journal, number, parts[i], path);
        if (access(path, F_OK) == 0)
            return false;
    }
    return true;
}

enum err run_files_move_aside(const char *journal, struct fault *why)
{
    char from[RUN_FILE_MAX], to[RUN_FILE_MAX];
    int number = 1;

    while (!is_free(journal, number))
        number++;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        name_part(journal, 0, parts[i], from);
        name_part(journal, number, parts[i], to);
        if (rename(from, to) != 0 && errno != ENOENT)
            return fail(why, ERR_IO, "%s: moving it aside failed: %s", from, strerror(errno));
    }
    return OK;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    for (int i = 0; i < 8; i++, value >>= 8)
        hash = (hash ^ (value & 0xFF)) * 0x100000001B3u;
    return hash;
}

void run_files_name_run(nanos beginning, uint64_t seed, uint64_t sequence, uint64_t orders,
                        char out[RUN_NAME_MAX])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint64_t hash = mix(mix(mix(0xCBF29CE484222325u, (uint64_t)beginning), seed), sequence);

    if (orders)
        hash = mix(hash, orders);
    hash ^= hash >> 29; /* the last step of FNV leaves the high bits of the last byte out */
    hash *= 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
    for (int i = 0; i < RUN_NAME_MAX - 1; i++, hash /= 36)
        out[i] = digits[hash % 36];
    out[RUN_NAME_MAX - 1] = '\0';
}
