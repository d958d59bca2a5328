#include "api/cloudformation/stack_store.h"

#include "api/cloudformation/stack_record.h"
#include "storage/base/arena.h"
#include "storage/base/identifier.h"
#include "storage/documents.h"

#include <string.h>

enum { KEY_SIZE_FIRST = 128, RECORD_SIZE_FIRST = 4096, UUID_LENGTH = 36 };

/* Keys start with the kind of the document; docs/storage-format.md lists them. */
static const char STACK[] = "stack/";         /* world, UUID -> the record */
static const char NAME[] = "stack-name/";     /* world, name -> UUID */
static const char BUSY[] = "stack-busy/";     /* world, UUID -> UUID */
static const char TEMPLATE[] = "stack-text/"; /* UUID, number (u64, big-endian) -> its text */

static struct bytes
key_of(struct arena *arena, const char *kind, struct bytes world, const char *id)
{
    struct buffer key;
    buffer_init(&key, arena, KEY_SIZE_FIRST);
    buffer_append_text(&key, kind);
    buffer_append_bytes(&key, world);
    buffer_append_text(&key, id);
    return buffer_view(&key);
}

static struct bytes template_key(const struct stack *stack, uint64_t number, uint8_t *memory)
{
    size_t length = sizeof TEMPLATE - 1;
    memcpy(memory, TEMPLATE, length);
    memcpy(memory + length, stack->uuid, UUID_LENGTH);
    length += UUID_LENGTH;
    for (int shift = 56; shift >= 0; shift -= 8) {
        memory[length++] = (uint8_t)(number >> shift);
    }
    return (struct bytes){ memory, length };
}

enum { TEMPLATE_KEY_SIZE = sizeof TEMPLATE - 1 + UUID_LENGTH + 8 };

struct stack *stack_load(struct txn *txn, struct arena *arena, const char *world, const char *uuid)
{
    struct bytes record;
    struct bytes key = key_of(arena, STACK, bytes_of_text(world), uuid);
    return document_find(txn, key, &record) ? stack_record_read(arena, bytes_copy(arena, record))
                                            : NULL;
}

static struct stack *
find_by_arn(struct txn *txn, struct arena *arena, const char *world, const char *arn)
{
    const char *last = strrchr(arn, '/');
    struct stack *stack = last == NULL ? NULL : stack_load(txn, arena, world, last + 1);
    return stack != NULL && strcmp(stack->id, arn) == 0 ? stack : NULL;
}

struct stack *
stack_find(struct txn *txn, struct arena *arena, struct bytes world, struct bytes name_or_arn)
{
    const char *name = bytes_to_text(arena, name_or_arn);
    const char *world_text = bytes_to_text(arena, world);
    struct bytes uuid;
    if (bytes_start_with(name_or_arn, BYTES("arn:"))) {
        return find_by_arn(txn, arena, world_text, name);
    }
    return document_find(txn, key_of(arena, NAME, world, name), &uuid)
               ? stack_load(txn, arena, world_text, bytes_to_text(arena, uuid))
               : NULL;
}

struct stack *
stack_next(struct txn *txn, struct arena *arena, struct bytes world, struct bytes after_uuid)
{
    struct document document;
    struct bytes prefix = key_of(arena, STACK, world, "");
    struct bytes after = after_uuid.length == 0
                             ? BYTES("")
                             : key_of(arena, STACK, world, bytes_to_text(arena, after_uuid));
    return document_next(txn, arena, prefix, after, &document)
               ? stack_record_read(arena, document.value)
               : NULL;
}

struct stack *stack_next_busy(struct txn *txn, struct arena *arena, struct bytes *cursor)
{
    struct document document;
    const struct bytes prefix = bytes_of_text(BUSY);
    while (document_next(txn, arena, prefix, *cursor, &document)) {
        *cursor = document.key;
        size_t world_length = document.key.length - prefix.length - document.value.length;
        struct bytes world = { document.key.data + prefix.length, world_length };
        struct stack *stack = stack_load(txn, arena, bytes_to_text(arena, world),
                                         bytes_to_text(arena, document.value));
        if (stack != NULL) {
            return stack;
        }
    }
    return NULL;
}

static void put_or_remove(struct txn *txn, struct bytes key, struct bytes value, bool is_put)
{
    if (is_put) {
        document_put(txn, key, value);
    } else {
        (void)document_remove(txn, key);
    }
}

static bool is_as_it_was(struct txn *txn, struct arena *arena, const struct stack *stack)
{
    const struct stack *stored = stack_load(txn, arena, stack->world, stack->uuid);
    return stored == NULL ? stack->version == 0 : stored->version == stack->version;
}

bool stack_save(struct txn *txn, struct arena *arena, struct stack *stack)
{
    if (!is_as_it_was(txn, arena, stack)) {
        return false;
    }
    struct buffer record;
    struct bytes world = bytes_of_text(stack->world);
    struct bytes uuid = bytes_of_text(stack->uuid);
    stack->version++;
    buffer_init(&record, arena, RECORD_SIZE_FIRST);
    stack_record_write(&record, stack);
    document_put(txn, key_of(arena, STACK, world, stack->uuid), buffer_view(&record));
    put_or_remove(txn, key_of(arena, NAME, world, stack->name), uuid,
                  stack->status != STACK_DELETE_COMPLETE);
    put_or_remove(txn, key_of(arena, BUSY, world, stack->uuid), uuid,
                  stack_status_is_busy(stack->status));
    return true;
}

struct stack *stack_new(struct arena *arena,
                        struct bytes world,
                        const char *name,
                        const char *region,
                        const char *account,
                        int64_t now_ms)
{
    struct stack *stack = arena_alloc(arena, sizeof *stack);
    struct buffer id;
    const char *uuid = bytes_to_text(arena, identifier_uuid(arena));
    buffer_init(&id, arena, KEY_SIZE_FIRST);
    buffer_append_format(&id, "arn:aws:cloudformation:%s:%s:stack/%s/%s", region, account, name,
                         uuid);
    *stack = (struct stack){
        .id = bytes_to_text(arena, buffer_view(&id)),
        .uuid = uuid,
        .name = name,
        .world = bytes_to_text(arena, world),
        .reason = "",
        .created_ms = now_ms,
        .content = { .description = "", .role_arn = "", .change_set_id = "" },
        .operation = { .target = { .description = "", .role_arn = "", .change_set_id = "" },
                       .client_token = "",
                       .access_key_id = "",
                       .region = "" },
        .last_token = "",
    };
    return stack;
}

struct bytes stack_template_text(struct txn *txn,
                                 struct arena *arena,
                                 const struct stack *stack,
                                 uint64_t number)
{
    uint8_t memory[TEMPLATE_KEY_SIZE];
    struct bytes text;
    return document_find(txn, template_key(stack, number, memory), &text) ? bytes_copy(arena, text)
                                                                          : BYTES("");
}

uint64_t stack_template_put(struct txn *txn, struct stack *stack, struct bytes text)
{
    uint8_t memory[TEMPLATE_KEY_SIZE];
    stack->last_template++;
    document_put(txn, template_key(stack, stack->last_template, memory), text);
    return stack->last_template;
}

void stack_template_remove(struct txn *txn, const struct stack *stack, uint64_t number)
{
    uint8_t memory[TEMPLATE_KEY_SIZE];
    (void)document_remove(txn, template_key(stack, number, memory));
}

const char *
stack_export_find(struct txn *txn, struct arena *arena, struct bytes world, const char *name)
{
    struct bytes after = BYTES("");
    struct stack *stack;
    while ((stack = stack_next(txn, arena, world, after)) != NULL) {
        for (size_t i = 0; i < stack->output_count; i++) {
            if (stack->status != STACK_DELETE_COMPLETE &&
                strcmp(stack->outputs[i].export_name, name) == 0) {
                return stack->outputs[i].value;
            }
        }
        after = bytes_of_text(stack->uuid);
    }
    return NULL;
}

struct stack *
stack_of_table(struct txn *txn, struct arena *arena, struct bytes world, const char *table)
{
    struct bytes after = BYTES("");
    struct stack *stack;
    while ((stack = stack_next(txn, arena, world, after)) != NULL) {
        for (size_t i = 0; stack->status != STACK_DELETE_COMPLETE && i < stack->resources.count;
             i++) {
            if (strcmp(stack->resources.items[i].physical_id, table) == 0) {
                return stack;
            }
        }
        after = bytes_of_text(stack->uuid);
    }
    return NULL;
}
