/*
 * Values and items by the rules of a template, as DynamoDB's JSON. What comes out depends on seed
 * and number alone. Any thread.
 */

#ifndef REHEARSEDB_TOOLS_LOAD_VALUE_H
#define REHEARSEDB_TOOLS_LOAD_VALUE_H

#include "tools/load/template.h"
#include "tools/table/table_shape.h"

/* {"S":"user-17"} */
void value_append(struct buffer *to,
                  const struct value_rule *rule,
                  struct random_stream *random,
                  uint64_t number);

/* The item of that number: {"pk":{"S":"user-17"},…} */
void item_generate(struct buffer *to,
                   const struct template *template,
                   uint64_t seed,
                   uint64_t number);

/* The key of that item alone: {"pk":{"S":"user-17"}} */
void item_generate_key(struct buffer *to,
                       const struct template *template,
                       const struct index_shape *keys,
                       uint64_t seed,
                       uint64_t number);

#endif
