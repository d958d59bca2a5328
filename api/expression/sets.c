#include "api/expression/sets.h"

#include "storage/base/arena.h"

#include <assert.h>
#include <stdlib.h>

/* The elements of a set in order of their bytes (numbers are canonical, so equal as text). */
struct element_index {
    struct bytes *elements;
    size_t count;
};

static int compare_elements(const void *left, const void *right)
{
    return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

static struct element_index index_elements(struct arena *arena, struct attribute_value set)
{
    struct element_index index = { .count = attribute_value_count(set) };
    index.elements = arena_alloc(arena, index.count * sizeof *index.elements);
    struct reader cursor = reader_of(set.payload);
    struct bytes element;
    for (size_t i = 0; set_next(&cursor, &element); i++) {
        index.elements[i] = element;
    }
    if (index.count > 1) {
        qsort(index.elements, index.count, sizeof *index.elements, compare_elements);
    }
    return index;
}

static bool index_holds(const struct element_index *index, struct bytes element)
{
    return index->count > 0 && bsearch(&element, index->elements, index->count,
                                       sizeof *index->elements, compare_elements) != NULL;
}

/* Appends those elements of `set` that are not in `without`. */
static void
append_others(struct buffer *to, struct attribute_value set, const struct element_index *without)
{
    struct reader cursor = reader_of(set.payload);
    struct bytes element;
    while (set_next(&cursor, &element)) {
        if (!index_holds(without, element)) {
            buffer_append_sized(to, element);
        }
    }
}

struct attribute_value
sets_unite(struct arena *arena, struct attribute_value left, struct attribute_value right)
{
    assert(left.type == right.type);
    struct element_index present = index_elements(arena, left);
    struct buffer elements;
    buffer_init(&elements, arena, left.payload.length + right.payload.length);
    buffer_append_bytes(&elements, left.payload);
    append_others(&elements, right, &present);
    return (struct attribute_value){ .type = left.type,
                                     .is_plain = left.is_plain && right.is_plain,
                                     .payload = buffer_view(&elements) };
}

struct attribute_value
sets_subtract(struct arena *arena, struct attribute_value left, struct attribute_value right)
{
    assert(left.type == right.type);
    struct element_index removed = index_elements(arena, right);
    struct buffer elements;
    buffer_init(&elements, arena, left.payload.length);
    append_others(&elements, left, &removed);
    return (struct attribute_value){ .type = left.type,
                                     .is_plain = left.is_plain,
                                     .payload = buffer_view(&elements) };
}
