/* In which states of a stack an operation may begin, and what is said where it may not. */

#ifndef REHEARSEDB_API_CLOUDFORMATION_STACK_STATES_H
#define REHEARSEDB_API_CLOUDFORMATION_STACK_STATES_H

#include "api/cloudformation/stack.h"
#include "api/protocol/service.h"

/* By UpdateStack or by a change set. False: the request has failed. */
bool stack_can_be_updated(struct service_request *request, const struct stack *stack);

#endif
