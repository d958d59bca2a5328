/*
 * Tags as TagResource and CreateTable take them, with the service's hand-written checks
 * (docs/compatibility.md has the sources). Functions return false after api_fail.
 */

#ifndef REHEARSEDB_API_TABLES_TAGS_INPUT_H
#define REHEARSEDB_API_TABLES_TAGS_INPUT_H

#include "api/request.h"
#include "api/tables/resource_arn.h"
#include "storage/table/tags.h"

extern const struct shape SHAPE_TAGS;

/* The tags of a Tags member, in the arena; NULL and an empty list: none. */
bool tags_of_json(struct request *request, const struct cJSON *node, struct tag_set *out_tags);

/* One key, as it may be given to be removed. */
bool tag_key_check(struct request *request, struct bytes key);

bool fail_tag_count(struct request *request);

/* ---- a tagged resource, in a transaction ---- */

struct tagged {
    const struct table_definition *table;
    struct bytes owner;
    struct tag_state state;
};

/* The resource must exist. */
bool tagged_find(struct request *request,
                 const struct resource *resource,
                 struct tagged *out_tagged);

/* Another change is under way. */
bool fail_tags_change(struct request *request, const struct table_definition *table);

/* The tags become `tags`, which readers see when it is done; `change` is what was set. */
void tagged_change(struct request *request,
                   struct tagged *tagged,
                   const struct tag_set *tags,
                   const struct tag_set *change);

#endif
