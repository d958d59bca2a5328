#include "api/cloudformation/service_call.h"

#include "api/api.h"
#include "api/cloudformation/stack.h"
#include "api/dispatch.h"
#include "api/template/json_document.h"
#include "api/template/node.h"
#include "storage/base/arena.h"
#include "storage/base/identifier.h"

#include <pthread.h>
#include <string.h>

enum { TEXT_SIZE_FIRST = 256, STATUS_OK = 200, STATUS_SERVER = 500 };

#define TARGET_PREFIX "DynamoDB_20120810."

/* Which of CloudFormation's codes the handler reports for an error of DynamoDB.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
 */
static const struct {
    const char *error;
    const char *code;
} CODES[] = {
    { "ResourceInUseException", "ResourceConflict" },
    { "ResourceNotFoundException", "NotFound" },
    { "TableNotFoundException", "NotFound" },
    { "LimitExceededException", "ServiceLimitExceeded" },
    { "ThrottlingException", "Throttling" },
    { "RequestLimitExceeded", "Throttling" },
    { "AccessDeniedException", "AccessDenied" },
    { "InternalServerError", "ServiceInternalError" },
    { "ContinuousBackupsUnavailableException", "ServiceInternalError" }, /* "retry later" */
    { "ValidationException", "InvalidRequest" },
};

struct waiter {
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    bool is_answered;
};

static void answer(struct api_call *call)
{
    struct waiter *waiter = call->context;
    (void)pthread_mutex_lock(&waiter->mutex);
    waiter->is_answered = true;
    (void)pthread_cond_signal(&waiter->answered);
    (void)pthread_mutex_unlock(&waiter->mutex);
}

static void dispatch_and_wait(struct api *api, struct api_call *call)
{
    struct waiter waiter = { .mutex = PTHREAD_MUTEX_INITIALIZER,
                             .answered = PTHREAD_COND_INITIALIZER };
    call->completed = answer;
    call->context = &waiter;
    if (dispatch(api, call) == API_PENDING) {
        (void)pthread_mutex_lock(&waiter.mutex);
        while (!waiter.is_answered) {
            (void)pthread_cond_wait(&waiter.answered, &waiter.mutex);
        }
        (void)pthread_mutex_unlock(&waiter.mutex);
    }
    (void)pthread_cond_destroy(&waiter.answered);
    (void)pthread_mutex_destroy(&waiter.mutex);
}

static const char *finish(struct buffer *text)
{
    return bytes_to_text(text->arena, buffer_view(text));
}

const char *handler_reason(struct arena *arena, const char *message, const char *code)
{
    struct buffer reason;
    buffer_init(&reason, arena, TEXT_SIZE_FIRST);
    buffer_append_format(&reason,
                         "Resource handler returned message: \"%s\" (RequestToken: %.*s, "
                         "HandlerErrorCode: %s)",
                         message, BYTES_ARGUMENTS(identifier_uuid(arena)), code);
    return finish(&reason);
}

static const char *code_of(const char *error)
{
    for (size_t i = 0; i < sizeof CODES / sizeof CODES[0]; i++) {
        if (strcmp(CODES[i].error, error) == 0) {
            return CODES[i].code;
        }
    }
    return "GeneralServiceException";
}

/* The error's name without what stands before '#', and its message. */
static void read_error(struct arena *arena,
                       struct bytes reply,
                       const char **out_error,
                       const char **out_message)
{
    const struct node *body;
    struct document_error fault;
    *out_error = "InternalFailure";
    *out_message = "";
    if (json_document_read(arena, reply, &body, &fault)) {
        const char *type = node_text(node_member(body, "__type"), "InternalFailure");
        const char *mark = strchr(type, '#');
        *out_error = mark == NULL ? type : mark + 1;
        *out_message =
            node_text(node_member(body, "message"), node_text(node_member(body, "Message"), ""));
    }
}

static void fail(struct arena *arena, const struct api_call *call, struct call_outcome *out_outcome)
{
    struct buffer message;
    const char *text;
    buffer_init(&message, arena, TEXT_SIZE_FIRST);
    read_error(arena, call->reply, &out_outcome->error, &text);
    buffer_append_format(&message, "%s (Service: DynamoDb, Status Code: %d, Request ID: %.*s)",
                         text, call->status, BYTES_ARGUMENTS(identifier_uuid(arena)));
    const char *code = code_of(out_outcome->error);
    out_outcome->is_worth_repeating =
        call->status >= STATUS_SERVER || strcmp(code, "Throttling") == 0 ||
        strcmp(out_outcome->error, "ContinuousBackupsUnavailableException") == 0;
    out_outcome->reason = handler_reason(arena, finish(&message), code);
}

void service_call_make(struct api *api,
                       struct arena *arena,
                       const struct stack *stack,
                       const char *operation,
                       struct bytes input,
                       struct call_outcome *out_outcome)
{
    struct buffer target;
    buffer_init(&target, arena, TEXT_SIZE_FIRST);
    buffer_append_format(&target, TARGET_PREFIX "%s", operation);
    struct api_call call = {
        .arena = arena,
        .target = buffer_view(&target),
        .body = input,
        .caller = { .access_key_id = bytes_of_text(stack->operation.access_key_id),
                    .region = bytes_of_text(stack->operation.region),
                    .user_agent = BYTES("cloudformation.amazonaws.com"),
                    .host = BYTES("") },
        .request_id = identifier_uuid(arena),
    };
    *out_outcome = (struct call_outcome){ .error = "", .reason = "" };
    dispatch_and_wait(api, &call);
    if (call.drops) {
        out_outcome->is_worth_repeating = true;
        out_outcome->reason =
            handler_reason(arena, "Unable to execute HTTP request", "NetworkFailure");
    } else if (call.status != STATUS_OK) {
        fail(arena, &call, out_outcome);
    } else {
        out_outcome->is_done = true;
    }
}
