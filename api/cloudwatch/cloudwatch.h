/*
 * CloudWatch, as far as it shows DynamoDB's metrics (docs/compatibility.md).
 */

#ifndef REHEARSEDB_API_CLOUDWATCH_CLOUDWATCH_H
#define REHEARSEDB_API_CLOUDWATCH_CLOUDWATCH_H

#include "api/protocol/service.h"

extern const struct service CLOUDWATCH;

#endif
