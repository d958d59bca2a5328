/*
 * The store as it was a while ago: moments of the last seconds, each a read transaction that was
 * begun then. LMDB never changes a page that a reader may see, so the past costs nothing but the
 * pages that were given up since, which the file holds on to.
 *
 * A moment is kept when a write is about to change the present, not more often than a part of the
 * span, so there is a bounded number of them; and always after a definition has changed, so that an
 * index's first moment is there. While nothing is written the present is the past. What was seen
 * once is never unseen.
 *
 * Nothing is kept, and a write costs two comparisons more, until past_keep asks for it. Any thread.
 * A moment is read by one thread at a time, others wait for it.
 */

#ifndef REHEARSEDB_STORAGE_LMDB_PAST_H
#define REHEARSEDB_STORAGE_LMDB_PAST_H

#include "storage/base/clock.h"
#include "storage/lmdb/txn.h"

enum { PAST_MOMENTS_MAX = 128 }; /* each takes one of LMDB's readers */

/*
 * Keeps moments of the last `span_ms` of the clock from now on; 0: none, those kept are given up.
 * The clock is borrowed. No transaction may be open on this thread.
 */
void past_keep(struct env *env, struct clock *clock, int64_t span_ms);

struct moment;

struct past_view {
    struct txn txn; /* reads only; not to be ended */
    struct moment *moment;
};

/* Whether a moment will do; looks at it through the transaction. */
typedef bool past_fits(void *context, struct txn *txn);

/*
 * Begins to look at the newest moment that is `age_ms` old, or the oldest there is, if it fits;
 * else at the next newer one that does. False: the present is what to look at, the caller's own
 * read transaction; it keeps the store from being replaced, and goes on until after past_end.
 */
bool past_begin(struct txn *present,
                int64_t age_ms,
                past_fits *fits,
                void *context,
                struct past_view *out_view);
void past_end(struct past_view *view);

#endif
