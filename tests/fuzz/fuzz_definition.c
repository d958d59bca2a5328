/*
 * A planned index as a file has it, and an item after a line feed, over a table of fixed shape: the
 * definition is refused with a reason or its entries have a size, which is no more than the item's.
 */

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/estimate/place.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_item(const struct index_shape *index, struct bytes text)
{
    struct cJSON *item = json_parse(text);
    struct place place = { 0 };
    if (json_is_object(item)) {
        place_add(&place, item, index);
        const double *all = place.amounts[OF_ITEMS];
        const double *entries = place.amounts[OF_ENTRIES];
        require(all[AMOUNT_NUMBER] == 1 && all[AMOUNT_WRITE_UNITS] >= 1);
        require(all[AMOUNT_BYTES] <= (double)item_size(item, NULL));
        for (int amount = 0; amount < AMOUNTS; amount++) {
            require(entries[amount] == 0 || entries[amount] == all[amount]);
        }
    }
    json_free(item);
}

static void check(struct arena *arena, const struct cJSON *document, struct bytes item)
{
    static const char TABLE[] =
        "{\"TableName\":\"t\",\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}],"
        "\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}]}";
    char reason[512] = "";
    struct table_shape table;
    struct index_shape index;
    struct cJSON *described = json_parse(bytes_of_text(TABLE));
    require(table_shape_read(arena, described, &table, reason, sizeof reason));
    const struct planned_index planned = {
        .document = document,
        .table_definitions = json_member(described, "AttributeDefinitions"),
        .table = &table,
    };
    if (index_shape_of_document(arena, &planned, &index, reason, sizeof reason)) {
        require(index.key_count > 0);
        check_item(&index, item);
    } else {
        require(reason[0] != '\0');
    }
    json_free(described);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t length = end != NULL ? (size_t)(end - data) : size;
    size_t rest = end != NULL ? length + 1 : size;
    struct cJSON *document = json_parse((struct bytes){ .data = data, .length = length });
    struct arena arena;
    arena_init(&arena);
    if (document != NULL) {
        check(&arena, document, (struct bytes){ .data = data + rest, .length = size - rest });
    }
    json_free(document);
    arena_deinit(&arena);
    return 0;
}
