#include "api/template/json_document.h"

#include "api/template/node.h"
#include "storage/base/arena.h"

#include <string.h>

struct scanning {
    struct arena *arena;
    struct bytes text;
    size_t at;
    const char *error; /* NULL while all is well; then `at` is where it went wrong */
    enum document_fault fault;
};

static struct node *read_value(struct scanning *scanning, int depth);

static bool fail(struct scanning *scanning, const char *what)
{
    if (scanning->error == NULL) {
        scanning->error = what;
    }
    return false;
}

/* The byte at a distance; 0 beyond the end, where no byte of JSON is 0. */
static uint8_t peek(const struct scanning *scanning, size_t distance)
{
    size_t left = scanning->text.length - scanning->at;
    return distance < left ? scanning->text.data[scanning->at + distance] : 0;
}

bool json_document_is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void skip_blanks(struct scanning *scanning)
{
    while (scanning->at < scanning->text.length &&
           json_document_is_blank(scanning->text.data[scanning->at])) {
        scanning->at++;
    }
}

/* Whether the next thing is that byte, which is then passed. */
static bool take(struct scanning *scanning, char wanted)
{
    skip_blanks(scanning);
    if (peek(scanning, 0) != (uint8_t)wanted) {
        return false;
    }
    scanning->at++;
    return true;
}

/* ---- strings ---- */

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    uint8_t letter = digit | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* The four digits behind "\u"; -1: they are none. */
static int32_t read_unit(struct scanning *scanning)
{
    int32_t unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_value(peek(scanning, i));
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    scanning->at += 4;
    return unit;
}

static void append_code_point(struct buffer *to, int32_t code)
{
    if (code == 0) {
        buffer_append(to, "\xC0\x80", 2);
    } else if (code < 0x80) {
        buffer_append_u8(to, (uint8_t)code);
    } else if (code < 0x800) {
        buffer_append_u8(to, (uint8_t)(0xC0 | code >> 6));
        buffer_append_u8(to, (uint8_t)(0x80 | (code & 0x3F)));
    } else {
        if (code < 0x10000) {
            buffer_append_u8(to, (uint8_t)(0xE0 | code >> 12));
        } else {
            buffer_append_u8(to, (uint8_t)(0xF0 | code >> 18));
            buffer_append_u8(to, (uint8_t)(0x80 | (code >> 12 & 0x3F)));
        }
        buffer_append_u8(to, (uint8_t)(0x80 | (code >> 6 & 0x3F)));
        buffer_append_u8(to, (uint8_t)(0x80 | (code & 0x3F)));
    }
}

/* Behind "\u": one code point, of two surrogates where there are such. */
static bool read_escaped_unit(struct scanning *scanning, struct buffer *to)
{
    int32_t code = read_unit(scanning);
    if (code >= 0xD800 && code < 0xDC00 && peek(scanning, 0) == '\\' && peek(scanning, 1) == 'u') {
        scanning->at += 2;
        int32_t low = read_unit(scanning);
        code =
            low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : -1;
    } else if (code >= 0xD800 && code < 0xE000) {
        code = -1;
    }
    if (code < 0) {
        return fail(scanning, "an escape is broken");
    }
    append_code_point(to, code);
    return true;
}

static bool read_escape(struct scanning *scanning, struct buffer *to)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    scanning->at++;
    uint8_t name = peek(scanning, 0);
    if (name == 'u') {
        scanning->at++;
        return read_escaped_unit(scanning, to);
    }
    const char *found = name != 0 ? strchr(names, name) : NULL;
    if (found == NULL) {
        return fail(scanning, "an escape is broken");
    }
    buffer_append_u8(to, (uint8_t)values[found - names]);
    scanning->at++;
    return true;
}

/* How many bytes the well-formed character at the position has; 0: it is none. */
static size_t character_size(const struct scanning *scanning)
{
    uint8_t lead = peek(scanning, 0);
    uint8_t next = peek(scanning, 1);
    size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    bool is_overlong = (lead == 0xE0 && next < 0xA0) || (lead == 0xF0 && next < 0x90);
    bool is_beyond =
        (lead == 0xED && next >= 0xA0) || (lead == 0xF4 && next >= 0x90) || lead > 0xF4;
    if (is_overlong || is_beyond) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if ((peek(scanning, i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    return size;
}

/* "…" as a text in the arena; NULL: it is broken. */
static const char *read_string(struct scanning *scanning)
{
    struct buffer text;
    buffer_init(&text, scanning->arena, 32);
    scanning->at++;
    for (;;) {
        uint8_t byte = peek(scanning, 0);
        if (byte == '"') {
            scanning->at++;
            return bytes_to_text(scanning->arena, buffer_view(&text));
        }
        if (byte == '\\') {
            if (!read_escape(scanning, &text)) {
                return NULL;
            }
            continue;
        }
        size_t size = character_size(scanning);
        if (byte < 0x20 || size == 0) {
            (void)fail(scanning, byte < 0x20 ? "a string does not end" : "not well-formed UTF-8");
            return NULL;
        }
        buffer_append(&text, scanning->text.data + scanning->at, size);
        scanning->at += size;
    }
}

/* ---- numbers and words ---- */

static size_t count_digits(const struct scanning *scanning, size_t from)
{
    size_t count = 0;
    while (peek(scanning, from + count) >= '0' && peek(scanning, from + count) <= '9') {
        count++;
    }
    return count;
}

/* -? (0 | digits that begin with none) (. digits)? (e sign? digits)?; its size, or 0. */
static size_t number_size(const struct scanning *scanning)
{
    size_t size = peek(scanning, 0) == '-' ? 1 : 0;
    size_t digits = count_digits(scanning, size);
    if (digits == 0 || (digits > 1 && peek(scanning, size) == '0')) {
        return 0;
    }
    size += digits;
    if (peek(scanning, size) == '.') {
        digits = count_digits(scanning, size + 1);
        if (digits == 0) {
            return 0;
        }
        size += 1 + digits;
    }
    if ((peek(scanning, size) | 0x20) == 'e') {
        size_t sign = peek(scanning, size + 1) == '+' || peek(scanning, size + 1) == '-' ? 1 : 0;
        digits = count_digits(scanning, size + 1 + sign);
        if (digits == 0) {
            return 0;
        }
        size += 1 + sign + digits;
    }
    return size;
}

static struct node *read_number(struct scanning *scanning)
{
    size_t size = number_size(scanning);
    if (size == 0) {
        (void)fail(scanning, "no value");
        return NULL;
    }
    struct bytes text = { .data = scanning->text.data + scanning->at, .length = size };
    scanning->at += size;
    return node_new(scanning->arena, NODE_SCALAR, bytes_to_text(scanning->arena, text));
}

/* NULL: the next thing is none of them. */
static struct node *read_word(struct scanning *scanning)
{
    static const char *const words[] = { "true", "false", "null" };
    struct bytes rest = { .data = scanning->text.data + scanning->at,
                          .length = scanning->text.length - scanning->at };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (bytes_start_with(rest, bytes_of_text(words[i]))) {
            scanning->at += strlen(words[i]);
            bool is_null = words[i][0] == 'n';
            return node_new(scanning->arena, is_null ? NODE_NULL : NODE_SCALAR, words[i]);
        }
    }
    return NULL;
}

/* ---- containers ---- */

static struct node *read_list(struct scanning *scanning, int depth)
{
    struct node *list = node_new(scanning->arena, NODE_LIST, "");
    scanning->at++;
    if (take(scanning, ']')) {
        return list;
    }
    for (;;) {
        struct node *element = read_value(scanning, depth + 1);
        if (element == NULL) {
            return NULL;
        }
        node_append(list, NULL, element);
        if (take(scanning, ']')) {
            return list;
        }
        if (!take(scanning, ',')) {
            (void)fail(scanning, "a comma or the end of a list is expected");
            return NULL;
        }
    }
}

static struct node *read_map(struct scanning *scanning, int depth)
{
    struct node *map = node_new(scanning->arena, NODE_MAP, "");
    scanning->at++;
    if (take(scanning, '}')) {
        return map;
    }
    for (;;) {
        skip_blanks(scanning);
        bool is_name = peek(scanning, 0) == '"' || fail(scanning, "a name is expected");
        const char *name = is_name ? read_string(scanning) : NULL;
        if (name == NULL || !(take(scanning, ':') || fail(scanning, "a colon is expected"))) {
            return NULL;
        }
        struct node *member = read_value(scanning, depth + 1);
        if (member == NULL) {
            return NULL;
        }
        node_append(map, name, member);
        if (take(scanning, '}')) {
            (void)node_keep_last(scanning->arena, map);
            return map;
        }
        if (!take(scanning, ',')) {
            (void)fail(scanning, "a comma or the end of an object is expected");
            return NULL;
        }
    }
}

static struct node *read_text(struct scanning *scanning)
{
    const char *text = read_string(scanning);
    if (text == NULL) {
        return NULL;
    }
    struct node *scalar = node_new(scanning->arena, NODE_SCALAR, text);
    scalar->is_string = true;
    return scalar;
}

/* NULL: `error` says why. */
static struct node *read_value(struct scanning *scanning, int depth)
{
    skip_blanks(scanning);
    if (depth > NODE_DEPTH_MAX) {
        scanning->fault = DOCUMENT_TOO_DEEP;
        (void)fail(scanning, "nested too deeply");
        return NULL;
    }
    switch (peek(scanning, 0)) {
    case '{':
        return read_map(scanning, depth);
    case '[':
        return read_list(scanning, depth);
    case '"':
        return read_text(scanning);
    default: {
        struct node *word = read_word(scanning);
        return word != NULL ? word : read_number(scanning);
    }
    }
}

static void locate(const struct scanning *scanning, struct document_error *out_error)
{
    *out_error = (struct document_error){
        .fault = scanning->fault,
        .is_json = true,
        .what = scanning->error,
        .line = 1,
        .column = 1,
    };
    for (size_t i = 0; i < scanning->at; i++) {
        bool is_end = scanning->text.data[i] == '\n';
        out_error->line += is_end ? 1 : 0;
        out_error->column = is_end ? 1 : out_error->column + 1;
    }
}

bool json_document_read(struct arena *arena,
                        struct bytes text,
                        const struct node **out_tree,
                        struct document_error *out_error)
{
    struct scanning scanning = { .arena = arena, .text = text };
    const struct node *tree = read_value(&scanning, 0);
    if (tree != NULL) {
        skip_blanks(&scanning);
        if (scanning.at < text.length) {
            (void)fail(&scanning, "something follows the document");
        }
    }
    if (scanning.error != NULL) {
        locate(&scanning, out_error);
        return false;
    }
    *out_tree = tree;
    return true;
}

void json_document_append_text(struct buffer *to, const char *text)
{
    buffer_append_u8(to, '"');
    for (; *text != '\0'; text++) {
        unsigned char letter = (unsigned char)*text;
        if (letter == 0xC0 && (unsigned char)text[1] == 0x80) {
            buffer_append_text(to, "\\u0000");
            text++;
        } else if (letter == '"' || letter == '\\') {
            buffer_append_u8(to, '\\');
            buffer_append_u8(to, letter);
        } else if (letter < 0x20) {
            buffer_append_format(to, "\\u%04x", letter);
        } else {
            buffer_append_u8(to, letter);
        }
    }
    buffer_append_u8(to, '"');
}
