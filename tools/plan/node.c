#include "tools/plan/node.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/plan/yaml_document.h"

#include <stdlib.h>
#include <string.h>

struct node *node_new(struct arena *arena, enum node_kind kind, const char *text)
{
    struct node *node = arena_alloc_zero(arena, sizeof *node);
    node->kind = kind;
    node->text = text;
    return node;
}

void node_append(struct node *parent, const char *name, struct node *child)
{
    child->name = name;
    if (parent->last != NULL) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
}

struct node *node_copy(struct arena *arena, const struct node *node)
{
    struct node *copy = arena_alloc(arena, sizeof *copy);
    *copy = *node;
    copy->next = NULL;
    return copy;
}

const struct node *node_member(const struct node *map, const char *name)
{
    if (map == NULL || map->kind != NODE_MAP) {
        return NULL;
    }
    for (const struct node *member = map->first; member != NULL; member = member->next) {
        if (strcmp(member->name, name) == 0) {
            return member->kind != NODE_NULL ? member : NULL;
        }
    }
    return NULL;
}

const char *node_text(const struct node *node, const char *otherwise)
{
    return node != NULL && node->kind == NODE_SCALAR ? node->text : otherwise;
}

bool node_is_text(const struct node *node, const char *text)
{
    return strcmp(node_text(node, ""), text) == 0;
}

size_t node_count(const struct node *node)
{
    size_t count = 0;
    for (const struct node *child = node != NULL ? node->first : NULL; child != NULL;
         child = child->next) {
        count++;
    }
    return count;
}

const struct node *node_find_unknown(const struct node *node)
{
    if (node == NULL || node->kind == NODE_UNKNOWN) {
        return node;
    }
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        const struct node *found = node_find_unknown(child);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

/* ---- as JSON ---- */

static int compare_names(const void *left, const void *right)
{
    return strcmp((*(const struct node *const *)left)->name,
                  (*(const struct node *const *)right)->name);
}

static void append_map(struct buffer *to, const struct node *map, bool is_sorted)
{
    size_t count = node_count(map);
    const struct node **members = arena_alloc(to->arena, count * sizeof(struct node *));
    size_t i = 0;
    for (const struct node *member = map->first; member != NULL; member = member->next) {
        members[i++] = member;
    }
    if (is_sorted && count > 1) {
        qsort(members, count, sizeof(struct node *), compare_names);
    }
    buffer_append_u8(to, '{');
    for (i = 0; i < count; i++) {
        buffer_append_text(to, i > 0 ? "," : "");
        json_append_text(to, members[i]->name);
        buffer_append_u8(to, ':');
        node_append_json(to, members[i], is_sorted);
    }
    buffer_append_u8(to, '}');
}

static void append_list(struct buffer *to, const struct node *list, bool is_sorted)
{
    buffer_append_u8(to, '[');
    for (const struct node *child = list->first; child != NULL; child = child->next) {
        buffer_append_text(to, child != list->first ? "," : "");
        node_append_json(to, child, is_sorted);
    }
    buffer_append_u8(to, ']');
}

void node_append_json(struct buffer *to, const struct node *node, bool is_sorted)
{
    switch (node->kind) {
    case NODE_NULL:
    case NODE_UNKNOWN:
        buffer_append_text(to, "null");
        break;
    case NODE_SCALAR:
        if (node->is_string) {
            json_append_text(to, node->text);
        } else {
            buffer_append_text(to, node->text);
        }
        break;
    case NODE_LIST:
        append_list(to, node, is_sorted);
        break;
    case NODE_MAP:
        append_map(to, node, is_sorted);
        break;
    }
}

/* ---- from JSON ---- */

static const char *copy_text(struct arena *arena, const char *text)
{
    return bytes_to_text(arena, bytes_of_text(text));
}

/* NULL: deeper than NODE_DEPTH_MAX. */
static struct node *of_json(struct arena *arena, const struct cJSON *json, int depth)
{
    if (depth > NODE_DEPTH_MAX) {
        return NULL;
    }
    if (json_is_text(json)) {
        struct node *scalar = node_new(arena, NODE_SCALAR, copy_text(arena, json_text(json, "")));
        scalar->is_string = true;
        return scalar;
    }
    bool is_object = json_is_object(json);
    if (!is_object && !json_is_list(json)) { /* a number, a boolean or null, as JSON writes it */
        const char *text = bytes_to_text(arena, json_print(arena, json));
        return node_new(arena, strcmp(text, "null") == 0 ? NODE_NULL : NODE_SCALAR, text);
    }
    struct node *container = node_new(arena, is_object ? NODE_MAP : NODE_LIST, "");
    for (const struct cJSON *child = json_first(json); child != NULL; child = json_next(child)) {
        struct node *node = of_json(arena, child, depth + 1);
        if (node == NULL) {
            return NULL;
        }
        node_append(container, is_object ? copy_text(arena, json_name(child)) : NULL, node);
    }
    return container;
}

bool node_read(struct arena *arena,
               struct bytes text,
               const struct node **out_tree,
               const char **out_error)
{
    struct cJSON *json = json_parse(text);
    if (json == NULL) {
        return yaml_document_read(arena, text, out_tree, out_error);
    }
    const struct node *tree = of_json(arena, json, 0);
    json_free(json);
    if (tree == NULL) {
        *out_error = "nested too deeply";
        return false;
    }
    *out_tree = tree;
    return true;
}
