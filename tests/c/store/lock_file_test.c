#include "store/lock_file.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const char *path_of(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", check_tmp(), name);
    return path;
}

static struct lock_file *take(const char *path)
{
    struct lock_file *lock;
    struct fault why;

    if (lock_file_open(path, &lock, &why))
        fail_msg("%s", why.text);
    return lock;
}

TEST(a_lock_that_is_held_names_its_holder)
{
    const char *path = path_of("held");
    struct lock_file *lock = take(path), *second;
    struct fault why;
    char expected[400];

    assert_int_equal(lock_file_open(path, &second, &why), ERR_LOCKED);
    snprintf(expected, sizeof expected,
             "%s: an engine is running on this already (process %ld): stop that one first",
             path, (long)getpid());
    assert_string_equal(why.text, expected);
    lock_file_close(lock);
    lock_file_close(take(path));
}

TEST(a_lock_ends_with_its_process_however_that_ends)
{
    const char *path = path_of("killed");
    struct fault why;
    struct lock_file *lock;
    int ready[2];
    char byte;

    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        if (lock_file_open(path, &lock, &why) || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(lock_file_open(path, &lock, &why), ERR_LOCKED);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    lock_file_close(take(path));
    close(ready[0]);
    close(ready[1]);
}

TEST(the_note_outlives_the_lock_and_is_replaced_whole)
{
    const char *path = path_of("noted");
    struct lock_file *lock = take(path);
    struct fault why;
    char longest[LOCK_NOTE_MAX];

    memset(longest, 'n', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_string_equal(lock_file_note(lock), "");
    assert_int_equal(lock_file_write_note(lock, longest, &why), OK);
    lock_file_close(lock);
    lock = take(path);
    assert_string_equal(lock_file_note(lock), longest);
    assert_int_equal(lock_file_write_note(lock, "12 abc", &why), OK);
    assert_string_equal(lock_file_note(lock), "12 abc");
    lock_file_close(lock);
    lock = take(path);
    assert_string_equal(lock_file_note(lock), "12 abc");
    lock_file_close(lock);
}

TEST(a_folder_that_is_not_there_is_an_error)
{
    struct lock_file *lock;
    struct fault why;

    assert_int_equal(lock_file_open(path_of("nowhere/lock"), &lock, &why), ERR_MISSING);
    assert_non_null(strstr(why.text, "nowhere/lock"));
}
