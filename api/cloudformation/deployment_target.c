#include "api/cloudformation/deployment_target.h"

#include "api/cloudformation/stack_store.h"
#include "api/cloudformation/stack_tags.h"
#include "api/cloudformation/table_state.h"
#include "api/template/node.h"
#include "api/template/property_schema.h"
#include "api/world.h"
#include "storage/base/arena.h"

#include <string.h>

enum { JSON_SIZE_FIRST = 1024 };

const struct stack_template *deployment_template(struct deployment *deployment)
{
    if (deployment->template == NULL && deployment->template_error == NULL) {
        struct txn txn;
        struct stack_template *template = arena_alloc(deployment->arena, sizeof *template);
        txn_begin_read(deployment->env, &txn);
        struct bytes text =
            stack_template_text(&txn, deployment->arena, deployment->stack,
                                deployment->stack->operation.target.template_number);
        txn_abort(&txn);
        if (stack_template_read(deployment->arena, text, template, &deployment->template_error)) {
            deployment->template = template;
        }
    }
    return deployment->template;
}

/* ---- references ---- */

static const char *table_attribute(const struct table_state *state, const char *attribute)
{
    if (!state->exists) {
        return NULL;
    }
    if (strcmp(attribute, "Arn") == 0) {
        return state->arn;
    }
    if (strcmp(attribute, "TableId") == 0) {
        return state->id;
    }
    return strcmp(attribute, "StreamArn") == 0 && state->stream_arn[0] != '\0' ? state->stream_arn
                                                                               : NULL;
}

/* A placeholder has no attributes: its id stands for them. */
static const char *
find_resource(void *context, struct arena *arena, const char *logical_id, const char *attribute)
{
    const struct deployment *deployment = context;
    const struct stack_resource *resource =
        stack_resources_find(&deployment->stack->resources, logical_id);
    if (resource == NULL || resource->physical_id[0] == '\0') {
        return NULL;
    }
    enum resource_kind kind = stack_template_kind(resource->type);
    if (attribute == NULL || (kind != RESOURCE_TABLE && kind != RESOURCE_GLOBAL_TABLE)) {
        return resource->physical_id;
    }
    struct table_state state;
    table_state_read(deployment->api, arena, deployment->stack->world, resource->physical_id,
                     &state);
    return table_attribute(&state, attribute);
}

static const char *find_export(void *context, struct arena *arena, const char *name)
{
    const struct deployment *deployment = context;
    struct txn txn;
    txn_begin_read(deployment->env, &txn);
    const char *value =
        stack_export_find(&txn, arena, bytes_of_text(deployment->stack->world), name);
    txn_abort(&txn);
    return value;
}

struct stack_environment deployment_environment(struct deployment *deployment,
                                                const struct stack_content *content)
{
    const struct stack *stack = deployment->stack;
    struct bytes account = world_account(bytes_of_text(stack->operation.access_key_id));
    return (struct stack_environment){
        .account = bytes_to_text(deployment->arena, account),
        .region = stack->operation.region,
        .partition = "aws",
        .url_suffix = "amazonaws.com",
        .stack_name = stack->name,
        .stack_id = stack->id,
        .notification_arns = content->notification_arns.items,
        .notification_arn_count = content->notification_arns.count,
        .parameters = content->parameters,
        .parameter_count = content->parameter_count,
        .find_resource = find_resource,
        .find_export = find_export,
        .context = deployment,
    };
}

/* ---- what is resolved ---- */

static const char *to_json(struct arena *arena, const struct node *node)
{
    struct buffer json;
    buffer_init(&json, arena, JSON_SIZE_FIRST);
    node_append_json(&json, node, false);
    return bytes_to_text(arena, buffer_view(&json));
}

bool deployment_properties(struct deployment *deployment,
                           const char *logical_id,
                           const char **out_properties,
                           const char **out_error)
{
    struct arena *arena = deployment->arena;
    const struct stack_template *template = deployment_template(deployment);
    const struct resource_declaration *declaration =
        stack_template_find_resource(template, logical_id);
    struct stack_environment environment =
        deployment_environment(deployment, &deployment->stack->operation.target);
    const struct node *properties;
    if (!stack_values_properties(arena, template, &environment, declaration, &properties,
                                 out_error)) {
        return false;
    }
    const struct node *unknown = node_find_unknown(properties);
    if (unknown != NULL) {
        *out_error = unknown->text;
        return false;
    }
    if (!property_schema_check(arena, logical_id, declaration->type, properties, &properties,
                               out_error)) {
        return false;
    }
    *out_properties = to_json(arena, stack_tags_add(arena, declaration->type, properties,
                                                    &deployment->stack->operation.target));
    return true;
}

bool deployment_set_outputs(struct deployment *deployment, const char **out_error)
{
    struct stack *stack = deployment->stack;
    const struct stack_template *template = deployment_template(deployment);
    struct stack_environment environment =
        deployment_environment(deployment, &stack->operation.target);
    const struct output_value *values;
    size_t count;
    if (!stack_values_outputs(deployment->arena, template, &environment, &values, &count,
                              out_error)) {
        return false;
    }
    struct stack_output *outputs = arena_alloc(deployment->arena, count * sizeof *outputs);
    for (size_t i = 0; i < count; i++) {
        outputs[i] = (struct stack_output){
            .key = values[i].key,
            .value = values[i].value == NULL ? "" : values[i].value,
            .description = values[i].description,
            .export_name = values[i].export_name == NULL ? "" : values[i].export_name,
        };
    }
    stack->outputs = outputs;
    stack->output_count = count;
    return true;
}
