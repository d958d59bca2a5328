/* What the operations on continuous backups share. */

#ifndef REHEARSEDB_API_TABLES_BACKUPS_DESCRIPTION_H
#define REHEARSEDB_API_TABLES_BACKUPS_DESCRIPTION_H

#include "api/request.h"
#include "storage/table/continuous_backups.h"

/* The table of the request, whatever its state; else TableNotFoundException and NULL. */
const struct table_definition *request_backup_table(struct request *request);

/* A new table can be backed up only a while after it is ACTIVE. */
bool backups_are_ready(struct request *request, const struct table_definition *table);

/* The whole reply: ContinuousBackupsDescription. */
void backups_description_write(struct request *request,
                               const struct table_definition *table,
                               const struct continuous_backups *backups);

#endif
