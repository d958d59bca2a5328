/*
 * Legacy parameters of a request, from JSON that passed the shape check (api/items/legacy_shapes.h)
 * to the trees of expressions. The rules are in api/expression/legacy.h; here is the reading, and
 * the values' own faults in their places among the refusals.
 *
 * Elements of a map are looked at in the order sent. All return false after api_fail, and true
 * without writing when the parameter is NULL: absent.
 */

#ifndef REHEARSEDB_API_ITEMS_LEGACY_INPUT_H
#define REHEARSEDB_API_ITEMS_LEGACY_INPUT_H

#include "api/expression/legacy.h"
#include "api/expression/legacy_update.h"
#include "api/request.h"

/*
 * Expected. `joined_by` is what ConditionalOperator says, CONDITION_AND or CONDITION_OR; NULL for
 * an empty map.
 */
bool legacy_read_expected(struct request *request,
                          const struct cJSON *map,
                          enum condition_kind joined_by,
                          struct condition **out_condition);

/* The same for QueryFilter and ScanFilter. */
bool legacy_read_filter(struct request *request,
                        const struct cJSON *map,
                        enum condition_kind joined_by,
                        struct condition **out_condition);

/* KeyConditions; `count_max` as in legacy_key_terms. */
bool legacy_read_key_conditions(struct request *request,
                                const struct cJSON *map,
                                size_t count_max,
                                struct key_terms *out_terms);

/* AttributesToGet. */
bool legacy_read_projection(struct request *request,
                            const struct cJSON *list,
                            struct projection **out_projection);

/* AttributeUpdates; NULL for an empty map. */
bool legacy_read_updates(struct request *request,
                         const struct cJSON *map,
                         struct update **out_update);

#endif
