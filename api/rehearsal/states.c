#include "api/rehearsal/states.h"

#include "api/json_writer.h"
#include "api/tables/table_description.h"
#include "storage/base/arena.h"
#include "storage/items/backfill.h"
#include "storage/table/lifecycle.h"

struct change {
    struct timeline *timeline;
    struct txn *txn;
    struct arena *arena;
    struct bytes table_name;
    const struct table_definition *table; /* as it is now; NULL: it is gone */
};

/* NULL: not there. */
static void note_state(const struct change *change,
                       struct bytes index_name,
                       const char *setting,
                       const char *from,
                       const char *to)
{
    struct bytes old_state = from != NULL ? bytes_of_text(from) : BYTES("");
    struct bytes new_state = to != NULL ? bytes_of_text(to) : BYTES("");
    if (bytes_equal(old_state, new_state)) {
        return;
    }
    struct timeline_event event = { .kind = TIMELINE_STATE,
                                    .table_name = change->table_name,
                                    .index_name = index_name,
                                    .from = old_state,
                                    .to = new_state };
    struct buffer details;
    if (setting != NULL) {
        struct json_writer writer = json_writer_of(&details);
        buffer_init(&details, change->arena, 64);
        json_member_text(&writer, "Setting", bytes_of_text(setting));
        event.details = buffer_view(&details);
    }
    timeline_note(change->timeline, change->txn, change->arena, &event);
}

static const char *table_state(const struct table_definition *table)
{
    return table != NULL ? table_status_text(table) : NULL;
}

/* The phases of a build apart, which the service shows as one status. */
static const char *index_state(const struct index_definition *index)
{
    if (index == NULL) {
        return NULL;
    }
    if (index->phase == INDEX_ALLOCATING) {
        return "ALLOCATING";
    }
    bool is_updating = index->update_due_ms != 0;
    return index->phase == INDEX_BACKFILLING && !is_updating ? "BACKFILLING"
                                                             : index_status_text(index);
}

static const struct index_definition *find_index(const struct table_definition *table,
                                                 struct bytes name)
{
    for (size_t i = 0; table != NULL && i < table->index_count; i++) {
        if (bytes_equal(table->indexes[i].name, name)) {
            return &table->indexes[i];
        }
    }
    return NULL;
}

static void note_setting(const struct change *change,
                         struct bytes index_name,
                         const char *setting,
                         int64_t due_before_ms,
                         int64_t due_after_ms)
{
    note_state(change, index_name, setting, due_before_ms != 0 ? "UPDATING" : "ACTIVE",
               due_after_ms != 0 ? "UPDATING" : "ACTIVE");
}

void states_note_hold(struct timeline *timeline,
                      struct txn *txn,
                      struct arena *arena,
                      const struct table_definition *table,
                      const struct index_definition *index)
{
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    buffer_init(&details, arena, 64);
    json_member_text(&writer, "Phase", bytes_of_text(index_state(index)));
    json_member_integer(&writer, "ItemsScanned", (int64_t)backfill_find(txn, index).items_scanned);
    struct timeline_event event = { .kind = TIMELINE_HELD,
                                    .table_name = table->qualified_name,
                                    .index_name = index->name,
                                    .details = buffer_view(&details) };
    timeline_note(timeline, txn, arena, &event);
}

static void note_index(const struct change *change,
                       const struct index_definition *before,
                       const struct index_definition *after)
{
    struct bytes name = after != NULL ? after->name : before->name;
    note_state(change, name, NULL, index_state(before), index_state(after));
    if (after != NULL && (before == NULL || before->phase != after->phase) &&
        index_is_held(change->txn, change->table, after)) {
        states_note_hold(change->timeline, change->txn, change->arena, change->table, after);
    }
    if (before != NULL && after != NULL) {
        note_setting(change, name, "WarmThroughput", before->capacity.warm.due_ms,
                     after->capacity.warm.due_ms);
    }
}

static void note_settings(const struct change *change,
                          const struct table_definition *before,
                          const struct table_definition *after)
{
    const struct {
        const char *name;
        int64_t before_ms;
        int64_t after_ms;
    } settings[] = {
        { "Throughput", before->billing.due_ms, after->billing.due_ms },
        { "Stream", before->stream.due_ms, after->stream.due_ms },
        { "TableClass", before->table_class.due_ms, after->table_class.due_ms },
        { "Encryption", before->encryption.due_ms, after->encryption.due_ms },
        { "WarmThroughput", before->capacity.warm.due_ms, after->capacity.warm.due_ms },
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        note_setting(change, BYTES(""), settings[i].name, settings[i].before_ms,
                     settings[i].after_ms);
    }
}

void states_note(struct timeline *timeline,
                 struct txn *txn,
                 struct arena *arena,
                 const struct table_definition *before,
                 const struct table_definition *after)
{
    struct change change = { .timeline = timeline,
                             .txn = txn,
                             .arena = arena,
                             .table_name =
                                 after != NULL ? after->qualified_name : before->qualified_name,
                             .table = after };
    note_state(&change, BYTES(""), NULL, table_state(before), table_state(after));
    for (size_t i = 0; after != NULL && i < after->index_count; i++) {
        note_index(&change, find_index(before, after->indexes[i].name), &after->indexes[i]);
    }
    for (size_t i = 0; before != NULL && i < before->index_count; i++) {
        if (find_index(after, before->indexes[i].name) == NULL) {
            note_index(&change, &before->indexes[i], NULL);
        }
    }
    if (before != NULL && after != NULL) {
        note_settings(&change, before, after);
    }
}
