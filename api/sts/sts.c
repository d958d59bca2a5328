#include "api/sts/sts.h"

#include "storage/base/arena.h"

enum { DURATION_SECONDS = 3600, DURATION_SECONDS_MIN = 900, DURATION_SECONDS_MAX = 43200 };

static const struct service_error VALIDATION_ERROR = {
    .code = "ValidationError",
    .shape = "ValidationError",
    .status = 400,
};
static const struct service_error INTERNAL_FAILURE = {
    .code = "InternalFailure",
    .shape = "InternalFailure",
    .status = 500,
};

/* ---- GetCallerIdentity ---- */

static const struct shape NO_INPUT = { .kind = SHAPE_STRUCTURE, .name = "GetCallerIdentityInput" };

/* The account's root: there are no users. */
static bool get_caller_identity(struct service_request *request)
{
    struct buffer arn;
    buffer_init(&arn, request->arena, 64);
    buffer_append_format(&arn, "arn:aws:iam::%.*s:root", BYTES_ARGUMENTS(request->account));
    document_write_text(request->reply, "Arn", buffer_view(&arn));
    document_write_text(request->reply, "UserId", request->account);
    document_write_text(request->reply, "Account", request->account);
    return true;
}

static const struct service_operation GET_CALLER_IDENTITY = {
    .name = "GetCallerIdentity",
    .input = &NO_INPUT,
    .run = get_caller_identity,
};

/* ---- AssumeRole ---- */

static const struct shape ROLE_ARN = { .kind = SHAPE_STRING, .range = { 20, 2048 } };
static const struct shape SESSION_NAME = { .kind = SHAPE_STRING,
                                           .range = { 2, 64 },
                                           .pattern = PATTERN_ROLE_SESSION_NAME };
static const struct shape DURATION = { .kind = SHAPE_INTEGER,
                                       .range = { DURATION_SECONDS_MIN, DURATION_SECONDS_MAX } };
static const struct member ASSUME_ROLE_MEMBERS[] = {
    { "RoleArn", &ROLE_ARN, REQUIRED },
    { "RoleSessionName", &SESSION_NAME, REQUIRED },
    { "DurationSeconds", &DURATION, OPTIONAL },
};
static const struct shape ASSUME_ROLE_INPUT =
    SHAPE_STRUCTURE_OF("AssumeRoleInput", ASSUME_ROLE_MEMBERS);

struct role {
    struct bytes account;
    struct bytes name;
};

/* What stands before `separator`; `rest` goes on behind it. False: it is not there. */
static bool split(struct bytes *rest, uint8_t separator, struct bytes *out_head)
{
    for (size_t i = 0; i < rest->length; i++) {
        if (rest->data[i] == separator) {
            *out_head = (struct bytes){ rest->data, i };
            *rest = (struct bytes){ rest->data + i + 1, rest->length - i - 1 };
            return true;
        }
    }
    return false;
}

/* role -> "arn:" partition ":iam::" account ":role/" { path "/" } name */
static bool read_role(struct bytes arn, struct role *out_role)
{
    struct bytes piece;
    struct bytes service;
    struct bytes region;
    bool is_read = split(&arn, ':', &piece) && bytes_equal(piece, BYTES("arn")) &&
                   split(&arn, ':', &piece) && split(&arn, ':', &service) &&
                   bytes_equal(service, BYTES("iam")) && split(&arn, ':', &region) &&
                   region.length == 0 && split(&arn, ':', &out_role->account) &&
                   split(&arn, '/', &piece) && bytes_equal(piece, BYTES("role"));
    while (is_read && split(&arn, '/', &piece)) {
    }
    out_role->name = arn;
    return is_read && out_role->account.length > 0 && arn.length > 0;
}

static void write_credentials(struct service_request *request, int64_t expires_ms)
{
    struct document_writer *reply = request->reply;
    document_open_structure(reply, "Credentials");
    document_write_text(reply, "AccessKeyId", request->caller->access_key_id);
    document_write_text(reply, "SecretAccessKey", BYTES("rehearsal"));
    document_write_text(reply, "SessionToken", BYTES("rehearsal"));
    document_write_time(reply, "Expiration", expires_ms);
    document_close_structure(reply, "Credentials");
}

static bool assume_role(struct service_request *request)
{
    struct bytes session = service_text(request, request->input, "RoleSessionName");
    struct bytes arn = service_text(request, request->input, "RoleArn");
    const struct cJSON *duration = json_member(request->input, "DurationSeconds");
    int64_t seconds = duration != NULL ? json_integer(duration) : DURATION_SECONDS;
    struct role role;
    if (!read_role(arn, &role)) {
        return service_fail(request, &VALIDATION_ERROR, "%.*s is invalid", BYTES_ARGUMENTS(arn));
    }
    struct buffer user_arn;
    struct buffer user_id;
    buffer_init(&user_arn, request->arena, 128);
    buffer_append_format(&user_arn, "arn:aws:sts::%.*s:assumed-role/%.*s/%.*s",
                         BYTES_ARGUMENTS(role.account), BYTES_ARGUMENTS(role.name),
                         BYTES_ARGUMENTS(session));
    buffer_init(&user_id, request->arena, 128);
    buffer_append_format(&user_id, "AROA%.*s:%.*s", BYTES_ARGUMENTS(role.account),
                         BYTES_ARGUMENTS(session));
    write_credentials(request, request->now_ms + seconds * 1000);
    document_open_structure(request->reply, "AssumedRoleUser");
    document_write_text(request->reply, "AssumedRoleId", buffer_view(&user_id));
    document_write_text(request->reply, "Arn", buffer_view(&user_arn));
    document_close_structure(request->reply, "AssumedRoleUser");
    return true;
}

static const struct service_operation ASSUME_ROLE = {
    .name = "AssumeRole",
    .input = &ASSUME_ROLE_INPUT,
    .run = assume_role,
};

static const struct service_operation *const OPERATIONS[] = { &ASSUME_ROLE, &GET_CALLER_IDENTITY };

const struct service STS = {
    .name_space = "https://sts.amazonaws.com/doc/2011-06-15/",
    .version = "2011-06-15",
    .type_prefix = "",
    .operations = OPERATIONS,
    .operations_count = sizeof OPERATIONS / sizeof(const struct service_operation *),
    .internal_fault = &INTERNAL_FAILURE,
    .validation_error = &VALIDATION_ERROR,
};
