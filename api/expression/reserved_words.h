/*
 * The 573 words that cannot stand as attribute names in an expression without a #placeholder
 * (developer guide, "Reserved words in DynamoDB").
 */

#ifndef REHEARSEDB_API_EXPRESSION_RESERVED_WORDS_H
#define REHEARSEDB_API_EXPRESSION_RESERVED_WORDS_H

#include "storage/base/bytes.h"

/* True when `word` is one of them, in any case. */
bool reserved_words_contain(struct bytes word);

#endif
