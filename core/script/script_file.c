#include "script/script_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/home.h"
#include "script/lua_files.h"
#include "script/sandbox.h"
#include "script/script_names.h"

bool script_name_is_path(const char *name)
{
    size_t len = strlen(name);

    return strchr(name, '/') || (len > 4 && strcmp(name + len - 4, ".lua") == 0);
}

void script_file_clear(struct script_file *file)
{
    buf_clear(&file->text);
}

static bool is_name(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    return *text && strspn(text, letters) == strlen(text) && strlen(text) < 64;
}

static enum err load_file(struct script_file *out, struct fault *why)
{
    struct buf text = BUF_INIT;
    enum err err = buf_read_file(&text, out->path, SANDBOX_SOURCE_MAX, why);

    if (err) {
        buf_clear(&text);
        return err;
    }
    out->text = text;
    return OK;
}

static bool load_builtin(struct script_file *out)
{
    const struct lua_file *file = lua_files_find(out->path);

    if (!file)
        return false;
    buf_add(&out->text, file->bytes, file->len);
    out->is_builtin = true;
    return true;
}

static enum err load_by_name(const char *folder, const char *name, struct script_file *out,
                             struct fault *why)
{
    char relative[128], own[HOME_PATH_MAX];

    snprintf(relative, sizeof relative, "lua/%s/%s.lua", folder, name);
    snprintf(out->path, sizeof out->path, "%s", relative);
    if (access(out->path, F_OK) == 0)
        return load_file(out, why);
    if (home_path(relative, own) && access(own, F_OK) == 0) {
        snprintf(out->path, sizeof out->path, "%s", own);
        return load_file(out, why);
    }
    return load_builtin(out) ? OK : script_names_fail_name(folder, name, why);
}

enum err script_file_load(const char *folder, const char *name, struct script_file *out,
                          struct fault *why)
{
    struct script_file file = {.text = BUF_INIT};
    enum err err;

    if (script_name_is_path(name)) {
        if (strlen(name) >= sizeof file.path)
            return fail(why, ERR_RANGE, "%.80s...: the path is too long", name);
        strcpy(file.path, name);
        err = load_file(&file, why);
        if (err == ERR_MISSING)
            return script_names_fail_path(folder, name, why);
    } else if (!is_name(name)) {
        return fail(why, ERR_USAGE,
                    "'%.80s' is neither a name (letters, digits, _ and -) nor a "
                    "file ending in .lua",
                    name);
    } else {
        err = load_by_name(folder, name, &file, why);
    }
    if (!err)
        *out = file;
    return err;
}
