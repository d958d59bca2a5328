#include "api/expression/key_condition.h"

#include "api/expression/functions.h"
#include "api/expression/messages.h"
#include "storage/base/arena.h"

#include <assert.h>

/* The operator's name when it cannot stand in a key condition; else NULL. */
static const char *refused_operator(const struct condition *condition)
{
    switch (condition->kind) {
    case CONDITION_OR:
        return "OR";
    case CONDITION_NOT:
        return "NOT";
    case CONDITION_IN:
        return "IN";
    case CONDITION_COMPARISON:
        return condition->comparator == COMPARATOR_NOT_EQUAL ? "<>" : NULL;
    case CONDITION_FUNCTION:
        return condition->function != FUNCTION_BEGINS_WITH ? function_name(condition->function)
                                                           : NULL;
    case CONDITION_AND:
    case CONDITION_BETWEEN:
        break;
    }
    return NULL;
}

/* Position of the only operand that is a path; the others must be values. */
static bool find_path(struct expression_context *context,
                      const struct condition *condition,
                      size_t *out_position)
{
    bool found = false;
    for (size_t i = 0; i < condition->operands_count; i++) {
        const struct operand *operand = &condition->operands[i];
        if (operand->kind == OPERAND_FUNCTION) {
            return messages_fail(context, MESSAGE_KEY_NESTED_OPERATION);
        }
        if (operand->kind != OPERAND_PATH) {
            continue;
        }
        if (found) {
            return messages_refuse(context, MESSAGE_KEY_SEVERAL_NAMES);
        }
        if (operand->path.count > 1) {
            return messages_fail(context, MESSAGE_KEY_NESTED_PATH);
        }
        *out_position = i;
        found = true;
    }
    return found || messages_refuse(context, MESSAGE_KEY_NO_NAME);
}

/* The operator with the key on the left: ":v < key" is "key > :v". */
static enum key_operator operator_of(const struct condition *condition, bool key_is_left)
{
    if (condition->kind == CONDITION_BETWEEN) {
        return KEY_BETWEEN;
    }
    if (condition->kind == CONDITION_FUNCTION) {
        return KEY_BEGINS_WITH;
    }
    switch (condition->comparator) {
    case COMPARATOR_LESS:
        return key_is_left ? KEY_LESS : KEY_GREATER;
    case COMPARATOR_LESS_OR_EQUAL:
        return key_is_left ? KEY_LESS_OR_EQUAL : KEY_GREATER_OR_EQUAL;
    case COMPARATOR_GREATER:
        return key_is_left ? KEY_GREATER : KEY_LESS;
    case COMPARATOR_GREATER_OR_EQUAL:
        return key_is_left ? KEY_GREATER_OR_EQUAL : KEY_LESS_OR_EQUAL;
    case COMPARATOR_EQUAL:
    case COMPARATOR_NOT_EQUAL:
    case COMPARATOR_COUNT:
        break;
    }
    return KEY_EQUAL;
}

/* One condition that is not AND -> one term. */
static bool make_term(struct expression_context *context,
                      const struct condition *condition,
                      struct key_term *out_term)
{
    const char *refused = refused_operator(condition);
    if (refused != NULL) {
        return messages_refuse(context, MESSAGE_KEY_OPERATOR, refused);
    }
    const struct operand *operands = condition->operands;
    if (condition->kind != CONDITION_COMPARISON && operands[0].kind != OPERAND_PATH) {
        const char *name = condition->kind == CONDITION_BETWEEN ? "BETWEEN" : "begins_with";
        return messages_refuse(context, MESSAGE_KEY_FIRST_OPERAND, name);
    }
    size_t position = 0;
    if (!find_path(context, condition, &position)) {
        return false;
    }
    *out_term = (struct key_term){
        .attribute_name = operands[position].path.elements[0].name,
        .operation = operator_of(condition, position == 0),
        .values = { operands[position == 0 ? 1 : 0].value },
    };
    if (condition->kind == CONDITION_BETWEEN) {
        out_term->values[1] = operands[2].value;
    }
    return true;
}

static const struct key_term *find_term(const struct key_terms *terms, struct bytes name)
{
    for (size_t i = 0; i < terms->count; i++) {
        if (bytes_equal(terms->terms[i].attribute_name, name)) {
            return &terms->terms[i];
        }
    }
    return NULL;
}

static size_t count_terms(const struct condition *condition)
{
    size_t count = 1;
    while (condition->kind == CONDITION_AND) {
        count += count_terms(condition->children[0]);
        condition = condition->children[1];
    }
    return count;
}

/* Walks the ANDs from left to right; `terms` has room for one term a condition. */
static bool collect(struct expression_context *context,
                    const struct condition *condition,
                    struct key_term *terms,
                    size_t *count)
{
    while (condition->kind == CONDITION_AND) {
        if (!collect(context, condition->children[0], terms, count)) {
            return false;
        }
        condition = condition->children[1];
    }
    struct key_terms before = { .terms = terms, .count = *count };
    struct key_term *term = &terms[*count];
    if (!make_term(context, condition, term)) {
        return false;
    }
    if (find_term(&before, term->attribute_name) != NULL) {
        return messages_fail(context, MESSAGE_KEY_TWICE);
    }
    (*count)++;
    return true;
}

bool key_condition_collect(struct expression_context *context,
                           const struct condition *condition,
                           struct key_terms *out_terms)
{
    struct key_term *terms = arena_alloc(context->arena, count_terms(condition) * sizeof *terms);
    size_t count = 0;
    if (!collect(context, condition, terms, &count)) {
        return false;
    }
    *out_terms = (struct key_terms){ .terms = terms, .count = count };
    return true;
}

static bool check_values(struct expression_context *context,
                         const struct key_term *term,
                         enum attribute_type type)
{
    size_t count = term->operation == KEY_BETWEEN ? 2 : 1;
    if (term->operation == KEY_NOT_INDEXABLE) {
        return messages_refuse(context, MESSAGE_KEY_NOT_INDEXABLE);
    }
    for (size_t i = 0; i < count; i++) {
        if (term->values[i].type != type) {
            return messages_refuse(context, MESSAGE_KEY_TYPE);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (type != ATTRIBUTE_N && term->values[i].payload.length == 0) {
            return messages_refuse(context, MESSAGE_KEY_EMPTY,
                                   type == ATTRIBUTE_S ? "string" : "binary",
                                   BYTES_ARGUMENTS(term->attribute_name));
        }
    }
    return true;
}

static const struct key_attribute *sort_attribute(const struct key_schema *schema, size_t i)
{
    return &schema->attributes[schema->partition_count + i];
}

static bool bind_partition(struct expression_context *context,
                           const struct key_terms *terms,
                           const struct key_schema *schema,
                           struct key_condition *condition)
{
    for (size_t i = 0; i < schema->partition_count; i++) {
        const struct key_attribute *attribute = &schema->attributes[i];
        const struct key_term *term = find_term(terms, attribute->name);
        if (term == NULL) {
            return messages_refuse(context, MESSAGE_KEY_MISSED, BYTES_ARGUMENTS(attribute->name));
        }
        if (!check_values(context, term, attribute->type)) {
            return false;
        }
        if (term->operation != KEY_EQUAL) {
            return messages_refuse(context, MESSAGE_KEY_NOT_SUPPORTED);
        }
        condition->partition[i] = term->values[0];
    }
    return true;
}

/* Refuses the term of the sort key attribute at `last` because of those before it without "=". */
static bool refuse_gap(struct expression_context *context,
                       const struct key_terms *terms,
                       const struct key_schema *schema,
                       size_t last)
{
    struct buffer gaps;
    buffer_init(&gaps, context->arena, 64);
    for (size_t i = 0; i < last; i++) {
        const struct key_term *term = find_term(terms, sort_attribute(schema, i)->name);
        if (term == NULL || term->operation != KEY_EQUAL) {
            buffer_append_text(&gaps, gaps.length > 0 ? ", " : "");
            buffer_append_bytes(&gaps, sort_attribute(schema, i)->name);
        }
    }
    return messages_refuse(context, MESSAGE_KEY_GAP, BYTES_ARGUMENTS(buffer_view(&gaps)),
                           BYTES_ARGUMENTS(sort_attribute(schema, last)->name));
}

static bool bind_sort(struct expression_context *context,
                      const struct key_terms *terms,
                      const struct key_schema *schema,
                      struct key_condition *condition)
{
    bool is_open = true; /* all sort key attributes so far are equal to a value */
    for (size_t i = 0; i < schema->sort_count; i++) {
        const struct key_attribute *attribute = sort_attribute(schema, i);
        const struct key_term *term = find_term(terms, attribute->name);
        if (term == NULL) {
            is_open = false;
            continue;
        }
        if (!check_values(context, term, attribute->type)) {
            return false;
        }
        if (!is_open) {
            return refuse_gap(context, terms, schema, i);
        }
        if (term->operation == KEY_EQUAL) {
            condition->sort_equal[condition->sort_equal_count++] = term->values[0];
            continue;
        }
        is_open = false;
        condition->sort_operator = term->operation;
        condition->sort_bounds[0] = term->values[0];
        condition->sort_bounds[1] = term->values[1];
    }
    return true;
}

/* The first sort key attribute without a condition; NULL when all have one. */
static const struct key_attribute *free_sort_attribute(const struct key_terms *terms,
                                                       const struct key_schema *schema)
{
    for (size_t i = 0; i < schema->sort_count; i++) {
        if (find_term(terms, sort_attribute(schema, i)->name) == NULL) {
            return sort_attribute(schema, i);
        }
    }
    return NULL;
}

/* Conditions on attributes that are not of this key stand for one the key misses, if it does. */
static bool check_strangers(struct expression_context *context,
                            const struct key_terms *terms,
                            const struct key_schema *schema)
{
    size_t known = schema->partition_count;
    for (size_t i = 0; i < schema->sort_count; i++) {
        known += find_term(terms, sort_attribute(schema, i)->name) != NULL;
    }
    if (terms->count == known) {
        return true;
    }
    const struct key_attribute *missed = free_sort_attribute(terms, schema);
    return missed != NULL
               ? messages_refuse(context, MESSAGE_KEY_MISSED, BYTES_ARGUMENTS(missed->name))
               : messages_refuse(context, MESSAGE_KEY_NOT_SUPPORTED);
}

bool key_condition_bind(struct expression_context *context,
                        const struct key_terms *terms,
                        const struct key_schema *schema,
                        struct key_condition *out_condition)
{
    assert(schema->partition_count >= 1);
    assert(schema->partition_count <= KEY_PARTITION_ATTRIBUTES_MAX);
    assert(schema->sort_count <= KEY_SORT_ATTRIBUTES_MAX);
    if (schema->sort_count == 0 && terms->count > schema->partition_count) {
        return messages_refuse(context, MESSAGE_KEY_NOT_SUPPORTED);
    }
    struct key_condition condition = { .sort_operator = KEY_ANY };
    if (!bind_partition(context, terms, schema, &condition) ||
        !check_strangers(context, terms, schema) ||
        !bind_sort(context, terms, schema, &condition)) {
        return false;
    }
    *out_condition = condition;
    return true;
}
