#include "api/attribute_json.h"

#include "api/base64.h"
#include "api/json.h"
#include "api/limits.h"
#include "api/shape.h"
#include "api/shape_echo.h"
#include "storage/base/arena.h"
#include "storage/value/attribute_set.h"
#include "storage/value/item_codec.h"
#include "storage/value/number.h"

#include <assert.h>
#include <stdlib.h>

/* The way in: JSON to encoded values. The way out is attribute_json_write.c. */

enum {
    NAME_SIZE_MAX = 65535,
    FEW = 24, /* names or elements: sorted on the stack */
    ITEM_SIZE_GUESS = 512,
};

#define INVALID "One or more parameter values were invalid: "

struct encoder {
    struct arena *arena;
    struct buffer to;
    struct api_error *error;
};

static bool refuse(const struct encoder *encoder, const char *text)
{
    return api_error_set_message(encoder->error, API_VALIDATION, bytes_of_text(text));
}

/*
 * `node` is no attribute value by its JSON types: in the words of the type walk, which a request
 * has passed before it comes here, as an element of a list or map.
 */
static bool refuse_type(const struct encoder *encoder, const struct cJSON *node)
{
    if (json_kind(node) != JSON_OBJECT && json_kind(node) != JSON_ARRAY) {
        return api_error_set_message(encoder->error, API_SERIALIZATION,
                                     BYTES("Unexpected value type in payload"));
    }
    bool is_accepted =
        shape_check_types(&SHAPE_ANY_ATTRIBUTE_VALUE, node, encoder->arena, encoder->error);
    assert(!is_accepted);
    return is_accepted;
}

static bool
parse_number(const struct encoder *encoder, struct bytes text, struct number_text *out_number)
{
    switch (number_parse(text, out_number)) {
    case NUMBER_OK:
        return true;
    case NUMBER_OVERFLOW:
        return refuse(encoder,
                      "Number overflow. Attempting to store a number with magnitude larger than "
                      "supported range");
    case NUMBER_UNDERFLOW:
        return refuse(encoder,
                      "Number underflow. Attempting to store a number with magnitude smaller than "
                      "supported range");
    case NUMBER_TOO_PRECISE:
        return refuse(encoder, "Attempting to store more than 38 significant digits in a Number");
    case NUMBER_NOT_NUMERIC:
        break;
    }
    struct buffer words;
    buffer_init(&words, encoder->arena, 96);
    buffer_append_text(&words, "The parameter cannot be converted to a numeric value");
    if (text.length > 0) {
        buffer_append_text(&words, ": ");
        shape_echo_text(&words, text);
    }
    return api_error_set_message(encoder->error, API_VALIDATION, buffer_view(&words));
}

static bool
decode_binary(const struct encoder *encoder, const struct cJSON *node, struct bytes *out_binary)
{
    struct bytes text = json_text(encoder->arena, node);
    struct bytes fault;
    if (!base64_check(encoder->arena, text, &fault)) {
        return api_error_set_message(encoder->error, API_SERIALIZATION, fault);
    }
    *out_binary = base64_decode(encoder->arena, text);
    return true;
}

static bool
encode_scalar(struct encoder *encoder, enum attribute_type type, const struct cJSON *payload)
{
    struct attribute_value value = { .type = type, .is_plain = false };
    struct number_text number;
    if (type == ATTRIBUTE_S) {
        value.payload = json_text(encoder->arena, payload);
        value.is_plain = text_is_plain(value.payload);
    } else if (type == ATTRIBUTE_N) {
        if (!parse_number(encoder, json_text(encoder->arena, payload), &number)) {
            return false;
        }
        value.payload = number_view(&number);
    } else if (!decode_binary(encoder, payload, &value.payload)) {
        return false;
    }
    write_value(&encoder->to, value);
    return true;
}

/* BOOL and NULL. */
static bool
encode_truth(struct encoder *encoder, enum attribute_type type, const struct cJSON *payload)
{
    static const uint8_t truths[] = { 0, 1 };
    bool truth = shape_boolean(payload);
    if (type == ATTRIBUTE_NULL && !truth) {
        return refuse(encoder, INVALID "Null attribute value types must have the value of true");
    }
    struct bytes byte = { .data = &truths[truth], .length = type == ATTRIBUTE_BOOL ? 1 : 0 };
    write_value(&encoder->to, (struct attribute_value){ .type = type, .payload = byte });
    return true;
}

static const char *empty_set_text(enum attribute_type type)
{
    if (type == ATTRIBUTE_BS) {
        return INVALID "Binary sets should not be empty";
    }
    return type == ATTRIBUTE_SS ? INVALID "An string set  may not be empty"
                                : INVALID "An number set  may not be empty"; /* two blanks: sic */
}

static const char *null_element_text(enum attribute_type type)
{
    if (type == ATTRIBUTE_BS) {
        return INVALID "Binary sets may not contain null or empty values";
    }
    return type == ATTRIBUTE_SS ? INVALID "An string set may not have a empty string as a member"
                                : "The parameter cannot be converted to a numeric value";
}

static bool read_element(const struct encoder *encoder,
                         enum attribute_type type,
                         const struct cJSON *node,
                         struct bytes *out_element)
{
    if (json_kind(node) == JSON_NULL) {
        return refuse(encoder, null_element_text(type));
    }
    if (type == ATTRIBUTE_BS) {
        return decode_binary(encoder, node, out_element);
    }
    struct bytes text = json_text(encoder->arena, node);
    if (type == ATTRIBUTE_NS) {
        struct number_text number;
        if (!parse_number(encoder, text, &number)) {
            return false;
        }
        text = bytes_copy(encoder->arena, number_view(&number));
    }
    *out_element = text;
    return true;
}

static bool
refuse_duplicates(const struct encoder *encoder, enum attribute_type type, const struct cJSON *set)
{
    if (type == ATTRIBUTE_NS) {
        return refuse(encoder, "Input collection contains duplicates");
    }
    static const struct shape texts = { .kind = SHAPE_LIST, .element = &SHAPE_ANY_STRING };
    struct buffer words;
    buffer_init(&words, encoder->arena, 128);
    buffer_append_text(&words, INVALID "Input collection ");
    shape_echo(&words, encoder->arena, &texts, set);
    buffer_append_text(&words, type == ATTRIBUTE_BS ? "of type BS" : ""); /* no blank: sic */
    buffer_append_text(&words, " contains duplicates.");
    return api_error_set_message(encoder->error, API_VALIDATION, buffer_view(&words));
}

static bool encode_set(struct encoder *encoder, enum attribute_type type, const struct cJSON *set)
{
    size_t room = json_count(set);
    if (room == 0) {
        return refuse(encoder, empty_set_text(type));
    }
    struct bytes few[FEW];
    struct bytes *elements = room <= FEW ? few : arena_alloc(encoder->arena, room * sizeof *few);
    size_t count = 0;
    for (const struct cJSON *each = json_first(set); each != NULL; each = json_next(each)) {
        if (!read_element(encoder, type, each, &elements[count++])) {
            return false;
        }
    }
    if (!set_sort(type, elements, count)) {
        return refuse_duplicates(encoder, type, set);
    }
    write_set(&encoder->to, type, elements, count);
    return true;
}

static bool encode_value(struct encoder *encoder, const struct cJSON *node, size_t wrappers);

static bool encode_list(struct encoder *encoder, const struct cJSON *list, size_t wrappers)
{
    size_t mark = write_open(&encoder->to, ATTRIBUTE_L);
    for (const struct cJSON *each = json_first(list); each != NULL; each = json_next(each)) {
        if (!encode_value(encoder, each, wrappers)) {
            return false;
        }
    }
    write_close(&encoder->to, mark);
    return true;
}

struct entry {
    struct bytes name;
    const struct cJSON *value;
};

static int compare_entries(const void *left, const void *right)
{
    return bytes_compare(((const struct entry *)left)->name, ((const struct entry *)right)->name);
}

/* In ascending order of name; json_parse has seen to it that no name comes twice. */
static void sort_entries(struct entry *entries, size_t count)
{
    if (count > FEW) {
        qsort(entries, count, sizeof *entries, compare_entries);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct entry moving = entries[i];
        size_t place = i;
        while (place > 0 && bytes_compare(entries[place - 1].name, moving.name) > 0) {
            entries[place] = entries[place - 1];
            place--;
        }
        entries[place] = moving;
    }
}

/* The entries of an M payload; also of an item, which has the same form. */
static bool encode_entries(struct encoder *encoder, const struct cJSON *map, size_t wrappers)
{
    size_t room = json_count(map);
    struct entry few[FEW];
    struct entry *entries = room <= FEW ? few : arena_alloc(encoder->arena, room * sizeof *few);
    size_t count = 0;
    for (const struct cJSON *each = json_first(map); each != NULL; each = json_next(each)) {
        struct bytes name = json_name(encoder->arena, each);
        entries[count++] = (struct entry){ .name = name, .value = each };
    }
    sort_entries(entries, count);
    for (size_t i = 0; i < count; i++) {
        struct bytes name = entries[i].name;
        if (name.length == 0) {
            return refuse(encoder, "Empty attribute name");
        }
        if (name.length > NAME_SIZE_MAX) {
            return refuse(encoder, "Attribute name is too large, must be less than 65536 bytes");
        }
        write_name(&encoder->to, (struct attribute_name){ name, text_is_plain(name) });
        if (!encode_value(encoder, entries[i].value, wrappers)) {
            return false;
        }
    }
    return true;
}

static bool encode_map(struct encoder *encoder, const struct cJSON *map, size_t wrappers)
{
    size_t mark = write_open(&encoder->to, ATTRIBUTE_M);
    if (!encode_entries(encoder, map, wrappers)) {
        return false;
    }
    write_close(&encoder->to, mark);
    return true;
}

static bool is_of_kind(enum attribute_type type, const struct cJSON *payload)
{
    enum json_kind kind = json_kind(payload);
    switch (type) {
    case ATTRIBUTE_S:
    case ATTRIBUTE_N:
    case ATTRIBUTE_B:
        return kind == JSON_STRING;
    case ATTRIBUTE_BOOL:
    case ATTRIBUTE_NULL:
        return shape_is_boolean(payload);
    case ATTRIBUTE_L:
        return kind == JSON_ARRAY;
    case ATTRIBUTE_M:
        return kind == JSON_OBJECT;
    case ATTRIBUTE_SS:
    case ATTRIBUTE_NS:
    case ATTRIBUTE_BS:
    case ATTRIBUTE_TYPE_COUNT:
        break;
    }
    if (kind != JSON_ARRAY) {
        return false;
    }
    for (const struct cJSON *each = json_first(payload); each != NULL; each = json_next(each)) {
        if (json_kind(each) != JSON_STRING && json_kind(each) != JSON_NULL) {
            return false;
        }
    }
    return true;
}

/* `wrappers`: how many lists and maps are around the value. */
static bool encode_typed(struct encoder *encoder,
                         enum attribute_type type,
                         const struct cJSON *payload,
                         size_t wrappers)
{
    switch (type) {
    case ATTRIBUTE_S:
    case ATTRIBUTE_N:
    case ATTRIBUTE_B:
        return encode_scalar(encoder, type, payload);
    case ATTRIBUTE_BOOL:
    case ATTRIBUTE_NULL:
        return encode_truth(encoder, type, payload);
    case ATTRIBUTE_SS:
    case ATTRIBUTE_NS:
    case ATTRIBUTE_BS:
        return encode_set(encoder, type, payload);
    case ATTRIBUTE_L:
    case ATTRIBUTE_M:
    case ATTRIBUTE_TYPE_COUNT:
        break;
    }
    if (wrappers == LIMIT_NESTING) {
        return refuse(encoder,
                      "Nesting Levels have exceeded supported limits: Attributes in the item have "
                      "nested levels beyond supported limit");
    }
    return type == ATTRIBUTE_L ? encode_list(encoder, payload, wrappers + 1)
                               : encode_map(encoder, payload, wrappers + 1);
}

/* {"S": …}. Of several types each is checked first; what was written of them is thrown away. */
static bool encode_value(struct encoder *encoder, const struct cJSON *node, size_t wrappers)
{
    if (json_kind(node) != JSON_OBJECT && json_kind(node) != JSON_NULL) {
        return refuse_type(encoder, node);
    }
    size_t types_count = 0;
    for (const struct cJSON *each = json_first(node); each != NULL; each = json_next(each)) {
        enum attribute_type type;
        if (json_kind(each) == JSON_NULL ||
            !attribute_type_of_name(json_name(encoder->arena, each), &type)) {
            continue; /* absent, or unknown and ignored */
        }
        if (!is_of_kind(type, each)) {
            return refuse_type(encoder, node);
        }
        if (!encode_typed(encoder, type, each, wrappers)) {
            return false;
        }
        types_count++;
    }
    if (types_count == 0) {
        return refuse(encoder, "Supplied AttributeValue is empty, must contain exactly one of the "
                               "supported datatypes");
    }
    return types_count == 1 ||
           refuse(encoder,
                  "Supplied AttributeValue has more than one datatypes set, must contain exactly "
                  "one of the supported datatypes");
}

bool attribute_of_json(struct arena *arena,
                       const struct cJSON *node,
                       struct attribute_value *out_value,
                       struct api_error *out_error)
{
    struct encoder encoder = { .arena = arena, .error = out_error };
    buffer_init(&encoder.to, arena, 64);
    if (!encode_value(&encoder, node, 0)) {
        return false;
    }
    struct reader encoded = reader_of(buffer_view(&encoder.to));
    return list_next(&encoded, out_value);
}

bool item_of_json(struct arena *arena,
                  const struct cJSON *map,
                  struct bytes *out_item,
                  struct api_error *out_error)
{
    struct encoder encoder = { .arena = arena, .error = out_error };
    if (json_kind(map) != JSON_OBJECT) {
        bool is_null = shape_check_types(&SHAPE_ITEM, map, arena, out_error);
        return is_null && api_error_set_code(out_error, API_SERIALIZATION);
    }
    buffer_init(&encoder.to, arena, ITEM_SIZE_GUESS);
    size_t mark = item_begin(&encoder.to);
    if (!encode_entries(&encoder, map, 0)) {
        return false;
    }
    *out_item = item_end(&encoder.to, mark);
    return true;
}
