/* What the tests of the journal share. */
#ifndef TESTS_JOURNAL_HELP_H
#define TESTS_JOURNAL_HELP_H

#include "store/journal.h"
#include "story.h"

#include "check.h"

/* A path that no other test uses. */
static inline const char *fresh_path(void)
{
    static char path[256];
    static int count;

    snprintf(path, sizeof path, "%s/journal-%d.db", check_tmp(), ++count);
    return path;
}

static inline struct journal *open_journal(const char *path,
                                           const struct product_table *products)
{
    struct journal_options options = {.path = path, .products = products};
    struct journal *journal;
    struct fault why;

    if (journal_open(&options, &journal, &why))
        fail_msg("%s", why.text);
    return journal;
}

static inline enum err open_error(const char *path, struct fault *why)
{
    struct product_table none = {.count = 0};
    struct journal_options options = {.path = path, .products = &none};
    struct journal *journal;
    enum err err = journal_open(&options, &journal, why);

    if (!err)
        journal_close(journal);
    return err;
}

static inline void commit(struct journal *journal, bool sync)
{
    struct journal_port port = journal_port(journal);
    struct fault why;

    if (port.commit(port.ctx, sync, &why))
        fail_msg("%s", why.text);
}

/* What a replay tells, as text: "1 order {...}\n2 ...". */
static inline enum err write_down(void *to, const struct fact *fact, struct fault *why)
{
    static struct product_table products;
    struct story *story = story_new(0);

    (void)why;
    products = story->products;
    story_free(story);
    buf_add_format(to, "%llu %lld %s ", (unsigned long long)fact->sequence,
                   (long long)fact->time, fact_kind_name(fact->kind));
    fact_encode(fact, &products, to);
    buf_add_text(to, "\n");
    return OK;
}

static inline char *replayed(struct journal *journal)
{
    struct journal_port port = journal_port(journal);
    struct buf text = BUF_INIT;
    struct fault why;

    if (port.replay(port.ctx, write_down, &text, &why))
        fail_msg("%s", why.text);
    buf_add_text(&text, "");
    return text.data;
}

static inline int count_lines(const char *text)
{
    int lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* Tells `steps` steps, some commits among them synced, and ends with a commit. */
static inline void tell(struct story *story, struct journal *journal, int steps)
{
    story->port = journal_port(journal);
    for (int i = 0; i < steps; i++) {
        story_step(story);
        if (rng_chance(&story->rng, 0.2))
            commit(journal, rng_chance(&story->rng, 0.1));
    }
    commit(journal, false);
}

#endif
