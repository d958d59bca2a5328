/* What the operations on contributor insights share. Functions return false after api_fail. */

#ifndef REHEARSEDB_API_TABLES_INSIGHTS_INPUT_H
#define REHEARSEDB_API_TABLES_INSIGHTS_INPUT_H

#include "api/request.h"
#include "storage/table/contributor_insights.h"

/* IndexName of the request, which has a text of its own for its length. */
bool insights_check_index_name(struct request *request);

/* The table of the request, and of its index if one is named: a global one that is past its
 * allocation. */
bool insights_find_target(struct request *request,
                          struct table_definition **out_table,
                          const struct index_definition **out_index);

const char *insights_status_name(enum insights_status status);
const char *insights_mode_name(enum insights_mode mode);

/* TableName and, of an index, IndexName. */
void insights_write_target(struct json_writer *writer, struct bytes table, struct bytes index);

#endif
