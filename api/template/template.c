#include "api/template/template.h"

#include "api/template/node.h"
#include "api/template/resolve.h"
#include "storage/base/arena.h"

#include <string.h>

static bool is_table(const struct node *resource)
{
    const struct node *type = node_member(resource, "Type");
    return node_is_text(type, "AWS::DynamoDB::Table") ||
           node_is_text(type, "AWS::DynamoDB::GlobalTable");
}

bool template_is(const struct node *document)
{
    const struct node *resources = node_member(document, "Resources");
    return resources != NULL && resources->kind == NODE_MAP;
}

static const char *list_tables(struct arena *arena, const struct node *resources, const char *what)
{
    struct buffer text;
    buffer_init(&text, arena, 128);
    buffer_append_text(&text, what);
    const char *separator = ": ";
    for (const struct node *resource = resources->first; resource != NULL;
         resource = resource->next) {
        if (is_table(resource)) {
            buffer_append_format(&text, "%s%s", separator, resource->name);
            separator = ", ";
        }
    }
    return bytes_to_text(arena, buffer_view(&text));
}

/* The table asked for, or the only one. NULL: `out_error`. */
static const struct node *choose_table(struct arena *arena,
                                       const struct node *resources,
                                       const char *wanted,
                                       const char **out_error)
{
    const struct node *found = NULL;
    size_t count = 0;
    for (const struct node *resource = resources->first; resource != NULL;
         resource = resource->next) {
        if (is_table(resource) && (wanted == NULL || strcmp(resource->name, wanted) == 0)) {
            found = resource;
            count++;
        }
    }
    if (count == 1) {
        return found;
    }
    if (wanted != NULL) {
        *out_error =
            list_tables(arena, resources, "no DynamoDB table with that --resource; tables");
    } else if (count == 0) {
        *out_error = "the template holds no AWS::DynamoDB::Table or GlobalTable";
    } else {
        *out_error = list_tables(arena, resources, "several tables, choose one with --resource");
    }
    return NULL;
}

bool template_find_table(struct arena *arena,
                         const struct node *document,
                         const struct template_options *options,
                         struct template_table *out_table,
                         const char **out_error)
{
    const struct node *resources = node_member(document, "Resources");
    const struct node *table = choose_table(arena, resources, options->resource, out_error);
    if (table == NULL) {
        return false;
    }
    const char *condition = node_text(node_member(table, "Condition"), NULL);
    if (condition != NULL &&
        resolve_condition(arena, document, options, condition) == TRUTH_FALSE) {
        *out_error = "the table's Condition does not hold: the template has no such table";
        return false;
    }
    *out_table = (struct template_table){
        .logical_id = table->name,
        .is_global = node_is_text(node_member(table, "Type"), "AWS::DynamoDB::GlobalTable"),
        .properties = resolve_node(arena, document, options, node_member(table, "Properties")),
    };
    if (out_table->properties == NULL || out_table->properties->kind != NODE_MAP) {
        *out_error = "the table has no Properties";
        return false;
    }
    return true;
}
