#include "api/tables/capacity_input.h"

#include "api/limits.h"
#include "api/tables/table_input.h"
#include "storage/table/table_changes.h"

static const struct shape UNITS = { .kind = SHAPE_LONG, .range = { 1, SHAPE_NO_MAX } };

/* Write before read: the order in which the service lists their faults. */
static const struct member THROUGHPUT_MEMBERS[] = {
    { "WriteCapacityUnits", &UNITS, REQUIRED },
    { "ReadCapacityUnits", &UNITS, REQUIRED },
};
const struct shape SHAPE_THROUGHPUT =
    SHAPE_STRUCTURE_OF("ProvisionedThroughput", THROUGHPUT_MEMBERS);

static const struct member ON_DEMAND_MEMBERS[] = {
    { "MaxReadRequestUnits", &SHAPE_ANY_LONG, OPTIONAL },
    { "MaxWriteRequestUnits", &SHAPE_ANY_LONG, OPTIONAL },
};
const struct shape SHAPE_ON_DEMAND_THROUGHPUT =
    SHAPE_STRUCTURE_OF("OnDemandThroughput", ON_DEMAND_MEMBERS);

static const struct member WARM_MEMBERS[] = {
    { "ReadUnitsPerSecond", &SHAPE_ANY_LONG, OPTIONAL },
    { "WriteUnitsPerSecond", &SHAPE_ANY_LONG, OPTIONAL },
};
const struct shape SHAPE_WARM_THROUGHPUT = SHAPE_STRUCTURE_OF("WarmThroughput", WARM_MEMBERS);

/* "table" or "index<between>NAME", as different texts have it. */
static struct bytes
owner_text(struct request *request, struct bytes index_name, const char *between)
{
    if (index_name.length == 0) {
        return BYTES("table");
    }
    struct buffer text;
    buffer_init(&text, request->arena, 64);
    buffer_append_format(&text, "index%s%.*s", between, BYTES_ARGUMENTS(index_name));
    return buffer_view(&text);
}

/* ---- provisioned throughput ---- */

static bool check_units(struct request *request, int64_t units, const char *name)
{
    if (units > LIMIT_CAPACITY_UNITS) {
        return api_fail(request, API_VALIDATION, "Given value %lld for %s is out of bounds",
                        (long long)units, name);
    }
    return true;
}

bool throughput_of_json(struct request *request,
                        const struct cJSON *node,
                        struct throughput *out_throughput)
{
    *out_throughput = (struct throughput){
        .read_units = json_integer(json_member(node, "ReadCapacityUnits")),
        .write_units = json_integer(json_member(node, "WriteCapacityUnits")),
    };
    return check_units(request, out_throughput->read_units, "ReadCapacityUnits") &&
           check_units(request, out_throughput->write_units, "WriteCapacityUnits");
}

/* "Per table maximum" also of an index: the service's own words (measured). */
static bool
check_maximum(struct request *request, int64_t units, const char *name, struct bytes index_name)
{
    bool is_index = index_name.length > 0;
    return units <= LIMIT_TABLE_CAPACITY_UNITS ||
           api_fail(request, API_LIMIT_EXCEEDED,
                    "The requested %s%s%.*s, %lld, is above the per %s maximum for the account in "
                    "%.*s. Per table maximum: %d. Refer to the Amazon DynamoDB Developer Guide for "
                    "current limits and how to request higher limits.",
                    name, is_index ? " for index " : "", BYTES_ARGUMENTS(index_name),
                    (long long)units, is_index ? "index" : "table",
                    BYTES_ARGUMENTS(request->region), LIMIT_TABLE_CAPACITY_UNITS);
}

bool throughput_check_maximum(struct request *request,
                              struct throughput throughput,
                              struct bytes index_name)
{
    return check_maximum(request, throughput.read_units, "ReadCapacityUnits", index_name) &&
           check_maximum(request, throughput.write_units, "WriteCapacityUnits", index_name);
}

/* On-demand limits and warm throughput are bounded by what a table may be provisioned with. */
static bool check_quota(struct request *request,
                        int64_t units,
                        const char *requested, /* "MaxReadRequestUnits for OnDemandThroughput" */
                        struct bytes owner,
                        const char *quota)
{
    return units <= LIMIT_TABLE_CAPACITY_UNITS ||
           api_fail(request, API_LIMIT_EXCEEDED,
                    "Subscriber limit exceeded: Requested %s for %.*s exceeds %s of the account "
                    "in region %.*s",
                    requested, BYTES_ARGUMENTS(owner), quota, BYTES_ARGUMENTS(request->region));
}

static const char READ_QUOTA[] = "TableMaxReadCapacityUnits";
static const char WRITE_QUOTA[] = "TableMaxWriteCapacityUnits";

/* ---- on-demand limits ---- */

static const char MAX_READ[] = "MaxReadRequestUnits";
static const char MAX_WRITE[] = "MaxWriteRequestUnits";

bool on_demand_limits_are_given(const struct cJSON *node)
{
    return json_member(node, MAX_READ) != NULL || json_member(node, MAX_WRITE) != NULL;
}

static bool check_limit(struct request *request,
                        const struct cJSON *node,
                        const char *name,
                        struct bytes index_name,
                        int64_t least)
{
    const struct cJSON *member = json_member(node, name);
    int64_t units = member != NULL ? json_integer(member) : 1;
    struct bytes owner = owner_text(request, index_name, " : ");
    return (units >= least && units != 0) ||
           api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER
                    "Requested %s for OnDemandThroughput for %.*s is outside of valid range",
                    name, BYTES_ARGUMENTS(owner));
}

static bool check_limits(struct request *request,
                         const struct cJSON *node,
                         struct bytes index_name,
                         int64_t least)
{
    return check_limit(request, node, MAX_READ, index_name, least) &&
           check_limit(request, node, MAX_WRITE, index_name, least);
}

static bool check_limit_quotas(struct request *request,
                               const struct capacity *capacity,
                               struct bytes index_name)
{
    struct bytes owner = owner_text(request, index_name, " : ");
    return check_quota(request, capacity->max_read_units,
                       "MaxReadRequestUnits for OnDemandThroughput", owner, READ_QUOTA) &&
           check_quota(request, capacity->max_write_units,
                       "MaxWriteRequestUnits for OnDemandThroughput", owner, WRITE_QUOTA);
}

static void set_limits(const struct cJSON *node, struct capacity *capacity)
{
    const struct cJSON *read = json_member(node, MAX_READ);
    const struct cJSON *write = json_member(node, MAX_WRITE);
    if (read != NULL) {
        capacity->max_read_units = json_integer(read);
    }
    if (write != NULL) {
        capacity->max_write_units = json_integer(write);
    }
}

/* The member that a refusal names: the first that was sent. */
static const char *first_limit(const struct cJSON *node)
{
    return json_member(node, MAX_READ) != NULL ? MAX_READ : MAX_WRITE;
}

static bool on_demand_limits_of_json(struct request *request,
                                     const struct cJSON *node,
                                     bool is_on_demand,
                                     struct bytes index_name,
                                     struct capacity *capacity)
{
    if (!on_demand_limits_are_given(node)) {
        return true; /* an empty structure is taken for none */
    }
    if (!is_on_demand) {
        bool is_index = index_name.length > 0;
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "%s for OnDemandThroughput %s%.*s%scannot be specified "
                                          "when table BillingMode is PROVISIONED.",
                        first_limit(node), is_index ? "for index: " : "",
                        BYTES_ARGUMENTS(index_name), is_index ? " " : "");
    }
    if (!check_limits(request, node, index_name, 1)) {
        return false;
    }
    set_limits(node, capacity);
    return true;
}

bool on_demand_limits_merge(struct request *request,
                            const struct cJSON *node,
                            bool is_on_demand,
                            struct bytes index_name,
                            struct capacity *capacity)
{
    if (!is_on_demand) {
        bool is_index = index_name.length > 0;
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "%s for OnDemandThroughput %s%.*s%scannot be specified "
                                          "when the table BillingMode is PROVISIONED",
                        first_limit(node), is_index ? "for index : " : "",
                        BYTES_ARGUMENTS(index_name), is_index ? " " : "");
    }
    if (!check_limits(request, node, index_name, -1)) {
        return false;
    }
    set_limits(node, capacity);
    return check_limit_quotas(request, capacity, index_name);
}

void capacity_drop_removed(struct capacity *capacity)
{
    if (capacity->max_read_units < 0) {
        capacity->max_read_units = 0;
    }
    if (capacity->max_write_units < 0) {
        capacity->max_write_units = 0;
    }
}

/* ---- warm throughput ---- */

struct warm_floor {
    const char *name;       /* of the member */
    const char *throughput; /* what it is compared with on a provisioned table */
    int64_t on_demand_units;
    int64_t provisioned_units;
};

static bool fail_low_warm(struct request *request,
                          const struct warm_floor *floor,
                          bool is_on_demand,
                          struct bytes owner)
{
    if (is_on_demand) {
        return api_fail(
            request, API_VALIDATION,
            INVALID_PARAMETER
            "Requested %s for WarmThroughput for %.*s is lower than initial throughput for "
            "OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
            "on-demand-capacity-mode.html#on-demand-capacity-mode-initial",
            floor->name, BYTES_ARGUMENTS(owner));
    }
    return api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER "Requested %s for WarmThroughput for %.*s is lower than %s "
                                      "of ProvisionedThroughput",
                    floor->name, BYTES_ARGUMENTS(owner), floor->throughput);
}

static bool check_warm_quotas(struct request *request,
                              int64_t read_units,
                              int64_t write_units,
                              struct bytes index_name)
{
    struct bytes owner = owner_text(request, index_name, " ");
    return check_quota(request, read_units, "ReadUnitsPerSecond for WarmThroughput", owner,
                       READ_QUOTA) &&
           check_quota(request, write_units, "WriteUnitsPerSecond for WarmThroughput", owner,
                       WRITE_QUOTA);
}

static bool new_warm_units(struct request *request,
                           const struct cJSON *node,
                           bool is_on_demand,
                           struct bytes owner,
                           const struct warm_floor *floor,
                           int64_t *out_units)
{
    const struct cJSON *member = json_member(node, floor->name);
    int64_t least = is_on_demand ? floor->on_demand_units : floor->provisioned_units;
    int64_t units = member != NULL ? json_integer(member) : least;
    if (units < least) {
        return fail_low_warm(request, floor, is_on_demand, owner);
    }
    *out_units = units;
    return true;
}

static struct warm_floor read_floor(const struct capacity *capacity)
{
    return (struct warm_floor){ "ReadUnitsPerSecond", "ReadCapacityUnits",
                                WARM_ON_DEMAND_READ_UNITS, capacity->throughput.read_units };
}

static struct warm_floor write_floor(const struct capacity *capacity)
{
    return (struct warm_floor){ "WriteUnitsPerSecond", "WriteCapacityUnits",
                                WARM_ON_DEMAND_WRITE_UNITS, capacity->throughput.write_units };
}

bool warm_throughput_is_given(const struct cJSON *node)
{
    return json_member(node, "ReadUnitsPerSecond") != NULL ||
           json_member(node, "WriteUnitsPerSecond") != NULL;
}

static bool warm_throughput_of_json(struct request *request,
                                    const struct cJSON *node,
                                    bool is_on_demand,
                                    struct bytes index_name,
                                    struct capacity *capacity)
{
    struct bytes owner = owner_text(request, index_name, " ");
    struct warm_floor read = read_floor(capacity);
    struct warm_floor write = write_floor(capacity);
    if (!warm_throughput_is_given(node)) {
        return true; /* an empty structure is taken for none */
    }
    return new_warm_units(request, node, is_on_demand, owner, &read, &capacity->warm.read_units) &&
           new_warm_units(request, node, is_on_demand, owner, &write, &capacity->warm.write_units);
}

static bool changed_warm_units(struct request *request,
                               const struct cJSON *node,
                               const char *name,
                               struct bytes index_name,
                               int64_t current,
                               int64_t *units)
{
    const struct cJSON *member = json_member(node, name);
    struct bytes owner = owner_text(request, index_name, " ");
    if (member == NULL) {
        return true;
    }
    *units = json_integer(member);
    return *units >= current ||
           api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER
                    "Requested %s for WarmThroughput for %.*s is lower than current "
                    "WarmThroughput, decreasing WarmThroughput is not supported",
                    name, BYTES_ARGUMENTS(owner));
}

bool warm_throughput_of_change(struct request *request,
                               const struct cJSON *node,
                               struct bytes index_name,
                               const struct capacity *capacity,
                               struct warm_throughput *out_wanted)
{
    const struct warm_throughput *warm = &capacity->warm;
    *out_wanted = *warm;
    if (warm->due_ms == 0) {
        out_wanted->pending_read_units = warm->read_units;
        out_wanted->pending_write_units = warm->write_units;
    }
    return changed_warm_units(request, node, "ReadUnitsPerSecond", index_name, warm->read_units,
                              &out_wanted->pending_read_units) &&
           changed_warm_units(request, node, "WriteUnitsPerSecond", index_name, warm->write_units,
                              &out_wanted->pending_write_units) &&
           check_warm_quotas(request, out_wanted->pending_read_units,
                             out_wanted->pending_write_units, index_name);
}

/* ---- all together ---- */

bool capacity_of_json(struct request *request,
                      const struct cJSON *input,
                      bool is_on_demand,
                      struct bytes index_name,
                      struct capacity *capacity)
{
    return on_demand_limits_of_json(request, json_member(input, "OnDemandThroughput"), is_on_demand,
                                    index_name, capacity) &&
           warm_throughput_of_json(request, json_member(input, "WarmThroughput"), is_on_demand,
                                   index_name, capacity);
}

bool capacity_check_quotas(struct request *request,
                           const struct capacity *capacity,
                           struct bytes index_name)
{
    return throughput_check_maximum(request, capacity->throughput, index_name) &&
           check_limit_quotas(request, capacity, index_name) &&
           check_warm_quotas(request, capacity->warm.read_units, capacity->warm.write_units,
                             index_name);
}
