/*
 * What CloudFormation's operations share: their errors, the shapes of what many of them take, and
 * where a template comes from.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_CLOUDFORMATION_REQUEST_H
#define REHEARSEDB_API_CLOUDFORMATION_CLOUDFORMATION_REQUEST_H

#include "api/protocol/service.h"

extern const struct service_error CLOUDFORMATION_ALREADY_EXISTS;
extern const struct service_error CLOUDFORMATION_CHANGE_SET_NOT_FOUND;
extern const struct service_error CLOUDFORMATION_INSUFFICIENT_CAPABILITIES;
extern const struct service_error CLOUDFORMATION_INVALID_CHANGE_SET_STATUS;
extern const struct service_error CLOUDFORMATION_TOKEN_ALREADY_EXISTS;
extern const struct service_error CLOUDFORMATION_VALIDATION_ERROR;

extern const struct shape CLOUDFORMATION_NEW_STACK_NAME; /* also of a change set */
extern const struct shape CLOUDFORMATION_STACK_NAME;     /* or its ARN; also of a change set */
extern const struct shape CLOUDFORMATION_TEMPLATE_BODY;
extern const struct shape CLOUDFORMATION_TEMPLATE_URL;
extern const struct shape CLOUDFORMATION_PARAMETERS; /* with UsePreviousValue */
extern const struct shape CLOUDFORMATION_CAPABILITIES;
extern const struct shape CLOUDFORMATION_NOTIFICATION_ARNS;
extern const struct shape CLOUDFORMATION_ROLE_ARN;
extern const struct shape CLOUDFORMATION_TAGS;
extern const struct shape CLOUDFORMATION_CLIENT_TOKEN;
extern const struct shape CLOUDFORMATION_DESCRIPTION;
extern const struct shape CLOUDFORMATION_LOGICAL_IDS;

/* Those that change something. */
extern const struct service_operation CLOUDFORMATION_CANCEL_UPDATE_STACK;
extern const struct service_operation CLOUDFORMATION_CONTINUE_UPDATE_ROLLBACK;
extern const struct service_operation CLOUDFORMATION_CREATE_CHANGE_SET;
extern const struct service_operation CLOUDFORMATION_CREATE_STACK;
extern const struct service_operation CLOUDFORMATION_DELETE_CHANGE_SET;
extern const struct service_operation CLOUDFORMATION_DELETE_STACK;
extern const struct service_operation CLOUDFORMATION_EXECUTE_CHANGE_SET;
extern const struct service_operation CLOUDFORMATION_ROLLBACK_STACK;
extern const struct service_operation CLOUDFORMATION_UPDATE_STACK;

/* Those that only look, or nearly so. */
extern const struct service_operation CLOUDFORMATION_DESCRIBE_CHANGE_SET;
extern const struct service_operation CLOUDFORMATION_DESCRIBE_STACKS;
extern const struct service_operation CLOUDFORMATION_DESCRIBE_STACK_EVENTS;
extern const struct service_operation CLOUDFORMATION_DESCRIBE_STACK_RESOURCE;
extern const struct service_operation CLOUDFORMATION_DESCRIBE_STACK_RESOURCES;
extern const struct service_operation CLOUDFORMATION_GET_TEMPLATE;
extern const struct service_operation CLOUDFORMATION_GET_TEMPLATE_SUMMARY;
extern const struct service_operation CLOUDFORMATION_LIST_CHANGE_SETS;
extern const struct service_operation CLOUDFORMATION_LIST_EXPORTS;
extern const struct service_operation CLOUDFORMATION_LIST_STACKS;
extern const struct service_operation CLOUDFORMATION_LIST_STACK_RESOURCES;
extern const struct service_operation CLOUDFORMATION_UPDATE_TERMINATION_PROTECTION;
extern const struct service_operation CLOUDFORMATION_VALIDATE_TEMPLATE;

/*
 * The text of TemplateBody, or of the object in our own store that TemplateURL leads to; nothing is
 * fetched. In the arena. False: the request has failed; also when there is neither.
 */
bool cloudformation_template(struct service_request *request, struct bytes *out_text);

#endif
