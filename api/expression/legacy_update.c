#include "api/expression/legacy_update.h"

#include "api/expression/messages.h"
#include "api/expression/path.h"
#include "api/expression/update.h"
#include "storage/base/arena.h"

static bool is_set(enum attribute_type type)
{
    return type == ATTRIBUTE_SS || type == ATTRIBUTE_NS || type == ATTRIBUTE_BS;
}

bool legacy_update_check(struct expression_context *context, const struct legacy_update *update)
{
    enum attribute_type type = update->value.type;
    if (!update->has_value) {
        return update->action == LEGACY_DELETE ||
               messages_refuse(context, MESSAGE_LEGACY_UPDATE_VALUE_MISSING);
    }
    if (update->action == LEGACY_DELETE && !is_set(type)) {
        return messages_refuse(context, MESSAGE_LEGACY_DELETE_TYPE, attribute_type_name(type));
    }
    if (update->action == LEGACY_ADD && !is_set(type) && type != ATTRIBUTE_N &&
        type != ATTRIBUTE_L) {
        return messages_refuse(context, MESSAGE_LEGACY_ADD_TYPE, attribute_type_name(type));
    }
    return true;
}

static struct operand make_function(struct arena *arena,
                                    enum expression_function function,
                                    struct operand left,
                                    struct operand right)
{
    struct operand *arguments = arena_alloc(arena, 2 * sizeof *arguments);
    arguments[0] = left;
    arguments[1] = right;
    return (struct operand){
        .kind = OPERAND_FUNCTION, .function = function, .arguments = arguments, .arguments_count = 2
    };
}

/* The list at the path, or an empty one, and the new elements behind it. */
static struct operand
make_appended(struct arena *arena, struct document_path path, struct operand list)
{
    struct operand old = { .kind = OPERAND_PATH, .path = path };
    struct operand none = { .kind = OPERAND_VALUE,
                            .value = { .type = ATTRIBUTE_L, .payload = BYTES("") } };
    return make_function(arena, FUNCTION_LIST_APPEND,
                         make_function(arena, FUNCTION_IF_NOT_EXISTS, old, none), list);
}

static struct update_action make_action(struct arena *arena, const struct legacy_update *from)
{
    struct update_action action = {
        .kind = UPDATE_SET,
        .path = path_of_name(arena, from->attribute_name),
        .operand = { .kind = OPERAND_VALUE, .value = from->value },
    };
    switch (from->action) {
    case LEGACY_PUT:
        break;
    case LEGACY_ADD:
        if (from->value.type == ATTRIBUTE_L) {
            action.operand = make_appended(arena, action.path, action.operand);
        } else {
            action.kind = UPDATE_ADD;
        }
        break;
    case LEGACY_DELETE:
        action.kind = from->has_value ? UPDATE_DELETE : UPDATE_REMOVE;
        break;
    }
    return action;
}

bool legacy_update_join(struct expression_context *context,
                        const struct legacy_update *updates,
                        size_t count,
                        struct update **out_update)
{
    struct update *update = arena_alloc_zero(context->arena, sizeof *update);
    update->actions = arena_alloc(context->arena, count * sizeof *update->actions);
    update->actions_count = count;
    update->is_legacy = true;
    for (size_t i = 0; i < count; i++) {
        update->actions[i] = make_action(context->arena, &updates[i]);
    }
    *out_update = update;
    return update_build(context, update);
}
