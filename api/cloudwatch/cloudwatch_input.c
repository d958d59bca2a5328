#include "api/cloudwatch/cloudwatch_input.h"

/* The service's model: a code for Query, a shape for the others. */
#define ERROR(error_code, error_shape)                                                             \
    {                                                                                              \
        .code = (error_code), .shape = (error_shape), .status = 400                                \
    }

const struct service_error CLOUDWATCH_INVALID_NEXT_TOKEN =
    ERROR("InvalidNextToken", "InvalidNextToken");
const struct service_error CLOUDWATCH_INVALID_PARAMETER_COMBINATION =
    ERROR("InvalidParameterCombination", "InvalidParameterCombinationException");
const struct service_error CLOUDWATCH_INVALID_PARAMETER_VALUE =
    ERROR("InvalidParameterValue", "InvalidParameterValueException");
const struct service_error CLOUDWATCH_MISSING_PARAMETER =
    ERROR("MissingParameter", "MissingRequiredParameterException");
const struct service_error CLOUDWATCH_VALIDATION_ERROR =
    ERROR("ValidationError", "ValidationError");

const struct shape CLOUDWATCH_TIME = { .kind = SHAPE_TIMESTAMP };
const struct shape CLOUDWATCH_TEXT = { .kind = SHAPE_STRING };
const struct shape CLOUDWATCH_INTEGER = { .kind = SHAPE_INTEGER };

static const struct member DIMENSION_MEMBERS[] = {
    { "Name", &CLOUDWATCH_TEXT, OPTIONAL },
    { "Value", &CLOUDWATCH_TEXT, OPTIONAL },
};
static const struct shape DIMENSION = SHAPE_STRUCTURE_OF("Dimension", DIMENSION_MEMBERS);
const struct shape CLOUDWATCH_DIMENSIONS = { .kind = SHAPE_LIST, .element = &DIMENSION };

void cloudwatch_require(struct service_request *request,
                        const struct cJSON *object,
                        const char *path,
                        const char *name)
{
    const struct cJSON *member = json_member(object, name);
    bool is_empty = member != NULL && json_kind(member) == JSON_STRING && json_text_is(member, "");
    if (member == NULL || is_empty) {
        (void)service_fail(request, &CLOUDWATCH_MISSING_PARAMETER,
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

bool cloudwatch_check_times(struct service_request *request, const struct service_error *error)
{
    int64_t start_ms = cloudwatch_time_ms(request->input, "StartTime");
    int64_t end_ms = cloudwatch_time_ms(request->input, "EndTime");
    if (start_ms == end_ms) {
        return service_fail(request, error,
                            "The parameter StartTime must not equal parameter EndTime.");
    }
    return start_ms < end_ms ||
           service_fail(request, error,
                        "The parameter StartTime must be less than the parameter EndTime.");
}
