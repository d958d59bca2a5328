#include "api/cloudformation/resource_name.h"

#include "storage/base/bytes.h"
#include "storage/base/identifier.h"

#include <string.h>

enum { NAME_SIZE_MAX = 255, SUFFIX_LENGTH = 13 };

const char *
resource_physical_name(struct arena *arena, const char *stack_name, const char *logical_id)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    struct buffer name;
    char suffix[SUFFIX_LENGTH + 1];
    const char *uuids[2] = { bytes_to_text(arena, identifier_uuid(arena)),
                             bytes_to_text(arena, identifier_uuid(arena)) };
    for (size_t i = 0; i < SUFFIX_LENGTH; i++) {
        /* The first and last eight digits of a UUID are all random. */
        const char *digits = uuids[i % 2] + (i / 2);
        unsigned value = (unsigned char)digits[0] * 31U + (unsigned char)digits[28];
        suffix[i] = letters[value % (sizeof letters - 1)];
    }
    suffix[SUFFIX_LENGTH] = '\0';
    size_t room = NAME_SIZE_MAX - SUFFIX_LENGTH - 2 - strlen(stack_name);
    buffer_init(&name, arena, NAME_SIZE_MAX);
    buffer_append_format(&name, "%s-%.*s-%s", stack_name, (int)room, logical_id, suffix);
    return bytes_to_text(arena, buffer_view(&name));
}
