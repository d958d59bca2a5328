#include "api/cloudformation/change_set.h"

#include "api/cloudformation/change_set_record.h"
#include "api/cloudformation/stack_store.h"
#include "storage/base/arena.h"
#include "storage/documents.h"

#include <string.h>

enum { KEY_SIZE_FIRST = 256, RECORD_SIZE_FIRST = 2048 };

/* Keys start with the kind of the document; docs/storage-format.md lists them. */
static const char CHANGE_SET[] = "change-set/";       /* UUID of the stack, '/', name -> record */
static const char CHANGE_SET_ID[] = "change-set-id/"; /* world, UUID -> UUID of the stack */

static const char *const EXECUTION_NAMES[EXECUTION_STATUS_COUNT] = {
    [EXECUTION_UNAVAILABLE] = "UNAVAILABLE",         [EXECUTION_AVAILABLE] = "AVAILABLE",
    [EXECUTION_IN_PROGRESS] = "EXECUTE_IN_PROGRESS", [EXECUTION_COMPLETE] = "EXECUTE_COMPLETE",
    [EXECUTION_FAILED] = "EXECUTE_FAILED",           [EXECUTION_OBSOLETE] = "OBSOLETE",
};

const char *execution_status_name(enum execution_status status)
{
    return EXECUTION_NAMES[status];
}

static struct bytes key_of(struct arena *arena, const struct stack *stack, struct bytes name)
{
    struct buffer key;
    buffer_init(&key, arena, KEY_SIZE_FIRST);
    buffer_append_format(&key, "%s%s/", CHANGE_SET, stack->uuid);
    buffer_append_bytes(&key, name);
    return buffer_view(&key);
}

/* What follows the last slash: an ARN's UUID. */
static struct bytes uuid_of(struct bytes arn)
{
    size_t from = arn.length;
    while (from > 0 && arn.data[from - 1] != '/') {
        from--;
    }
    return (struct bytes){ arn.data + from, arn.length - from };
}

static struct bytes id_key_of(struct arena *arena, struct bytes world, struct bytes arn)
{
    struct buffer key;
    buffer_init(&key, arena, KEY_SIZE_FIRST);
    buffer_append_text(&key, CHANGE_SET_ID);
    buffer_append_bytes(&key, world);
    buffer_append_bytes(&key, uuid_of(arn));
    return buffer_view(&key);
}

static bool is_arn(struct bytes name_or_arn)
{
    return bytes_start_with(name_or_arn, BYTES("arn:"));
}

/* "arn:…:changeSet/NAME/UUID" */
static struct bytes name_in(struct bytes arn)
{
    struct bytes uuid = uuid_of(arn);
    struct bytes rest = { arn.data, arn.length - uuid.length };
    rest.length -= rest.length > 0 ? 1 : 0;
    return uuid_of(rest);
}

/* How far its execution has come is written in the stack alone. */
static void settle(struct change_set *change_set, const struct stack *stack)
{
    if (change_set->execution == EXECUTION_IN_PROGRESS && !stack_status_is_busy(stack->status)) {
        bool is_done =
            stack->operation.kind == OPERATION_NONE &&
            (stack->status == STACK_CREATE_COMPLETE || stack->status == STACK_UPDATE_COMPLETE) &&
            strcmp(stack->content.change_set_id, change_set->id) == 0;
        change_set->execution = is_done ? EXECUTION_COMPLETE : EXECUTION_FAILED;
    }
}

static struct change_set *
read_record(struct arena *arena, struct bytes record, const struct stack *stack)
{
    struct change_set *change_set = change_set_record_read(arena, record);
    if (change_set != NULL) {
        settle(change_set, stack);
    }
    return change_set;
}

struct change_set *change_set_find(struct txn *txn,
                                   struct arena *arena,
                                   const struct stack *stack,
                                   struct bytes name_or_arn)
{
    struct bytes record;
    struct bytes name = is_arn(name_or_arn) ? name_in(name_or_arn) : name_or_arn;
    struct change_set *found = NULL;
    if (document_find(txn, key_of(arena, stack, name), &record)) {
        found = read_record(arena, bytes_copy(arena, record), stack);
    }
    bool is_other =
        found != NULL && is_arn(name_or_arn) && !bytes_equal(bytes_of_text(found->id), name_or_arn);
    return is_other ? NULL : found;
}

struct change_set *change_set_next(struct txn *txn,
                                   struct arena *arena,
                                   const struct stack *stack,
                                   struct bytes after_name)
{
    struct document document;
    struct bytes prefix = key_of(arena, stack, BYTES(""));
    struct bytes after = after_name.length == 0 ? after_name : key_of(arena, stack, after_name);
    return document_next(txn, arena, prefix, after, &document)
               ? read_record(arena, document.value, stack)
               : NULL;
}

struct stack *
change_set_find_stack(struct txn *txn, struct arena *arena, struct bytes world, struct bytes arn)
{
    struct bytes uuid;
    return document_find(txn, id_key_of(arena, world, arn), &uuid)
               ? stack_load(txn, arena, bytes_to_text(arena, world), bytes_to_text(arena, uuid))
               : NULL;
}

void change_set_put(struct txn *txn,
                    struct arena *arena,
                    const struct stack *stack,
                    const struct change_set *change_set)
{
    struct buffer record;
    buffer_init(&record, arena, RECORD_SIZE_FIRST);
    change_set_record_write(&record, change_set);
    document_put(txn, key_of(arena, stack, bytes_of_text(change_set->name)), buffer_view(&record));
    document_put(txn, id_key_of(arena, bytes_of_text(stack->world), bytes_of_text(change_set->id)),
                 bytes_of_text(stack->uuid));
}

void change_set_remove(struct txn *txn,
                       struct arena *arena,
                       const struct stack *stack,
                       const struct change_set *change_set)
{
    uint64_t number = change_set->content.template_number;
    (void)document_remove(txn, key_of(arena, stack, bytes_of_text(change_set->name)));
    (void)document_remove(
        txn, id_key_of(arena, bytes_of_text(stack->world), bytes_of_text(change_set->id)));
    if (number != stack->content.template_number &&
        number != stack->operation.target.template_number) {
        stack_template_remove(txn, stack, number);
    }
}

void change_sets_remove_others(struct txn *txn,
                               struct arena *arena,
                               const struct stack *stack,
                               const char *name)
{
    struct bytes after = BYTES("");
    const struct change_set *change_set;
    while ((change_set = change_set_next(txn, arena, stack, after)) != NULL) {
        if (name == NULL || strcmp(change_set->name, name) != 0) {
            change_set_remove(txn, arena, stack, change_set);
        }
        after = bytes_of_text(change_set->name);
    }
}

void change_sets_outdate(struct txn *txn, struct arena *arena, const struct stack *stack)
{
    struct bytes after = BYTES("");
    struct change_set *change_set;
    while ((change_set = change_set_next(txn, arena, stack, after)) != NULL) {
        if (change_set->execution == EXECUTION_AVAILABLE) {
            change_set->execution = EXECUTION_OBSOLETE;
            change_set_put(txn, arena, stack, change_set);
        } else if (change_set->execution != EXECUTION_UNAVAILABLE) {
            change_set_remove(txn, arena, stack, change_set);
        }
        after = bytes_of_text(change_set->name);
    }
}
