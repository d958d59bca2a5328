#include "api/cloudwatch/cloudwatch_request.h"

#include "storage/base/arena.h"

#include <stdarg.h>
#include <stdio.h>

const struct shape CLOUDWATCH_TIME = { .kind = SHAPE_TIMESTAMP };
const struct shape CLOUDWATCH_TEXT = { .kind = SHAPE_STRING };
const struct shape CLOUDWATCH_INTEGER = { .kind = SHAPE_INTEGER };

static const struct member DIMENSION_MEMBERS[] = {
    { "Name", &CLOUDWATCH_TEXT, OPTIONAL },
    { "Value", &CLOUDWATCH_TEXT, OPTIONAL },
};
static const struct shape DIMENSION = SHAPE_STRUCTURE_OF("Dimension", DIMENSION_MEMBERS);
const struct shape CLOUDWATCH_DIMENSIONS = { .kind = SHAPE_LIST, .element = &DIMENSION };

bool cloudwatch_fail(struct cloudwatch_request *request,
                     enum cloudwatch_error error,
                     const char *format,
                     ...)
{
    if (request->error != CLOUDWATCH_NO_ERROR && request->error != error) {
        return false;
    }
    if (request->error == CLOUDWATCH_NO_ERROR) {
        request->error = error;
        buffer_init(&request->message, request->arena, 256);
    } else {
        buffer_append_u8(&request->message, '\n');
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
    buffer_append_text(&request->message, text);
    return false;
}

bool cloudwatch_fail_storage(struct cloudwatch_request *request)
{
    return cloudwatch_fail(request, CLOUDWATCH_INTERNAL_FAULT,
                           "The server could not read its store");
}

struct bytes
cloudwatch_text(struct cloudwatch_request *request, const struct cJSON *object, const char *name)
{
    const struct cJSON *member = json_member(object, name);
    return member != NULL ? json_text(request->arena, member) : BYTES("");
}

void cloudwatch_require(struct cloudwatch_request *request,
                        const struct cJSON *object,
                        const char *path,
                        const char *name)
{
    const struct cJSON *member = json_member(object, name);
    bool is_empty = member != NULL && json_kind(member) == JSON_STRING && json_text_is(member, "");
    if (member == NULL || is_empty) {
        (void)cloudwatch_fail(request, CLOUDWATCH_MISSING_PARAMETER,
                              "The parameter %s%s is required.", path, name);
    }
}

int64_t cloudwatch_time_ms(const struct cJSON *object, const char *name)
{
    double seconds = json_number(json_member(object, name));
    if (!(seconds > 0)) {
        return 0;
    }
    return seconds < 1e12 ? (int64_t)(seconds * 1000 + 0.5) : (int64_t)1e15;
}

bool cloudwatch_check_times(struct cloudwatch_request *request, enum cloudwatch_error error)
{
    int64_t start_ms = cloudwatch_time_ms(request->input, "StartTime");
    int64_t end_ms = cloudwatch_time_ms(request->input, "EndTime");
    if (start_ms == end_ms) {
        return cloudwatch_fail(request, error,
                               "The parameter StartTime must not equal parameter EndTime.");
    }
    return start_ms < end_ms ||
           cloudwatch_fail(request, error,
                           "The parameter StartTime must be less than the parameter EndTime.");
}
