#include "api/cloudformation/submission.h"

#include "api/cloudformation/cloudformation_request.h"
#include "api/cloudformation/stack_store.h"
#include "api/internal.h"
#include "api/ssm/ssm.h"
#include "api/template/node.h"
#include "storage/base/arena.h"

#include <string.h>

static const char *
member_text(struct service_request *request, const struct cJSON *object, const char *name)
{
    return bytes_to_text(request->arena, service_text(request, object, name));
}

/* Of an absent list there is none. */
static const struct cJSON *first_of(const struct cJSON *list)
{
    return list == NULL ? NULL : json_first(list);
}

static size_t count_of(const struct cJSON *list)
{
    return list == NULL ? 0 : json_count(list);
}

struct text_list submission_texts(struct service_request *request, const char *name)
{
    const struct cJSON *list = json_member(request->input, name);
    struct text_list texts = {
        .items = arena_alloc(request->arena, count_of(list) * sizeof *texts.items),
    };
    for (const struct cJSON *node = first_of(list); node != NULL; node = json_next(node)) {
        texts.items[texts.count++] = bytes_to_text(request->arena, json_text(request->arena, node));
    }
    return texts;
}

/* ---- the template ---- */

static bool refuse(struct service_request *request, const char *error)
{
    return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR, "%s", error);
}

/* Its text, and which number it has already. */
static bool find_text(struct service_request *request,
                      const struct stack *previous,
                      struct bytes *out_text,
                      uint64_t *out_number)
{
    *out_number = 0;
    if (previous == NULL || !shape_boolean(json_member(request->input, "UsePreviousTemplate"))) {
        return cloudformation_template(request, out_text);
    }
    if (json_member(request->input, "TemplateBody") != NULL ||
        json_member(request->input, "TemplateURL") != NULL) {
        return refuse(request, "UsePreviousTemplate cannot be true when TemplateBody or "
                               "TemplateURL is given.");
    }
    struct txn txn;
    *out_number = previous->content.template_number;
    txn_begin_read(request->storage->env, &txn);
    *out_text = stack_template_text(&txn, request->arena, previous, *out_number);
    txn_abort(&txn);
    return out_text->length > 0 ||
           refuse(request, "Either Template URL or Template Body must be specified.");
}

/* ---- capabilities ---- */

/* Identities that somebody must acknowledge, and the property that names them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
static const struct {
    const char *type;
    const char *name; /* NULL: it has none */
} IDENTITIES[] = {
    { "AWS::IAM::AccessKey", NULL },
    { "AWS::IAM::Group", "GroupName" },
    { "AWS::IAM::InstanceProfile", "InstanceProfileName" },
    { "AWS::IAM::ManagedPolicy", "ManagedPolicyName" },
    { "AWS::IAM::Policy", NULL },
    { "AWS::IAM::Role", "RoleName" },
    { "AWS::IAM::User", "UserName" },
    { "AWS::IAM::UserToGroupAddition", NULL },
};

static const char *capability_for(const struct resource_declaration *resource)
{
    for (size_t i = 0; i < sizeof IDENTITIES / sizeof IDENTITIES[0]; i++) {
        if (strcmp(IDENTITIES[i].type, resource->type) == 0) {
            bool is_named = IDENTITIES[i].name != NULL &&
                            node_member(resource->properties, IDENTITIES[i].name) != NULL;
            return is_named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM";
        }
    }
    return NULL;
}

static bool has_capability(const struct text_list *capabilities, const char *name)
{
    for (size_t i = 0; i < capabilities->count; i++) {
        if (strcmp(capabilities->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool check_capabilities(struct service_request *request, const struct submission *submission)
{
    const struct text_list *given = &submission->content.capabilities;
    const char *missing = NULL;
    for (size_t i = 0; i < submission->template.resource_count; i++) {
        const char *needed = capability_for(&submission->template.resources[i]);
        bool is_given = needed == NULL || has_capability(given, needed) ||
                        has_capability(given, "CAPABILITY_NAMED_IAM");
        if (!is_given && (missing == NULL || strcmp(needed, "CAPABILITY_NAMED_IAM") == 0)) {
            missing = needed;
        }
    }
    return missing == NULL || service_fail(request, &CLOUDFORMATION_INSUFFICIENT_CAPABILITIES,
                                           "Requires capabilities : [%s]", missing);
}

/* ---- parameters and tags ---- */

static const char *find_stored(void *context, struct arena *arena, const char *name)
{
    (void)context;
    (void)arena;
    return ssm_parameter_value(bytes_of_text(name));
}

static bool read_parameters(struct service_request *request,
                            const struct stack *previous,
                            struct submission *submission)
{
    const struct cJSON *list = json_member(request->input, "Parameters");
    struct given_parameter *given = arena_alloc(request->arena, count_of(list) * sizeof *given);
    struct parameter_sources sources = { .given = given, .find_stored = find_stored };
    for (const struct cJSON *node = first_of(list); node != NULL; node = json_next(node)) {
        given[sources.given_count++] = (struct given_parameter){
            .name = member_text(request, node, "ParameterKey"),
            .value = json_member(node, "ParameterValue") == NULL
                         ? NULL
                         : member_text(request, node, "ParameterValue"),
            .uses_previous = shape_boolean(json_member(node, "UsePreviousValue")),
        };
    }
    if (previous != NULL) {
        sources.previous = previous->content.parameters;
        sources.previous_count = previous->content.parameter_count;
    }
    const char *error;
    if (!stack_parameters_settle(request->arena, &submission->template, &sources,
                                 &submission->content.parameters, &error)) {
        return refuse(request, error);
    }
    submission->content.parameter_count = submission->template.parameter_count;
    return true;
}

static void read_tags(struct service_request *request, struct stack_content *content)
{
    const struct cJSON *list = json_member(request->input, "Tags");
    if (list == NULL) {
        return; /* those of before */
    }
    struct stack_tag *tags = arena_alloc(request->arena, count_of(list) * sizeof *tags);
    content->tags = tags;
    content->tag_count = 0;
    for (const struct cJSON *node = first_of(list); node != NULL; node = json_next(node)) {
        tags[content->tag_count++] = (struct stack_tag){
            .key = member_text(request, node, "Key"),
            .value = member_text(request, node, "Value"),
        };
    }
}

static void read_rest(struct service_request *request, struct stack_content *content)
{
    content->capabilities = submission_texts(request, "Capabilities");
    if (json_member(request->input, "NotificationARNs") != NULL) {
        content->notification_arns = submission_texts(request, "NotificationARNs");
    }
    if (json_member(request->input, "RoleARN") != NULL) {
        content->role_arn = member_text(request, request->input, "RoleARN");
    }
}

bool submission_read(struct service_request *request,
                     const struct stack *previous,
                     struct submission *out_submission)
{
    struct bytes text = BYTES("");
    uint64_t number;
    const char *error;
    struct stack_template *template = &out_submission->template;
    *out_submission = (struct submission){
        .content = { .description = "", .role_arn = "", .change_set_id = "" }
    };
    if (previous != NULL) {
        out_submission->content = previous->content;
    }
    if (!find_text(request, previous, &text, &number)) {
        return false;
    }
    if (!stack_template_read(request->arena, text, template, &error) ||
        !stack_template_check_types(request->arena, template,
                                    request->api->other_resources == API_OTHER_RESOURCES_NOOP,
                                    &error)) {
        return refuse(request, error);
    }
    out_submission->text = number == 0 ? text : BYTES("");
    out_submission->content.template_number = number;
    out_submission->content.description = template->description;
    read_tags(request, &out_submission->content);
    read_rest(request, &out_submission->content);
    return read_parameters(request, previous, out_submission) &&
           check_capabilities(request, out_submission);
}
