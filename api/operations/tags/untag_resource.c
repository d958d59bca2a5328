#include "api/operations.h"
#include "api/tables/setting_admission.h"
#include "api/tables/tags_input.h"

static const struct shape TAG_KEYS = { .kind = SHAPE_LIST, .element = &SHAPE_ANY_STRING };
static const struct member MEMBERS[] = {
    { "ResourceArn", &SHAPE_RESOURCE_ARN, REQUIRED },
    { "TagKeys", &TAG_KEYS, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UntagResourceInput", MEMBERS);

struct plan {
    struct resource resource;
    struct bytes keys[TAGS_MAX];
    size_t key_count;
};

static bool prepare(struct request *request)
{
    struct plan *plan = arena_alloc_zero(request->arena, sizeof *plan);
    const struct cJSON *keys = json_member(request->input, "TagKeys");
    request->plan = plan;
    if (!resource_of_request(request, &plan->resource)) {
        return false;
    }
    if (json_count(keys) == 0) {
        return api_fail(request, API_VALIDATION,
                        "Atleast one Tag Key needs to be provided as Input.");
    }
    if (json_count(keys) > TAGS_MAX) {
        return fail_tag_count(request);
    }
    for (const struct cJSON *key = json_first(keys); key != NULL; key = json_next(key)) {
        plan->keys[plan->key_count] = json_text(request->arena, key);
        if (!tag_key_check(request, plan->keys[plan->key_count++])) {
            return false;
        }
    }
    return true;
}

static bool run(struct request *request)
{
    const struct plan *plan = request->plan;
    struct tagged tagged;
    if (!tagged_find(request, &plan->resource, &tagged) ||
        !table_admits_setting(request, tagged.table)) {
        return false;
    }
    if (tags_are_changing(&tagged.state, request->now_ms)) {
        return fail_tags_change(request, tagged.table);
    }
    struct tag_set tags =
        tags_without(request->arena, &tagged.state.tags, plan->keys, plan->key_count);
    if (tags.count < tagged.state.tags.count) {
        tagged_change(request, &tagged, &tags, &(struct tag_set){ .tags = NULL });
    }
    return true;
}

const struct operation OPERATION_UNTAG_RESOURCE = {
    .name = "UntagResource",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
