#include "api/operations.h"
#include "api/tables/policy_input.h"

static const struct member MEMBERS[] = {
    { "ResourceArn", &SHAPE_RESOURCE_ARN, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("GetResourcePolicyInput", MEMBERS);

static bool prepare(struct request *request)
{
    struct resource *resource = arena_alloc(request->arena, sizeof *resource);
    request->plan = resource;
    return resource_of_request(request, resource);
}

static bool run(struct request *request)
{
    struct policied policied;
    if (!policied_find(request, request->plan, &policied)) {
        return false;
    }
    struct policy_version version = resource_policy_seen(&policied.policy, request->now_ms);
    if (version.document.length == 0) {
        return fail_no_policy(request, policied.resource->arn);
    }
    json_open_object(&request->writer);
    json_member_text(&request->writer, "Policy",
                     policy_to_reader(request->arena, version.document));
    policy_write_revision(&request->writer, version.revision_ms);
    json_close_object(&request->writer);
    return true;
}

const struct operation OPERATION_GET_RESOURCE_POLICY = {
    .name = "GetResourcePolicy",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
