/*
 * A resource and its policy, in a transaction. Functions return false after api_fail.
 */

#ifndef REHEARSEDB_API_TABLES_POLICY_INPUT_H
#define REHEARSEDB_API_TABLES_POLICY_INPUT_H

#include "api/tables/policy_document.h"
#include "api/tables/resource_arn.h"
#include "storage/table/resource_policy.h"

extern const struct shape SHAPE_POLICY_REVISION;

struct policied {
    const struct resource *resource;
    const struct table_definition *table;
    struct bytes owner;
    struct resource_policy policy;
};

/* The resource must exist. */
bool policied_find(struct request *request,
                   const struct resource *resource,
                   struct policied *out_policied);

/* Whether the ExpectedRevisionId of the request, if it has one, is that of the policy. */
bool policied_check_revision(struct request *request, const struct policied *policied);

/* Whether the table's state and the time since the last change admit another. */
bool policied_admits_change(struct request *request, const struct policied *policied);

/* The policy becomes `document` (empty: none); tells its revision. */
int64_t policied_change(struct request *request, struct policied *policied, struct bytes document);

/* PolicyNotFoundException: what follows its beginning. */
bool fail_no_policy(struct request *request, struct bytes what);

/* The member RevisionId. */
void policy_write_revision(struct json_writer *writer, int64_t revision_ms);

#endif
