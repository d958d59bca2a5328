/*
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html
 */

#include "api/cloudformation/stack_reply.h"
#include "api/internal.h"

static const struct member MEMBERS[] = {
    { "EnableTerminationProtection", &SHAPE_ANY_BOOLEAN, REQUIRED },
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateTerminationProtectionInput", MEMBERS);

static bool update_termination_protection(struct service_request *request)
{
    struct txn txn;
    txn_begin_write(request->storage->env, &txn);
    struct stack *stack = stack_reply_find(request, &txn, STACK_IS_ABSENT);
    if (stack != NULL && stack->status == STACK_DELETE_COMPLETE) {
        (void)service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR, "Stack [%s] does not exist",
                           stack->name);
    } else if (stack != NULL) {
        stack->is_protected =
            shape_boolean(json_member(request->input, "EnableTerminationProtection"));
        (void)stack_save(&txn, request->arena, stack);
    }
    if (stack == NULL || request->error != NULL) {
        return stack_reply_end(request, &txn);
    }
    if (txn_commit(&txn) != STORAGE_OK) {
        return service_fail_storage(request);
    }
    document_write_text(request->reply, "StackId", bytes_of_text(stack->id));
    return true;
}

const struct service_operation CLOUDFORMATION_UPDATE_TERMINATION_PROTECTION = {
    .name = "UpdateTerminationProtection",
    .input = &INPUT,
    .run = update_termination_protection,
};
