/* The rules at work, for metric_guard.c and metric_memory.c. */
#ifndef ENGINE_METRIC_GUARD_PRIVATE_H
#define ENGINE_METRIC_GUARD_PRIVATE_H

#include "engine/guards_private.h"

enum { SAMPLES = 64, SAMPLES_PER_WINDOW = 60, SOURCE_MAX = 48 };

enum grade { FINE, NEAR, BROKEN };

/* What a line must not forget over a restart, besides its looks. */
struct line_marks {
    nanos broken_since; /* 0: it holds */
    nanos rests_until;  /* an operator has resumed what it held */
    nanos quiet_until;  /* a warning was given */
    enum grade told;    /* the worst that was warned of */
    bool has_cause;     /* it has asked for one, which nobody has ended since */
};

struct line {
    struct metric_look looks[SAMPLES]; /* a ring of `count`, the oldest at `first` */
    int first, count;
    struct line_marks marks;
    nanos held_until; /* the end of its cause; 0: none */
    bool is_blind;
    bool has_looked; /* since the engine started */

    struct line_marks kept; /* what the journal knows of it */
    nanos kept_at, kept_look;
};

struct rule {
    struct metric_guard guard;
    struct metric_info info;
    char source[SOURCE_MAX];
    bool is_watched[PRODUCTS_MAX];
    struct line *lines; /* one, or one per product */
};

struct metric_watch {
    int count;
    bool needs_bars;
    struct rule rules[];
};

/* The look by its age, 0 the oldest; and another, the latest of all. */
struct metric_look *metric_line_look(struct line *line, int index);
void metric_line_add(struct line *line, const struct metric_look *look);
/* Where what the rule holds for this product is held. */
product_ref metric_rule_place(const struct rule *rule, product_ref product);

#endif
