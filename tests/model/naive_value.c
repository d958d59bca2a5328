#include "tests/model/naive_value.h"

enum { PARTS_MAX = 3 }; /* of a set or list */

/* In the order of their bytes. The last letter is two UTF-16 code units. */
static const char *const LETTERS[] = { "a", "b", "\xC3\xA9", "\xF0\x9D\x84\x9E" };
static const char *const BYTES_IN_HEX[] = { "00", "61", "c3", "ff" };

const char *const NAIVE_VALUE_NAMES[NAIVE_VALUE_NAMES_COUNT] = { "a", "b", "c", "d" };

struct naive_value *naive_value_new(struct arena *arena, enum attribute_type type)
{
    struct naive_value *node = arena_alloc_zero(arena, sizeof *node);
    node->type = type;
    return node;
}

static enum attribute_type element_type(enum attribute_type set)
{
    return set == ATTRIBUTE_SS ? ATTRIBUTE_S : set == ATTRIBUTE_NS ? ATTRIBUTE_N : ATTRIBUTE_B;
}

static bool is_set(const struct naive_value *node)
{
    return node->type == ATTRIBUTE_SS || node->type == ATTRIBUTE_NS || node->type == ATTRIBUTE_BS;
}

bool naive_value_is_text(const struct naive_value *node)
{
    return node->type == ATTRIBUTE_S || node->type == ATTRIBUTE_B;
}

/* ---- what conditions ask of values ---- */

static bool holds(const struct naive_value *collection, const struct naive_value *wanted)
{
    for (size_t i = 0; i < collection->count; i++) {
        if (naive_value_equal(collection->parts[i], wanted)) {
            return true;
        }
    }
    return false;
}

const struct naive_value *naive_value_entry(const struct naive_value *map, size_t name)
{
    for (size_t i = 0; i < map->count; i++) {
        if (map->names[i] == name) {
            return map->parts[i];
        }
    }
    return NULL;
}

static bool parts_equal(const struct naive_value *left, const struct naive_value *right)
{
    for (size_t i = 0; i < left->count; i++) {
        if (is_set(left)) {
            if (!holds(right, left->parts[i])) {
                return false;
            }
        } else {
            const struct naive_value *other = left->type == ATTRIBUTE_L
                                                  ? right->parts[i]
                                                  : naive_value_entry(right, left->names[i]);
            if (other == NULL || !naive_value_equal(left->parts[i], other)) {
                return false;
            }
        }
    }
    return true;
}

int naive_value_order(const struct naive_value *left, const struct naive_value *right)
{
    if (left->type == ATTRIBUTE_N) {
        return left->halves - right->halves;
    }
    for (size_t i = 0; i < left->count && i < right->count; i++) {
        if (left->letters[i] != right->letters[i]) {
            return left->letters[i] < right->letters[i] ? -1 : 1;
        }
    }
    return (int)left->count - (int)right->count;
}

bool naive_value_equal(const struct naive_value *left, const struct naive_value *right)
{
    if (left->type != right->type) {
        return false;
    }
    if (left->type == ATTRIBUTE_BOOL) {
        return left->truth == right->truth;
    }
    if (left->type == ATTRIBUTE_NULL) {
        return true;
    }
    if (left->type == ATTRIBUTE_N || naive_value_is_text(left)) {
        return naive_value_order(left, right) == 0;
    }
    return left->count == right->count && parts_equal(left, right);
}

bool naive_value_matches_at(const struct naive_value *text,
                            size_t start,
                            const struct naive_value *part)
{
    bool matches = start + part->count <= text->count;
    for (size_t i = 0; matches && i < part->count; i++) {
        matches = text->letters[start + i] == part->letters[i];
    }
    return matches;
}

bool naive_value_contains(const struct naive_value *value, const struct naive_value *wanted)
{
    if (naive_value_is_text(value) && wanted->type == value->type) {
        for (size_t start = 0; start <= value->count; start++) {
            if (naive_value_matches_at(value, start, wanted)) {
                return true;
            }
        }
    }
    return (is_set(value) || value->type == ATTRIBUTE_L) && holds(value, wanted);
}

bool naive_value_is_ordered_pair(const struct naive_value *left, const struct naive_value *right)
{
    return left->type == right->type && (naive_value_is_text(left) || left->type == ATTRIBUTE_N);
}

const struct naive_value *naive_value_size(struct arena *arena, const struct naive_value *value)
{
    if (value->type == ATTRIBUTE_N || value->type == ATTRIBUTE_BOOL ||
        value->type == ATTRIBUTE_NULL) {
        return NULL;
    }
    struct naive_value *size = naive_value_new(arena, ATTRIBUTE_N);
    for (size_t i = 0; i < value->count; i++) {
        bool is_long = value->type == ATTRIBUTE_S && value->letters[i] == 3;
        size->halves += is_long ? 4 : 2;
    }
    return size;
}

/* ---- random values ---- */

struct naive_value *
naive_value_random_text(struct random *random, struct arena *arena, enum attribute_type type)
{
    struct naive_value *node = naive_value_new(arena, type);
    node->count = random_below(random, NAIVE_VALUE_LETTERS_MAX + 1);
    for (size_t i = 0; i < node->count; i++) {
        node->letters[i] = random_below(random, sizeof LETTERS / sizeof LETTERS[0]);
    }
    return node;
}

struct naive_value *
naive_value_random_scalar(struct random *random, struct arena *arena, enum attribute_type type)
{
    if (type == ATTRIBUTE_N) {
        struct naive_value *node = naive_value_new(arena, type);
        node->halves = (int)random_below(random, 30) - 8;
        return node;
    }
    return naive_value_random_text(random, arena, type);
}

struct naive_value *
naive_value_random_set(struct random *random, struct arena *arena, enum attribute_type type)
{
    struct naive_value *set = naive_value_new(arena, type);
    size_t count = 1 + random_below(random, PARTS_MAX);
    while (set->count < count) {
        struct naive_value *element = naive_value_random_scalar(random, arena, element_type(type));
        if (!holds(set, element)) {
            set->parts[set->count++] = element;
        }
    }
    return set;
}

struct naive_value *naive_value_random_map(struct random *random, struct arena *arena, size_t depth)
{
    struct naive_value *map = naive_value_new(arena, ATTRIBUTE_M);
    for (size_t name = 0; name < NAIVE_VALUE_NAMES_COUNT; name++) {
        if (!random_once_in(random, 3)) {
            map->names[map->count] = name;
            map->parts[map->count++] = naive_value_random(random, arena, depth);
        }
    }
    return map;
}

struct naive_value *naive_value_random_of_type(struct random *random,
                                               struct arena *arena,
                                               enum attribute_type type,
                                               size_t depth)
{
    struct naive_value *node = NULL;
    switch (type) {
    case ATTRIBUTE_S:
    case ATTRIBUTE_N:
    case ATTRIBUTE_B:
        return naive_value_random_scalar(random, arena, type);
    case ATTRIBUTE_SS:
    case ATTRIBUTE_NS:
    case ATTRIBUTE_BS:
        return naive_value_random_set(random, arena, type);
    case ATTRIBUTE_M:
        return naive_value_random_map(random, arena, depth - 1);
    case ATTRIBUTE_L:
        node = naive_value_new(arena, type);
        node->count = random_below(random, PARTS_MAX + 1);
        for (size_t i = 0; i < node->count; i++) {
            node->parts[i] = naive_value_random(random, arena, depth - 1);
        }
        return node;
    case ATTRIBUTE_BOOL:
    case ATTRIBUTE_NULL:
    case ATTRIBUTE_TYPE_COUNT:
        break;
    }
    node = naive_value_new(arena, type);
    node->truth = type == ATTRIBUTE_BOOL && random_once_in(random, 2);
    return node;
}

struct naive_value *naive_value_random(struct random *random, struct arena *arena, size_t depth)
{
    size_t types_count = depth > 0 ? ATTRIBUTE_TYPE_COUNT : ATTRIBUTE_L;
    return naive_value_random_of_type(
        random, arena, (enum attribute_type)random_below(random, types_count), depth);
}

/* ---- values as literals ---- */

static void print_parts(struct buffer *to, const struct naive_value *node, const char *frame)
{
    buffer_append_u8(to, (uint8_t)frame[0]);
    for (size_t i = 0; i < node->count; i++) {
        buffer_append_text(to, i > 0 ? ", " : "");
        if (node->type == ATTRIBUTE_M) {
            buffer_append_format(to, "%s: ", NAIVE_VALUE_NAMES[node->names[i]]);
        }
        naive_value_print(to, node->parts[i]);
    }
    buffer_append_u8(to, (uint8_t)frame[1]);
}

static void print_text(struct buffer *to, const struct naive_value *node)
{
    bool is_binary = node->type == ATTRIBUTE_B;
    buffer_append_text(to, is_binary ? "x'" : "'");
    for (size_t i = 0; i < node->count; i++) {
        buffer_append_text(to, (is_binary ? BYTES_IN_HEX : LETTERS)[node->letters[i]]);
    }
    buffer_append_text(to, "'");
}

void naive_value_print(struct buffer *to, const struct naive_value *node)
{
    if (naive_value_is_text(node)) {
        print_text(to, node);
    } else if (node->type == ATTRIBUTE_N) {
        int magnitude = node->halves < 0 ? -node->halves : node->halves;
        buffer_append_format(to, "%s%d%s", node->halves < 0 ? "-" : "", magnitude / 2,
                             magnitude % 2 != 0 ? ".5" : "");
    } else if (node->type == ATTRIBUTE_BOOL) {
        buffer_append_text(to, node->truth ? "true" : "false");
    } else if (node->type == ATTRIBUTE_NULL) {
        buffer_append_text(to, "null");
    } else {
        print_parts(to, node,
                    node->type == ATTRIBUTE_M   ? "{}"
                    : node->type == ATTRIBUTE_L ? "[]"
                                                : "<>");
    }
}
