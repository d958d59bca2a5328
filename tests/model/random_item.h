/*
 * Random items for the model of indexes: few keys, so that items are often overwritten, and
 * attributes that are missing, mistyped, empty or too large for an index every now and then.
 */

#ifndef REHEARSEDB_TESTS_MODEL_RANDOM_ITEM_H
#define REHEARSEDB_TESTS_MODEL_RANDOM_ITEM_H

#include "storage/base/bytes.h"
#include "tests/support/random.h"

/* "pk" (S) and "sk" (N), and most of "a" (S), "b" (B), "extra", "long" (S), "n" (N), "unprojected".
 */
struct bytes random_item(struct random *random, struct arena *arena);

/* "pk" and "sk" alone, as of such an item. */
struct bytes random_key(struct random *random, struct arena *arena);

#endif
