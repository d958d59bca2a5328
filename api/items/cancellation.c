#include "api/items/cancellation.h"

#include "storage/lmdb/txn.h"

void cancellation_init(struct cancellation *cancellation, struct request *request, size_t count)
{
    *cancellation = (struct cancellation){
        .request = request,
        .count = count,
        .reasons = arena_alloc(request->arena, count * sizeof *cancellation->reasons),
        .is_refused = arena_alloc_zero(request->arena, count * sizeof *cancellation->is_refused),
    };
}

/* API reference, TransactionCanceledException, "Cancellation reason codes"; NULL: none of them. */
static const char *reason_code(enum api_error_code code)
{
    static const char *const codes[API_ERROR_CODE_COUNT] = {
        [API_CONDITIONAL_CHECK_FAILED] = "ConditionalCheckFailed",
        [API_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED] = "ItemCollectionSizeLimitExceeded",
        [API_PROVISIONED_THROUGHPUT_EXCEEDED] = "ProvisionedThroughputExceeded",
        [API_THROTTLING] = "ThrottlingError",
        [API_TRANSACTION_CONFLICT] = "TransactionConflict",
        [API_VALIDATION] = "ValidationError",
    };
    return codes[code];
}

bool cancellation_take(struct cancellation *cancellation, size_t action)
{
    struct request *request = cancellation->request;
    if (request->txn->status != STORAGE_OK || reason_code(request->error.code) == NULL) {
        return false;
    }
    cancellation->reasons[action] = request->error;
    if (request->error.code != API_CONDITIONAL_CHECK_FAILED) {
        /* A reason has a code, a message and perhaps the item; no ThrottlingReasons. */
        cancellation->reasons[action].details.length = 0;
    }
    cancellation->is_refused[action] = true;
    cancellation->has_reason = true;
    request->has_failed = false;
    return true;
}

static const char *code_of(const struct cancellation *cancellation, size_t action)
{
    return cancellation->is_refused[action] ? reason_code(cancellation->reasons[action].code)
                                            : "None";
}

static void
write_reason(struct json_writer *writer, const char *code, const struct api_error *error)
{
    json_open_object(writer);
    json_member_text(writer, "Code", bytes_of_text(code));
    if (error != NULL && error->details.length > 0) {
        json_write_raw(writer, error->details); /* "Item":{…} */
    }
    if (error != NULL && error->has_message) {
        json_member_text(writer, "Message", error->message);
    }
    json_close_object(writer);
}

bool cancellation_finish(struct cancellation *cancellation)
{
    if (!cancellation->has_reason) {
        return true;
    }
    struct buffer message;
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    buffer_init(&message, cancellation->request->arena, 256);
    buffer_init(&details, cancellation->request->arena, 1024);
    buffer_append_text(&message, "Transaction cancelled, please refer cancellation reasons for "
                                 "specific reasons [");
    json_write_key(&writer, "CancellationReasons");
    json_open_array(&writer);
    for (size_t i = 0; i < cancellation->count; i++) {
        const char *code = code_of(cancellation, i);
        buffer_append_text(&message, i > 0 ? ", " : "");
        buffer_append_text(&message, code);
        write_reason(&writer, code, cancellation->is_refused[i] ? &cancellation->reasons[i] : NULL);
    }
    json_close_array(&writer);
    buffer_append_u8(&message, ']');
    struct api_error error = {
        .code = API_TRANSACTION_CANCELED,
        .has_message = true,
        .message = buffer_view(&message),
        .details = buffer_view(&details),
    };
    return api_fail_with(cancellation->request, &error);
}
