#include "tools/estimate/place.h"

static void add(double amounts[AMOUNTS], size_t size_bytes)
{
    size_t units = (size_bytes + WRITE_UNIT_BYTES - 1) / WRITE_UNIT_BYTES;
    amounts[AMOUNT_NUMBER] += 1;
    amounts[AMOUNT_BYTES] += (double)size_bytes;
    amounts[AMOUNT_STORAGE_BYTES] += (double)(size_bytes + ENTRY_OVERHEAD_BYTES);
    amounts[AMOUNT_WRITE_UNITS] += (double)(units > 0 ? units : 1);
}

void place_add(struct place *place, const struct cJSON *item, const struct index_shape *index)
{
    size_t size_bytes = item_size(item, index);
    add(place->amounts[OF_ITEMS], size_bytes);
    if (item_skip(item, index).reason == SKIP_NONE) {
        add(place->amounts[OF_ENTRIES], size_bytes);
    }
}
