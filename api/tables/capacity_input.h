/*
 * What CreateTable and UpdateTable take of capacity: provisioned throughput, on-demand limits, warm
 * throughput, of a table or an index. Shapes as data, and the service's own checks.
 *
 * Functions that check return false after api_fail. The index an error names is given by its name;
 * an empty name means the table.
 *
 * Sources: the texts as measured on the service (docs/compatibility.md), the limits from the
 * developer guide, "Quotas".
 */

#ifndef REHEARSEDB_API_TABLES_CAPACITY_INPUT_H
#define REHEARSEDB_API_TABLES_CAPACITY_INPUT_H

#include "api/request.h"
#include "api/shape.h"

extern const struct shape SHAPE_THROUGHPUT;
extern const struct shape SHAPE_ON_DEMAND_THROUGHPUT;
extern const struct shape SHAPE_WARM_THROUGHPUT;

/* ReadCapacityUnits and WriteCapacityUnits; false when either is out of bounds. */
bool throughput_of_json(struct request *request,
                        const struct cJSON *node,
                        struct throughput *out_throughput);

/* Units of a table or index beyond the account's maximum for one: LimitExceededException. */
bool throughput_check_maximum(struct request *request,
                              struct throughput throughput,
                              struct bytes index_name);

/*
 * OnDemandThroughput of CreateTable and of a new index, `node` NULL: none. `capacity` gets the
 * limits.
 */
bool on_demand_limits_of_json(struct request *request,
                              const struct cJSON *node,
                              bool is_on_demand,
                              struct bytes index_name,
                              struct capacity *capacity);

/*
 * OnDemandThroughput of a change: members that are absent keep their value, -1 removes one (and is
 * what `capacity` gets: see capacity_drop_removed). False also for an empty structure, an
 * InternalFailure as on the service.
 */
bool on_demand_limits_merge(struct request *request,
                            const struct cJSON *node,
                            bool is_on_demand,
                            struct bytes index_name,
                            struct capacity *capacity);

/* After the reply, which shows it: a limit of -1 is none. */
void capacity_drop_removed(struct capacity *capacity);

/* WarmThroughput of CreateTable and of a new index; NULL: none. */
bool warm_throughput_of_json(struct request *request,
                             const struct cJSON *node,
                             bool is_on_demand,
                             struct bytes index_name,
                             struct capacity *capacity);

/* WarmThroughput of a change: what it is to become, absent members as they are. */
bool warm_throughput_of_change(struct request *request,
                               const struct cJSON *node,
                               struct bytes index_name,
                               const struct capacity *capacity,
                               struct warm_throughput *out_wanted);

#endif
