#include "api/rehearsal/timeline.h"

#include "api/rehearsal/caller_text.h"
#include "storage/base/arena.h"
#include "storage/base/clock.h"
#include "storage/base/log.h"
#include "storage/table/catalog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    RARE_COUNT_MAX = 20000,
    RARE_SIZE_MAX = 16 * 1024 * 1024,
    FREQUENT_COUNT_MAX = 80000,
    FREQUENT_SIZE_MAX = 32 * 1024 * 1024,
    CAPACITY_FIRST = 64,
    TEXT_SIZE_MAX = 1024, /* of a name or message */
    EVENT_SIZE_USUAL = 512,
};

/* In memory of its own once told; before that in an arena, without sequence and time. */
struct kept_event {
    uint64_t sequence;
    int64_t time_ms;
    size_t table_length;
    size_t members_length;
    uint8_t text[]; /* the table's qualified name, then all members but sequence and time as JSON */
};

/* A ring. */
struct lane {
    struct kept_event **events;
    size_t capacity;
    size_t first;
    size_t count;
    size_t count_max;
    size_t size_bytes;
    size_t size_max;
    uint64_t dropped; /* sequence of the last event that is not kept any more; 0: none */
};

enum { LANE_RARE, LANE_FREQUENT, LANE_COUNT };

struct timeline {
    struct clock *clock;
    bool is_isolated;
    pthread_mutex_t lock;
    uint64_t sequence; /* of the last event */
    struct lane lanes[LANE_COUNT];
};

/* ---- opening, closing ---- */

struct timeline *timeline_open(struct clock *clock, bool is_isolated)
{
    struct timeline *timeline = calloc(1, sizeof *timeline);
    if (timeline == NULL) {
        return NULL;
    }
    timeline->clock = clock;
    timeline->is_isolated = is_isolated;
    timeline->lanes[LANE_RARE].count_max = RARE_COUNT_MAX;
    timeline->lanes[LANE_RARE].size_max = RARE_SIZE_MAX;
    timeline->lanes[LANE_FREQUENT].count_max = FREQUENT_COUNT_MAX;
    timeline->lanes[LANE_FREQUENT].size_max = FREQUENT_SIZE_MAX;
    (void)pthread_mutex_init(&timeline->lock, NULL);
    return timeline;
}

/* The event at `position`, counted from the oldest. */
static struct kept_event *event_at(const struct lane *lane, size_t position)
{
    return lane->events[(lane->first + position) % lane->capacity];
}

void timeline_close(struct timeline *timeline)
{
    for (size_t i = 0; i < LANE_COUNT; i++) {
        struct lane *lane = &timeline->lanes[i];
        for (size_t j = 0; j < lane->count; j++) {
            free(event_at(lane, j));
        }
        free(lane->events);
    }
    (void)pthread_mutex_destroy(&timeline->lock);
    free(timeline);
}

/* ---- an event as text ---- */

static const char *const KIND_NAMES[TIMELINE_KIND_COUNT] = {
    [TIMELINE_START] = "START",       [TIMELINE_CALL] = "CALL",
    [TIMELINE_STATE] = "STATE",       [TIMELINE_HOLD] = "HOLD",
    [TIMELINE_HELD] = "HELD",         [TIMELINE_RELEASE] = "RELEASE",
    [TIMELINE_FREEZE] = "FREEZE",     [TIMELINE_THAW] = "THAW",
    [TIMELINE_FAULTS] = "FAULTS",     [TIMELINE_READERS_RESET] = "READERS_RESET",
    [TIMELINE_FAIL] = "FAIL",         [TIMELINE_CLOCK] = "CLOCK",
    [TIMELINE_SNAPSHOT] = "SNAPSHOT", [TIMELINE_RESTORE] = "RESTORE",
    [TIMELINE_RESET] = "RESET",       [TIMELINE_REFUSAL] = "REFUSAL",
    [TIMELINE_FAULT] = "FAULT",
};

static size_t lane_of(enum timeline_kind kind)
{
    return kind == TIMELINE_REFUSAL || kind == TIMELINE_FAULT ? LANE_FREQUENT : LANE_RARE;
}

/* At most so many bytes, no character in two. */
static struct bytes cut_text(struct bytes text)
{
    if (text.length > TEXT_SIZE_MAX) {
        text.length = TEXT_SIZE_MAX;
        while (text.length > 0 && (text.data[text.length] & 0xC0) == 0x80) {
            text.length--;
        }
    }
    return text;
}

static void write_member(struct json_writer *writer, const char *name, struct bytes text)
{
    if (text.length > 0) {
        json_member_text(writer, name, cut_text(text));
    }
}

/* Takes what is before the next separator off the front of `name`. */
static struct bytes take_part(struct bytes *name)
{
    const uint8_t *end =
        name->length > 0 ? memchr(name->data, WORLD_SEPARATOR, name->length) : NULL;
    if (end == NULL) {
        return BYTES("");
    }
    struct bytes part = { name->data, (size_t)(end - name->data) };
    *name = (struct bytes){ end + 1, name->length - part.length - 1 };
    return part;
}

/* Who did it, else whose table it is. */
static void write_caller(struct json_writer *writer,
                         struct arena *arena,
                         const struct timeline_event *event,
                         struct bytes world_key,
                         struct bytes world_region)
{
    struct bytes key = event->access_key_id.length > 0 ? event->access_key_id : world_key;
    struct bytes region = event->region.length > 0 ? event->region : world_region;
    write_member(writer, "AccessKeyId", caller_text_show(arena, key));
    write_member(writer, "Region", caller_text_show(arena, region));
    write_member(writer, "UserAgent", caller_text_show(arena, event->user_agent));
}

static void append_members(const struct timeline *timeline,
                           struct buffer *to,
                           const struct timeline_event *event)
{
    struct json_writer writer = json_writer_of(to);
    struct bytes table = event->table_name;
    struct bytes key = BYTES("");
    struct bytes region = BYTES("");
    if (timeline->is_isolated) {
        key = take_part(&table);
        region = take_part(&table);
    }
    json_member_text(&writer, "Kind", bytes_of_text(KIND_NAMES[event->kind]));
    write_member(&writer, "Operation", event->operation);
    write_member(&writer, "TableName", table);
    write_member(&writer, "IndexName", event->index_name);
    write_member(&writer, "From", event->from);
    write_member(&writer, "To", event->to);
    write_member(&writer, "Error", event->error);
    write_member(&writer, "Message", event->message);
    if (event->details.length > 0) {
        json_write_raw(&writer, event->details);
    }
    write_caller(&writer, to->arena, event, key, region);
}

static struct kept_event *
describe(const struct timeline *timeline, struct arena *arena, const struct timeline_event *event)
{
    struct buffer members;
    struct bytes table = cut_text(event->table_name);
    buffer_init(&members, arena, EVENT_SIZE_USUAL);
    append_members(timeline, &members, event);
    struct kept_event *described =
        arena_alloc_zero(arena, sizeof *described + table.length + members.length);
    described->table_length = table.length;
    described->members_length = members.length;
    if (table.length > 0) {
        memcpy(described->text, table.data, table.length);
    }
    memcpy(described->text + table.length, members.data, members.length);
    return described;
}

/* ---- telling ---- */

static size_t size_of(const struct kept_event *event)
{
    return sizeof *event + event->table_length + event->members_length;
}

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL) {
        log_error("out of memory");
        abort();
    }
    return memory;
}

static void drop_oldest(struct lane *lane)
{
    struct kept_event *oldest = event_at(lane, 0);
    lane->dropped = oldest->sequence;
    lane->size_bytes -= size_of(oldest);
    lane->first = (lane->first + 1) % lane->capacity;
    lane->count--;
    free(oldest);
}

static void grow(struct lane *lane)
{
    size_t capacity = lane->capacity == 0 ? CAPACITY_FIRST : lane->capacity * 2;
    struct kept_event **events = allocate(capacity * sizeof(struct kept_event *));
    for (size_t i = 0; i < lane->count; i++) {
        events[i] = event_at(lane, i);
    }
    free(lane->events);
    lane->events = events;
    lane->capacity = capacity;
    lane->first = 0;
}

static void keep(struct timeline *timeline, size_t lane_number, const struct kept_event *described)
{
    size_t size = size_of(described);
    struct kept_event *event = allocate(size);
    memcpy(event, described, size);
    (void)pthread_mutex_lock(&timeline->lock);
    struct lane *lane = &timeline->lanes[lane_number];
    while (lane->count > 0 &&
           (lane->count == lane->count_max || lane->size_bytes + size > lane->size_max)) {
        drop_oldest(lane);
    }
    if (lane->count == lane->capacity) {
        grow(lane);
    }
    event->sequence = ++timeline->sequence;
    event->time_ms = clock_now_ms(timeline->clock);
    lane->events[(lane->first + lane->count) % lane->capacity] = event;
    lane->count++;
    lane->size_bytes += size;
    (void)pthread_mutex_unlock(&timeline->lock);
}

void timeline_tell(struct timeline *timeline,
                   struct arena *arena,
                   const struct timeline_event *event)
{
    keep(timeline, lane_of(event->kind), describe(timeline, arena, event));
}

struct event_note {
    struct txn_note note; /* first: the note is the event */
    struct timeline *timeline;
    size_t lane;
    const struct kept_event *described;
};

static void tell_note(struct txn_note *note)
{
    struct event_note *event = (struct event_note *)note;
    keep(event->timeline, event->lane, event->described);
}

void timeline_note(struct timeline *timeline,
                   struct txn *txn,
                   struct arena *arena,
                   const struct timeline_event *event)
{
    struct event_note *note = arena_alloc(arena, sizeof *note);
    *note = (struct event_note){ .note.tell = tell_note,
                                 .timeline = timeline,
                                 .lane = lane_of(event->kind),
                                 .described = describe(timeline, arena, event) };
    txn_add_note(txn, &note->note);
}

/* ---- reading ---- */

/* The position of the first event after `sequence`. */
static size_t find_after(const struct lane *lane, uint64_t sequence)
{
    size_t low = 0;
    size_t high = lane->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (event_at(lane, middle)->sequence <= sequence) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool matches(const struct timeline_query *query, const struct kept_event *event)
{
    struct bytes table = { event->text, event->table_length };
    return (query->table_name.length == 0 || bytes_equal(table, query->table_name)) &&
           bytes_start_with(table, query->world);
}

static void write_event(struct json_writer *writer, const struct kept_event *event)
{
    json_open_object(writer);
    json_member_integer(writer, "Sequence", (int64_t)event->sequence);
    json_member_seconds(writer, "Time", event->time_ms);
    json_write_raw(writer,
                   (struct bytes){ event->text + event->table_length, event->members_length });
    json_close_object(writer);
}

/* The next event of all lanes in order; NULL at the end. */
static const struct kept_event *next_event(const struct timeline *timeline,
                                           size_t positions[LANE_COUNT])
{
    const struct kept_event *next = NULL;
    size_t lane = 0;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        if (positions[i] < timeline->lanes[i].count) {
            const struct kept_event *event = event_at(&timeline->lanes[i], positions[i]);
            if (next == NULL || event->sequence < next->sequence) {
                next = event;
                lane = i;
            }
        }
    }
    if (next != NULL) {
        positions[lane]++;
    }
    return next;
}

static bool is_truncated(const struct timeline *timeline, uint64_t after)
{
    bool truncated = false;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        truncated = truncated || timeline->lanes[i].dropped > after;
    }
    return truncated;
}

void timeline_write(struct timeline *timeline,
                    const struct timeline_query *query,
                    struct json_writer *writer)
{
    size_t positions[LANE_COUNT];
    size_t count = 0;
    uint64_t last = query->after;
    json_open_object(writer);
    json_write_key(writer, "Events");
    json_open_array(writer);
    (void)pthread_mutex_lock(&timeline->lock);
    for (size_t i = 0; i < LANE_COUNT; i++) {
        positions[i] = find_after(&timeline->lanes[i], query->after);
    }
    const struct kept_event *event = next_event(timeline, positions);
    while (event != NULL && count < query->limit) {
        if (matches(query, event)) {
            write_event(writer, event);
            count++;
        }
        last = event->sequence;
        event = next_event(timeline, positions);
    }
    last = event == NULL ? timeline->sequence : last;
    bool truncated = is_truncated(timeline, query->after);
    (void)pthread_mutex_unlock(&timeline->lock);
    json_close_array(writer);
    json_member_integer(writer, "LastSequence", (int64_t)last);
    json_member_boolean(writer, "More", event != NULL);
    json_member_boolean(writer, "Truncated", truncated);
    json_close_object(writer);
}
