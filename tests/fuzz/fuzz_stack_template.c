/*
 * A template as a deployment sees it, from its text to properties and outputs. It is refused with a
 * message or evaluated; dependencies come before what depends on them; properties that fit their
 * schema fit it again once they are what it wants, and are JSON. Each table is made, and changed
 * into the next one of its type; a table never differs from itself.
 */

#include "api/template/json_document.h"
#include "api/template/node.h"
#include "api/template/property_schema.h"
#include "api/template/stack_values.h"
#include "api/template/table_change.h"
#include "storage/base/arena.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tables {
    const struct node *last[RESOURCE_OTHER]; /* by kind; NULL: none yet */
};

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static const char *find_stored(void *context, struct arena *arena, const char *name)
{
    (void)context;
    (void)arena;
    return strchr(name, '-') == NULL ? "one,two" : NULL;
}

/* Resources with an even first letter are there already. */
static const char *
find_resource(void *context, struct arena *arena, const char *logical_id, const char *attribute)
{
    (void)context;
    (void)arena;
    return logical_id[0] % 2 == 0 ? (attribute != NULL ? "arn:of:it" : "its-name") : NULL;
}

static const char *find_export(void *context, struct arena *arena, const char *name)
{
    (void)context;
    (void)arena;
    return name[0] != '\0' ? "exported" : NULL;
}

static const char *json_of(struct arena *arena, const struct node *node)
{
    struct buffer text;
    buffer_init(&text, arena, 256);
    node_append_json(&text, node, false);
    return bytes_to_text(arena, buffer_view(&text));
}

static void check_order(struct arena *arena, const struct stack_template *read)
{
    bool *is_done = arena_alloc_zero(arena, read->resource_count);
    for (size_t i = 0; i < read->resource_count; i++) {
        const struct resource_declaration *resource = &read->resources[read->order[i]];
        for (size_t j = 0; j < resource->dependency_count; j++) {
            require(is_done[resource->dependencies[j]]);
        }
        is_done[read->order[i]] = true;
    }
}

/* ---- tables ---- */

static void
change(struct arena *arena, const char *type, const struct node *previous, const struct node *next)
{
    struct table_properties properties = {
        .type = type,
        .physical_name = "table",
        .previous = previous,
        .next = next,
    };
    struct table_change found;
    const char *error = NULL;
    if (!table_change_find(arena, &properties, &found, &error)) {
        require(error != NULL && error[0] != '\0');
        return;
    }
    require(previous == NULL || found.is_none == (found.property_count == 0));
    require(previous != next || (found.is_none && found.calls.count == 0));
    require(found.verdict != VERDICT_REFUSED || found.message != NULL);
    for (size_t i = 0; i < found.calls.count; i++) {
        struct buffer text;
        const struct node *input = NULL;
        struct document_error fault;
        buffer_init(&text, arena, 256);
        calls_append_input(&text, &found.calls.items[i]);
        require(json_document_read(arena, buffer_view(&text), &input, &fault));
    }
}

static void
check_table(struct arena *arena, struct tables *tables, const char *type, const struct node *next)
{
    enum resource_kind kind = stack_template_kind(type);
    if ((kind != RESOURCE_TABLE && kind != RESOURCE_GLOBAL_TABLE) ||
        node_find_unknown(next) != NULL) {
        return;
    }
    change(arena, type, NULL, next);
    change(arena, type, next, next);
    if (tables->last[kind] != NULL) {
        change(arena, type, tables->last[kind], next);
    }
    tables->last[kind] = next;
}

static void check_properties(struct arena *arena,
                             struct tables *tables,
                             const struct resource_declaration *resource,
                             const struct node *properties)
{
    const struct node *coerced = NULL;
    const struct node *again = NULL;
    const char *error = NULL;
    if (!property_schema_check(arena, resource->logical_id, resource->type, properties, &coerced,
                               &error)) {
        require(strncmp(error, "Properties validation failed for resource ", 42) == 0);
        return;
    }
    require(property_schema_check(arena, resource->logical_id, resource->type, coerced, &again,
                                  &error));
    const char *json = json_of(arena, coerced);
    require(strcmp(json, json_of(arena, again)) == 0);
    struct document_error fault;
    require(json_document_read(arena, bytes_of_text(json), &again, &fault));
    check_table(arena, tables, resource->type, coerced);
}

static void deploy(struct arena *arena, const struct stack_template *read)
{
    struct parameter_sources sources = { .find_stored = find_stored };
    struct stack_environment environment = {
        .account = "123456789012",
        .region = "eu-west-1",
        .partition = "aws",
        .url_suffix = "amazonaws.com",
        .stack_name = "stack",
        .stack_id = "arn:stack",
        .parameter_count = read->parameter_count,
        .find_resource = find_resource,
        .find_export = find_export,
    };
    const struct output_value *outputs = NULL;
    size_t output_count = 0;
    struct tables tables = { .last = { NULL } };
    const char *error = NULL;
    if (!stack_parameters_settle(arena, read, &sources, &environment.parameters, &error)) {
        require(error != NULL && error[0] != '\0');
        return;
    }
    for (size_t i = 0; i < read->resource_count; i++) {
        const struct resource_declaration *resource = &read->resources[i];
        const struct node *properties = NULL;
        (void)stack_values_has_resource(arena, read, &environment, resource);
        if (stack_values_properties(arena, read, &environment, resource, &properties, &error)) {
            check_properties(arena, &tables, resource, properties);
        } else {
            require(error != NULL && error[0] != '\0');
        }
    }
    if (!stack_values_outputs(arena, read, &environment, &outputs, &output_count, &error)) {
        require(error != NULL && error[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct stack_template read;
    const char *error = NULL;
    arena_init(&arena);
    if (stack_template_read(&arena, (struct bytes){ .data = data, .length = size }, &read,
                            &error)) {
        (void)stack_template_check_types(&arena, &read, true, &error);
        check_order(&arena, &read);
        deploy(&arena, &read);
    } else {
        require(error != NULL && error[0] != '\0');
    }
    arena_deinit(&arena);
    return 0;
}
