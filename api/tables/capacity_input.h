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
 * OnDemandThroughput and WarmThroughput of a new table or index, whose provisioned throughput
 * `capacity` has already. An empty structure is taken for none.
 */
bool capacity_of_json(struct request *request,
                      const struct cJSON *input,
                      bool is_on_demand,
                      struct bytes index_name,
                      struct capacity *capacity);

/* What a new table or index asks for beyond the account's quotas: LimitExceededException. */
bool capacity_check_quotas(struct request *request,
                           const struct capacity *capacity,
                           struct bytes index_name);

/* Whether the structure has a member that it is made for; not when there is none (NULL). */
bool on_demand_limits_are_given(const struct cJSON *node);
bool warm_throughput_is_given(const struct cJSON *node);

/*
 * OnDemandThroughput of a change: members that are absent keep their value, -1 removes one (and is
 * what `capacity` gets: see capacity_drop_removed).
 */
bool on_demand_limits_merge(struct request *request,
                            const struct cJSON *node,
                            bool is_on_demand,
                            struct bytes index_name,
                            struct capacity *capacity);

/* After the reply, which shows it: a limit of -1 is none. */
void capacity_drop_removed(struct capacity *capacity);

/* WarmThroughput of a change: what it is to become, absent members as they are. */
bool warm_throughput_of_change(struct request *request,
                               const struct cJSON *node,
                               struct bytes index_name,
                               const struct capacity *capacity,
                               struct warm_throughput *out_wanted);

#endif
