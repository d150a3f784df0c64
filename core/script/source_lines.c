/* A parser of constructors, and a tree of what it saw: each node is a key with
 * its line, below the table it stands in. Local variables hang below one
 * invisible node, the returned table is another.
 *
 *   chunk     { 'local' NAME '=' value | NAME { '.' NAME } '=' value | 'return' value | other }
 *   table     '{' { ( '[' STRING ']' '=' | NAME '=' | ) value ( ',' | ';' ) } '}'
 *   value     table | NAME | any tokens up to the end of the item
 *
 * Bodies of functions and other blocks are stepped over by counting what opens and
 * closes them. */
#include "script/source_lines.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "script/lua_lexer.h"

enum { KEY_MAX = LUA_TOKEN_TEXT_MAX, DEPTH_MAX = 32 };

enum { NODE_LOCALS, NODE_RETURNED, NODES_FIXED };

struct node {
    char key[KEY_MAX];
    int parent, line;
    char alias[KEY_MAX]; /* the value is this local variable */
    bool is_named;       /* written as a name or a text, not by its place in a list */
};

struct source_lines {
    struct node *nodes;
    int count;
    int repeat, repeated; /* nodes: a key and the same key again; 0: none */
};

struct reader {
    struct lua_lexer lexer;
    int depth;
    struct lua_token token;
    struct source_lines *lines;
};

/* ---- tokens ---- */

static void next(struct reader *r)
{
    r->token = lua_lexer_next(&r->lexer);
}

static bool is_symbol(const struct reader *r, char symbol)
{
    return r->token.kind == TOKEN_OTHER && r->token.symbol == symbol;
}

static bool is_name(const struct reader *r, const char *name)
{
    return r->token.kind == TOKEN_NAME && strcmp(r->token.text, name) == 0;
}

/* The token after this one, without moving. */
static struct lua_token peek(const struct reader *r)
{
    struct lua_lexer ahead = r->lexer;

    return lua_lexer_next(&ahead);
}

/* ---- the tree ---- */

static int add_node(struct source_lines *lines, int parent, const char *key, int line)
{
    lines->nodes = mem_resize(lines->nodes, (size_t)lines->count + 1, sizeof *lines->nodes);
    struct node *node = &lines->nodes[lines->count];
    *node = (struct node){.parent = parent, .line = line};
    snprintf(node->key, sizeof node->key, "%s", key);
    return lines->count++;
}

/* The last of that name: what is assigned twice means the later. */
static int find_node(const struct source_lines *lines, int parent, const char *key)
{
    for (int i = lines->count - 1; i >= NODES_FIXED; i--)
        if (lines->nodes[i].parent == parent && strcmp(lines->nodes[i].key, key) == 0)
            return i;
    return -1;
}

/* The table a node stands for, through local variables; the hops are bounded, `a = b; b = a`.
 */
static int follow(const struct source_lines *lines, int node)
{
    for (int hops = 0; hops < DEPTH_MAX && lines->nodes[node].alias[0]; hops++) {
        int local = find_node(lines, NODE_LOCALS, lines->nodes[node].alias);
        if (local < 0 || local == node)
            break;
        node = local;
    }
    return node;
}

/* ---- constructors ---- */

static int opens(const struct lua_token *token)
{
    static const char *const openers[] = {"function", "if", "do", "repeat"};
    static const char *const closers[] = {"end", "until"};

    if (token->kind == TOKEN_OTHER && token->symbol)
        return (strchr("({[", token->symbol) != NULL) - (strchr(")}]", token->symbol) != NULL);
    for (size_t i = 0; token->kind == TOKEN_NAME && i < 4; i++) {
        if (strcmp(token->text, openers[i]) == 0)
            return 1;
        if (i < 2 && strcmp(token->text, closers[i]) == 0)
            return -1;
    }
    return 0;
}

/* Over the rest of an item, to the comma or the brace that ends it. */
static void skip_item(struct reader *r)
{
    int depth = 0;

    for (; r->token.kind != TOKEN_END; next(r)) {
        if (depth == 0 && (is_symbol(r, ',') || is_symbol(r, ';') || is_symbol(r, '}')))
            return;
        depth += opens(&r->token);
    }
}

static void read_table(struct reader *r, int table);

/* The value of `node`: a table's keys go below it, a name alone becomes its alias. */
static void read_value(struct reader *r, int node)
{
    if (is_symbol(r, '{') && r->depth < DEPTH_MAX) {
        r->depth++;
        read_table(r, node);
        r->depth--;
    } else if (r->token.kind == TOKEN_NAME) {
        struct lua_token after = peek(r);
        bool is_alone =
            after.kind == TOKEN_END || after.kind == TOKEN_NAME ||
            (after.kind == TOKEN_OTHER && after.symbol && strchr(",;}", after.symbol));
        if (is_alone)
            memcpy(r->lines->nodes[node].alias, r->token.text, KEY_MAX);
    }
}

/* "[ STRING ] =" or "NAME =" gives the item a key; then the value is next. */
static bool read_key(struct reader *r, char key[KEY_MAX])
{
    struct reader start = *r;

    if (is_symbol(r, '[')) {
        next(r);
        memcpy(key, r->token.text, KEY_MAX);
        bool is_string = r->token.kind == TOKEN_STRING;
        next(r);
        if (is_string && is_symbol(r, ']') && peek(r).symbol == '=') {
            next(r);
            next(r);
            return true;
        }
    } else if (r->token.kind == TOKEN_NAME && peek(r).symbol == '=') {
        memcpy(key, r->token.text, KEY_MAX);
        next(r);
        next(r);
        return true;
    }
    *r = start;
    return false;
}

/* A key as long as there is room for may be the beginning of two. */
static void note_repeat(struct source_lines *lines, int table, const char *key)
{
    int before = find_node(lines, table, key);

    if (lines->repeat || before < 0 || !lines->nodes[before].is_named ||
        strlen(key) == KEY_MAX - 1)
        return;
    lines->repeat = before;
    lines->repeated = lines->count; /* about to be added */
}

static int add_item(struct reader *r, int table, const char *key, int line, bool is_named)
{
    if (is_named)
        note_repeat(r->lines, table, key);
    int node = add_node(r->lines, table, key, line);
    r->lines->nodes[node].is_named = is_named;
    return node;
}

static void read_table(struct reader *r, int table)
{
    char key[KEY_MAX];
    int position = 0;

    for (next(r); r->token.kind != TOKEN_END && !is_symbol(r, '}');) {
        int line = r->token.line;
        bool is_named = read_key(r, key);
        if (!is_named)
            snprintf(key, sizeof key, "%d", ++position);
        read_value(r, add_item(r, table, key, line, is_named));
        skip_item(r);
        if (!is_symbol(r, '}'))
            next(r);
    }
    next(r);
}

/* ---- statements ---- */

static bool is_keyword(const struct reader *r)
{
    static const char *const words[] = {
        "and",  "break", "do",  "else",   "elseif", "end",     "for",   "if",
        "in",   "not",   "or",  "repeat", "then",   "until",   "while", "goto",
        "true", "false", "nil", "local",  "return", "function"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (is_name(r, words[i]))
            return true;
    return false;
}

/* NAME { '.' NAME | '[' STRING ']' } '=' value; `parent` is where NAME is known. */
static void read_assignment(struct reader *r)
{
    struct source_lines *lines = r->lines;
    int parent = NODE_LOCALS, line = r->token.line;
    char key[KEY_MAX];

    memcpy(key, r->token.text, KEY_MAX);
    for (next(r); is_symbol(r, '.') || is_symbol(r, '['); next(r)) {
        bool is_bracket = is_symbol(r, '[');
        int node = find_node(lines, parent, key);
        next(r);
        if (r->token.kind != (is_bracket ? TOKEN_STRING : TOKEN_NAME))
            return;
        parent = follow(lines, node < 0 ? add_node(lines, parent, key, line) : node);
        memcpy(key, r->token.text, KEY_MAX);
        if (is_bracket)
            next(r);
    }
    if (!is_symbol(r, '='))
        return;
    next(r);
    read_value(r, add_node(lines, parent, key, line));
}

static void read_statement(struct reader *r, int *depth)
{
    if (*depth == 0 && is_name(r, "return")) {
        r->lines->nodes[NODE_RETURNED].line = r->token.line;
        next(r);
        read_value(r, NODE_RETURNED);
    } else if (*depth == 0 && r->token.kind == TOKEN_NAME && !is_keyword(r)) {
        read_assignment(r);
    } else {
        *depth += opens(&r->token);
        next(r);
    }
}

struct source_lines *source_lines_new(const char *text, size_t len)
{
    struct source_lines *lines = mem_new(sizeof *lines);
    struct reader r = {.lexer = lua_lexer_init(text, len), .lines = lines};
    int depth = 0;

    add_node(lines, -1, "", 0);
    add_node(lines, -1, "", 0);
    for (next(&r); r.token.kind != TOKEN_END;)
        read_statement(&r, &depth);
    return lines;
}

void source_lines_free(struct source_lines *lines)
{
    if (!lines)
        return;
    mem_free(lines->nodes);
    mem_free(lines);
}

int source_lines_find(const struct source_lines *lines, const char *path)
{
    int node = NODE_RETURNED, line = lines->nodes[NODE_RETURNED].line;
    char key[KEY_MAX];

    while (*path) {
        size_t len = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)len, path);
        node = find_node(lines, follow(lines, node), key);
        if (node < 0)
            return line;
        line = lines->nodes[node].line;
        path += len + (path[len] == '.');
    }
    return line;
}

bool source_lines_find_repeat(const struct source_lines *lines, struct source_repeat *out)
{
    if (!lines->repeat)
        return false;
    const struct node *first = &lines->nodes[lines->repeat],
                      *second = &lines->nodes[lines->repeated];
    *out = (struct source_repeat){second->key, first->line, second->line};
    return true;
}
