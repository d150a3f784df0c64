/* The bus: a ring whose capacity is a power of two and doubles when full. One
 * that was emptied begins at its first slot again, which is still in the cache.
 *
 * Events differ much in size (a quote is a tenth of a report) and most are
 * quotes, so a push copies only as much of the event as its kind uses. The rest
 * of a slot holds what was there before, and nobody may look at it.
 *
 * What the limit drops is what the next message of its kind makes up for. Bars
 * are few and are kept: a strategy cannot make up for one that is missing. */
#include "engine/bus.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

enum { CAPACITY_MIN = 16 };

struct bus {
    struct event *items;
    size_t capacity; /* a power of two */
    size_t head;     /* counts pops; the slot is its rest by capacity */
    size_t tail;     /* counts pushes */
    size_t limit;
    uint64_t dropped;
};

#define SIZE_UP_TO(member) (offsetof(struct event, member) + sizeof((struct event *)0)->member)

static const size_t sizes[] = {
    [EVENT_BAR] = SIZE_UP_TO(bar),         [EVENT_TRADE] = SIZE_UP_TO(trade),
    [EVENT_QUOTE] = SIZE_UP_TO(quote),     [EVENT_BOOK] = SIZE_UP_TO(book),
    [EVENT_REACH] = SIZE_UP_TO(reached),   [EVENT_CYCLE] = SIZE_UP_TO(timer),
    [EVENT_TIMER] = SIZE_UP_TO(timer),     [EVENT_REPORT] = SIZE_UP_TO(report),
    [EVENT_BALANCE] = SIZE_UP_TO(balance), [EVENT_HOLDING] = SIZE_UP_TO(holding),
    [EVENT_ANSWER] = SIZE_UP_TO(answer),   [EVENT_STREAM] = SIZE_UP_TO(stream),
    [EVENT_COMMAND] = SIZE_UP_TO(command), [EVENT_GAUGE] = SIZE_UP_TO(gauge),
    [EVENT_RETRY] = SIZE_UP_TO(retry),     [EVENT_PREVIEW] = SIZE_UP_TO(preview),
};
static_assert(ARRAY_LEN(sizes) == EVENT_KIND_COUNT, "every kind has a size");

struct bus *bus_new(int limit)
{
    struct bus *bus = mem_new(sizeof *bus);

    assert(limit > 0);
    bus->limit = (size_t)limit;
    bus->capacity = CAPACITY_MIN;
    bus->items = mem_new_array(bus->capacity, sizeof *bus->items);
    return bus;
}

void bus_free(struct bus *bus)
{
    if (!bus)
        return;
    mem_free(bus->items);
    mem_free(bus);
}

static struct event *slot(const struct bus *bus, size_t position)
{
    return &bus->items[position & (bus->capacity - 1)];
}

static void grow(struct bus *bus)
{
    struct event *items = mem_new_array(bus->capacity * 2, sizeof *items);
    size_t count = bus->tail - bus->head;

    for (size_t i = 0; i < count; i++)
        items[i] = *slot(bus, bus->head + i);
    mem_free(bus->items);
    bus->items = items;
    bus->capacity *= 2;
    bus->head = 0;
    bus->tail = count;
}

static bool is_droppable(enum event_kind kind)
{
    return kind == EVENT_QUOTE || kind == EVENT_TRADE || kind == EVENT_BOOK;
}

/* The slot for the next event. */
static struct event *take_slot(struct bus *bus)
{
    if (bus_is_empty(bus))
        bus->head = bus->tail = 0;
    else if (bus->tail - bus->head == bus->capacity)
        grow(bus);
    return slot(bus, bus->tail++);
}

void bus_push(struct bus *bus, const struct event *event)
{
    assert(event->kind < EVENT_KIND_COUNT);
    if (bus->tail - bus->head >= bus->limit && is_droppable(event->kind)) {
        bus->dropped++;
        return;
    }
    memcpy(take_slot(bus), event, sizes[event->kind]);
}

struct event *bus_add(struct bus *bus, enum event_kind kind)
{
    assert(kind < EVENT_KIND_COUNT && !is_droppable(kind));
    struct event *event = take_slot(bus);
    event->kind = kind;
    return event;
}

const struct event *bus_pop(struct bus *bus)
{
    return bus_is_empty(bus) ? NULL : slot(bus, bus->head++);
}

bool bus_is_empty(const struct bus *bus)
{
    return bus->head == bus->tail;
}

uint64_t bus_dropped(const struct bus *bus)
{
    return bus->dropped;
}
