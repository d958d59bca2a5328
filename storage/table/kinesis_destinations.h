/*
 * The Kinesis streams that a table's changes were asked to be sent to. There is no Kinesis here:
 * destinations are kept and walk through their states, and nothing is sent.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_KINESIS_DESTINATIONS_H
#define REHEARSEDB_STORAGE_TABLE_KINESIS_DESTINATIONS_H

#include "storage/table/table_settings.h"

#include <stdint.h>

enum kinesis_status {
    KINESIS_ENABLING,
    KINESIS_ACTIVE,
    KINESIS_UPDATING,
    KINESIS_DISABLING,
    KINESIS_DISABLED,
    KINESIS_ENABLE_FAILED,
};

/* The last thing asked for, which the status follows from. */
enum kinesis_action {
    KINESIS_ENABLE,
    KINESIS_UPDATE,
    KINESIS_DISABLE,
};

enum kinesis_failure {
    KINESIS_NO_FAILURE,
    KINESIS_NOT_PERMITTED, /* the ARN is not that of a stream */
    KINESIS_OTHER_REGION,
};

enum kinesis_precision {
    KINESIS_PRECISION_UNSET, /* milliseconds, and not described */
    KINESIS_MILLISECOND,
    KINESIS_MICROSECOND,
};

struct kinesis_destination {
    struct bytes stream_arn;
    enum kinesis_action action;
    enum kinesis_failure failure; /* what enabling it comes to */
    enum kinesis_precision precision;
    int64_t due_ms; /* when the action is done */
};

/* The service keeps those that failed or were disabled for longer than anybody has watched; here
 * the oldest goes when there are this many. */
enum { KINESIS_DESTINATIONS_MAX = 20 };

struct kinesis_destinations {
    struct kinesis_destination *entries; /* the newest first */
    size_t count;
};

/* In the arena, with room for one more. */
struct kinesis_destinations
kinesis_destinations_find(struct txn *txn, struct arena *arena, struct bytes table);
void kinesis_destinations_put(struct txn *txn,
                              struct arena *arena,
                              struct bytes table,
                              const struct kinesis_destinations *destinations);

/* NULL: never asked for. */
struct kinesis_destination *kinesis_destination_of(const struct kinesis_destinations *destinations,
                                                   struct bytes stream_arn);

/* The same; made in front when there is none. None may be in use then but the one asked for. */
struct kinesis_destination *kinesis_destination_add(struct kinesis_destinations *destinations,
                                                    struct bytes stream_arn);

enum kinesis_status kinesis_status(const struct kinesis_destination *destination, int64_t now_ms);

#endif
