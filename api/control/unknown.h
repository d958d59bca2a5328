/*
 * What a route of the control surface does not know: members of the body, names in the query, and a
 * body where none is taken. The service ignores unknown members; a rehearsal whose rule says
 * "Operations" must not disturb every operation instead, so here they are refused.
 */

#ifndef REHEARSEDB_API_CONTROL_UNKNOWN_H
#define REHEARSEDB_API_CONTROL_UNKNOWN_H

#include "api/request.h"
#include "api/shape.h"

/* At every level of lists and structures. `body` is an object. False after api_fail. */
bool control_check_members(struct request *request,
                           const struct shape *shape,
                           const struct cJSON *body);

/*
 * `known` is a list in the manner of shape's values, "After, Limit"; empty: no names at all.
 * False after api_fail.
 */
bool control_check_query(struct request *request, struct bytes query, struct bytes known);

#endif
