/*
 * Global tables as they are asked about here, where no table has a replica: shapes as data and the
 * service's words for a table that has none. Functions return false after api_fail.
 */

#ifndef REHEARSEDB_API_TABLES_GLOBAL_TABLE_INPUT_H
#define REHEARSEDB_API_TABLES_GLOBAL_TABLE_INPUT_H

#include "api/request.h"
#include "api/shape.h"

extern const struct shape SHAPE_AUTO_SCALING_UPDATE;

/* GlobalTableName, which has a text of its own for its length. */
bool global_table_check_name(struct request *request);

/* GlobalTableNotFoundException. */
bool global_table_fail_not_found(struct request *request);

/* Of the version of 2017, which no region makes any more. */
bool global_table_fail_version(struct request *request);

/* "Global table with name: '…' does not exist." in the exception that the operation gives. */
bool global_table_fail_missing(struct request *request,
                               enum api_error_code code,
                               struct bytes name);

#endif
