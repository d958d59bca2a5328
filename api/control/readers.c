/* readers: who reads and writes which table and index. */

#include "api/rehearsal/readers.h"
#include "api/control/control.h"
#include "api/internal.h"
#include "api/rehearsal/caller_text.h"
#include "api/tables/table_description.h"

static const struct member RESET_MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, OPTIONAL },
    { "AccessKeyId", &SHAPE_ANY_STRING, OPTIONAL },
    { "Region", &SHAPE_ANY_STRING, OPTIONAL },
};
const struct shape CONTROL_READERS_RESET = SHAPE_STRUCTURE_OF("ReadersReset", RESET_MEMBERS);

/* Part of what was counted for a table. */
struct uses {
    const struct use_count *counts;
    size_t count;
};

/* The uses at the front that are like the first of them; `uses` is left with the others. */
static struct uses take_alike(struct uses *uses,
                              bool (*is_alike)(const struct use *left, const struct use *right))
{
    struct uses taken = { .counts = uses->counts };
    while (taken.count < uses->count &&
           is_alike(&taken.counts[0].use, &taken.counts[taken.count].use)) {
        taken.count++;
    }
    uses->counts += taken.count;
    uses->count -= taken.count;
    return taken;
}

static bool is_same_index(const struct use *left, const struct use *right)
{
    return bytes_equal(left->index_name, right->index_name);
}

static bool is_same_caller(const struct use *left, const struct use *right)
{
    return bytes_equal(left->access_key_id, right->access_key_id) &&
           bytes_equal(left->user_agent, right->user_agent);
}

static bool is_same_operation(const struct use *left, const struct use *right)
{
    return bytes_equal(bytes_of_text(left->operation), bytes_of_text(right->operation));
}

static void write_totals(struct json_writer *writer, struct uses uses)
{
    static const struct {
        const char *count;
        const char *last;
    } names[] = {
        [USE_READ] = { "Reads", "LastRead" },
        [USE_WRITE] = { "Writes", "LastWrite" },
        [USE_REFUSED] = { "Refused", "LastRefused" },
    };
    for (size_t kind = 0; kind < sizeof names / sizeof *names; kind++) {
        uint64_t count = 0;
        int64_t last_ms = 0;
        for (size_t i = 0; i < uses.count; i++) {
            if ((size_t)uses.counts[i].use.kind == kind) {
                count += uses.counts[i].count;
                last_ms = last_ms > uses.counts[i].last_ms ? last_ms : uses.counts[i].last_ms;
            }
        }
        json_member_integer(writer, names[kind].count, (int64_t)count);
        if (count > 0) {
            json_member_seconds(writer, names[kind].last, last_ms);
        }
    }
}

static void write_operations(struct json_writer *writer, struct uses uses)
{
    json_write_key(writer, "Operations");
    json_open_object(writer);
    while (uses.count > 0) {
        struct uses alike = take_alike(&uses, is_same_operation);
        uint64_t count = 0;
        for (size_t i = 0; i < alike.count; i++) {
            count += alike.counts[i].count;
        }
        json_member_integer(writer, alike.counts[0].use.operation, (int64_t)count);
    }
    json_close_object(writer);
}

static void write_callers(struct request *request, struct uses uses)
{
    struct json_writer *writer = &request->writer;
    json_write_key(writer, "Callers");
    json_open_array(writer);
    while (uses.count > 0) {
        struct uses caller = take_alike(&uses, is_same_caller);
        const struct use *use = &caller.counts[0].use;
        json_open_object(writer);
        json_member_text(writer, "AccessKeyId",
                         caller_text_show(request->arena, use->access_key_id));
        json_member_text(writer, "UserAgent", caller_text_show(request->arena, use->user_agent));
        write_totals(writer, caller);
        write_operations(writer, caller);
        json_close_object(writer);
    }
    json_close_array(writer);
}

/* `index` is NULL for one that is not there: it is gone, or never was. */
static void write_index(struct request *request,
                        struct bytes name,
                        const struct index_definition *index,
                        struct uses uses)
{
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    json_member_text(writer, "IndexName", name);
    if (index != NULL) {
        json_member_text(writer, "IndexStatus", bytes_of_text(index_status_text(index)));
    }
    write_totals(writer, uses);
    write_callers(request, uses);
    json_close_object(writer);
}

/* Those of the index; `uses` is in the order of names. */
static struct uses find_index_uses(struct uses uses, struct bytes name)
{
    while (uses.count > 0) {
        struct uses alike = take_alike(&uses, is_same_index);
        if (bytes_equal(alike.counts[0].use.index_name, name)) {
            return alike;
        }
    }
    return uses;
}

static void write_indexes(struct request *request, struct table_definition *table, struct uses uses)
{
    json_write_key(&request->writer, "Indexes");
    json_open_array(&request->writer);
    for (size_t i = 0; i < table->index_count; i++) {
        struct bytes name = table->indexes[i].name;
        write_index(request, name, &table->indexes[i], find_index_uses(uses, name));
    }
    while (uses.count > 0) {
        struct uses alike = take_alike(&uses, is_same_index);
        struct bytes name = alike.counts[0].use.index_name;
        if (name.length > 0 && table_find_index(table, name) == NULL) {
            write_index(request, name, NULL, alike);
        }
    }
    json_close_array(&request->writer);
}

static void write_table(struct request *request, struct table_definition *table)
{
    struct readers *readers = request->api->rehearsal.readers;
    struct json_writer *writer = &request->writer;
    struct uses uses;
    uses.counts = readers_counts(readers, request->arena, table->qualified_name, &uses.count);
    struct uses own = find_index_uses(uses, BYTES(""));
    int64_t since_ms = readers_since(readers, table->qualified_name);
    json_open_object(writer);
    json_member_text(writer, "TableName", table->name);
    json_member_seconds(writer, "Since",
                        since_ms > table->created_ms ? since_ms : table->created_ms);
    write_totals(writer, own);
    write_callers(request, own);
    write_indexes(request, table, uses);
    json_close_object(writer);
}

/* Something to do with each table of the world. */
static void visit_tables(struct request *request,
                         void (*visit)(struct request *request, struct table_definition *table))
{
    bool more = false;
    struct catalog_range range = { .world = request->world, .limit = DATABASE_COUNT_MAX };
    struct bytes *names = arena_alloc(request->arena, DATABASE_COUNT_MAX * sizeof *names);
    size_t count = catalog_names(request->txn, request->arena, &range, names, &more);
    for (size_t i = 0; i < count; i++) {
        struct table_definition *table =
            catalog_find(request->txn, request->arena, request_qualified_name(request, names[i]));
        if (table != NULL) {
            visit(request, table);
        }
    }
}

bool control_show_readers(struct control *control)
{
    struct request *request = &control->request;
    struct bytes table_name = control_query_value(control, BYTES("TableName"));
    struct table_definition *table = NULL;
    if (table_name.length > 0) {
        table = request_table(request, table_name);
        if (table == NULL) {
            return false;
        }
    }
    json_open_object(&request->writer);
    json_write_key(&request->writer, "Tables");
    json_open_array(&request->writer);
    if (table != NULL) {
        write_table(request, table);
    } else {
        visit_tables(request, write_table);
    }
    json_close_array(&request->writer);
    json_close_object(&request->writer);
    return true;
}

static void reset_table(struct request *request, struct table_definition *table)
{
    readers_reset(request->api->rehearsal.readers, table->qualified_name, request->now_ms);
}

bool control_reset_readers(struct control *control)
{
    struct request *request = &control->request;
    struct timeline_event event = rehearsal_event(request, TIMELINE_READERS_RESET);
    if (request_has(request, "TableName")) {
        struct table_definition *table = request_table(request, request_text(request, "TableName"));
        if (table == NULL) {
            return false;
        }
        event.table_name = table->qualified_name;
        reset_table(request, table);
    } else {
        visit_tables(request, reset_table);
    }
    timeline_tell(request->api->rehearsal.timeline, request->arena, &event);
    return control_reply_empty(request);
}
