/*
 * LocalSecondaryIndexes and GlobalSecondaryIndexes of CreateTable: shapes as data, and from JSON to
 * definitions. The order of the checks is the service's: every local index in the order of the
 * list, their number, then the same for the global ones; of an index its key schema, projection,
 * throughput, name.
 *
 * Functions return false after api_fail.
 */

#ifndef REHEARSEDB_API_TABLES_NEW_INDEXES_H
#define REHEARSEDB_API_TABLES_NEW_INDEXES_H

#include "api/tables/table_input.h"

extern const struct shape SHAPE_NEW_LSIS;
extern const struct shape SHAPE_NEW_GSIS;

/* Far past every limit: refused before anything compares all with all. */
bool new_indexes_check_counts(struct request *request);

/* Fills in the indexes of `table`, whose key and billing mode are known. */
bool new_indexes_of_request(struct request *request,
                            const struct definitions *definitions,
                            struct table_definition *table);

#endif
