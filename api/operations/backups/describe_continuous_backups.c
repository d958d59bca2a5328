#include "api/operations.h"
#include "api/shape.h"
#include "api/tables/backups_description.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DescribeContinuousBackupsInput", MEMBERS);

static bool run(struct request *request)
{
    const struct table_definition *table = request_backup_table(request);
    if (table == NULL) {
        return false;
    }
    struct continuous_backups backups =
        continuous_backups_find(request->txn, table->qualified_name);
    backups_description_write(request, table, &backups);
    return true;
}

const struct operation OPERATION_DESCRIBE_CONTINUOUS_BACKUPS = {
    .name = "DescribeContinuousBackups",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
