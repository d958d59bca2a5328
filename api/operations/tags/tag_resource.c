#include "api/operations.h"
#include "api/tables/setting_admission.h"
#include "api/tables/tags_input.h"

static const struct member MEMBERS[] = {
    { "ResourceArn", &SHAPE_RESOURCE_ARN, REQUIRED },
    { "Tags", &SHAPE_TAGS, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("TagResourceInput", MEMBERS);

struct plan {
    struct resource resource;
    struct tag_set tags;
};

static bool prepare(struct request *request)
{
    struct plan *plan = arena_alloc_zero(request->arena, sizeof *plan);
    request->plan = plan;
    if (!resource_of_request(request, &plan->resource) ||
        !tags_of_json(request, json_member(request->input, "Tags"), &plan->tags)) {
        return false;
    }
    return plan->tags.count > 0 ||
           api_fail(request, API_VALIDATION, "Atleast one Tag needs to be provided as Input.");
}

static bool run(struct request *request)
{
    const struct plan *plan = request->plan;
    struct tagged tagged;
    if (!tagged_find(request, &plan->resource, &tagged) ||
        !table_admits_setting(request, tagged.table)) {
        return false;
    }
    struct tag_state *state = &tagged.state;
    if (tags_are_changing(state, request->now_ms)) {
        /* A repetition, or a request for all that is under way and more. */
        if (state->change.count == 0 || !tags_contain(&plan->tags, &state->change)) {
            return fail_tags_change(request, tagged.table);
        }
    }
    struct tag_set tags = tags_with(request->arena, &state->tags, &plan->tags);
    if (tags.count > TAGS_MAX) {
        return fail_tag_count(request);
    }
    if (!tags_contain(&state->tags, &plan->tags)) {
        tagged_change(request, &tagged, &tags, &plan->tags);
    }
    return true;
}

const struct operation OPERATION_TAG_RESOURCE = {
    .name = "TagResource",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
