/*
 * Changes of a table or index that UpdateTable begins and time alone ends: throughput, billing
 * mode, stream, encryption, table class, warm throughput. (How tables and indexes come and go:
 * storage/table/lifecycle.h.)
 *
 * A change keeps what it comes from and what it leads to until its due time, since the service
 * describes the old values until then; where it describes the new ones at once, they are set at
 * once and the due time alone is kept. As with the lifecycle, the functions fill in the definition
 * and leave the writing back to the caller.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_TABLE_CHANGES_H
#define REHEARSEDB_STORAGE_TABLE_TABLE_CHANGES_H

#include "storage/base/durations.h"
#include "storage/table/table_definition.h"

/* What a table or index on demand is ready for without being asked; measured. */
enum { WARM_ON_DEMAND_READ_UNITS = 12000, WARM_ON_DEMAND_WRITE_UNITS = 4000 };

#define CHANGES_NEVER INT64_MAX

/* The decreases that count on the day (UTC) of `now_ms`. */
uint32_t throughput_decreases_today(const struct throughput *throughput, int64_t now_ms);

/* At creation: ready for what it has, or for more when that was asked for already. */
void warm_throughput_begin(struct capacity *capacity, bool is_on_demand);

/* Old values until done. */
void table_begin_throughput(struct table_definition *table,
                            struct throughput wanted,
                            const struct durations *durations,
                            int64_t now_ms);
void index_begin_update(struct index_definition *index,
                        struct throughput wanted,
                        const struct durations *durations,
                        int64_t now_ms);

/* OnDemandThroughput of an index is in force at once, though the index is UPDATING for a while. */
void index_begin_on_demand_update(struct index_definition *index,
                                  const struct durations *durations,
                                  int64_t now_ms);

/*
 * To the other billing mode; new values at once. To provisioned: the table's own throughput is
 * `wanted`, that of the indexes the caller's to set (index_begin_switch).
 */
void table_begin_provisioned(struct table_definition *table,
                             struct throughput wanted,
                             const struct durations *durations,
                             int64_t now_ms);
void index_begin_switch(struct index_definition *index,
                        struct throughput wanted,
                        const struct durations *durations,
                        int64_t now_ms);
void table_begin_on_demand(struct table_definition *table,
                           const struct durations *durations,
                           int64_t now_ms);

/* New values at once. */
void table_begin_stream(struct table_definition *table,
                        bool is_enabled,
                        enum stream_view view,
                        const struct durations *durations,
                        int64_t now_ms);

/* Old values until done. A change of class has the global indexes UPDATING as well. */
void table_begin_class(struct table_definition *table,
                       enum table_class wanted,
                       const struct durations *durations,
                       int64_t now_ms);
void table_begin_encryption(struct table_definition *table,
                            bool is_enabled,
                            struct bytes key_arn,
                            const struct durations *durations,
                            int64_t now_ms);
void capacity_begin_warm(struct capacity *capacity,
                         int64_t read_units,
                         int64_t write_units,
                         const struct durations *durations,
                         int64_t now_ms);

/* Ends every change that is due. */
void table_settle_changes(struct table_definition *table, int64_t now_ms);

/* When the next change is due; CHANGES_NEVER. */
int64_t table_next_change_ms(const struct table_definition *table);

#endif
