#include "api/protocol/form.h"

#include "api/json_writer.h"
#include "api/protocol/timestamp.h"
#include "api/shape.h"
#include "storage/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE_MAX = 512, DECIMAL_SIZE_MAX = 24 };

/* ---- parsing ---- */

static int hex_digit(uint8_t letter)
{
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    if (letter >= 'a' && letter <= 'f') {
        return letter - 'a' + 10;
    }
    return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

static struct bytes decode(struct arena *arena, struct bytes text, uint8_t plus)
{
    uint8_t *decoded = arena_alloc(arena, text.length);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        int high = text.length - i > 2 ? hex_digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
        if (text.data[i] == '%' && low >= 0) {
            decoded[length++] = (uint8_t)(high * 16 + low);
            i += 2;
        } else {
            decoded[length++] = text.data[i] == '+' ? plus : text.data[i];
        }
    }
    return (struct bytes){ .data = decoded, .length = length };
}

struct bytes form_decode(struct arena *arena, struct bytes text)
{
    return decode(arena, text, ' ');
}

struct bytes form_decode_path(struct arena *arena, struct bytes text)
{
    return decode(arena, text, '+');
}

static size_t find_end(struct bytes text, size_t start, char separator)
{
    const uint8_t *end =
        start < text.length ? memchr(text.data + start, separator, text.length - start) : NULL;
    return end != NULL ? (size_t)(end - text.data) : text.length;
}

/* Of the same names the first sent stays first, for it lies first in memory. */
static int compare_pairs(const void *left, const void *right)
{
    const struct form_pair *one = left;
    const struct form_pair *other = right;
    int order = bytes_compare(one->name, other->name);
    return order != 0 ? order
                      : (one->name.data > other->name.data) - (one->name.data < other->name.data);
}

static size_t count_pairs(struct bytes text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.length; i++) {
        count += text.data[i] == '&';
    }
    return count;
}

bool form_parse(struct arena *arena, struct bytes text, struct form *out_form)
{
    size_t count = count_pairs(text);
    if (count > FORM_PAIRS_MAX) {
        return false;
    }
    struct form form = { .pairs = arena_alloc(arena, count * sizeof *form.pairs) };
    uint8_t *sequence = arena_alloc(arena, text.length); /* names decoded in the order sent */
    size_t used = 0;
    for (size_t start = 0; start < text.length;) {
        size_t end = find_end(text, start, '&');
        struct bytes pair = { text.data + start, end - start };
        size_t equals = find_end(pair, 0, '=');
        size_t skipped = equals < pair.length ? equals + 1 : equals;
        struct bytes name = form_decode(arena, (struct bytes){ pair.data, equals });
        if (name.length > 0) {
            memcpy(sequence + used, name.data, name.length);
            form.pairs[form.count++] = (struct form_pair){
                .name = { sequence + used, name.length },
                .value = form_decode(arena,
                                     (struct bytes){ pair.data + skipped, pair.length - skipped }),
            };
            used += name.length;
        }
        start = end + 1;
    }
    qsort(form.pairs, form.count, sizeof *form.pairs, compare_pairs);
    *out_form = form;
    return true;
}

/* The first pair whose name is not before `name`. */
static size_t find_position(const struct form *form, struct bytes name)
{
    size_t low = 0;
    size_t high = form->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bytes_compare(form->pairs[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct bytes form_find(const struct form *form, struct bytes name)
{
    size_t position = find_position(form, name);
    if (position < form->count && bytes_equal(form->pairs[position].name, name)) {
        return form->pairs[position].value;
    }
    return (struct bytes){ NULL, 0 };
}

/* Whether there is the name itself, or one that goes on after a dot. */
static bool has_any(const struct form *form, struct bytes name)
{
    char longer[NAME_SIZE_MAX];
    if (form_find(form, name).data != NULL) {
        return true;
    }
    if (name.length + 1 >= sizeof longer) {
        return false;
    }
    memcpy(longer, name.data, name.length);
    longer[name.length] = '.';
    struct bytes prefix = { (const uint8_t *)longer, name.length + 1 };
    size_t position = find_position(form, prefix);
    return position < form->count && bytes_start_with(form->pairs[position].name, prefix);
}

/* ---- as JSON ---- */

/* A name on its way down: "Dimensions", "Dimensions.member.1", … */
struct walk {
    const struct form *form;
    struct json_writer *writer;
    char name[NAME_SIZE_MAX];
    size_t length;
};

static struct bytes walk_name(const struct walk *walk)
{
    return (struct bytes){ (const uint8_t *)walk->name, walk->length };
}

/* False, and nothing added, when the name gets too long to be one that a shape has. */
static bool go_down(struct walk *walk, const char *part)
{
    size_t part_length = strlen(part);
    size_t dot = walk->length > 0;
    if (walk->length + dot + part_length >= NAME_SIZE_MAX) {
        return false;
    }
    if (dot != 0) {
        walk->name[walk->length] = '.';
    }
    memcpy(walk->name + walk->length + dot, part, part_length);
    walk->length += dot + part_length;
    return true;
}

/* [ "-" ] digit { digit }, of at most 18 digits */
static bool is_integer(struct bytes text)
{
    size_t sign = text.length > 0 && text.data[0] == '-';
    bool digits = text.length > sign && text.length - sign <= 18;
    for (size_t i = sign; digits && i < text.length; i++) {
        digits = text.data[i] >= '0' && text.data[i] <= '9';
    }
    return digits;
}

static void write_scalar(struct walk *walk, const struct shape *shape, struct bytes value)
{
    int64_t milliseconds;
    if ((shape->kind == SHAPE_INTEGER || shape->kind == SHAPE_LONG) && is_integer(value)) {
        char text[DECIMAL_SIZE_MAX];
        (void)snprintf(text, sizeof text, "%.*s", BYTES_ARGUMENTS(value));
        json_write_integer(walk->writer, strtoll(text, NULL, 10));
    } else if (shape->kind == SHAPE_BOOLEAN &&
               (bytes_equal(value, BYTES("true")) || bytes_equal(value, BYTES("false")))) {
        json_write_boolean(walk->writer, value.data[0] == 't');
    } else if (shape->kind == SHAPE_TIMESTAMP && timestamp_parse(value, &milliseconds) &&
               milliseconds >= 0) {
        json_write_seconds(walk->writer, milliseconds);
    } else {
        json_write_text(walk->writer, value);
    }
}

static void write_value(struct walk *walk, const struct shape *shape);

/* Elements from 1 on without a gap; an empty list is sent as its name alone. */
static void write_list(struct walk *walk, const struct shape *shape)
{
    size_t length = walk->length;
    json_open_array(walk->writer);
    for (unsigned i = 1; i <= FORM_PAIRS_MAX; i++) {
        char part[DECIMAL_SIZE_MAX];
        (void)snprintf(part, sizeof part, "member.%u", i);
        if (!go_down(walk, part) || !has_any(walk->form, walk_name(walk))) {
            walk->length = length;
            break;
        }
        write_value(walk, shape->element);
        walk->length = length;
    }
    json_close_array(walk->writer);
}

static void write_structure(struct walk *walk, const struct shape *shape)
{
    size_t length = walk->length;
    json_open_object(walk->writer);
    for (size_t i = 0; i < shape->members_count; i++) {
        if (go_down(walk, shape->members[i].name) && has_any(walk->form, walk_name(walk))) {
            json_write_key(walk->writer, shape->members[i].name);
            write_value(walk, shape->members[i].shape);
        }
        walk->length = length;
    }
    json_close_object(walk->writer);
}

static void write_value(struct walk *walk, const struct shape *shape)
{
    if (shape->kind == SHAPE_STRUCTURE) {
        write_structure(walk, shape);
    } else if (shape->kind == SHAPE_LIST) {
        write_list(walk, shape);
    } else {
        struct bytes value = form_find(walk->form, walk_name(walk));
        write_scalar(walk, shape, value.data != NULL ? value : BYTES(""));
    }
}

struct bytes form_to_json(struct arena *arena, const struct form *form, const struct shape *shape)
{
    struct buffer json;
    buffer_init(&json, arena, 512);
    struct json_writer writer = json_writer_of(&json);
    struct walk walk = { .form = form, .writer = &writer };
    write_structure(&walk, shape);
    return buffer_view(&json);
}
