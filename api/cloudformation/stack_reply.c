#include "api/cloudformation/stack_reply.h"

#include "api/internal.h"
#include "storage/base/arena.h"

#include <stdio.h>

struct stack *
stack_reply_find(struct service_request *request, struct txn *txn, enum stack_absence absence)
{
    struct bytes name = service_text(request, request->input, "StackName");
    struct stack *stack = stack_find(txn, request->arena, request->world, name);
    if (stack == NULL && txn->status == STORAGE_OK) {
        bool has_id = absence == STACK_WITH_ID_IS_ABSENT;
        (void)service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR, "%s%.*s%s",
                           has_id ? "Stack with id " : "Stack [", BYTES_ARGUMENTS(name),
                           has_id ? " does not exist" : "] does not exist");
    }
    return stack;
}

bool stack_reply_end(struct service_request *request, struct txn *txn)
{
    enum storage_status status = txn->status;
    txn_abort(txn);
    if (status != STORAGE_OK) {
        (void)service_fail_storage(request);
    }
    return request->error == NULL;
}

void stack_reply_text(struct document_writer *reply, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        document_write_text(reply, name, bytes_of_text(text));
    }
}

void stack_reply_texts(struct document_writer *reply,
                       const char *name,
                       const struct text_list *texts)
{
    document_open_list(reply, name);
    for (size_t i = 0; i < texts->count; i++) {
        document_write_text(reply, NULL, bytes_of_text(texts->items[i]));
    }
    document_close_list(reply, name);
}

void stack_reply_parameters(struct document_writer *reply, const struct stack_content *content)
{
    document_open_list(reply, "Parameters");
    for (size_t i = 0; i < content->parameter_count; i++) {
        const struct parameter_value *parameter = &content->parameters[i];
        bool is_hidden = parameter->is_no_echo;
        document_open_structure(reply, NULL);
        document_write_text(reply, "ParameterKey", bytes_of_text(parameter->name));
        document_write_text(reply, "ParameterValue",
                            bytes_of_text(is_hidden ? "****" : parameter->value));
        if (!is_hidden) {
            stack_reply_text(reply, "ResolvedValue", parameter->resolved);
        }
        document_close_structure(reply, NULL);
    }
    document_close_list(reply, "Parameters");
}

void stack_reply_tags(struct document_writer *reply, const struct stack_content *content)
{
    document_open_list(reply, "Tags");
    for (size_t i = 0; i < content->tag_count; i++) {
        document_open_structure(reply, NULL);
        document_write_text(reply, "Key", bytes_of_text(content->tags[i].key));
        document_write_text(reply, "Value", bytes_of_text(content->tags[i].value));
        document_close_structure(reply, NULL);
    }
    document_close_list(reply, "Tags");
}

void stack_reply_drift(struct document_writer *reply, const char *status_name)
{
    document_open_structure(reply, "DriftInformation");
    document_write_text(reply, status_name, BYTES("NOT_CHECKED"));
    document_close_structure(reply, "DriftInformation");
}

bool stack_reply_token(struct service_request *request, uint64_t *out_number)
{
    struct bytes token = service_text(request, request->input, "NextToken");
    uint64_t number = 0;
    bool is_number = token.length < 19;
    for (size_t i = 0; is_number && i < token.length; i++) {
        is_number = token.data[i] >= '0' && token.data[i] <= '9';
        number = number * 10 + (uint64_t)(token.data[i] & 0xF);
    }
    *out_number = number;
    return (is_number && (number > 0 || token.length == 0)) ||
           service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR, "NextToken is invalid");
}

void stack_reply_next_token(struct document_writer *reply, uint64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    document_write_text(reply, "NextToken", bytes_of_text(text));
}
