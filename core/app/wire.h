/* The composition root: from a configuration to an engine with its venue, its
 * journal and its scripts. The only place that knows which adapter is in use. */
#ifndef APP_WIRE_H
#define APP_WIRE_H

#include "app/config.h"
#include "engine/engine.h"
#include "store/journal.h"
#include "venue/courier.h"

struct wire;

struct wire_options {
    const char *journal_path; /* NULL: the profile's file below the home */
    bool is_fresh;            /* journal and mock begin anew, the old ones are moved aside */
};

/* Opens the journal and the mock's own file, reads what they hold and lets the engine recover
 * from it. Refuses what the configuration sets and nobody honours. Borrows the configuration.
 */
enum err wire_new(const struct config *config, const struct wire_options *options,
                  struct wire **out, struct fault *why) MUST_CHECK;
void wire_free(struct wire *wire);

struct engine *wire_engine(struct wire *wire);
/* The way to the venue, for its state. */
const struct courier *wire_courier(const struct wire *wire);
/* When the venue, or the way to it, next has something; and lets it happen up to `now`: what
 * the engine gets to know of it is on its bus then. */
nanos wire_next_time(const struct wire *wire);
void wire_advance(struct wire *wire, nanos now);
/* Whether the venue is still to be relied on: the mock's own file takes what happens. */
enum err wire_check_venue(const struct wire *wire, struct fault *why) MUST_CHECK;
/* The engine has ended: what it sent last arrives all the same. */
enum err wire_hang_up(struct wire *wire, struct fault *why) MUST_CHECK;
/* The engine's time at the start: the profile's mock.start, else the present; of a run that
 * goes on never before the last one's end. */
nanos wire_start_time(const struct wire *wire);
const struct journal *wire_journal(const struct wire *wire);
const struct product_table *wire_products(const struct wire *wire);
const char *wire_journal_path(const struct wire *wire);

/* Tells the engine what only the machine knows: room on the journal's disk. */
void wire_measure(struct wire *wire);

/* Whether the journal had a history. */
bool wire_is_resumed(const struct wire *wire);
enum err wire_start(struct wire *wire, nanos now, struct fault *why) MUST_CHECK;

#endif
