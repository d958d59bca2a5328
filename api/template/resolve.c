#include "api/template/resolve.h"

#include "api/template/functions.h"
#include "api/template/node.h"
#include "api/template/resolution.h"
#include "api/template/template.h"
#include "storage/base/arena.h"

#include <string.h>

static enum truth evaluate(struct resolution *resolution, const struct node *expression);

/* ---- conditions ---- */

static enum truth equals(struct resolution *resolution, const struct node *list)
{
    if (node_count(list) != 2) {
        return TRUTH_UNKNOWN;
    }
    const struct node *left = resolution_resolve(resolution, list->first);
    const struct node *right = resolution_resolve(resolution, list->first->next);
    if (left->kind != NODE_SCALAR || right->kind != NODE_SCALAR) {
        return TRUTH_UNKNOWN;
    }
    return strcmp(left->text, right->text) == 0 ? TRUTH_TRUE : TRUTH_FALSE;
}

/* Of And and Or: `decisive` is the truth of a part that decides alone. */
static enum truth
combine(struct resolution *resolution, const struct node *list, enum truth decisive)
{
    enum truth all = decisive == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
    for (const struct node *part = list->first; part != NULL; part = part->next) {
        enum truth truth = evaluate(resolution, part);
        if (truth == decisive) {
            return decisive;
        }
        all = truth == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : all;
    }
    return all;
}

static enum truth evaluate_call(struct resolution *resolution, const struct node *call)
{
    if (strcmp(call->name, "Condition") == 0) {
        return resolution_condition(resolution, node_text(call, ""));
    }
    if (strcmp(call->name, "Fn::Equals") == 0) {
        return equals(resolution, call);
    }
    if (strcmp(call->name, "Fn::And") == 0) {
        return combine(resolution, call, TRUTH_FALSE);
    }
    if (strcmp(call->name, "Fn::Or") == 0) {
        return combine(resolution, call, TRUTH_TRUE);
    }
    if (strcmp(call->name, "Fn::Not") == 0 && call->first != NULL) {
        enum truth truth = evaluate(resolution, call->first);
        return truth == TRUTH_UNKNOWN ? truth : truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
    }
    return TRUTH_UNKNOWN;
}

static enum truth evaluate(struct resolution *resolution, const struct node *expression)
{
    if (expression->kind != NODE_MAP || expression->first == NULL ||
        resolution->depth >= CALL_DEPTH_MAX || resolution->count >= CALL_COUNT_MAX) {
        return TRUTH_UNKNOWN; /* conditions that name each other in a circle end here, too */
    }
    resolution->depth++;
    resolution->count++;
    enum truth truth = evaluate_call(resolution, expression->first);
    resolution->depth--;
    return truth;
}

enum truth resolution_condition(struct resolution *resolution, const char *name)
{
    const struct node *condition =
        node_member(node_member(resolution->document, "Conditions"), name);
    return condition != NULL ? evaluate(resolution, condition) : TRUTH_UNKNOWN;
}

/* ---- the tree ---- */

static struct node *resolve_container(struct resolution *resolution, const struct node *node)
{
    struct node *copy = node_new(resolution->arena, node->kind, "");
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        struct node *value = resolution_resolve(resolution, child);
        if (value->kind != NODE_NULL) { /* AWS::NoValue removes what it stands in */
            node_append(copy, child->name, value);
        }
    }
    return copy;
}

struct node *resolution_resolve(struct resolution *resolution, const struct node *node)
{
    if (node->kind != NODE_MAP && node->kind != NODE_LIST) {
        return node_copy(resolution->arena, node);
    }
    if (resolution->depth >= CALL_DEPTH_MAX || resolution->count >= CALL_COUNT_MAX) {
        return resolution_too_much(resolution);
    }
    resolution->depth++;
    resolution->count++;
    struct node *result = function_is_call(node) ? resolution_call(resolution, node->first)
                                                 : resolve_container(resolution, node);
    resolution->depth--;
    return result;
}

const struct node *resolve_node(struct arena *arena,
                                const struct node *document,
                                const struct template_options *options,
                                const struct node *node)
{
    struct resolution resolution = { .arena = arena, .document = document, .options = options };
    return node != NULL ? resolution_resolve(&resolution, node) : NULL;
}

const struct node *resolve_deployed(struct arena *arena,
                                    const struct node *document,
                                    const struct template_options *options,
                                    const struct node *node,
                                    const char **out_error)
{
    struct resolution resolution = { .arena = arena, .document = document, .options = options };
    const struct node *resolved = resolution_resolve(&resolution, node);
    if (resolution.error != NULL) {
        *out_error = resolution.error;
        return NULL;
    }
    return resolved;
}

enum truth resolve_condition(struct arena *arena,
                             const struct node *document,
                             const struct template_options *options,
                             const char *name)
{
    struct resolution resolution = { .arena = arena, .document = document, .options = options };
    return resolution_condition(&resolution, name);
}
