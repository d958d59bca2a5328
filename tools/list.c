#include "tools/list.h"

#include "storage/base/arena.h"

#include <stdint.h>
#include <string.h>

void *list_append(struct arena *arena, struct list *list, size_t element_size)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity * 2 + 16;
        if (list->elements == NULL) {
            list->elements = arena_alloc(arena, 0);
        }
        list->elements = arena_grow(arena, list->elements, list->capacity * element_size,
                                    capacity * element_size);
        list->capacity = capacity;
    }
    uint8_t *element = (uint8_t *)list->elements + list->count * element_size;
    memset(element, 0, element_size);
    list->count += 1;
    return element;
}
