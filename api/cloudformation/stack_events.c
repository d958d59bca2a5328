#include "api/cloudformation/stack_events.h"

#include "api/json_writer.h"
#include "api/template/json_document.h"
#include "api/template/node.h"
#include "storage/base/arena.h"
#include "storage/base/identifier.h"
#include "storage/base/time_text.h"
#include "storage/documents.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE_FIRST = 64, EVENT_SIZE_FIRST = 512, RADIX = 10 };

static const char EVENT[] = "stack-event/"; /* UUID, number (u64, big-endian) -> the event */

static struct bytes key_of(struct arena *arena, const struct stack *stack, uint64_t number)
{
    struct buffer key;
    buffer_init(&key, arena, KEY_SIZE_FIRST);
    buffer_append_text(&key, EVENT);
    buffer_append_text(&key, stack->uuid);
    for (int shift = 56; shift >= 0; shift -= 8) {
        buffer_append_u8(&key, (uint8_t)(number >> shift));
    }
    return buffer_view(&key);
}

/* The next number, and a time after the last. */
static struct stack_event *
add(struct pending_events *events, struct arena *arena, struct stack *stack, int64_t now_ms)
{
    size_t size = events->count * sizeof *events->items;
    events->items = arena_grow(arena, events->items, size, size + sizeof *events->items);
    stack->last_event++;
    stack->last_event_ms = now_ms > stack->last_event_ms ? now_ms : stack->last_event_ms + 1;
    struct stack_event *event = &events->items[events->count++];
    *event = (struct stack_event){ .number = stack->last_event,
                                   .time_ms = stack->last_event_ms,
                                   .client_token = stack->last_token };
    return event;
}

void stack_event_tell(struct pending_events *events,
                      struct arena *arena,
                      struct stack *stack,
                      int64_t now_ms)
{
    struct stack_event *event = add(events, arena, stack, now_ms);
    event->event_id = bytes_to_text(arena, identifier_uuid(arena));
    event->logical_id = stack->name;
    event->physical_id = stack->id;
    event->type = "AWS::CloudFormation::Stack";
    event->status = stack_status_name(stack->status);
    event->reason = stack->reason;
    event->properties = "";
}

void stack_event_tell_resource(struct pending_events *events,
                               struct arena *arena,
                               struct stack *stack,
                               const struct stack_resource *resource,
                               int64_t now_ms)
{
    struct stack_event *event = add(events, arena, stack, now_ms);
    struct buffer id;
    buffer_init(&id, arena, KEY_SIZE_FIRST);
    buffer_append_format(&id, "%s-%s-", resource->logical_id,
                         resource_status_name(resource->status));
    time_append_iso(&id, event->time_ms);
    buffer_append_text(&id, "Z");
    event->event_id = bytes_to_text(arena, buffer_view(&id));
    event->logical_id = resource->logical_id;
    event->physical_id = resource->physical_id;
    event->type = resource->type;
    event->status = resource_status_name(resource->status);
    event->reason = resource->reason;
    event->properties = resource->properties;
}

static struct bytes write_event(struct arena *arena, const struct stack_event *event)
{
    struct buffer record;
    struct json_writer writer = json_writer_of(&record);
    buffer_init(&record, arena, EVENT_SIZE_FIRST);
    json_open_object(&writer);
    json_member_text(&writer, "EventId", bytes_of_text(event->event_id));
    json_member_integer(&writer, "Time", event->time_ms);
    json_member_text(&writer, "LogicalId", bytes_of_text(event->logical_id));
    json_member_text(&writer, "PhysicalId", bytes_of_text(event->physical_id));
    json_member_text(&writer, "Type", bytes_of_text(event->type));
    json_member_text(&writer, "Status", bytes_of_text(event->status));
    json_member_text(&writer, "Reason", bytes_of_text(event->reason));
    json_member_text(&writer, "Properties", bytes_of_text(event->properties));
    json_member_text(&writer, "ClientToken", bytes_of_text(event->client_token));
    json_close_object(&writer);
    return buffer_view(&record);
}

void stack_events_put(struct txn *txn,
                      struct arena *arena,
                      const struct stack *stack,
                      const struct pending_events *events)
{
    for (size_t i = 0; i < events->count; i++) {
        const struct stack_event *event = &events->items[i];
        document_put(txn, key_of(arena, stack, event->number), write_event(arena, event));
    }
}

static uint64_t number_of(struct bytes key)
{
    uint64_t number = 0;
    for (size_t i = key.length - 8; i < key.length; i++) {
        number = number << 8 | key.data[i];
    }
    return number;
}

static const char *read_text(const struct node *map, const char *name)
{
    return node_text(node_member(map, name), "");
}

bool stack_event_previous(struct txn *txn,
                          struct arena *arena,
                          const struct stack *stack,
                          uint64_t before,
                          struct stack_event *out_event)
{
    struct document document;
    struct document_error error;
    const struct node *record;
    struct bytes key = key_of(arena, stack, before);
    struct bytes prefix = { key.data, key.length - 8 };
    if (!document_previous(txn, arena, prefix, before == 0 ? BYTES("") : key, &document) ||
        !json_document_read(arena, document.value, &record, &error)) {
        return false;
    }
    *out_event = (struct stack_event){
        .number = number_of(document.key),
        .event_id = read_text(record, "EventId"),
        .time_ms = strtoll(read_text(record, "Time"), NULL, RADIX),
        .logical_id = read_text(record, "LogicalId"),
        .physical_id = read_text(record, "PhysicalId"),
        .type = read_text(record, "Type"),
        .status = read_text(record, "Status"),
        .reason = read_text(record, "Reason"),
        .properties = read_text(record, "Properties"),
        .client_token = read_text(record, "ClientToken"),
    };
    return true;
}
