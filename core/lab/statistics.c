#include "lab/statistics.h"

#include <math.h>

#include "base/mem.h"

struct equity_curve {
    decimal first, last, peak;
    nanos first_time, last_time, peak_time;
    nanos longest_drawdown;
    decimal deepest_peak, deepest_fall; /* the largest share that the curve fell by */
    bool is_started;
    int64_t marks, invested;

    nanos day_end;   /* of the UTC day under way */
    double day_base; /* equity at the end of the day before */
    double *returns; /* one a day */
    int64_t days, days_cap;

    int64_t wins, losses, trips, streak, longest_streak;
    decimal profit, loss, best, worst;
};

struct equity_curve *equity_curve_new(void)
{
    return mem_new(sizeof(struct equity_curve));
}

void equity_curve_free(struct equity_curve *curve)
{
    if (curve)
        mem_free(curve->returns);
    mem_free(curve);
}

void equity_curve_start(struct equity_curve *curve, nanos time, decimal equity)
{
    curve->is_started = true;
    curve->first = curve->last = curve->peak = equity;
    curve->first_time = curve->peak_time = time;
    curve->day_end = nanos_day(time) + DAYS(1);
    curve->day_base = decimal_to_double(equity);
}

static void end_day(struct equity_curve *curve)
{
    double equity = decimal_to_double(curve->last);

    if (curve->days == curve->days_cap) {
        curve->days_cap = curve->days_cap ? curve->days_cap * 2 : 64;
        curve->returns = mem_resize(curve->returns, (size_t)curve->days_cap, sizeof(double));
    }
    curve->returns[curve->days++] = curve->day_base > 0 ? equity / curve->day_base - 1 : 0;
    curve->day_base = equity;
    curve->day_end += DAYS(1);
}

static double share(decimal fall, decimal peak)
{
    return decimal_is_zero(fall) ? 0 : decimal_to_double(fall) / decimal_to_double(peak);
}

/* Peaks only rise: a fall no larger in money cannot be deeper, and one from the same peak is
 * deeper if it is larger. Only at a new peak is there something to divide. */
static void look_at_fall(struct equity_curve *curve, nanos time, decimal equity)
{
    if (!decimal_is_less(equity, curve->peak)) {
        curve->peak = equity;
        curve->peak_time = time;
        return;
    }
    decimal fall = decimal_sub(curve->peak, equity);
    if (time - curve->peak_time > curve->longest_drawdown)
        curve->longest_drawdown = time - curve->peak_time;
    if (!decimal_is_less(curve->deepest_fall, fall))
        return;
    if (!decimal_is_equal(curve->peak, curve->deepest_peak) &&
        share(fall, curve->peak) <= share(curve->deepest_fall, curve->deepest_peak))
        return;
    curve->deepest_fall = fall;
    curve->deepest_peak = curve->peak;
}

void equity_curve_add(struct equity_curve *curve, nanos time, decimal equity, bool is_invested)
{
    if (!curve->is_started)
        equity_curve_start(curve, time, equity);
    while (time > curve->day_end)
        end_day(curve);
    curve->marks++;
    curve->last = equity;
    curve->last_time = time;
    curve->invested += is_invested;
    look_at_fall(curve, time, equity);
    if (time == curve->day_end) /* a bar that ends at midnight is the last of its day */
        end_day(curve);
}

void equity_curve_add_trip(struct equity_curve *curve, decimal profit)
{
    bool is_first = curve->trips++ == 0;

    curve->best = is_first ? profit : decimal_max(curve->best, profit);
    curve->worst = is_first ? profit : decimal_min(curve->worst, profit);
    if (decimal_is_negative(profit)) {
        curve->losses++;
        curve->loss = decimal_add(curve->loss, profit);
        curve->streak++;
    } else {
        curve->wins += decimal_is_positive(profit);
        curve->profit = decimal_add(curve->profit, profit);
        curve->streak = 0;
    }
    if (curve->streak > curve->longest_streak)
        curve->longest_streak = curve->streak;
}

/* Mean, sample deviation and downside deviation of daily returns, as yearly figures. */
static void annualise(const struct equity_curve *curve, struct statistics *s)
{
    double mean = 0, squares = 0, down = 0, n = (double)curve->days;

    s->volatility = s->sharpe = s->sortino = NAN;
    if (curve->days < 2)
        return;
    for (int64_t i = 0; i < curve->days; i++)
        mean += curve->returns[i] / n;
    for (int64_t i = 0; i < curve->days; i++) {
        double r = curve->returns[i];
        squares += (r - mean) * (r - mean);
        down += r < 0 ? r * r : 0;
    }
    double deviation = sqrt(squares / (n - 1)), downside = sqrt(down / n);
    s->volatility = deviation * sqrt(365);
    if (deviation > 0)
        s->sharpe = mean / deviation * sqrt(365);
    if (downside > 0)
        s->sortino = mean / downside * sqrt(365);
}

/* A yearly rate from less than a month says nothing. */
static double annual_return(const struct equity_curve *curve, double total)
{
    double years = (double)(curve->last_time - curve->first_time) / (double)DAYS(365);

    if (years < 30.0 / 365 || total <= -1)
        return NAN;
    return pow(1 + total, 1 / years) - 1;
}

static double ratio(double a, double b)
{
    return b != 0 ? a / b : NAN;
}

static void count_trips(const struct equity_curve *curve, struct statistics *s)
{
    double n = (double)curve->trips, profit = decimal_to_double(curve->profit);
    double loss = decimal_to_double(curve->loss);

    s->trips = curve->trips;
    s->wins = curve->wins;
    s->losses = curve->losses;
    s->losses_in_row = curve->longest_streak;
    s->gross_profit = curve->profit;
    s->gross_loss = curve->loss;
    s->best = curve->best;
    s->worst = curve->worst;
    s->win_rate = ratio((double)curve->wins, n);
    s->profit_factor = ratio(profit, -loss);
    s->average_win = ratio(profit, (double)curve->wins);
    s->average_loss = ratio(loss, (double)curve->losses);
    s->expectancy = ratio(profit + loss, n);
}

struct statistics equity_curve_statistics(const struct equity_curve *curve)
{
    struct statistics s = {0};

    s.total_return = NAN;
    if (decimal_is_positive(curve->first))
        s.total_return = decimal_to_double(curve->last) / decimal_to_double(curve->first) - 1;
    s.annual_return = annual_return(curve, s.total_return);
    s.max_drawdown = share(curve->deepest_fall, curve->deepest_peak);
    s.longest_drawdown = curve->longest_drawdown;
    s.calmar = ratio(s.annual_return, s.max_drawdown);
    s.exposure = ratio((double)curve->invested, (double)curve->marks);
    s.days = curve->days;
    annualise(curve, &s);
    count_trips(curve, &s);
    return s;
}
