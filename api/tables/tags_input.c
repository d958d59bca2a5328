#include "api/tables/tags_input.h"

#include "api/internal.h"

#include <string.h>

enum { TAG_KEY_LENGTH_MAX = 128, TAG_VALUE_LENGTH_MAX = 256 };

/* Lengths and presence have texts of their own, so the shapes ask for nothing. */
static const struct member TAG_MEMBERS[] = {
    { "Key", &SHAPE_ANY_STRING, OPTIONAL },
    { "Value", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape TAG = SHAPE_STRUCTURE_OF("Tag", TAG_MEMBERS);
const struct shape SHAPE_TAGS = { .kind = SHAPE_LIST, .element = &TAG };

/* ---- characters ---- */

/* The next character of well-formed UTF-8. */
static uint32_t next_character(struct bytes *text)
{
    const uint8_t *data = text->data;
    size_t size = data[0] < 0x80 ? 1 : data[0] < 0xE0 ? 2 : data[0] < 0xF0 ? 3 : 4;
    static const uint8_t masks[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    uint32_t character = data[0] & masks[size];
    for (size_t i = 1; i < size; i++) {
        character = character << 6 | (data[i] & 0x3F);
    }
    *text = (struct bytes){ data + size, text->length - size };
    return character;
}

/* Blocks of punctuation and symbols beyond ASCII; letters, digits and spaces are allowed. */
static bool is_symbol(uint32_t character)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } blocks[] = { { 0x80, 0x9F },     { 0xA1, 0xA9 },       { 0xAB, 0xB1 },
                   { 0xB4, 0xB4 },     { 0xB6, 0xB8 },       { 0xBB, 0xBB },
                   { 0xBF, 0xBF },     { 0xD7, 0xD7 },       { 0xF7, 0xF7 },
                   { 0x200B, 0x2027 }, { 0x202A, 0x202E },   { 0x2030, 0x205E },
                   { 0x20A0, 0x20CF }, { 0x2190, 0x245F },   { 0x2500, 0x2BFF },
                   { 0x3001, 0x3004 }, { 0x3008, 0x3020 },   { 0xE000, 0xF8FF },
                   { 0xFE00, 0xFE6F }, { 0x1F000, 0x1FAFF }, { 0xE0000, 0x10FFFF } };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        if (character >= blocks[i].first && character <= blocks[i].last) {
            return true;
        }
    }
    return false;
}

static bool is_allowed(uint32_t character)
{
    if (character >= 0x80) {
        return !is_symbol(character);
    }
    uint32_t lower = character | 0x20;
    return (lower >= 'a' && lower <= 'z') || (character >= '0' && character <= '9') ||
           (character != 0 && strchr(" +-=._:/@", (int)character) != NULL);
}

/* Up to `length_max` characters (UTF-16 units, as the service counts), all of them allowed. */
static bool is_tag_text(struct bytes text, size_t length_max)
{
    size_t length = 0;
    while (text.length > 0) {
        uint32_t character = next_character(&text);
        length += character > 0xFFFF ? 2 : 1;
        if (!is_allowed(character)) {
            return false;
        }
    }
    return length <= length_max;
}

/* "aws:" in any case: reserved. */
static bool is_reserved(struct bytes key)
{
    return key.length >= 4 && (key.data[0] | 0x20) == 'a' && (key.data[1] | 0x20) == 'w' &&
           (key.data[2] | 0x20) == 's' && key.data[3] == ':';
}

/* ---- tags ---- */

static bool fail_key(struct request *request, struct bytes key)
{
    return api_fail(request, API_VALIDATION, "The Tag Key provided is invalid, Key: %.*s",
                    BYTES_ARGUMENTS(key));
}

static bool fail_value(struct request *request, struct bytes value)
{
    return api_fail(request, API_VALIDATION, "The Tag Value provided is invalid, Value: %.*s",
                    BYTES_ARGUMENTS(value));
}

bool fail_tag_count(struct request *request)
{
    return api_fail(request, API_VALIDATION,
                    "Number of Tags exceed the current limit for the provided ResourceArn");
}

bool tag_key_check(struct request *request, struct bytes key)
{
    if (key.length == 0 || !is_tag_text(key, TAG_KEY_LENGTH_MAX)) {
        return fail_key(request, key);
    }
    if (is_reserved(key)) {
        return api_fail(request, API_VALIDATION, "Tag Key cannot be prefixed with aws:, Key: %.*s",
                        BYTES_ARGUMENTS(key));
    }
    return true;
}

static bool tag_of_json(struct request *request, const struct cJSON *node, struct tag *out_tag)
{
    const struct cJSON *key = json_member(node, "Key");
    const struct cJSON *value = json_member(node, "Value");
    if (key == NULL) {
        return fail_key(request, BYTES("null"));
    }
    out_tag->key = json_text(request->arena, key);
    if (!tag_key_check(request, out_tag->key)) {
        return false;
    }
    if (value == NULL) {
        return fail_value(request, BYTES("null"));
    }
    out_tag->value = json_text(request->arena, value);
    return is_tag_text(out_tag->value, TAG_VALUE_LENGTH_MAX) || fail_value(request, out_tag->value);
}

bool tags_of_json(struct request *request, const struct cJSON *node, struct tag_set *out_tags)
{
    *out_tags = (struct tag_set){ .tags = NULL };
    if (node == NULL) {
        return true;
    }
    size_t count = json_count(node);
    if (count > TAGS_MAX) {
        return fail_tag_count(request);
    }
    out_tags->tags = arena_alloc(request->arena, count * sizeof *out_tags->tags);
    for (const struct cJSON *each = json_first(node); each != NULL; each = json_next(each)) {
        struct tag tag = { .key = BYTES("") };
        if (!tag_of_json(request, each, &tag)) {
            return false;
        }
        if (tag_find(out_tags, tag.key) != NULL) {
            return api_fail(request, API_VALIDATION,
                            "Duplicate Tag Keys provided as input: Duplicate Tag Key found %.*s",
                            BYTES_ARGUMENTS(tag.key));
        }
        out_tags->tags[out_tags->count++] = tag;
    }
    return true;
}

/* ---- a tagged resource ---- */

bool tagged_find(struct request *request,
                 const struct resource *resource,
                 struct tagged *out_tagged)
{
    out_tagged->owner = resource_owner(request, resource);
    out_tagged->table = catalog_find(request->txn, request->arena,
                                     request_qualified_name(request, resource->table_name));
    if (out_tagged->table == NULL || !resource_exists(request, resource, out_tagged->table)) {
        return api_fail(request, API_RESOURCE_NOT_FOUND,
                        "Requested resource not found: ResourceArn: %.*s not found",
                        BYTES_ARGUMENTS(resource->arn));
    }
    out_tagged->state = tags_find(request->txn, request->arena, out_tagged->owner);
    return true;
}

bool fail_tags_change(struct request *request, const struct table_definition *table)
{
    return api_fail(request, API_LIMIT_EXCEEDED,
                    "Subscriber limit exceeded: Table tags are being updated: %.*s",
                    BYTES_ARGUMENTS(table->name));
}

void tagged_change(struct request *request,
                   struct tagged *tagged,
                   const struct tag_set *tags,
                   const struct tag_set *change)
{
    const struct tag_state next = {
        .tags = *tags,
        .before = tags_seen(&tagged->state, request->now_ms),
        .change = *change,
        .due_ms = request->now_ms + request->storage->durations.tags_update_ms,
    };
    tags_put(request->txn, request->arena, tagged->owner, &next);
}
