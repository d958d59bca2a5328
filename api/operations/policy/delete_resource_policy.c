#include "api/operations.h"
#include "api/tables/policy_input.h"

static const struct member MEMBERS[] = {
    { "ResourceArn", &SHAPE_RESOURCE_ARN, REQUIRED },
    { "ExpectedRevisionId", &SHAPE_POLICY_REVISION, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DeleteResourcePolicyInput", MEMBERS);

static bool prepare(struct request *request)
{
    struct resource *resource = arena_alloc(request->arena, sizeof *resource);
    request->plan = resource;
    return resource_of_request(request, resource);
}

/* The revision that was deleted, or, where there was nothing to delete, that of the deletion. */
static void write_reply(struct request *request, int64_t revision_ms)
{
    json_open_object(&request->writer);
    if (revision_ms != 0) {
        policy_write_revision(&request->writer, revision_ms);
    }
    json_close_object(&request->writer);
}

static bool run(struct request *request)
{
    struct policied policied;
    if (!policied_find(request, request->plan, &policied) ||
        !policied_check_revision(request, &policied)) {
        return false;
    }
    const struct policy_version *version = &policied.policy.version;
    if (version->document.length > 0) {
        if (!policied_admits_change(request, &policied)) {
            return false;
        }
        (void)policied_change(request, &policied, BYTES(""));
    }
    write_reply(request, version->revision_ms);
    return true;
}

const struct operation OPERATION_DELETE_RESOURCE_POLICY = {
    .name = "DeleteResourcePolicy",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
