/* A list that grows in an arena. Elements move when it grows: keep no pointers into it. */

#ifndef REHEARSEDB_TOOLS_LIST_H
#define REHEARSEDB_TOOLS_LIST_H

#include <stddef.h>

struct arena;

struct list {
    void *elements;
    size_t count;
    size_t capacity;
};

/* Room for one more, all zero; the list must always be of the same `element_size`. */
void *list_append(struct arena *arena, struct list *list, size_t element_size);

#endif
