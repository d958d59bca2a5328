/* A request body against shapes with something of everything: passes, or fails with a text. */

#include "api/json.h"
#include "api/shape.h"
#include "storage/base/arena.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct shape LIMIT = { .kind = SHAPE_INTEGER, .range = { 1, SHAPE_NO_MAX } };
static const struct shape KIND = { .kind = SHAPE_STRING, .values = "A, BC" };
static const struct shape DATA = { .kind = SHAPE_BLOB };
static const struct shape WHEN = { .kind = SHAPE_TIMESTAMP };
static const struct member PART_MEMBERS[] = {
    { "K", &KIND, REQUIRED },
    { "V", &SHAPE_ANY_ATTRIBUTE_VALUE, OPTIONAL },
};
static const struct shape PART = SHAPE_STRUCTURE_OF("Part", PART_MEMBERS);
static const struct shape PARTS = { .kind = SHAPE_LIST, .element = &PART, .range = { 1, 2 } };
static const struct shape PARTS_OF = {
    .kind = SHAPE_MAP,
    .key = &SHAPE_INDEX_NAME,
    .element = &PARTS,
    .range = { 1, 3 },
};
static const struct member MEMBERS[] = {
    { "T", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "L", &LIMIT, OPTIONAL },
    { "D", &DATA, OPTIONAL },
    { "W", &WHEN, OPTIONAL },
    { "F", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "P", &PARTS, OPTIONAL },
    { "M", &PARTS_OF, OPTIONAL },
    { "N", &SHAPE_STRING_MAP, OPTIONAL },
    { "I", &SHAPE_ITEM, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("Input", MEMBERS);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_install_hooks();
    struct arena arena;
    arena_init(&arena);
    const struct cJSON *body;
    struct api_error error;
    if (json_parse(&arena, (struct bytes){ data, size }, &body) &&
        !shape_check(&INPUT, body, &arena, &error)) {
        struct buffer reply;
        buffer_init(&reply, &arena, 1);
        api_error_write(&reply, &error);
        if (!json_parse(&arena, buffer_view(&reply), &body)) {
            abort();
        }
    }
    arena_deinit(&arena);
    return 0;
}
