#include "api/rehearsal/exceptions.h"

/*
 * Developer guide, "Error handling" (messages and codes), and API reference; where the service was
 * seen to say something else (issues in public repositories), that. What is not here says nothing,
 * or has words of its own below.
 */
static const char *const MESSAGES[API_ERROR_CODE_COUNT] = {
    [API_VALIDATION] = "One or more parameter values were invalid",
    [API_MISSING_AUTHENTICATION_TOKEN] =
        "Request must contain a valid (registered) AWS Access Key ID.",
    [API_INCOMPLETE_SIGNATURE] = "The request signature does not conform to AWS standards.",
    [API_INVALID_SIGNATURE] =
        ("The request signature we calculated does not match the signature you provided. Check "
         "your AWS Secret Access Key and signing method. Consult the service documentation for "
         "details."),
    [API_UNRECOGNIZED_CLIENT] = "The security token included in the request is invalid.",
    [API_EXPIRED_TOKEN] = "The security token included in the request is expired",
    [API_INTERNAL_FAILURE] =
        "The request processing has failed because of an unknown error, exception or failure.",
    [API_SERVICE_UNAVAILABLE] = "The request has failed due to a temporary failure of the server.",
    [API_RESOURCE_IN_USE] = "The resource which you are attempting to change is in use.",
    [API_LIMIT_EXCEEDED] = "Too many operations for a given subscriber.",
    [API_CONDITIONAL_CHECK_FAILED] = "The conditional request failed",
    [API_TRANSACTION_CONFLICT] = "Transaction is ongoing for the item",
    [API_TRANSACTION_IN_PROGRESS] =
        "The transaction with the given request token is already in progress.",
    [API_IDEMPOTENT_PARAMETER_MISMATCH] =
        ("DynamoDB rejected the request because you retried a request with a different payload but "
         "with an idempotent token that was already used."),
    [API_PROVISIONED_THROUGHPUT_EXCEEDED] =
        ("The level of configured provisioned throughput for the table was exceeded. Consider "
         "increasing your provisioning level with the UpdateTable API."),
    [API_REQUEST_LIMIT_EXCEEDED] =
        ("Throughput exceeds the current throughput limit for your account. Please contact AWS "
         "Support at https://aws.amazon.com/support to request a limit increase"),
    [API_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED] = "Collection size exceeded.",
    [API_REPLICATED_WRITE_CONFLICT] =
        ("The request was rejected because one or more items in the request are being modified by "
         "a request in another Region."),
    [API_INTERNAL_SERVER_ERROR] = "Internal server error",
};

/* Of tables on demand, or of the control plane. */
static bool fail_throttling(struct request *request, const struct operation *operation)
{
    return api_fail(request, API_THROTTLING, "%s",
                    operation_is_of_items(operation)
                        ? "Throughput exceeds the current capacity of your table or index. "
                          "DynamoDB is automatically scaling your table or index so please try "
                          "again shortly. If exceptions persist, check if you have a hot key: "
                          "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
                          "bp-partition-key-design.html"
                        : "Rate of requests exceeds the allowed throughput.");
}

/*
 * As by a policy of the table that denies the operation (IAM guide, "Access denied errors"). A read
 * of an index is of a resource of its own.
 */
static bool
fail_access(struct request *request, const struct operation *operation, struct bytes table_name)
{
    struct bytes index_name = operation_is_of_items(operation)
                                  ? targets_of(request, operation).index_name
                                  : (struct bytes){ 0 };
    return api_fail(
        request, API_ACCESS_DENIED,
        "User: arn:aws:iam::%.*s:user/%.*s is not authorized to perform: dynamodb:%s on "
        "resource: arn:aws:dynamodb:%.*s:%.*s:table/%.*s%s%.*s with an explicit deny in a "
        "resource-based policy",
        BYTES_ARGUMENTS(request->account), BYTES_ARGUMENTS(request->caller->access_key_id),
        operation->name, BYTES_ARGUMENTS(request->region), BYTES_ARGUMENTS(request->account),
        BYTES_ARGUMENTS(table_name), index_name.length > 0 ? "/index/" : "",
        BYTES_ARGUMENTS(index_name));
}

static bool
fail_not_found(struct request *request, const struct operation *operation, struct bytes table_name)
{
    if (operation_is_of_items(operation)) {
        return api_fail(request, API_RESOURCE_NOT_FOUND, "Requested resource not found");
    }
    return api_fail(request, API_RESOURCE_NOT_FOUND,
                    "Requested resource not found: Table: %.*s not found",
                    BYTES_ARGUMENTS(table_name));
}

/* The first action has met another transaction, the others have nothing against them. */
static bool fail_transaction(struct request *request)
{
    const struct cJSON *actions = json_member(request->input, "TransactItems");
    size_t count = actions != NULL && json_kind(actions) == JSON_ARRAY ? json_count(actions) : 1;
    struct buffer message;
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    buffer_init(&message, request->arena, 256);
    buffer_init(&details, request->arena, 256);
    buffer_append_text(&message, "Transaction cancelled, please refer cancellation reasons for "
                                 "specific reasons [");
    json_write_key(&writer, "CancellationReasons");
    json_open_array(&writer);
    for (size_t i = 0; i < count; i++) {
        const char *code = i == 0 ? "TransactionConflict" : "None";
        buffer_append_format(&message, "%s%s", i > 0 ? ", " : "", code);
        json_open_object(&writer);
        json_member_text(&writer, "Code", bytes_of_text(code));
        if (i == 0) {
            json_member_text(&writer, "Message", bytes_of_text(MESSAGES[API_TRANSACTION_CONFLICT]));
        }
        json_close_object(&writer);
    }
    json_close_array(&writer);
    buffer_append_u8(&message, ']');
    struct api_error error = { .code = API_TRANSACTION_CANCELED,
                               .has_message = true,
                               .message = buffer_view(&message),
                               .details = buffer_view(&details) };
    return api_fail_with(request, &error);
}

bool exception_fail(struct request *request,
                    const struct operation *operation,
                    struct bytes table_name,
                    enum api_error_code code)
{
    if (code == API_THROTTLING) {
        return fail_throttling(request, operation);
    }
    if (code == API_ACCESS_DENIED) {
        return fail_access(request, operation, table_name);
    }
    if (code == API_RESOURCE_NOT_FOUND) {
        return fail_not_found(request, operation, table_name);
    }
    if (code == API_TRANSACTION_CANCELED) {
        return fail_transaction(request);
    }
    if (MESSAGES[code] != NULL) {
        return api_fail(request, code, "%s", MESSAGES[code]);
    }
    struct api_error error;
    (void)api_error_set_code(&error, code);
    return api_fail_with(request, &error);
}

struct bytes exception_names(struct arena *arena)
{
    struct buffer names;
    buffer_init(&names, arena, 1024);
    for (int code = 0; code < API_ERROR_CODE_COUNT; code++) {
        buffer_append_text(&names, code > 0 ? ", " : "");
        buffer_append_text(&names, api_error_name((enum api_error_code)code));
    }
    return buffer_view(&names);
}
