#include "venue/request_meter.h"

#include <string.h>

static const nanos step = SECONDS(5);

nanos request_meter_step(void)
{
    return step;
}

static int64_t slot_of(nanos now)
{
    return now / step;
}

void request_meter_add(struct request_meter *meter, nanos now)
{
    int64_t slot = slot_of(now) > meter->slot ? slot_of(now) : meter->slot;

    if (slot - meter->slot >= REQUEST_METER_SLOTS)
        memset(meter->counts, 0, sizeof meter->counts);
    for (int64_t i = meter->slot + 1; i <= slot && slot - i < REQUEST_METER_SLOTS; i++)
        meter->counts[i % REQUEST_METER_SLOTS] = 0;
    meter->slot = slot;
    meter->counts[slot % REQUEST_METER_SLOTS]++;
}

int64_t request_meter_count(const struct request_meter *meter, nanos now)
{
    int64_t count = 0;

    for (int64_t i = slot_of(now) - REQUEST_METER_SLOTS + 1; i <= meter->slot; i++)
        if (i > meter->slot - REQUEST_METER_SLOTS)
            count += i >= 0 ? meter->counts[i % REQUEST_METER_SLOTS] : 0;
    return count;
}
