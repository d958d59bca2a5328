#include "api/expression/functions.h"

#include <assert.h>

static const struct {
    const char *name;
    size_t arguments_count;
    bool is_for_updates;
} FUNCTIONS[FUNCTION_COUNT] = {
    [FUNCTION_ATTRIBUTE_EXISTS] = { "attribute_exists", 1, false },
    [FUNCTION_ATTRIBUTE_NOT_EXISTS] = { "attribute_not_exists", 1, false },
    [FUNCTION_ATTRIBUTE_TYPE] = { "attribute_type", 2, false },
    [FUNCTION_BEGINS_WITH] = { "begins_with", 2, false },
    [FUNCTION_CONTAINS] = { "contains", 2, false },
    [FUNCTION_SIZE] = { "size", 1, false },
    [FUNCTION_IF_NOT_EXISTS] = { "if_not_exists", 2, true },
    [FUNCTION_LIST_APPEND] = { "list_append", 2, true },
    [FUNCTION_PLUS] = { "+", 2, true },
    [FUNCTION_MINUS] = { "-", 2, true },
};

static const char *const COMPARATORS[COMPARATOR_COUNT] = {
    [COMPARATOR_EQUAL] = "=",   [COMPARATOR_NOT_EQUAL] = "<>",
    [COMPARATOR_LESS] = "<",    [COMPARATOR_LESS_OR_EQUAL] = "<=",
    [COMPARATOR_GREATER] = ">", [COMPARATOR_GREATER_OR_EQUAL] = ">=",
};

enum expression_function function_of_name(struct bytes name)
{
    int function = 0;
    while (function < FUNCTION_COUNT &&
           !bytes_equal(name, bytes_of_text(FUNCTIONS[function].name))) {
        function++;
    }
    return (enum expression_function)function;
}

const char *function_name(enum expression_function function)
{
    assert(function < FUNCTION_COUNT);
    return FUNCTIONS[function].name;
}

bool function_is_for_updates(enum expression_function function)
{
    assert(function < FUNCTION_COUNT);
    return FUNCTIONS[function].is_for_updates;
}

const char *comparator_name(enum comparator comparator)
{
    assert(comparator < COMPARATOR_COUNT);
    return COMPARATORS[comparator];
}

size_t function_arguments_count(enum expression_function function)
{
    assert(function < FUNCTION_COUNT);
    return FUNCTIONS[function].arguments_count;
}
