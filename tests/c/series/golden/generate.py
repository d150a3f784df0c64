"""What every indicator must come out as, from its definition and in exact arithmetic.

usage: python3 tests/c/series/golden/generate.py        (rewrites bars.csv and the .txt files beside it)

Nothing here is incremental and nothing is a float before it is printed: numbers are fractions, roots
are taken to 60 digits, and each value printed is the double nearest to the true one. bars.csv is
made up here too: steps of a small generator, with gaps in price and in time, bars without range,
bars without volume, a stretch where nothing moves, and two midnights.

A file holds blocks: a line "call NAME OPTION=VALUE ..." and then, for each bar that has a value, its
number and the outputs in the order of the table.
"""
import os
from decimal import Decimal, getcontext
from fractions import Fraction as F

HERE = os.path.dirname(os.path.abspath(__file__))
BARS = 200
getcontext().prec = 60


def noise(seed):
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


def make_bars():
    draw, rows, price, start = noise(2024), [], 5000, 1704130200  # 17:30 UTC
    for i in range(BARS):
        start += 900 * (5 if next(draw) % 17 == 0 else 1)
        if next(draw) % 13 == 0:
            price += next(draw) % 301 - 150
        path = [price]
        for _ in range(4):
            if not 90 <= i < 125 and next(draw) % 11:
                price += next(draw) % 41 - 20
            path.append(price)
        if next(draw) % 9 == 0:
            path, price = [path[0]] * 5, path[0]
        volume = 0 if next(draw) % 8 == 0 else next(draw) % 9000
        rows.append((start, path[0], max(path), min(path), path[-1], volume))
    return rows


ROWS = make_bars()
COLUMNS = {name: [F(row[i + 1], 100) for row in ROWS]
           for i, name in enumerate(("open", "high", "low", "close"))}
COLUMNS["volume"] = [F(row[5], 1000) for row in ROWS]
DAYS = [row[0] // 86400 for row in ROWS]
HIGH, LOW, CLOSE, VOLUME = (COLUMNS[c] for c in ("high", "low", "close", "volume"))


def root(x):
    return F((Decimal(x.numerator) / Decimal(x.denominator)).sqrt())


def mean(xs):
    return sum(xs, F(0)) / len(xs)


def last(xs, i, n):
    """The n numbers that end with the i-th, None where there are not as many (or are None)."""
    part = xs[i - n + 1:i + 1] if i + 1 >= n else [None]
    return None if None in part else part


def rolling(xs, n, f):
    return [None if last(xs, i, n) is None else f(last(xs, i, n)) for i in range(len(xs))]


def recursive(xs, n, alpha):
    """Leading Nones, then the mean of the first n, then the recursion written out."""
    first = next(i for i, x in enumerate(xs) if x is not None)
    out = [None] * len(xs)
    for i in range(first + n - 1, len(xs)):
        out[i] = mean(xs[first:first + n]) if i == first + n - 1 \
            else alpha * xs[i] + (1 - alpha) * out[i - 1]
    return out


def ema_of(xs, n):
    return recursive(xs, n, F(2, n + 1))


def wilder_of(xs, n):
    return recursive(xs, n, F(1, n))


def variance(xs, kind):
    m = mean(xs)
    return sum((x - m) ** 2 for x in xs) / (len(xs) - (kind == "sample"))


def sma(n, source="close"):
    return [rolling(COLUMNS[source], n, mean)]


def ema(n, source="close"):
    return [ema_of(COLUMNS[source], n)]


def wma(n, source="close"):
    return [rolling(COLUMNS[source], n,
                    lambda xs: sum((k + 1) * x for k, x in enumerate(xs)) / F(n * (n + 1), 2))]


def changes(xs):
    return [None] + [b - a for a, b in zip(xs, xs[1:])]


def rsi(n, source="close"):
    steps = changes(COLUMNS[source])
    gain = wilder_of([None if s is None else max(s, F(0)) for s in steps], n)
    loss = wilder_of([None if s is None else max(-s, F(0)) for s in steps], n)
    return [[None if g is None else F(100) if b == 0 else 100 - 100 / (1 + g / b)
             for g, b in zip(gain, loss)]]


def macd(fast, slow, signal, source="close"):
    line = [None if s is None else f - s
            for f, s in zip(ema_of(COLUMNS[source], fast), ema_of(COLUMNS[source], slow))]
    average = ema_of(line, signal)
    return [line, average, [None if a is None else v - a for v, a in zip(line, average)]]


def bollinger(n, deviations, kind="population", source="close"):
    middle = rolling(COLUMNS[source], n, mean)
    deviation = rolling(COLUMNS[source], n, lambda xs: root(variance(xs, kind)))
    reach = [None if d is None else F(deviations) * d for d in deviation]
    bands = [[None] * 3 if m is None else [m + r, m - r, 2 * r / m if m else F(0)]
             for m, r in zip(middle, reach)]
    return [middle] + [list(band) for band in zip(*bands)]


def true_ranges():
    return [None] + [max(HIGH[i] - LOW[i], abs(HIGH[i] - CLOSE[i - 1]), abs(LOW[i] - CLOSE[i - 1]))
                     for i in range(1, BARS)]


def atr(n):
    return [wilder_of(true_ranges(), n)]


def wilder_sums(xs, n):
    """Wilder's other smoothing: s - s/n + x, started as the sum of the first n."""
    out = [None] * BARS
    for i in range(n, BARS):
        out[i] = sum(xs[1:n + 1]) if i == n else out[i - 1] - out[i - 1] / n + xs[i]
    return out


def adx(n):
    up, down = changes(HIGH), [None if c is None else -c for c in changes(LOW)]
    plus = [None] + [u if u > d and u > 0 else F(0) for u, d in zip(up[1:], down[1:])]
    minus = [None] + [d if d > u and d > 0 else F(0) for u, d in zip(up[1:], down[1:])]
    ranges = wilder_sums(true_ranges(), n)
    di = [[None if r is None else 100 * s / r if r else F(0)
           for s, r in zip(wilder_sums(moves, n), ranges)] for moves in (plus, minus)]
    dx = [None if p is None else 100 * abs(p - m) / (p + m) if p + m else F(0) for p, m in zip(*di)]
    return [wilder_of(dx, n)] + di


def stochastic(n, smooth, d):
    high, low = rolling(HIGH, n, max), rolling(LOW, n, min)
    raw = [None if h is None else 100 * (c - l) / (h - l) if h > l else F(50)
           for c, h, l in zip(CLOSE, high, low)]
    k = rolling(raw, smooth, mean)
    return [k, rolling(k, d, mean)]


def donchian(n):
    high, low = rolling(HIGH, n, max), rolling(LOW, n, min)
    return [high, low, [None if h is None else (h + l) / 2 for h, l in zip(high, low)]]


def stddev(n, kind="sample", source="close"):
    return [rolling(COLUMNS[source], n, lambda xs: root(variance(xs, kind)))]


def roc(n, source="close"):
    xs = COLUMNS[source]
    return [[None if i < n else F(0) if xs[i - n] == 0 else 100 * (xs[i] / xs[i - n] - 1)
             for i in range(BARS)]]


def obv():
    out = [F(0)]
    for i in range(1, BARS):
        out.append(out[-1] + (VOLUME[i] if CLOSE[i] > CLOSE[i - 1] else
                              -VOLUME[i] if CLOSE[i] < CLOSE[i - 1] else 0))
    return [out]


def vwap(n):
    typical = [(h + l + c) / 3 for h, l, c in zip(HIGH, LOW, CLOSE)]
    out = []
    for i in range(BARS):
        first = i - n + 1 if n else DAYS.index(DAYS[i])
        if first < 0:
            out.append(None)
            continue
        prices, volumes = typical[first:i + 1], VOLUME[first:i + 1]
        traded = sum(volumes)
        out.append(sum(p * v for p, v in zip(prices, volumes)) / traded if traded else mean(prices))
    return [out]


def zscore(n, source="close"):
    def score(xs):
        deviation = root(variance(xs, "sample"))
        return (xs[-1] - mean(xs)) / deviation if deviation else F(0)
    return [rolling(COLUMNS[source], n, score)]


def highest(n, source="high"):
    return [rolling(COLUMNS[source], n, max)]


def lowest(n, source="low"):
    return [rolling(COLUMNS[source], n, min)]


CALLS = {
    sma: [dict(n=1), dict(n=7), dict(n=20), dict(n=30, source="volume")],
    ema: [dict(n=1), dict(n=5), dict(n=20, source="open")],
    wma: [dict(n=1), dict(n=9), dict(n=20, source="high")],
    rsi: [dict(n=1), dict(n=2), dict(n=14), dict(n=5, source="low")],
    macd: [dict(fast=12, slow=26, signal=9), dict(fast=1, slow=2, signal=1), dict(fast=3, slow=10, signal=16)],
    bollinger: [dict(n=20, deviations=2), dict(n=5, deviations=1.5, kind="sample"),
                dict(n=20, deviations=2, source="volume")],
    atr: [dict(n=1), dict(n=14)],
    adx: [dict(n=1), dict(n=3), dict(n=14)],
    stochastic: [dict(n=14, smooth=1, d=3), dict(n=5, smooth=3, d=3), dict(n=1, smooth=1, d=1)],
    donchian: [dict(n=20), dict(n=1)],
    stddev: [dict(n=20), dict(n=2), dict(n=10, kind="population"), dict(n=10, source="volume")],
    roc: [dict(n=1), dict(n=10), dict(n=3, source="volume")],
    obv: [dict()],
    vwap: [dict(n=0), dict(n=1), dict(n=20)],
    zscore: [dict(n=20), dict(n=2)],
    highest: [dict(n=20), dict(n=3, source="close")],
    lowest: [dict(n=20), dict(n=3, source="volume")],
}


def write_bars():
    with open(os.path.join(HERE, "bars.csv"), "w") as out:
        out.write("start_seconds,open,high,low,close,volume\n")
        for start, o, h, l, c, v in ROWS:
            out.write(f"{start},{o/100:.2f},{h/100:.2f},{l/100:.2f},{c/100:.2f},{v/1000:.3f}\n")


def write_calls(indicator, calls):
    with open(os.path.join(HERE, indicator.__name__ + ".txt"), "w") as out:
        for options in calls:
            words = ["call", indicator.__name__] + [f"{k}={v}" for k, v in options.items()]
            out.write(" ".join(words) + "\n")
            for i, values in enumerate(zip(*indicator(**options))):
                if None not in values:  # all outputs appear together
                    out.write(" ".join([str(i)] + [repr(float(v)) for v in values]) + "\n")


if __name__ == "__main__":
    write_bars()
    for indicator, calls in CALLS.items():
        write_calls(indicator, calls)
