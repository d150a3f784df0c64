/* The files of a chain are read from the profile up to its last ancestor, put
 * together into one list of items, and that is set, parents before what lies in
 * them. An item that a later file replaces is still set first, so that a mistake
 * in a parent shows; only lists go, since their elements would be left over. */
#include "script/profile.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "script/lua_data.h"
#include "script/printable.h"

struct problem {
    int rank, line;
    char text[FAULT_TEXT_MAX];
};

struct load {
    struct options *options;
    struct profile chain;
    struct lua_data data;
    struct problem *problems;
    int problem_count;
    char skip[DATA_PATH_MAX]; /* items below this have been dealt with */
};

/* ---- problems ---- */

static const char *file_of(const struct load *load, const struct data_item *item)
{
    return load->chain.paths[load->chain.count - 1 - item->rank];
}

static struct option_origin origin_of(const struct load *load, const struct data_item *item)
{
    struct option_origin origin = {.source = OPTION_FROM_PROFILE};
    const char *file = file_of(load, item);
    size_t len = strlen(file), room = sizeof origin.where - 12;
    const char *shown = len > room ? file + len - room : file;

    if (item->line > 0)
        snprintf(origin.where, sizeof origin.where, "%s:%d", shown, item->line);
    else
        snprintf(origin.where, sizeof origin.where, "%s", shown);
    return origin;
}

static void add_problem(struct load *load, const struct data_item *item, const char *text)
{
    int n = load->problem_count++;

    load->problems = mem_resize(load->problems, (size_t)n + 1, sizeof *load->problems);
    load->problems[n] = (struct problem){.rank = item->rank, .line = item->line};
    printable_format(text, strlen(text), load->problems[n].text, sizeof load->problems[n].text);
}

static void complain(struct load *load, const struct data_item *item, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void complain(struct load *load, const struct data_item *item, const char *format, ...)
{
    struct fault why;
    va_list args;

    va_start(args, format);
    vsnprintf(why.text, sizeof why.text, format, args);
    va_end(args);
    fault_prefix(&why, "%s: ", origin_of(load, item).where);
    add_problem(load, item, why.text);
}

static int compare_problems(const void *a, const void *b)
{
    const struct problem *one = a, *two = b;

    if (one->rank != two->rank)
        return one->rank > two->rank ? -1 : 1;
    if (one->line != two->line)
        return one->line < two->line ? -1 : 1;
    return strcmp(one->text, two->text);
}

static enum err report(struct load *load, struct buf *problems, struct fault *why)
{
    if (load->problem_count == 0)
        return OK;
    qsort(load->problems, (size_t)load->problem_count, sizeof *load->problems,
          compare_problems);
    for (int i = 0; problems && i < load->problem_count; i++)
        buf_add_format(problems, "%s\n", load->problems[i].text);
    if (load->problem_count == 1)
        return fail(why, ERR_PARSE, "%s", load->problems[0].text);
    return fail(why, ERR_PARSE, "%.440s (and %d more)", load->problems[0].text,
                load->problem_count - 1);
}

/* ---- setting ---- */

static void set(struct load *load, const struct data_item *item, enum option_kind kind,
                const char *text)
{
    struct option_value value = {kind, text, NULL};
    struct option_origin origin = origin_of(load, item);
    struct fault why;

    if (options_set(load->options, item->path, &value, &origin, &why))
        add_problem(load, item, why.text);
}

static void skip_below(struct load *load, const struct data_item *item)
{
    snprintf(load->skip, sizeof load->skip, "%s", item->path);
}

/* A list of texts for an option that takes several words. */
static void set_words(struct load *load, int index)
{
    const struct data_item *list = &load->data.items[index];
    struct buf words = BUF_INIT;
    bool is_good = true;

    for (int i = index + 1; i < load->data.count; i++) {
        const struct data_item *item = &load->data.items[i];
        if (!data_is_below(item->path, list->path))
            break;
        if (item->kind == DATA_VALUE && item->as == OPTION_AS_STRING) {
            buf_add_format(&words, "%s%s", words.len ? " " : "", item->text);
        } else if (is_good) {
            complain(load, item, "%s is not a text; expected a list of texts", item->path);
            is_good = false;
        }
    }
    if (is_good)
        set(load, list, OPTION_AS_STRING, buf_text(&words));
    buf_clear(&words);
}

/* { } among the strategies: one that is none. */
static bool is_empty_element(const struct load *load, const struct data_item *item)
{
    char above[DATA_PATH_MAX];
    const char *dot = strrchr(item->path, '.');

    if (item->kind != DATA_EMPTY || !dot)
        return false;
    snprintf(above, sizeof above, "%.*s", (int)(dot - item->path), item->path);
    return options_shape(load->options, above) == OPTION_LIST;
}

static void set_container(struct load *load, int index)
{
    const struct data_item *item = &load->data.items[index];
    enum option_shape shape = options_shape(load->options, item->path);
    bool is_list = item->kind == DATA_LIST;

    if (is_empty_element(load, item))
        complain(load, item, "%s is empty; leave it out, or say what it is", item->path);
    else if (shape == OPTION_VALUES && item->kind != DATA_TABLE) {
        set_words(load, index);
    } else if (shape == OPTION_UNKNOWN) {
        set(load, item, OPTION_AS_TEXT, "");
    } else if (shape == OPTION_VALUE || shape == OPTION_VALUES) {
        complain(load, item, "%s is a %s, but takes %s", item->path, is_list ? "list" : "table",
                 shape == OPTION_VALUE ? "one value" : "a list of texts");
    } else if (shape == OPTION_GROUP && is_list) {
        complain(load, item, "%s is a list, but takes keys by name", item->path);
    } else if (shape == OPTION_LIST && item->kind == DATA_TABLE) {
        complain(load, item, "%s takes a list: %s = { { ... }, { ... } }", item->path,
                 item->path);
    } else {
        return;
    }
    skip_below(load, item);
}

static void set_item(struct load *load, int index)
{
    const struct data_item *item = &load->data.items[index];

    if (load->skip[0] && data_is_below(item->path, load->skip))
        return;
    if (item->kind == DATA_WRONG)
        complain(load, item, "%s %s", item->path[0] ? item->path : "the profile", item->text);
    else if (item->kind == DATA_VALUE)
        set(load, item, item->as, item->text);
    else
        set_container(load, index);
}

/* ---- one file over another ---- */

/* Takes what lies below `path` out of what the files before have said. */
static void remove_below(struct lua_data *data, const char *path)
{
    for (int i = data->count - 1; i >= 0; i--)
        if (data_is_below(data->items[i].path, path))
            lua_data_remove(data, i);
}

/* Whether an item stands for a whole list, which then replaces the one before. */
static bool is_whole_list(const struct load *load, const struct data_item *item)
{
    enum option_shape shape = options_shape(load->options, item->path);

    return shape == OPTION_LIST || shape == OPTION_VALUES;
}

/* Moves the items of `data` over those collected so far. */
static void lay_over(struct load *load, struct lua_data *data, int rank)
{
    for (int i = 0; i < data->count; i++) {
        if (!is_whole_list(load, &data->items[i]))
            continue;
        remove_below(&load->data, data->items[i].path);
        for (int j = load->data.count - 1; j >= 0; j--)
            if (strcmp(load->data.items[j].path, data->items[i].path) == 0)
                lua_data_remove(&load->data, j);
    }
    for (int i = 0; i < data->count; i++) {
        data->items[i].rank = rank;
        lua_data_add(&load->data, data->items[i]);
    }
    mem_free(data->items);
    *data = (struct lua_data){0};
}

/* ---- the chain ---- */

static enum err add_to_chain(struct load *load, const struct script_file *file,
                             const char *asked_by, struct fault *why)
{
    struct profile *chain = &load->chain;

    for (int i = 0; i < chain->count; i++)
        if (strcmp(chain->paths[i], file->path) == 0)
            return fail(why, ERR_PARSE,
                        "%s: 'extends' runs in a circle: %s is extended already", asked_by,
                        file->path);
    if (chain->count == PROFILE_CHAIN_MAX)
        return fail(why, ERR_RANGE, "%s: more than %d profiles extend each other", asked_by,
                    PROFILE_CHAIN_MAX);
    strcpy(chain->paths[chain->count], file->path);
    chain->is_builtin[chain->count++] = file->is_builtin;
    return OK;
}

/* "./base.lua" is meant from the folder of the file that says so. */
static void resolve_parent(const char *child, const char *name, char out[SCRIPT_PATH_MAX])
{
    const char *slash = strrchr(child, '/');

    while (strncmp(name, "./", 2) == 0)
        name += 2;
    if (script_name_is_path(name) && name[0] != '/' && slash)
        snprintf(out, SCRIPT_PATH_MAX, "%.*s/%s", (int)(slash - child), child, name);
    else
        snprintf(out, SCRIPT_PATH_MAX, "%s", name);
}

/* Reads one file; *parent becomes what it extends, "" for nothing, *asked_by who says so. */
static enum err read_file(struct load *load, const char *name, struct lua_data *out,
                          char parent[SCRIPT_PATH_MAX], char asked_by[OPTION_WHERE_MAX],
                          struct fault *why)
{
    struct script_file file = {.text = BUF_INIT};
    enum err err = script_file_load("profiles", name, &file, why);

    if (err && why && asked_by[0])
        fault_prefix(why, "%s: extends: ", asked_by);
    if (!err)
        err = add_to_chain(load, &file, asked_by, why);
    if (!err)
        err = lua_data_load(&file, out, why);
    parent[0] = '\0';
    const struct data_item *extends = err ? NULL : lua_data_find(out, "extends");
    if (extends) {
        snprintf(asked_by, OPTION_WHERE_MAX, "%.180s:%d", file.path, extends->line);
        if (extends->kind == DATA_VALUE && extends->as == OPTION_AS_STRING)
            resolve_parent(file.path, extends->text, parent);
        if (!parent[0])
            err = fail(why, ERR_PARSE, "%s: extends takes the name of a profile or its file",
                       asked_by);
        lua_data_remove(out, (int)(extends - out->items));
    }
    script_file_clear(&file);
    return err;
}

static enum err read_chain(struct load *load, const char *name, struct fault *why)
{
    struct lua_data files[PROFILE_CHAIN_MAX + 1] = {0};
    char next[SCRIPT_PATH_MAX], parent[SCRIPT_PATH_MAX], asked_by[OPTION_WHERE_MAX] = "";
    enum err err = OK;
    int count = 0;

    snprintf(next, sizeof next, "%s", name);
    while (!err && next[0]) {
        err = read_file(load, next, &files[count++], parent, asked_by, why);
        strcpy(next, parent);
    }
    for (int i = count - 1; i >= 0; i--) {
        if (!err)
            lay_over(load, &files[i], count - 1 - i);
        lua_data_clear(&files[i]);
    }
    return err;
}

enum err profile_load(const char *name, struct options *options, struct profile *out,
                      struct buf *problems, struct fault *why)
{
    struct load load = {.options = options};
    struct fault local;
    enum err err = read_chain(&load, name, why ? why : (why = &local));

    if (err) {
        if (problems)
            buf_add_format(problems, "%s\n", why->text);
        goto done;
    }
    lua_data_sort(&load.data);
    for (int i = 0; i < load.data.count; i++)
        set_item(&load, i);
    err = report(&load, problems, why);
    if (!err && out)
        *out = load.chain;
done:
    lua_data_clear(&load.data);
    mem_free(load.problems);
    return err;
}
