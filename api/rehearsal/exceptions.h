/*
 * The service's exceptions on demand: what a fault or a freeze refuses a call with, in the words
 * that the service itself uses for it.
 */

#ifndef REHEARSEDB_API_REHEARSAL_EXCEPTIONS_H
#define REHEARSEDB_API_REHEARSAL_EXCEPTIONS_H

#include "api/rehearsal/targets.h"

/*
 * Fails the request with that exception and returns false. `table_name` is what messages name, if
 * they name a table.
 */
bool exception_fail(struct request *request,
                    const struct operation *operation,
                    struct bytes table_name,
                    enum api_error_code code);

/* The names of all exceptions, "ValidationException, SerializationException, …"; in the arena. */
struct bytes exception_names(struct arena *arena);

#endif
