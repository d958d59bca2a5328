/* CloudFormation: stacks of DynamoDB tables, with change sets, rollback and events. */

#ifndef REHEARSEDB_API_CLOUDFORMATION_CLOUDFORMATION_H
#define REHEARSEDB_API_CLOUDFORMATION_CLOUDFORMATION_H

#include "api/protocol/service.h"

extern const struct service CLOUDFORMATION;

#endif
