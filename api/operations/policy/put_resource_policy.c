#include "api/operations.h"
#include "api/tables/policy_input.h"

static const struct member MEMBERS[] = {
    { "ResourceArn", &SHAPE_RESOURCE_ARN, REQUIRED },
    { "Policy", &SHAPE_ANY_STRING, REQUIRED },
    { "ExpectedRevisionId", &SHAPE_POLICY_REVISION, OPTIONAL },
    { "ConfirmRemoveSelfResourceAccess", &SHAPE_ANY_BOOLEAN, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("PutResourcePolicyInput", MEMBERS);

struct plan {
    struct resource resource;
    struct bytes document;
    bool locks_out;
};

static bool prepare(struct request *request)
{
    struct plan *plan = arena_alloc_zero(request->arena, sizeof *plan);
    request->plan = plan;
    if (!resource_of_request(request, &plan->resource) ||
        !policy_of_text(request, request_text(request, "Policy"), &plan->document)) {
        return false;
    }
    plan->locks_out = !request_boolean(request, "ConfirmRemoveSelfResourceAccess") &&
                      policy_locks_out(request->arena, plan->document);
    return true;
}

static void write_reply(struct request *request, int64_t revision_ms)
{
    json_open_object(&request->writer);
    policy_write_revision(&request->writer, revision_ms);
    json_close_object(&request->writer);
}

static bool run(struct request *request)
{
    const struct plan *plan = request->plan;
    struct policied policied;
    if (!policied_find(request, &plan->resource, &policied) ||
        !policied_check_revision(request, &policied)) {
        return false;
    }
    if (bytes_equal(policied.policy.version.document, plan->document)) { /* changes nothing */
        write_reply(request, policied.policy.version.revision_ms);
        return true;
    }
    if (!policied_admits_change(request, &policied)) {
        return false;
    }
    if (plan->locks_out) {
        return api_fail(request, API_ACCESS_DENIED,
                        "The new resource policy will not allow you to update the resource policy "
                        "in the future.");
    }
    write_reply(request, policied_change(request, &policied, plan->document));
    return true;
}

const struct operation OPERATION_PUT_RESOURCE_POLICY = {
    .name = "PutResourcePolicy",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
