#include "api/tables/new_settings.h"

#include "api/tables/policy_input.h"

bool new_settings_of_request(struct request *request, struct new_settings *out_settings)
{
    out_settings->policy = BYTES("");
    return tags_of_json(request, json_member(request->input, "Tags"), &out_settings->tags) &&
           (!request_has(request, "ResourcePolicy") ||
            policy_of_text(request, request_text(request, "ResourcePolicy"),
                           &out_settings->policy));
}

void new_settings_put(struct request *request,
                      const struct table_definition *table,
                      const struct new_settings *settings)
{
    if (settings->tags.count > 0) {
        const struct tag_state state = { .tags = settings->tags };
        tags_put(request->txn, request->arena, table->qualified_name, &state);
    }
    if (settings->policy.length > 0) {
        const struct resource_policy policy = {
            .version = { .document = settings->policy, .revision_ms = request->now_ms },
        };
        resource_policy_put(request->txn, request->arena, table->qualified_name, &policy);
    }
}
