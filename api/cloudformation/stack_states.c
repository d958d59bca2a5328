#include "api/cloudformation/stack_states.h"

#include "api/cloudformation/cloudformation_request.h"

/* A creation or an update that failed can be gone on with where DisableRollback has kept it. */
static const enum stack_status UPDATABLE[] = {
    STACK_CREATE_COMPLETE,          STACK_CREATE_FAILED, STACK_UPDATE_COMPLETE, STACK_UPDATE_FAILED,
    STACK_UPDATE_ROLLBACK_COMPLETE,
};

bool stack_can_be_updated(struct service_request *request, const struct stack *stack)
{
    for (size_t i = 0; i < sizeof UPDATABLE / sizeof UPDATABLE[0]; i++) {
        if (stack->status == UPDATABLE[i]) {
            return true;
        }
    }
    return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                        "Stack:%s is in %s state and can not be updated.", stack->id,
                        stack_status_name(stack->status));
}
