/*
 * How long each change of a table, index or stack takes, in milliseconds of the clock: at the least
 * where it is work as well, else exactly. A profile is a set of them (server/config.c).
 */

#ifndef REHEARSEDB_STORAGE_BASE_DURATIONS_H
#define REHEARSEDB_STORAGE_BASE_DURATIONS_H

#include <stdint.h>

struct durations {
    int64_t table_create_ms;
    int64_t table_create_indexed_ms; /* with secondary indexes */
    int64_t table_update_ms;         /* provisioned throughput */
    int64_t table_delete_ms;
    int64_t index_allocate_ms;
    int64_t index_backfill_ms;
    int64_t index_update_ms;
    int64_t index_delete_ms;
    int64_t billing_provisioned_ms; /* from on-demand to provisioned */
    int64_t billing_on_demand_ms;   /* the other way, for the first time */
    int64_t billing_return_ms;      /* the same of a table that was on demand before */
    int64_t stream_update_ms;
    int64_t table_class_ms;
    int64_t encryption_ms;
    int64_t warm_throughput_ms;
    int64_t protection_pause_ms; /* between two changes of deletion protection */
    int64_t tags_update_ms;      /* a change of tags, until it can be read */
    int64_t ttl_update_ms;       /* time to live is ENABLING or DISABLING */
    int64_t ttl_pause_ms;        /* between two changes of time to live */
    int64_t ttl_sweep_ms;        /* between two looks for expired items; 0: never */
    int64_t insights_update_ms;  /* contributor insights are ENABLING or DISABLING */
    int64_t backups_enable_ms;   /* after a table is ACTIVE, until it can be backed up */
    int64_t policy_update_ms;    /* a change of a resource policy, until it can be read */
    int64_t policy_pause_ms;     /* between two changes of a resource policy */
    int64_t kinesis_enable_ms;   /* a Kinesis destination is ENABLING or DISABLING */
    int64_t kinesis_update_ms;   /* a Kinesis destination is UPDATING */
    int64_t stack_step_ms;       /* between two steps of a CloudFormation stack */
};

#endif
