#include "api/tables/backups_description.h"

#include "api/internal.h"

enum {
    RESTORABLE_LAG_MS = 300 * 1000, /* the last five minutes cannot be restored yet */
    DAY_MS = 24 * 60 * 60 * 1000,
};

const struct table_definition *request_backup_table(struct request *request)
{
    struct bytes name = request_table_name(request);
    const struct table_definition *table =
        catalog_find(request->txn, request->arena, request_qualified_name(request, name));
    if (table == NULL) {
        (void)api_fail(request, API_TABLE_NOT_FOUND, "Table not found: %.*s",
                       BYTES_ARGUMENTS(name));
    }
    return table;
}

bool backups_are_ready(struct request *request, const struct table_definition *table)
{
    const struct durations *durations = &request->storage->durations;
    int64_t active_ms =
        table->created_ms +
        (table->index_count > 0 ? durations->table_create_indexed_ms : durations->table_create_ms);
    return table->status != TABLE_CREATING &&
           request->now_ms >= active_ms + durations->backups_enable_ms;
}

static void write_recovery(struct request *request, const struct continuous_backups *backups)
{
    struct json_writer *writer = &request->writer;
    json_write_key(writer, "PointInTimeRecoveryDescription");
    json_open_object(writer);
    json_member_text(writer, "PointInTimeRecoveryStatus",
                     backups->is_recoverable ? BYTES("ENABLED") : BYTES("DISABLED"));
    if (backups->is_recoverable) {
        int64_t since_ms = backups->recoverable_since_ms;
        int64_t latest_ms = request->now_ms - RESTORABLE_LAG_MS;
        int64_t window_ms = request->now_ms - (int64_t)backups->recovery_days * DAY_MS;
        json_member_integer(writer, "RecoveryPeriodInDays", backups->recovery_days);
        json_member_seconds(writer, "EarliestRestorableDateTime",
                            window_ms > since_ms ? window_ms : since_ms);
        json_member_seconds(writer, "LatestRestorableDateTime",
                            latest_ms > since_ms ? latest_ms : since_ms);
    }
    json_close_object(writer);
}

/* ContinuousBackupsStatus is not the flag: it becomes ENABLED by itself. */
void backups_description_write(struct request *request,
                               const struct table_definition *table,
                               const struct continuous_backups *backups)
{
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    json_write_key(writer, "ContinuousBackupsDescription");
    json_open_object(writer);
    json_member_text(writer, "ContinuousBackupsStatus",
                     backups_are_ready(request, table) ? BYTES("ENABLED") : BYTES("DISABLED"));
    write_recovery(request, backups);
    json_close_object(writer);
    json_close_object(writer);
}
