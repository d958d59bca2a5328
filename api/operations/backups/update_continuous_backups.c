#include "api/operations.h"
#include "api/shape.h"
#include "api/tables/backups_description.h"

static const struct shape RECOVERY_PERIOD = { .kind = SHAPE_INTEGER,
                                              .range = { 1, RECOVERY_PERIOD_DAYS_MAX } };
static const struct member SPECIFICATION_MEMBERS[] = {
    { "PointInTimeRecoveryEnabled", &SHAPE_ANY_BOOLEAN, REQUIRED },
    { "RecoveryPeriodInDays", &RECOVERY_PERIOD, OPTIONAL },
};
static const struct shape SPECIFICATION =
    SHAPE_STRUCTURE_OF("PointInTimeRecoverySpecification", SPECIFICATION_MEMBERS);
static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "PointInTimeRecoverySpecification", &SPECIFICATION, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateContinuousBackupsInput", MEMBERS);

static bool prepare(struct request *request)
{
    const struct cJSON *node = json_member(request->input, "PointInTimeRecoverySpecification");
    const struct cJSON *period = json_member(node, "RecoveryPeriodInDays");
    struct continuous_backups *plan = arena_alloc_zero(request->arena, sizeof *plan);
    plan->is_recoverable = shape_boolean(json_member(node, "PointInTimeRecoveryEnabled"));
    plan->recovery_days = period != NULL ? (uint8_t)json_integer(period) : RECOVERY_PERIOD_DAYS_MAX;
    request->plan = plan;
    if (!plan->is_recoverable && period != NULL) {
        return api_fail(request, API_VALIDATION,
                        "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling "
                        "point-in-time recovery.");
    }
    return true;
}

static bool run(struct request *request)
{
    struct continuous_backups next = *(const struct continuous_backups *)request->plan;
    const struct table_definition *table = request_backup_table(request);
    if (table == NULL) {
        return false;
    }
    if (!backups_are_ready(request, table)) {
        return api_fail(request, API_CONTINUOUS_BACKUPS_UNAVAILABLE,
                        "Backups are being enabled for the table: %.*s. Please retry later",
                        BYTES_ARGUMENTS(table->name));
    }
    struct continuous_backups now = continuous_backups_find(request->txn, table->qualified_name);
    next.recoverable_since_ms = now.is_recoverable ? now.recoverable_since_ms : request->now_ms;
    backups_description_write(request, table, &next);
    continuous_backups_put(request->txn, table->qualified_name, &next);
    return true;
}

const struct operation OPERATION_UPDATE_CONTINUOUS_BACKUPS = {
    .name = "UpdateContinuousBackups",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
