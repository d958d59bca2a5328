/*
 * Capacity units: what a read or a write consumed, per table and index, and ConsumedCapacity in the
 * reply.
 *
 * Every operation counts here whatever the reply shall tell: its capacities hang on the request, in
 * the order of the tables, and dispatch hands them on when the call is complete. A condition that
 * fails costs as much as a write of the item that is there, at least one unit (developer guide,
 * "Working with items", conditional writes); other refusals cost nothing.
 *
 * Reads: half a unit a started 4 KB, one when consistent. Writes: one unit a started 1 KB of the
 * larger of the old and the new item; each index by what changed in it. Developer guide, "Read and
 * write operations"; index writes as measured (docs/compatibility.md).
 */

#ifndef REHEARSEDB_API_ITEMS_CONSUMED_CAPACITY_H
#define REHEARSEDB_API_ITEMS_CONSUMED_CAPACITY_H

#include "api/request.h"
#include "api/shape.h"
#include "storage/items/item_change.h"
#include "storage/table/throttle.h"

extern const struct shape SHAPE_RETURN_CONSUMED_CAPACITY;
extern const struct shape SHAPE_RETURN_ITEM_COLLECTION_METRICS;

struct consumed_capacity {
    struct consumed_capacity *next; /* of the request */
    const struct table_definition *table;
    enum capacity_units kind;
    bool names_kind;     /* "WriteCapacityUnits" beside "CapacityUnits", as transactions do */
    double table_units;  /* 0: not in the reply */
    double *index_units; /* one an index of the table; 0: not in the reply */

    /* Why the table's part of the call was refused, for metrics. */
    bool fails_condition;
    size_t conflict_count; /* items that a transaction under way holds */
};

/* A new one, of zero units, at the end of the request's; in its arena. For `run`. */
struct consumed_capacity *capacity_start(struct request *request,
                                         const struct table_definition *table,
                                         enum capacity_units kind);

/* A request, or one of a batch, that found no capacity left in a table or index. */
struct throttle_event {
    struct throttle_event *next; /* of the request */
    const struct table_definition *table;
    const struct index_definition *index; /* NULL: the table */
    enum capacity_units kind;
};

/* Counts it for the metrics, whatever becomes of the request; table and index live as long as it.
 * For `run`. */
void capacity_count_throttle(struct request *request,
                             const struct table_definition *table,
                             const struct index_definition *index,
                             enum capacity_units kind);

double capacity_read_units(size_t size_bytes, bool is_consistent);
double capacity_write_units(size_t size_bytes);

/* A write of the table: sizes of the old and new item (0: none), and what it did to each index. */
void capacity_add_write(struct consumed_capacity *capacity,
                        size_t old_size_bytes,
                        size_t new_size_bytes,
                        const struct index_effect *effects);

/* Adds "ConsumedCapacity":{…} to the reply if it is asked for. */
void capacity_write_member(struct request *request, const struct consumed_capacity *capacity);

/* Adds "ConsumedCapacity":[…] to the reply if it is asked for: all of the request's. */
void capacity_write_list(struct request *request);

/* Whether ItemCollectionMetrics of the table are asked for: SIZE, and the table has an LSI. */
bool collection_metrics_wanted(const struct request *request, const struct table_definition *table);

/* The object alone, for lists of them. */
void collection_metrics_write(struct json_writer *writer,
                              const struct table_definition *table,
                              struct attribute_value partition_value);

/* Adds "ItemCollectionMetrics":{…} when the request asks for SIZE and the table has an LSI. */
void collection_metrics_write_member(struct request *request,
                                     const struct table_definition *table,
                                     struct attribute_value partition_value);

#endif
