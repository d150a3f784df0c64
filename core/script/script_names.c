#include "script/script_names.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/text.h"
#include "script/lua_files.h"

enum { NAMES_MAX = 256, SHOWN_MAX = 12 };

struct names {
    char *items[NAMES_MAX];
    int count;
};

static bool has_name(const struct names *names, const char *name)
{
    for (int i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

static void add_name(struct names *names, const char *file)
{
    size_t len = strlen(file);

    if (len <= 4 || strcmp(file + len - 4, ".lua") != 0 || names->count == NAMES_MAX)
        return;
    char *name = mem_copy_text(file);
    name[len - 4] = '\0';
    if (has_name(names, name))
        mem_free(name);
    else
        names->items[names->count++] = name;
}

static bool add_directory(struct names *names, const char *path)
{
    DIR *directory = opendir(path);

    if (!directory)
        return false;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        add_name(names, entry->d_name);
    closedir(directory);
    return true;
}

static void add_builtin(struct names *names, const char *prefix)
{
    size_t len = strlen(prefix);

    for (const struct lua_file *file = lua_files; file->name; file++)
        if (strncmp(file->name, prefix, len) == 0)
            add_name(names, file->name + len);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_clear(struct names *names)
{
    for (int i = 0; i < names->count; i++)
        mem_free(names->items[i]);
}

/* All that a word may mean: in the tree, at home, in the program. */
static void names_find(const char *folder, struct names *names)
{
    char tree[64], own[HOME_PATH_MAX];

    snprintf(tree, sizeof tree, "lua/%s/", folder);
    add_builtin(names, tree);
    add_directory(names, tree);
    if (home_path(tree, own))
        add_directory(names, own);
    qsort(names->items, (size_t)names->count, sizeof names->items[0], compare);
}

static const char *nearest(const struct names *names, const char *word)
{
    return text_nearest(word, (const char *const *)names->items, names->count);
}

static void add_list(struct buf *text, const struct names *names)
{
    for (int i = 0; i < names->count && i < SHOWN_MAX; i++)
        buf_add_format(text, "%s%.40s", i ? ", " : "", names->items[i]);
    if (names->count > SHOWN_MAX)
        buf_add_format(text, " and %d more", names->count - SHOWN_MAX);
}

/* What begins one of this kind. */
static void add_advice(struct buf *text, const char *folder)
{
    if (strcmp(folder, "strategies") == 0)
        buf_add_text(text, "; perigee new strategy NAME writes one to start from");
    else if (strcmp(folder, "profiles") == 0)
        buf_add_text(text,
                     "; a profile of your own may begin with return { extends = \"dev\" }");
}

static enum err fail_with(struct buf *text, const char *folder, struct fault *why)
{
    struct names names = {.count = 0};

    names_find(folder, &names);
    buf_add_text(text, "; known by name: ");
    add_list(text, &names);
    add_advice(text, folder);
    fail(why, ERR_MISSING, "%s", buf_text(text));
    names_clear(&names);
    buf_clear(text);
    return ERR_MISSING;
}

/* The file that a word was to mean, if it lies where the user is. */
static bool lies_here(const char *name)
{
    char file[128];

    snprintf(file, sizeof file, "%.100s.lua", name);
    return access(file, F_OK) == 0;
}

enum err script_names_fail_name(const char *folder, const char *name, struct fault *why)
{
    char tree[64], own[HOME_PATH_MAX];
    struct names names = {.count = 0};
    struct buf text = BUF_INIT;

    snprintf(tree, sizeof tree, "lua/%s/", folder);
    bool has_home = home_path(tree, own);
    names_find(folder, &names);
    const char *near = nearest(&names, name);
    buf_add_format(&text, "no '%s' in %s%s%.120s, and none built in", name, tree,
                   has_home ? " or " : "", has_home ? own : "");
    if (lies_here(name))
        buf_add_format(&text, "; did you mean the file './%s.lua'?", name);
    else if (near)
        buf_add_format(&text, "; did you mean '%.64s'?", near);
    names_clear(&names);
    return fail_with(&text, folder, why);
}

/* "bots/x.lua" into "bots/" and "x". */
static void split(const char *path, char folder[], char name[], size_t size)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t len = strlen(base);

    snprintf(folder, size, "%.*s", (int)(base - path), path);
    if (len > 4 && strcmp(base + len - 4, ".lua") == 0)
        len -= 4;
    snprintf(name, size, "%.*s", (int)len, base);
}

enum err script_names_fail_path(const char *folder, const char *path, struct fault *why)
{
    enum { ROOM = 512 };
    char above[ROOM], name[ROOM], cwd[ROOM];
    struct names names = {.count = 0};
    struct buf text = BUF_INIT;

    split(path, above, name, ROOM);
    bool has_folder = add_directory(&names, above[0] ? above : ".");
    const char *near = nearest(&names, name);
    if (has_folder)
        buf_add_format(&text, "there is no file %.160s", path);
    else
        buf_add_format(&text, "there is no file %.160s, and no folder %.120s", path, above);
    if (path[0] != '/' && getcwd(cwd, sizeof cwd))
        buf_add_format(&text, ", seen from %.120s", cwd);
    if (near)
        buf_add_format(&text, "; did you mean '%s%.64s.lua'?", above, near);
    names_clear(&names);
    return fail_with(&text, folder, why);
}
