#include "api/template/definition_read.h"

#include "api/template/definition.h"
#include "api/template/node.h"
#include "api/template/settings_read.h"
#include "api/template/template.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first error wins; with one, everything goes on but counts for nothing. */
struct definition_reading {
    struct arena *arena;
    const struct node *source; /* the map that holds KeySchema and the rest */
    struct table_definition *out;
    bool is_lenient;
    const char *error;
};

static bool fail(struct definition_reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct definition_reading *reading, const char *format, ...)
{
    if (reading->error == NULL) {
        char text[1024];
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        reading->error = bytes_to_text(reading->arena, bytes_of_text(text));
    }
    return false;
}

/* ---- keys and projections ---- */

/* The text of a member that must be there; "" with an error. `where` is for the message. */
static const char *need_text(struct definition_reading *reading,
                             const struct node *map,
                             const char *name,
                             const char *where)
{
    const struct node *member = node_member(map, name);
    if (member != NULL && member->kind == NODE_UNKNOWN) {
        (void)fail(reading, "%s of %s cannot be told: %s", name, where, member->text);
    } else if ((member == NULL || member->kind != NODE_SCALAR) && !reading->is_lenient) {
        (void)fail(reading, "%s lacks %s", where, name);
    }
    return node_text(member, "");
}

/* The same for a text that is one of `choices`, which begin and end with a blank. */
static const char *need_choice(struct definition_reading *reading,
                               const struct node *map,
                               const char *name,
                               const char *where,
                               const char *choices)
{
    const char *text = need_text(reading, map, name, where);
    char padded[32];
    (void)snprintf(padded, sizeof padded, " %s ", text);
    if (strchr(text, ' ') != NULL || strlen(text) > 20 || strstr(choices, padded) == NULL) {
        if (reading->is_lenient) {
            return text;
        }
        (void)fail(reading, "%s of %s is none of%s", name, where, choices);
        return "";
    }
    return text;
}

static const char *type_of(struct definition_reading *reading, const char *attribute)
{
    const struct node *list = node_member(reading->source, "AttributeDefinitions");
    for (const struct node *entry = list != NULL ? list->first : NULL; entry != NULL;
         entry = entry->next) {
        if (node_is_text(node_member(entry, "AttributeName"), attribute)) {
            return need_choice(reading, entry, "AttributeType", attribute, " S N B ");
        }
    }
    if (!reading->is_lenient) {
        (void)fail(reading, "AttributeDefinitions lacks the key attribute %s", attribute);
    }
    return "";
}

static void read_key_schema(struct definition_reading *reading,
                            const struct node *from,
                            const char *where,
                            struct key_schema *out)
{
    const struct node *list = node_member(from, "KeySchema");
    if (list == NULL || list->kind != NODE_LIST || list->first == NULL) {
        (void)fail(reading, "%s lacks KeySchema", where);
        return;
    }
    out->count = 0;
    for (const struct node *entry = list->first; entry != NULL; entry = entry->next) {
        if (out->count == KEY_ELEMENT_COUNT_MAX) {
            (void)fail(reading, "KeySchema of %s has too many elements", where);
            return;
        }
        const char *attribute = need_text(reading, entry, "AttributeName", where);
        const char *role = need_choice(reading, entry, "KeyType", where, " HASH RANGE ");
        out->elements[out->count++] = (struct key_element){
            .attribute = attribute,
            .type = reading->error == NULL ? type_of(reading, attribute) : "",
            .is_hash = strcmp(role, "HASH") == 0,
        };
    }
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void read_projection(struct definition_reading *reading,
                            const struct node *from,
                            const char *where,
                            struct projection *out)
{
    const struct node *projection = node_member(from, "Projection");
    if (projection != NULL && node_find_unknown(projection) != NULL) {
        (void)fail(reading, "Projection of %s cannot be told: %s", where,
                   node_find_unknown(projection)->text);
        return;
    }
    out->type =
        need_choice(reading, projection, "ProjectionType", where, " ALL KEYS_ONLY INCLUDE ");
    const struct node *list = node_member(projection, "NonKeyAttributes");
    out->attributes = arena_alloc(reading->arena, (node_count(list) + 1) * sizeof(char *));
    out->attribute_count = 0;
    for (const struct node *name = list != NULL ? list->first : NULL; name != NULL;
         name = name->next) {
        out->attributes[out->attribute_count++] = node_text(name, "");
    }
    if (out->attribute_count > 1) {
        qsort(out->attributes, out->attribute_count, sizeof(char *), compare_texts);
    }
}

/* ---- indexes ---- */

static const struct node *find_replica_index(const struct node *source, const char *name)
{
    const struct node *replicas = node_member(source, "Replicas");
    const struct node *list =
        node_member(replicas != NULL ? replicas->first : NULL, "GlobalSecondaryIndexes");
    for (const struct node *index = list != NULL ? list->first : NULL; index != NULL;
         index = index->next) {
        if (node_is_text(node_member(index, "IndexName"), name)) {
            return index;
        }
    }
    return NULL;
}

static void note_busy(struct definition_reading *reading, const char *what, const char *status)
{
    if (reading->out->source == SOURCE_DEPLOYED && strcmp(status, "ACTIVE") != 0) {
        struct buffer text;
        buffer_init(&text, reading->arena, 64);
        buffer_append_format(&text, "%s is %s", what, status);
        reading->out->busy = bytes_to_text(reading->arena, buffer_view(&text));
    }
}

/* False: the index is not one to plan with, since it is on its way out. */
static bool read_index(struct definition_reading *reading,
                       const struct node *node,
                       bool is_global,
                       struct index_definition *out)
{
    *out = (struct index_definition){ .name = need_text(reading, node, "IndexName", "an index") };
    const char *status = node_text(node_member(node, "IndexStatus"), "ACTIVE");
    note_busy(reading, out->name, status);
    if (strcmp(status, "DELETING") == 0) {
        return false;
    }
    read_key_schema(reading, node, out->name, &out->key_schema);
    read_projection(reading, node, out->name, &out->projection);
    if (is_global) {
        settings_read_index(reading->arena, reading->out, node,
                            find_replica_index(reading->source, out->name), out);
    }
    return true;
}

static void read_indexes(struct definition_reading *reading,
                         const char *member,
                         bool is_global,
                         struct index_list *out)
{
    const struct node *list = node_member(reading->source, member);
    if (list != NULL && list->kind != NODE_LIST) {
        (void)fail(reading, "%s cannot be told: %s", member,
                   list->kind == NODE_UNKNOWN ? list->text : "no list");
        return;
    }
    out->items = arena_alloc(reading->arena, (node_count(list) + 1) * sizeof *out->items);
    out->count = 0;
    for (const struct node *node = list != NULL ? list->first : NULL; node != NULL;
         node = node->next) {
        if (node->kind == NODE_UNKNOWN) {
            (void)fail(reading, "%s cannot be told: %s", member, node->text);
            return;
        }
        struct index_definition index;
        if (!read_index(reading, node, is_global, &index)) {
            continue;
        }
        if (definition_find_index(out, index.name) != NULL) {
            (void)fail(reading, "the index %s is there twice", index.name);
            return;
        }
        out->items[out->count++] = index;
    }
}

/* ---- the table ---- */

static void find_unused_attribute(struct definition_reading *reading)
{
    const struct node *list = node_member(reading->source, "AttributeDefinitions");
    for (const struct node *entry = list != NULL ? list->first : NULL; entry != NULL;
         entry = entry->next) {
        const char *name = node_text(node_member(entry, "AttributeName"), "");
        if (definition_attribute_type(reading->out, name) == NULL) {
            reading->out->unused_attribute = name;
            return;
        }
    }
}

/* Vector indexes would be dropped in silence otherwise, and count against the same limit. */
static bool refuse_unplanned_members(struct definition_reading *reading)
{
    return node_member(reading->source, "VectorIndexes") == NULL ||
           fail(reading, "vector indexes cannot be planned");
}

static struct value name_value_of(const struct node *name)
{
    if (name == NULL) {
        return (struct value){ .state = VALUE_UNSAID, .text = "" };
    }
    return (struct value){ .state = name->kind == NODE_SCALAR ? VALUE_KNOWN : VALUE_UNKNOWN,
                           .text = name->kind == NODE_LIST ? "a list" : name->text };
}

static void read_structure(struct definition_reading *reading)
{
    struct table_definition *out = reading->out;
    out->name = name_value_of(node_member(reading->source, "TableName"));
    read_key_schema(reading, reading->source, "the table", &out->key_schema);
    if (out->key_schema.count > 2 && !reading->is_lenient) {
        (void)fail(reading, "KeySchema of the table has more than two elements");
    }
    read_indexes(reading, "LocalSecondaryIndexes", false, &out->local_indexes);
    read_indexes(reading, "GlobalSecondaryIndexes", true, &out->global_indexes);
    (void)(reading->error == NULL && refuse_unplanned_members(reading));
    find_unused_attribute(reading);
}

static void read_template_table(struct definition_reading *reading,
                                const struct template_table *table)
{
    struct table_definition *out = reading->out;
    out->logical_id = table->logical_id;
    out->is_global_table = table->is_global;
    out->has_imports = node_member(table->properties, "ImportSourceSpecification") != NULL;
    reading->source = table->properties;
    if (table->is_global) {
        settings_read_global(reading->arena, table->properties, out);
    } else {
        settings_read_wanted(reading->arena, table->properties, out);
    }
}

/* {"Table": …} of DescribeTable, {"TableDescription": …} of CreateTable, or what is in them. */
static const struct node *find_description(const struct node *document)
{
    const struct node *table = node_member(document, "Table");
    table = table != NULL ? table : node_member(document, "TableDescription");
    if (table != NULL) {
        return table;
    }
    bool is_described =
        node_member(document, "TableStatus") != NULL || node_member(document, "TableArn") != NULL;
    return is_described ? document : NULL;
}

bool definition_read(struct arena *arena,
                     const struct node *document,
                     const struct template_options *options,
                     struct table_definition *out_definition,
                     const char **out_error)
{
    *out_definition = (struct table_definition){ .source = SOURCE_CREATE_TABLE };
    struct definition_reading reading = {
        .arena = arena,
        .source = document,
        .out = out_definition,
        .is_lenient = options->is_lenient,
    };
    const struct node *description = find_description(document);
    if (template_is(document)) {
        struct template_table table;
        out_definition->source = SOURCE_TEMPLATE;
        if (!template_find_table(arena, document, options, &table, out_error)) {
            return false;
        }
        read_template_table(&reading, &table);
    } else if (description != NULL) {
        out_definition->source = SOURCE_DEPLOYED;
        out_definition->arn = node_text(node_member(description, "TableArn"), NULL);
        reading.source = description;
        note_busy(&reading, "the table",
                  node_text(node_member(description, "TableStatus"), "ACTIVE"));
        settings_read_deployed(arena, document, description, out_definition);
    } else if (node_member(document, "KeySchema") != NULL) {
        settings_read_wanted(arena, document, out_definition);
    } else {
        *out_error = "neither an answer of DescribeTable, nor an input of CreateTable, nor a "
                     "CloudFormation template";
        return false;
    }
    read_structure(&reading);
    if (out_definition->source == SOURCE_DEPLOYED) {
        settings_read_insights(document, out_definition);
    }
    *out_error = reading.error;
    return reading.error == NULL;
}
