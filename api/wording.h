/*
 * The service's two wordings of validation errors.
 *
 * From June 2026 the service has put a new validation layer in front of some item operations,
 * region by region; both wordings are met. The classic one is how all our code words its errors.
 * What differs in the new one is told here and in api/shape_constraints, and nowhere else:
 *
 *   - an operation's own texts begin with "1 validation error detected: ", a few excepted;
 *   - a failed enum is told without the value and its place;
 *   - an empty TableName is told without the value, and alone;
 *   - UpdateItem tells no more after a failed enum;
 *   - BatchGetItem without RequestItems has another text.
 */

#ifndef REHEARSEDB_API_WORDING_H
#define REHEARSEDB_API_WORDING_H

#include "api/api.h"
#include "api/api_error.h"

/* How the errors of one operation are worded. */
struct wording {
    bool is_migrated;   /* its input goes through the new layer */
    bool stops_at_enum; /* a failed enum is the last failure listed */
};

extern const struct wording WORDING_CLASSIC;

/* Static. */
const struct wording *wording_of_operation(enum api_wording chosen, const char *operation_name);

/* The values of an enum, "A, B", as the list of them is spelled. */
const char *wording_enum_values(const struct wording *wording, const char *values);

/* Rewords a finished error, once; those that list failed constraints are worded already. */
void wording_apply(const struct wording *wording, struct arena *arena, struct api_error *error);

#endif
