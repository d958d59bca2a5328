/* tables/T: the state of a table and its indexes from inside; what the service shows nowhere. */

#include "api/control/control.h"
#include "api/tables/table_description.h"
#include "storage/items/backfill.h"
#include "storage/table/freezes.h"
#include "storage/table/lifecycle.h"

static const char *phase_text(const struct index_definition *index)
{
    switch (index->phase) {
    case INDEX_CREATING_WITH_TABLE:
    case INDEX_ALLOCATING:
        return "ALLOCATING";
    case INDEX_BACKFILLING:
        return "BACKFILLING";
    case INDEX_DELETING:
        return "DELETING";
    case INDEX_ACTIVE:
        break;
    }
    return "ACTIVE";
}

static void write_index(struct request *request,
                        const struct table_definition *table,
                        const struct index_definition *index)
{
    struct json_writer *writer = &request->writer;
    uint64_t total = txn_count(request->txn, table->database);
    struct backfill_progress progress = backfill_find(request->txn, index);
    bool is_building = index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING;
    uint64_t indexed = txn_count(request->txn, index->database);
    uint64_t scanned = is_building ? progress.items_scanned : total;
    uint64_t percent = total == 0 ? 100 : scanned * 100 / total;
    json_open_object(writer);
    json_member_text(writer, "IndexName", index->name);
    json_member_text(writer, "IndexStatus", bytes_of_text(index_status_text(index)));
    json_member_text(writer, "Phase", bytes_of_text(phase_text(index)));
    json_member_boolean(writer, "Held", index_is_held(request->txn, table, index));
    json_member_integer(writer, "ItemsTotal", (int64_t)total);
    json_member_integer(writer, "ItemsScanned", (int64_t)scanned);
    json_member_integer(writer, "ItemsIndexed", (int64_t)indexed);
    json_member_integer(writer, "ItemsSkipped",
                        (int64_t)(is_building       ? progress.items_skipped
                                  : indexed < total ? total - indexed
                                                    : 0));
    json_member_integer(writer, "PercentageProgress", (int64_t)(percent > 100 ? 100 : percent));
    json_member_integer(writer, "SizeBytes", (int64_t)database_size(request->txn, index->database));
    json_close_object(writer);
}

bool control_show_table(struct control *control)
{
    struct request *request = &control->request;
    struct json_writer *writer = &request->writer;
    const struct table_definition *table = request_table(request, control->argument);
    if (table == NULL) {
        return false;
    }
    struct bytes error;
    bool is_frozen = freeze_find(request->txn, table->qualified_name, &error);
    json_open_object(writer);
    json_member_text(writer, "TableName", table->name);
    json_member_text(writer, "TableStatus", bytes_of_text(table_status_text(table)));
    json_member_boolean(writer, "Frozen", is_frozen);
    json_member_integer(writer, "ItemCount", (int64_t)txn_count(request->txn, table->database));
    json_member_integer(writer, "SizeBytes", (int64_t)database_size(request->txn, table->database));
    json_write_key(writer, "Indexes");
    json_open_array(writer);
    for (size_t i = 0; i < table->index_count; i++) {
        write_index(request, table, &table->indexes[i]);
    }
    json_close_array(writer);
    json_close_object(writer);
    return true;
}
