#include "api/expression/legacy.h"

#include "api/expression/messages.h"
#include "api/expression/path.h"
#include "api/expression/projection.h"
#include "storage/base/arena.h"

#include <assert.h>

enum {
    TYPES_ALL = (1 << ATTRIBUTE_TYPE_COUNT) - 1,
    TYPES_ORDERED = 1 << ATTRIBUTE_S | 1 << ATTRIBUTE_N | 1 << ATTRIBUTE_B,
    TYPES_WITH_PREFIX = 1 << ATTRIBUTE_S | 1 << ATTRIBUTE_B,
    TYPES_CONTAINED = TYPES_ORDERED | 1 << ATTRIBUTE_BOOL | 1 << ATTRIBUTE_NULL,
};

static const struct {
    const char *name;
    size_t values_min;
    size_t values_max;
    unsigned types; /* of the values, a set of bits */
    enum key_operator key_operator;
} OPERATORS[LEGACY_OPERATOR_COUNT] = {
    [LEGACY_EQ] = { "EQ", 1, 1, TYPES_ALL, KEY_EQUAL },
    [LEGACY_NE] = { "NE", 1, 1, TYPES_ALL, KEY_NOT_INDEXABLE },
    [LEGACY_LE] = { "LE", 1, 1, TYPES_ORDERED, KEY_LESS_OR_EQUAL },
    [LEGACY_LT] = { "LT", 1, 1, TYPES_ORDERED, KEY_LESS },
    [LEGACY_GE] = { "GE", 1, 1, TYPES_ORDERED, KEY_GREATER_OR_EQUAL },
    [LEGACY_GT] = { "GT", 1, 1, TYPES_ORDERED, KEY_GREATER },
    [LEGACY_NOT_NULL] = { "NOT_NULL", 0, 0, TYPES_ALL, KEY_NOT_INDEXABLE },
    [LEGACY_NULL] = { "NULL", 0, 0, TYPES_ALL, KEY_NOT_INDEXABLE },
    [LEGACY_CONTAINS] = { "CONTAINS", 1, 1, TYPES_CONTAINED, KEY_NOT_INDEXABLE },
    [LEGACY_NOT_CONTAINS] = { "NOT_CONTAINS", 1, 1, TYPES_CONTAINED, KEY_NOT_INDEXABLE },
    [LEGACY_BEGINS_WITH] = { "BEGINS_WITH", 1, 1, TYPES_WITH_PREFIX, KEY_BEGINS_WITH },
    [LEGACY_IN] = { "IN", 1, SIZE_MAX, TYPES_ORDERED, KEY_NOT_INDEXABLE },
    [LEGACY_BETWEEN] = { "BETWEEN", 2, 2, TYPES_ORDERED, KEY_BETWEEN },
};

enum legacy_operator legacy_operator_of_name(struct bytes name)
{
    enum legacy_operator operation = LEGACY_EQ;
    while (operation < LEGACY_OPERATOR_COUNT &&
           !bytes_equal(bytes_of_text(OPERATORS[operation].name), name)) {
        operation++;
    }
    return operation;
}

/* ---- checks ---- */

bool legacy_condition_check(struct expression_context *context,
                            const struct legacy_condition *condition)
{
    enum legacy_operator operation = condition->operation;
    const char *name = OPERATORS[operation].name;
    const struct attribute_value *values = condition->values;
    size_t count = condition->values_count;
    if (count < OPERATORS[operation].values_min || count > OPERATORS[operation].values_max) {
        return messages_refuse(context, MESSAGE_LEGACY_COUNT, name);
    }
    for (size_t i = 1; i < count; i++) {
        if (values[i].type != values[0].type) {
            return messages_refuse(context, MESSAGE_LEGACY_MIXED_TYPES);
        }
    }
    if (count > 0 && (OPERATORS[operation].types & 1U << values[0].type) == 0) {
        return messages_refuse(context, MESSAGE_LEGACY_TYPE, name,
                               attribute_type_name(values[0].type));
    }
    return operation != LEGACY_BETWEEN || attribute_value_compare(values[0], values[1]) <= 0 ||
           messages_refuse(context, MESSAGE_LEGACY_BETWEEN_ORDER);
}

/* With a ComparisonOperator. */
static bool check_compared(struct expression_context *context,
                           const struct legacy_expectation *expectation)
{
    enum legacy_operator operation = expectation->operation;
    bool wants_values = OPERATORS[operation].values_min > 0;
    if (expectation->exists != EXISTS_UNSAID) {
        return messages_refuse(context, MESSAGE_LEGACY_EXISTS_AND_OPERATOR,
                               BYTES_ARGUMENTS(expectation->attribute_name));
    }
    return !wants_values || expectation->has_value || expectation->has_value_list ||
           messages_refuse(context, MESSAGE_LEGACY_VALUE_MISSING, OPERATORS[operation].name,
                           BYTES_ARGUMENTS(expectation->attribute_name));
}

/* Without one: Value, or Exists false. */
static bool check_plain(struct expression_context *context,
                        const struct legacy_expectation *expectation)
{
    bool wants_value = expectation->exists != EXISTS_FALSE;
    if (expectation->has_value_list) {
        return messages_refuse(context, MESSAGE_LEGACY_LIST_ALONE,
                               BYTES_ARGUMENTS(expectation->attribute_name));
    }
    if (wants_value && !expectation->has_value) {
        return messages_refuse(context, MESSAGE_LEGACY_EXISTS_ALONE,
                               expectation->exists == EXISTS_UNSAID ? "null" : "true",
                               BYTES_ARGUMENTS(expectation->attribute_name));
    }
    return wants_value || !expectation->has_value ||
           messages_refuse(context, MESSAGE_LEGACY_EXISTS_AND_VALUE,
                           BYTES_ARGUMENTS(expectation->attribute_name));
}

bool legacy_expectation_check(struct expression_context *context,
                              const struct legacy_expectation *expectation,
                              enum legacy_operator *out_operation)
{
    bool is_compared = expectation->operation != LEGACY_OPERATOR_COUNT;
    if (expectation->has_value && expectation->has_value_list) {
        return messages_refuse(context, MESSAGE_LEGACY_VALUE_AND_LIST,
                               BYTES_ARGUMENTS(expectation->attribute_name));
    }
    if (!(is_compared ? check_compared(context, expectation) : check_plain(context, expectation))) {
        return false;
    }
    *out_operation = is_compared                           ? expectation->operation
                     : expectation->exists == EXISTS_FALSE ? LEGACY_NULL
                                                           : LEGACY_EQ;
    return true;
}

/* ---- conditions ---- */

static struct condition *
make_operator(struct arena *arena, enum condition_kind kind, struct condition *left)
{
    struct condition *condition = arena_alloc(arena, sizeof *condition);
    *condition = (struct condition){ .kind = kind, .children = { left } };
    return condition;
}

static struct condition *make_both(struct arena *arena,
                                   enum condition_kind kind,
                                   struct condition *left,
                                   struct condition *right)
{
    struct condition *condition = make_operator(arena, kind, left);
    condition->children[1] = right;
    return condition;
}

/* The attribute, then the values, as operands of a condition of this kind. */
static struct condition *make_leaf(struct arena *arena,
                                   enum condition_kind kind,
                                   const struct legacy_condition *from,
                                   size_t values_count)
{
    struct condition *condition = arena_alloc(arena, sizeof *condition);
    struct operand *operands = arena_alloc(arena, (values_count + 1) * sizeof *operands);
    operands[0] =
        (struct operand){ .kind = OPERAND_PATH, .path = path_of_name(arena, from->attribute_name) };
    for (size_t i = 0; i < values_count; i++) {
        operands[i + 1] = (struct operand){ .kind = OPERAND_VALUE, .value = from->values[i] };
    }
    *condition = (struct condition){ .kind = kind,
                                     .operands = operands,
                                     .operands_count = values_count + 1 };
    return condition;
}

static struct condition *make_comparison(struct arena *arena,
                                         enum comparator comparator,
                                         const struct legacy_condition *from)
{
    struct condition *condition = make_leaf(arena, CONDITION_COMPARISON, from, 1);
    condition->comparator = comparator;
    return condition;
}

static struct condition *make_function(struct arena *arena,
                                       enum expression_function function,
                                       const struct legacy_condition *from)
{
    bool is_about_existence =
        function == FUNCTION_ATTRIBUTE_EXISTS || function == FUNCTION_ATTRIBUTE_NOT_EXISTS;
    struct condition *condition =
        make_leaf(arena, CONDITION_FUNCTION, from, is_about_existence ? 0 : 1);
    condition->function = function;
    return condition;
}

static struct condition *translate(struct arena *arena, const struct legacy_condition *from)
{
    switch (from->operation) {
    case LEGACY_EQ:
        return make_comparison(arena, COMPARATOR_EQUAL, from);
    case LEGACY_NE:
        return make_comparison(arena, COMPARATOR_NOT_EQUAL, from);
    case LEGACY_LE:
        return make_comparison(arena, COMPARATOR_LESS_OR_EQUAL, from);
    case LEGACY_LT:
        return make_comparison(arena, COMPARATOR_LESS, from);
    case LEGACY_GE:
        return make_comparison(arena, COMPARATOR_GREATER_OR_EQUAL, from);
    case LEGACY_GT:
        return make_comparison(arena, COMPARATOR_GREATER, from);
    case LEGACY_NOT_NULL:
        return make_function(arena, FUNCTION_ATTRIBUTE_EXISTS, from);
    case LEGACY_NULL:
        return make_function(arena, FUNCTION_ATTRIBUTE_NOT_EXISTS, from);
    case LEGACY_CONTAINS:
        return make_function(arena, FUNCTION_CONTAINS, from);
    case LEGACY_NOT_CONTAINS: /* unlike NE it does not hold for an attribute that is not there */
        return make_both(
            arena, CONDITION_AND, make_function(arena, FUNCTION_ATTRIBUTE_EXISTS, from),
            make_operator(arena, CONDITION_NOT, make_function(arena, FUNCTION_CONTAINS, from)));
    case LEGACY_BEGINS_WITH:
        return make_function(arena, FUNCTION_BEGINS_WITH, from);
    case LEGACY_IN:
        return make_leaf(arena, CONDITION_IN, from, from->values_count);
    case LEGACY_BETWEEN:
        return make_leaf(arena, CONDITION_BETWEEN, from, from->values_count);
    case LEGACY_OPERATOR_COUNT:
        break;
    }
    assert(false);
    return NULL;
}

struct condition *legacy_join(struct arena *arena,
                              enum condition_kind joined_by,
                              const struct legacy_condition *conditions,
                              size_t count)
{
    struct condition *joined = NULL;
    for (size_t i = count; i-- > 0;) { /* rightmost innermost: evaluation then needs no stack */
        struct condition *condition = translate(arena, &conditions[i]);
        joined = joined == NULL ? condition : make_both(arena, joined_by, condition, joined);
    }
    return joined;
}

/* ---- key terms and projections ---- */

bool legacy_key_terms(struct expression_context *context,
                      const struct legacy_condition *conditions,
                      size_t count,
                      size_t count_max,
                      struct key_terms *out_terms)
{
    if (count == 0 || count > count_max) {
        return messages_refuse(context, MESSAGE_LEGACY_KEY_CONDITIONS_COUNT);
    }
    struct key_term *terms = arena_alloc_zero(context->arena, count * sizeof *terms);
    for (size_t i = 0; i < count; i++) {
        const struct legacy_condition *condition = &conditions[i];
        terms[i].attribute_name = condition->attribute_name;
        terms[i].operation = OPERATORS[condition->operation].key_operator;
        if (terms[i].operation == KEY_NOT_INDEXABLE) {
            continue; /* refused once the key is known */
        }
        for (size_t j = 0; j < condition->values_count; j++) {
            terms[i].values[j] = condition->values[j];
        }
    }
    *out_terms = (struct key_terms){ .terms = terms, .count = count };
    return true;
}

static bool
check_duplicates(struct expression_context *context, const struct bytes *names, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (bytes_equal(names[i], names[j])) {
                return messages_refuse(context, MESSAGE_LEGACY_DUPLICATE_NAME,
                                       BYTES_ARGUMENTS(names[i]));
            }
        }
    }
    return true;
}

bool legacy_projection(struct expression_context *context,
                       const struct bytes *attribute_names,
                       size_t count,
                       struct projection **out_projection)
{
    struct projection *projection = arena_alloc_zero(context->arena, sizeof *projection);
    if (!check_duplicates(context, attribute_names, count)) {
        return false;
    }
    projection->paths = arena_alloc(context->arena, count * sizeof *projection->paths);
    projection->paths_count = count;
    for (size_t i = 0; i < count; i++) {
        projection->paths[i] = path_of_name(context->arena, attribute_names[i]);
    }
    *out_projection = projection;
    return projection_build(context, projection);
}
