/*
 * What CloudWatch's operations share: errors, and members of their inputs.
 */

#ifndef REHEARSEDB_API_CLOUDWATCH_CLOUDWATCH_INPUT_H
#define REHEARSEDB_API_CLOUDWATCH_CLOUDWATCH_INPUT_H

#include "api/protocol/service.h"

extern const struct service_error CLOUDWATCH_INVALID_NEXT_TOKEN;
extern const struct service_error CLOUDWATCH_INVALID_PARAMETER_COMBINATION;
extern const struct service_error CLOUDWATCH_INVALID_PARAMETER_VALUE;
extern const struct service_error CLOUDWATCH_MISSING_PARAMETER;
extern const struct service_error CLOUDWATCH_VALIDATION_ERROR;

extern const struct service_operation CLOUDWATCH_GET_METRIC_DATA;
extern const struct service_operation CLOUDWATCH_GET_METRIC_STATISTICS;
extern const struct service_operation CLOUDWATCH_LIST_METRICS;

/* "The parameter … is required." unless `object` has the member; `path` stands before its name. */
void cloudwatch_require(struct service_request *request,
                        const struct cJSON *object,
                        const char *path,
                        const char *name);

/* StartTime and EndTime, which are there, against each other. */
bool cloudwatch_check_times(struct service_request *request, const struct service_error *error);

/* The time of a member, in milliseconds since 1970; not negative. */
int64_t cloudwatch_time_ms(const struct cJSON *object, const char *name);

/* For shapes. */
extern const struct shape CLOUDWATCH_DIMENSIONS;
extern const struct shape CLOUDWATCH_TIME;
extern const struct shape CLOUDWATCH_TEXT;
extern const struct shape CLOUDWATCH_INTEGER;

#endif
