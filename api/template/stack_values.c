#include "api/template/stack_values.h"

#include "api/template/message.h"
#include "api/template/node.h"
#include "api/template/resolve.h"
#include "api/template/template.h"
#include "storage/base/arena.h"

#include <string.h>

enum { PSEUDO_PARAMETER_COUNT = 7 };

/* What the functions that are shared with plans (resolve.h) want to know. */
struct evaluation {
    struct template_look_up look_up;
    struct template_options options;
};

static const char *join_notification_arns(struct arena *arena,
                                          const struct stack_environment *environment)
{
    struct buffer text;
    buffer_init(&text, arena, 64);
    for (size_t i = 0; i < environment->notification_arn_count; i++) {
        buffer_append_format(&text, "%s%s", i > 0 ? "," : "", environment->notification_arns[i]);
    }
    return bytes_to_text(arena, buffer_view(&text));
}

static void begin(struct evaluation *evaluation,
                  struct arena *arena,
                  const struct stack_environment *environment)
{
    size_t count = environment->parameter_count + PSEUDO_PARAMETER_COUNT;
    struct name_value *values = arena_alloc(arena, count * sizeof *values);
    size_t i = 0;
    values[i++] = (struct name_value){ "AWS::AccountId", environment->account };
    values[i++] = (struct name_value){ "AWS::Region", environment->region };
    values[i++] = (struct name_value){ "AWS::Partition", environment->partition };
    values[i++] = (struct name_value){ "AWS::URLSuffix", environment->url_suffix };
    values[i++] = (struct name_value){ "AWS::StackName", environment->stack_name };
    values[i++] = (struct name_value){ "AWS::StackId", environment->stack_id };
    values[i++] =
        (struct name_value){ "AWS::NotificationARNs", join_notification_arns(arena, environment) };
    for (size_t j = 0; j < environment->parameter_count; j++) {
        const struct parameter_value *parameter = &environment->parameters[j];
        values[i++] = (struct name_value){
            .name = parameter->name,
            .value = parameter->resolved != NULL ? parameter->resolved : parameter->value,
        };
    }
    evaluation->look_up = (struct template_look_up){
        .find_resource = environment->find_resource,
        .find_export = environment->find_export,
        .context = environment->context,
    };
    evaluation->options = (struct template_options){
        .parameters = values,
        .parameter_count = count,
        .look_up = &evaluation->look_up,
    };
}

static bool condition_holds(struct arena *arena,
                            const struct stack_template *stack_template,
                            const struct evaluation *evaluation,
                            const char *condition)
{
    return condition == NULL || resolve_condition(arena, stack_template->document,
                                                  &evaluation->options, condition) == TRUTH_TRUE;
}

bool stack_values_has_resource(struct arena *arena,
                               const struct stack_template *stack_template,
                               const struct stack_environment *environment,
                               const struct resource_declaration *resource)
{
    struct evaluation evaluation;
    begin(&evaluation, arena, environment);
    return condition_holds(arena, stack_template, &evaluation, resource->condition);
}

bool stack_values_properties(struct arena *arena,
                             const struct stack_template *stack_template,
                             const struct stack_environment *environment,
                             const struct resource_declaration *resource,
                             const struct node **out_properties,
                             const char **out_error)
{
    if (resource->properties == NULL) {
        *out_properties = node_new(arena, NODE_MAP, "");
        return true;
    }
    struct evaluation evaluation;
    begin(&evaluation, arena, environment);
    const struct node *properties = resolve_deployed(
        arena, stack_template->document, &evaluation.options, resource->properties, out_error);
    if (properties == NULL) {
        return false;
    }
    if (properties->kind != NODE_MAP) { /* a call in the place of all of them */
        *out_error = message_format(arena,
                                    "Template format error: [/Resources/%s/Properties] must be an "
                                    "object",
                                    resource->logical_id);
        return false;
    }
    *out_properties = properties;
    return true;
}

/* A text, or NULL for what is not known yet. False: it is neither. */
static bool read_text(struct arena *arena,
                      const struct stack_template *stack_template,
                      const struct evaluation *evaluation,
                      const struct node *node,
                      const char **out_text,
                      const char **out_error)
{
    const struct node *value =
        resolve_deployed(arena, stack_template->document, &evaluation->options, node, out_error);
    if (value == NULL) {
        return false;
    }
    *out_text = node_text(value, NULL);
    if (value->kind != NODE_SCALAR && value->kind != NODE_UNKNOWN) {
        *out_error = "Template format error: The Value field of every Outputs member must evaluate "
                     "to a String.";
        return false;
    }
    return true;
}

bool stack_values_outputs(struct arena *arena,
                          const struct stack_template *stack_template,
                          const struct stack_environment *environment,
                          const struct output_value **out_outputs,
                          size_t *out_count,
                          const char **out_error)
{
    struct evaluation evaluation;
    begin(&evaluation, arena, environment);
    struct output_value *outputs =
        arena_alloc(arena, stack_template->output_count * sizeof *outputs);
    size_t count = 0;
    for (size_t i = 0; i < stack_template->output_count; i++) {
        const struct output_declaration *declared = &stack_template->outputs[i];
        if (!condition_holds(arena, stack_template, &evaluation, declared->condition)) {
            continue;
        }
        struct output_value *output = &outputs[count++];
        *output = (struct output_value){
            .key = declared->key,
            .description = declared->description,
        };
        if (!read_text(arena, stack_template, &evaluation, declared->value, &output->value,
                       out_error) ||
            (declared->export_name != NULL &&
             !read_text(arena, stack_template, &evaluation, declared->export_name,
                        &output->export_name, out_error))) {
            return false;
        }
    }
    *out_outputs = outputs;
    *out_count = count;
    return true;
}
