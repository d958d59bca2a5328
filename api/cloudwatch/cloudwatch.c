/*
 * CloudWatch's table of operations.
 */

#include "api/cloudwatch/cloudwatch.h"

#include "api/cloudwatch/cloudwatch_input.h"

static const struct service_operation *const OPERATIONS[] = {
    &CLOUDWATCH_GET_METRIC_DATA,
    &CLOUDWATCH_GET_METRIC_STATISTICS,
    &CLOUDWATCH_LIST_METRICS,
};

/* The model writes the message of this one shape with a capital letter. */
static const struct service_error INTERNAL_FAULT = {
    .code = "InternalServiceError",
    .shape = "InternalServiceFault",
    .status = 500,
    .message_name = "Message",
};

const struct service CLOUDWATCH = {
    .name_space = "http://monitoring.amazonaws.com/doc/2010-08-01/",
    .version = "2010-08-01",
    .type_prefix = "com.amazonaws.cloudwatch#",
    .operations = OPERATIONS,
    .operations_count = sizeof OPERATIONS / sizeof(const struct service_operation *),
    .internal_fault = &INTERNAL_FAULT,
    .tells_query_error = true,
};
