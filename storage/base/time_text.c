#include "storage/base/time_text.h"

#include <time.h>

static struct tm parts_of(int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    (void)gmtime_r(&seconds, &parts);
    return parts;
}

void time_append_iso(struct buffer *to, int64_t time_ms)
{
    struct tm parts = parts_of(time_ms);
    char text[32];
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    buffer_append_format(to, "%s.%03d", text, (int)(time_ms % 1000));
}

void time_append_long(struct buffer *to, int64_t time_ms)
{
    struct tm parts = parts_of(time_ms);
    char day[64];
    char clock[32];
    (void)strftime(day, sizeof day, "%A, %B", &parts);
    (void)strftime(clock, sizeof clock, "%M:%S %p", &parts);
    int hour = parts.tm_hour % 12 == 0 ? 12 : parts.tm_hour % 12;
    buffer_append_format(to, "%s %d, %d at %d:%s Coordinated Universal Time", day, parts.tm_mday,
                         parts.tm_year + 1900, hour, clock);
}
