#include "api/ssm/ssm.h"

#include "storage/base/arena.h"

/* That of the bootstrap template of 2025; templates of today ask for 6 and more. */
static const char BOOTSTRAP_VERSION[] = "30";

static const struct service_error PARAMETER_NOT_FOUND = {
    .code = "ParameterNotFound",
    .shape = "ParameterNotFound",
    .status = 400,
};
static const struct service_error VALIDATION_EXCEPTION = {
    .code = "ValidationException",
    .shape = "ValidationException",
    .status = 400,
};
static const struct service_error INTERNAL_SERVER_ERROR = {
    .code = "InternalServerError",
    .shape = "InternalServerError",
    .status = 500,
};

/* name -> "/cdk-bootstrap/" qualifier "/version"; qualifier -> one to ten letters and digits */
const char *ssm_parameter_value(struct bytes name)
{
    const struct bytes prefix = BYTES("/cdk-bootstrap/");
    const struct bytes suffix = BYTES("/version");
    if (name.length < prefix.length + suffix.length || !bytes_start_with(name, prefix)) {
        return NULL;
    }
    size_t end = name.length - suffix.length;
    size_t length = end - prefix.length;
    bool is_version = length >= 1 && length <= 10 &&
                      bytes_equal((struct bytes){ name.data + end, suffix.length }, suffix);
    for (size_t i = prefix.length; is_version && i < end; i++) {
        uint8_t lower = name.data[i] | 0x20;
        is_version = (lower >= 'a' && lower <= 'z') || (name.data[i] >= '0' && name.data[i] <= '9');
    }
    return is_version ? BOOTSTRAP_VERSION : NULL;
}

static const struct shape NAME = { .kind = SHAPE_STRING, .range = { 1, 2048 } };
static const struct member MEMBERS[] = {
    { "Name", &NAME, REQUIRED },
    { "WithDecryption", &SHAPE_ANY_BOOLEAN, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("GetParameterInput", MEMBERS);

static bool get_parameter(struct service_request *request)
{
    struct document_writer *reply = request->reply;
    struct bytes name = service_text(request, request->input, "Name");
    const char *value = ssm_parameter_value(name);
    if (value == NULL) {
        return service_fail(request, &PARAMETER_NOT_FOUND, "%s", "");
    }
    struct buffer arn;
    buffer_init(&arn, request->arena, 128);
    buffer_append_format(&arn, "arn:aws:ssm:%.*s:%.*s:parameter%.*s",
                         BYTES_ARGUMENTS(request->region), BYTES_ARGUMENTS(request->account),
                         BYTES_ARGUMENTS(name));
    document_open_structure(reply, "Parameter");
    document_write_text(reply, "ARN", buffer_view(&arn));
    document_write_text(reply, "DataType", BYTES("text"));
    document_write_time(reply, "LastModifiedDate", request->now_ms);
    document_write_text(reply, "Name", name);
    document_write_text(reply, "Type", BYTES("String"));
    document_write_text(reply, "Value", bytes_of_text(value));
    document_write_integer(reply, "Version", 1);
    document_close_structure(reply, "Parameter");
    return true;
}

static const struct service_operation GET_PARAMETER = {
    .name = "GetParameter",
    .input = &INPUT,
    .run = get_parameter,
};

static const struct service_operation *const OPERATIONS[] = { &GET_PARAMETER };

const struct service SSM = {
    .name_space = "",
    .version = "2014-11-06",
    .type_prefix = "",
    .operations = OPERATIONS,
    .operations_count = sizeof OPERATIONS / sizeof(const struct service_operation *),
    .internal_fault = &INTERNAL_SERVER_ERROR,
    .validation_error = &VALIDATION_EXCEPTION,
};
