#include "api/request.h"

#include "api/shape.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t request_monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool api_fail(struct request *request, enum api_error_code code, const char *format, ...)
{
    if (request->has_failed) {
        return false;
    }
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = arena_alloc(request->arena, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    request->has_failed = true;
    return api_error_set_message(&request->error, code, bytes_of_text(text));
}

bool api_fail_text(struct request *request, enum api_error_code code, struct bytes text)
{
    struct api_error error;
    (void)api_error_set_message(&error, code, text);
    return api_fail_with(request, &error);
}

bool api_fail_with(struct request *request, const struct api_error *error)
{
    if (!request->has_failed) {
        request->has_failed = true;
        request->error = *error;
    }
    return false;
}

struct bytes request_text(struct request *request, const char *name)
{
    const struct cJSON *member = json_member(request->input, name);
    return member != NULL ? json_text(request->arena, member) : BYTES("");
}

int64_t request_integer(struct request *request, const char *name, int64_t otherwise)
{
    const struct cJSON *member = json_member(request->input, name);
    return member != NULL ? json_integer(member) : otherwise;
}

bool request_boolean(struct request *request, const char *name)
{
    return shape_boolean(json_member(request->input, name));
}

bool request_has(struct request *request, const char *name)
{
    return json_member(request->input, name) != NULL;
}

/* arn:aws:dynamodb:REGION:ACCOUNT:table/NAME, perhaps with /index/… or /stream/… behind it */
struct bytes table_name_of_arn(struct bytes name_or_arn)
{
    static const char resource[] = ":table/";
    if (!bytes_start_with(name_or_arn, BYTES("arn:"))) {
        return name_or_arn;
    }
    size_t marker_length = sizeof resource - 1;
    for (size_t i = 0; i + marker_length <= name_or_arn.length; i++) {
        if (memcmp(name_or_arn.data + i, resource, marker_length) == 0) {
            struct bytes name = { name_or_arn.data + i + marker_length,
                                  name_or_arn.length - i - marker_length };
            const uint8_t *slash = memchr(name.data, '/', name.length);
            if (slash != NULL) {
                name.length = (size_t)(slash - name.data);
            }
            return name;
        }
    }
    return name_or_arn;
}

struct bytes request_table_name(struct request *request)
{
    return table_name_of_arn(request_text(request, "TableName"));
}

struct bytes request_qualified_name(struct request *request, struct bytes name)
{
    if (request->world.length == 0) {
        return name;
    }
    struct buffer qualified;
    buffer_init(&qualified, request->arena, request->world.length + name.length);
    buffer_append_bytes(&qualified, request->world);
    buffer_append_bytes(&qualified, name);
    return buffer_view(&qualified);
}

static struct table_definition *find_table(struct request *request, struct bytes name)
{
    if (name.length > 0 && memchr(name.data, WORLD_SEPARATOR, name.length) != NULL) {
        return NULL; /* no table's name has one */
    }
    return catalog_find(request->txn, request->arena, request_qualified_name(request, name));
}

struct table_definition *request_table(struct request *request, struct bytes name)
{
    struct table_definition *table = find_table(request, name);
    if (table == NULL) {
        (void)api_fail(request, API_RESOURCE_NOT_FOUND,
                       "Requested resource not found: Table: %.*s not found",
                       BYTES_ARGUMENTS(name));
    }
    return table;
}

struct table_definition *request_item_table(struct request *request, struct bytes name)
{
    struct table_definition *table = find_table(request, name);
    if (table == NULL || table->status != TABLE_ACTIVE) {
        request->refusing_table = table != NULL ? table->qualified_name : BYTES("");
        (void)api_fail(request, API_RESOURCE_NOT_FOUND, "Requested resource not found");
        return NULL;
    }
    return table;
}
