/*
 * S3, as far as clients keep templates there: objects put, got, listed and deleted (docs/
 * cloudformation.md). Every bucket exists.
 *
 * One call is one struct s3_request; all of it lives in the call's arena.
 */

#ifndef REHEARSEDB_API_S3_S3_H
#define REHEARSEDB_API_S3_S3_H

#include "api/api.h"
#include "api/protocol/form.h"
#include "api/s3/objects.h"

struct s3_error {
    const char *code;
    int status;
};

extern const struct s3_error S3_INTERNAL_ERROR;
extern const struct s3_error S3_INVALID_ARGUMENT;

struct s3_request {
    struct api *api;
    struct api_call *call;
    const struct api_s3 *input;
    struct arena *arena;
    struct object_place place; /* without a key: the bucket */
    struct form query;
    struct bytes region;
    int64_t now_ms;
    struct api_s3 *output;
    struct buffer reply;
    const struct s3_error *error; /* NULL: none */
    struct buffer message;
};

/* Always false; the first error counts. */
bool s3_fail(struct s3_request *request, const struct s3_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* GET /BUCKET?list-type=2 */
bool s3_list_objects(struct s3_request *request);

#endif
