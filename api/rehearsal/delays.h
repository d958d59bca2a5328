/*
 * Answers that are held back: one thread, started by the first of them, completes each when its
 * time has come. Real time, whatever the clock says: it is the callers' patience that is tried.
 */

#ifndef REHEARSEDB_API_REHEARSAL_DELAYS_H
#define REHEARSEDB_API_REHEARSAL_DELAYS_H

#include "api/api.h"

struct delays;

/* NULL when there is no memory. */
struct delays *delays_open(void);

/* After delays_end. */
void delays_close(struct delays *delays);

/*
 * Calls call->completed after so long, from another thread, perhaps before this returns. False when
 * nothing is held back any more: the caller answers at once.
 */
bool delays_add(struct delays *delays, struct api_call *call, int64_t delay_ms);

/* Completes all that are held back and holds back nothing more. */
void delays_end(struct delays *delays);

#endif
