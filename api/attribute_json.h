/*
 * Attribute values and items: {"S": "a"} to encoded bytes (storage/value/attribute_value.h) and
 * back.
 *
 * In, everything the service refuses about a value is refused here, in its words, as a code and a
 * text in the arena. The order of refusals: attributes in ascending order of their names; in a
 * value its own faults, then more than one type. Results live in the arena.
 *
 * Out, JSON is written from the encoded bytes in place: no tree, one copy a value. This is most of
 * the work of GetItem, Query and Scan.
 */

#ifndef REHEARSEDB_API_ATTRIBUTE_JSON_H
#define REHEARSEDB_API_ATTRIBUTE_JSON_H

#include "api/api_error.h"
#include "storage/value/attribute_value.h"

struct cJSON;

/* {"S": …}. */
bool attribute_of_json(struct arena *arena,
                       const struct cJSON *node,
                       struct attribute_value *out_value,
                       struct api_error *out_error);

/* {"pk": {"S": …}, …}: an Item or a Key as an item (storage/value/item_codec.h). */
bool item_of_json(struct arena *arena,
                  const struct cJSON *map,
                  struct bytes *out_item,
                  struct api_error *out_error);

/* {"S":"a"} */
void attribute_json_write(struct buffer *to, struct attribute_value value);

/* {"pk":{"S":"a"},…} */
void item_json_write(struct buffer *to, struct bytes item);

/* The same from an M payload. */
void attributes_json_write(struct buffer *to, struct bytes payload);

#endif
