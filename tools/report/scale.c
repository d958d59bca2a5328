#include "tools/report/scale.h"

#include "tools/record.h"

#include <stddef.h>

enum {
    MARGIN = 8,
    TICK_COUNT_MAX = 12,
    MS_PER_SECOND = 1000,
    SECONDS_PER_MINUTE = 60,
};

struct scale scale_of(const struct run_record *record)
{
    return (struct scale){
        .duration_ms = record->duration_ms > 0 ? record->duration_ms : 1,
        .left = MARGIN,
        .width = SCALE_PICTURE_WIDTH - 2 * MARGIN,
    };
}

double scale_x(const struct scale *scale, int64_t at_ms)
{
    return scale->left + scale->width * (double)at_ms / (double)scale->duration_ms;
}

int64_t scale_tick_ms(const struct scale *scale)
{
    static const int64_t ticks[] = {
        10,    20,    50,    100,    200,    500,    1000,   2000,    5000,    10000,
        15000, 30000, 60000, 120000, 300000, 600000, 900000, 1800000, 3600000,
    };
    size_t count = sizeof ticks / sizeof ticks[0];
    for (size_t i = 0; i < count; i++) {
        if (scale->duration_ms / ticks[i] <= TICK_COUNT_MAX) {
            return ticks[i];
        }
    }
    return scale->duration_ms / TICK_COUNT_MAX;
}

void scale_append_time(struct buffer *to, int64_t at_ms, int64_t tick_ms)
{
    int64_t seconds = at_ms / MS_PER_SECOND;
    if (tick_ms < MS_PER_SECOND) {
        buffer_append_format(to, "%.*f s", tick_ms < 100 ? 2 : 1, (double)at_ms / MS_PER_SECOND);
    } else if (seconds < SECONDS_PER_MINUTE) {
        buffer_append_format(to, "%lld s", (long long)seconds);
    } else {
        buffer_append_format(to, "%lld:%02lld", (long long)(seconds / SECONDS_PER_MINUTE),
                             (long long)(seconds % SECONDS_PER_MINUTE));
    }
}
