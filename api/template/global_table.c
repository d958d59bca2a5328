#include "api/template/global_table.h"

#include "api/template/node.h"
#include "storage/base/arena.h"

#include <string.h>

/* Said of the table and of its replica, each under the name that a Table has it by. */
static const char *const OWN[] = {
    "TableName",           "AttributeDefinitions",    "KeySchema",      "BillingMode",
    "StreamSpecification", "TimeToLiveSpecification", "WarmThroughput", "LocalSecondaryIndexes",
};
static const char *const REPLICAS[] = {
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "KinesisStreamSpecification",
    "PointInTimeRecoverySpecification",
    "ResourcePolicy",
    "TableClass",
    "Tags",
};
static const char *const INDEX_OWN[] = { "IndexName", "KeySchema", "Projection", "WarmThroughput" };
static const char *const INDEX_REPLICAS[] = { "ContributorInsightsSpecification" };

static void copy_members(struct arena *arena,
                         const struct node *from,
                         const char *const *names,
                         size_t count,
                         struct node *to)
{
    for (size_t i = 0; i < count; i++) {
        const struct node *member = node_member(from, names[i]);
        if (member != NULL) {
            node_append(to, names[i], node_copy(arena, member));
        }
    }
}

#define COPY(arena, from, names, to)                                                               \
    copy_members(arena, from, names, sizeof(names) / sizeof(const char *), to)

static void
add_copy(struct arena *arena, struct node *to, const char *name, const struct node *member)
{
    if (member != NULL) {
        node_append(to, name, node_copy(arena, member));
    }
}

/* Where automatic scaling begins, or the fixed capacity. */
static const struct node *
capacity_of(const struct node *settings, const char *fixed, const char *scaling)
{
    const struct node *scaled = node_member(settings, scaling);
    const struct node *seed = node_member(scaled, "SeedCapacity");
    const struct node *own = node_member(settings, fixed);
    if (own != NULL) {
        return own;
    }
    return seed != NULL ? seed : node_member(scaled, "MinCapacity");
}

/* `write` is the table or its index, `read` the same of the replica. */
static void add_throughput(struct arena *arena,
                           const struct node *write,
                           const struct node *read,
                           struct node *to)
{
    struct node *provisioned = node_new(arena, NODE_MAP, NULL);
    struct node *on_demand = node_new(arena, NODE_MAP, NULL);
    add_copy(arena, provisioned, "ReadCapacityUnits",
             capacity_of(node_member(read, "ReadProvisionedThroughputSettings"),
                         "ReadCapacityUnits", "ReadCapacityAutoScalingSettings"));
    add_copy(arena, provisioned, "WriteCapacityUnits",
             capacity_of(node_member(write, "WriteProvisionedThroughputSettings"),
                         "WriteCapacityUnits", "WriteCapacityAutoScalingSettings"));
    add_copy(
        arena, on_demand, "MaxReadRequestUnits",
        node_member(node_member(read, "ReadOnDemandThroughputSettings"), "MaxReadRequestUnits"));
    add_copy(
        arena, on_demand, "MaxWriteRequestUnits",
        node_member(node_member(write, "WriteOnDemandThroughputSettings"), "MaxWriteRequestUnits"));
    if (provisioned->first != NULL) {
        node_append(to, "ProvisionedThroughput", provisioned);
    }
    if (on_demand->first != NULL) {
        node_append(to, "OnDemandThroughput", on_demand);
    }
}

static const struct node *find_index(const struct node *replica, const char *name)
{
    const struct node *list = node_member(replica, "GlobalSecondaryIndexes");
    for (const struct node *it = list == NULL ? NULL : list->first; it != NULL; it = it->next) {
        if (node_is_text(node_member(it, "IndexName"), name)) {
            return it;
        }
    }
    return NULL;
}

static void add_indexes(struct arena *arena,
                        const struct node *properties,
                        const struct node *replica,
                        struct node *to)
{
    const struct node *list = node_member(properties, "GlobalSecondaryIndexes");
    struct node *indexes = node_new(arena, NODE_LIST, NULL);
    for (const struct node *it = list == NULL ? NULL : list->first; it != NULL; it = it->next) {
        struct node *index = node_new(arena, NODE_MAP, NULL);
        const struct node *own = find_index(replica, node_text(node_member(it, "IndexName"), ""));
        COPY(arena, it, INDEX_OWN, index);
        COPY(arena, own, INDEX_REPLICAS, index);
        add_throughput(arena, it, own, index);
        node_append(indexes, NULL, index);
    }
    if (indexes->first != NULL) {
        node_append(to, "GlobalSecondaryIndexes", indexes);
    }
}

static void add_encryption(struct arena *arena,
                           const struct node *properties,
                           const struct node *replica,
                           struct node *to)
{
    static const char *const names[] = { "SSEEnabled", "SSEType" };
    const struct node *from = node_member(properties, "SSESpecification");
    struct node *encryption = node_new(arena, NODE_MAP, NULL);
    if (from != NULL) {
        COPY(arena, from, names, encryption);
        add_copy(arena, encryption, "KMSMasterKeyId",
                 node_member(node_member(replica, "SSESpecification"), "KMSMasterKeyId"));
        node_append(to, "SSESpecification", encryption);
    }
}

bool global_table_as_table(struct arena *arena,
                           const struct node *properties,
                           const struct node **out_properties,
                           const char **out_error)
{
    const struct node *replicas = node_member(properties, "Replicas");
    const struct node *replica = replicas == NULL ? NULL : replicas->first;
    struct node *table = node_new(arena, NODE_MAP, NULL);
    if (replica != NULL && replica->next != NULL) {
        *out_error = "A global table with replicas in other regions cannot be rehearsed: there is "
                     "one region here. Keep the replica of this region alone";
        return false;
    }
    COPY(arena, properties, OWN, table);
    COPY(arena, replica, REPLICAS, table);
    add_encryption(arena, properties, replica, table);
    add_throughput(arena, properties, replica, table);
    add_indexes(arena, properties, replica, table);
    *out_properties = table;
    return true;
}
