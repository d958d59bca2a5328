#include "api/world.h"

#include "storage/base/arena.h"
#include "storage/table/catalog.h"

enum { ACCESS_KEY_SIZE_MAX = 128, REGION_SIZE_MAX = 64 };

_Static_assert(ACCESS_KEY_SIZE_MAX + 1 + REGION_SIZE_MAX + 1 == WORLD_SIZE_MAX,
               "a world fits into the key of a table");

static bool is_plain(struct bytes text, size_t size_max)
{
    bool plain = text.length > 0 && text.length <= size_max;
    for (size_t i = 0; plain && i < text.length; i++) {
        uint8_t letter = text.data[i];
        plain = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
                (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '.';
    }
    return plain;
}

bool world_of(struct arena *arena,
              struct bytes access_key_id,
              struct bytes region,
              struct bytes *out_world)
{
    if (!is_plain(access_key_id, ACCESS_KEY_SIZE_MAX) || !is_plain(region, REGION_SIZE_MAX)) {
        return false;
    }
    struct buffer world;
    buffer_init(&world, arena, access_key_id.length + region.length + 2);
    buffer_append_bytes(&world, access_key_id);
    buffer_append_u8(&world, WORLD_SEPARATOR);
    buffer_append_bytes(&world, region);
    buffer_append_u8(&world, WORLD_SEPARATOR);
    *out_world = buffer_view(&world);
    return true;
}

struct bytes world_account(struct bytes access_key_id)
{
    bool is_account = access_key_id.length == 12;
    for (size_t i = 0; is_account && i < access_key_id.length; i++) {
        is_account = access_key_id.data[i] >= '0' && access_key_id.data[i] <= '9';
    }
    return is_account ? access_key_id : BYTES("000000000000");
}
