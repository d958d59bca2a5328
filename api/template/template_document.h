/*
 * The text of a template as a tree whose outer form is right: well-formed, without nulls, with
 * sections that there are. False: `out_error` is the message of the ValidationError.
 *
 * Pure; memory is the arena's.
 */

#ifndef REHEARSEDB_API_TEMPLATE_TEMPLATE_DOCUMENT_H
#define REHEARSEDB_API_TEMPLATE_TEMPLATE_DOCUMENT_H

#include "storage/base/bytes.h"

struct arena;
struct node;

bool template_document_read(struct arena *arena,
                            struct bytes text,
                            const struct node **out_document,
                            const char **out_error);

/* The names of the members that are none of `known`, which ends with NULL; NULL: all are. */
const char *
template_document_strangers(struct arena *arena, const struct node *map, const char *const *known);

#endif
