/* One exit as a value: its levels, what has reached them, and its plan. Pure.
 *
 * The stop of an exit is the nearer of its stop and its trail; the trail hangs on the
 * best price since the exit was armed. Zero as a level: there is none. */
#ifndef ENGINE_EXIT_H
#define ENGINE_EXIT_H

#include <stddef.h>

#include "engine/fact.h"

/* Orders in a row that came to nothing, after which somebody has to know. */
enum { EXIT_TRIES_LOUD = 3 };

/* Whether a level was reached. */
bool exit_is_leaving(const struct fact_exit *exit);
/* Whether what is left is less than the venue takes: it waits until there is more. */
bool exit_is_too_small(const struct fact_exit *exit);
/* Whether it should be out and is not, for another reason. */
bool exit_is_failing(const struct fact_exit *exit);

/* Whether it guards a long position. */
bool exit_sells(const struct fact_exit *exit);
bool exit_has_trail(const struct fact_exit *exit);

/* The effective stop, and which leg it is; zero: none. */
decimal exit_stop_level(const struct fact_exit *exit);
enum exit_leg exit_stop_leg(const struct fact_exit *exit);
/* A price that is worse for the position by a distance. */
decimal exit_worse_by(const struct fact_exit *exit, decimal price, decimal distance);

/* Whether the price is at the level or beyond it, on the losing side; or at the target or
 * beyond it, on the winning one. */
bool exit_is_stopped(const struct fact_exit *exit, decimal price, decimal level);
bool exit_is_won(const struct fact_exit *exit, decimal price);

/* Shares of what was paid become prices in steps of the product. */
void exit_resolve_shares(struct fact_exit *exit, decimal paid, decimal step);

bool exit_plan_is_empty(const struct exit_plan *plan);
/* Whether its levels are on the right sides of a price: for who enters on this side, and a
 * sentence why not. */
bool exit_plan_check(const struct exit_plan *plan, enum side entry, decimal price, char *why,
                     size_t size);

#endif
