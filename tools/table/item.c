#include "tools/table/item.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/md5.h>

enum {
    PARTITION_KEY_SIZE_MAX = 2048,
    SORT_KEY_SIZE_MAX = 1024,
    NUMBER_SIZE_MAX = 21,
    CONTAINER_SIZE = 3, /* of a list or map, and one for each element */
};

/* ---- sizes ---- */

/* A zero byte is two in the tree (tools/client/json.h). */
static size_t string_size(const char *text)
{
    size_t size = 0;
    for (; *text != '\0'; text++) {
        size += (unsigned char)*text != 0xC0;
    }
    return size;
}

static size_t binary_size(const char *base64)
{
    size_t length = strlen(base64);
    size_t padding = length > 0 && base64[length - 1] == '=' ? 1 : 0;
    padding += length > 1 && base64[length - 2] == '=' ? 1 : 0;
    return length / 4 * 3 - (length >= 4 ? padding : 0);
}

/*
 * Pairs of digits, aligned at the point and without zeros at either end, one byte each; one for the
 * exponent, one for a minus sign.
 */
static size_t number_size(const char *text)
{
    bool is_negative = text[0] == '-';
    const char *digits = text + is_negative;
    size_t whole = strcspn(digits, ".");
    const char *fraction = digits[whole] == '.' ? digits + whole + 1 : "";
    size_t first = SIZE_MAX;
    size_t last = 0;
    for (size_t i = 0; i < whole; i++) { /* places before the point count down to it */
        if (digits[i] != '0') {
            size_t place = 1000 - (whole - i + 1) / 2;
            first = first == SIZE_MAX ? place : first;
            last = place;
        }
    }
    for (size_t i = 0; fraction[i] != '\0'; i++) {
        if (fraction[i] != '0') {
            size_t place = 1000 + i / 2;
            first = first == SIZE_MAX ? place : first;
            last = place;
        }
    }
    size_t size = 1 + (first == SIZE_MAX ? 0 : last - first + 1) + is_negative;
    return size < NUMBER_SIZE_MAX ? size : NUMBER_SIZE_MAX;
}

static size_t value_size(const struct cJSON *value);

static size_t elements_size(const struct cJSON *list, size_t (*size_of)(const char *text))
{
    size_t size = 0;
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        size += size_of(json_text(node, ""));
    }
    return size;
}

static size_t container_size(const struct cJSON *container, bool has_names)
{
    size_t size = CONTAINER_SIZE + json_count(container);
    for (const struct cJSON *node = json_first(container); node != NULL; node = json_next(node)) {
        size += value_size(node) + (has_names ? string_size(json_name(node)) : 0);
    }
    return size;
}

/* {"S":"…"}: one member, named by its type. */
static size_t value_size(const struct cJSON *value)
{
    const struct cJSON *content = json_first(value);
    const char *type = content != NULL ? json_name(content) : "NULL";
    const struct {
        const char *type;
        size_t (*size_of)(const char *text);
    } scalars[] = { { "S", string_size }, { "N", number_size }, { "B", binary_size } };
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++) {
        if (strcmp(type, scalars[i].type) == 0) {
            return scalars[i].size_of(json_text(content, ""));
        }
        if (type[0] == scalars[i].type[0] && strcmp(type + 1, "S") == 0) { /* SS, NS, BS */
            return elements_size(content, scalars[i].size_of);
        }
    }
    if (strcmp(type, "L") == 0 || strcmp(type, "M") == 0) {
        return container_size(content, type[0] == 'M');
    }
    return 1; /* BOOL, NULL */
}

size_t item_size(const struct cJSON *item, const struct index_shape *index)
{
    size_t size = 0;
    for (const struct cJSON *node = json_first(item); node != NULL; node = json_next(node)) {
        if (index == NULL || index_shape_projects(index, json_name(node))) {
            size += string_size(json_name(node)) + value_size(node);
        }
    }
    return size;
}

/* ---- what an index takes ---- */

const char *skip_reason_text(enum skip_reason reason)
{
    static const char *const texts[] = {
        [SKIP_NONE] = "",
        [SKIP_MISSING] = "attribute missing",
        [SKIP_WRONG_TYPE] = "wrong type",
        [SKIP_EMPTY] = "empty",
        [SKIP_TOO_LARGE] = "too large",
    };
    return texts[reason];
}

static struct skip skip_of(const struct cJSON *item, const struct key_part *part)
{
    struct skip skip = { .reason = SKIP_NONE, .attribute = part->name };
    const struct cJSON *content = json_first(json_member(item, part->name));
    if (content == NULL) {
        skip.reason = SKIP_MISSING;
        return skip;
    }
    const char type[] = { part->type, '\0' };
    if (strcmp(json_name(content), type) != 0) {
        skip.reason = SKIP_WRONG_TYPE;
        skip.type = json_name(content);
        return skip;
    }
    if (part->type == 'N') {
        return skip;
    }
    const char *text = json_text(content, "");
    skip.size_bytes = part->type == 'B' ? binary_size(text) : string_size(text);
    if (skip.size_bytes == 0) {
        skip.reason = SKIP_EMPTY;
    } else if (skip.size_bytes > (part->is_hash ? PARTITION_KEY_SIZE_MAX : SORT_KEY_SIZE_MAX)) {
        skip.reason = SKIP_TOO_LARGE;
    }
    return skip;
}

struct skip item_skip(const struct cJSON *item, const struct index_shape *index)
{
    struct skip skip = { .reason = SKIP_NONE };
    for (size_t i = 0; skip.reason == SKIP_NONE && i < index->key_count; i++) {
        skip = skip_of(item, &index->keys[i]);
    }
    return skip;
}

/* ---- keys and digests ---- */

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void append_value(struct arena *arena, struct buffer *to, const struct cJSON *value);

static void append_sized(struct buffer *to, const char *text)
{
    buffer_append_sized(to, bytes_of_text(text));
}

/* Elements of a set have no order of their own. */
static void append_set(struct arena *arena, struct buffer *to, const struct cJSON *set)
{
    const char **texts = arena_alloc(arena, json_count(set) * sizeof *texts);
    size_t count = 0;
    for (const struct cJSON *node = json_first(set); node != NULL; node = json_next(node)) {
        texts[count++] = json_text(node, "");
    }
    qsort(texts, count, sizeof *texts, compare_texts);
    for (size_t i = 0; i < count; i++) {
        append_sized(to, texts[i]);
    }
}

static void append_map(struct arena *arena, struct buffer *to, const struct cJSON *map)
{
    const char **names = arena_alloc(arena, json_count(map) * sizeof *names);
    size_t count = 0;
    for (const struct cJSON *node = json_first(map); node != NULL; node = json_next(node)) {
        names[count++] = json_name(node);
    }
    qsort(names, count, sizeof *names, compare_texts);
    for (size_t i = 0; i < count; i++) {
        append_sized(to, names[i]);
        append_value(arena, to, json_member(map, names[i]));
    }
}

static void append_value(struct arena *arena, struct buffer *to, const struct cJSON *value)
{
    const struct cJSON *content = json_first(value);
    const char *type = content != NULL ? json_name(content) : "";
    append_sized(to, type);
    buffer_append_varint(to, (uint32_t)json_count(content));
    if (strcmp(type, "M") == 0) {
        append_map(arena, to, content);
    } else if (strcmp(type, "L") == 0) {
        for (const struct cJSON *node = json_first(content); node != NULL; node = json_next(node)) {
            append_value(arena, to, node);
        }
    } else if (json_is_list(content)) {
        append_set(arena, to, content);
    } else {
        append_sized(to, json_text(content, json_boolean(content) ? "true" : "false"));
    }
}

void bytes_digest(struct bytes bytes, uint8_t out_digest[DIGEST_SIZE])
{
    struct md5_ctx context;
    md5_init(&context);
    md5_update(&context, bytes.length, bytes.data);
    md5_digest(&context, DIGEST_SIZE, out_digest);
}

void item_digest(struct arena *arena,
                 const struct cJSON *item,
                 const struct index_shape *left,
                 const struct index_shape *right,
                 uint8_t out_digest[DIGEST_SIZE])
{
    const char **names = arena_alloc(arena, json_count(item) * sizeof *names);
    struct buffer image;
    size_t count = 0;
    for (const struct cJSON *node = json_first(item); node != NULL; node = json_next(node)) {
        const char *name = json_name(node);
        if (index_shape_projects(left, name) && index_shape_projects(right, name)) {
            names[count++] = name;
        }
    }
    qsort(names, count, sizeof *names, compare_texts);
    buffer_init(&image, arena, 512);
    for (size_t i = 0; i < count; i++) {
        append_sized(&image, names[i]);
        append_value(arena, &image, json_member(item, names[i]));
    }
    bytes_digest(buffer_view(&image), out_digest);
}

void item_append_key(struct buffer *to, const struct cJSON *item, const struct index_shape *keys)
{
    buffer_append_text(to, "{");
    for (size_t i = 0; i < keys->key_count; i++) {
        const struct cJSON *content = json_first(json_member(item, keys->keys[i].name));
        const char type[] = { keys->keys[i].type, '\0' };
        buffer_append_text(to, i > 0 ? "," : "");
        json_append_text(to, keys->keys[i].name);
        buffer_append_format(to, ":{\"%s\":", type);
        json_append_text(to, json_text(content, ""));
        buffer_append_text(to, "}");
    }
    buffer_append_text(to, "}");
}
