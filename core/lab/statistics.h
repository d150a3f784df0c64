/* Statistics of an equity curve and of its round trips.
 *
 * Doubles are legal here: nothing of this is money any more. What is undefined
 * is NaN and printed as n/a, never a made-up number. Formulas are those of
 * Bacon (Practical Portfolio Performance Measurement) and of the usual
 * textbooks; annual figures use 365 days, crypto does not close.
 *
 *   return       end / start - 1
 *   drawdown     fall from the highest mark so far, over all marks
 *   daily return change from one UTC midnight's last mark to the next; a mark at midnight is
 * the last of the day it ends, and a day that is not over at the end is none Sharpe       mean
 * / sample deviation of daily returns * sqrt(365), risk-free rate 0 Sortino      mean / root of
 * the mean squared negative daily return * sqrt(365) exposure     share of marks with an open
 * position */
#ifndef LAB_STATISTICS_H
#define LAB_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/decimal.h"

struct statistics {
    double total_return, annual_return, max_drawdown, volatility, sharpe, sortino, calmar;
    nanos longest_drawdown;
    double exposure;
    int64_t days;

    int64_t trips, wins, losses; /* round trips, net of fees */
    double win_rate, profit_factor, average_win, average_loss, expectancy;
    decimal gross_profit, gross_loss, best, worst; /* net of fees, account currency */
    int64_t losses_in_row;
};

struct equity_curve; /* collects marks as they come; constant memory per day */

struct equity_curve *equity_curve_new(void);
void equity_curve_free(struct equity_curve *curve);
/* What there is before anything was traded; without it the first mark stands for that. */
void equity_curve_start(struct equity_curve *curve, nanos time, decimal equity);
void equity_curve_add(struct equity_curve *curve, nanos time, decimal equity, bool is_invested);
/* A round trip that ended: its profit net of fees. */
void equity_curve_add_trip(struct equity_curve *curve, decimal profit);
struct statistics equity_curve_statistics(const struct equity_curve *curve);

#endif
