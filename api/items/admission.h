/*
 * Whether a request may go on, when the server throttles (storage/table/throttle.h): each read and
 * write asks here for the table or index that it falls on, after what is wrong with it and before
 * its work. Without throttling everything may.
 *
 * A bucket must have something left after what the request has consumed of it so far; dispatch
 * charges what that came to when the operation is done. So an item that is larger than what is left
 * is let in, and leaves a debt.
 *
 * A refusal is the service's exception with its ThrottlingReasons (developer guide, "Diagnosing
 * throttling"), and is counted for the metrics.
 */

#ifndef REHEARSEDB_API_ITEMS_ADMISSION_H
#define REHEARSEDB_API_ITEMS_ADMISSION_H

#include "api/items/consumed_capacity.h"

/* Whether the server throttles at all; else there is nothing to compute for these checks. */
bool admission_is_limited(const struct request *request);

/* A read or write, by the kind of `capacity`, of its table or of one index (NULL: the table). */
bool admission_check(struct request *request,
                     const struct consumed_capacity *capacity,
                     const struct index_definition *index);

/*
 * A write that would change the indexes so. A global index that is short of capacity holds up its
 * table ("GSI back-pressure"); one that the write does not touch is not asked.
 */
bool admission_check_effects(struct request *request,
                             const struct consumed_capacity *capacity,
                             const struct index_effect *effects);

/*
 * A check has just failed: takes the failure back into `out_error`, so that the rest of a batch can
 * be served. False when something else has failed.
 */
bool admission_take_refusal(struct request *request, struct api_error *out_error);

/* Takes what the request has consumed out of the buckets; gives it back. */
void admission_charge(const struct request *request);
void admission_refund(const struct request *request);

#endif
