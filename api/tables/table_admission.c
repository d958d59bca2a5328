#include "api/tables/table_admission.h"

#include "api/internal.h"
#include "storage/base/time_text.h"

static bool check_status(struct request *request, const struct table_definition *table)
{
    if (table->status == TABLE_ACTIVE) {
        return true;
    }
    return api_fail(request, API_RESOURCE_IN_USE, IN_USE "Table is being %s: %.*s",
                    table->status == TABLE_CREATING ? "created" : "deleted",
                    BYTES_ARGUMENTS(table->name));
}

/* ---- indexes ---- */

/* Two blanks before "Table" here, one in the allocation text of Delete: both are the service's. */
static bool fail_index_in_use(struct request *request,
                              const char *what,
                              const struct table_definition *table,
                              const struct index_definition *index)
{
    return api_fail(request, API_RESOURCE_IN_USE, IN_USE "%s  Table: %.*s Index: %.*s", what,
                    BYTES_ARGUMENTS(table->name), BYTES_ARGUMENTS(index->name));
}

static bool check_index_state(struct request *request,
                              const struct table_definition *table,
                              const struct index_definition *index,
                              enum index_action action)
{
    switch (index->phase) {
    case INDEX_CREATING_WITH_TABLE:
    case INDEX_ALLOCATING:
        if (action == INDEX_ACTION_DELETE) {
            return api_fail(request, API_RESOURCE_IN_USE,
                            IN_USE "Index creation is in resource allocation phase. Retry deletion "
                                   "during backfilling phase or when the index is active. "
                                   "Table: %.*s Index: %.*s",
                            BYTES_ARGUMENTS(table->name), BYTES_ARGUMENTS(index->name));
        }
        return fail_index_in_use(request,
                                 action == INDEX_ACTION_CREATE
                                     ? "Index is being created."
                                     : "Index is being created but is not backfilling yet.",
                                 table, index);
    case INDEX_BACKFILLING:
        if (action == INDEX_ACTION_CREATE) {
            return fail_index_in_use(request, "Index is being created.", table, index);
        }
        break;
    case INDEX_DELETING:
        return fail_index_in_use(request, "Index is being deleted.", table, index);
    case INDEX_ACTIVE:
        break;
    }
    return action == INDEX_ACTION_CREATE || index->update_due_ms == 0 ||
           fail_index_in_use(request, "Index is being updated.", table, index);
}

static bool check_index_states(struct request *request,
                               struct table_definition *table,
                               const struct table_update *update)
{
    for (size_t i = 0; i < update->index_count; i++) {
        const struct index_change *change = &update->indexes[i];
        const struct index_definition *index = table_find_index(table, change->index_name);
        if (index != NULL && !index->is_local &&
            !check_index_state(request, table, index, change->action)) {
            return false;
        }
    }
    return true;
}

/*
 * At most one index is created or deleted at a time. The index that the call itself deletes in
 * mid-backfill is not counted: that is how a build is cancelled.
 */
static bool check_one_online_index(struct request *request,
                                   const struct table_definition *table,
                                   const struct table_update *update)
{
    size_t changing = 0;
    size_t asked = 0;
    struct bytes deleted = BYTES("");
    for (size_t i = 0; i < update->index_count; i++) {
        asked += update->indexes[i].action != INDEX_ACTION_UPDATE;
        if (update->indexes[i].action == INDEX_ACTION_DELETE) {
            deleted = update->indexes[i].index_name;
        }
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        bool is_changing = index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING ||
                           index->phase == INDEX_DELETING;
        changing += is_changing && !bytes_equal(index->name, deleted);
    }
    if (asked > 1 || (asked == 1 && changing > 0)) {
        return api_fail(request, API_LIMIT_EXCEEDED, ONE_ONLINE_INDEX);
    }
    return true;
}

/* ---- what else is under way ---- */

/* "[a, b]": the indexes in that phase; empty when there are none. */
static struct bytes
indexes_in(struct request *request, const struct table_definition *table, enum index_phase phase)
{
    struct bytes *names = arena_alloc(request->arena, table->index_count * sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].phase == phase) {
            names[count++] = table->indexes[i].name;
        }
    }
    return count > 0 ? names_text(request->arena, names, count) : BYTES("");
}

/* `what` is "Can't change table IOPS" and the like. */
static bool check_no_index_moves(struct request *request,
                                 const struct table_definition *table,
                                 const char *what)
{
    struct bytes created = indexes_in(request, table, INDEX_ALLOCATING);
    struct bytes deleted = indexes_in(request, table, INDEX_DELETING);
    if (created.length == 0 && deleted.length == 0) {
        return true;
    }
    bool is_created = created.length > 0;
    return api_fail(request, API_RESOURCE_IN_USE,
                    IN_USE "%s when an index is being %s. Table: %.*s Indexes: %.*s", what,
                    is_created ? "created" : "deleted", BYTES_ARGUMENTS(table->name),
                    BYTES_ARGUMENTS(is_created ? created : deleted));
}

static bool check_no_iops_update(struct request *request,
                                 const struct table_definition *table,
                                 const char *what)
{
    return table->billing.due_ms == 0 ||
           api_fail(request, API_RESOURCE_IN_USE,
                    IN_USE "%s while table IOPS are being updated. Table: %.*s", what,
                    BYTES_ARGUMENTS(table->name));
}

/* "Table: T Stream: LABEL Operation: ENABLE", as the texts about a stream that changes end. */
static struct bytes stream_text(struct request *request, const struct table_definition *table)
{
    struct buffer text;
    buffer_init(&text, request->arena, 128);
    buffer_append_format(&text, "Table: %.*s Stream: ", BYTES_ARGUMENTS(table->name));
    time_append_iso(&text, table->stream.label_ms);
    buffer_append_format(&text, " Operation: %s", table->stream.is_enabled ? "ENABLE" : "DISABLE");
    return buffer_view(&text);
}

static bool check_no_stream_update(struct request *request,
                                   const struct table_definition *table,
                                   const char *what)
{
    return table->stream.due_ms == 0 ||
           api_fail(request, API_RESOURCE_IN_USE,
                    IN_USE "%s when stream status is being updated. %.*s", what,
                    BYTES_ARGUMENTS(stream_text(request, table)));
}

static bool check_no_class_update(struct request *request,
                                  const struct table_definition *table,
                                  const char *what)
{
    return table->table_class.due_ms == 0 ||
           api_fail(request, API_RESOURCE_IN_USE,
                    IN_USE "%s when a table class update is in progress. Table: %.*s "
                           "TableClassUpdateInProgress: %s",
                    what, BYTES_ARGUMENTS(table->name),
                    table_class_name(table->table_class.pending));
}

static bool admits_iops(struct request *request, const struct table_definition *table)
{
    static const char what[] = "Can't change table IOPS";
    if (!check_no_index_moves(request, table, what)) {
        return false;
    }
    if (table->billing.due_ms != 0) {
        return api_fail(request, API_RESOURCE_IN_USE,
                        IN_USE "Table IOPS are currently being updated. Table: %.*s",
                        BYTES_ARGUMENTS(table->name));
    }
    return check_no_stream_update(request, table, what) &&
           check_no_class_update(request, table, what);
}

static bool admits_stream(struct request *request, const struct table_definition *table)
{
    static const char what[] = "Can't change stream status";
    if (!check_no_index_moves(request, table, what) ||
        !check_no_iops_update(request, table, "Can't enable or disable stream")) {
        return false;
    }
    if (table->stream.due_ms != 0) {
        return api_fail(request, API_RESOURCE_IN_USE,
                        IN_USE "A stream status change is currently in progress. %.*s",
                        BYTES_ARGUMENTS(stream_text(request, table)));
    }
    return check_no_class_update(request, table, what);
}

static bool admits_class(struct request *request, const struct table_definition *table)
{
    static const char what[] = "Can't update table class";
    return check_no_index_moves(request, table, what) &&
           check_no_iops_update(request, table, what) &&
           check_no_stream_update(request, table, what) &&
           check_no_class_update(request, table, what);
}

static bool admits_index_moves(struct request *request, const struct table_definition *table)
{
    static const char what[] = "Can't create or delete an index";
    return check_no_iops_update(request, table, "Can't create or delete indexes") &&
           check_no_stream_update(request, table, what) &&
           check_no_class_update(request, table, what);
}

/* On a provisioned table the limits themselves are at fault, which is told instead. */
static bool admits_on_demand(struct request *request, const struct table_definition *table)
{
    struct bytes created = indexes_in(request, table, INDEX_ALLOCATING);
    struct bytes deleted = indexes_in(request, table, INDEX_DELETING);
    struct bytes moving = created.length > 0 ? created : deleted;
    if (!table->billing.is_on_demand) {
        return true;
    }
    if (moving.length > 0) {
        return api_fail(request, API_RESOURCE_IN_USE,
                        IN_USE "OnDemandThroughput cannot be updated while index %s is in progress "
                               "for indexes: %.*s",
                        created.length > 0 ? "creation" : "deletion", BYTES_ARGUMENTS(moving));
    }
    if (table->billing.due_ms != 0) {
        return api_fail(request, API_RESOURCE_IN_USE,
                        IN_USE "OnDemandThroughput cannot be updated while BillingMode update is "
                               "in progress");
    }
    if (table->stream.due_ms != 0) {
        return api_fail(request, API_RESOURCE_IN_USE,
                        IN_USE "OnDemandThroughput cannot be updated while stream status update is "
                               "in progress");
    }
    return table->table_class.due_ms == 0 ||
           api_fail(request, API_RESOURCE_IN_USE,
                    IN_USE "OnDemandThroughput cannot be updated while TableClass update is in "
                           "progress. TableClassUpdateInProgress: %s",
                    table_class_name(table->table_class.pending));
}

/* A state conflict that the service reports as its own failure; measured. */
static bool admits_warm(struct request *request, const struct table_definition *table)
{
    return indexes_in(request, table, INDEX_ALLOCATING).length == 0 ||
           api_fail(request, API_INTERNAL_SERVER_ERROR,
                    "Table is under system maintenance, please try again later");
}

/* The same change once more is welcome while it is under way. */
static bool admits_encryption(struct request *request,
                              const struct table_definition *table,
                              const struct encryption_input *wanted)
{
    const struct encryption *encryption = &table->encryption;
    bool is_same =
        wanted->is_enabled == encryption->pending_enabled &&
        (!wanted->is_enabled || bytes_equal(wanted->key_arn, encryption->pending_key_arn));
    return encryption->due_ms == 0 || is_same ||
           api_fail(request, API_RESOURCE_IN_USE,
                    IN_USE "Server-Side Encryption is still being updated");
}

static bool moves_index(const struct table_update *update)
{
    bool moves = false;
    for (size_t i = 0; !moves && i < update->index_count; i++) {
        moves = update->indexes[i].action != INDEX_ACTION_UPDATE;
    }
    return moves;
}

/* ---- all together ---- */

bool table_admits_update(struct request *request,
                         struct table_definition *table,
                         const struct table_update *update)
{
    return check_status(request, table) && check_index_states(request, table, update) &&
           check_one_online_index(request, table, update) &&
           (!moves_index(update) || admits_index_moves(request, table)) &&
           (!table_update_touches_iops(update, table) || admits_iops(request, table)) &&
           (!update->has_stream || admits_stream(request, table)) &&
           (!update->has_encryption || admits_encryption(request, table, &update->encryption)) &&
           (update->table_class == TABLE_CLASS_UNSET || admits_class(request, table)) &&
           (update->on_demand == NULL || admits_on_demand(request, table)) &&
           (update->warm == NULL || admits_warm(request, table));
}

static bool is_changing(const struct table_definition *table)
{
    bool changing = table->billing.due_ms != 0 || table->table_class.due_ms != 0 ||
                    table->encryption.due_ms != 0 || table->capacity.warm.due_ms != 0;
    for (size_t i = 0; !changing && i < table->index_count; i++) {
        changing = table->indexes[i].capacity.warm.due_ms != 0;
    }
    return changing;
}

/* ACTIVE or not: what is under way is told, not the status. */
bool table_admits_delete(struct request *request, const struct table_definition *table)
{
    if (!check_status(request, table)) {
        return false;
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        if (index->phase != INDEX_ACTIVE || index->update_due_ms != 0) {
            return api_fail(request, API_RESOURCE_IN_USE,
                            IN_USE "Cannot delete table while indexes are being created, updated, "
                                   "or deleted.");
        }
    }
    if (table->stream.due_ms != 0) {
        return api_fail(request, API_RESOURCE_IN_USE,
                        IN_USE "Cannot delete table while stream is being enabled/disabled.");
    }
    return !is_changing(table) || api_fail(request, API_RESOURCE_IN_USE,
                                           IN_USE "Table: %.*s is in the process of being updated.",
                                           BYTES_ARGUMENTS(table->name));
}
