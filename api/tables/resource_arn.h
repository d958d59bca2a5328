/*
 * The ARN in a ResourceArn member: a table, or a stream of one. Region and account are not
 * compared, as nowhere else.
 *
 * Functions return false after api_fail.
 */

#ifndef REHEARSEDB_API_TABLES_RESOURCE_ARN_H
#define REHEARSEDB_API_TABLES_RESOURCE_ARN_H

#include "api/request.h"
#include "api/shape.h"

extern const struct shape SHAPE_RESOURCE_ARN;

/* Views into the input. */
struct resource {
    struct bytes arn;
    struct bytes table_name;
    struct bytes stream_label; /* empty: the table itself */
};

/* The ResourceArn of the request, if it is one that can have what it is asked for. */
bool resource_of_request(struct request *request, struct resource *out_resource);

/* Whether the table has that stream. A resource that is a table is its own. */
bool resource_exists(struct request *request,
                     const struct resource *resource,
                     const struct table_definition *table);

/* Whose settings those of the resource are (storage/table/table_settings.h). */
struct bytes resource_owner(struct request *request, const struct resource *resource);

#endif
