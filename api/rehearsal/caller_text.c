#include "api/rehearsal/caller_text.h"

#include "storage/base/arena.h"

struct bytes caller_text_cut(struct bytes text)
{
    return (struct bytes){ text.data, text.length < CALLER_TEXT_SIZE_MAX ? text.length
                                                                         : CALLER_TEXT_SIZE_MAX };
}

static bool is_printable(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7F;
}

struct bytes caller_text_show(struct arena *arena, struct bytes text)
{
    struct bytes cut = caller_text_cut(text);
    size_t plain = 0;
    while (plain < cut.length && is_printable(cut.data[plain])) {
        plain++;
    }
    if (plain == cut.length) {
        return cut;
    }
    uint8_t *shown = arena_alloc(arena, cut.length);
    for (size_t i = 0; i < cut.length; i++) {
        shown[i] = is_printable(cut.data[i]) ? cut.data[i] : (uint8_t)'?';
    }
    return (struct bytes){ shown, cut.length };
}
