/* Degradation: who holds the engine at which level, why, and for how long.
 *
 *   NORMAL -> REDUCE_ONLY -> PAUSED -> HALTED      globally, and per product
 *
 * A level is held by causes. The effective level is the highest of all that
 * apply; when one ends, whatever the others hold remains. Automation adds causes
 * and lets them expire, it never ends another's; sticky causes (HALTED always)
 * end by an operator's word alone. Causes come and go as facts, so they survive
 * a restart.
 *
 * A cause whose trigger goes on and on is told three times and no more: as it
 * begins, with an end; once it is found again, from when on it is known to last
 * (fact_cause.lingers) and has no end in the journal; and as it ends. In between
 * it is renewed here alone. After a restart it holds for as long as it lingers,
 * in which time its trigger may be found again: longer than it would have, never
 * shorter.
 *
 * The end of a cause is kept in wall time for the journal, but counted down on
 * the turn's time, which never runs backwards: a clock that steps cannot end a
 * pause early (harmless the other way round: it lasts longer). */
#ifndef ENGINE_DEGRADE_H
#define ENGINE_DEGRADE_H

#include <stdbool.h>

#include "engine/fact.h"

struct degrade;

enum { CAUSES_MAX = 128 };

struct degrade *degrade_new(void);
void degrade_free(struct degrade *degrade);

/* Facts come in. A cause with the id of one that is held replaces it. */
void degrade_apply_cause(struct degrade *degrade, const struct fact_cause *cause);
void degrade_apply_end(struct degrade *degrade, uint64_t id);

/* The trigger of a cause that lasts was found again: it ends no sooner than this. One that
 * comes from a journal ends never until this was said. Others keep to the end they have. */
void degrade_renew(struct degrade *degrade, uint64_t id, nanos end);
/* When a cause that is held ends by itself, as things stand; INT64_MAX: it does not. */
nanos degrade_end(const struct degrade *degrade, const struct fact_cause *held);

/* The id a new cause of this source and product gets: that of the one already held, so that a
 * trigger that fires again extends its cause; else a fresh one. */
uint64_t degrade_id_for(const struct degrade *degrade, const char *source, product_ref product);
/* The highest id that was ever given; and how a snapshot says it. */
uint64_t degrade_last_id(const struct degrade *degrade);
void degrade_set_last_id(struct degrade *degrade, uint64_t id);
/* The cause held by a source for a product, NULL if none. */
const struct fact_cause *degrade_find(const struct degrade *degrade, const char *source,
                                      product_ref product);

/* Effective level of a product (PRODUCT_NONE: global causes alone). */
enum level degrade_level(const struct degrade *degrade, product_ref product);
/* Whether a reducing order passes: every cause that would stop it allows it. */
bool degrade_allows_reducing(const struct degrade *degrade, product_ref product);
/* The cause that holds the effective level, for the sentence in a refusal; NULL when NORMAL. */
const struct fact_cause *degrade_worst(const struct degrade *degrade, product_ref product);

int degrade_count(const struct degrade *degrade);
const struct fact_cause *degrade_at(const struct degrade *degrade, int index);
/* The first cause whose time is over, NULL if none; and when the next one is. */
const struct fact_cause *degrade_expired(const struct degrade *degrade, nanos now);
nanos degrade_next_deadline(const struct degrade *degrade);

#endif
