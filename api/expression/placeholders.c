#include "api/expression/placeholders.h"

#include "api/expression/lexer.h"
#include "api/expression/messages.h"
#include "api/expression/operands.h"
#include "api/expression/path.h"
#include "api/expression/projection.h"
#include "api/expression/update.h"

#include <stdlib.h>

static bool key_is_valid(struct bytes key, uint8_t sign)
{
    if (key.length < 2 || key.data[0] != sign) {
        return false;
    }
    for (size_t i = 1; i < key.length; i++) {
        if (!lexer_is_word_byte(key.data[i])) {
            return false;
        }
    }
    return true;
}

static int compare_names(const void *left, const void *right)
{
    return bytes_compare(((const struct placeholder_name *)left)->name,
                         ((const struct placeholder_name *)right)->name);
}

static int compare_values(const void *left, const void *right)
{
    return bytes_compare(((const struct placeholder_value *)left)->name,
                         ((const struct placeholder_value *)right)->name);
}

static bool check_names(struct expression_context *context, const struct placeholders *placeholders)
{
    if (placeholders->names == NULL) {
        return true;
    }
    if (placeholders->names_count == 0) {
        return messages_refuse(context, MESSAGE_NAMES_EMPTY);
    }
    for (size_t i = 0; i < placeholders->names_count; i++) {
        struct bytes key = placeholders->names[i].name;
        if (!key_is_valid(key, '#')) {
            return messages_refuse(context, MESSAGE_NAMES_KEY, BYTES_ARGUMENTS(key));
        }
    }
    return true;
}

static bool check_values(struct expression_context *context,
                         const struct placeholders *placeholders)
{
    if (placeholders->values == NULL) {
        return true;
    }
    if (placeholders->values_count == 0) {
        return messages_refuse(context, MESSAGE_VALUES_EMPTY);
    }
    for (size_t i = 0; i < placeholders->values_count; i++) {
        struct bytes key = placeholders->values[i].name;
        if (!key_is_valid(key, ':')) {
            return messages_refuse(context, MESSAGE_VALUES_KEY, BYTES_ARGUMENTS(key));
        }
    }
    return true;
}

bool placeholders_prepare(struct expression_context *context, struct placeholders *placeholders)
{
    if (!check_names(context, placeholders) || !check_values(context, placeholders)) {
        return false;
    }
    if (placeholders->names_count > 0) {
        qsort(placeholders->names, placeholders->names_count, sizeof *placeholders->names,
              compare_names);
    }
    if (placeholders->values_count > 0) {
        qsort(placeholders->values, placeholders->values_count, sizeof *placeholders->values,
              compare_values);
    }
    return true;
}

static void append_key(struct buffer *list, struct bytes key)
{
    buffer_append_text(list, list->length > 0 ? ", " : "");
    buffer_append_bytes(list, key);
}

bool placeholders_check_used(struct expression_context *context,
                             const struct placeholders *placeholders)
{
    struct buffer unused;
    buffer_init(&unused, context->arena, 32);
    for (size_t i = 0; i < placeholders->names_count; i++) {
        if (!placeholders->names[i].used) {
            append_key(&unused, placeholders->names[i].name);
        }
    }
    if (unused.length > 0) {
        return messages_refuse(context, MESSAGE_NAMES_UNUSED,
                               BYTES_ARGUMENTS(buffer_view(&unused)));
    }
    for (size_t i = 0; i < placeholders->values_count; i++) {
        if (!placeholders->values[i].used) {
            append_key(&unused, placeholders->values[i].name);
        }
    }
    return unused.length == 0 ||
           messages_refuse(context, MESSAGE_VALUES_UNUSED, BYTES_ARGUMENTS(buffer_view(&unused)));
}

static bool resolve_path(struct expression_context *context,
                         struct document_path *path,
                         struct placeholders *placeholders)
{
    for (size_t i = 0; i < path->count; i++) {
        struct path_element *element = &path->elements[i];
        if (element->kind != PATH_NAME || element->name.data[0] != '#') {
            continue;
        }
        struct placeholder_name wanted = { .name = element->name };
        struct placeholder_name *found =
            placeholders->names_count == 0
                ? NULL
                : bsearch(&wanted, placeholders->names, placeholders->names_count, sizeof wanted,
                          compare_names);
        if (found == NULL) {
            return messages_fail(context, MESSAGE_UNDEFINED_NAME, BYTES_ARGUMENTS(element->name));
        }
        found->used = true;
        element->name = found->attribute_name;
    }
    return true;
}

static bool resolve_value(struct expression_context *context,
                          struct operand *operand,
                          struct placeholders *placeholders)
{
    struct placeholder_value wanted = { .name = operand->placeholder };
    struct placeholder_value *found =
        placeholders->values_count == 0
            ? NULL
            : bsearch(&wanted, placeholders->values, placeholders->values_count, sizeof wanted,
                      compare_values);
    if (found == NULL) {
        return messages_fail(context, MESSAGE_UNDEFINED_VALUE, BYTES_ARGUMENTS(wanted.name));
    }
    found->used = true;
    operand->value = found->value;
    return true;
}

static bool resolve_operands(struct expression_context *context,
                             struct operand *operands,
                             size_t count,
                             struct placeholders *placeholders)
{
    for (size_t i = 0; i < count; i++) {
        struct operand *operand = &operands[i];
        bool resolved = false;
        switch (operand->kind) {
        case OPERAND_PATH:
            resolved = resolve_path(context, &operand->path, placeholders);
            break;
        case OPERAND_VALUE:
            resolved = resolve_value(context, operand, placeholders);
            break;
        case OPERAND_FUNCTION:
            resolved = resolve_operands(context, operand->arguments, operand->arguments_count,
                                        placeholders);
            break;
        }
        if (!resolved) {
            return false;
        }
    }
    return true;
}

bool condition_resolve(struct expression_context *context,
                       struct condition *condition,
                       struct placeholders *placeholders)
{
    for (;;) {
        switch (condition->kind) {
        case CONDITION_NOT:
            condition = condition->children[0];
            break;
        case CONDITION_AND:
        case CONDITION_OR:
            if (!condition_resolve(context, condition->children[0], placeholders)) {
                return false;
            }
            condition = condition->children[1];
            break;
        case CONDITION_COMPARISON:
        case CONDITION_BETWEEN:
        case CONDITION_IN:
        case CONDITION_FUNCTION:
            return resolve_operands(context, condition->operands, condition->operands_count,
                                    placeholders) &&
                   operands_check(context, condition);
        }
    }
}

bool projection_resolve(struct expression_context *context,
                        struct projection *projection,
                        struct placeholders *placeholders)
{
    for (size_t i = 0; i < projection->paths_count; i++) {
        if (!resolve_path(context, &projection->paths[i], placeholders)) {
            return false;
        }
    }
    return projection_build(context, projection);
}

static bool resolve_names(struct expression_context *context,
                          struct operand *operand,
                          struct placeholders *placeholders)
{
    if (operand->kind == OPERAND_PATH) {
        return resolve_path(context, &operand->path, placeholders);
    }
    for (size_t i = 0; operand->kind == OPERAND_FUNCTION && i < operand->arguments_count; i++) {
        if (!resolve_names(context, &operand->arguments[i], placeholders)) {
            return false;
        }
    }
    return true;
}

static bool resolve_values(struct expression_context *context,
                           struct operand *operand,
                           struct placeholders *placeholders)
{
    if (operand->kind == OPERAND_VALUE) {
        return resolve_value(context, operand, placeholders);
    }
    for (size_t i = 0; operand->kind == OPERAND_FUNCTION && i < operand->arguments_count; i++) {
        if (!resolve_values(context, &operand->arguments[i], placeholders)) {
            return false;
        }
    }
    return true;
}

/* In updates all names come before all values; in conditions they come as written. */
bool update_resolve(struct expression_context *context,
                    struct update *update,
                    struct placeholders *placeholders)
{
    for (size_t i = 0; i < update->actions_count; i++) {
        struct update_action *action = &update->actions[i];
        if (!resolve_path(context, &action->path, placeholders) ||
            (action->kind != UPDATE_REMOVE &&
             !resolve_names(context, &action->operand, placeholders))) {
            return false;
        }
    }
    for (size_t i = 0; i < update->actions_count; i++) {
        struct update_action *action = &update->actions[i];
        if (action->kind != UPDATE_REMOVE &&
            !resolve_values(context, &action->operand, placeholders)) {
            return false;
        }
    }
    return update_build(context, update) && operands_check_update(context, update);
}
