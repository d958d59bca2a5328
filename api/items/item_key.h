/*
 * Keys of requests against the key schema: the refusals, in the service's words, and the values.
 *
 * All return false after api_fail.
 */

#ifndef REHEARSEDB_API_ITEMS_ITEM_KEY_H
#define REHEARSEDB_API_ITEMS_ITEM_KEY_H

#include "api/request.h"
#include "storage/items/items.h"

/* A Key member (as an item): exactly the key attributes, of their types, of legal sizes. */
bool key_check(struct request *request,
               const struct table_definition *table,
               struct bytes key_item,
               struct attribute_value out_values[KEY_ATTRIBUTES_MAX]);

/* An Item: its key attributes, then those that are keys of an index, where present. */
bool item_check(struct request *request,
                const struct table_definition *table,
                struct bytes item,
                struct attribute_value out_values[KEY_ATTRIBUTES_MAX]);

/* The attribute `place` of an index's key: its type, then its size. */
bool index_key_check(struct request *request,
                     const struct index_definition *index,
                     size_t place,
                     struct attribute_value value);

/*
 * Of an Item (or, without `with_indexes`, a Key) only this: no key attribute in it is an empty text
 * or binary. What else is wrong with it is passed over.
 */
bool keys_check_filled(struct request *request,
                       const struct table_definition *table,
                       struct bytes item,
                       bool with_indexes);

#endif
