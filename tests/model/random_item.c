#include "tests/model/random_item.h"

#include "storage/base/arena.h"
#include "tests/support/literal.h"

#include <string.h>

enum { KEYS_A_PARTITION = 60, TEXT_MAX = 1100 };

static void append_text(struct random *random, struct buffer *to, size_t letters)
{
    static const char LETTERS[] = "abc";
    buffer_append_text(to, "'");
    for (size_t i = 0; i < letters; i++) {
        buffer_append_u8(to, (uint8_t)LETTERS[random_below(random, 3)]);
    }
    buffer_append_text(to, "'");
}

/* Long texts share their first bytes, up to one that is past the size of a sort key. */
static void append_long_text(struct random *random, struct buffer *to)
{
    static const size_t SHARED[] = { 0, 0, 461, 465, 800, 1023, 1030 };
    size_t shared = SHARED[random_below(random, sizeof SHARED / sizeof *SHARED)];
    buffer_append_text(to, "'");
    for (size_t i = 0; i < shared; i++) {
        buffer_append_u8(to, 'x');
    }
    buffer_append_u8(to, (uint8_t)('a' + random_below(random, 4)));
    buffer_append_text(to, "'");
}

/* A value of a type that no index key has. */
static void append_odd_value(struct random *random, struct buffer *to)
{
    static const char *const ODD[] = { "true", "null", "[1]", "{z: 1}", "<'s'>", "''", "x''" };
    buffer_append_text(to, ODD[random_below(random, sizeof ODD / sizeof *ODD)]);
}

static void append_attribute(struct random *random, struct buffer *to, const char *name)
{
    if (random_once_in(random, 6)) {
        return; /* missing */
    }
    buffer_append_format(to, ", %s: ", name);
    if (random_once_in(random, 12)) {
        append_odd_value(random, to);
    } else if (strcmp(name, "n") == 0) {
        buffer_append_format(to, "%d", (int)random_below(random, 7) - 3);
    } else if (strcmp(name, "b") == 0) {
        buffer_append_format(to, "x'0%zu0%zu'", random_below(random, 2), random_below(random, 2));
    } else if (strcmp(name, "long") == 0) {
        append_long_text(random, to);
    } else {
        append_text(random, to, 1 + random_below(random, 2));
    }
}

static void append_key(struct random *random, struct buffer *to)
{
    buffer_append_format(to, "{pk: '%c', sk: %d", (char)('p' + (int)random_below(random, 2)),
                         (int)random_below(random, KEYS_A_PARTITION));
}

struct bytes random_item(struct random *random, struct arena *arena)
{
    static const char *const NAMES[] = { "a", "b", "extra", "long", "n", "unprojected" };
    struct buffer text;
    buffer_init(&text, arena, TEXT_MAX);
    append_key(random, &text);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        append_attribute(random, &text, NAMES[i]);
    }
    buffer_append_text(&text, "}");
    return literal_item(arena, bytes_to_text(arena, buffer_view(&text)));
}

struct bytes random_key(struct random *random, struct arena *arena)
{
    struct buffer text;
    buffer_init(&text, arena, 32);
    append_key(random, &text);
    buffer_append_text(&text, "}");
    return literal_item(arena, bytes_to_text(arena, buffer_view(&text)));
}
