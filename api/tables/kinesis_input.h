/* What the operations on Kinesis destinations share. Functions return false after api_fail. */

#ifndef REHEARSEDB_API_TABLES_KINESIS_INPUT_H
#define REHEARSEDB_API_TABLES_KINESIS_INPUT_H

#include "api/request.h"
#include "api/shape.h"
#include "storage/table/kinesis_destinations.h"

extern const struct shape SHAPE_KINESIS_STREAM_ARN;
extern const struct shape SHAPE_KINESIS_CONFIGURATION;

const char *kinesis_status_name(enum kinesis_status status);

/* ApproximateCreationDateTimePrecision of a configuration; unset without one. */
enum kinesis_precision kinesis_precision_of_json(const struct cJSON *configuration);

/* "MILLISECOND", … */
const char *kinesis_precision_name(enum kinesis_precision precision);

/* The member; nothing when it is unset. */
void kinesis_write_precision(struct json_writer *writer, enum kinesis_precision precision);

/* "Table is not in a valid state to enable …: " and what is wrong, whatever was asked for. */
bool kinesis_fail_state(struct request *request, struct bytes text);

/* The reply of what changes a destination; `configuration` is the member that tells the precision,
 * or NULL. */
void kinesis_write_reply(struct request *request,
                         const struct table_definition *table,
                         const struct kinesis_destination *destination,
                         const char *configuration);

#endif
