/*
 * CloudWatch in three protocols: the call's input becomes the same tree, its result is written once
 * for all, and errors have the form of each.
 */

#include "api/cloudwatch/cloudwatch_request.h"
#include "api/internal.h"
#include "api/protocol/cbor.h"
#include "api/protocol/form.h"
#include "api/protocol/xml.h"
#include "api/world.h"
#include "storage/base/arena.h"

#include <string.h>

static const char NAMESPACE[] = "http://monitoring.amazonaws.com/doc/2010-08-01/";
static const char API_VERSION[] = "2010-08-01";
static const char TYPE_PREFIX[] = "com.amazonaws.cloudwatch#";

enum { STATUS_OK = 200, REPLY_SIZE_FIRST = 1024 };

static const struct cloudwatch_operation *const OPERATIONS[] = {
    &CLOUDWATCH_GET_METRIC_DATA,
    &CLOUDWATCH_GET_METRIC_STATISTICS,
    &CLOUDWATCH_LIST_METRICS,
};

/* The service's model: a code for Query, a shape for the others. */
static const struct {
    const char *code;
    const char *shape;
    int status;
} ERRORS[CLOUDWATCH_ERROR_COUNT] = {
    [CLOUDWATCH_INCOMPLETE_SIGNATURE] = { "IncompleteSignature", "IncompleteSignatureException",
                                          400 },
    [CLOUDWATCH_INTERNAL_FAULT] = { "InternalServiceError", "InternalServiceFault", 500 },
    [CLOUDWATCH_INVALID_ACTION] = { "InvalidAction", "UnknownOperationException", 400 },
    [CLOUDWATCH_INVALID_CLIENT_TOKEN] = { "InvalidClientTokenId", "UnrecognizedClientException",
                                          403 },
    [CLOUDWATCH_INVALID_NEXT_TOKEN] = { "InvalidNextToken", "InvalidNextToken", 400 },
    [CLOUDWATCH_INVALID_PARAMETER_COMBINATION] = { "InvalidParameterCombination",
                                                   "InvalidParameterCombinationException", 400 },
    [CLOUDWATCH_INVALID_PARAMETER_VALUE] = { "InvalidParameterValue",
                                             "InvalidParameterValueException", 400 },
    [CLOUDWATCH_INVALID_SIGNATURE] = { "InvalidSignatureException", "InvalidSignatureException",
                                       400 },
    [CLOUDWATCH_MALFORMED_INPUT] = { "MalformedInput", "SerializationException", 400 },
    [CLOUDWATCH_MISSING_AUTHENTICATION_TOKEN] = { "MissingAuthenticationToken",
                                                  "MissingAuthenticationTokenException", 403 },
    [CLOUDWATCH_MISSING_PARAMETER] = { "MissingParameter", "MissingRequiredParameterException",
                                       400 },
    [CLOUDWATCH_VALIDATION_ERROR] = { "ValidationError", "ValidationError", 400 },
};

/* ---- the input ---- */

static const struct cloudwatch_operation *find_operation(struct bytes name)
{
    for (size_t i = 0; i < sizeof OPERATIONS / sizeof(const struct cloudwatch_operation *); i++) {
        if (bytes_equal(name, bytes_of_text(OPERATIONS[i]->name))) {
            return OPERATIONS[i];
        }
    }
    return NULL;
}

/* What the transport found wrong with the signature, "…#MissingAuthenticationTokenException". */
static bool refuse(struct cloudwatch_request *request, const struct api_refusal *refusal)
{
    enum cloudwatch_error error = CLOUDWATCH_INVALID_SIGNATURE;
    if (strstr(refusal->type, "MissingAuthenticationToken") != NULL) {
        error = CLOUDWATCH_MISSING_AUTHENTICATION_TOKEN;
    } else if (strstr(refusal->type, "IncompleteSignature") != NULL) {
        error = CLOUDWATCH_INCOMPLETE_SIGNATURE;
    }
    return cloudwatch_fail(request, error, "%.*s", BYTES_ARGUMENTS(refusal->message));
}

static bool
enter_world(struct api *api, const struct api_call *call, struct cloudwatch_request *request)
{
    struct bytes region = call->caller.region.length > 0 ? call->caller.region : api->region;
    return !api->is_isolated ||
           world_of(request->arena, call->caller.access_key_id, region, &request->world) ||
           cloudwatch_fail(request, CLOUDWATCH_INVALID_CLIENT_TOKEN,
                           "The security token included in the request is invalid.");
}

/* The body as JSON; the form of QUERY, `form`, names the operation. */
static const struct cloudwatch_operation *read_input(struct cloudwatch_request *request,
                                                     const struct api_call *call,
                                                     enum api_protocol protocol)
{
    struct form form = { 0 };
    struct bytes json = call->body.length > 0 ? call->body : BYTES("{}");
    struct bytes name = call->target;
    bool is_read = true;
    if (protocol == API_PROTOCOL_QUERY) {
        is_read = form_parse(call->arena, call->body, &form);
        name = form_find(&form, BYTES("Action"));
        name = name.data != NULL ? name : BYTES("");
    }
    const struct cloudwatch_operation *operation = find_operation(name);
    if (operation == NULL) {
        (void)cloudwatch_fail(request, CLOUDWATCH_INVALID_ACTION,
                              "Could not find operation %.*s for version %s", BYTES_ARGUMENTS(name),
                              API_VERSION);
        return NULL;
    }
    if (protocol == API_PROTOCOL_QUERY) {
        json = form_to_json(call->arena, &form, operation->input);
    } else if (protocol == API_PROTOCOL_CBOR && call->body.length > 0) {
        is_read = cbor_to_json(call->arena, call->body, &json);
    }
    struct api_error error;
    if (!is_read || !json_parse(call->arena, json, &request->input) ||
        json_kind(request->input) != JSON_OBJECT) {
        (void)cloudwatch_fail(request, CLOUDWATCH_MALFORMED_INPUT, "The request could not be read");
        return NULL;
    }
    if (!shape_check_types(operation->input, request->input, call->arena, &error)) {
        (void)cloudwatch_fail(request, CLOUDWATCH_MALFORMED_INPUT, "%.*s",
                              BYTES_ARGUMENTS(error.has_message ? error.message : BYTES("")));
        return NULL;
    }
    return operation;
}

/* ---- the reply ---- */

static struct document_writer
open_result(struct buffer *reply, enum api_protocol protocol, const char *operation)
{
    if (protocol == API_PROTOCOL_QUERY) {
        buffer_append_format(reply, "<%sResponse xmlns=\"%s\"><%sResult>", operation, NAMESPACE,
                             operation);
        return document_writer_of(DOCUMENT_XML, reply);
    }
    struct document_writer writer =
        document_writer_of(protocol == API_PROTOCOL_JSON ? DOCUMENT_JSON : DOCUMENT_CBOR, reply);
    document_open_structure(&writer, NULL);
    return writer;
}

static void
close_result(struct document_writer *writer, const struct api_call *call, const char *operation)
{
    if (writer->format != DOCUMENT_XML) {
        document_close_structure(writer, NULL);
        return;
    }
    buffer_append_format(writer->to, "</%sResult>", operation);
    xml_open(writer->to, "ResponseMetadata");
    xml_append_element(writer->to, "RequestId", call->request_id);
    xml_close(writer->to, "ResponseMetadata");
    buffer_append_format(writer->to, "</%sResponse>", operation);
}

static const char *fault_of(const struct cloudwatch_request *request)
{
    return ERRORS[request->error].status < 500 ? "Sender" : "Receiver";
}

static void write_xml_error(struct buffer *reply,
                            const struct cloudwatch_request *request,
                            const struct api_call *call)
{
    xml_open_in_namespace(reply, "ErrorResponse", NAMESPACE);
    xml_open(reply, "Error");
    xml_append_element(reply, "Type", bytes_of_text(fault_of(request)));
    xml_append_element(reply, "Code", bytes_of_text(ERRORS[request->error].code));
    xml_append_element(reply, "Message", buffer_view(&request->message));
    xml_close(reply, "Error");
    xml_append_element(reply, "RequestId", call->request_id);
    xml_close(reply, "ErrorResponse");
}

static void write_error(struct buffer *reply,
                        const struct cloudwatch_request *request,
                        struct api_call *call,
                        enum api_protocol protocol)
{
    reply->length = 0;
    call->status = ERRORS[request->error].status;
    if (protocol == API_PROTOCOL_QUERY) {
        write_xml_error(reply, request, call);
        return;
    }
    struct buffer type;
    struct buffer code;
    buffer_init(&type, request->arena, 64);
    buffer_append_format(&type, "%s%s", TYPE_PREFIX, ERRORS[request->error].shape);
    buffer_init(&code, request->arena, 64);
    buffer_append_format(&code, "%s;%s", ERRORS[request->error].code, fault_of(request));
    struct document_writer writer = open_result(reply, protocol, "");
    document_write_text(&writer, "__type", buffer_view(&type));
    /* The model writes the member of this one shape with a capital letter. */
    document_write_text(&writer,
                        request->error == CLOUDWATCH_INTERNAL_FAULT ? "Message" : "message",
                        buffer_view(&request->message));
    close_result(&writer, call, "");
    call->query_error = buffer_view(&code);
}

void api_cloudwatch(struct api *api, struct api_call *call, enum api_protocol protocol)
{
    struct buffer reply;
    buffer_init(&reply, call->arena, REPLY_SIZE_FIRST);
    struct cloudwatch_request request = { .storage = &api->storage,
                                          .arena = call->arena,
                                          .now_ms = clock_now_ms(&api->clock) };
    call->status = STATUS_OK;
    if (call->refusal.type != NULL) {
        (void)refuse(&request, &call->refusal);
    } else if (enter_world(api, call, &request)) {
        const struct cloudwatch_operation *operation = read_input(&request, call, protocol);
        if (operation != NULL) {
            struct document_writer writer = open_result(&reply, protocol, operation->name);
            request.reply = &writer;
            if (operation->run(&request)) {
                close_result(&writer, call, operation->name);
            }
        }
    }
    if (request.error != CLOUDWATCH_NO_ERROR) {
        write_error(&reply, &request, call, protocol);
    }
    call->reply = buffer_view(&reply);
}
