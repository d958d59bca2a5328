#include "api/limits.h"
#include "api/operations.h"
#include "api/request.h"
#include "api/shape.h"

static const struct shape INPUT = { .kind = SHAPE_STRUCTURE, .name = "DescribeLimitsInput" };

/* The quotas that an account begins with; nothing here is held to them. */
static bool run(struct request *request)
{
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    json_member_integer(writer, "AccountMaxReadCapacityUnits", LIMIT_ACCOUNT_CAPACITY_UNITS);
    json_member_integer(writer, "AccountMaxWriteCapacityUnits", LIMIT_ACCOUNT_CAPACITY_UNITS);
    json_member_integer(writer, "TableMaxReadCapacityUnits", LIMIT_TABLE_CAPACITY_UNITS);
    json_member_integer(writer, "TableMaxWriteCapacityUnits", LIMIT_TABLE_CAPACITY_UNITS);
    json_close_object(writer);
    return true;
}

const struct operation OPERATION_DESCRIBE_LIMITS = {
    .name = "DescribeLimits",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
