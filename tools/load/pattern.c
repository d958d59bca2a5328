#include "tools/load/pattern.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH_MAX = 18, LENGTH_MAX = 100 * 1000, PLACEHOLDER_SIZE = 64 };

/* ---- reading ---- */

/* Digits, all of `text`. */
static bool read_digits(const char *text, int64_t most, int64_t *out_number)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    *out_number = number;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && number <= most;
}

/* "1-500" */
static bool read_range(char *text, struct pattern_part *part)
{
    char *dash = strchr(text, '-');
    if (dash == NULL) {
        return false;
    }
    *dash = '\0';
    part->kind = PART_RANGE;
    part->width = text[0] == '0' ? (int)strlen(text) : 0;
    return strlen(text) <= WIDTH_MAX && read_digits(text, INT64_MAX, &part->least) &&
           read_digits(dash + 1, INT64_MAX, &part->most) && part->least <= part->most;
}

/* What is between the braces. */
static bool read_placeholder(char *text, struct pattern_part *part)
{
    static const struct {
        const char *name;
        enum pattern_part_kind kind;
        bool needs_width;
        int64_t width_max; /* 0: takes none */
    } names[] = { { "number", PART_NUMBER, false, WIDTH_MAX },
                  { "uuid", PART_UUID, false, 0 },
                  { "hex", PART_HEX, true, LENGTH_MAX },
                  { "letters", PART_LETTERS, true, LENGTH_MAX } };
    size_t length = strcspn(text, ":");
    int64_t width = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) != length || strncmp(names[i].name, text, length) != 0) {
            continue;
        }
        part->kind = names[i].kind;
        if (text[length] == '\0') {
            return !names[i].needs_width;
        }
        bool is_read = read_digits(text + length + 1, names[i].width_max, &width);
        part->width = (int)width;
        return is_read && width > 0;
    }
    return read_range(text, part);
}

/* The text up to the next placeholder; a doubled brace stands for itself. Returns what follows. */
static const char *read_text(struct arena *arena, const char *from, struct pattern_part *part)
{
    struct buffer raw;
    struct buffer escaped;
    buffer_init(&raw, arena, 32);
    buffer_init(&escaped, arena, 32);
    while (*from != '\0') {
        bool is_brace = *from == '{' || *from == '}';
        if (is_brace && from[1] != *from) {
            break;
        }
        buffer_append_u8(&raw, (uint8_t)*from);
        from += is_brace ? 2 : 1;
    }
    json_append_text(&escaped, bytes_to_text(arena, buffer_view(&raw)));
    part->kind = PART_TEXT;
    part->text =
        (struct bytes){ .data = escaped.data + 1, .length = escaped.length - 2 }; /* no quotes */
    return from;
}

bool pattern_read(struct arena *arena,
                  const char *text,
                  struct pattern *out_pattern,
                  char *out_reason,
                  size_t reason_size)
{
    struct pattern_part *parts = arena_alloc_zero(arena, (strlen(text) + 1) * sizeof *parts);
    size_t count = 0;
    for (const char *from = text; *from != '\0'; count++) {
        char inside[PLACEHOLDER_SIZE];
        if ((*from != '{' && *from != '}') || from[1] == *from) {
            from = read_text(arena, from, &parts[count]);
            continue;
        }
        size_t length = strcspn(from, "}");
        if (*from == '}' || from[length] == '\0') {
            (void)snprintf(out_reason, reason_size, "a brace without its other; write {{ or }}");
            return false;
        }
        (void)snprintf(inside, sizeof inside, "%.*s", (int)length - 1, from + 1);
        if (length > sizeof inside || !read_placeholder(inside, &parts[count])) {
            (void)snprintf(out_reason, reason_size,
                           "%.*s is none of {number}, {number:8}, {1-500}, {uuid}, {hex:16}, "
                           "{letters:12}",
                           (int)length + 1, from);
            return false;
        }
        from += length + 1;
    }
    *out_pattern = (struct pattern){ .parts = parts, .count = count };
    return true;
}

/* ---- writing ---- */

void pattern_append_letters(struct buffer *to, struct random_stream *random, int64_t count)
{
    uint8_t *at = buffer_reserve(to, (size_t)count);
    for (int64_t i = 0; i < count; i++) {
        at[i] = (uint8_t)('a' + random_stream_next(random) % 26);
    }
    buffer_commit(to, (size_t)count);
}

static void append_hex(struct buffer *to, struct random_stream *random, int count)
{
    for (int i = 0; i < count; i++) {
        buffer_append_u8(to, (uint8_t) "0123456789abcdef"[random_stream_next(random) % 16]);
    }
}

static void append_uuid(struct buffer *to, struct random_stream *random)
{
    uint64_t high = random_stream_next(random);
    uint64_t low = random_stream_next(random);
    buffer_append_format(to, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
                         high >> 32, (high >> 16) & 0xFFFF, high & 0xFFF,
                         ((low >> 48) & 0x3FFF) | 0x8000, low & 0xFFFFFFFFFFFF);
}

void pattern_append(struct buffer *to,
                    const struct pattern *pattern,
                    struct random_stream *random,
                    uint64_t number)
{
    for (size_t i = 0; i < pattern->count; i++) {
        const struct pattern_part *part = &pattern->parts[i];
        switch (part->kind) {
        case PART_TEXT:
            buffer_append_bytes(to, part->text);
            break;
        case PART_NUMBER:
            buffer_append_format(to, "%0*" PRIu64, part->width, number);
            break;
        case PART_RANGE:
            buffer_append_format(to, "%0*" PRId64, part->width,
                                 random_stream_between(random, part->least, part->most));
            break;
        case PART_UUID:
            append_uuid(to, random);
            break;
        case PART_HEX:
            append_hex(to, random, part->width);
            break;
        case PART_LETTERS:
            pattern_append_letters(to, random, part->width);
            break;
        }
    }
}
