#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [OK] = "ok",
    [ERR_USAGE] = "usage",
    [ERR_PARSE] = "parse",
    [ERR_RANGE] = "range",
    [ERR_EXISTS] = "exists",
    [ERR_MISSING] = "missing",
    [ERR_IO] = "io",
    [ERR_CORRUPT] = "corrupt",
    [ERR_LOCKED] = "locked",
    [ERR_SCRIPT] = "script",
    [ERR_BUDGET] = "budget",
    [ERR_REFUSED] = "refused",
};
static_assert(ARRAY_LEN(names) == ERR_COUNT, "name every error");

const char *err_name(enum err err)
{
    assert(err < ERR_COUNT);
    return names[err];
}

enum err fail(struct fault *why, enum err code, const char *format, ...)
{
    va_list args;

    assert(code != OK);
    if (!why)
        return code;
    why->code = code;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return code;
}

enum err fault_prefix(struct fault *why, const char *format, ...)
{
    char rest[FAULT_TEXT_MAX];
    va_list args;

    assert(why);
    memcpy(rest, why->text, sizeof rest);
    va_start(args, format);
    int len = vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof why->text)
        snprintf(why->text + len, sizeof why->text - (size_t)len, "%s", rest);
    return why->code;
}
