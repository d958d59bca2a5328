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

static bool
check_maximum(struct request *request, int64_t units, const char *name, struct bytes index_name)
{
    if (units <= LIMIT_TABLE_CAPACITY_UNITS) {
        return true;
    }
    bool is_index = index_name.length > 0;
    return api_fail(request, API_LIMIT_EXCEEDED,
                    "The requested %s%s%.*s, %lld, is above the per %s maximum for the account in "
                    "%.*s. Per %s maximum: %d. Refer to the Amazon DynamoDB Developer Guide for "
                    "current limits and how to request higher limits.",
                    name, is_index ? " for index " : "", BYTES_ARGUMENTS(index_name),
                    (long long)units, is_index ? "index" : "table",
                    BYTES_ARGUMENTS(request->region), is_index ? "index" : "table",
                    LIMIT_TABLE_CAPACITY_UNITS);
}

bool throughput_check_maximum(struct request *request,
                              struct throughput throughput,
                              struct bytes index_name)
{
    return check_maximum(request, throughput.read_units, "ReadCapacityUnits", index_name) &&
           check_maximum(request, throughput.write_units, "WriteCapacityUnits", index_name);
}

/* ---- on-demand limits ---- */

struct limit_member {
    const char *name;
    const char *quota; /* of the account */
};

static const struct limit_member MAX_READ = { "MaxReadRequestUnits", "TableMaxReadCapacityUnits" };
static const struct limit_member MAX_WRITE = { "MaxWriteRequestUnits",
                                               "TableMaxWriteCapacityUnits" };

static bool check_limit(struct request *request,
                        const struct cJSON *node,
                        const struct limit_member *limit,
                        struct bytes index_name,
                        int64_t least)
{
    const struct cJSON *member = json_member(node, limit->name);
    int64_t units = member != NULL ? json_integer(member) : 1;
    struct bytes owner = owner_text(request, index_name, " : ");
    if (units < least || units == 0) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "Requested %s for OnDemandThroughput for %.*s is outside of valid range",
                        limit->name, BYTES_ARGUMENTS(owner));
    }
    if (units > LIMIT_TABLE_CAPACITY_UNITS) {
        return api_fail(request, API_LIMIT_EXCEEDED,
                        "Subscriber limit exceeded: Requested %s for OnDemandThroughput for %.*s "
                        "exceeds %s of the account in region %.*s",
                        limit->name, BYTES_ARGUMENTS(owner), limit->quota,
                        BYTES_ARGUMENTS(request->region));
    }
    return true;
}

static bool check_limits(struct request *request,
                         const struct cJSON *node,
                         struct bytes index_name,
                         int64_t least)
{
    return check_limit(request, node, &MAX_READ, index_name, least) &&
           check_limit(request, node, &MAX_WRITE, index_name, least);
}

static void set_limits(const struct cJSON *node, struct capacity *capacity)
{
    const struct cJSON *read = json_member(node, MAX_READ.name);
    const struct cJSON *write = json_member(node, MAX_WRITE.name);
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
    return json_member(node, MAX_READ.name) != NULL ? MAX_READ.name : MAX_WRITE.name;
}

bool on_demand_limits_of_json(struct request *request,
                              const struct cJSON *node,
                              bool is_on_demand,
                              struct bytes index_name,
                              struct capacity *capacity)
{
    if (json_member(node, MAX_READ.name) == NULL && json_member(node, MAX_WRITE.name) == NULL) {
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
    if (json_member(node, MAX_READ.name) == NULL && json_member(node, MAX_WRITE.name) == NULL) {
        return api_fail(request, API_INTERNAL_FAILURE, "%s", "");
    }
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
    return true;
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
    const char *quota;      /* of the account */
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

static bool check_warm_maximum(struct request *request,
                               int64_t units,
                               const struct warm_floor *floor,
                               struct bytes owner)
{
    return units <= LIMIT_TABLE_CAPACITY_UNITS ||
           api_fail(request, API_LIMIT_EXCEEDED,
                    "Subscriber limit exceeded: Requested %s for WarmThroughput for %.*s exceeds "
                    "%s of the account in region %.*s",
                    floor->name, BYTES_ARGUMENTS(owner), floor->quota,
                    BYTES_ARGUMENTS(request->region));
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
    return check_warm_maximum(request, units, floor, owner);
}

static struct warm_floor read_floor(const struct capacity *capacity)
{
    return (struct warm_floor){ "ReadUnitsPerSecond", "TableMaxReadCapacityUnits",
                                "ReadCapacityUnits", WARM_ON_DEMAND_READ_UNITS,
                                capacity->throughput.read_units };
}

static struct warm_floor write_floor(const struct capacity *capacity)
{
    return (struct warm_floor){ "WriteUnitsPerSecond", "TableMaxWriteCapacityUnits",
                                "WriteCapacityUnits", WARM_ON_DEMAND_WRITE_UNITS,
                                capacity->throughput.write_units };
}

bool warm_throughput_of_json(struct request *request,
                             const struct cJSON *node,
                             bool is_on_demand,
                             struct bytes index_name,
                             struct capacity *capacity)
{
    struct bytes owner = owner_text(request, index_name, " ");
    struct warm_floor read = read_floor(capacity);
    struct warm_floor write = write_floor(capacity);
    if (json_member(node, read.name) == NULL && json_member(node, write.name) == NULL) {
        return true; /* an empty structure is taken for none */
    }
    return new_warm_units(request, node, is_on_demand, owner, &read, &capacity->warm.read_units) &&
           new_warm_units(request, node, is_on_demand, owner, &write, &capacity->warm.write_units);
}

static bool changed_warm_units(struct request *request,
                               const struct cJSON *node,
                               struct bytes owner,
                               const struct warm_floor *floor,
                               int64_t current,
                               int64_t *units)
{
    const struct cJSON *member = json_member(node, floor->name);
    if (member == NULL) {
        return true;
    }
    if (json_integer(member) < current) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "Requested %s for WarmThroughput for %.*s is lower than current "
                        "WarmThroughput, decreasing WarmThroughput is not supported",
                        floor->name, BYTES_ARGUMENTS(owner));
    }
    *units = json_integer(member);
    return check_warm_maximum(request, *units, floor, owner);
}

bool warm_throughput_of_change(struct request *request,
                               const struct cJSON *node,
                               struct bytes index_name,
                               const struct capacity *capacity,
                               struct warm_throughput *out_wanted)
{
    const struct warm_throughput *warm = &capacity->warm;
    struct bytes owner = owner_text(request, index_name, " ");
    struct warm_floor read = read_floor(capacity);
    struct warm_floor write = write_floor(capacity);
    bool is_under_way = warm->due_ms != 0;
    *out_wanted = *warm;
    if (!is_under_way) {
        out_wanted->pending_read_units = warm->read_units;
        out_wanted->pending_write_units = warm->write_units;
    }
    return changed_warm_units(request, node, owner, &read, warm->read_units,
                              &out_wanted->pending_read_units) &&
           changed_warm_units(request, node, owner, &write, warm->write_units,
                              &out_wanted->pending_write_units);
}
