/*
 * A definition from a document: an answer of DescribeTable, an input of CreateTable, or the table
 * in a CloudFormation template. Which it is shows in its content.
 */

#ifndef REHEARSEDB_API_TEMPLATE_DEFINITION_READ_H
#define REHEARSEDB_API_TEMPLATE_DEFINITION_READ_H

#include <stdbool.h>

struct arena;
struct node;
struct table_definition;
struct template_options;

/* False: `out_error`, in the arena, says why the document defines no table that can be planned. */
bool definition_read(struct arena *arena,
                     const struct node *document,
                     const struct template_options *options,
                     struct table_definition *out_definition,
                     const char **out_error);

#endif
