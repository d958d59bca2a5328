/*
 * Conditions over items: resolved tree + item -> true or false. Pure, without allocation; values
 * are compared where they lie in the encoded item.
 *
 * A missing attribute makes a comparison, BETWEEN, IN and every function false, except <> and
 * attribute_not_exists, which it makes true. Values of different types are unequal and unordered.
 */

#ifndef REHEARSEDB_API_EXPRESSION_CONDITION_H
#define REHEARSEDB_API_EXPRESSION_CONDITION_H

#include "api/expression/path.h"

/* `item` is an encoded item (storage/value/item_codec.h); data is NULL when there is none. */
bool condition_evaluate(const struct condition *condition, struct bytes item);

/* Top-level attributes the condition refers to. */
struct attribute_names condition_attribute_names(struct arena *arena,
                                                 const struct condition *condition);

#endif
