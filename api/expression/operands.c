#include "api/expression/operands.h"

#include "api/expression/functions.h"
#include "api/expression/messages.h"
#include "api/expression/path.h"

static bool check_arguments_count(struct expression_context *context,
                                  enum expression_function function,
                                  size_t count)
{
    return count == function_arguments_count(function) ||
           messages_fail(context, MESSAGE_OPERANDS_COUNT, function_name(function), count);
}

/* Function calls inside function calls, innermost first. */
static bool check_nested_counts(struct expression_context *context,
                                const struct operand *operands,
                                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct operand *operand = &operands[i];
        if (operand->kind == OPERAND_FUNCTION &&
            !(check_nested_counts(context, operand->arguments, operand->arguments_count) &&
              check_arguments_count(context, operand->function, operand->arguments_count))) {
            return false;
        }
    }
    return true;
}

static bool check_counts(struct expression_context *context, const struct condition *condition)
{
    size_t count = condition->operands_count;
    if (!check_nested_counts(context, condition->operands, count)) {
        return false;
    }
    if (condition->kind == CONDITION_FUNCTION) {
        return check_arguments_count(context, condition->function, count);
    }
    if (condition->kind == CONDITION_IN && count - 1 > EXPRESSION_IN_OPERANDS_MAX) {
        return messages_fail(context, MESSAGE_IN_OPERANDS, count - 1);
    }
    return true;
}

/* Only of comparisons and functions with two operands is it known that they must differ. */
static bool check_distinct(struct expression_context *context, const struct condition *condition)
{
    const struct operand *operands = condition->operands;
    bool is_function = condition->kind == CONDITION_FUNCTION;
    if (!(is_function || condition->kind == CONDITION_COMPARISON) ||
        condition->operands_count != 2 || operands[0].kind != OPERAND_PATH ||
        operands[1].kind != OPERAND_PATH || !path_equal(&operands[0].path, &operands[1].path)) {
        return true;
    }
    struct bytes path = path_text(context->arena, &operands[0].path);
    return messages_fail(context, MESSAGE_EQUAL_OPERANDS,
                         is_function ? function_name(condition->function)
                                     : comparator_name(condition->comparator),
                         BYTES_ARGUMENTS(path));
}

bool operand_known_type(const struct operand *operand, enum attribute_type *out_type)
{
    while (operand->kind == OPERAND_FUNCTION && operand->function == FUNCTION_IF_NOT_EXISTS) {
        operand = &operand->arguments[1];
    }
    switch (operand->kind) {
    case OPERAND_PATH:
        return false;
    case OPERAND_VALUE:
        *out_type = operand->value.type;
        break;
    case OPERAND_FUNCTION: /* size, + and - give numbers */
        *out_type = operand->function == FUNCTION_LIST_APPEND ? ATTRIBUTE_L : ATTRIBUTE_N;
        break;
    }
    return true;
}

/* Refuses the first operand whose type is known and not in `types`, a set of bits. */
static bool check_types(struct expression_context *context,
                        const char *name,
                        const struct operand *operands,
                        size_t count,
                        unsigned types)
{
    for (size_t i = 0; i < count; i++) {
        enum attribute_type type;
        if (operand_known_type(&operands[i], &type) && (types & 1U << type) == 0) {
            return messages_fail(context, MESSAGE_OPERAND_TYPE, name, attribute_type_name(type));
        }
    }
    return true;
}

enum {
    TYPES_ORDERED = 1 << ATTRIBUTE_S | 1 << ATTRIBUTE_N | 1 << ATTRIBUTE_B,
    TYPES_WITH_PREFIX = 1 << ATTRIBUTE_S | 1 << ATTRIBUTE_B,
    TYPES_WITHOUT_SIZE = 1 << ATTRIBUTE_N | 1 << ATTRIBUTE_BOOL | 1 << ATTRIBUTE_NULL,
    TYPES_ALL = (1 << ATTRIBUTE_TYPE_COUNT) - 1,
};

static bool
check_sizes(struct expression_context *context, const struct operand *operands, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct operand *operand = &operands[i];
        if (operand->kind == OPERAND_FUNCTION &&
            !(check_sizes(context, operand->arguments, operand->arguments_count) &&
              check_types(context, function_name(operand->function), operand->arguments,
                          operand->arguments_count, TYPES_ALL & ~TYPES_WITHOUT_SIZE))) {
            return false;
        }
    }
    return true;
}

static void append_base64(struct buffer *to, struct bytes from)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < from.length; i += 3) {
        size_t left = from.length - i;
        uint32_t group = (uint32_t)from.data[i] << 16;
        group |= left > 1 ? (uint32_t)from.data[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)from.data[i + 2] : 0;
        buffer_append_u8(to, (uint8_t)digits[group >> 18]);
        buffer_append_u8(to, (uint8_t)digits[group >> 12 & 63]);
        buffer_append_u8(to, left > 1 ? (uint8_t)digits[group >> 6 & 63] : '=');
        buffer_append_u8(to, left > 2 ? (uint8_t)digits[group & 63] : '=');
    }
}

/* "N:5": a string, number or binary as the messages show it. */
static struct bytes bound_text(struct arena *arena, struct attribute_value value)
{
    struct buffer text;
    buffer_init(&text, arena, 32);
    buffer_append_text(&text, attribute_type_name(value.type));
    buffer_append_text(&text, ":");
    if (value.type == ATTRIBUTE_B) {
        append_base64(&text, value.payload);
    } else {
        buffer_append_bytes(&text, value.payload);
    }
    return buffer_view(&text);
}

static bool check_bounds(struct expression_context *context, const struct operand *bounds)
{
    if (bounds[0].kind != OPERAND_VALUE || bounds[1].kind != OPERAND_VALUE) {
        return true;
    }
    struct attribute_value lower = bounds[0].value;
    struct attribute_value upper = bounds[1].value;
    bool same_type = lower.type == upper.type;
    if (same_type && attribute_value_compare(lower, upper) <= 0) {
        return true;
    }
    struct bytes lower_text = bound_text(context->arena, lower);
    struct bytes upper_text = bound_text(context->arena, upper);
    return same_type ? messages_fail(context, MESSAGE_BETWEEN_ORDER, BYTES_ARGUMENTS(lower_text),
                                     BYTES_ARGUMENTS(upper_text))
                     : messages_fail(context, MESSAGE_BETWEEN_TYPES, BYTES_ARGUMENTS(lower_text),
                                     BYTES_ARGUMENTS(upper_text));
}

static bool check_type_name(struct expression_context *context, const struct operand *operand)
{
    const char *function = function_name(FUNCTION_ATTRIBUTE_TYPE);
    if (operand->kind == OPERAND_PATH) {
        return messages_fail(context, MESSAGE_OPERAND_TYPE, function, ANY_OPERAND_TYPE);
    }
    if (!check_types(context, function, operand, 1, 1 << ATTRIBUTE_S)) {
        return false;
    }
    struct bytes name = operand->value.payload;
    enum attribute_type type;
    return attribute_type_of_name(name, &type) ||
           messages_fail(context, MESSAGE_TYPE_NAME, BYTES_ARGUMENTS(name));
}

static bool check_function(struct expression_context *context, const struct condition *condition)
{
    const struct operand *operands = condition->operands;
    const char *name = function_name(condition->function);
    switch (condition->function) {
    case FUNCTION_ATTRIBUTE_EXISTS:
    case FUNCTION_ATTRIBUTE_NOT_EXISTS:
        return operands[0].kind == OPERAND_PATH ||
               messages_fail(context, MESSAGE_PATH_WANTED, name);
    case FUNCTION_ATTRIBUTE_TYPE:
        return check_type_name(context, &operands[1]);
    case FUNCTION_BEGINS_WITH:
        return check_types(context, name, operands, 2, TYPES_WITH_PREFIX);
    case FUNCTION_CONTAINS:
    case FUNCTION_SIZE:
    case FUNCTION_IF_NOT_EXISTS:
    case FUNCTION_LIST_APPEND:
    case FUNCTION_PLUS:
    case FUNCTION_MINUS:
    case FUNCTION_COUNT:
        break;
    }
    return true;
}

bool operands_check(struct expression_context *context, const struct condition *condition)
{
    if (!check_counts(context, condition) || !check_distinct(context, condition) ||
        !check_sizes(context, condition->operands, condition->operands_count)) {
        return false;
    }
    if (condition->kind == CONDITION_FUNCTION) {
        return check_function(context, condition);
    }
    if (condition->kind == CONDITION_BETWEEN) {
        return check_types(context, "BETWEEN", condition->operands, 3, TYPES_ORDERED) &&
               check_bounds(context, condition->operands + 1);
    }
    if (condition->kind == CONDITION_COMPARISON && condition->comparator >= COMPARATOR_LESS) {
        const char *name = comparator_name(condition->comparator);
        return check_types(context, name, condition->operands, 2, TYPES_ORDERED);
    }
    return true;
}

/* ---- updates ---- */

enum {
    TYPES_OF_SETS = 1 << ATTRIBUTE_SS | 1 << ATTRIBUTE_NS | 1 << ATTRIBUTE_BS,
    TYPES_TO_ADD = TYPES_OF_SETS | 1 << ATTRIBUTE_N,
};

/* As the messages about ADD and DELETE spell the types that these may refuse. */
static const char *const LONG_TYPE_NAMES[ATTRIBUTE_TYPE_COUNT] = {
    [ATTRIBUTE_S] = "STRING", [ATTRIBUTE_N] = "NUMBER",     [ATTRIBUTE_B] = "BINARY",
    [ATTRIBUTE_L] = "LIST",   [ATTRIBUTE_BOOL] = "BOOLEAN", [ATTRIBUTE_NULL] = "NULL",
    [ATTRIBUTE_M] = "MAP",
};

static bool check_amendment(struct expression_context *context, const struct update_action *action)
{
    enum attribute_type type = action->operand.value.type;
    if (action->kind == UPDATE_ADD && (TYPES_TO_ADD & 1U << type) == 0) {
        return messages_fail(context, MESSAGE_ADD_TYPE, LONG_TYPE_NAMES[type]);
    }
    if (action->kind == UPDATE_DELETE && (TYPES_OF_SETS & 1U << type) == 0) {
        return messages_fail(context, MESSAGE_DELETE_TYPE, LONG_TYPE_NAMES[type]);
    }
    return true;
}

/* Values only: what a function inside gives is looked at when it is evaluated. */
static bool check_values(struct expression_context *context,
                         const struct operand *call,
                         enum attribute_type wanted)
{
    for (size_t i = 0; i < call->arguments_count; i++) {
        const struct operand *argument = &call->arguments[i];
        if (argument->kind == OPERAND_VALUE && argument->value.type != wanted) {
            return messages_fail(context, MESSAGE_OPERAND_TYPE, function_name(call->function),
                                 attribute_type_name(argument->value.type));
        }
    }
    return true;
}

/* A right side of SET and the functions in it, innermost first. */
static bool check_right_side(struct expression_context *context, const struct operand *operand)
{
    if (operand->kind != OPERAND_FUNCTION) {
        return true;
    }
    for (size_t i = 0; i < operand->arguments_count; i++) {
        if (!check_right_side(context, &operand->arguments[i])) {
            return false;
        }
    }
    if (!check_arguments_count(context, operand->function, operand->arguments_count)) {
        return false;
    }
    if (operand->function == FUNCTION_IF_NOT_EXISTS) {
        return operand->arguments[0].kind == OPERAND_PATH ||
               messages_fail(context, MESSAGE_PATH_WANTED, function_name(operand->function));
    }
    return check_values(context, operand,
                        operand->function == FUNCTION_LIST_APPEND ? ATTRIBUTE_L : ATTRIBUTE_N);
}

bool operands_check_update(struct expression_context *context, const struct update *update)
{
    for (size_t i = 0; i < update->actions_count; i++) {
        if (!check_amendment(context, &update->actions[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < update->actions_count; i++) {
        const struct update_action *action = &update->actions[i];
        if (action->kind == UPDATE_SET && !check_right_side(context, &action->operand)) {
            return false;
        }
    }
    return true;
}
