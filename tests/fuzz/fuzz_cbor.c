/*
 * CBOR -> JSON: what is taken is JSON that parses, but for texts that are no UTF-8; what is not is
 * refused by a value, never by a crash.
 */

#include "api/json.h"
#include "api/protocol/cbor.h"
#include "storage/base/arena.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_install_hooks();
    struct arena arena;
    struct bytes json;
    const struct cJSON *document;
    arena_init(&arena);
    if (cbor_to_json(&arena, (struct bytes){ data, size }, &json) &&
        !json_parse(&arena, json, &document) && is_ascii(json)) {
        abort();
    }
    arena_deinit(&arena);
    return 0;
}
