#include "storage/table/contributor_insights.h"

#include "storage/base/arena.h"
#include "storage/table/table_definition.h"

static struct insights_list read_record(struct txn *txn, struct arena *arena, struct bytes record)
{
    struct reader reader = reader_of(record);
    uint32_t count = reader_varint(&reader);
    if (count > INDEXES_MAX + 1) {
        reader.failed = true;
        count = 0;
    }
    struct insights_list list = {
        .entries = arena_alloc(arena, (count + 1) * sizeof *list.entries),
        .count = count,
    };
    for (uint32_t i = 0; i < count; i++) {
        struct insights *insights = &list.entries[i];
        insights->index_name = reader_sized(&reader);
        insights->is_enabled = reader_u8(&reader) != 0;
        insights->mode = (enum insights_mode)reader_u8(&reader);
        insights->rules_ms = (int64_t)reader_u64(&reader);
        insights->updated_ms = (int64_t)reader_u64(&reader);
        insights->due_ms = (int64_t)reader_u64(&reader);
    }
    if (reader.failed) {
        txn_fail(txn, STORAGE_CORRUPT);
        list.count = 0;
    }
    return list;
}

struct insights_list insights_find(struct txn *txn, struct arena *arena, struct bytes table)
{
    struct bytes record;
    if (!setting_find(txn, SETTING_CONTRIBUTOR_INSIGHTS, table, &record)) {
        return (struct insights_list){ .entries = arena_alloc(arena, sizeof(struct insights)) };
    }
    return read_record(txn, arena, bytes_copy(arena, record));
}

void insights_put(struct txn *txn,
                  struct arena *arena,
                  struct bytes table,
                  const struct insights_list *list)
{
    struct buffer record;
    buffer_init(&record, arena, 64);
    buffer_append_varint(&record, (uint32_t)list->count);
    for (size_t i = 0; i < list->count; i++) {
        const struct insights *insights = &list->entries[i];
        buffer_append_sized(&record, insights->index_name);
        buffer_append_u8(&record, insights->is_enabled);
        buffer_append_u8(&record, (uint8_t)insights->mode);
        buffer_append_u64(&record, (uint64_t)insights->rules_ms);
        buffer_append_u64(&record, (uint64_t)insights->updated_ms);
        buffer_append_u64(&record, (uint64_t)insights->due_ms);
    }
    setting_put(txn, SETTING_CONTRIBUTOR_INSIGHTS, table, buffer_view(&record));
}

struct insights *insights_of(const struct insights_list *list, struct bytes index_name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (bytes_equal(list->entries[i].index_name, index_name)) {
            return &list->entries[i];
        }
    }
    return NULL;
}

struct insights *insights_add(struct insights_list *list, struct bytes index_name)
{
    struct insights *found = insights_of(list, index_name);
    if (found != NULL) {
        return found;
    }
    size_t place = index_name.length == 0 ? 0 : list->count;
    for (size_t i = list->count; i > place; i--) {
        list->entries[i] = list->entries[i - 1];
    }
    list->count++;
    list->entries[place] = (struct insights){ .index_name = index_name };
    return &list->entries[place];
}

enum insights_status insights_status(const struct insights *insights, int64_t now_ms)
{
    if (now_ms < insights->due_ms) {
        return insights->is_enabled ? INSIGHTS_ENABLING : INSIGHTS_DISABLING;
    }
    return insights->is_enabled ? INSIGHTS_ENABLED : INSIGHTS_DISABLED;
}

void insights_forget_index(struct txn *txn,
                           struct arena *arena,
                           struct bytes table,
                           struct bytes index_name)
{
    struct insights_list list = insights_find(txn, arena, table);
    struct insights *gone = insights_of(&list, index_name);
    if (gone == NULL) {
        return;
    }
    list.count--;
    for (struct insights *next = gone; next < list.entries + list.count; next++) {
        *next = next[1];
    }
    insights_put(txn, arena, table, &list);
}

bool insights_next(struct txn *txn,
                   struct arena *arena,
                   struct bytes after,
                   struct bytes *out_table,
                   struct insights_list *out_list)
{
    struct bytes record;
    if (!setting_next(txn, arena, SETTING_CONTRIBUTOR_INSIGHTS, after, out_table, &record)) {
        return false;
    }
    *out_list = read_record(txn, arena, record);
    return true;
}
