#include "api/api_error.h"

#include "api/json_writer.h"
#include "storage/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DYNAMODB     "com.amazonaws.dynamodb.v20120810#"
#define PROTOCOL     "com.amazon.coral.service#"
#define VALIDATE     "com.amazon.coral.validate#"
#define AVAILABILITY "com.amazon.coral.availability#"

struct error_row {
    const char *type;
    int status;               /* 0: 400, as every fault of a client, also what others call 404 */
    const char *message_name; /* NULL: "message" */
};

/* "Message" is the service model's for three exceptions and the protocol layer's own for two. */
static const struct error_row ROWS[API_ERROR_CODE_COUNT] = {
    [API_VALIDATION] = { .type = VALIDATE "ValidationException" },

    [API_SERIALIZATION] = { .type = PROTOCOL "SerializationException", .message_name = "Message" },
    [API_UNKNOWN_OPERATION] = { .type = PROTOCOL "UnknownOperationException" },
    [API_ACCESS_DENIED] = { .type = PROTOCOL "AccessDeniedException", .message_name = "Message" },
    [API_MISSING_AUTHENTICATION_TOKEN] = { .type = PROTOCOL "MissingAuthenticationTokenException" },
    [API_INCOMPLETE_SIGNATURE] = { .type = PROTOCOL "IncompleteSignatureException" },
    [API_INVALID_SIGNATURE] = { .type = PROTOCOL "InvalidSignatureException" },
    [API_UNRECOGNIZED_CLIENT] = { .type = PROTOCOL "UnrecognizedClientException" },
    [API_EXPIRED_TOKEN] = { .type = PROTOCOL "ExpiredTokenException" },
    [API_INTERNAL_FAILURE] = { .type = PROTOCOL "InternalFailure", .status = 500 },
    [API_SERVICE_UNAVAILABLE] = { .type = AVAILABILITY "ServiceUnavailable", .status = 503 },
    [API_THROTTLING] = { .type = AVAILABILITY "ThrottlingException" },

    [API_RESOURCE_NOT_FOUND] = { .type = DYNAMODB "ResourceNotFoundException" },
    [API_RESOURCE_IN_USE] = { .type = DYNAMODB "ResourceInUseException" },
    [API_LIMIT_EXCEEDED] = { .type = DYNAMODB "LimitExceededException" },
    [API_CONDITIONAL_CHECK_FAILED] = { .type = DYNAMODB "ConditionalCheckFailedException" },
    [API_TRANSACTION_CANCELED] = { .type = DYNAMODB "TransactionCanceledException",
                                   .message_name = "Message" },
    [API_TRANSACTION_CONFLICT] = { .type = DYNAMODB "TransactionConflictException" },
    [API_TRANSACTION_IN_PROGRESS] = { .type = DYNAMODB "TransactionInProgressException",
                                      .message_name = "Message" },
    [API_IDEMPOTENT_PARAMETER_MISMATCH] = { .type = DYNAMODB "IdempotentParameterMismatchException",
                                            .message_name = "Message" },
    [API_DUPLICATE_ITEM] = { .type = DYNAMODB "DuplicateItemException" },
    [API_PROVISIONED_THROUGHPUT_EXCEEDED] = { .type = DYNAMODB
                                              "ProvisionedThroughputExceededException" },
    [API_REQUEST_LIMIT_EXCEEDED] = { .type = DYNAMODB "RequestLimitExceeded" },
    [API_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED] = { .type = DYNAMODB
                                                  "ItemCollectionSizeLimitExceededException" },
    [API_REPLICATED_WRITE_CONFLICT] = { .type = DYNAMODB "ReplicatedWriteConflictException" },
    [API_POLICY_NOT_FOUND] = { .type = DYNAMODB "PolicyNotFoundException" },
    [API_INTERNAL_SERVER_ERROR] = { .type = DYNAMODB "InternalServerError", .status = 500 },

    [API_GLOBAL_TABLE_ALREADY_EXISTS] = { .type = DYNAMODB "GlobalTableAlreadyExistsException" },
    [API_GLOBAL_TABLE_NOT_FOUND] = { .type = DYNAMODB "GlobalTableNotFoundException" },
    [API_REPLICA_ALREADY_EXISTS] = { .type = DYNAMODB "ReplicaAlreadyExistsException" },
    [API_REPLICA_NOT_FOUND] = { .type = DYNAMODB "ReplicaNotFoundException" },
    [API_INDEX_NOT_FOUND] = { .type = DYNAMODB "IndexNotFoundException" },

    [API_EXPIRED_ITERATOR] = { .type = DYNAMODB "ExpiredIteratorException" },
    [API_TRIMMED_DATA_ACCESS] = { .type = DYNAMODB "TrimmedDataAccessException" },

    [API_TABLE_NOT_FOUND] = { .type = DYNAMODB "TableNotFoundException" },
    [API_TABLE_ALREADY_EXISTS] = { .type = DYNAMODB "TableAlreadyExistsException" },
    [API_TABLE_IN_USE] = { .type = DYNAMODB "TableInUseException" },
    [API_BACKUP_NOT_FOUND] = { .type = DYNAMODB "BackupNotFoundException" },
    [API_BACKUP_IN_USE] = { .type = DYNAMODB "BackupInUseException" },
    [API_CONTINUOUS_BACKUPS_UNAVAILABLE] = { .type =
                                                 DYNAMODB "ContinuousBackupsUnavailableException" },
    [API_POINT_IN_TIME_RECOVERY_UNAVAILABLE] = { .type = DYNAMODB
                                                 "PointInTimeRecoveryUnavailableException" },
    [API_INVALID_RESTORE_TIME] = { .type = DYNAMODB "InvalidRestoreTimeException" },
    [API_EXPORT_NOT_FOUND] = { .type = DYNAMODB "ExportNotFoundException" },
    [API_EXPORT_CONFLICT] = { .type = DYNAMODB "ExportConflictException" },
    [API_INVALID_EXPORT_TIME] = { .type = DYNAMODB "InvalidExportTimeException" },
    [API_IMPORT_NOT_FOUND] = { .type = DYNAMODB "ImportNotFoundException" },
    [API_IMPORT_CONFLICT] = { .type = DYNAMODB "ImportConflictException" },
};

const char *api_error_type(enum api_error_code code)
{
    assert(code < API_ERROR_CODE_COUNT);
    return ROWS[code].type;
}

const char *api_error_name(enum api_error_code code)
{
    return strchr(api_error_type(code), '#') + 1;
}

int api_error_status(enum api_error_code code)
{
    assert(code < API_ERROR_CODE_COUNT);
    return ROWS[code].status != 0 ? ROWS[code].status : 400;
}

bool api_error_of_name(struct bytes name, enum api_error_code *out_code)
{
    for (int code = 0; code < API_ERROR_CODE_COUNT; code++) {
        if (bytes_equal(name, bytes_of_text(api_error_name((enum api_error_code)code)))) {
            *out_code = (enum api_error_code)code;
            return true;
        }
    }
    return false;
}

bool api_error_set(struct api_error *out_error,
                   struct arena *arena,
                   enum api_error_code code,
                   const char *format,
                   ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    struct bytes message = { .data = (const uint8_t *)text, .length = (size_t)length };
    return api_error_set_message(out_error, code, message);
}

bool api_error_set_message(struct api_error *out_error,
                           enum api_error_code code,
                           struct bytes message)
{
    *out_error = (struct api_error){ .code = code, .has_message = true, .message = message };
    return false;
}

bool api_error_set_code(struct api_error *out_error, enum api_error_code code)
{
    *out_error = (struct api_error){ .code = code };
    return false;
}

void api_error_write(struct buffer *to, const struct api_error *error)
{
    struct json_writer body = json_writer_of(to);
    json_open_object(&body);
    json_member_text(&body, "__type", bytes_of_text(api_error_type(error->code)));
    if (error->has_message) {
        const char *name = ROWS[error->code].message_name;
        json_member_text(&body, name != NULL ? name : "message", error->message);
    }
    if (error->details.length > 0) {
        json_write_raw(&body,
                       error->details); /* whole members, so the comma before them is right */
    }
    json_close_object(&body);
}
