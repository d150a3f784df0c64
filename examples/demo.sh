#!/bin/sh
# What Perigee does, in a minute: a Lua strategy on the embedded mock broker, one
# number changed, and a journal that adds up. `make demo` runs it.
set -eu
cd "$(dirname "$0")/.."
PERIGEE_HOME=$(mktemp -d)
export PERIGEE_HOME
trap 'rm -rf "$PERIGEE_HOME"' EXIT
perigee=build/perigee

say() {
    printf '\n\033[1m%s\033[0m\n' "$1"
    shift
    echo "$ $*"
    "$@"
}

say "Half a year of made-up minutes" \
    $perigee data synth --symbol BTC-USD --rows 260000 --out "$PERIGEE_HOME/btc.pgh"

say "A strategy in Lua (lua/strategies/sma_cross.lua), tested on them" \
    $perigee backtest --strategy sma_cross --data "$PERIGEE_HOME/btc.pgh" --timeframe 1h --size 0.1

say "The same with one number changed" \
    $perigee backtest --strategy sma_cross --param slow=90 --data "$PERIGEE_HOME/btc.pgh" --timeframe 1h --size 0.1

say "The same engine on the mock broker: ten markets, 480 cycles of a second" \
    $perigee run --profile dev --cycles 480 --speed max --log info

say "Its journal is whole, and every cent adds up" \
    $perigee verify --profile dev

say "Why was the first order sent?" \
    $perigee orders trace 1 --profile dev
