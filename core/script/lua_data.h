/* A Lua file that returns data and nothing else: numbers, texts, true and false,
 * in tables with names or in lists. It is run in the sandbox, then taken apart into
 * items with dotted paths, each with the line it stands on.
 *
 * What is no data (a function, a metatable, a list with holes) becomes an item that
 * says so, so that all mistakes of a file are told at once. */
#ifndef SCRIPT_LUA_DATA_H
#define SCRIPT_LUA_DATA_H

#include "base/option.h"
#include "script/script_file.h"

enum data_kind {
    DATA_VALUE,
    DATA_LIST,  /* items "path.1", "path.2" follow */
    DATA_TABLE, /* items "path.name" follow */
    DATA_EMPTY, /* {}: a list or a table */
    DATA_WRONG, /* the text says what is wrong */
};

struct data_item {
    char *path; /* "risk.symbols.BTC-USD.max_order_size" */
    enum data_kind kind;
    enum option_kind as; /* of DATA_VALUE */
    char *text;          /* of DATA_VALUE and DATA_WRONG */
    int line;            /* 0: unknown */
    int rank;            /* for the one who puts lists together; 0 */
};

enum { DATA_ITEMS_MAX = 4096, DATA_PATH_MAX = 200, DATA_DEPTH_MAX = 12 };

struct lua_data {
    struct data_item
        *items; /* sorted by path: tables before what is in them, lists by number */
    int count;
};

/* ERR_SCRIPT, ERR_BUDGET: it did not run, with file and line; ERR_PARSE: it returned no table.
 * lua_data_clear afterwards. */
enum err lua_data_load(const struct script_file *file, struct lua_data *out,
                       struct fault *why) MUST_CHECK;
void lua_data_clear(struct lua_data *data);

void lua_data_sort(struct lua_data *data);
/* Takes the item's texts over. */
void lua_data_add(struct lua_data *data, struct data_item item);
void lua_data_remove(struct lua_data *data, int index);
/* NULL if there is none of this path. */
const struct data_item *lua_data_find(const struct lua_data *data, const char *path);

/* Whether `path` lies below `above`. */
bool data_is_below(const char *path, const char *above);

#endif
