/*
 * The one clock. Milliseconds since 1970 (UTC); real, or standing still and moved by hand so that
 * tests and rehearsals decide when something is due. Any thread may read it.
 */

#ifndef REHEARSEDB_STORAGE_BASE_CLOCK_H
#define REHEARSEDB_STORAGE_BASE_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct clock {
    bool is_manual;
    int64_t manual_ms;         /* where it stood at first */
    _Atomic int64_t offset_ms; /* how far ahead of that, or of the system's clock, it was moved */
};

void clock_init_real(struct clock *clock);
void clock_init_manual(struct clock *clock, int64_t now_ms);
int64_t clock_now_ms(struct clock *clock);

int64_t clock_offset_ms(struct clock *clock);

/* Moves time forward by `by_ms` (not negative). */
void clock_advance(struct clock *clock, int64_t by_ms);

#endif
