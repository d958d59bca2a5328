/*
 * A request body -> tree -> item -> JSON -> tree -> the same item, byte for byte. What is refused
 * must be refused by a value, never by a crash.
 */

#include "api/attribute_json.h"
#include "api/json.h"
#include "api/shape.h"
#include "storage/base/arena.h"
#include "storage/value/item_codec.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void go_around(struct arena *arena, const struct cJSON *map)
{
    struct bytes item;
    struct api_error error;
    bool types_fit = shape_check_types(&SHAPE_ITEM, map, arena, &error);
    if (!item_of_json(arena, map, &item, &error)) {
        struct buffer body;
        buffer_init(&body, arena, 1);
        api_error_write(&body, &error);
        const struct cJSON *parsed;
        require(json_parse(arena, buffer_view(&body), &parsed));
        return;
    }
    require(types_fit);
    require(item_is_valid(item));
    struct buffer reply;
    buffer_init(&reply, arena, 1);
    item_json_write(&reply, item);
    const struct cJSON *again;
    struct bytes same;
    require(json_parse(arena, buffer_view(&reply), &again));
    require(item_of_json(arena, again, &same, &error));
    require(bytes_equal(item, same));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_install_hooks();
    struct arena arena;
    arena_init(&arena);
    const struct cJSON *document;
    if (json_parse(&arena, (struct bytes){ data, size }, &document)) {
        go_around(&arena, document);
    }
    arena_deinit(&arena);
    return 0;
}
