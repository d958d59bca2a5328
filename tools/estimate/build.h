/*
 * How long the build of an index takes and what it costs, from what it writes. Pure functions.
 *
 * The writes of a backfill go at the index's write capacity, which live writes share; its reads of
 * the table are free (developer guide, "Managing Global Secondary Indexes").
 */

#ifndef REHEARSEDB_TOOLS_ESTIMATE_BUILD_H
#define REHEARSEDB_TOOLS_ESTIMATE_BUILD_H

#include "tools/estimate/sample.h"

/*
 * What AWS took for the build over an empty table, measured by others on the service
 * (aws-controllers-k8s/dynamodb-controller, docs/api-quirks): the shortest and the longest.
 */
enum { EMPTY_TABLE_SECONDS_LOW = 506, EMPTY_TABLE_SECONDS_HIGH = 1003 };

/* What a new table on demand takes at least (developer guide, "on-demand capacity mode"). */
enum { ON_DEMAND_WRITE_UNITS = 4000 };

struct build_terms {
    double write_units;          /* a second, of the index; 0: not known */
    double live_write_units;     /* of them that the application's writes take */
    double price_million_writes; /* prices; negative: not given */
    double price_unit_hour;
    double price_gigabyte_month;
};

struct build {
    struct interval items;
    struct interval entries;
    struct interval entry_bytes;
    struct interval storage_bytes;
    struct interval write_units;
    struct interval average_bytes; /* of an entry */
    struct interval average_write_units;
    struct interval writing_seconds; /* of the backfill's writes alone */
    struct interval build_seconds;   /* until ACTIVE, on AWS; no value: only between what */
    struct interval on_demand_cost;
    struct interval write_cost;       /* of a million later writes of an entry, on demand */
    struct interval provisioned_cost; /* of the build's started hours; no value */
    struct interval storage_cost;     /* of a month */
    double places_needed;             /* 0: the intervals are to be trusted, or all was read */
    bool has_averages;
    bool has_time;
    bool has_on_demand_cost;
    bool has_write_cost;
    bool has_provisioned_cost;
    bool has_storage_cost;
};

struct build build_of(const struct sample *sample, const struct build_terms *terms);

#endif
