/* print: one escaped line to the host, limited in length and rate. The rate is counted in
 * calls, not in time, so that a backtest prints the same on every machine. */
#include <lauxlib.h>

#include <stdio.h>
#include <string.h>

#include "script/printable.h"
#include "script/sandbox_private.h"

enum {
    BYTE_COST = 1,
    LINE_COST = 50,
    HEAD = 100, /* bytes that stand before the text in a line of the log */
};

static void refill(struct sandbox *s)
{
    uint64_t calls = s->port.call - s->print_call;
    int64_t room = s->limits.print_burst - s->print_left;
    int64_t more = calls < 1000000 ? (int64_t)calls * s->limits.print_refill : room;

    s->print_left += (int)(more < room ? more : room);
    s->print_call = s->port.call;
}

static void hand_over(lua_State *L, const char *line)
{
    struct sandbox *s = sandbox_of(L);

    if (!s->options.print)
        return;
    sandbox_host_begin(L);
    s->options.print(s->port.host, line);
    sandbox_host_end(L);
}

/* Whether the line may be printed; says so once when the output begins to be dropped. */
static bool is_affordable(lua_State *L, int len)
{
    struct sandbox *s = sandbox_of(L);
    char text[80];

    refill(s);
    if (s->print_left < len) {
        if (s->lines_dropped++ == 0)
            hand_over(L, "(the script prints too much; lines are dropped)");
        return false;
    }
    s->print_left -= len;
    if (s->lines_dropped) {
        snprintf(text, sizeof text, "(%d lines were dropped)", s->lines_dropped);
        s->lines_dropped = 0;
        hand_over(L, text);
    }
    return true;
}

const char *sandbox_make_line(lua_State *L, const char *text, size_t len)
{
    struct sandbox *s = sandbox_of(L);
    size_t used = printable_format(text, len, s->line, (size_t)s->limits.print_line + 1);

    sandbox_charge(L, LINE_COST + BYTE_COST * (int64_t)used);
    return is_affordable(L, (int)used + HEAD) ? s->line : NULL;
}

static int print(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);
    size_t cap = (size_t)s->limits.print_line + 1, used = 0;
    int arguments = lua_gettop(L);

    for (int i = 1; i <= arguments && used + 10 < cap; i++) {
        size_t len;
        const char *text = sandbox_push_text(L, i, &len);
        if (i > 1)
            s->line[used++] = ' ';
        used += printable_format(text, len, s->line + used, cap - used);
        lua_pop(L, 1);
    }
    s->line[used] = '\0';
    sandbox_charge(L, LINE_COST + BYTE_COST * (int64_t)used);
    if (is_affordable(L, (int)used + 1))
        hand_over(L, s->line);
    return 0;
}

void sandbox_add_print(lua_State *L)
{
    lua_pushcfunction(L, print);
    lua_setfield(L, -2, "print");
}
