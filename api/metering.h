/*
 * What a call that is complete and committed adds to the metrics (storage/metrics/metrics.h): what
 * it consumed of tables and indexes, how long it took, how it failed. Developer guide, "DynamoDB
 * metrics and dimensions", says which metric counts what.
 */

#ifndef REHEARSEDB_API_METERING_H
#define REHEARSEDB_API_METERING_H

struct operation;
struct request;

/* Once a call, when its reply or error is final. `operation` is NULL when it was not found. */
void metering_record(struct request *request, const struct operation *operation);

#endif
