#include "api/items/expressions.h"

#include "api/attribute_json.h"
#include "api/expression/parser.h"
#include "api/expression/placeholders.h"

/* What an expression that may hold :values is called on the wire. */
static const char *const VALUE_PARAMETERS[] = { "ConditionExpression", "KeyConditionExpression",
                                                "FilterExpression" };
enum { VALUE_PARAMETERS_COUNT = sizeof VALUE_PARAMETERS / sizeof *VALUE_PARAMETERS };

/* Not evaluated here; accepting one in silence would change what a write or a read means. */
static const char *const LEGACY_PARAMETERS[] = { "Expected",      "ConditionalOperator",
                                                 "KeyConditions", "QueryFilter",
                                                 "ScanFilter",    "AttributesToGet" };

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

static bool refuse_legacy(struct request *request, const struct cJSON *input)
{
    for (size_t i = 0; i < sizeof LEGACY_PARAMETERS / sizeof *LEGACY_PARAMETERS; i++) {
        if (json_member(input, LEGACY_PARAMETERS[i]) != NULL) {
            return api_fail(
                request, API_VALIDATION,
                "rehearsedb does not evaluate the legacy parameter %s; use the expression "
                "parameter that replaces it",
                LEGACY_PARAMETERS[i]);
        }
    }
    return true;
}

static bool fail_expression(struct request *request, const struct expression_context *context)
{
    struct api_error error;
    (void)api_error_set_message(&error, API_VALIDATION, context->message);
    return api_fail_with(request, &error);
}

static bool has_any_expression(const struct cJSON *input, bool *out_has_value_expression)
{
    *out_has_value_expression = false;
    for (size_t i = 0; i < VALUE_PARAMETERS_COUNT; i++) {
        *out_has_value_expression |= json_member(input, VALUE_PARAMETERS[i]) != NULL;
    }
    return *out_has_value_expression || json_member(input, "ProjectionExpression") != NULL;
}

/* Placeholders without anything to stand in. */
static bool check_placeholders_wanted(struct request *request, const struct cJSON *input)
{
    bool has_value_expression;
    bool has_any = has_any_expression(input, &has_value_expression);
    if (json_member(input, "ExpressionAttributeNames") != NULL && !has_any) {
        return api_fail(request, API_VALIDATION,
                        "ExpressionAttributeNames can only be specified when using expressions");
    }
    if (json_member(input, "ExpressionAttributeValues") != NULL && !has_value_expression) {
        return api_fail(request, API_VALIDATION,
                        "ExpressionAttributeValues can only be specified when using expressions");
    }
    return true;
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

static bool
read_values(struct request *request, const struct cJSON *map, struct placeholders *placeholders)
{
    if (map == NULL) {
        return true;
    }
    placeholders->values =
        arena_alloc(request->arena, (json_count(map) + 1) * sizeof *placeholders->values);
    for (const struct cJSON *one = json_first(map); one != NULL; one = json_next(one)) {
        if (json_kind(one) == JSON_NULL) {
            continue;
        }
        struct placeholder_value *value = &placeholders->values[placeholders->values_count];
        struct api_error error;
        *value = (struct placeholder_value){ .name = json_name(request->arena, one) };
        if (!attribute_of_json(request->arena, one, &value->value, &error)) {
            return api_fail(request, error.code,
                            "ExpressionAttributeValues contains invalid value: %.*s for key %.*s",
                            BYTES_ARGUMENTS(error.message), BYTES_ARGUMENTS(value->name));
        }
        placeholders->values_count++;
    }
    return true;
}

static bool prepare_condition(struct request *request,
                              const struct cJSON *input,
                              enum expression_kind kind,
                              struct placeholders *placeholders,
                              struct condition **out_condition)
{
    const struct cJSON *text = json_member(input, expression_kind_name(kind));
    struct expression_context context;
    if (text == NULL) {
        return true;
    }
    expression_init(&context, request->arena, kind);
    if (!condition_parse(&context, json_text(request->arena, text), out_condition) ||
        !condition_resolve(&context, *out_condition, placeholders)) {
        return fail_expression(request, &context);
    }
    return true;
}

static bool prepare_key_condition(struct request *request,
                                  const struct cJSON *input,
                                  struct placeholders *placeholders,
                                  struct expressions *expressions)
{
    struct condition *condition = NULL;
    struct expression_context context;
    if (!prepare_condition(request, input, EXPRESSION_KEY_CONDITION, placeholders, &condition)) {
        return false;
    }
    expressions->has_key_condition = condition != NULL;
    if (condition == NULL) {
        return true;
    }
    expression_init(&context, request->arena, EXPRESSION_KEY_CONDITION);
    return key_condition_collect(&context, condition, &expressions->key_terms) ||
           fail_expression(request, &context);
}

static bool prepare_projection(struct request *request,
                               const struct cJSON *input,
                               struct placeholders *placeholders,
                               struct projection **out_projection)
{
    const struct cJSON *text = json_member(input, "ProjectionExpression");
    struct expression_context context;
    if (text == NULL) {
        return true;
    }
    expression_init(&context, request->arena, EXPRESSION_PROJECTION);
    if (!projection_parse(&context, json_text(request->arena, text), out_projection) ||
        !projection_resolve(&context, *out_projection, placeholders)) {
        return fail_expression(request, &context);
    }
    return true;
}

bool expressions_prepare(struct request *request,
                         const struct cJSON *input,
                         struct expressions *out_expressions)
{
    struct placeholders placeholders = { 0 };
    struct expression_context context;
    *out_expressions = (struct expressions){ 0 };
    if (has_nothing_to_do(input, request->arena)) {
        return true;
    }
    if (!refuse_legacy(request, input) || !check_placeholders_wanted(request, input)) {
        return false;
    }
    read_names(request, json_member(input, "ExpressionAttributeNames"), &placeholders);
    if (!read_values(request, json_member(input, "ExpressionAttributeValues"), &placeholders)) {
        return false;
    }
    expression_init(&context, request->arena, EXPRESSION_CONDITION);
    if (!placeholders_prepare(&context, &placeholders)) {
        return fail_expression(request, &context);
    }
    if (!prepare_condition(request, input, EXPRESSION_CONDITION, &placeholders,
                           &out_expressions->condition) ||
        !prepare_key_condition(request, input, &placeholders, out_expressions) ||
        !prepare_condition(request, input, EXPRESSION_FILTER, &placeholders,
                           &out_expressions->filter) ||
        !prepare_projection(request, input, &placeholders, &out_expressions->projection)) {
        return false;
    }
    return placeholders_check_used(&context, &placeholders) || fail_expression(request, &context);
}
