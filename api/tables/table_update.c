#include "api/tables/table_update.h"

#include "api/internal.h"
#include "api/limits.h"
#include "api/tables/capacity_input.h"
#include "storage/base/time_text.h"
#include "storage/table/table_changes.h"

#define DAY_MS INT64_C(86400000)

static int64_t sooner(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

bool table_update_touches_iops(const struct table_update *update,
                               const struct table_definition *table)
{
    return update->throughput != NULL ||
           (update->has_billing && !(update->wants_on_demand && table->billing.is_on_demand));
}

bool table_update_is_on_demand(const struct table_update *update,
                               const struct table_definition *table)
{
    return update->has_billing ? update->wants_on_demand : table->billing.is_on_demand;
}

bool table_update_provisions(const struct table_update *update,
                             const struct table_definition *table)
{
    return update->has_billing && !update->wants_on_demand && table->billing.is_on_demand;
}

/* ---- throughput ---- */

static bool
check_decrease(struct request *request, const struct throughput *current, struct throughput wanted)
{
    uint32_t decreases = throughput_decreases_today(current, request->now_ms);
    bool is_decrease =
        wanted.read_units < current->read_units || wanted.write_units < current->write_units;
    int64_t next_ms = current->last_decrease_ms + LIMIT_THROUGHPUT_DECREASE_MS;
    int64_t midnight_ms = (request->now_ms / DAY_MS + 1) * DAY_MS;
    if (!is_decrease || decreases < LIMIT_THROUGHPUT_DECREASES || request->now_ms >= next_ms) {
        return true;
    }
    struct buffer text;
    buffer_init(&text, request->arena, 512);
    buffer_append_format(
        &text,
        "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given "
        "UTC day. After the first %d decreases, each subsequent decrease in the same UTC day can "
        "be performed at most once every %d seconds. Number of decreases today: %u. Last decrease "
        "at ",
        LIMIT_THROUGHPUT_DECREASES, LIMIT_THROUGHPUT_DECREASE_MS / 1000, decreases);
    time_append_long(&text, current->last_decrease_ms);
    buffer_append_text(&text, ". Next decrease can be made at ");
    time_append_long(&text, sooner(next_ms, midnight_ms));
    return api_fail_text(request, API_LIMIT_EXCEEDED, buffer_view(&text));
}

static bool fail_unchanged(struct request *request,
                           const struct throughput *current,
                           struct throughput wanted,
                           struct bytes index_name)
{
    bool is_index = index_name.length > 0;
    struct buffer owner;
    buffer_init(&owner, request->arena, 64);
    buffer_append_text(&owner, is_index ? "index " : "the table");
    buffer_append_bytes(&owner, index_name);
    struct bytes text = buffer_view(&owner);
    return api_fail(
        request, API_VALIDATION,
        "The provisioned throughput for %s%.*s will not change. The requested value equals the "
        "current value. Current ReadCapacityUnits provisioned for %.*s: %lld. Requested "
        "ReadCapacityUnits: %lld. Current WriteCapacityUnits provisioned for %.*s: %lld. "
        "Requested WriteCapacityUnits: %lld. Refer to the Amazon DynamoDB Developer Guide for "
        "current limits and how to request higher limits.",
        is_index ? "the " : "", BYTES_ARGUMENTS(text), BYTES_ARGUMENTS(text),
        (long long)current->read_units, (long long)wanted.read_units, BYTES_ARGUMENTS(text),
        (long long)current->write_units, (long long)wanted.write_units);
}

bool throughput_check_change(struct request *request,
                             const struct throughput *current,
                             struct throughput wanted,
                             struct bytes index_name)
{
    if (wanted.read_units == current->read_units && wanted.write_units == current->write_units) {
        return fail_unchanged(request, current, wanted, index_name);
    }
    return throughput_check_maximum(request, wanted, index_name) &&
           check_decrease(request, current, wanted);
}

static bool change_throughput(struct request *request,
                              const struct table_update *update,
                              struct table_definition *table)
{
    struct throughput wanted;
    if (table->billing.is_on_demand) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Neither ReadCapacityUnits nor WriteCapacityUnits can be "
                                          "specified when BillingMode is PAY_PER_REQUEST");
    }
    if (!throughput_of_json(request, update->throughput, &wanted) ||
        !throughput_check_change(request, &table->capacity.throughput, wanted, BYTES(""))) {
        return false;
    }
    table_begin_throughput(table, wanted, &request->storage->durations, request->now_ms);
    return true;
}

/* ---- billing mode ---- */

static bool has_throughput_for(const struct table_update *update, struct bytes index_name)
{
    for (size_t i = 0; i < update->index_count; i++) {
        const struct index_change *change = &update->indexes[i];
        if (change->action == INDEX_ACTION_UPDATE && bytes_equal(change->index_name, index_name) &&
            json_member(change->input, "ProvisionedThroughput") != NULL) {
            return true;
        }
    }
    return false;
}

/* Nothing is assigned by itself: every global index needs an Update in the same call. */
static bool check_index_throughputs(struct request *request,
                                    const struct table_update *update,
                                    const struct table_definition *table)
{
    struct buffer missing;
    buffer_init(&missing, request->arena, 128);
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        if (!index->is_local && !has_throughput_for(update, index->name)) {
            buffer_append_text(&missing, missing.length > 0 ? "," : "");
            buffer_append_bytes(&missing, index->name);
        }
    }
    return missing.length == 0 ||
           api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER "ProvisionedThroughput must be specified for index: %.*s",
                    BYTES_ARGUMENTS(buffer_view(&missing)));
}

static bool provision(struct request *request,
                      const struct table_update *update,
                      struct table_definition *table)
{
    struct throughput wanted;
    if (!check_index_throughputs(request, update, table) ||
        !throughput_of_json(request, update->throughput, &wanted) ||
        !throughput_check_maximum(request, wanted, BYTES(""))) {
        return false;
    }
    table_begin_provisioned(table, wanted, &request->storage->durations, request->now_ms);
    return true;
}

static bool change_iops(struct request *request,
                        const struct table_update *update,
                        struct table_definition *table)
{
    if (!table_update_touches_iops(update, table)) {
        return true;
    }
    if (table_update_provisions(update, table)) {
        return provision(request, update, table);
    }
    if (update->has_billing && update->wants_on_demand) {
        table_begin_on_demand(table, &request->storage->durations, request->now_ms);
        return true;
    }
    return change_throughput(request, update, table);
}

/* ---- stream, encryption, class ---- */

static bool change_stream(struct request *request,
                          const struct table_update *update,
                          struct table_definition *table)
{
    bool wanted = update->stream.is_enabled;
    if (!update->has_stream) {
        return true;
    }
    if (wanted == table->stream.is_enabled) {
        return api_fail(request, API_VALIDATION, "Table %s: TableName: %.*s",
                        wanted ? "already has an enabled stream" : "has no stream to disable",
                        BYTES_ARGUMENTS(table->name));
    }
    table_begin_stream(table, wanted, update->stream.view, &request->storage->durations,
                       request->now_ms);
    return true;
}

static void append_zulu_time(struct buffer *to, int64_t time_ms)
{
    time_append_iso(to, time_ms);
    buffer_append_text(to, "Z");
}

static bool check_encryption_changes(struct request *request, const struct encryption *encryption)
{
    int64_t now_ms = request->now_ms;
    bool in_window = encryption->window_ms != 0 && now_ms - encryption->window_ms < DAY_MS;
    if (!in_window || encryption->changes < LIMIT_ENCRYPTION_CHANGES ||
        now_ms - encryption->changed_ms >= LIMIT_ENCRYPTION_CHANGE_MS) {
        return true;
    }
    struct buffer text;
    buffer_init(&text, request->arena, 512);
    buffer_append_text(&text, "Subscriber limit exceeded: Encryption mode changes are limited in "
                              "the 24h window ending at ");
    append_zulu_time(&text, encryption->window_ms + DAY_MS);
    buffer_append_format(&text,
                         ". After the first %d change, each subsequent change in the same window "
                         "can be performed at most once every %d seconds. Number of updates today: "
                         "%u. Last change at ",
                         LIMIT_ENCRYPTION_CHANGES, LIMIT_ENCRYPTION_CHANGE_MS / 1000,
                         encryption->changes);
    append_zulu_time(&text, encryption->changed_ms);
    buffer_append_text(&text, ". Next changes can be made at ");
    append_zulu_time(&text, sooner(encryption->changed_ms + LIMIT_ENCRYPTION_CHANGE_MS,
                                   encryption->window_ms + DAY_MS));
    buffer_append_text(&text, ".");
    return api_fail_text(request, API_LIMIT_EXCEEDED, buffer_view(&text));
}

static bool change_encryption(struct request *request,
                              const struct table_update *update,
                              struct table_definition *table)
{
    const struct encryption_input *wanted = &update->encryption;
    struct encryption *encryption = &table->encryption;
    if (!update->has_encryption || encryption->due_ms != 0) {
        return true; /* under way: only the same once more comes here */
    }
    if (!wanted->is_enabled && !encryption->is_enabled) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Table is already encrypted by default");
    }
    if (wanted->is_enabled && encryption->is_enabled && wanted->is_key_arn &&
        bytes_equal(wanted->key_arn, encryption->key_arn)) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Table is already encrypted with given KMSMasterKeyId. "
                                          "Use KMSMasterKeyId parameter if you want to change "
                                          "Master Key");
    }
    if (!check_encryption_changes(request, encryption)) {
        return false;
    }
    table_begin_encryption(table, wanted->is_enabled,
                           wanted->is_enabled ? wanted->key_arn : BYTES(""),
                           &request->storage->durations, request->now_ms);
    return true;
}

static enum table_class effective(enum table_class table_class)
{
    return table_class == TABLE_CLASS_UNSET ? TABLE_CLASS_STANDARD : table_class;
}

static bool change_class(struct request *request,
                         const struct table_update *update,
                         struct table_definition *table)
{
    const struct table_class_settings *current = &table->table_class;
    int64_t month_ms = LIMIT_TABLE_CLASS_DAYS * DAY_MS;
    if (update->table_class == TABLE_CLASS_UNSET) {
        return true;
    }
    if (current->changed_before_ms != 0 &&
        request->now_ms - current->changed_before_ms < month_ms) {
        return api_fail(request, API_LIMIT_EXCEEDED,
                        "Subscriber limit exceeded: Updates to TableClass are limited to 2 times "
                        "in %d day(s).",
                        LIMIT_TABLE_CLASS_DAYS);
    }
    if (update->table_class != effective(current->value)) {
        table_begin_class(table, update->table_class, &request->storage->durations,
                          request->now_ms);
    }
    return true;
}

/* ---- limits, warm throughput, protection ---- */

static bool change_on_demand(struct request *request,
                             const struct table_update *update,
                             struct table_definition *table)
{
    return update->on_demand == NULL ||
           on_demand_limits_merge(request, update->on_demand,
                                  table_update_is_on_demand(update, table), BYTES(""),
                                  &table->capacity);
}

static bool change_warm(struct request *request,
                        const struct table_update *update,
                        struct table_definition *table)
{
    struct warm_throughput wanted;
    if (update->warm == NULL) {
        return true;
    }
    if (!warm_throughput_of_change(request, update->warm, BYTES(""), &table->capacity, &wanted)) {
        return false;
    }
    capacity_begin_warm(&table->capacity, wanted.pending_read_units, wanted.pending_write_units,
                        &request->storage->durations, request->now_ms);
    return true;
}

static bool change_protection(struct request *request,
                              const struct table_update *update,
                              struct table_definition *table)
{
    int64_t pause_ms = request->storage->durations.protection_pause_ms;
    if (!update->has_protection) {
        return true;
    }
    if (table->protection_changed_ms != 0 &&
        request->now_ms - table->protection_changed_ms < pause_ms) {
        struct buffer text;
        buffer_init(&text, request->arena, 256);
        buffer_append_format(&text,
                             "Deletion protection setting for table %.*s modified within the "
                             "previous %lld milliseconds. Please try again after ",
                             BYTES_ARGUMENTS(table->name), (long long)pause_ms);
        append_zulu_time(&text, table->protection_changed_ms + pause_ms);
        return api_fail_text(request, API_THROTTLING, buffer_view(&text));
    }
    if (table->is_deletion_protected != update->wants_protection) {
        table->protection_changed_ms = request->now_ms;
    }
    table->is_deletion_protected = update->wants_protection;
    return true;
}

bool table_update_apply(struct request *request,
                        const struct table_update *update,
                        struct table_definition *table)
{
    if (update->has_nothing) {
        return api_fail(request, API_INTERNAL_FAILURE, "%s", ""); /* measured */
    }
    return change_iops(request, update, table) && change_stream(request, update, table) &&
           change_encryption(request, update, table) && change_class(request, update, table) &&
           change_on_demand(request, update, table) && change_warm(request, update, table) &&
           change_protection(request, update, table);
}

const char *table_update_reply_status(const struct table_update *update,
                                      const struct table_definition *table)
{
    if (update->has_encryption) {
        return "ACTIVE"; /* whatever else is under way; measured */
    }
    bool is_same_mode = update->has_billing && !table_update_touches_iops(update, table);
    bool is_same_class = update->table_class != TABLE_CLASS_UNSET;
    return is_same_mode || is_same_class ? "UPDATING" : NULL;
}
