/*
 * What became of each action of a transaction, and TransactionCanceledException when one of them
 * was refused.
 *
 * Every action is looked at, so that the client learns all reasons at once; only what is wrong with
 * the request itself (a missing table, an empty key) ends it alone.
 */

#ifndef REHEARSEDB_API_ITEMS_CANCELLATION_H
#define REHEARSEDB_API_ITEMS_CANCELLATION_H

#include "api/request.h"

struct cancellation {
    struct request *request;
    size_t count;
    struct api_error *reasons; /* one an action */
    bool *is_refused;          /* the same: whether it has a reason */
    bool has_reason;
};

void cancellation_init(struct cancellation *cancellation, struct request *request, size_t count);

/*
 * The action's check has just failed: takes the request's error for the action's reason, so that
 * the next can be checked. False when that error, or the store's, is no reason but an end.
 */
bool cancellation_take(struct cancellation *cancellation, size_t action);

/* True when no action has a reason; else fails with them all. */
bool cancellation_finish(struct cancellation *cancellation);

#endif
