#include "api/tables/update_combination.h"

static bool fail_invalid(struct request *request, const char *text)
{
    return api_fail(request, API_VALIDATION, INVALID_PARAMETER "%s", text);
}

bool table_update_has_entries(struct request *request)
{
    const struct cJSON *list = json_member(request->input, "GlobalSecondaryIndexUpdates");
    return list != NULL && json_count(list) > 0;
}

/* An empty OnDemandThroughput or WarmThroughput is taken for none (measured). */
static size_t count_changes(struct request *request, const struct table_update *update)
{
    static const char *const members[] = {
        "ProvisionedThroughput", "BillingMode", "StreamSpecification",
        "SSESpecification",      "TableClass",  "DeletionProtectionEnabled",
        "ReplicaUpdates",
    };
    size_t count = table_update_has_entries(request) + (size_t)(update->on_demand != NULL) +
                   (size_t)(update->warm != NULL);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        count += request_has(request, members[i]);
    }
    return count;
}

/* Changes that stand no other beside them, the first to be named first. */
static bool check_exclusive(struct request *request)
{
    static const struct {
        const char *member;
        const char *text;
    } rows[] = {
        { "SSESpecification",
          "Server-Side Encryption modification must be the only operation in the request" },
        { "TableClass", "TableClass modification must be the only operation in the request" },
        { "DeletionProtectionEnabled",
          "DeletionProtection modification must be the only operation in the request" },
        { "ReplicaUpdates", "Replica modification must be the only operation in the request" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (request_has(request, rows[i].member)) {
            return fail_invalid(request, rows[i].text);
        }
    }
    return true;
}

static bool entries_have(struct request *request, const char *action)
{
    const struct cJSON *list = json_member(request->input, "GlobalSecondaryIndexUpdates");
    bool found = false;
    for (const struct cJSON *node = list != NULL ? json_first(list) : NULL; node != NULL;
         node = json_next(node)) {
        found = found || json_member(node, action) != NULL;
    }
    return found;
}

/* Of several changes; the limits before warm throughput (measured). */
static bool check_capacity_alone(struct request *request,
                                 const struct table_update *update,
                                 size_t changes,
                                 bool creates_index)
{
    if (update->on_demand != NULL && changes > (size_t)1 + update->has_billing) {
        return fail_invalid(request, "OnDemandThroughput can only be combined with BillingMode in "
                                     "an UpdateTable request");
    }
    return update->warm == NULL ||
           fail_invalid(request, creates_index
                                     ? "Create global secondary index cannot be specified when "
                                       "updating WarmThroughput"
                                     : "WarmThroughput must be the only operation in the request");
}

static bool
check_pairs(struct request *request, const struct table_update *update, bool moves_index)
{
    bool sets_iops =
        update->throughput != NULL || (update->has_billing && !update->wants_on_demand);
    if (update->has_stream && sets_iops) {
        return fail_invalid(request, "You cannot modify stream status while updating table IOPS");
    }
    if (moves_index && sets_iops) {
        return fail_invalid(request, "You cannot create or delete index while updating table IOPS");
    }
    if (moves_index && update->has_stream) {
        return fail_invalid(request,
                            "You cannot create or delete index while changing stream status");
    }
    return true;
}

static bool fail_no_change(struct request *request)
{
    return api_fail(request, API_VALIDATION,
                    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                    "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
                    "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
                    "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or "
                    "TableClass is required");
}

bool table_update_check_combination(struct request *request, struct table_update *update)
{
    size_t changes = count_changes(request, update);
    bool creates_index = entries_have(request, "Create");
    bool moves_index = creates_index || entries_have(request, "Delete");
    bool has_empty = request_has(request, "OnDemandThroughput") != (update->on_demand != NULL) ||
                     request_has(request, "WarmThroughput") != (update->warm != NULL);
    if (changes == 0 && !has_empty) {
        return fail_no_change(request);
    }
    update->has_nothing = changes == 0;
    if (request_has(request, "GlobalSecondaryIndexUpdates") && !table_update_has_entries(request)) {
        return fail_invalid(request, "List of GlobalSecondaryIndexUpdates is empty");
    }
    return (changes <= 1 || (check_exclusive(request) &&
                             check_capacity_alone(request, update, changes, creates_index))) &&
           check_pairs(request, update, moves_index);
}
