/*
 * What the settings beside a table's definition (storage/table/table_settings.h) and the table let
 * each other do. Functions return false after api_fail.
 */

#ifndef REHEARSEDB_API_TABLES_SETTING_ADMISSION_H
#define REHEARSEDB_API_TABLES_SETTING_ADMISSION_H

#include "api/request.h"

/* Whether the table is neither CREATING nor DELETING. */
bool table_admits_setting(struct request *request, const struct table_definition *table);

/* Whether no setting is being changed that a table cannot be deleted with. */
bool settings_admit_delete(struct request *request, const struct table_definition *table);

#endif
