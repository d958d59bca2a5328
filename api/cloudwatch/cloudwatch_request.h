/*
 * One CloudWatch call under way, whatever protocol it came in; everything lives in its arena.
 *
 * Failures: the first kind counts, and further failures of the same kind are further lines of its
 * message, as on the service.
 */

#ifndef REHEARSEDB_API_CLOUDWATCH_CLOUDWATCH_REQUEST_H
#define REHEARSEDB_API_CLOUDWATCH_CLOUDWATCH_REQUEST_H

#include "api/json.h"
#include "api/protocol/document_writer.h"
#include "api/shape.h"

struct storage;

enum cloudwatch_error {
    CLOUDWATCH_NO_ERROR,
    CLOUDWATCH_INCOMPLETE_SIGNATURE,
    CLOUDWATCH_INTERNAL_FAULT,
    CLOUDWATCH_INVALID_ACTION,
    CLOUDWATCH_INVALID_CLIENT_TOKEN,
    CLOUDWATCH_INVALID_NEXT_TOKEN,
    CLOUDWATCH_INVALID_PARAMETER_COMBINATION,
    CLOUDWATCH_INVALID_PARAMETER_VALUE,
    CLOUDWATCH_INVALID_SIGNATURE,
    CLOUDWATCH_MALFORMED_INPUT,
    CLOUDWATCH_MISSING_AUTHENTICATION_TOKEN,
    CLOUDWATCH_MISSING_PARAMETER,
    CLOUDWATCH_VALIDATION_ERROR,
    CLOUDWATCH_ERROR_COUNT,
};

struct cloudwatch_request {
    const struct storage *storage;
    struct arena *arena;
    struct bytes world; /* of the caller, "ACCESS KEY/REGION/"; empty where tables are shared */
    const struct cJSON *input;
    int64_t now_ms;
    struct document_writer *reply;
    enum cloudwatch_error error;
    struct buffer message;
};

struct cloudwatch_operation {
    const char *name;
    const struct shape *input;
    bool (*run)(struct cloudwatch_request *request); /* writes the members of the result */
};

extern const struct cloudwatch_operation CLOUDWATCH_GET_METRIC_DATA;
extern const struct cloudwatch_operation CLOUDWATCH_GET_METRIC_STATISTICS;
extern const struct cloudwatch_operation CLOUDWATCH_LIST_METRICS;

/* Always false. */
bool cloudwatch_fail(struct cloudwatch_request *request,
                     enum cloudwatch_error error,
                     const char *format,
                     ...) __attribute__((format(printf, 3, 4)));

/* The store could not: always false. */
bool cloudwatch_fail_storage(struct cloudwatch_request *request);

/* A member that is a string; empty when it is absent. */
struct bytes
cloudwatch_text(struct cloudwatch_request *request, const struct cJSON *object, const char *name);

/* "The parameter … is required." unless `object` has the member; `path` stands before its name. */
void cloudwatch_require(struct cloudwatch_request *request,
                        const struct cJSON *object,
                        const char *path,
                        const char *name);

/* StartTime and EndTime, which are there, against each other. */
bool cloudwatch_check_times(struct cloudwatch_request *request, enum cloudwatch_error error);

/* The time of a member, in milliseconds since 1970; not negative. */
int64_t cloudwatch_time_ms(const struct cJSON *object, const char *name);

/* For shapes. */
extern const struct shape CLOUDWATCH_DIMENSIONS;
extern const struct shape CLOUDWATCH_TIME;
extern const struct shape CLOUDWATCH_TEXT;
extern const struct shape CLOUDWATCH_INTEGER;

#endif
