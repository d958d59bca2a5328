#include "api/shape_echo.h"

#include "api/json.h"
#include "api/shape.h"

enum { ECHO_SIZE_MAX = 8 * 1024 }; /* ours: every failure has an echo, and bodies are large */

void shape_echo_name(struct buffer *to, const char *name)
{
    uint8_t first = (uint8_t)name[0];
    buffer_append_u8(to, first >= 'A' && first <= 'Z' ? first | 0x20 : first);
    buffer_append_text(to, name + 1);
}

void shape_echo_text(struct buffer *to, struct bytes text)
{
    if (text.length > ECHO_SIZE_MAX) {
        text.length = ECHO_SIZE_MAX;
        while ((text.data[text.length] & 0xC0) == 0x80) { /* cut between characters */
            text.length--;
        }
    }
    buffer_append_bytes(to, text);
}

/* Writing of an echo ends some time after this says so. */
static bool is_full(const struct buffer *echo)
{
    return echo->length > ECHO_SIZE_MAX;
}

static void append_number(struct buffer *to, const struct cJSON *node)
{
    if (json_is_integral(node)) {
        buffer_append_format(to, "%lld", (long long)json_integer(node));
    } else {
        buffer_append_format(to, "%.15g", json_number(node));
    }
}

/* [a, b] or {k=a, l=b} */
static void append_container(struct buffer *to,
                             struct arena *arena,
                             const struct shape *shape,
                             const struct cJSON *node)
{
    bool is_map = shape->kind == SHAPE_MAP;
    buffer_append_u8(to, is_map ? '{' : '[');
    for (const struct cJSON *each = json_first(node); each != NULL && !is_full(to);
         each = json_next(each)) {
        if (each != json_first(node)) {
            buffer_append_text(to, ", ");
        }
        if (is_map) {
            shape_echo_text(to, json_name(arena, each));
            buffer_append_u8(to, '=');
        }
        shape_echo(to, arena, shape->element, each);
    }
    buffer_append_u8(to, is_map ? '}' : ']');
}

/* KeySchemaElement(attributeName=pk, keyType=null); of attribute values only what is there. */
static void append_structure(struct buffer *to,
                             struct arena *arena,
                             const struct shape *shape,
                             const struct cJSON *node)
{
    buffer_append_text(to, shape->name);
    const char *separator = "(";
    for (size_t i = 0; i < shape->members_count && !is_full(to); i++) {
        const struct cJSON *member = json_member(node, shape->members[i].name);
        if (member == NULL && shape->kind == SHAPE_ATTRIBUTE_VALUE) {
            continue;
        }
        buffer_append_text(to, separator);
        shape_echo_name(to, shape->members[i].name);
        buffer_append_u8(to, '=');
        shape_echo(to, arena, shape->members[i].shape, member);
        separator = ", ";
    }
    buffer_append_text(to, separator[0] == '(' ? "()" : ")");
}

/* Recursion is bounded by the depth that json_parse lets through. */
void shape_echo(struct buffer *to,
                struct arena *arena,
                const struct shape *shape,
                const struct cJSON *node)
{
    if (node == NULL) {
        buffer_append_text(to, "null");
        return;
    }
    switch (json_kind(node)) {
    case JSON_NULL:
        buffer_append_text(to, "null");
        break;
    case JSON_FALSE:
        buffer_append_text(to, "false");
        break;
    case JSON_TRUE:
        buffer_append_text(to, "true");
        break;
    case JSON_NUMBER:
        append_number(to, node);
        break;
    case JSON_STRING:
        shape_echo_text(to, json_text(arena, node));
        break;
    case JSON_ARRAY:
        append_container(to, arena, shape, node);
        break;
    case JSON_OBJECT:
        if (shape->kind == SHAPE_MAP) {
            append_container(to, arena, shape, node);
        } else {
            append_structure(to, arena, shape, node);
        }
        break;
    }
}
