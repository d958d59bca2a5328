/*
 * Whether a table or index may be read or written now: a bucket of tokens for each of the two.
 *
 * A token is a capacity unit. A bucket fills at the provisioned rate (on demand: at the maximum
 * that was set, if any) and holds what was not used in the last 300 seconds (developer guide,
 * "Burst capacity"). What comes is let in as long as there is something in the bucket and pays what
 * it really consumed afterwards, so that a bucket may owe; then it lets nothing in until that is
 * filled up again. A new bucket holds one second's worth.
 *
 * Kept in memory alone: after a restart a bucket is what it would be if it had been made, and not
 * used since, when the server started. Any thread; a look costs a lock that hardly anybody else
 * wants.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_THROTTLE_H
#define REHEARSEDB_STORAGE_TABLE_THROTTLE_H

#include "storage/table/table_definition.h"

enum { THROTTLE_BURST_SECONDS = 300 };

enum capacity_units { UNITS_OF_READS, UNITS_OF_WRITES };

struct throttle;

/* NULL when there is no memory. */
struct throttle *throttle_open(int64_t now_ms);
void throttle_close(struct throttle *throttle);

/* Which bucket, and how fast it fills. */
struct throttle_limit {
    uint32_t database;
    enum capacity_units kind;
    int64_t units_per_second; /* 0: there is no limit */
    int64_t since_ms;         /* when the bucket was made, if that was not seen */
};

/*
 * Of the table, or of one of its indexes; an LSI takes from its table. There is no limit on demand
 * without a maximum, nor on the way there, when the provisioned throughput is gone already.
 */
struct throttle_limit throttle_limit_of_table(const struct table_definition *table,
                                              enum capacity_units kind);
struct throttle_limit throttle_limit_of_index(const struct table_definition *table,
                                              const struct index_definition *index,
                                              enum capacity_units kind);

/* What is in the bucket; zero or less: nothing may come in. INFINITY without a limit. */
double throttle_available(struct throttle *throttle, struct throttle_limit limit, int64_t now_ms);

/* Takes what was consumed out of it. Less than zero gives back. */
void throttle_charge(struct throttle *throttle,
                     struct throttle_limit limit,
                     double units,
                     int64_t now_ms);

/* When there will be more than `units` in it if nobody else takes any; now or later. */
int64_t throttle_due_ms(struct throttle *throttle,
                        struct throttle_limit limit,
                        double units,
                        int64_t now_ms);

/*
 * The table or one of its indexes is new or has another capacity from now on: makes the buckets
 * that are missing; the others are filled at the rate they had up to now.
 */
void throttle_follow(struct throttle *throttle,
                     const struct table_definition *table,
                     int64_t now_ms);

/* The database is free for another table or index. */
void throttle_forget(struct throttle *throttle, uint32_t database);

#endif
