#include "api/protocol/service.h"

#include "api/internal.h"
#include "api/protocol/cbor.h"
#include "api/protocol/form.h"
#include "api/protocol/xml.h"
#include "api/wording.h"
#include "api/world.h"
#include "storage/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STATUS_OK = 200, STATUS_INTERNAL_ERROR = 500, REPLY_SIZE_FIRST = 1024 };

const struct service_error SERVICE_INCOMPLETE_SIGNATURE = {
    .code = "IncompleteSignature",
    .shape = "IncompleteSignatureException",
    .status = 400,
};
const struct service_error SERVICE_INVALID_ACTION = {
    .code = "InvalidAction",
    .shape = "UnknownOperationException",
    .status = 400,
};
const struct service_error SERVICE_INVALID_CLIENT_TOKEN = {
    .code = "InvalidClientTokenId",
    .shape = "UnrecognizedClientException",
    .status = 403,
};
const struct service_error SERVICE_INVALID_SIGNATURE = {
    .code = "InvalidSignatureException",
    .shape = "InvalidSignatureException",
    .status = 400,
};
const struct service_error SERVICE_MALFORMED_INPUT = {
    .code = "MalformedInput",
    .shape = "SerializationException",
    .status = 400,
};
const struct service_error SERVICE_MISSING_AUTHENTICATION_TOKEN = {
    .code = "MissingAuthenticationToken",
    .shape = "MissingAuthenticationTokenException",
    .status = 403,
};

/* ---- failures ---- */

bool service_fail(struct service_request *request,
                  const struct service_error *error,
                  const char *format,
                  ...)
{
    if (request->error != NULL && request->error != error) {
        return false;
    }
    if (request->error == NULL) {
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

bool service_fail_storage(struct service_request *request)
{
    return service_fail(request, request->service->internal_fault,
                        "The server could not read its store");
}

/* What the transport found wrong with the signature, "…#MissingAuthenticationTokenException". */
static bool refuse(struct service_request *request, const struct api_refusal *refusal)
{
    const struct service_error *error = &SERVICE_INVALID_SIGNATURE;
    if (strstr(refusal->type, "MissingAuthenticationToken") != NULL) {
        error = &SERVICE_MISSING_AUTHENTICATION_TOKEN;
    } else if (strstr(refusal->type, "IncompleteSignature") != NULL) {
        error = &SERVICE_INCOMPLETE_SIGNATURE;
    }
    return service_fail(request, error, "%.*s", BYTES_ARGUMENTS(refusal->message));
}

/* ---- the input ---- */

struct bytes
service_text(struct service_request *request, const struct cJSON *object, const char *name)
{
    const struct cJSON *member = json_member(object, name);
    return member != NULL ? json_text(request->arena, member) : BYTES("");
}

static const struct service_operation *find_operation(const struct service *service,
                                                      struct bytes name)
{
    for (size_t i = 0; i < service->operations_count; i++) {
        if (bytes_equal(name, bytes_of_text(service->operations[i]->name))) {
            return service->operations[i];
        }
    }
    return NULL;
}

static bool enter_world(struct service_request *request)
{
    return !request->api->is_isolated ||
           world_of(request->arena, request->caller->access_key_id, request->region,
                    &request->world) ||
           service_fail(request, &SERVICE_INVALID_CLIENT_TOKEN,
                        "The security token included in the request is invalid.");
}

static bool check_input(struct service_request *request, const struct shape *shape)
{
    const struct service_error *validation_error = request->service->validation_error;
    struct api_error error;
    if (!shape_check_types(shape, request->input, request->arena, &error)) {
        return service_fail(request, &SERVICE_MALFORMED_INPUT, "%.*s",
                            BYTES_ARGUMENTS(error.has_message ? error.message : BYTES("")));
    }
    if (validation_error != NULL &&
        !shape_check_constraints(shape, request->input, &WORDING_CLASSIC, request->arena, &error)) {
        return service_fail(request, validation_error, "%.*s", BYTES_ARGUMENTS(error.message));
    }
    return true;
}

/* The body as JSON; the form of QUERY names the operation. */
static const struct service_operation *
read_input(struct service_request *request, const struct api_call *call, enum api_protocol protocol)
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
    const struct service_operation *operation = find_operation(request->service, name);
    if (operation == NULL) {
        (void)service_fail(request, &SERVICE_INVALID_ACTION,
                           "Could not find operation %.*s for version %s", BYTES_ARGUMENTS(name),
                           request->service->version);
        return NULL;
    }
    if (protocol == API_PROTOCOL_QUERY) {
        json = form_to_json(call->arena, &form, operation->input);
    } else if (protocol == API_PROTOCOL_CBOR && call->body.length > 0) {
        is_read = cbor_to_json(call->arena, call->body, &json);
    }
    if (!is_read || !json_parse(call->arena, json, &request->input) ||
        json_kind(request->input) != JSON_OBJECT) {
        (void)service_fail(request, &SERVICE_MALFORMED_INPUT, "The request could not be read");
        return NULL;
    }
    return check_input(request, operation->input) ? operation : NULL;
}

/* ---- the reply ---- */

static struct document_writer open_result(const struct service *service,
                                          struct buffer *reply,
                                          enum api_protocol protocol,
                                          const char *operation)
{
    if (protocol == API_PROTOCOL_QUERY) {
        buffer_append_format(reply, "<%sResponse xmlns=\"%s\"><%sResult>", operation,
                             service->name_space, operation);
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

static const char *fault_of(const struct service_error *error)
{
    return error->status < STATUS_INTERNAL_ERROR ? "Sender" : "Receiver";
}

static void write_xml_error(struct buffer *reply,
                            const struct service_request *request,
                            const struct api_call *call)
{
    xml_open_in_namespace(reply, "ErrorResponse", request->service->name_space);
    xml_open(reply, "Error");
    xml_append_element(reply, "Type", bytes_of_text(fault_of(request->error)));
    xml_append_element(reply, "Code", bytes_of_text(request->error->code));
    xml_append_element(reply, "Message", buffer_view(&request->message));
    xml_close(reply, "Error");
    xml_append_element(reply, "RequestId", call->request_id);
    xml_close(reply, "ErrorResponse");
}

static void write_error(struct buffer *reply,
                        const struct service_request *request,
                        struct api_call *call,
                        enum api_protocol protocol)
{
    const struct service_error *error = request->error;
    reply->length = 0;
    call->status = error->status;
    if (protocol == API_PROTOCOL_QUERY) {
        write_xml_error(reply, request, call);
        return;
    }
    struct buffer type;
    buffer_init(&type, request->arena, 64);
    buffer_append_format(&type, "%s%s", request->service->type_prefix, error->shape);
    struct document_writer writer = open_result(request->service, reply, protocol, "");
    document_write_text(&writer, "__type", buffer_view(&type));
    if (request->message.length > 0) {
        document_write_text(&writer, error->message_name != NULL ? error->message_name : "message",
                            buffer_view(&request->message));
    }
    close_result(&writer, call, "");
    if (request->service->tells_query_error) {
        struct buffer code;
        buffer_init(&code, request->arena, 64);
        buffer_append_format(&code, "%s;%s", error->code, fault_of(error));
        call->query_error = buffer_view(&code);
    }
}

void service_call(const struct service *service,
                  struct api *api,
                  struct api_call *call,
                  enum api_protocol protocol)
{
    struct buffer reply;
    buffer_init(&reply, call->arena, REPLY_SIZE_FIRST);
    struct service_request request = {
        .api = api,
        .service = service,
        .storage = &api->storage,
        .arena = call->arena,
        .caller = &call->caller,
        .region = call->caller.region.length > 0 ? call->caller.region : api->region,
        .account = world_account(call->caller.access_key_id),
        .request_id = call->request_id,
        .now_ms = clock_now_ms(&api->clock),
    };
    call->status = STATUS_OK;
    if (call->refusal.type != NULL) {
        (void)refuse(&request, &call->refusal);
    } else if (enter_world(&request)) {
        const struct service_operation *operation = read_input(&request, call, protocol);
        if (operation != NULL) {
            struct document_writer writer = open_result(service, &reply, protocol, operation->name);
            request.reply = &writer;
            if (operation->run(&request)) {
                close_result(&writer, call, operation->name);
            }
        }
    }
    if (request.error != NULL) {
        write_error(&reply, &request, call, protocol);
    }
    call->reply = buffer_view(&reply);
}
