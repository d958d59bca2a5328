#include "api/items/legacy_input.h"

#include "api/attribute_json.h"
#include "api/shape.h"

static bool
read_value(struct request *request, const struct cJSON *node, struct attribute_value *out_value)
{
    struct api_error error;
    return attribute_of_json(request->arena, node, out_value, &error) ||
           api_fail_with(request, &error);
}

/* Of an AttributeValueList, or the one Value; at most one of them is there. */
static bool read_values(struct request *request,
                        const struct cJSON *list,
                        const struct cJSON *single,
                        struct legacy_condition *condition)
{
    if (single != NULL) {
        struct attribute_value *value = arena_alloc(request->arena, sizeof *value);
        condition->values = value;
        condition->values_count = 1;
        return read_value(request, single, value);
    }
    if (list == NULL) {
        return true;
    }
    struct attribute_value *values = arena_alloc(request->arena, json_count(list) * sizeof *values);
    condition->values = values;
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        if (!read_value(request, node, &values[condition->values_count++])) {
            return false;
        }
    }
    return true;
}

static enum legacy_operator read_operator(struct request *request, const struct cJSON *node)
{
    const struct cJSON *name = json_member(node, "ComparisonOperator");
    return name == NULL ? LEGACY_OPERATOR_COUNT
                        : legacy_operator_of_name(json_text(request->arena, name));
}

/* One element of a filter or of KeyConditions. */
static bool read_condition(struct request *request,
                           struct expression_context *context,
                           const struct cJSON *node,
                           struct legacy_condition *out_condition)
{
    *out_condition = (struct legacy_condition){
        .attribute_name = json_name(request->arena, node),
        .operation = read_operator(request, node),
    };
    if (!read_values(request, json_member(node, "AttributeValueList"), NULL, out_condition)) {
        return false;
    }
    return legacy_condition_check(context, out_condition) ||
           api_fail_text(request, API_VALIDATION, context->message);
}

/* One element of Expected. */
static bool read_expectation(struct request *request,
                             struct expression_context *context,
                             const struct cJSON *node,
                             struct legacy_condition *out_condition)
{
    const struct cJSON *exists = json_member(node, "Exists");
    const struct cJSON *single = json_member(node, "Value");
    const struct cJSON *list = json_member(node, "AttributeValueList");
    struct legacy_expectation expectation = {
        .attribute_name = json_name(request->arena, node),
        .operation = read_operator(request, node),
        .exists = exists == NULL          ? EXISTS_UNSAID
                  : shape_boolean(exists) ? EXISTS_TRUE
                                          : EXISTS_FALSE,
        .has_value = single != NULL,
        .has_value_list = list != NULL,
    };
    *out_condition = (struct legacy_condition){ .attribute_name = expectation.attribute_name };
    if (!legacy_expectation_check(context, &expectation, &out_condition->operation)) {
        return api_fail_text(request, API_VALIDATION, context->message);
    }
    if (!read_values(request, list, single, out_condition)) {
        return false;
    }
    return legacy_condition_check(context, out_condition) ||
           api_fail_text(request, API_VALIDATION, context->message);
}

/* How one element of a map is read. */
typedef bool read_element(struct request *request,
                          struct expression_context *context,
                          const struct cJSON *node,
                          struct legacy_condition *out_condition);

static bool read_elements(struct request *request,
                          const struct cJSON *map,
                          read_element *read,
                          struct legacy_condition **out_conditions)
{
    struct expression_context context;
    struct legacy_condition *conditions =
        arena_alloc(request->arena, json_count(map) * sizeof *conditions);
    size_t count = 0;
    expression_init(&context, request->arena, EXPRESSION_CONDITION);
    for (const struct cJSON *node = json_first(map); node != NULL; node = json_next(node)) {
        if (!read(request, &context, node, &conditions[count++])) {
            return false;
        }
    }
    *out_conditions = conditions;
    return true;
}

static bool read_joined(struct request *request,
                        const struct cJSON *map,
                        read_element *read,
                        enum condition_kind joined_by,
                        struct condition **out_condition)
{
    struct legacy_condition *conditions;
    if (map == NULL) {
        return true;
    }
    if (!read_elements(request, map, read, &conditions)) {
        return false;
    }
    *out_condition = legacy_join(request->arena, joined_by, conditions, json_count(map));
    return true;
}

bool legacy_read_expected(struct request *request,
                          const struct cJSON *map,
                          enum condition_kind joined_by,
                          struct condition **out_condition)
{
    return read_joined(request, map, read_expectation, joined_by, out_condition);
}

bool legacy_read_filter(struct request *request,
                        const struct cJSON *map,
                        enum condition_kind joined_by,
                        struct condition **out_condition)
{
    return read_joined(request, map, read_condition, joined_by, out_condition);
}

bool legacy_read_key_conditions(struct request *request,
                                const struct cJSON *map,
                                size_t count_max,
                                struct key_terms *out_terms)
{
    struct legacy_condition *conditions;
    struct expression_context context;
    if (map == NULL) {
        return true;
    }
    if (!read_elements(request, map, read_condition, &conditions)) {
        return false;
    }
    expression_init(&context, request->arena, EXPRESSION_KEY_CONDITION);
    return legacy_key_terms(&context, conditions, json_count(map), count_max, out_terms) ||
           api_fail_text(request, API_VALIDATION, context.message);
}

bool legacy_read_projection(struct request *request,
                            const struct cJSON *list,
                            struct projection **out_projection)
{
    if (list == NULL) {
        return true;
    }
    struct expression_context context;
    struct bytes *names = arena_alloc(request->arena, json_count(list) * sizeof *names);
    size_t count = 0;
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        names[count++] = json_text(request->arena, node);
    }
    expression_init(&context, request->arena, EXPRESSION_PROJECTION);
    return legacy_projection(&context, names, count, out_projection) ||
           api_fail_text(request, API_VALIDATION, context.message);
}

static enum legacy_action read_action(const struct cJSON *node)
{
    if (shape_text_is(node, "DELETE")) {
        return LEGACY_DELETE;
    }
    return shape_text_is(node, "ADD") ? LEGACY_ADD : LEGACY_PUT;
}

/* One element of AttributeUpdates. */
static bool read_update(struct request *request,
                        struct expression_context *context,
                        const struct cJSON *node,
                        struct legacy_update *out_update)
{
    const struct cJSON *value = json_member(node, "Value");
    *out_update = (struct legacy_update){
        .attribute_name = json_name(request->arena, node),
        .action = read_action(json_member(node, "Action")),
        .has_value = value != NULL,
    };
    if (value != NULL && !read_value(request, value, &out_update->value)) {
        return false;
    }
    return legacy_update_check(context, out_update) ||
           api_fail_text(request, API_VALIDATION, context->message);
}

bool legacy_read_updates(struct request *request,
                         const struct cJSON *map,
                         struct update **out_update)
{
    if (map == NULL || json_count(map) == 0) {
        return true;
    }
    struct expression_context context;
    struct legacy_update *updates = arena_alloc(request->arena, json_count(map) * sizeof *updates);
    size_t count = 0;
    expression_init(&context, request->arena, EXPRESSION_UPDATE);
    for (const struct cJSON *node = json_first(map); node != NULL; node = json_next(node)) {
        if (!read_update(request, &context, node, &updates[count++])) {
            return false;
        }
    }
    return legacy_update_join(&context, updates, count, out_update) ||
           api_fail_text(request, API_VALIDATION, context.message);
}
