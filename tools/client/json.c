#include "tools/client/json.h"

#include "storage/base/arena.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

/* The escape of a zero byte at `text`, whose backslash is not escaped itself. */
static bool is_zero_escape(struct bytes text, size_t at)
{
    static const char escape[] = "\\u0000";
    return text.length - at >= sizeof escape - 1 &&
           memcmp(text.data + at, escape, sizeof escape - 1) == 0;
}

/* A copy to edit, of which only the first bytes are needed yet. */
static uint8_t *copy_beginning(struct bytes text, size_t length)
{
    uint8_t *copy = malloc(text.length);
    if (copy == NULL) {
        abort(); /* out of memory */
    }
    memcpy(copy, text.data, length);
    return copy;
}

/* The text with C0 80 for every escape of a zero byte; NULL: it has none. */
static uint8_t *without_zero_escapes(struct bytes text, size_t *out_length)
{
    uint8_t *copy = NULL;
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\\' && is_zero_escape(text, i)) {
            if (copy == NULL) {
                copy = copy_beginning(text, i);
                length = i;
            }
            copy[length++] = 0xC0;
            copy[length++] = 0x80;
            i += 5;
            continue;
        }
        bool is_pair = text.data[i] == '\\' && i + 1 < text.length;
        if (copy != NULL) {
            copy[length++] = text.data[i];
            if (is_pair) {
                copy[length++] = text.data[i + 1];
            }
        }
        i += is_pair;
    }
    *out_length = length;
    return copy;
}

struct cJSON *json_parse(struct bytes text)
{
    size_t length = 0;
    uint8_t *copy = without_zero_escapes(text, &length);
    struct cJSON *tree = copy != NULL ? cJSON_ParseWithLength((const char *)copy, length)
                                      : cJSON_ParseWithLength((const char *)text.data, text.length);
    free(copy);
    return tree;
}

void json_free(struct cJSON *tree)
{
    cJSON_Delete(tree);
}

const struct cJSON *json_member(const struct cJSON *object, const char *name)
{
    const struct cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNull(member) ? NULL : member;
}

const struct cJSON *json_at(const struct cJSON *tree, const char *path)
{
    const struct cJSON *node = tree;
    while (node != NULL && *path != '\0') {
        char name[256];
        size_t length = strcspn(path, ".");
        if (length >= sizeof name) {
            return NULL;
        }
        memcpy(name, path, length);
        name[length] = '\0';
        node = cJSON_IsArray(node) ? cJSON_GetArrayItem(node, (int)strtol(name, NULL, 10))
                                   : json_member(node, name);
        path += path[length] == '.' ? length + 1 : length;
    }
    return node;
}

const char *json_text(const struct cJSON *node, const char *otherwise)
{
    return cJSON_IsString(node) ? node->valuestring : otherwise;
}

double json_number(const struct cJSON *node, double otherwise)
{
    return cJSON_IsNumber(node) ? node->valuedouble : otherwise;
}

bool json_boolean(const struct cJSON *node)
{
    return cJSON_IsTrue(node) != 0;
}

bool json_is_text(const struct cJSON *node)
{
    return cJSON_IsString(node) != 0;
}

bool json_is_number(const struct cJSON *node)
{
    return cJSON_IsNumber(node) != 0;
}

bool json_is_list(const struct cJSON *node)
{
    return cJSON_IsArray(node) != 0;
}

bool json_is_object(const struct cJSON *node)
{
    return cJSON_IsObject(node) != 0;
}

const struct cJSON *json_first(const struct cJSON *container)
{
    return container != NULL ? container->child : NULL;
}

const struct cJSON *json_next(const struct cJSON *node)
{
    return node->next;
}

size_t json_count(const struct cJSON *container)
{
    return container != NULL ? (size_t)cJSON_GetArraySize(container) : 0;
}

const char *json_name(const struct cJSON *member)
{
    return member->string;
}

bool json_equal(const struct cJSON *left, const struct cJSON *right)
{
    return cJSON_Compare(left, right, cJSON_True) != 0;
}

/* cJSON prints the two bytes that stand for a zero byte as they are. */
static void append_with_zero_escapes(struct buffer *to, struct bytes text)
{
    size_t copied = 0;
    for (size_t i = 0; i + 1 < text.length; i++) {
        if (text.data[i] == 0xC0 && text.data[i + 1] == 0x80) {
            buffer_append(to, text.data + copied, i - copied);
            buffer_append_text(to, "\\u0000");
            copied = i + 2;
        }
    }
    buffer_append(to, text.data + copied, text.length - copied);
}

struct bytes json_print(struct arena *arena, const struct cJSON *tree)
{
    char *text = cJSON_PrintUnformatted(tree);
    if (text == NULL) {
        abort(); /* out of memory */
    }
    struct buffer copy;
    buffer_init(&copy, arena, strlen(text));
    append_with_zero_escapes(&copy, bytes_of_text(text));
    cJSON_free(text);
    return buffer_view(&copy);
}

void json_append_text(struct buffer *to, const char *text)
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
