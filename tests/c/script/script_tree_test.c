#include "script/script_tree.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* A root with a module in it, links inside and out, and things that are not files. */
static const char *make_root(void)
{
    static char root[128];
    char command[2048];

    snprintf(root, sizeof root, "%s/tree", check_tmp());
    snprintf(
        command, sizeof command,
        "R=%s && rm -rf $R && mkdir -p $R/signals $R/folder.lua && cd $R &&"
        "echo 'return 1' > signals/momentum.lua && echo secret > ../outside.lua &&"
        "ln -s ../outside.lua out.lua && ln -s /etc/passwd absolute.lua &&"
        "ln -s momentum.lua signals/inside.lua && ln -s .. signals/up && ln -s / signals/top &&"
        "ln -s loop.lua loop.lua && mkfifo pipe.lua && printf 'return\\0' > nul.lua &&"
        "printf '\\033Lua' > binary.lua && head -c 65536 /dev/zero | tr '\\0' ' ' > full.lua &&"
        "(cat full.lua; echo) > large.lua",
        root);
    if (system(command))
        abort();
    return root;
}

static const char *read_file(const struct script_tree *tree, const char *path)
{
    static char text[256];
    struct sandbox_source source = {.text = BUF_INIT};
    struct fault why;
    enum err err = script_tree_read(tree, path, &source, &why);

    snprintf(text, sizeof text, "%s", err ? err_name(err) : buf_text(&source.text));
    buf_clear(&source.text);
    return text;
}

static struct script_tree *open_tree(void)
{
    struct script_tree *tree;

    assert_int_equal(script_tree_open(make_root(), &tree, NULL), OK);
    return tree;
}

static const struct {
    const char *path, *answer;
} reads[] = {
    {"signals/momentum.lua", "return 1\n"},
    {"signals/missing.lua", "missing"},
    {"missing/momentum.lua", "missing"},
    {"signals/momentum.lua/x.lua", "missing"},
    {"../outside.lua", "refused"},
    {"signals/../signals/momentum.lua", "refused"},
    {"/etc/passwd", "refused"},
    {"./signals/momentum.lua", "refused"},
    {"signals//momentum.lua", "refused"},
    {"signals/", "refused"},
    {"", "refused"},
    {"..", "refused"},
    {"out.lua", "refused"},
    {"absolute.lua", "refused"},
    {"loop.lua", "refused"},
    {"signals/top/etc/passwd", "refused"},
    {"folder.lua", "refused"},
    {"pipe.lua", "refused"},
    {"nul.lua", "refused"},
    {"binary.lua", "refused"},
    {"large.lua", "range"},
};

TEST(only_regular_text_files_beneath_the_root_are_read)
{
    struct script_tree *tree = open_tree();

    for (size_t i = 0; i < ARRAY_LEN(reads); i++)
        assert_string_equal(read_file(tree, reads[i].path), reads[i].answer);
    script_tree_close(tree);
}

TEST(a_link_that_stays_beneath_the_root_is_followed)
{
    struct script_tree *tree = open_tree();

    assert_string_equal(read_file(tree, "signals/inside.lua"), "return 1\n");
    assert_string_equal(read_file(tree, "signals/up/signals/momentum.lua"), "return 1\n");
    script_tree_close(tree);
}

static void take_openat2_away(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 38 /* ENOSYS */),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {ARRAY_LEN(filter), filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        _exit(77);
}

/* In a child: 0, or the number of the first wrong answer from 1. */
static int read_without_openat2(const struct script_tree *tree)
{
    take_openat2_away();
    for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
        bool is_link = !strcmp(reads[i].path, "signals/top/etc/passwd");
        const char *answer = is_link ? "missing" : reads[i].answer; /* ENOTDIR: not followed */
        if (strcmp(read_file(tree, reads[i].path), answer))
            return (int)i + 1;
    }
    return strcmp(read_file(tree, "signals/inside.lua"), "refused") ? 100 : 0;
}

TEST(an_old_kernel_follows_no_link)
{
    struct script_tree *tree = open_tree();
    int status;

    pid_t child = fork();
    if (child == 0)
        _exit(read_without_openat2(tree));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    script_tree_close(tree);
}

TEST(a_file_may_have_64_kib)
{
    struct script_tree *tree = open_tree();
    struct sandbox_source source = {.text = BUF_INIT};

    assert_int_equal(script_tree_read(tree, "full.lua", &source, NULL), OK);
    assert_int_equal(source.text.len, SANDBOX_SOURCE_MAX);
    buf_clear(&source.text);
    script_tree_close(tree);
}

TEST(a_module_is_found_by_its_dotted_name)
{
    struct script_tree *tree = open_tree();
    struct sandbox_source source = {.text = BUF_INIT};
    char name[256];

    assert_int_equal(script_tree_find(tree, "signals.momentum", &source, NULL), OK);
    snprintf(name, sizeof name, "%s/signals/momentum.lua", make_root());
    assert_string_equal(source.name, name);
    assert_string_equal(buf_text(&source.text), "return 1\n");
    assert_int_equal(script_tree_find(tree, "..outside", &source, NULL), ERR_REFUSED);
    assert_int_equal(script_tree_find(tree, "/etc/passwd", &source, NULL), ERR_REFUSED);
    buf_clear(&source.text);
    script_tree_close(tree);
}

TEST(a_missing_root_is_said)
{
    struct script_tree *tree;
    struct fault why;

    assert_int_equal(script_tree_open("/nowhere/at/all", &tree, &why), ERR_MISSING);
    assert_string_equal(why.text,
                        "cannot open the folder /nowhere/at/all: No such file or directory");
}
