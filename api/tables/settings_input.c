#include "api/tables/settings_input.h"

#include "api/tables/table_input.h"

#include <string.h>

#include <nettle/md5.h>

/* ---- stream ---- */

static const struct shape STREAM_VIEW = {
    .kind = SHAPE_STRING, .values = "OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, NEW_IMAGE"
};
static const struct member STREAM_MEMBERS[] = {
    { "StreamEnabled", &SHAPE_ANY_BOOLEAN, REQUIRED },
    { "StreamViewType", &STREAM_VIEW, OPTIONAL },
};
const struct shape SHAPE_STREAM_SPECIFICATION =
    SHAPE_STRUCTURE_OF("StreamSpecification", STREAM_MEMBERS);

static const char *const STREAM_VIEWS[] = {
    [STREAM_KEYS_ONLY] = "KEYS_ONLY",
    [STREAM_NEW_IMAGE] = "NEW_IMAGE",
    [STREAM_OLD_IMAGE] = "OLD_IMAGE",
    [STREAM_NEW_AND_OLD_IMAGES] = "NEW_AND_OLD_IMAGES",
};

const char *stream_view_name(enum stream_view view)
{
    return STREAM_VIEWS[view];
}

static bool fail_stream(struct request *request, bool is_new_table, bool is_enabled)
{
    const char *text = is_new_table && is_enabled
                           ? "Table is being created with a stream enabled, UpdateViewType is "
                             "required"
                       : is_new_table ? "Table is being created with a stream disabled, "
                                        "UpdateViewType should not be specified"
                       : is_enabled   ? "If stream is being enabled then UpdateViewType is required"
                                      : "If stream is being disabled, then UpdateViewType must not "
                                        "be specified";
    return api_fail(request, API_VALIDATION, INVALID_PARAMETER "%s", text);
}

bool stream_of_json(struct request *request,
                    const struct cJSON *node,
                    bool is_new_table,
                    struct stream_input *out_stream)
{
    const struct cJSON *view = json_member(node, "StreamViewType");
    *out_stream =
        (struct stream_input){ .is_enabled = shape_boolean(json_member(node, "StreamEnabled")) };
    if (out_stream->is_enabled != (view != NULL)) {
        return fail_stream(request, is_new_table, out_stream->is_enabled);
    }
    for (size_t i = 0; view != NULL && i < sizeof STREAM_VIEWS / sizeof *STREAM_VIEWS; i++) {
        if (shape_text_is(view, STREAM_VIEWS[i])) {
            out_stream->view = (enum stream_view)i;
        }
    }
    return true;
}

/* ---- encryption ---- */

static const struct shape SSE_TYPE = { .kind = SHAPE_STRING, .values = "AES256, KMS" };
static const struct member SSE_MEMBERS[] = {
    { "Enabled", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "SSEType", &SSE_TYPE, OPTIONAL },
    { "KMSMasterKeyId", &SHAPE_ANY_STRING, OPTIONAL },
};
const struct shape SHAPE_SSE_SPECIFICATION = SHAPE_STRUCTURE_OF("SSESpecification", SSE_MEMBERS);

/* A UUID that is always the same for the same text. */
static void append_derived_uuid(struct buffer *to, struct bytes text)
{
    struct md5_ctx context;
    uint8_t hash[MD5_DIGEST_SIZE];
    md5_init(&context);
    md5_update(&context, text.length, text.data);
    md5_digest(&context, sizeof hash, hash);
    for (size_t i = 0; i < sizeof hash; i++) {
        buffer_append_format(to, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
                             (unsigned)hash[i]);
    }
}

static struct bytes key_arn_of(struct request *request, struct bytes key)
{
    struct buffer arn;
    buffer_init(&arn, request->arena, 128);
    buffer_append_format(&arn, "arn:aws:kms:%.*s:%.*s:key/", BYTES_ARGUMENTS(request->region),
                         BYTES_ARGUMENTS(request->account));
    if (key.length == 0) {
        append_derived_uuid(&arn, BYTES("alias/aws/dynamodb"));
    } else if (bytes_start_with(key, BYTES("alias/"))) {
        append_derived_uuid(&arn, key);
    } else {
        buffer_append_bytes(&arn, key);
    }
    return buffer_view(&arn);
}

bool encryption_of_json(struct request *request,
                        const struct cJSON *node,
                        struct encryption_input *out_encryption)
{
    const struct cJSON *enabled = json_member(node, "Enabled");
    const struct cJSON *type = json_member(node, "SSEType");
    const struct cJSON *key = json_member(node, "KMSMasterKeyId");
    bool is_off = enabled != NULL && !shape_boolean(enabled);
    if (is_off && type != NULL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "SSEType can not be specified if Enabled is false");
    }
    if (is_off && key != NULL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "KMSMasterKeyId can not be specified if Enabled is false");
    }
    if (shape_text_is(type, "AES256")) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "SSEType AES256 is not supported");
    }
    if (key != NULL && type == NULL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "SSEType KMS is required if KMSMasterKeyId is specified");
    }
    struct bytes id = key != NULL ? json_text(request->arena, key) : BYTES("");
    out_encryption->is_key_arn = bytes_start_with(id, BYTES("arn:"));
    out_encryption->is_enabled = !is_off && (enabled != NULL || type != NULL);
    out_encryption->key_arn = out_encryption->is_key_arn ? id : key_arn_of(request, id);
    return true;
}

/* ---- table class ---- */

static const char *const TABLE_CLASSES[] = {
    [TABLE_CLASS_UNSET] = "STANDARD",
    [TABLE_CLASS_STANDARD] = "STANDARD",
    [TABLE_CLASS_INFREQUENT_ACCESS] = "STANDARD_INFREQUENT_ACCESS",
};

const char *table_class_name(enum table_class table_class)
{
    return TABLE_CLASSES[table_class];
}

bool table_class_of_request(struct request *request, enum table_class *out_class)
{
    const struct cJSON *name = json_member(request->input, "TableClass");
    *out_class = TABLE_CLASS_UNSET;
    if (name == NULL) {
        return true;
    }
    for (int i = TABLE_CLASS_STANDARD; i <= TABLE_CLASS_INFREQUENT_ACCESS; i++) {
        if (shape_text_is(name, TABLE_CLASSES[i])) {
            *out_class = (enum table_class)i;
            return true;
        }
    }
    return api_fail(request, API_VALIDATION,
                    "Invalid table-class parameter provided. Please try again with a valid "
                    "table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS].");
}
