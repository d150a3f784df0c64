/* The walk runs under the sandbox's rules for bindings: it may be left at any
 * instruction, so everything it makes hangs from the caller's lua_data at once. */
#include "script/lua_data.h"

#include <ctype.h>
#include <inttypes.h>
#include <lua.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "script/sandbox.h"
#include "script/source_lines.h"

enum { NAME_MAX_SHOWN = 60 };

#define RUN_TIME MILLISECONDS(200) /* processor time; data needs a hundredth of it */

struct walk {
    struct lua_data *data;
    int value; /* reference to what the file returned */
    bool is_table;
    char returned[16]; /* the type's name if not */
    char path[DATA_PATH_MAX];
    int depth;
};

/* ---- items ---- */

void lua_data_add(struct lua_data *data, struct data_item item)
{
    data->items = mem_resize(data->items, (size_t)data->count + 1, sizeof *data->items);
    data->items[data->count++] = item;
}

static void clear_item(struct data_item *item)
{
    mem_free(item->path);
    mem_free(item->text);
}

void lua_data_remove(struct lua_data *data, int index)
{
    clear_item(&data->items[index]);
    memmove(&data->items[index], &data->items[index + 1],
            (size_t)(data->count - index - 1) * sizeof *data->items);
    data->count--;
}

void lua_data_clear(struct lua_data *data)
{
    for (int i = 0; i < data->count; i++)
        clear_item(&data->items[i]);
    mem_free(data->items);
    *data = (struct lua_data){0};
}

const struct data_item *lua_data_find(const struct lua_data *data, const char *path)
{
    for (int i = 0; i < data->count; i++)
        if (strcmp(data->items[i].path, path) == 0)
            return &data->items[i];
    return NULL;
}

bool data_is_below(const char *path, const char *above)
{
    size_t len = strlen(above);

    return strncmp(path, above, len) == 0 && path[len] == '.';
}

/* Part by part: numbers by value, so that strategies.10 comes after strategies.2. */
static int compare_paths(const char *a, const char *b)
{
    while (*a && *b) {
        size_t a_len = strcspn(a, "."), b_len = strcspn(b, ".");
        bool are_numbers = isdigit((unsigned char)*a) && isdigit((unsigned char)*b);
        if (are_numbers && atoi(a) != atoi(b))
            return atoi(a) < atoi(b) ? -1 : 1;
        int order = strncmp(a, b, a_len < b_len ? a_len : b_len);
        if (order != 0 || a_len != b_len)
            return order != 0 ? order : a_len < b_len ? -1 : 1;
        a += a_len + (a[a_len] == '.');
        b += b_len + (b[b_len] == '.');
    }
    return (*a != '\0') - (*b != '\0');
}

static int compare_items(const void *a, const void *b)
{
    const struct data_item *one = a, *two = b;
    int order = compare_paths(one->path, two->path);

    return order != 0 ? order : (one->rank > two->rank) - (one->rank < two->rank);
}

void lua_data_sort(struct lua_data *data)
{
    if (data->count > 0)
        qsort(data->items, (size_t)data->count, sizeof *data->items, compare_items);
}

/* ---- from Lua ---- */

static void add(lua_State *L, struct walk *walk, enum data_kind kind, enum option_kind as,
                const char *text)
{
    sandbox_host_begin(L);
    lua_data_add(walk->data, (struct data_item){.path = mem_copy_text(walk->path),
                                                .kind = kind,
                                                .as = as,
                                                .text = text ? mem_copy_text(text) : NULL});
    sandbox_host_end(L);
}

static void add_wrong(lua_State *L, struct walk *walk, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void add_wrong(lua_State *L, struct walk *walk, const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add(L, walk, DATA_WRONG, OPTION_AS_TEXT, text);
}

static void add_number(lua_State *L, struct walk *walk)
{
    char text[DECIMAL_TEXT_MAX];
    decimal number;

    if (lua_isinteger(L, -1)) {
        snprintf(text, sizeof text, "%" PRId64, (int64_t)lua_tointeger(L, -1));
        add(L, walk, DATA_VALUE, OPTION_AS_NUMBER, text);
    } else if (decimal_from_double(lua_tonumber(L, -1), &number)) {
        add(L, walk, DATA_VALUE, OPTION_AS_NUMBER, decimal_format(number, text));
    } else if (isnan(lua_tonumber(L, -1))) {
        add_wrong(L, walk, "is not a number but the result of something like 0/0");
    } else {
        add_wrong(L, walk, "is %g, which is out of range", lua_tonumber(L, -1));
    }
}

static bool is_utf8(const char *text, size_t len)
{
    for (size_t i = 0, step; i < len; i += step)
        if ((step = utf8_length(text + i, len - i)) == 0)
            return false;
    return true;
}

static void add_string(lua_State *L, struct walk *walk)
{
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);

    if (strlen(text) != len)
        add_wrong(L, walk, "is a text with a zero byte in it");
    else if (!is_utf8(text, len))
        add_wrong(L, walk, "is a text that is not UTF-8");
    else
        add(L, walk, DATA_VALUE, OPTION_AS_STRING, text);
}

/* How many keys are 1..n, and how many are anything else. */
static void count_keys(lua_State *L, lua_Integer *listed, lua_Integer *named)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);

    *listed = *named = 0;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        bool is_index =
            lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && lua_tointeger(L, -2) <= n;
        *(is_index ? listed : named) += 1;
    }
}

/* The key below the top of the stack as a part of a path; false if it cannot be one. */
static bool read_key(lua_State *L, char out[NAME_MAX_SHOWN + 1])
{
    size_t len;

    if (lua_isinteger(L, -2)) {
        snprintf(out, NAME_MAX_SHOWN + 1, "%" PRId64, (int64_t)lua_tointeger(L, -2));
        return true;
    }
    if (lua_type(L, -2) != LUA_TSTRING)
        return false;
    const char *key = lua_tolstring(L, -2, &len);
    for (size_t i = 0; i < len; i++)
        if (!isgraph((unsigned char)key[i]) || key[i] == '.')
            return false;
    snprintf(out, NAME_MAX_SHOWN + 1, "%s", key);
    return len > 0 && len <= NAME_MAX_SHOWN;
}

static void walk_value(lua_State *L, struct walk *walk);

static void walk_members(lua_State *L, struct walk *walk)
{
    size_t len = strlen(walk->path);
    char key[NAME_MAX_SHOWN + 1];

    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (!read_key(L, key)) {
            add_wrong(L, walk, "has a key that is no name: names have no dots and no blanks");
            continue;
        }
        if (len + strlen(key) + 2 > sizeof walk->path) {
            add_wrong(L, walk, "goes too deep");
            continue;
        }
        snprintf(walk->path + len, sizeof walk->path - len, "%s%s", len ? "." : "", key);
        walk_value(L, walk);
        walk->path[len] = '\0';
    }
}

static void walk_table(lua_State *L, struct walk *walk)
{
    lua_Integer listed, named;

    if (walk->depth == DATA_DEPTH_MAX || !lua_checkstack(L, 8)) {
        add_wrong(L, walk, "goes too deep");
        return;
    }
    if (lua_getmetatable(L, -1)) {
        lua_pop(L, 1);
        add_wrong(L, walk, "has a metatable; only plain tables are data");
        return;
    }
    count_keys(L, &listed, &named);
    if (listed > 0 && named > 0) {
        add_wrong(L, walk, "mixes a list with names, or has holes");
        return;
    }
    if (walk->path[0])
        add(L, walk,
            listed  ? DATA_LIST
            : named ? DATA_TABLE
                    : DATA_EMPTY,
            OPTION_AS_TEXT, NULL);
    walk->depth++;
    walk_members(L, walk);
    walk->depth--;
}

static void walk_value(lua_State *L, struct walk *walk)
{
    if (walk->data->count >= DATA_ITEMS_MAX)
        return;
    sandbox_charge(L, 100);
    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        add(L, walk, DATA_VALUE, OPTION_AS_BOOL, lua_toboolean(L, -1) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        add_number(L, walk);
        break;
    case LUA_TSTRING:
        add_string(L, walk);
        break;
    case LUA_TTABLE:
        walk_table(L, walk);
        break;
    default:
        add_wrong(L, walk, "is a %s; only numbers, texts, true, false and tables are data",
                  lua_typename(L, lua_type(L, -1)));
    }
}

static void walk_returned(lua_State *L, void *context)
{
    struct walk *walk = context;

    lua_rawgeti(L, LUA_REGISTRYINDEX, walk->value);
    walk->is_table = lua_istable(L, -1);
    snprintf(walk->returned, sizeof walk->returned, "%s",
             lua_isnil(L, -1) ? "nothing" : lua_typename(L, lua_type(L, -1)));
    if (walk->is_table)
        walk_value(L, walk);
}

static enum err run(const struct script_file *file, struct sandbox *sandbox, struct walk *walk,
                    struct fault *why)
{
    enum err err = sandbox_load(sandbox, file->path, buf_text(&file->text), file->text.len,
                                RUN_TIME, &walk->value, why);

    if (!err)
        err = sandbox_run(sandbox, walk_returned, walk, RUN_TIME, why);
    if (err)
        return err;
    if (!walk->is_table)
        return fail(why, ERR_PARSE, "%s: it returns %s; expected a table: return { ... }",
                    file->path, walk->returned);
    if (walk->data->count >= DATA_ITEMS_MAX)
        return fail(why, ERR_RANGE, "%s: more than %d values", file->path, DATA_ITEMS_MAX);
    return OK;
}

static enum err refuse_repeat(const struct script_file *file, const struct source_lines *lines,
                              struct fault *why)
{
    struct source_repeat repeat;

    if (!source_lines_find_repeat(lines, &repeat))
        return OK;
    return fail(why, ERR_PARSE,
                "%s:%d: '%s' is written a second time in one table, first on line %d; remove "
                "one of the two",
                file->path, repeat.second, repeat.key, repeat.first);
}

static enum err add_lines(const struct script_file *file, struct lua_data *data,
                          struct fault *why)
{
    struct source_lines *lines = source_lines_new(buf_text(&file->text), file->text.len);

    for (int i = 0; i < data->count; i++)
        data->items[i].line = source_lines_find(lines, data->items[i].path);
    enum err err = refuse_repeat(file, lines, why);
    source_lines_free(lines);
    return err;
}

enum err lua_data_load(const struct script_file *file, struct lua_data *out, struct fault *why)
{
    struct sandbox_options options = {.name = file->path};
    struct lua_data data = {0};
    struct walk walk = {.data = &data};
    struct sandbox *sandbox = NULL;
    enum err err = sandbox_new(&options, &sandbox, why);

    if (!err)
        err = run(file, sandbox, &walk, why);
    sandbox_free(sandbox);
    if (!err)
        err = add_lines(file, &data, why);
    if (err) {
        lua_data_clear(&data);
        return err;
    }
    lua_data_sort(&data);
    *out = data;
    return OK;
}
