/*
 * Every error DynamoDB answers with, one row each: name on the wire, HTTP status, and how its body
 * spells "message". An error is a value: a code, a text in the request's arena, perhaps more
 * members.
 */

#ifndef REHEARSEDB_API_API_ERROR_H
#define REHEARSEDB_API_API_ERROR_H

#include "storage/base/bytes.h"

struct arena;

enum api_error_code {
    API_VALIDATION,
    /* The protocol's own. */
    API_SERIALIZATION,
    API_UNKNOWN_OPERATION,
    API_ACCESS_DENIED,
    API_MISSING_AUTHENTICATION_TOKEN,
    API_INCOMPLETE_SIGNATURE,
    API_INVALID_SIGNATURE,
    API_UNRECOGNIZED_CLIENT,
    API_EXPIRED_TOKEN,
    API_INTERNAL_FAILURE,
    API_SERVICE_UNAVAILABLE,
    API_THROTTLING,
    /* Tables and items. */
    API_RESOURCE_NOT_FOUND,
    API_RESOURCE_IN_USE,
    API_LIMIT_EXCEEDED,
    API_CONDITIONAL_CHECK_FAILED,
    API_TRANSACTION_CANCELED,
    API_TRANSACTION_CONFLICT,
    API_TRANSACTION_IN_PROGRESS,
    API_IDEMPOTENT_PARAMETER_MISMATCH,
    API_DUPLICATE_ITEM,
    API_PROVISIONED_THROUGHPUT_EXCEEDED,
    API_REQUEST_LIMIT_EXCEEDED,
    API_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED,
    API_REPLICATED_WRITE_CONFLICT,
    API_POLICY_NOT_FOUND,
    API_INTERNAL_SERVER_ERROR,
    /* Global tables. */
    API_GLOBAL_TABLE_ALREADY_EXISTS,
    API_GLOBAL_TABLE_NOT_FOUND,
    API_REPLICA_ALREADY_EXISTS,
    API_REPLICA_NOT_FOUND,
    API_INDEX_NOT_FOUND,
    /* Streams. */
    API_EXPIRED_ITERATOR,
    API_TRIMMED_DATA_ACCESS,
    /* Backups, exports, imports. */
    API_TABLE_NOT_FOUND,
    API_TABLE_ALREADY_EXISTS,
    API_TABLE_IN_USE,
    API_BACKUP_NOT_FOUND,
    API_BACKUP_IN_USE,
    API_CONTINUOUS_BACKUPS_UNAVAILABLE,
    API_POINT_IN_TIME_RECOVERY_UNAVAILABLE,
    API_INVALID_RESTORE_TIME,
    API_EXPORT_NOT_FOUND,
    API_EXPORT_CONFLICT,
    API_INVALID_EXPORT_TIME,
    API_IMPORT_NOT_FOUND,
    API_IMPORT_CONFLICT,
    API_ERROR_CODE_COUNT,
};

struct api_error {
    enum api_error_code code;
    bool has_message;
    struct bytes message;
    /*
     * Further members of the body as finished JSON without braces, e.g. `"CancellationReasons":[…]`
     * or `"Item":{…}`; empty: none.
     */
    struct bytes details;
};

/* The exception's name, "ValidationException"; static text. */
const char *api_error_name(enum api_error_code code);

/* The same as `__type` has it, with its prefix; static text. */
const char *api_error_type(enum api_error_code code);

/* HTTP status. */
int api_error_status(enum api_error_code code);

/* True and the code when `name` is one of the names without prefix. */
bool api_error_of_name(struct bytes name, enum api_error_code *out_code);

/*
 * Fills in code and text and returns false, so that `return api_error_set(…)` refuses. `%.*s` stops
 * at a zero byte: texts that repeat what a client sent and may hold one are built in a buffer
 * and given to api_error_set_message.
 */
bool api_error_set(struct api_error *out_error,
                   struct arena *arena,
                   enum api_error_code code,
                   const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

/* The same with a text that lives as long as the error. */
bool api_error_set_message(struct api_error *out_error,
                           enum api_error_code code,
                           struct bytes message);

/* The same with no text at all: the body then has no message member. */
bool api_error_set_code(struct api_error *out_error, enum api_error_code code);

/* The body: {"__type":"…","message":"…"}. */
void api_error_write(struct buffer *to, const struct api_error *error);

#endif
