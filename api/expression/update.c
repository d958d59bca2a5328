#include "api/expression/update.h"

#include "api/expression/messages.h"
#include "api/expression/path.h"
#include "api/expression/projection.h"
#include "api/limits.h"
#include "storage/base/arena.h"
#include "storage/value/attribute_set.h"
#include "storage/value/item_codec.h"
#include "storage/value/number.h"

#include <assert.h>
#include <stdlib.h>

bool update_build(struct expression_context *context, struct update *update)
{
    struct document_path *paths =
        arena_alloc(context->arena, update->actions_count * sizeof *paths);
    for (size_t i = 0; i < update->actions_count; i++) {
        paths[i] = update->actions[i].path;
    }
    update->touched = (struct projection){ .paths = paths, .paths_count = update->actions_count };
    return projection_build(context, &update->touched);
}

bool update_only_removes(const struct update *update)
{
    for (size_t i = 0; i < update->actions_count; i++) {
        enum update_action_kind kind = update->actions[i].kind;
        if (kind != UPDATE_REMOVE && kind != UPDATE_DELETE) {
            return false;
        }
    }
    return true;
}

/* ---- operands ---- */

enum { EMPTY_LIST_SIZE = 3 };

/* What an action comes to for this item. */
struct change {
    const struct document_path *path;
    bool removes;
    struct attribute_value value; /* unless it removes */
};

struct evaluation {
    struct expression_context *context;
    struct bytes item;         /* as it was */
    const char *type_mismatch; /* the text for a value of the wrong type */
};

static bool evaluate(struct evaluation *evaluation,
                     const struct operand *operand,
                     struct attribute_value *out_value);

/* What if_not_exists stands for: its path, or its other operand. Anything else for itself. */
static const struct operand *choose(const struct evaluation *evaluation,
                                    const struct operand *operand)
{
    while (operand->kind == OPERAND_FUNCTION && operand->function == FUNCTION_IF_NOT_EXISTS) {
        struct attribute_value value;
        bool exists = path_find(&operand->arguments[0].path, evaluation->item, &value);
        operand = &operand->arguments[exists ? 0 : 1];
    }
    return operand;
}

/*
 * The elements of a list, or of all lists that list_append puts together, however nested: each is
 * copied once. Ends as soon as they are more than an item may hold.
 */
static bool append_elements(struct evaluation *evaluation,
                            const struct operand *operand,
                            struct buffer *to,
                            size_t *size_bytes)
{
    operand = choose(evaluation, operand);
    if (operand->kind == OPERAND_FUNCTION && operand->function == FUNCTION_LIST_APPEND) {
        return append_elements(evaluation, &operand->arguments[0], to, size_bytes) &&
               append_elements(evaluation, &operand->arguments[1], to, size_bytes);
    }
    struct attribute_value list;
    if (!evaluate(evaluation, operand, &list)) {
        return false;
    }
    if (list.type != ATTRIBUTE_L) {
        return messages_refuse(evaluation->context, "%s", evaluation->type_mismatch);
    }
    *size_bytes += attribute_value_size(list) - EMPTY_LIST_SIZE;
    if (*size_bytes > LIMIT_ITEM_BYTES) {
        return messages_refuse(evaluation->context, MESSAGE_UPDATE_SIZE);
    }
    buffer_append_bytes(to, list.payload);
    return true;
}

static bool append_lists(struct evaluation *evaluation,
                         const struct operand *operand,
                         struct attribute_value *out_value)
{
    struct buffer elements;
    size_t size_bytes = 0;
    buffer_init(&elements, evaluation->context->arena, 256);
    if (!append_elements(evaluation, operand, &elements, &size_bytes)) {
        return false;
    }
    *out_value = (struct attribute_value){ .type = ATTRIBUTE_L, .payload = buffer_view(&elements) };
    return true;
}

/* Numbers only: + and -, and ADD to a number. */
static bool combine_numbers(struct expression_context *context,
                            enum expression_function function,
                            struct attribute_value left,
                            struct attribute_value right,
                            struct attribute_value *out_value)
{
    struct number_text result;
    enum number_status status = function == FUNCTION_PLUS
                                    ? number_add(left.payload, right.payload, &result)
                                    : number_subtract(left.payload, right.payload, &result);
    if (status != NUMBER_OK) {
        return messages_refuse(context, "%s",
                               status == NUMBER_OVERFLOW ? MESSAGE_UPDATE_OVERFLOW
                                                         : MESSAGE_UPDATE_UNDERFLOW);
    }
    *out_value =
        (struct attribute_value){ .type = ATTRIBUTE_N,
                                  .payload = bytes_copy(context->arena, number_view(&result)) };
    return true;
}

static bool evaluate_number(struct evaluation *evaluation,
                            const struct operand *operand,
                            struct attribute_value *out_value)
{
    return evaluate(evaluation, operand, out_value) &&
           (out_value->type == ATTRIBUTE_N ||
            messages_refuse(evaluation->context, "%s", evaluation->type_mismatch));
}

static bool evaluate(struct evaluation *evaluation,
                     const struct operand *operand,
                     struct attribute_value *out_value)
{
    operand = choose(evaluation, operand);
    if (operand->kind == OPERAND_VALUE) {
        *out_value = operand->value;
        return true;
    }
    if (operand->kind == OPERAND_PATH) {
        return path_find(&operand->path, evaluation->item, out_value) ||
               messages_refuse(evaluation->context, MESSAGE_UPDATE_MISSING);
    }
    if (operand->function == FUNCTION_LIST_APPEND) {
        return append_lists(evaluation, operand, out_value);
    }
    assert(operand->function == FUNCTION_PLUS || operand->function == FUNCTION_MINUS);
    struct attribute_value left;
    struct attribute_value right;
    return evaluate_number(evaluation, &operand->arguments[0], &left) &&
           evaluate_number(evaluation, &operand->arguments[1], &right) &&
           combine_numbers(evaluation->context, operand->function, left, right, out_value);
}

/* ---- actions ---- */

/* ADD: `old` is there and of the value's type. */
static bool add(struct expression_context *context,
                struct attribute_value old,
                struct attribute_value value,
                struct attribute_value *out_value)
{
    if (value.type == ATTRIBUTE_N) {
        return combine_numbers(context, FUNCTION_PLUS, old, value, out_value);
    }
    *out_value = set_unite(context->arena, old, value);
    return true;
}

/* ADD and DELETE: a value and what is there already. */
static bool evaluate_amendment(struct evaluation *evaluation,
                               const struct update_action *action,
                               struct change *change)
{
    struct attribute_value value = action->operand.value;
    struct attribute_value old;
    if (!path_find(&action->path, evaluation->item, &old)) {
        change->removes = action->kind == UPDATE_DELETE;
        change->value = value;
        return true;
    }
    if (old.type != value.type) {
        return messages_refuse(evaluation->context, "%s", evaluation->type_mismatch);
    }
    if (action->kind == UPDATE_ADD) {
        return add(evaluation->context, old, value, &change->value);
    }
    change->value = set_subtract(evaluation->context->arena, old, value);
    change->removes = change->value.payload.length == 0;
    return true;
}

static bool evaluate_action(struct evaluation *evaluation,
                            const struct update_action *action,
                            struct change *out_change)
{
    *out_change = (struct change){ .path = &action->path };
    switch (action->kind) {
    case UPDATE_SET:
        return evaluate(evaluation, &action->operand, &out_change->value);
    case UPDATE_REMOVE:
        out_change->removes = true;
        break;
    case UPDATE_ADD:
    case UPDATE_DELETE:
        return evaluate_amendment(evaluation, action, out_change);
    }
    return true;
}

/*
 * A value may be set in many places, and what many lists come to may be set in each of them: as all
 * of it would be in the new item, more than an item may hold is refused before it is put together.
 */
static bool
evaluate_actions(struct evaluation *evaluation, const struct update *update, struct change *changes)
{
    size_t size_bytes = 0;
    for (size_t i = 0; i < update->actions_count; i++) {
        if (!evaluate_action(evaluation, &update->actions[i], &changes[i])) {
            return false;
        }
        size_bytes += changes[i].removes ? 0 : attribute_value_size(changes[i].value);
        if (size_bytes > LIMIT_ITEM_BYTES) {
            return messages_refuse(evaluation->context, MESSAGE_UPDATE_SIZE);
        }
    }
    return true;
}

/* ---- the new item ---- */

/* Changes, in the order of their paths, that agree on the first `depth` elements of these. */
struct group {
    const struct change *changes;
    size_t count;
    size_t depth;
};

struct builder {
    struct expression_context *context;
    struct buffer to;
};

static bool rebuild_map(struct builder *builder, struct group rest, struct bytes payload);
static bool rebuild_list(struct builder *builder, struct group rest, struct bytes payload);

static int compare_changes(const void *left, const void *right)
{
    return path_compare(((const struct change *)left)->path, ((const struct change *)right)->path);
}

/* The element that comes next behind what the group agrees on. */
static const struct path_element *next_element(const struct group *group)
{
    return &group->changes[0].path->elements[group->depth];
}

/* Takes from `rest` the changes that go on with one and the same element. */
static struct group take_group(struct group *rest)
{
    const struct path_element *element = next_element(rest);
    struct group taken = { .changes = rest->changes, .depth = rest->depth + 1 };
    do {
        taken.count++;
        rest->changes++;
        rest->count--;
    } while (rest->count > 0 && path_element_compare(next_element(rest), element) == 0);
    return taken;
}

static bool write_leaf(struct builder *builder, size_t wrappers, struct attribute_value value)
{
    if (wrappers + attribute_value_depth(value) > LIMIT_NESTING) {
        return messages_refuse(builder->context, MESSAGE_UPDATE_NESTING);
    }
    write_value(&builder->to, value);
    return true;
}

/* The map or list that the changes lead into; `old` is NULL when there is nothing. */
static bool
write_nested(struct builder *builder, struct group group, const struct attribute_value *old)
{
    bool is_map = next_element(&group)->kind == PATH_NAME;
    enum attribute_type type = is_map ? ATTRIBUTE_M : ATTRIBUTE_L;
    if (old == NULL || old->type != type) {
        return messages_refuse(builder->context, MESSAGE_UPDATE_PATH);
    }
    size_t mark = write_open(&builder->to, type);
    bool rebuilt = is_map ? rebuild_map(builder, group, old->payload)
                          : rebuild_list(builder, group, old->payload);
    if (rebuilt) {
        write_close(&builder->to, mark);
    }
    return rebuilt;
}

/* An entry (or, without a name, an element) that changes; `old` is NULL when there is none yet. */
static bool write_changed(struct builder *builder,
                          struct group group,
                          const struct attribute_name *name,
                          const struct attribute_value *old)
{
    const struct change *change = &group.changes[0];
    bool is_leaf = change->path->count == group.depth;
    if (is_leaf && change->removes) {
        return true;
    }
    if (name != NULL) {
        write_name(&builder->to, *name);
    }
    return is_leaf ? write_leaf(builder, group.depth - 1, change->value)
                   : write_nested(builder, group, old);
}

/* Entries of names that the map does not have and that come before `end`; NULL: all that is left.
 */
static bool write_new_entries(struct builder *builder, struct group *rest, const struct bytes *end)
{
    while (rest->count > 0 && (end == NULL || bytes_compare(next_element(rest)->name, *end) < 0)) {
        struct bytes text = next_element(rest)->name;
        struct attribute_name name = { .text = text, .is_plain = text_is_plain(text) };
        if (!write_changed(builder, take_group(rest), &name, NULL)) {
            return false;
        }
    }
    return true;
}

static void append_range(struct buffer *to, const uint8_t *start, const uint8_t *end)
{
    buffer_append(to, start, (size_t)(end - start));
}

/* Entries and changes both ascend by name. */
static bool rebuild_map(struct builder *builder, struct group rest, struct bytes payload)
{
    struct reader cursor = reader_of(payload);
    const uint8_t *start = cursor.next; /* of the entry looked at */
    struct attribute_name name;
    struct attribute_value value;
    while (rest.count > 0 && map_next(&cursor, &name, &value)) {
        if (!write_new_entries(builder, &rest, &name.text)) {
            return false;
        }
        if (rest.count == 0 || !bytes_equal(next_element(&rest)->name, name.text)) {
            append_range(&builder->to, start, cursor.next);
        } else if (!write_changed(builder, take_group(&rest), &name, &value)) {
            return false;
        }
        start = cursor.next;
    }
    append_range(&builder->to, start, cursor.end);
    return write_new_entries(builder, &rest, NULL);
}

/* Behind the end what is set is appended, in the order of the indexes. */
static bool rebuild_list(struct builder *builder, struct group rest, struct bytes payload)
{
    struct reader cursor = reader_of(payload);
    const uint8_t *start = cursor.next;
    struct attribute_value value;
    for (uint32_t index = 0; rest.count > 0 && list_next(&cursor, &value); index++) {
        if (next_element(&rest)->index != index) {
            append_range(&builder->to, start, cursor.next);
        } else if (!write_changed(builder, take_group(&rest), NULL, &value)) {
            return false;
        }
        start = cursor.next;
    }
    append_range(&builder->to, start, cursor.end);
    while (rest.count > 0) {
        if (!write_changed(builder, take_group(&rest), NULL, NULL)) {
            return false;
        }
    }
    return true;
}

bool update_apply(struct expression_context *context,
                  const struct update *update,
                  struct bytes item,
                  struct bytes *out_item)
{
    size_t count = update->actions_count;
    struct change *changes = arena_alloc(context->arena, count * sizeof *changes);
    struct evaluation evaluation = {
        .context = context,
        .item = item,
        .type_mismatch = update->is_legacy ? MESSAGE_LEGACY_UPDATE_TYPE : MESSAGE_UPDATE_TYPE,
    };
    if (!evaluate_actions(&evaluation, update, changes)) {
        return false;
    }
    qsort(changes, count, sizeof *changes, compare_changes);
    struct builder builder = { .context = context };
    struct group all = { .changes = changes, .count = count };
    buffer_init(&builder.to, context->arena, item.length + 256);
    size_t mark = item_begin(&builder.to);
    if (!rebuild_map(&builder, all, item_attributes(item))) {
        return false;
    }
    struct bytes new_item = item_end(&builder.to, mark);
    if (item_size(new_item) > LIMIT_ITEM_BYTES) {
        return messages_refuse(context, MESSAGE_UPDATE_SIZE);
    }
    *out_item = new_item;
    return true;
}
