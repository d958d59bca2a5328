#include "api/expression/condition.h"

#include "storage/base/arena.h"

#include <assert.h>
#include <string.h>

enum { SIZE_DIGITS_MAX = 20 }; /* of a size_t in decimal */

/* Holds the text of a computed number as long as the operand is in use. */
struct number_room {
    uint8_t digits[SIZE_DIGITS_MAX];
};

static struct attribute_value number_of_size(size_t size, struct number_room *room)
{
    uint8_t *first = room->digits + SIZE_DIGITS_MAX;
    do {
        *--first = (uint8_t)('0' + size % 10);
        size /= 10;
    } while (size > 0);
    size_t length = (size_t)(room->digits + SIZE_DIGITS_MAX - first);
    return (struct attribute_value){
        .type = ATTRIBUTE_N,
        .payload = { .data = first, .length = length },
    };
}

/* The service counts a string in UTF-16 code units: a character past U+FFFF is 2. */
static size_t count_code_units(struct bytes text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        if ((byte & 0xC0) != 0x80) { /* the first byte of a character */
            count += byte >= 0xF0 ? 2 : 1;
        }
    }
    return count;
}

/* size(): of a string its characters, of a binary its bytes, of sets, lists and maps their parts.
 */
static bool find_size(struct attribute_value value, size_t *out_size)
{
    switch (value.type) {
    case ATTRIBUTE_S:
        *out_size = count_code_units(value.payload);
        return true;
    case ATTRIBUTE_B:
        *out_size = value.payload.length;
        return true;
    case ATTRIBUTE_SS:
    case ATTRIBUTE_NS:
    case ATTRIBUTE_BS:
    case ATTRIBUTE_L:
    case ATTRIBUTE_M:
        *out_size = attribute_value_count(value);
        return true;
    case ATTRIBUTE_N:
    case ATTRIBUTE_BOOL:
    case ATTRIBUTE_NULL:
    case ATTRIBUTE_TYPE_COUNT:
        break;
    }
    return false;
}

/* The value an operand has for this item; false when it has none. `room` must outlive the value. */
static bool find_operand(const struct operand *operand,
                         struct bytes item,
                         struct number_room *room,
                         struct attribute_value *out_value)
{
    if (operand->kind == OPERAND_PATH) {
        return path_find(&operand->path, item, out_value);
    }
    if (operand->kind == OPERAND_VALUE) {
        *out_value = operand->value;
        return true;
    }
    assert(operand->function == FUNCTION_SIZE);
    struct attribute_value argument;
    size_t size;
    if (!find_operand(&operand->arguments[0], item, room, &argument) ||
        !find_size(argument, &size)) {
        return false;
    }
    *out_value = number_of_size(size, room);
    return true;
}

static bool is_ordered(enum attribute_type type)
{
    return type == ATTRIBUTE_S || type == ATTRIBUTE_N || type == ATTRIBUTE_B;
}

static bool
compare(enum comparator comparator, struct attribute_value left, struct attribute_value right)
{
    if (comparator == COMPARATOR_EQUAL || comparator == COMPARATOR_NOT_EQUAL) {
        return attribute_value_equal(left, right) == (comparator == COMPARATOR_EQUAL);
    }
    if (left.type != right.type || !is_ordered(left.type)) {
        return false;
    }
    int order = attribute_value_compare(left, right);
    switch (comparator) {
    case COMPARATOR_LESS:
        return order < 0;
    case COMPARATOR_LESS_OR_EQUAL:
        return order <= 0;
    case COMPARATOR_GREATER:
        return order > 0;
    case COMPARATOR_GREATER_OR_EQUAL:
        return order >= 0;
    case COMPARATOR_EQUAL:
    case COMPARATOR_NOT_EQUAL:
    case COMPARATOR_COUNT:
        break;
    }
    return false;
}

static bool evaluate_comparison(const struct condition *condition, struct bytes item)
{
    struct number_room rooms[2];
    struct attribute_value left;
    struct attribute_value right;
    if (!find_operand(&condition->operands[0], item, &rooms[0], &left) ||
        !find_operand(&condition->operands[1], item, &rooms[1], &right)) {
        return condition->comparator == COMPARATOR_NOT_EQUAL;
    }
    return compare(condition->comparator, left, right);
}

static bool evaluate_between(const struct condition *condition, struct bytes item)
{
    struct number_room rooms[3];
    struct attribute_value value;
    struct attribute_value lower;
    struct attribute_value upper;
    return find_operand(&condition->operands[0], item, &rooms[0], &value) &&
           find_operand(&condition->operands[1], item, &rooms[1], &lower) &&
           find_operand(&condition->operands[2], item, &rooms[2], &upper) &&
           compare(COMPARATOR_GREATER_OR_EQUAL, value, lower) &&
           compare(COMPARATOR_LESS_OR_EQUAL, value, upper);
}

static bool evaluate_in(const struct condition *condition, struct bytes item)
{
    struct number_room rooms[2];
    struct attribute_value value;
    if (!find_operand(&condition->operands[0], item, &rooms[0], &value)) {
        return false;
    }
    for (size_t i = 1; i < condition->operands_count; i++) {
        struct attribute_value candidate;
        if (find_operand(&condition->operands[i], item, &rooms[1], &candidate) &&
            attribute_value_equal(value, candidate)) {
            return true;
        }
    }
    return false;
}

static bool bytes_contain(struct bytes text, struct bytes part)
{
    if (part.length == 0) {
        return true;
    }
    while (text.length >= part.length) {
        size_t places_count = text.length - part.length + 1;
        const uint8_t *found = memchr(text.data, part.data[0], places_count);
        if (found == NULL) {
            return false;
        }
        if (memcmp(found, part.data, part.length) == 0) {
            return true;
        }
        text.length -= (size_t)(found + 1 - text.data);
        text.data = found + 1;
    }
    return false;
}

static bool set_contains(struct attribute_value set,
                         enum attribute_type element_type,
                         struct attribute_value wanted)
{
    struct reader cursor = reader_of(set.payload);
    struct bytes element;
    while (wanted.type == element_type && set_next(&cursor, &element)) {
        if (bytes_equal(element, wanted.payload)) { /* canonical numbers are equal as text */
            return true;
        }
    }
    return false;
}

static bool list_contains(struct attribute_value list, struct attribute_value wanted)
{
    struct reader cursor = reader_of(list.payload);
    struct attribute_value element;
    while (list_next(&cursor, &element)) {
        if (attribute_value_equal(element, wanted)) {
            return true;
        }
    }
    return false;
}

/* contains(): a substring, an element of a set of the fitting type, an element of a list. */
static bool contains(struct attribute_value value, struct attribute_value wanted)
{
    switch (value.type) {
    case ATTRIBUTE_S:
    case ATTRIBUTE_B:
        return wanted.type == value.type && bytes_contain(value.payload, wanted.payload);
    case ATTRIBUTE_SS:
        return set_contains(value, ATTRIBUTE_S, wanted);
    case ATTRIBUTE_NS:
        return set_contains(value, ATTRIBUTE_N, wanted);
    case ATTRIBUTE_BS:
        return set_contains(value, ATTRIBUTE_B, wanted);
    case ATTRIBUTE_L:
        return list_contains(value, wanted);
    case ATTRIBUTE_N:
    case ATTRIBUTE_BOOL:
    case ATTRIBUTE_NULL:
    case ATTRIBUTE_M:
    case ATTRIBUTE_TYPE_COUNT:
        break;
    }
    return false;
}

static bool evaluate_function(const struct condition *condition, struct bytes item)
{
    struct number_room rooms[2];
    struct attribute_value first;
    struct attribute_value second;
    bool exists = find_operand(&condition->operands[0], item, &rooms[0], &first);
    if (condition->function == FUNCTION_ATTRIBUTE_EXISTS) {
        return exists;
    }
    if (condition->function == FUNCTION_ATTRIBUTE_NOT_EXISTS) {
        return !exists;
    }
    if (!exists || !find_operand(&condition->operands[1], item, &rooms[1], &second)) {
        return false;
    }
    if (condition->function == FUNCTION_ATTRIBUTE_TYPE) {
        return bytes_equal(bytes_of_text(attribute_type_name(first.type)), second.payload);
    }
    if (condition->function == FUNCTION_CONTAINS) {
        return contains(first, second);
    }
    assert(condition->function == FUNCTION_BEGINS_WITH);
    return first.type == second.type && (first.type == ATTRIBUTE_S || first.type == ATTRIBUTE_B) &&
           bytes_start_with(first.payload, second.payload);
}

bool condition_evaluate(const struct condition *condition, struct bytes item)
{
    bool negated = false;
    for (;;) {
        switch (condition->kind) {
        case CONDITION_AND:
            if (!condition_evaluate(condition->children[0], item)) {
                return negated;
            }
            condition = condition->children[1];
            break;
        case CONDITION_OR:
            if (condition_evaluate(condition->children[0], item)) {
                return !negated;
            }
            condition = condition->children[1];
            break;
        case CONDITION_NOT:
            negated = !negated;
            condition = condition->children[0];
            break;
        case CONDITION_COMPARISON:
            return evaluate_comparison(condition, item) != negated;
        case CONDITION_BETWEEN:
            return evaluate_between(condition, item) != negated;
        case CONDITION_IN:
            return evaluate_in(condition, item) != negated;
        case CONDITION_FUNCTION:
            return evaluate_function(condition, item) != negated;
        }
    }
}

static void collect_operands(const struct operand *operands, size_t count, struct buffer *names)
{
    for (size_t i = 0; i < count; i++) {
        if (operands[i].kind == OPERAND_PATH) {
            buffer_append(names, &operands[i].path.elements[0].name, sizeof(struct bytes));
        } else if (operands[i].kind == OPERAND_FUNCTION) {
            collect_operands(operands[i].arguments, operands[i].arguments_count, names);
        }
    }
}

static void collect_names(const struct condition *condition, struct buffer *names)
{
    while (condition->kind == CONDITION_AND || condition->kind == CONDITION_OR) {
        collect_names(condition->children[0], names);
        condition = condition->children[1];
    }
    if (condition->kind == CONDITION_NOT) {
        collect_names(condition->children[0], names);
    }
    collect_operands(condition->operands, condition->operands_count, names);
}

struct attribute_names condition_attribute_names(struct arena *arena,
                                                 const struct condition *condition)
{
    struct buffer names;
    buffer_init(&names, arena, 8 * sizeof(struct bytes));
    collect_names(condition, &names);
    return attribute_names_of((struct bytes *)(void *)names.data,
                              names.length / sizeof(struct bytes));
}
