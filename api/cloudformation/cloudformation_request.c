#include "api/cloudformation/cloudformation_request.h"

#include "api/internal.h"
#include "api/s3/objects.h"

enum {
    NAME_SIZE_MAX = 128,
    BODY_SIZE_MAX = 51200,
    URL_SIZE_MAX = 5120,
    OBJECT_SIZE_MAX = 1000000,
    ARN_SIZE_MIN = 20,
    ARN_SIZE_MAX = 2048,
    TAGS_MAX = 50,
    DESCRIPTION_SIZE_MAX = 1024,
};

/* ---- errors ---- */

const struct service_error CLOUDFORMATION_ALREADY_EXISTS = {
    .code = "AlreadyExistsException",
    .shape = "AlreadyExistsException",
    .status = 400,
};
const struct service_error CLOUDFORMATION_CHANGE_SET_NOT_FOUND = {
    .code = "ChangeSetNotFound",
    .shape = "ChangeSetNotFoundException",
    .status = 404,
};
const struct service_error CLOUDFORMATION_INSUFFICIENT_CAPABILITIES = {
    .code = "InsufficientCapabilitiesException",
    .shape = "InsufficientCapabilitiesException",
    .status = 400,
};
const struct service_error CLOUDFORMATION_INVALID_CHANGE_SET_STATUS = {
    .code = "InvalidChangeSetStatus",
    .shape = "InvalidChangeSetStatusException",
    .status = 400,
};
const struct service_error CLOUDFORMATION_TOKEN_ALREADY_EXISTS = {
    .code = "TokenAlreadyExistsException",
    .shape = "TokenAlreadyExistsException",
    .status = 400,
};
const struct service_error CLOUDFORMATION_VALIDATION_ERROR = {
    .code = "ValidationError",
    .shape = "ValidationError",
    .status = 400,
};

/* ---- shapes ---- */

const struct shape CLOUDFORMATION_NEW_STACK_NAME = { .kind = SHAPE_STRING,
                                                     .range = { 1, NAME_SIZE_MAX },
                                                     .pattern = PATTERN_STACK_NAME };
const struct shape CLOUDFORMATION_STACK_NAME = { .kind = SHAPE_STRING,
                                                 .range = { 1, ARN_SIZE_MAX },
                                                 .pattern = PATTERN_STACK };
const struct shape CLOUDFORMATION_TEMPLATE_BODY = { .kind = SHAPE_STRING,
                                                    .range = { 1, BODY_SIZE_MAX } };
const struct shape CLOUDFORMATION_TEMPLATE_URL = { .kind = SHAPE_STRING,
                                                   .range = { 1, URL_SIZE_MAX } };

static const struct member PARAMETER_MEMBERS[] = {
    { "ParameterKey", &SHAPE_ANY_STRING, REQUIRED },
    { "ParameterValue", &SHAPE_ANY_STRING, OPTIONAL },
    { "UsePreviousValue", &SHAPE_ANY_BOOLEAN, OPTIONAL },
};
static const struct shape PARAMETER = SHAPE_STRUCTURE_OF("Parameter", PARAMETER_MEMBERS);
const struct shape CLOUDFORMATION_PARAMETERS = { .kind = SHAPE_LIST, .element = &PARAMETER };

static const struct shape CAPABILITY = {
    .kind = SHAPE_STRING,
    .values = "CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND, CAPABILITY_IAM",
};
const struct shape CLOUDFORMATION_CAPABILITIES = { .kind = SHAPE_LIST, .element = &CAPABILITY };

const struct shape CLOUDFORMATION_NOTIFICATION_ARNS = { .kind = SHAPE_LIST,
                                                        .element = &SHAPE_ANY_STRING,
                                                        .range = { 0, 5 } };
const struct shape CLOUDFORMATION_ROLE_ARN = { .kind = SHAPE_STRING,
                                               .range = { ARN_SIZE_MIN, ARN_SIZE_MAX } };

static const struct shape TAG_KEY = { .kind = SHAPE_STRING, .range = { 1, 128 } };
static const struct shape TAG_VALUE = { .kind = SHAPE_STRING, .range = { 0, 256 } };
static const struct member TAG_MEMBERS[] = {
    { "Key", &TAG_KEY, REQUIRED },
    { "Value", &TAG_VALUE, REQUIRED },
};
static const struct shape TAG = SHAPE_STRUCTURE_OF("Tag", TAG_MEMBERS);
const struct shape CLOUDFORMATION_TAGS = { .kind = SHAPE_LIST,
                                           .element = &TAG,
                                           .range = { 0, TAGS_MAX } };

const struct shape CLOUDFORMATION_CLIENT_TOKEN = { .kind = SHAPE_STRING, .range = { 1, 128 } };
const struct shape CLOUDFORMATION_DESCRIPTION = { .kind = SHAPE_STRING,
                                                  .range = { 1, DESCRIPTION_SIZE_MAX } };
const struct shape CLOUDFORMATION_LOGICAL_IDS = { .kind = SHAPE_LIST,
                                                  .element = &SHAPE_ANY_STRING };

/* ---- templates ---- */

#define S3_ERRORS                                                                                  \
    "\nFor more information check "                                                                \
    "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"

static bool find_object(struct service_request *request, struct bytes url, struct bytes *out_text)
{
    struct object_place place;
    struct object object;
    struct txn txn;
    if (!object_place_of_url(request->arena, request->world, url, &place)) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "TemplateURL must be a supported URL.");
    }
    txn_begin_read(request->storage->env, &txn);
    bool is_found =
        object_place_is_valid(&place) && object_find(&txn, request->arena, &place, &object);
    txn_abort(&txn);
    if (!is_found) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "S3 error: The specified key does not exist." S3_ERRORS);
    }
    if (object.body.length > OBJECT_SIZE_MAX) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "Template may not exceed %d bytes in size.", OBJECT_SIZE_MAX);
    }
    *out_text = object.body;
    return true;
}

bool cloudformation_template(struct service_request *request, struct bytes *out_text)
{
    bool has_body = json_member(request->input, "TemplateBody") != NULL;
    bool has_url = json_member(request->input, "TemplateURL") != NULL;
    if (has_body == has_url) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            has_body ? "Only one of Template URL and Template Body can be "
                                       "specified."
                                     : "Either Template URL or Template Body must be specified.");
    }
    if (has_url) {
        return find_object(request, service_text(request, request->input, "TemplateURL"), out_text);
    }
    *out_text = service_text(request, request->input, "TemplateBody");
    return true;
}
