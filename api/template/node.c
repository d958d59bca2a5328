#include "api/template/node.h"

#include "api/template/json_document.h"
#include "api/template/message.h"
#include "api/template/yaml_document.h"
#include "storage/base/arena.h"

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

struct placed_member {
    struct node *member;
    size_t position;
};

static int compare_placed(const void *left, const void *right)
{
    const struct placed_member *one = left;
    const struct placed_member *other = right;
    int order = strcmp(one->member->name, other->member->name);
    return order != 0 ? order : one->position < other->position ? -1 : 1;
}

static void unlink_nameless(struct node *map)
{
    struct node **link = &map->first;
    while (*link != NULL) {
        if ((*link)->name == NULL) {
            *link = (*link)->next;
        } else {
            link = &(*link)->next;
        }
    }
}

size_t node_keep_last(struct arena *arena, struct node *map)
{
    size_t count = node_count(map);
    if (count < 2) {
        return 0;
    }
    struct placed_member *placed = arena_alloc(arena, count * sizeof *placed);
    size_t position = 0;
    for (struct node *member = map->first; member != NULL; member = member->next) {
        placed[position] = (struct placed_member){ member, position };
        position++;
    }
    qsort(placed, count, sizeof *placed, compare_placed);
    size_t place = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        if (strcmp(placed[i].member->name, placed[i + 1].member->name) == 0) {
            place = placed[i + 1].position + 1;
            placed[i].member->name = NULL;
        }
    }
    if (place > 0) {
        unlink_nameless(map); /* the very last member stays, so `last` does */
    }
    return place;
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
        json_document_append_text(to, members[i]->name);
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
            json_document_append_text(to, node->text);
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

static bool looks_like_json(struct bytes text)
{
    size_t i = 0;
    while (i < text.length && json_document_is_blank(text.data[i])) {
        i++;
    }
    return i < text.length && text.data[i] == '{';
}

bool node_read_located(struct arena *arena,
                       struct bytes text,
                       const struct node **out_tree,
                       struct document_error *out_error)
{
    struct document_error error;
    if (json_document_read(arena, text, out_tree, &error)) {
        return true;
    }
    if (error.fault == DOCUMENT_TOO_DEEP) {
        *out_error = error;
        return false;
    }
    if (yaml_document_read(arena, text, out_tree, out_error)) {
        return true;
    }
    if (looks_like_json(text) && out_error->fault == DOCUMENT_BROKEN) {
        *out_error = error;
    }
    return false;
}

bool node_read(struct arena *arena,
               struct bytes text,
               const struct node **out_tree,
               const char **out_error)
{
    struct document_error error;
    if (node_read_located(arena, text, out_tree, &error)) {
        return true;
    }
    bool is_whole =
        error.fault == DOCUMENT_EMPTY || (error.is_json && error.fault != DOCUMENT_BROKEN);
    *out_error =
        is_whole ? error.what : message_format(arena, "line %zu: %s", error.line, error.what);
    return false;
}
