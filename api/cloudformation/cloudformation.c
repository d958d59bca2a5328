/*
 * CloudFormation's table of operations.
 */

#include "api/cloudformation/cloudformation.h"

#include "api/cloudformation/cloudformation_request.h"

static const struct service_operation *const OPERATIONS[] = {
    &CLOUDFORMATION_CANCEL_UPDATE_STACK,
    &CLOUDFORMATION_CONTINUE_UPDATE_ROLLBACK,
    &CLOUDFORMATION_CREATE_CHANGE_SET,
    &CLOUDFORMATION_CREATE_STACK,
    &CLOUDFORMATION_DELETE_CHANGE_SET,
    &CLOUDFORMATION_DELETE_STACK,
    &CLOUDFORMATION_DESCRIBE_CHANGE_SET,
    &CLOUDFORMATION_DESCRIBE_STACKS,
    &CLOUDFORMATION_DESCRIBE_STACK_EVENTS,
    &CLOUDFORMATION_DESCRIBE_STACK_RESOURCE,
    &CLOUDFORMATION_DESCRIBE_STACK_RESOURCES,
    &CLOUDFORMATION_EXECUTE_CHANGE_SET,
    &CLOUDFORMATION_GET_TEMPLATE,
    &CLOUDFORMATION_GET_TEMPLATE_SUMMARY,
    &CLOUDFORMATION_LIST_CHANGE_SETS,
    &CLOUDFORMATION_LIST_EXPORTS,
    &CLOUDFORMATION_LIST_STACKS,
    &CLOUDFORMATION_LIST_STACK_RESOURCES,
    &CLOUDFORMATION_ROLLBACK_STACK,
    &CLOUDFORMATION_UPDATE_STACK,
    &CLOUDFORMATION_UPDATE_TERMINATION_PROTECTION,
    &CLOUDFORMATION_VALIDATE_TEMPLATE,
};

static const struct service_error INTERNAL_FAILURE = {
    .code = "InternalFailure",
    .shape = "InternalFailure",
    .status = 500,
};

const struct service CLOUDFORMATION = {
    .name_space = "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    .version = "2010-05-15",
    .type_prefix = "com.amazonaws.cloudformation#",
    .operations = OPERATIONS,
    .operations_count = sizeof OPERATIONS / sizeof(const struct service_operation *),
    .internal_fault = &INTERNAL_FAILURE,
    .validation_error = &CLOUDFORMATION_VALIDATION_ERROR,
};
