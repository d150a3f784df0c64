#include "script/script_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "script/lua_files.h"

/* O_NONBLOCK: opening a FIFO somebody put there must not wait for a writer. */
enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, PATH_TEXT_MAX = 256 };

struct script_tree {
    char *root;
    int fd;
};

enum err script_tree_open(const char *root, struct script_tree **out, struct fault *why)
{
    int fd = open(root, O_DIRECTORY | OPEN_FLAGS);

    if (fd < 0)
        return fail(why, errno == ENOENT ? ERR_MISSING : ERR_IO,
                    "cannot open the folder %s: %s", root, strerror(errno));
    struct script_tree *tree = mem_new(sizeof *tree);
    tree->root = mem_copy_text(root);
    tree->fd = fd;
    *out = tree;
    return OK;
}

void script_tree_close(struct script_tree *tree)
{
    if (!tree)
        return;
    close(tree->fd);
    mem_free(tree->root);
    mem_free(tree);
}

/* Names joined by single slashes, none of them "." or "..". */
static bool is_plain_path(const char *path)
{
    for (;; path++) {
        size_t len = strcspn(path, "/");
        bool is_dots = len <= 2 && strspn(path, ".") >= len;
        if (is_dots) /* "" too */
            return false;
        path += len;
        if (!*path)
            return true;
    }
}

/* Component by component, following no link. */
static int open_by_walking(int root, const char *path)
{
    char name[PATH_TEXT_MAX];
    int fd = root;

    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
        snprintf(name, sizeof name, "%.*s", (int)(slash - path), path);
        int next = openat(fd, name, O_DIRECTORY | O_NOFOLLOW | OPEN_FLAGS);
        if (fd != root)
            close(fd);
        if (next < 0)
            return -1;
        fd = next;
    }
    int file = openat(fd, path, O_NOFOLLOW | OPEN_FLAGS);
    int saved = errno;
    if (fd != root)
        close(fd);
    errno = saved;
    return file;
}

static int open_beneath(int root, const char *path)
{
    struct open_how how = {.flags = OPEN_FLAGS,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);

    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_by_walking(root, path);
    return fd;
}

static enum err read_all(int fd, struct sandbox_source *out, struct fault *why)
{
    char chunk[8192];
    ssize_t n;

    buf_reset(&out->text);
    while ((n = read(fd, chunk, sizeof chunk)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(why, ERR_IO, "%s: %s", out->name, strerror(errno));
        if (memchr(chunk, '\0', (size_t)n) || (out->text.len == 0 && chunk[0] == '\x1b'))
            return fail(why, ERR_REFUSED, "%s: not a text file in UTF-8", out->name);
        buf_add(&out->text, chunk, (size_t)n);
        if (out->text.len > SANDBOX_SOURCE_MAX)
            return fail(why, ERR_RANGE, "%s: more than %d bytes; split it into modules",
                        out->name, SANDBOX_SOURCE_MAX);
    }
    return OK;
}

static enum err why_not_opened(const char *name, struct fault *why)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return fail(why, ERR_MISSING, "there is no file %s", name);
    case EXDEV: /* openat2: leads outside */
    case ELOOP:
        return fail(why, ERR_REFUSED, "%s: a link that leads out of the folder", name);
    default:
        return fail(why, ERR_IO, "%s: %s", name, strerror(errno));
    }
}

enum err script_tree_read(const struct script_tree *tree, const char *path,
                          struct sandbox_source *out, struct fault *why)
{
    struct stat st;
    enum err err;

    if (strlen(path) >= PATH_TEXT_MAX || !is_plain_path(path))
        return fail(why, ERR_REFUSED, "'%.100s' is not the name of a file beneath %s", path,
                    tree->root);
    snprintf(out->name, sizeof out->name, "%.250s/%s", tree->root, path);
    int fd = open_beneath(tree->fd, path);
    if (fd < 0)
        return why_not_opened(out->name, why);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        err = fail(why, ERR_REFUSED, "%s: not a regular file", out->name);
    else
        err = read_all(fd, out, why);
    close(fd);
    return err;
}

/* "signals.momentum" to "signals/momentum.lua"; false when it is too long. */
static bool module_path(const char *module, char path[PATH_TEXT_MAX])
{
    int len = snprintf(path, PATH_TEXT_MAX, "%s.lua", module);

    if (len < 0 || len >= PATH_TEXT_MAX)
        return false;
    for (size_t i = 0; module[i]; i++)
        if (path[i] == '.')
            path[i] = '/';
    return true;
}

enum err script_tree_find(const struct script_tree *tree, const char *module,
                          struct sandbox_source *out, struct fault *why)
{
    char path[PATH_TEXT_MAX];

    if (strchr(module, '/') || !module_path(module, path))
        return fail(why, ERR_REFUSED, "'%.100s' is not the name of a module", module);
    return script_tree_read(tree, path, out, why);
}

enum err script_builtin_find(const char *module, struct sandbox_source *out, struct fault *why)
{
    char path[PATH_TEXT_MAX];

    if (!module_path(module, path))
        return fail(why, ERR_REFUSED, "'%.100s' is not the name of a module", module);
    snprintf(out->name, sizeof out->name, "lua/%s", path);
    for (const struct lua_file *file = lua_files; file->name; file++) {
        if (strcmp(file->name, out->name))
            continue;
        buf_reset(&out->text);
        buf_add(&out->text, file->bytes, file->len);
        return OK;
    }
    return fail(why, ERR_MISSING, "no module '%s' is compiled in", module);
}
