#include "api/expression/projection.h"

#include "api/expression/messages.h"
#include "storage/base/arena.h"
#include "storage/value/item_codec.h"

#include <stdlib.h>
#include <string.h>

static int compare_paths(const void *left, const void *right)
{
    return path_compare(left, right);
}

/*
 * Sorted, paths that do not go together are neighbours somewhere: overlapping ones because a path
 * comes right before those it leads to, conflicting ones where names end and indexes begin.
 */
static bool has_related_neighbours(const struct document_path *sorted, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (path_relate(&sorted[i - 1], &sorted[i]) != PATHS_APART) {
            return true;
        }
    }
    return false;
}

/* The first pair in the order written that stands in `relation`. */
static bool find_pair(const struct projection *projection,
                      enum path_relation relation,
                      const struct document_path *out_pair[2])
{
    for (size_t i = 1; i < projection->paths_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (path_relate(&projection->paths[j], &projection->paths[i]) == relation) {
                out_pair[0] = &projection->paths[j];
                out_pair[1] = &projection->paths[i];
                return true;
            }
        }
    }
    return false;
}

static bool refuse_pair(struct expression_context *context, const struct projection *projection)
{
    const struct document_path *pair[2];
    bool overlap = find_pair(projection, PATHS_OVERLAP, pair);
    if (!overlap && !find_pair(projection, PATHS_CONFLICT, pair)) {
        return true;
    }
    struct bytes one = path_text(context->arena, pair[0]);
    struct bytes two = path_text(context->arena, pair[1]);
    return overlap ? messages_fail(context, MESSAGE_PATHS_OVERLAP, BYTES_ARGUMENTS(one),
                                   BYTES_ARGUMENTS(two))
                   : messages_fail(context, MESSAGE_PATHS_CONFLICT, BYTES_ARGUMENTS(one),
                                   BYTES_ARGUMENTS(two));
}

/* How many of the sorted paths from the first on have the same element at `depth`. */
static size_t group_size(const struct document_path *sorted, size_t count, size_t depth)
{
    size_t size = 1;
    while (size < count &&
           path_element_compare(&sorted[0].elements[depth], &sorted[size].elements[depth]) == 0) {
        size++;
    }
    return size;
}

/* Nodes for sorted paths that are equal before `depth` and all longer than that. */
static struct projection_node *build_nodes(struct arena *arena,
                                           const struct document_path *sorted,
                                           size_t count,
                                           size_t depth,
                                           size_t *out_count)
{
    struct projection_node *nodes = arena_alloc(arena, count * sizeof *nodes);
    size_t nodes_count = 0;
    size_t size = 0;
    for (size_t i = 0; i < count; i += size) {
        size = group_size(sorted + i, count - i, depth);
        struct projection_node *node = &nodes[nodes_count++];
        *node = (struct projection_node){ .element = sorted[i].elements[depth] };
        if (sorted[i].count > depth + 1) {
            node->children = build_nodes(arena, sorted + i, size, depth + 1, &node->children_count);
        }
    }
    *out_count = nodes_count;
    return nodes;
}

bool projection_build(struct expression_context *context, struct projection *projection)
{
    size_t count = projection->paths_count;
    struct document_path *sorted = arena_alloc(context->arena, count * sizeof *sorted);
    memcpy(sorted, projection->paths, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_paths);
    if (has_related_neighbours(sorted, count)) {
        return refuse_pair(context, projection);
    }
    projection->nodes = build_nodes(context->arena, sorted, count, 0, &projection->nodes_count);
    return true;
}

static bool project_map(const struct projection_node *nodes,
                        size_t count,
                        struct bytes payload,
                        struct buffer *to);
static bool project_list(const struct projection_node *nodes,
                         size_t count,
                         struct bytes payload,
                         struct buffer *to);

/* Writes what the node wants of the value; false, and nothing written, when there is nothing. */
static bool
project_value(const struct projection_node *node, struct attribute_value value, struct buffer *to)
{
    if (node->children_count == 0) {
        write_value(to, value);
        return true;
    }
    bool wants_map = node->children[0].element.kind == PATH_NAME;
    if (value.type != (wants_map ? ATTRIBUTE_M : ATTRIBUTE_L)) {
        return false;
    }
    size_t start = to->length;
    size_t mark = write_open(to, value.type);
    bool wrote = wants_map ? project_map(node->children, node->children_count, value.payload, to)
                           : project_list(node->children, node->children_count, value.payload, to);
    if (!wrote) {
        to->length = start;
        return false;
    }
    write_close(to, mark);
    return true;
}

/* Entries and nodes both ascend by name. */
static bool project_map(const struct projection_node *nodes,
                        size_t count,
                        struct bytes payload,
                        struct buffer *to)
{
    bool wrote = false;
    struct reader cursor = reader_of(payload);
    struct attribute_name name;
    struct attribute_value value;
    size_t i = 0;
    while (i < count && map_next(&cursor, &name, &value)) {
        while (i < count && bytes_compare(nodes[i].element.name, name.text) < 0) {
            i++;
        }
        if (i == count || !bytes_equal(nodes[i].element.name, name.text)) {
            continue;
        }
        size_t start = to->length;
        write_name(to, name);
        if (project_value(&nodes[i++], value, to)) {
            wrote = true;
        } else {
            to->length = start;
        }
    }
    return wrote;
}

static bool project_list(const struct projection_node *nodes,
                         size_t count,
                         struct bytes payload,
                         struct buffer *to)
{
    bool wrote = false;
    struct reader cursor = reader_of(payload);
    struct attribute_value value;
    size_t i = 0;
    for (uint32_t index = 0; i < count && list_next(&cursor, &value); index++) {
        if (nodes[i].element.index == index) {
            wrote |= project_value(&nodes[i++], value, to);
        }
    }
    return wrote;
}

struct bytes
projection_apply(const struct projection *projection, struct bytes item, struct buffer *to)
{
    size_t mark = item_begin(to);
    (void)project_map(projection->nodes, projection->nodes_count, item_attributes(item), to);
    return item_end(to, mark);
}

static bool holds_name(const struct bytes *names, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(names[i], name)) {
            return true;
        }
    }
    return false;
}

struct attribute_names projection_attribute_names(struct arena *arena,
                                                  const struct projection *projection)
{
    struct bytes *names = arena_alloc(arena, projection->paths_count * sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < projection->paths_count; i++) {
        struct bytes name = projection->paths[i].elements[0].name;
        if (!holds_name(names, count, name)) {
            names[count++] = name;
        }
    }
    return (struct attribute_names){ .names = names, .count = count };
}
