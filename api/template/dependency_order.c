#include "api/template/dependency_order.h"

#include "storage/base/arena.h"

#include <string.h>

struct ordering {
    const bool *depends;
    size_t count;
    bool *is_left;       /* not taken out yet */
    size_t *bound_count; /* by how many that are left each is held */
};

/* Whether `one` is held by `other`: it depends on it or, with `backwards`, is depended on. */
static bool is_held(const struct ordering *ordering, size_t one, size_t other, bool backwards)
{
    return backwards ? ordering->depends[other * ordering->count + one]
                     : ordering->depends[one * ordering->count + other];
}

static void count_bounds(struct ordering *ordering, bool backwards)
{
    for (size_t one = 0; one < ordering->count; one++) {
        ordering->bound_count[one] = 0;
        for (size_t other = 0; other < ordering->count; other++) {
            ordering->bound_count[one] +=
                ordering->is_left[other] && is_held(ordering, one, other, backwards) ? 1 : 0;
        }
    }
}

/* Takes out the first that nothing holds; false: there is none. */
static bool take_free(struct ordering *ordering, bool backwards, size_t *out_place)
{
    size_t place = 0;
    while (place < ordering->count &&
           (!ordering->is_left[place] || ordering->bound_count[place] > 0)) {
        place++;
    }
    if (place == ordering->count) {
        return false;
    }
    ordering->is_left[place] = false;
    for (size_t one = 0; one < ordering->count; one++) {
        ordering->bound_count[one] -= is_held(ordering, one, place, backwards) ? 1 : 0;
    }
    *out_place = place;
    return true;
}

bool dependency_order_find(struct arena *arena,
                           const bool *depends,
                           size_t count,
                           const size_t **out_places,
                           size_t *out_count)
{
    struct ordering ordering = {
        .depends = depends,
        .count = count,
        .is_left = arena_alloc(arena, count * sizeof(bool)),
        .bound_count = arena_alloc(arena, count * sizeof(size_t)),
    };
    size_t *places = arena_alloc(arena, (count + 1) * sizeof *places);
    size_t found = 0;
    memset(ordering.is_left, true, count * sizeof(bool));
    count_bounds(&ordering, false);
    while (take_free(&ordering, false, &places[found])) {
        found++;
    }
    *out_places = places;
    *out_count = found;
    if (found == count) {
        return true;
    }
    /* What merely depends on a circle is in none. */
    count_bounds(&ordering, true);
    size_t ignored;
    while (take_free(&ordering, true, &ignored)) {
    }
    *out_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (ordering.is_left[i]) {
            places[(*out_count)++] = i;
        }
    }
    return false;
}
