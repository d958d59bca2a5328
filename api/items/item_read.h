/*
 * The read path: one item, and pages of a table or an index for Query and Scan.
 *
 * A page ends at the Limit, after 1 MB of items read, or at the end of the range; Limit and size
 * count items before the filter (developer guide, "Paginating").
 */

#ifndef REHEARSEDB_API_ITEMS_ITEM_READ_H
#define REHEARSEDB_API_ITEMS_ITEM_READ_H

#include "api/items/consumed_capacity.h"
#include "api/items/expressions.h"
#include "storage/items/items.h"

/*
 * The item of a Key member (as an item), if the table of `capacity` may be read. False after
 * api_fail. What it consumes is the caller's to count.
 */
bool item_read_one(struct request *request,
                   const struct consumed_capacity *capacity,
                   struct bytes key_item,
                   struct bytes *out_item,
                   bool *out_found);

/* Writes an item as a JSON value, reduced when there is a projection. */
void item_write_reply(struct json_writer *writer,
                      struct bytes item,
                      const struct projection *projection);

enum page_select {
    SELECT_ALL_ATTRIBUTES,
    SELECT_ALL_PROJECTED,
    SELECT_SPECIFIC,
    SELECT_COUNT,
};

/* What Query and Scan ask for alike; made before there is a transaction. */
struct page_plan {
    struct bytes table_name;
    struct bytes index_name; /* empty: the table itself */
    struct expressions expressions;
    bool has_select;
    enum page_select select;
    bool is_consistent;
    int64_t limit; /* INT64_MAX: none */
    bool has_start;
    struct bytes start_key; /* ExclusiveStartKey as an item */
};

/*
 * From the request's members, with the checks that need no table; `check` does those that only this
 * operation has, after ExclusiveStartKey and before the expressions.
 */
bool page_prepare(struct request *request,
                  const struct shape *shape,
                  bool (*check)(struct request *request),
                  struct page_plan *out_plan);

/* The place to read, found and checked against the plan. */
struct page_target {
    const struct table_definition *table;
    const struct index_definition *index; /* NULL: the table itself */
    struct item_source source;
    bool fetches; /* an LSI asked for attributes that it does not project: read from the table */
};

bool page_find_target(struct request *request,
                      const struct page_plan *plan,
                      bool is_query,
                      struct page_target *out_target);

/*
 * ExclusiveStartKey against the target: table keys and index keys, no more, of their types. Gives
 * the index's (or table's) key values and the hash of the table's item.
 */
bool page_start_values(struct request *request,
                       const struct page_plan *plan,
                       const struct page_target *target,
                       bool is_query,
                       struct attribute_value out_values[KEY_ATTRIBUTES_MAX],
                       uint8_t out_item_hash[KEY_HASH_SIZE]);

/* The next entry of the range, or false at its end. */
typedef bool page_next(void *cursor, struct item_entry *out_entry);

/* Reads a page, if the target may be read, and writes the whole reply. */
bool page_write(struct request *request,
                const struct page_plan *plan,
                const struct page_target *target,
                page_next *next,
                void *cursor);

#endif
