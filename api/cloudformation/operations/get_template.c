/*
 * GetTemplate, GetTemplateSummary and ValidateTemplate: the text as it was submitted, byte for
 * byte, and what stands in one.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
 */

#include "api/cloudformation/change_set.h"
#include "api/cloudformation/stack_reply.h"
#include "api/internal.h"
#include "api/template/node.h"
#include "storage/base/arena.h"

#include <string.h>

/* The text that the stack shows, or that a change set of it would lead to. */
static bool find_text(struct service_request *request,
                      struct txn *txn,
                      const struct stack *stack,
                      struct bytes *out_text)
{
    struct bytes name = service_text(request, request->input, "ChangeSetName");
    uint64_t number = stack_shown_content(stack)->template_number;
    if (name.length > 0) {
        const struct change_set *change_set = change_set_find(txn, request->arena, stack, name);
        if (change_set == NULL) {
            return service_fail(request, &CLOUDFORMATION_CHANGE_SET_NOT_FOUND,
                                "ChangeSet [%.*s] does not exist", BYTES_ARGUMENTS(name));
        }
        number = change_set->content.template_number;
    }
    *out_text = stack_template_text(txn, request->arena, stack, number);
    return true;
}

/* ---- GetTemplate ---- */

static const struct shape STAGE = { .kind = SHAPE_STRING, .values = "Original, Processed" };
static const struct member GET_MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, OPTIONAL },
    { "ChangeSetName", &CLOUDFORMATION_STACK_NAME, OPTIONAL },
    { "TemplateStage", &STAGE, OPTIONAL },
};
static const struct shape GET_INPUT = SHAPE_STRUCTURE_OF("GetTemplateInput", GET_MEMBERS);

/* By the change set's ARN alone, if no stack is named. */
static const struct stack *find_stack(struct service_request *request, struct txn *txn)
{
    struct bytes change_set = service_text(request, request->input, "ChangeSetName");
    if (json_member(request->input, "StackName") != NULL) {
        return stack_reply_find(request, txn, STACK_WITH_ID_IS_ABSENT);
    }
    if (!bytes_start_with(change_set, BYTES("arn:"))) {
        (void)service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                           "StackName must be specified if ChangeSetName is not specified as an "
                           "ARN.");
        return NULL;
    }
    const struct stack *stack =
        change_set_find_stack(txn, request->arena, request->world, change_set);
    if (stack == NULL) {
        (void)service_fail(request, &CLOUDFORMATION_CHANGE_SET_NOT_FOUND,
                           "ChangeSet [%.*s] does not exist", BYTES_ARGUMENTS(change_set));
    }
    return stack;
}

static bool get_template(struct service_request *request)
{
    struct document_writer *reply = request->reply;
    struct txn txn;
    struct bytes text = BYTES("");
    txn_begin_read(request->storage->env, &txn);
    const struct stack *stack = find_stack(request, &txn);
    if (stack != NULL && find_text(request, &txn, stack, &text)) {
        /* A stack that is only under review has none yet. */
        document_write_text(reply, "TemplateBody", text.length > 0 ? text : BYTES("{}"));
        document_open_list(reply, "StagesAvailable");
        document_write_text(reply, NULL, BYTES("Original"));
        document_write_text(reply, NULL, BYTES("Processed"));
        document_close_list(reply, "StagesAvailable");
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_GET_TEMPLATE = {
    .name = "GetTemplate",
    .input = &GET_INPUT,
    .run = get_template,
};

/* ---- what stands in a template ---- */

static bool read_template(struct service_request *request,
                          struct bytes text,
                          struct stack_template *out_template)
{
    const char *error;
    return stack_template_read(request->arena, text, out_template, &error) ||
           service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR, "%s", error);
}

/* The parameter's own description and default; for the summary also its type and what it allows. */
static void write_parameter(struct document_writer *reply,
                            const struct parameter_declaration *parameter,
                            bool is_summary)
{
    const struct node *allowed = node_member(parameter->node, "AllowedValues");
    document_open_structure(reply, NULL);
    document_write_text(reply, "ParameterKey", bytes_of_text(parameter->name));
    if (parameter->default_value != NULL) {
        document_write_text(reply, "DefaultValue", bytes_of_text(parameter->default_value));
    }
    if (is_summary) {
        document_write_text(reply, "ParameterType", bytes_of_text(parameter->type));
    }
    document_write_boolean(reply, "NoEcho", parameter->is_no_echo);
    stack_reply_text(reply, "Description", parameter->description);
    if (is_summary) {
        document_open_structure(reply, "ParameterConstraints");
        if (allowed != NULL) {
            document_open_list(reply, "AllowedValues");
            for (const struct node *one = allowed->first; one != NULL; one = one->next) {
                document_write_text(reply, NULL, bytes_of_text(node_text(one, "")));
            }
            document_close_list(reply, "AllowedValues");
        }
        document_close_structure(reply, "ParameterConstraints");
    }
    document_close_structure(reply, NULL);
}

static void write_parameters(struct document_writer *reply,
                             const struct stack_template *template,
                             bool is_summary)
{
    document_open_list(reply, "Parameters");
    for (size_t i = 0; i < template->parameter_count; i++) {
        write_parameter(reply, &template->parameters[i], is_summary);
    }
    document_close_list(reply, "Parameters");
    stack_reply_text(reply, "Description", template->description);
    document_open_list(reply, "Capabilities");
    document_close_list(reply, "Capabilities");
    document_open_list(reply, "DeclaredTransforms");
    document_close_list(reply, "DeclaredTransforms");
}

/* ---- GetTemplateSummary ---- */

static const struct member SUMMARY_MEMBERS[] = {
    { "TemplateBody", &CLOUDFORMATION_TEMPLATE_BODY, OPTIONAL },
    { "TemplateURL", &CLOUDFORMATION_TEMPLATE_URL, OPTIONAL },
    { "StackName", &CLOUDFORMATION_STACK_NAME, OPTIONAL },
};
static const struct shape SUMMARY_INPUT =
    SHAPE_STRUCTURE_OF("GetTemplateSummaryInput", SUMMARY_MEMBERS);

static bool find_summary_text(struct service_request *request, struct bytes *out_text)
{
    struct txn txn;
    bool has_template = json_member(request->input, "TemplateBody") != NULL ||
                        json_member(request->input, "TemplateURL") != NULL;
    if (json_member(request->input, "StackName") == NULL) {
        return cloudformation_template(request, out_text);
    }
    if (has_template) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "Only one of Template URL, Template Body and Stack Name can be "
                            "specified.");
    }
    txn_begin_read(request->storage->env, &txn);
    const struct stack *stack = stack_reply_find(request, &txn, STACK_WITH_ID_IS_ABSENT);
    if (stack != NULL && find_text(request, &txn, stack, out_text) && out_text->length == 0) {
        (void)service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                           "Stack [%s] has no template yet", stack->name);
    }
    return stack_reply_end(request, &txn);
}

/* Whether an earlier resource has the same type. */
static bool is_repeated(const struct stack_template *template, size_t position)
{
    bool is_repeated = false;
    for (size_t i = 0; !is_repeated && i < position; i++) {
        is_repeated = strcmp(template->resources[i].type, template->resources[position].type) == 0;
    }
    return is_repeated;
}

static bool get_template_summary(struct service_request *request)
{
    struct document_writer *reply = request->reply;
    struct stack_template parsed;
    struct bytes text = BYTES("");
    if (!find_summary_text(request, &text) || !read_template(request, text, &parsed)) {
        return false;
    }
    write_parameters(reply, &parsed, true);
    document_open_list(reply, "ResourceTypes");
    for (size_t i = 0; i < parsed.resource_count; i++) {
        if (!is_repeated(&parsed, i)) {
            document_write_text(reply, NULL, bytes_of_text(parsed.resources[i].type));
        }
    }
    document_close_list(reply, "ResourceTypes");
    stack_reply_text(reply, "Version",
                     node_text(node_member(parsed.document, "AWSTemplateFormatVersion"), ""));
    const struct node *metadata = node_member(parsed.document, "Metadata");
    if (metadata != NULL) {
        struct buffer json;
        buffer_init(&json, request->arena, 256);
        node_append_json(&json, metadata, false);
        document_write_text(reply, "Metadata", buffer_view(&json));
    }
    return true;
}

const struct service_operation CLOUDFORMATION_GET_TEMPLATE_SUMMARY = {
    .name = "GetTemplateSummary",
    .input = &SUMMARY_INPUT,
    .run = get_template_summary,
};

/* ---- ValidateTemplate ---- */

static const struct member VALIDATE_MEMBERS[] = {
    { "TemplateBody", &CLOUDFORMATION_TEMPLATE_BODY, OPTIONAL },
    { "TemplateURL", &CLOUDFORMATION_TEMPLATE_URL, OPTIONAL },
};
static const struct shape VALIDATE_INPUT =
    SHAPE_STRUCTURE_OF("ValidateTemplateInput", VALIDATE_MEMBERS);

static bool validate_template(struct service_request *request)
{
    struct stack_template parsed;
    struct bytes text = BYTES("");
    if (!cloudformation_template(request, &text) || !read_template(request, text, &parsed)) {
        return false;
    }
    write_parameters(request->reply, &parsed, false);
    return true;
}

const struct service_operation CLOUDFORMATION_VALIDATE_TEMPLATE = {
    .name = "ValidateTemplate",
    .input = &VALIDATE_INPUT,
    .run = validate_template,
};
