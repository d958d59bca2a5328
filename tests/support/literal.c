#include "tests/support/literal.h"

#include "storage/base/arena.h"
#include "storage/value/attribute_set.h"
#include "storage/value/item_codec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 64 };

struct entry {
    struct attribute_name name;
    struct attribute_value value;
};

static _Noreturn void fail(const char *at)
{
    (void)fprintf(stderr, "bad literal at: %s\n", at);
    abort();
}

static char look(const char **text)
{
    while (**text == ' ') {
        (*text)++;
    }
    return **text;
}

static bool skip(const char **text, char wanted)
{
    if (look(text) != wanted) {
        return false;
    }
    (*text)++;
    return true;
}

static void expect(const char **text, char wanted)
{
    if (!skip(text, wanted)) {
        fail(*text);
    }
}

static struct bytes read_quoted(const char **text)
{
    expect(text, '\'');
    const char *end = strchr(*text, '\'');
    if (end == NULL) {
        fail(*text);
    }
    struct bytes quoted = { .data = (const uint8_t *)*text, .length = (size_t)(end - *text) };
    *text = end + 1;
    return quoted;
}

static struct bytes read_hex(struct arena *arena, const char **text)
{
    struct bytes digits = read_quoted(text);
    uint8_t *bytes = arena_alloc(arena, digits.length / 2);
    for (size_t i = 0; i < digits.length / 2; i++) {
        char pair[3] = { (char)digits.data[2 * i], (char)digits.data[2 * i + 1], '\0' };
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return (struct bytes){ .data = bytes, .length = digits.length / 2 };
}

static struct bytes read_word(const char **text, const char *letters)
{
    (void)look(text);
    size_t length = strspn(*text, letters);
    if (length == 0) {
        fail(*text);
    }
    struct bytes word = { .data = (const uint8_t *)*text, .length = length };
    *text += length;
    return word;
}

static struct attribute_value read_value(struct arena *arena, const char **text);

static enum attribute_type set_of(enum attribute_type element)
{
    return element == ATTRIBUTE_S   ? ATTRIBUTE_SS
           : element == ATTRIBUTE_N ? ATTRIBUTE_NS
                                    : ATTRIBUTE_BS;
}

static struct attribute_value read_set(struct arena *arena, const char **text)
{
    enum attribute_type type = ATTRIBUTE_SS;
    struct bytes elements[ENTRIES_MAX];
    size_t count = 0;
    expect(text, '<');
    while (!skip(text, '>')) {
        if (count == ENTRIES_MAX) {
            fail(*text);
        }
        struct attribute_value element = read_value(arena, text);
        type = set_of(element.type);
        elements[count++] = element.payload;
        (void)skip(text, ',');
    }
    if (!set_sort(type, elements, count)) {
        fail(*text);
    }
    struct buffer written;
    struct attribute_value set;
    buffer_init(&written, arena, 32);
    write_set(&written, type, elements, count);
    struct reader cursor = reader_of(buffer_view(&written));
    (void)list_next(&cursor, &set);
    return set;
}

static struct attribute_value read_list(struct arena *arena, const char **text)
{
    struct buffer values;
    buffer_init(&values, arena, 32);
    expect(text, '[');
    while (!skip(text, ']')) {
        write_value(&values, read_value(arena, text));
        (void)skip(text, ',');
    }
    return (struct attribute_value){ .type = ATTRIBUTE_L, .payload = buffer_view(&values) };
}

static int compare_entries(const void *left, const void *right)
{
    return bytes_compare(((const struct entry *)left)->name.text,
                         ((const struct entry *)right)->name.text);
}

static struct attribute_value read_map(struct arena *arena, const char **text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_#";
    struct entry entries[ENTRIES_MAX];
    size_t count = 0;
    expect(text, '{');
    while (!skip(text, '}')) {
        if (count == ENTRIES_MAX) {
            fail(*text);
        }
        struct entry *entry = &entries[count++];
        char first = look(text);
        if (first == '\'') {
            entry->name.text = read_quoted(text);
        } else if (first == ':') { /* a value placeholder; else the colon ends the name */
            const char *start = *text;
            (*text)++;
            entry->name.text = read_word(text, letters);
            entry->name.text.data = (const uint8_t *)start;
            entry->name.text.length++;
        } else {
            entry->name.text = read_word(text, letters);
        }
        entry->name.is_plain = text_is_plain(entry->name.text);
        expect(text, ':');
        entry->value = read_value(arena, text);
        (void)skip(text, ',');
    }
    qsort(entries, count, sizeof entries[0], compare_entries);
    struct buffer map;
    buffer_init(&map, arena, 64);
    for (size_t i = 0; i < count; i++) {
        write_name(&map, entries[i].name);
        write_value(&map, entries[i].value);
    }
    return (struct attribute_value){ .type = ATTRIBUTE_M, .payload = buffer_view(&map) };
}

static struct attribute_value read_scalar(struct arena *arena, const char **text)
{
    char first = look(text);
    if (first == 'x') {
        (*text)++;
        return (struct attribute_value){ .type = ATTRIBUTE_B, .payload = read_hex(arena, text) };
    }
    if (first == '-' || isdigit((unsigned char)first)) {
        return (struct attribute_value){
            .type = ATTRIBUTE_N,
            .payload = read_word(text, "-.0123456789"),
        };
    }
    struct bytes word = read_word(text, "aeflnrstu");
    if (bytes_equal(word, BYTES("null"))) {
        return (struct attribute_value){ .type = ATTRIBUTE_NULL };
    }
    struct bytes payload = bytes_equal(word, BYTES("true")) ? BYTES("\1") : BYTES("\0");
    return (struct attribute_value){ .type = ATTRIBUTE_BOOL, .payload = payload };
}

static struct attribute_value read_value(struct arena *arena, const char **text)
{
    switch (look(text)) {
    case '\'': {
        struct bytes string = read_quoted(text);
        return (struct attribute_value){
            .type = ATTRIBUTE_S,
            .is_plain = text_is_plain(string),
            .payload = string,
        };
    }
    case '<':
        return read_set(arena, text);
    case '[':
        return read_list(arena, text);
    case '{':
        return read_map(arena, text);
    default:
        return read_scalar(arena, text);
    }
}

struct attribute_value literal_value(struct arena *arena, const char *text)
{
    struct attribute_value value = read_value(arena, &text);
    if (look(&text) != '\0') {
        fail(text);
    }
    return value;
}

struct bytes literal_item(struct arena *arena, const char *text)
{
    if (text == NULL) {
        return (struct bytes){ .data = NULL };
    }
    struct buffer item;
    buffer_init(&item, arena, 128);
    return item_of_map(&item, literal_value(arena, text).payload);
}

static void print_value(struct buffer *to, struct attribute_value value);

static void print_set(struct buffer *to, struct attribute_value set)
{
    enum attribute_type type = set.type == ATTRIBUTE_SS   ? ATTRIBUTE_S
                               : set.type == ATTRIBUTE_NS ? ATTRIBUTE_N
                                                          : ATTRIBUTE_B;
    struct reader cursor = reader_of(set.payload);
    struct bytes element;
    const char *separator = "<";
    while (set_next(&cursor, &element)) {
        buffer_append_text(to, separator);
        print_value(to, (struct attribute_value){ .type = type, .payload = element });
        separator = ", ";
    }
    buffer_append_text(to, ">");
}

static void print_list(struct buffer *to, struct bytes payload)
{
    struct reader cursor = reader_of(payload);
    struct attribute_value value;
    const char *separator = "";
    buffer_append_text(to, "[");
    while (list_next(&cursor, &value)) {
        buffer_append_text(to, separator);
        print_value(to, value);
        separator = ", ";
    }
    buffer_append_text(to, "]");
}

static void print_map(struct buffer *to, struct bytes payload)
{
    struct reader cursor = reader_of(payload);
    struct attribute_name name;
    struct attribute_value value;
    const char *separator = "";
    buffer_append_text(to, "{");
    while (map_next(&cursor, &name, &value)) {
        buffer_append_text(to, separator);
        buffer_append_bytes(to, name.text);
        buffer_append_text(to, ": ");
        print_value(to, value);
        separator = ", ";
    }
    buffer_append_text(to, "}");
}

static void print_value(struct buffer *to, struct attribute_value value)
{
    switch (value.type) {
    case ATTRIBUTE_S:
        buffer_append_format(to, "'%.*s'", BYTES_ARGUMENTS(value.payload));
        break;
    case ATTRIBUTE_N:
        buffer_append_bytes(to, value.payload);
        break;
    case ATTRIBUTE_B:
        buffer_append_text(to, "x'");
        for (size_t i = 0; i < value.payload.length; i++) {
            buffer_append_format(to, "%02x", value.payload.data[i]);
        }
        buffer_append_text(to, "'");
        break;
    case ATTRIBUTE_BOOL:
        buffer_append_text(to, value.payload.data[0] != 0 ? "true" : "false");
        break;
    case ATTRIBUTE_NULL:
        buffer_append_text(to, "null");
        break;
    case ATTRIBUTE_SS:
    case ATTRIBUTE_NS:
    case ATTRIBUTE_BS:
        print_set(to, value);
        break;
    case ATTRIBUTE_L:
        print_list(to, value.payload);
        break;
    case ATTRIBUTE_M:
        print_map(to, value.payload);
        break;
    case ATTRIBUTE_TYPE_COUNT:
        abort();
    }
}

const char *literal_of_item(struct arena *arena, struct bytes item)
{
    struct buffer text;
    buffer_init(&text, arena, 128);
    print_map(&text, item_attributes(item));
    return bytes_to_text(arena, buffer_view(&text));
}
