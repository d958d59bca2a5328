#include "storage/base/identifier.h"

#include "storage/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct bytes identifier_uuid(struct arena *arena)
{
    enum { TEXT_SIZE = 36 };
    uint8_t raw[16];
    if (getrandom(raw, sizeof raw, 0) !=
        (ssize_t)sizeof raw) { /* up to 256 bytes never fall short */
        perror("getrandom");
        abort();
    }
    raw[6] = (uint8_t)((raw[6] & 0x0F) | 0x40);
    raw[8] = (uint8_t)((raw[8] & 0x3F) | 0x80);
    char *text = arena_alloc(arena, TEXT_SIZE + 1);
    size_t length = 0;
    for (size_t i = 0; i < sizeof raw; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text[length++] = '-';
        }
        (void)snprintf(text + length, 3, "%02x", raw[i]);
        length += 2;
    }
    return (struct bytes){ .data = (const uint8_t *)text, .length = TEXT_SIZE };
}
