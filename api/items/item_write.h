/*
 * The write path that all operations share: key, old image, condition, new image, then the change.
 *
 * `item_write_compute` reads and refuses; `item_write_apply` writes and cannot refuse. What a reply
 * needs of the old image is written between the two: it is borrowed from the store and dead after.
 */

#ifndef REHEARSEDB_API_ITEMS_ITEM_WRITE_H
#define REHEARSEDB_API_ITEMS_ITEM_WRITE_H

#include "api/items/consumed_capacity.h"
#include "api/items/expressions.h"
#include "storage/items/item_change.h"

enum item_write_kind { WRITE_PUT, WRITE_DELETE, WRITE_UPDATE };

/* What the request asks for; made before there is a transaction. */
struct item_write {
    enum item_write_kind kind;
    struct bytes item;                 /* PUT: the new item; otherwise the key of the one meant */
    const struct update *update;       /* UPDATE: NULL: none; the item is made if there is none */
    const struct condition *condition; /* NULL: none */
    bool returns_item_on_failure;      /* ReturnValuesOnConditionCheckFailure: ALL_OLD */
};

/* What it means for the table as it is. */
struct item_write_outcome {
    struct key key;
    struct attribute_value key_values[KEY_ATTRIBUTES_MAX];
    struct bytes old_item; /* data NULL: none */
    struct bytes new_item; /* data NULL: none */
};

/* The Item or Key member of `input` into `out_write`, with its size checked. */
bool item_write_prepare(struct request *request,
                        const struct cJSON *input,
                        enum item_write_kind kind,
                        struct item_write *out_write);

/* What the keys and the update tell without reading: a batch checks all its writes first. */
bool item_write_check(struct request *request,
                      const struct table_definition *table,
                      const struct item_write *write,
                      struct attribute_value out_values[KEY_ATTRIBUTES_MAX]);

/* `capacity`: of the table, with what the request has consumed of it so far. */
bool item_write_compute(struct request *request,
                        const struct table_definition *table,
                        const struct item_write *write,
                        const struct consumed_capacity *capacity,
                        struct item_write_outcome *out_outcome);

/*
 * False, TransactionConflictException: the item is part of a transaction that was under way when
 * this request came and is not acknowledged yet (docs/adr/0008-transaction-conflicts.md). Between
 * the two others.
 */
bool item_write_check_conflict(struct request *request,
                               const struct table_definition *table,
                               const struct item_write_outcome *outcome);

/*
 * False, as the service refuses it: a global index that the change falls on is short of write
 * capacity (api/items/admission.h). Between the two as well.
 */
bool item_write_check_indexes(struct request *request,
                              const struct table_definition *table,
                              const struct item_write_outcome *outcome,
                              const struct consumed_capacity *capacity);

void item_write_apply(struct request *request,
                      const struct table_definition *table,
                      const struct item_write_outcome *outcome,
                      struct consumed_capacity *capacity);

/* What a write consumed whose condition failed, or that another's failed condition cancelled. */
double item_write_failed_units(const struct item_write_outcome *outcome);

/* PutItem, DeleteItem and UpdateItem whole: plan, then compute, reply, apply. */
bool single_write_prepare(struct request *request,
                          const struct shape *shape,
                          enum item_write_kind kind);
bool single_write_run(struct request *request);

#endif
