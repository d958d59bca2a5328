/*
 * A form -> JSON along the shapes of a list of structures: always JSON that parses, unless the form
 * holds bytes that are no UTF-8. A time that is read is written and read the same.
 */

#include "api/json.h"
#include "api/protocol/form.h"
#include "api/protocol/timestamp.h"
#include "api/shape.h"
#include "storage/base/arena.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct shape TEXT = { .kind = SHAPE_STRING };
static const struct shape NUMBER = { .kind = SHAPE_INTEGER };
static const struct shape TIME = { .kind = SHAPE_TIMESTAMP };
static const struct shape TRUTH = { .kind = SHAPE_BOOLEAN };
static const struct member PAIR_MEMBERS[] = {
    { "N", &TEXT, OPTIONAL },
    { "V", &NUMBER, OPTIONAL },
};
static const struct shape PAIR = SHAPE_STRUCTURE_OF("Pair", PAIR_MEMBERS);
static const struct shape PAIRS = { .kind = SHAPE_LIST, .element = &PAIR };
static const struct member MEMBERS[] = {
    { "P", &PAIRS, OPTIONAL }, { "S", &TEXT, OPTIONAL },   { "T", &TIME, OPTIONAL },
    { "B", &TRUTH, OPTIONAL }, { "N", &NUMBER, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("Input", MEMBERS);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* Latin letters only: what is more may be no UTF-8, or half of it after decoding. */
static bool is_ascii(const struct form *form)
{
    for (size_t i = 0; i < form->count; i++) {
        struct bytes value = form->pairs[i].value;
        for (size_t j = 0; j < value.length; j++) {
            if (value.data[j] >= 0x80) {
                return false;
            }
        }
    }
    return true;
}

static void go_around(struct arena *arena, struct bytes text)
{
    int64_t first;
    int64_t second;
    struct buffer written;
    if (timestamp_parse(text, &first) && first >= 0) {
        buffer_init(&written, arena, 32);
        timestamp_append(&written, first);
        require(timestamp_parse(buffer_view(&written), &second) && first == second);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_install_hooks();
    struct arena arena;
    struct form form;
    struct bytes text = { data, size };
    arena_init(&arena);
    if (form_parse(&arena, text, &form)) {
        const struct cJSON *document;
        struct bytes json = form_to_json(&arena, &form, &INPUT);
        bool parsed = json_parse(&arena, json, &document);
        require(parsed || !is_ascii(&form));
        struct bytes time = form_find(&form, BYTES("T"));
        go_around(&arena, time.data != NULL ? time : BYTES(""));
    }
    arena_deinit(&arena);
    return 0;
}
