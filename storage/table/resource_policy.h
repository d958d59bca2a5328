/*
 * The policy attached to a table or stream. A change can be read a while after it was made; until
 * then readers see the version before.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_RESOURCE_POLICY_H
#define REHEARSEDB_STORAGE_TABLE_RESOURCE_POLICY_H

#include "storage/table/table_settings.h"

#include <stdint.h>

struct policy_version {
    struct bytes document; /* empty: there is none, or it was deleted */
    int64_t revision_ms;   /* when it became so, and its RevisionId; 0: nothing ever was */
};

struct resource_policy {
    struct policy_version version;
    struct policy_version before; /* what readers see until due_ms */
    int64_t due_ms;
};

/* In the arena; all empty when there never was one. */
struct resource_policy
resource_policy_find(struct txn *txn, struct arena *arena, struct bytes owner);
void resource_policy_put(struct txn *txn,
                         struct arena *arena,
                         struct bytes owner,
                         const struct resource_policy *policy);

bool resource_policy_is_changing(const struct resource_policy *policy, int64_t now_ms);
struct policy_version resource_policy_seen(const struct resource_policy *policy, int64_t now_ms);

#endif
