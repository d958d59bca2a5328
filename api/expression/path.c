#include "api/expression/path.h"

#include "storage/base/arena.h"
#include "storage/value/item_codec.h"

#include <stdlib.h>

static bool list_find(struct bytes payload, uint32_t index, struct attribute_value *out_value)
{
    struct reader cursor = reader_of(payload);
    struct attribute_value value;
    for (uint32_t i = 0; list_next(&cursor, &value); i++) {
        if (i == index) {
            *out_value = value;
            return true;
        }
    }
    return false;
}

struct document_path path_of_name(struct arena *arena, struct bytes name)
{
    struct path_element *element = arena_alloc(arena, sizeof *element);
    *element = (struct path_element){ .kind = PATH_NAME, .name = name };
    return (struct document_path){ .elements = element, .count = 1 };
}

bool path_find(const struct document_path *path,
               struct bytes item,
               struct attribute_value *out_value)
{
    struct attribute_value value;
    if (item.data == NULL || !item_find(item, path->elements[0].name, &value)) {
        return false;
    }
    for (size_t i = 1; i < path->count; i++) {
        const struct path_element *element = &path->elements[i];
        bool found =
            element->kind == PATH_NAME
                ? value.type == ATTRIBUTE_M && map_find(value.payload, element->name, &value)
                : value.type == ATTRIBUTE_L && list_find(value.payload, element->index, &value);
        if (!found) {
            return false;
        }
    }
    *out_value = value;
    return true;
}

int path_element_compare(const struct path_element *left, const struct path_element *right)
{
    if (left->kind != right->kind) {
        return left->kind == PATH_NAME ? -1 : 1;
    }
    if (left->kind == PATH_NAME) {
        return bytes_compare(left->name, right->name);
    }
    return left->index < right->index ? -1 : left->index > right->index;
}

/* How many elements the two begin with in common. */
static size_t common_length(const struct document_path *left, const struct document_path *right)
{
    size_t i = 0;
    while (i < left->count && i < right->count &&
           path_element_compare(&left->elements[i], &right->elements[i]) == 0) {
        i++;
    }
    return i;
}

bool path_equal(const struct document_path *left, const struct document_path *right)
{
    return left->count == right->count && common_length(left, right) == left->count;
}

int path_compare(const struct document_path *left, const struct document_path *right)
{
    size_t i = common_length(left, right);
    if (i < left->count && i < right->count) {
        return path_element_compare(&left->elements[i], &right->elements[i]);
    }
    return left->count < right->count ? -1 : left->count > right->count;
}

enum path_relation path_relate(const struct document_path *left, const struct document_path *right)
{
    size_t i = common_length(left, right);
    if (i == left->count || i == right->count) {
        return PATHS_OVERLAP;
    }
    return left->elements[i].kind != right->elements[i].kind ? PATHS_CONFLICT : PATHS_APART;
}

struct bytes path_text(struct arena *arena, const struct document_path *path)
{
    struct buffer text;
    buffer_init(&text, arena, 64);
    buffer_append_text(&text, "[");
    for (size_t i = 0; i < path->count; i++) {
        const struct path_element *element = &path->elements[i];
        buffer_append_text(&text, i > 0 ? ", " : "");
        if (element->kind == PATH_NAME) {
            buffer_append_bytes(&text, element->name);
        } else {
            buffer_append_format(&text, "[%u]", element->index);
        }
    }
    buffer_append_text(&text, "]");
    return buffer_view(&text);
}

static int compare_names(const void *left, const void *right)
{
    return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

struct attribute_names attribute_names_of(struct bytes *names, size_t count)
{
    if (count > 0) {
        qsort(names, count, sizeof *names, compare_names);
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !bytes_equal(names[kept - 1], names[i])) {
            names[kept++] = names[i];
        }
    }
    return (struct attribute_names){ .names = names, .count = kept };
}
