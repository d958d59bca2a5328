#include "tools/scrub.h"

#include "storage/base/arena.h"
#include "tools/record.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    UUID_LENGTH = 36,
    TEMPORARY_LENGTH = 14, /* "tmp." and ten characters, as mktemp(1) names */
};

/* The element's number, counted from 1; it is added if it is new. */
static size_t number_of(struct scrub *scrub, struct list *list, struct bytes name)
{
    const struct bytes *known = list->elements;
    for (size_t i = 0; i < list->count; i++) {
        if (bytes_equal(known[i], name)) {
            return i + 1;
        }
    }
    struct bytes *added = list_append(scrub->arena, list, sizeof *added);
    *added = bytes_copy(scrub->arena, name);
    return list->count;
}

static bool starts_with(struct reader *text, const char *prefix)
{
    struct bytes rest = { .data = text->next, .length = reader_left(text) };
    return prefix != NULL && bytes_start_with(rest, bytes_of_text(prefix));
}

/* tmp.XXXXXXXXXX */
static bool is_temporary(struct reader *text)
{
    if (!starts_with(text, "tmp.") || reader_left(text) < TEMPORARY_LENGTH) {
        return false;
    }
    for (size_t i = sizeof "tmp." - 1; i < TEMPORARY_LENGTH; i++) {
        if (isalnum(text->next[i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_uuid(struct reader *text)
{
    if (reader_left(text) < UUID_LENGTH) {
        return false;
    }
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text->next[i] != '-' : isxdigit(text->next[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* The reader stands behind the name of our directory: a step's file, or a temporary file. */
static void scrub_path(struct reader *text, struct buffer *to)
{
    if (starts_with(text, "/tmp")) {
        (void)reader_take(text, sizeof "/tmp" - 1);
        buffer_append_text(to, "TMPDIR");
        return;
    }
    if (starts_with(text, "/background-")) {
        (void)reader_take(text, sizeof "/background-" - 1);
        while (reader_left(text) > 0 && isdigit(*text->next) != 0) {
            (void)reader_u8(text);
        }
    }
    if (starts_with(text, "/")) {
        (void)reader_u8(text);
    }
}

/* Replaces what stands at the reader, if it is of that sort. */
static bool scrub_one(struct scrub *scrub, struct reader *text, struct buffer *to)
{
    if (starts_with(text, scrub->address)) {
        (void)reader_take(text, strlen(scrub->address));
        size_t host_length = strcspn(scrub->address, ":");
        buffer_append_format(to, "%.*s:PORT", (int)host_length, scrub->address);
    } else if (starts_with(text, scrub->directory)) {
        (void)reader_take(text, strlen(scrub->directory));
        scrub_path(text, to);
    } else if (is_temporary(text)) {
        struct bytes name = reader_take(text, TEMPORARY_LENGTH);
        buffer_append_format(to, "tmp.%zu", number_of(scrub, &scrub->names, name));
    } else if (is_uuid(text)) {
        struct bytes name = reader_take(text, UUID_LENGTH);
        buffer_append_format(to, "00000000-0000-0000-0000-%012zu",
                             number_of(scrub, &scrub->identifiers, name));
    } else {
        return false;
    }
    return true;
}

struct bytes scrub_text(struct scrub *scrub, struct bytes text)
{
    struct buffer clean;
    struct reader reader = reader_of(text);
    bool inside_word = false; /* what is looked for begins at the begin of a word */
    buffer_init(&clean, scrub->arena, text.length + 1);
    while (reader_left(&reader) > 0) {
        if (!inside_word && scrub_one(scrub, &reader, &clean)) {
            continue;
        }
        uint8_t byte = reader_u8(&reader);
        inside_word = isalnum(byte) != 0;
        buffer_append_u8(&clean, byte);
    }
    return buffer_view(&clean);
}

static const char *scrub_string(struct scrub *scrub, const char *text)
{
    return text == NULL ? NULL
                        : bytes_to_text(scrub->arena, scrub_text(scrub, bytes_of_text(text)));
}

void scrub_record(struct scrub *scrub, struct run_record *record)
{
    for (size_t i = 0; i < record->runbook->step_count; i++) {
        struct step_record *step = &record->steps[i];
        step->output = scrub_text(scrub, step->output);
        step->trouble = scrub_string(scrub, step->trouble);
        if (step->captured == NULL) {
            continue;
        }
        size_t count = record->runbook->steps[i].capture_count;
        struct bytes *clean = arena_alloc(scrub->arena, count * sizeof *clean);
        for (size_t each = 0; each < count; each++) {
            clean[each] = scrub_text(scrub, step->captured[each]);
        }
        step->captured = clean;
    }
}
