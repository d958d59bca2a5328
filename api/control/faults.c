/* faults: rules that disturb calls. */

#include "api/rehearsal/faults.h"
#include "api/control/control.h"
#include "api/internal.h"
#include "api/rehearsal/exceptions.h"

enum { RULES_MAX = 256, DELAY_MS_MAX = 60 * 60 * 1000 };

static const struct shape CALLER_PART = { .kind = SHAPE_STRING, .range = { 1, 128 } };
static const struct shape COUNTDOWN = { .kind = SHAPE_LONG, .range = { 0, SHAPE_NO_MAX } };
static const struct shape REPEAT = { .kind = SHAPE_LONG, .range = { 1, SHAPE_NO_MAX } };
static const struct shape DELAY = { .kind = SHAPE_LONG, .range = { 1, DELAY_MS_MAX } };

static const struct member RULE_MEMBERS[] = {
    { "Operation", &SHAPE_ANY_STRING, OPTIONAL },
    { "TableName", &SHAPE_NEW_TABLE_NAME, OPTIONAL },
    { "IndexName", &SHAPE_INDEX_NAME, OPTIONAL },
    { "AccessKeyId", &CALLER_PART, OPTIONAL },
    { "Region", &CALLER_PART, OPTIONAL },
    { "Countdown", &COUNTDOWN, OPTIONAL },
    { "Repeat", &REPEAT, OPTIONAL },
    { "Error", &SHAPE_ANY_STRING, OPTIONAL },
    { "DelayMilliseconds", &DELAY, OPTIONAL },
};
static const struct shape RULE = {
    .kind = SHAPE_STRUCTURE,
    .name = "Rule",
    .members = RULE_MEMBERS,
    .members_count = sizeof RULE_MEMBERS / sizeof *RULE_MEMBERS,
    .other_member = "Drop", /* a boolean or one of two words: read_drop */
};
static const struct shape RULES = { .kind = SHAPE_LIST,
                                    .element = &RULE,
                                    .range = { 0, RULES_MAX } };
static const struct member MEMBERS[] = { { "Rules", &RULES, REQUIRED } };
const struct shape CONTROL_FAULTS = SHAPE_STRUCTURE_OF("Faults", MEMBERS);

/* ---- reading ---- */

static struct bytes text_of(struct request *request, const struct cJSON *node, const char *name)
{
    const struct cJSON *member = json_member(node, name);
    return member != NULL ? json_text(request->arena, member) : BYTES("");
}

static int64_t integer_of(const struct cJSON *node, const char *name, int64_t otherwise)
{
    const struct cJSON *member = json_member(node, name);
    return member != NULL ? json_integer(member) : otherwise;
}

static bool read_operation(struct request *request, const struct cJSON *node, struct bytes name)
{
    return json_member(node, "Operation") == NULL || operation_of_name(name) != NULL ||
           api_fail(request, API_VALIDATION, "Operation: there is no operation %.*s",
                    BYTES_ARGUMENTS(name));
}

static bool read_error(struct request *request, const struct cJSON *node, struct fault *fault)
{
    struct bytes name = text_of(request, node, "Error");
    fault->has_error = json_member(node, "Error") != NULL;
    if (!fault->has_error || api_error_of_name(name, &fault->error)) {
        return true;
    }
    struct bytes names = exception_names(request->arena);
    return api_fail(request, API_VALIDATION, "Error: %.*s is none of %.*s", BYTES_ARGUMENTS(name),
                    BYTES_ARGUMENTS(names));
}

static bool read_drop(struct request *request, const struct cJSON *node, struct fault *fault)
{
    const struct cJSON *drop = json_member(node, "Drop");
    enum json_kind kind = drop != NULL ? json_kind(drop) : JSON_FALSE;
    if (kind == JSON_FALSE) {
        fault->drop = FAULT_ANSWERS;
    } else if (kind == JSON_TRUE || (kind == JSON_STRING && json_text_is(drop, "BEFORE"))) {
        fault->drop = FAULT_DROPS_BEFORE;
    } else if (kind == JSON_STRING && json_text_is(drop, "AFTER")) {
        fault->drop = FAULT_DROPS_AFTER;
    } else {
        return api_fail(request, API_VALIDATION,
                        "Drop must be true, false, \"BEFORE\" or \"AFTER\"");
    }
    return true;
}

static bool
read_rule(struct request *request, const struct cJSON *node, struct fault_rule *out_rule)
{
    struct fault *fault = &out_rule->fault;
    *out_rule = (struct fault_rule){
        .operation = text_of(request, node, "Operation"),
        .table_name = text_of(request, node, "TableName"),
        .index_name = text_of(request, node, "IndexName"),
        .access_key_id = text_of(request, node, "AccessKeyId"),
        .region = text_of(request, node, "Region"),
        .countdown = integer_of(node, "Countdown", 0),
        .repeat = integer_of(node, "Repeat", FAULT_ALWAYS),
        .fault.delay_ms = integer_of(node, "DelayMilliseconds", 0),
    };
    if (!read_operation(request, node, out_rule->operation) || !read_error(request, node, fault) ||
        !read_drop(request, node, fault)) {
        return false;
    }
    if (fault->has_error && fault->drop != FAULT_ANSWERS) {
        return api_fail(request, API_VALIDATION,
                        "A rule has either an Error or a Drop: who gets no answer gets no error");
    }
    return fault->has_error || fault->drop != FAULT_ANSWERS || fault->delay_ms > 0 ||
           api_fail(request, API_VALIDATION,
                    "A rule needs an Error, a Drop or DelayMilliseconds: else it does nothing");
}

/* ---- writing ---- */

static void write_text(struct json_writer *writer, const char *name, struct bytes text)
{
    if (text.length > 0) {
        json_member_text(writer, name, text);
    }
}

static void write_rule(struct json_writer *writer, const struct fault_rule *rule)
{
    json_open_object(writer);
    write_text(writer, "Operation", rule->operation);
    write_text(writer, "TableName", rule->table_name);
    write_text(writer, "IndexName", rule->index_name);
    write_text(writer, "AccessKeyId", rule->access_key_id);
    write_text(writer, "Region", rule->region);
    json_member_integer(writer, "Countdown", rule->countdown);
    if (rule->repeat != FAULT_ALWAYS) {
        json_member_integer(writer, "Repeat", rule->repeat);
    }
    if (rule->fault.has_error) {
        json_member_text(writer, "Error", bytes_of_text(api_error_name(rule->fault.error)));
    }
    if (rule->fault.delay_ms > 0) {
        json_member_integer(writer, "DelayMilliseconds", rule->fault.delay_ms);
    }
    if (rule->fault.drop != FAULT_ANSWERS) {
        json_member_text(writer, "Drop",
                         rule->fault.drop == FAULT_DROPS_BEFORE ? BYTES("BEFORE") : BYTES("AFTER"));
    }
    json_member_integer(writer, "Matched", rule->matched);
    json_member_integer(writer, "Acted", rule->acted);
    json_close_object(writer);
}

bool control_show_faults(struct control *control)
{
    struct request *request = &control->request;
    struct json_writer *writer = &request->writer;
    size_t count;
    const struct fault_rule *rules =
        faults_copy(request->api->rehearsal.faults, request->arena, &count);
    json_open_object(writer);
    json_write_key(writer, "Rules");
    json_open_array(writer);
    for (size_t i = 0; i < count; i++) {
        write_rule(writer, &rules[i]);
    }
    json_close_array(writer);
    json_close_object(writer);
    return true;
}

/* ---- replacing ---- */

static bool replace(struct control *control, const struct fault_rule *rules, size_t count)
{
    struct request *request = &control->request;
    struct timeline_event event = rehearsal_event(request, TIMELINE_FAULTS);
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    buffer_init(&details, request->arena, 32);
    json_member_integer(&writer, "Rules", (int64_t)count);
    event.details = buffer_view(&details);
    timeline_tell(request->api->rehearsal.timeline, request->arena, &event);
    faults_replace(request->api->rehearsal.faults, rules, count);
    return control_show_faults(control);
}

bool control_put_faults(struct control *control)
{
    struct request *request = &control->request;
    const struct cJSON *list = json_member(request->input, "Rules");
    struct fault_rule *rules = arena_alloc(request->arena, json_count(list) * sizeof *rules);
    size_t count = 0;
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        if (!read_rule(request, node, &rules[count++])) {
            return false;
        }
    }
    return replace(control, rules, count);
}

bool control_delete_faults(struct control *control)
{
    return replace(control, NULL, 0);
}
