#include "api/json_fingerprint.h"

#include "api/json.h"
#include "storage/base/arena.h"

#include <stdlib.h>

#include <nettle/sha2.h>

/* Every part goes in with its kind and its length, so that no two trees give the same bytes. */
static void add(struct sha256_ctx *hash, enum json_kind kind, const void *data, uint64_t length)
{
    uint8_t head[9] = { (uint8_t)kind };
    for (size_t i = 0; i < 8; i++) {
        head[1 + i] = (uint8_t)(length >> (8 * i));
    }
    sha256_update(hash, sizeof head, head);
    if (data != NULL) {
        sha256_update(hash, (size_t)length, data);
    }
}

struct named_member {
    struct bytes name;
    const struct cJSON *value;
};

static int compare_names(const void *left, const void *right)
{
    const struct named_member *one = left;
    const struct named_member *other = right;
    return bytes_compare(one->name, other->name);
}

static void add_node(struct sha256_ctx *hash, struct arena *arena, const struct cJSON *node);

static void add_object(struct sha256_ctx *hash, struct arena *arena, const struct cJSON *object)
{
    struct named_member *members = arena_alloc(arena, json_count(object) * sizeof *members);
    size_t count = 0;
    for (const struct cJSON *node = json_first(object); node != NULL; node = json_next(node)) {
        if (json_kind(node) != JSON_NULL) {
            members[count++] = (struct named_member){ json_name(arena, node), node };
        }
    }
    qsort(members, count, sizeof *members, compare_names);
    add(hash, JSON_OBJECT, NULL, count);
    for (size_t i = 0; i < count; i++) {
        add(hash, JSON_STRING, members[i].name.data, members[i].name.length);
        add_node(hash, arena, members[i].value);
    }
}

/* As deep as json_parse lets a tree be. */
static void add_node(struct sha256_ctx *hash, struct arena *arena, const struct cJSON *node)
{
    enum json_kind kind = json_kind(node);
    struct bytes text;
    double number;
    switch (kind) {
    case JSON_OBJECT:
        add_object(hash, arena, node);
        return;
    case JSON_ARRAY:
        add(hash, kind, NULL, json_count(node));
        for (const struct cJSON *each = json_first(node); each != NULL; each = json_next(each)) {
            add_node(hash, arena, each);
        }
        return;
    case JSON_STRING:
        text = json_text(arena, node);
        add(hash, kind, text.data, text.length);
        return;
    case JSON_NUMBER:
        number = json_number(node);
        add(hash, kind, &number, sizeof number);
        return;
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE:
        break;
    }
    add(hash, kind, NULL, 0);
}

void json_fingerprint(struct arena *arena,
                      const struct cJSON *node,
                      uint8_t out_fingerprint[JSON_FINGERPRINT_SIZE])
{
    struct sha256_ctx hash;
    sha256_init(&hash);
    add_node(&hash, arena, node);
    sha256_digest(&hash, JSON_FINGERPRINT_SIZE, out_fingerprint);
}
