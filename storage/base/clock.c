#include "storage/base/clock.h"

#include <assert.h>
#include <time.h>

void clock_init_real(struct clock *clock)
{
    clock->is_manual = false;
    clock->manual_ms = 0;
    atomic_init(&clock->offset_ms, 0);
}

void clock_init_manual(struct clock *clock, int64_t now_ms)
{
    clock->is_manual = true;
    clock->manual_ms = now_ms;
    atomic_init(&clock->offset_ms, 0);
}

int64_t clock_now_ms(struct clock *clock)
{
    int64_t offset_ms = atomic_load(&clock->offset_ms);
    if (clock->is_manual) {
        return clock->manual_ms + offset_ms;
    }
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + offset_ms;
}

int64_t clock_offset_ms(struct clock *clock)
{
    return atomic_load(&clock->offset_ms);
}

void clock_advance(struct clock *clock, int64_t by_ms)
{
    assert(by_ms >= 0);
    (void)atomic_fetch_add(&clock->offset_ms, by_ms);
}
