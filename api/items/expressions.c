#include "api/items/expressions.h"

#include "api/attribute_json.h"
#include "api/expression/parser.h"
#include "api/expression/placeholders.h"
#include "api/items/legacy_input.h"

#include <string.h>

/* Expression parameters, in the order in which a refusal lists them. */
static const char *const EXPRESSION_PARAMETERS[] = { "ProjectionExpression", "FilterExpression",
                                                     "UpdateExpression", "KeyConditionExpression",
                                                     "ConditionExpression" };

/* Those that may hold :values, in their order. */
static const char *const VALUE_PARAMETERS[] = { "UpdateExpression", "ConditionExpression",
                                                "FilterExpression", "KeyConditionExpression" };
enum { VALUE_PARAMETERS_COUNT = sizeof VALUE_PARAMETERS / sizeof *VALUE_PARAMETERS };

/* What may not come with an expression, in the order in which a refusal lists them. */
static const char *const LEGACY_PARAMETERS[] = { "AttributesToGet", "QueryFilter",
                                                 "ScanFilter",      "AttributeUpdates",
                                                 "Expected",        "ConditionalOperator" };

/* What ConditionalOperator joins. */
static const char *const JOINED_PARAMETERS[] = { "Expected", "QueryFilter", "ScanFilter" };
enum { JOINED_PARAMETERS_COUNT = sizeof JOINED_PARAMETERS / sizeof *JOINED_PARAMETERS };

/* Most requests have few members and none of ours: seen in one walk instead of a dozen look-ups. */
static bool has_nothing_to_do(const struct cJSON *input, struct arena *arena)
{
    enum { SHORTEST = sizeof "Expected" - 1 };
    for (const struct cJSON *member = json_first(input); member != NULL;
         member = json_next(member)) {
        struct bytes name = json_name(arena, member);
        if (name.length >= SHORTEST && !bytes_equal(name, BYTES("TableName"))) {
            return false;
        }
    }
    return true;
}

static bool takes(const struct shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->members_count; i++) {
        if (strcmp(shape->members[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The member of that name, if the operation has such a parameter and the request sends it. */
static const struct cJSON *
parameter(const struct shape *shape, const struct cJSON *input, const char *name)
{
    return takes(shape, name) ? json_member(input, name) : NULL;
}

static void append_name(struct buffer *names, const char *name)
{
    buffer_append_text(names, names->length > 0 ? ", " : "");
    buffer_append_text(names, name);
}

/* KeyConditions go together with expressions, though not with the one that replaces them. */
static bool
check_not_mixed(struct request *request, const struct shape *shape, const struct cJSON *input)
{
    struct buffer legacy;
    struct buffer expressions;
    buffer_init(&legacy, request->arena, 64);
    buffer_init(&expressions, request->arena, 64);
    for (size_t i = 0; i < sizeof LEGACY_PARAMETERS / sizeof *LEGACY_PARAMETERS; i++) {
        if (parameter(shape, input, LEGACY_PARAMETERS[i]) != NULL) {
            append_name(&legacy, LEGACY_PARAMETERS[i]);
        }
    }
    for (size_t i = 0; i < sizeof EXPRESSION_PARAMETERS / sizeof *EXPRESSION_PARAMETERS; i++) {
        if (parameter(shape, input, EXPRESSION_PARAMETERS[i]) != NULL) {
            append_name(&expressions, EXPRESSION_PARAMETERS[i]);
        }
    }
    if (parameter(shape, input, "KeyConditions") != NULL &&
        parameter(shape, input, "KeyConditionExpression") != NULL) {
        append_name(&legacy, "KeyConditions");
    }
    return legacy.length == 0 || expressions.length == 0 ||
           api_fail(request, API_VALIDATION,
                    "Can not use both expression and non-expression parameters in the same "
                    "request: Non-expression parameters: {%.*s} Expression parameters: {%.*s}",
                    BYTES_ARGUMENTS(buffer_view(&legacy)),
                    BYTES_ARGUMENTS(buffer_view(&expressions)));
}

static bool check_conditional_operator(struct request *request,
                                       const struct shape *shape,
                                       const struct cJSON *input)
{
    size_t count = 0;
    if (parameter(shape, input, "ConditionalOperator") == NULL) {
        return true;
    }
    for (size_t i = 0; i < JOINED_PARAMETERS_COUNT; i++) {
        const struct cJSON *map = parameter(shape, input, JOINED_PARAMETERS[i]);
        count += map != NULL ? json_count(map) : 0;
    }
    if (count == 0) {
        return api_fail(request, API_VALIDATION,
                        "ConditionalOperator cannot be used without Filter or Expected");
    }
    return count > 1 ||
           api_fail(request, API_VALIDATION,
                    "ConditionalOperator can only be used when Filter or Expected has two or more "
                    "elements");
}

static bool has_value_expression(const struct shape *shape, const struct cJSON *input)
{
    for (size_t i = 0; i < VALUE_PARAMETERS_COUNT; i++) {
        if (parameter(shape, input, VALUE_PARAMETERS[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* "…: FilterExpression and KeyConditionExpression are null" */
static bool fail_values_unwanted(struct request *request, const struct shape *shape)
{
    struct buffer names;
    size_t count = 0;
    buffer_init(&names, request->arena, 64);
    for (size_t i = 0; i < VALUE_PARAMETERS_COUNT; i++) {
        if (takes(shape, VALUE_PARAMETERS[i])) {
            buffer_append_text(&names, count++ > 0 ? " and " : "");
            buffer_append_text(&names, VALUE_PARAMETERS[i]);
        }
    }
    return api_fail(
        request, API_VALIDATION,
        "ExpressionAttributeValues can only be specified when using expressions: %.*s %s "
        "null",
        BYTES_ARGUMENTS(buffer_view(&names)), count > 1 ? "are" : "is");
}

bool expressions_check_parameters(struct request *request,
                                  const struct shape *shape,
                                  const struct cJSON *input)
{
    if (has_nothing_to_do(input, request->arena)) {
        return true;
    }
    bool has_values = has_value_expression(shape, input);
    if (!check_not_mixed(request, shape, input)) {
        return false;
    }
    if (parameter(shape, input, "ExpressionAttributeNames") != NULL && !has_values &&
        parameter(shape, input, "ProjectionExpression") == NULL) {
        return api_fail(request, API_VALIDATION,
                        "ExpressionAttributeNames can only be specified when using expressions");
    }
    if (parameter(shape, input, "ExpressionAttributeValues") != NULL && !has_values) {
        return fail_values_unwanted(request, shape);
    }
    return check_conditional_operator(request, shape, input);
}

static void
read_names(struct request *request, const struct cJSON *map, struct placeholders *placeholders)
{
    if (map == NULL) {
        return;
    }
    placeholders->names =
        arena_alloc(request->arena, (json_count(map) + 1) * sizeof *placeholders->names);
    for (const struct cJSON *one = json_first(map); one != NULL; one = json_next(one)) {
        if (json_kind(one) != JSON_STRING) {
            continue;
        }
        placeholders->names[placeholders->names_count++] = (struct placeholder_name){
            .name = json_name(request->arena, one),
            .attribute_name = json_text(request->arena, one),
        };
    }
}

static bool fail_value(struct request *request, struct bytes name, const struct api_error *error)
{
    return api_fail(request, error->code,
                    "ExpressionAttributeValues contains invalid value: %.*s for key %.*s",
                    BYTES_ARGUMENTS(error->message), BYTES_ARGUMENTS(name));
}

/* Whether all of them are values is told after what is wrong with the names: `out_failed`. */
static void read_values(struct request *request,
                        const struct cJSON *map,
                        struct placeholders *placeholders,
                        struct bytes *out_failed,
                        struct api_error *out_error)
{
    *out_failed = BYTES("");
    if (map == NULL) {
        return;
    }
    placeholders->values =
        arena_alloc(request->arena, (json_count(map) + 1) * sizeof *placeholders->values);
    for (const struct cJSON *one = json_first(map); one != NULL; one = json_next(one)) {
        if (json_kind(one) == JSON_NULL) {
            continue;
        }
        struct placeholder_value *value = &placeholders->values[placeholders->values_count++];
        struct api_error error;
        *value = (struct placeholder_value){ .name = json_name(request->arena, one) };
        if (!attribute_of_json(request->arena, one, &value->value, &error) &&
            out_failed->length == 0) {
            *out_failed = value->name;
            *out_error = error;
        }
    }
}

static bool read_placeholders(struct request *request,
                              const struct shape *shape,
                              const struct cJSON *input,
                              struct placeholders *placeholders)
{
    struct expression_context context;
    struct bytes failed;
    struct api_error error;
    read_names(request, parameter(shape, input, "ExpressionAttributeNames"), placeholders);
    read_values(request, parameter(shape, input, "ExpressionAttributeValues"), placeholders,
                &failed, &error);
    expression_init(&context, request->arena, EXPRESSION_CONDITION);
    if (!placeholders_prepare(&context, placeholders)) {
        return api_fail_text(request, API_VALIDATION, context.message);
    }
    return failed.length == 0 || fail_value(request, failed, &error);
}

static bool prepare_update(struct request *request,
                           const struct cJSON *text,
                           struct placeholders *placeholders,
                           struct update **out_update)
{
    struct expression_context context;
    if (text == NULL) {
        return true;
    }
    expression_init(&context, request->arena, EXPRESSION_UPDATE);
    if (!update_parse(&context, json_text(request->arena, text), out_update) ||
        !update_resolve(&context, *out_update, placeholders)) {
        return api_fail_text(request, API_VALIDATION, context.message);
    }
    return true;
}

static bool prepare_condition(struct request *request,
                              const struct cJSON *text,
                              enum expression_kind kind,
                              struct placeholders *placeholders,
                              struct condition **out_condition)
{
    struct expression_context context;
    if (text == NULL) {
        return true;
    }
    expression_init(&context, request->arena, kind);
    if (!condition_parse(&context, json_text(request->arena, text), out_condition) ||
        !condition_resolve(&context, *out_condition, placeholders)) {
        return api_fail_text(request, API_VALIDATION, context.message);
    }
    return true;
}

static bool prepare_key_condition(struct request *request,
                                  const struct cJSON *text,
                                  struct placeholders *placeholders,
                                  struct expressions *expressions)
{
    struct condition *condition = NULL;
    struct expression_context context;
    if (!prepare_condition(request, text, EXPRESSION_KEY_CONDITION, placeholders, &condition)) {
        return false;
    }
    expressions->has_key_condition = condition != NULL;
    if (condition == NULL) {
        return true;
    }
    expression_init(&context, request->arena, EXPRESSION_KEY_CONDITION);
    return key_condition_collect(&context, condition, &expressions->key_terms) ||
           api_fail_text(request, API_VALIDATION, context.message);
}

static bool prepare_projection(struct request *request,
                               const struct cJSON *text,
                               struct placeholders *placeholders,
                               struct projection **out_projection)
{
    struct expression_context context;
    if (text == NULL) {
        return true;
    }
    expression_init(&context, request->arena, EXPRESSION_PROJECTION);
    if (!projection_parse(&context, json_text(request->arena, text), out_projection) ||
        !projection_resolve(&context, *out_projection, placeholders)) {
        return api_fail_text(request, API_VALIDATION, context.message);
    }
    return true;
}

bool expressions_prepare_legacy(struct request *request,
                                const struct shape *shape,
                                const struct cJSON *input,
                                struct expressions *out_expressions)
{
    struct expressions *out = out_expressions;
    bool is_any = shape_text_is(parameter(shape, input, "ConditionalOperator"), "OR");
    enum condition_kind joined_by = is_any ? CONDITION_OR : CONDITION_AND;
    *out = (struct expressions){ 0 };
    return legacy_read_updates(request, parameter(shape, input, "AttributeUpdates"),
                               &out->update) &&
           legacy_read_expected(request, parameter(shape, input, "Expected"), joined_by,
                                &out->condition) &&
           legacy_read_filter(request, parameter(shape, input, "QueryFilter"), joined_by,
                              &out->filter) &&
           legacy_read_projection(request, parameter(shape, input, "AttributesToGet"),
                                  &out->projection) &&
           legacy_read_filter(request, parameter(shape, input, "ScanFilter"), joined_by,
                              &out->filter);
}

/* The key of an index may have more attributes than that of a table. */
static bool prepare_legacy_key_condition(struct request *request,
                                         const struct shape *shape,
                                         const struct cJSON *input,
                                         struct expressions *expressions)
{
    enum { TABLE_KEY_ATTRIBUTES_MAX = 2 };
    const struct cJSON *map = parameter(shape, input, "KeyConditions");
    bool has_index = parameter(shape, input, "IndexName") != NULL;
    expressions->has_key_condition |= map != NULL;
    return legacy_read_key_conditions(request, map,
                                      has_index ? KEY_ATTRIBUTES_MAX : TABLE_KEY_ATTRIBUTES_MAX,
                                      &expressions->key_terms);
}

bool expressions_prepare_texts(struct request *request,
                               const struct shape *shape,
                               const struct cJSON *input,
                               struct expressions *expressions)
{
    struct placeholders placeholders = { 0 };
    struct expression_context context;
    const struct cJSON *update = parameter(shape, input, "UpdateExpression");
    const struct cJSON *condition = parameter(shape, input, "ConditionExpression");
    const struct cJSON *key_condition = parameter(shape, input, "KeyConditionExpression");
    const struct cJSON *filter = parameter(shape, input, "FilterExpression");
    const struct cJSON *projection = parameter(shape, input, "ProjectionExpression");
    if (!read_placeholders(request, shape, input, &placeholders) ||
        !prepare_update(request, update, &placeholders, &expressions->update) ||
        !prepare_condition(request, condition, EXPRESSION_CONDITION, &placeholders,
                           &expressions->condition) ||
        !prepare_key_condition(request, key_condition, &placeholders, expressions) ||
        !prepare_condition(request, filter, EXPRESSION_FILTER, &placeholders,
                           &expressions->filter) ||
        !prepare_projection(request, projection, &placeholders, &expressions->projection)) {
        return false;
    }
    expression_init(&context, request->arena, EXPRESSION_CONDITION);
    if (!placeholders_check_used(&context, &placeholders)) {
        return api_fail_text(request, API_VALIDATION, context.message);
    }
    return prepare_legacy_key_condition(request, shape, input, expressions);
}

bool expressions_prepare(struct request *request,
                         const struct shape *shape,
                         const struct cJSON *input,
                         struct expressions *out_expressions)
{
    if (has_nothing_to_do(input, request->arena)) {
        *out_expressions = (struct expressions){ 0 };
        return true;
    }
    return expressions_prepare_legacy(request, shape, input, out_expressions) &&
           expressions_prepare_texts(request, shape, input, out_expressions);
}
