#include "tools/table/table_shape.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"

#include <stdio.h>
#include <string.h>

static const char *copy(struct arena *arena, const char *text)
{
    return bytes_to_text(arena, bytes_of_text(text));
}

/* ---- keys ---- */

/* 'S', 'N' or 'B'; 0: not defined. */
static char type_of(const struct cJSON *definitions, const char *name)
{
    for (const struct cJSON *node = json_first(definitions); node != NULL; node = json_next(node)) {
        if (strcmp(json_text(json_member(node, "AttributeName"), ""), name) == 0) {
            return *json_text(json_member(node, "AttributeType"), "");
        }
    }
    return 0;
}

/* What shapes are read with. */
struct reading {
    struct arena *arena;
    const struct cJSON *own_definitions; /* of the document */
    const struct cJSON *table_definitions;
    char *reason;
    size_t reason_size;
};

static char find_type(const struct reading *reading, const char *name)
{
    char type = type_of(reading->own_definitions, name);
    if (type == 0) {
        type = type_of(reading->table_definitions, name);
    }
    return type;
}

static bool
read_keys(const struct reading *reading, const struct cJSON *schema, struct index_shape *shape)
{
    const char *owner = shape->name != NULL ? shape->name : "the table";
    for (const struct cJSON *node = json_first(schema); node != NULL; node = json_next(node)) {
        const char *name = json_text(json_member(node, "AttributeName"), "");
        char type = find_type(reading, name);
        if (shape->key_count == KEY_PARTS_MAX || name[0] == '\0') {
            (void)snprintf(reading->reason, reading->reason_size, "the KeySchema of %s is none",
                           owner);
            return false;
        }
        if (type == 0) {
            (void)snprintf(reading->reason, reading->reason_size,
                           "%s has no type: key attribute of %s, not in AttributeDefinitions", name,
                           owner);
            return false;
        }
        shape->keys[shape->key_count++] = (struct key_part){
            .name = copy(reading->arena, name),
            .type = type,
            .is_hash = strcmp(json_text(json_member(node, "KeyType"), ""), "HASH") == 0,
        };
    }
    if (shape->key_count == 0) {
        (void)snprintf(reading->reason, reading->reason_size, "%s has no KeySchema", owner);
    }
    return shape->key_count > 0;
}

/* ---- projection ---- */

static void add_projected(struct index_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->projected_count; i++) {
        if (strcmp(shape->projected[i], name) == 0) {
            return;
        }
    }
    shape->projected[shape->projected_count++] = name;
}

static void read_projection(struct arena *arena,
                            const struct cJSON *projection,
                            const struct index_shape *table,
                            struct index_shape *shape)
{
    const char *type = json_text(json_member(projection, "ProjectionType"), "ALL");
    const struct cJSON *names = json_member(projection, "NonKeyAttributes");
    if (strcmp(type, "ALL") == 0) {
        shape->projection = PROJECTION_ALL;
        return;
    }
    shape->projection = strcmp(type, "INCLUDE") == 0 ? PROJECTION_INCLUDE : PROJECTION_KEYS_ONLY;
    shape->projected = arena_alloc(arena, (json_count(names) + KEY_PARTS_MAX + KEY_PARTS_MAX) *
                                              sizeof *shape->projected);
    for (size_t i = 0; i < table->key_count; i++) {
        add_projected(shape, table->keys[i].name);
    }
    for (size_t i = 0; i < shape->key_count; i++) {
        add_projected(shape, shape->keys[i].name);
    }
    for (const struct cJSON *node = json_first(names); node != NULL; node = json_next(node)) {
        add_projected(shape, copy(arena, json_text(node, "")));
    }
}

bool index_shape_projects(const struct index_shape *index, const char *attribute)
{
    bool found = index->projection == PROJECTION_ALL;
    for (size_t i = 0; !found && i < index->projected_count; i++) {
        found = strcmp(index->projected[i], attribute) == 0;
    }
    return found;
}

/* ---- indexes ---- */

static bool read_index(const struct reading *reading,
                       const struct cJSON *index,
                       const struct table_shape *table,
                       struct index_shape *out_shape)
{
    const char *status = json_text(json_member(index, "IndexStatus"), "");
    *out_shape = (struct index_shape){
        .name = copy(reading->arena, json_text(json_member(index, "IndexName"), "")),
        .is_ready = strcmp(status, "ACTIVE") == 0 && json_member(index, "Backfilling") == NULL,
        .write_units = json_number(json_at(index, "ProvisionedThroughput.WriteCapacityUnits"), 0),
    };
    if (!read_keys(reading, json_member(index, "KeySchema"), out_shape)) {
        return false;
    }
    read_projection(reading->arena, json_member(index, "Projection"), &table->self, out_shape);
    return true;
}

static bool read_indexes(const struct reading *reading,
                         const struct cJSON *list,
                         bool is_local,
                         struct table_shape *table)
{
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        struct index_shape *shape = &table->indexes[table->index_count];
        if (!read_index(reading, node, table, shape)) {
            return false;
        }
        shape->is_local = is_local;
        shape->is_ready = shape->is_ready || is_local;
        table->index_count++;
    }
    return true;
}

bool table_shape_read(struct arena *arena,
                      const struct cJSON *table,
                      struct table_shape *out_shape,
                      char *out_reason,
                      size_t reason_size)
{
    const struct cJSON *gsis = json_member(table, "GlobalSecondaryIndexes");
    const struct cJSON *lsis = json_member(table, "LocalSecondaryIndexes");
    const struct reading reading = { .arena = arena,
                                     .table_definitions =
                                         json_member(table, "AttributeDefinitions"),
                                     .reason = out_reason,
                                     .reason_size = reason_size };
    out_reason[0] = '\0';
    *out_shape = (struct table_shape){
        .name = copy(arena, json_text(json_member(table, "TableName"), "")),
        .item_count = json_number(json_member(table, "ItemCount"), 0),
        .size_bytes = json_number(json_member(table, "TableSizeBytes"), 0),
    };
    out_shape->self.is_ready = true;
    out_shape->indexes =
        arena_alloc(arena, (json_count(gsis) + json_count(lsis)) * sizeof *out_shape->indexes);
    return read_keys(&reading, json_member(table, "KeySchema"), &out_shape->self) &&
           read_indexes(&reading, lsis, true, out_shape) &&
           read_indexes(&reading, gsis, false, out_shape);
}

const struct index_shape *table_shape_find(const struct table_shape *table, const char *index)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (strcmp(table->indexes[i].name, index) == 0) {
            return &table->indexes[i];
        }
    }
    return NULL;
}

/* ---- documents ---- */

/* The index of that name in a list (or the only one, if no name is given); counts them. */
static const struct cJSON *find_in_list(const struct cJSON *list,
                                        const char *within, /* of an entry; NULL: itself */
                                        const char *name,
                                        size_t *count)
{
    const struct cJSON *found = NULL;
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        const struct cJSON *index = within != NULL ? json_member(node, within) : node;
        bool is_meant =
            index != NULL &&
            (name == NULL || strcmp(json_text(json_member(index, "IndexName"), ""), name) == 0);
        found = is_meant ? index : found;
        *count += is_meant;
    }
    return found;
}

static const struct cJSON *
find_in_document(const struct cJSON *document, const char *name, size_t *count, bool *out_is_local)
{
    *out_is_local = false;
    if (json_member(document, "IndexName") != NULL && json_member(document, "KeySchema") != NULL) {
        *count = 1;
        return document;
    }
    const struct cJSON *created =
        find_in_list(json_member(document, "GlobalSecondaryIndexUpdates"), "Create", name, count);
    const struct cJSON *global =
        find_in_list(json_member(document, "GlobalSecondaryIndexes"), NULL, name, count);
    const struct cJSON *local =
        find_in_list(json_member(document, "LocalSecondaryIndexes"), NULL, name, count);
    *out_is_local = created == NULL && global == NULL && local != NULL;
    return created != NULL ? created : global != NULL ? global : local;
}

bool index_shape_of_document(struct arena *arena,
                             const struct planned_index *planned,
                             struct index_shape *out_shape,
                             char *out_reason,
                             size_t reason_size)
{
    size_t count = 0;
    bool is_local = false;
    const char *name = planned->name;
    const struct cJSON *described = json_member(planned->document, "Table");
    const struct cJSON *document = described != NULL ? described : planned->document;
    const struct cJSON *index = find_in_document(document, name, &count, &is_local);
    if (index == NULL) {
        (void)snprintf(out_reason, reason_size, "it defines no index%s%s",
                       name != NULL ? " named " : "", name != NULL ? name : "");
        return false;
    }
    if (count > 1) {
        (void)snprintf(out_reason, reason_size,
                       "it defines several indexes; say which with --index");
        return false;
    }
    const struct reading reading = { .arena = arena,
                                     .own_definitions =
                                         json_member(document, "AttributeDefinitions"),
                                     .table_definitions = planned->table_definitions,
                                     .reason = out_reason,
                                     .reason_size = reason_size };
    if (!read_index(&reading, index, planned->table, out_shape)) {
        return false;
    }
    out_shape->is_local = is_local;
    return true;
}
