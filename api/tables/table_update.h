/*
 * What an UpdateTable asks for, and the changes of the table itself: throughput and billing mode,
 * stream, encryption, class, limits, protection. (Its indexes: index_update.h; whether its state
 * admits a change at all: table_admission.h.)
 *
 * Functions return false after api_fail. They change the definition alone; the caller writes it
 * back.
 */

#ifndef REHEARSEDB_API_TABLES_TABLE_UPDATE_H
#define REHEARSEDB_API_TABLES_TABLE_UPDATE_H

#include "api/tables/settings_input.h"
#include "api/tables/table_input.h"

enum index_action { INDEX_ACTION_UPDATE, INDEX_ACTION_CREATE, INDEX_ACTION_DELETE };

/* One entry of GlobalSecondaryIndexUpdates. */
struct index_change {
    enum index_action action;
    const struct cJSON *input; /* of the action */
    struct bytes index_name;
};

struct table_update {
    const struct cJSON *throughput; /* NULL: not asked for, here and below */
    const struct cJSON *on_demand;
    const struct cJSON *warm;
    bool has_nothing; /* an empty OnDemandThroughput or WarmThroughput, and no change besides */
    bool has_billing;
    bool wants_on_demand;
    bool has_stream;
    struct stream_input stream;
    bool has_encryption;
    struct encryption_input encryption;
    enum table_class table_class; /* TABLE_CLASS_UNSET: not asked for */
    bool has_protection;
    bool wants_protection;
    struct index_change *indexes;
    size_t index_count;
    bool has_definitions;
    struct definitions definitions;
};

/* Whether the throughput or the billing mode would change: the same mode again is no change. */
bool table_update_touches_iops(const struct table_update *update,
                               const struct table_definition *table);

/* The billing mode that the table has, or is to have by this call. */
bool table_update_is_on_demand(const struct table_update *update,
                               const struct table_definition *table);

/* Whether this call takes the table from on-demand to provisioned. */
bool table_update_provisions(const struct table_update *update,
                             const struct table_definition *table);

bool table_update_apply(struct request *request,
                        const struct table_update *update,
                        struct table_definition *table);

/*
 * Whether provisioned throughput of the table (no `index_name`) or of an index may change so: it
 * must change at all, within the account's quota, and a decrease within what a day allows.
 */
bool throughput_check_change(struct request *request,
                             const struct throughput *current,
                             struct throughput wanted,
                             struct bytes index_name);

/* The status that the reply tells where it is not the table's; NULL: it is. */
const char *table_update_reply_status(const struct table_update *update,
                                      const struct table_definition *table);

#endif
