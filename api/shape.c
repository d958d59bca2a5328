#include "api/shape.h"

#include "api/base64.h"
#include "api/json.h"
#include "api/wording.h"

/* The first walk: JSON types. Its texts are the service's request parser's. */

const struct shape SHAPE_ANY_STRING = { .kind = SHAPE_STRING };
const struct shape SHAPE_ANY_BOOLEAN = { .kind = SHAPE_BOOLEAN };
const struct shape SHAPE_ANY_LONG = { .kind = SHAPE_LONG };

static const struct shape ANY_BLOB = { .kind = SHAPE_BLOB };
static const struct shape STRING_LIST = { .kind = SHAPE_LIST, .element = &SHAPE_ANY_STRING };
static const struct shape BLOB_LIST = { .kind = SHAPE_LIST, .element = &ANY_BLOB };
static const struct shape VALUE_LIST = { .kind = SHAPE_LIST,
                                         .element = &SHAPE_ANY_ATTRIBUTE_VALUE };

static const struct member ATTRIBUTE_VALUE_MEMBERS[] = {
    { "S", &SHAPE_ANY_STRING, OPTIONAL },
    { "N", &SHAPE_ANY_STRING, OPTIONAL },
    { "B", &ANY_BLOB, OPTIONAL },
    { "SS", &STRING_LIST, OPTIONAL },
    { "NS", &STRING_LIST, OPTIONAL },
    { "BS", &BLOB_LIST, OPTIONAL },
    { "M", &SHAPE_ITEM, OPTIONAL },
    { "L", &VALUE_LIST, OPTIONAL },
    { "NULL", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "BOOL", &SHAPE_ANY_BOOLEAN, OPTIONAL },
};

const struct shape SHAPE_ANY_ATTRIBUTE_VALUE = {
    .kind = SHAPE_ATTRIBUTE_VALUE,
    .name = "AttributeValue",
    .members = ATTRIBUTE_VALUE_MEMBERS,
    .members_count = sizeof ATTRIBUTE_VALUE_MEMBERS / sizeof ATTRIBUTE_VALUE_MEMBERS[0],
};

const struct shape SHAPE_ITEM = { .kind = SHAPE_MAP, .element = &SHAPE_ANY_ATTRIBUTE_VALUE };
const struct shape SHAPE_STRING_MAP = { .kind = SHAPE_MAP, .element = &SHAPE_ANY_STRING };

/* An ARN, or a name: what is no ARN is checked like the name of a new table as well. */
const struct shape SHAPE_TABLE_NAME = { .kind = SHAPE_STRING, .range = { 1, 1024 } };

const struct shape SHAPE_NEW_TABLE_NAME = {
    .kind = SHAPE_STRING,
    .range = { 3, 255 },
    .pattern = PATTERN_NAME,
};
const struct shape SHAPE_INDEX_NAME = {
    .kind = SHAPE_STRING,
    .range = { 3, 255 },
    .pattern = PATTERN_NAME,
};

/* Where a value stands decides how its parser complains. */
enum place {
    PLACE_MEMBER,  /* of a structure */
    PLACE_ELEMENT, /* of a list */
    PLACE_VALUE,   /* of a map */
};

struct type_walk {
    struct arena *arena;
    struct api_error *error;
};

static bool fail(const struct type_walk *walk, const char *text)
{
    return api_error_set_message(walk->error, API_SERIALIZATION, bytes_of_text(text));
}

static const char *short_type(enum shape_kind kind)
{
    switch (kind) {
    case SHAPE_BOOLEAN:
        return "Boolean";
    case SHAPE_INTEGER:
        return "Integer";
    case SHAPE_LONG:
        return "Long";
    case SHAPE_DOUBLE:
        return "Double";
    case SHAPE_TIMESTAMP:
        return "Date";
    case SHAPE_STRING:
    case SHAPE_BLOB: /* these have texts of their own */
    case SHAPE_LIST:
    case SHAPE_MAP:
    case SHAPE_STRUCTURE:
    case SHAPE_ATTRIBUTE_VALUE:
        break;
    }
    return "String";
}

/* The Java type that the service's parser reads the shape into. */
static void append_java_type(struct buffer *to, const struct shape *shape)
{
    switch (shape->kind) {
    case SHAPE_STRING:
    case SHAPE_BOOLEAN:
    case SHAPE_INTEGER:
    case SHAPE_LONG:
    case SHAPE_DOUBLE:
        buffer_append_text(to, "java.lang.");
        buffer_append_text(to, short_type(shape->kind));
        break;
    case SHAPE_TIMESTAMP:
        buffer_append_text(to, "java.util.Date");
        break;
    case SHAPE_BLOB:
        buffer_append_text(to, "java.nio.ByteBuffer");
        break;
    case SHAPE_LIST:
        buffer_append_text(to, "java.util.List<");
        append_java_type(to, shape->element);
        buffer_append_text(to, ">");
        break;
    case SHAPE_MAP:
        buffer_append_text(to, "java.util.Map<java.lang.String, ");
        append_java_type(to, shape->element);
        buffer_append_text(to, ">");
        break;
    case SHAPE_STRUCTURE:
    case SHAPE_ATTRIBUTE_VALUE:
        buffer_append_text(to, "com.amazonaws.dynamodb.v20120810.");
        buffer_append_text(to, shape->name);
        break;
    }
}

/* A JSON array where something else belongs. */
static bool fail_on_array(const struct type_walk *walk, const struct shape *shape)
{
    struct buffer text;
    buffer_init(&text, walk->arena, 128);
    buffer_append_text(&text, "Unrecognized collection type ");
    buffer_append_text(&text, shape->kind == SHAPE_MAP ? "" : "class ");
    append_java_type(&text, shape);
    return api_error_set_message(walk->error, API_SERIALIZATION, buffer_view(&text));
}

static bool fail_on_object(const struct type_walk *walk)
{
    return fail(walk, "Start of structure or map found where not expected");
}

static const char *token_name(const struct cJSON *node)
{
    switch (json_kind(node)) {
    case JSON_NUMBER:
        return json_is_integral(node) ? "NUMBER_VALUE" : "DECIMAL_VALUE";
    case JSON_TRUE:
        return "TRUE_VALUE";
    case JSON_FALSE:
        return "FALSE_VALUE";
    case JSON_STRING:
    case JSON_NULL: /* these do not come here */
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return "STRING_VALUE";
}

/* The strings a boolean member takes besides true and false; -1 for any other. */
static int truth_of_text(const struct cJSON *string)
{
    static const char *const true_words[] = { "true", "1", "yes" };
    static const char *const false_words[] = { "false", "0", "no" };
    for (size_t i = 0; i < sizeof true_words / sizeof true_words[0]; i++) {
        if (json_text_is_in_any_case(string, true_words[i])) {
            return 1;
        }
        if (json_text_is_in_any_case(string, false_words[i])) {
            return 0;
        }
    }
    return -1;
}

static bool check_blob(const struct type_walk *walk, const struct cJSON *node)
{
    if (json_kind(node) != JSON_STRING) {
        return fail(walk, "only base-64-encoded strings are convertible to bytes");
    }
    struct bytes fault;
    if (!base64_check(walk->arena, json_text(walk->arena, node), &fault)) {
        return api_error_set_message(walk->error, API_SERIALIZATION, fault);
    }
    return true;
}

static bool
check_scalar(const struct type_walk *walk, const struct shape *shape, const struct cJSON *node)
{
    enum json_kind kind = json_kind(node);
    if (kind == JSON_ARRAY) {
        return fail_on_array(walk, shape);
    }
    if (kind == JSON_OBJECT) {
        return fail_on_object(walk);
    }
    bool fits = false;
    if (shape->kind == SHAPE_BLOB) {
        return check_blob(walk, node);
    }
    if (shape->kind == SHAPE_BOOLEAN) {
        if (kind == JSON_STRING && truth_of_text(node) < 0) {
            return fail(walk, "Unexpected token received from parser");
        }
        fits = kind != JSON_NUMBER;
    } else {
        fits = kind == (shape->kind == SHAPE_STRING ? JSON_STRING : JSON_NUMBER);
    }
    return fits ||
           api_error_set(walk->error, walk->arena, API_SERIALIZATION,
                         "%s cannot be converted to %s", token_name(node), short_type(shape->kind));
}

static bool check_type(const struct type_walk *walk,
                       const struct shape *shape,
                       const struct cJSON *node,
                       enum place place);

static bool check_list(const struct type_walk *walk,
                       const struct shape *shape,
                       const struct cJSON *node,
                       enum place place)
{
    if (json_kind(node) == JSON_OBJECT) {
        return fail_on_object(walk);
    }
    if (json_kind(node) != JSON_ARRAY) {
        return fail(walk,
                    place == PLACE_MEMBER
                        ? "Unexpected field type"
                        : "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl "
                          "cannot be cast to class java.lang.Class "
                          "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
                          "java.lang.Class are in module java.base of loader 'bootstrap')");
    }
    for (const struct cJSON *each = json_first(node); each != NULL; each = json_next(each)) {
        if (!check_type(walk, shape->element, each, PLACE_ELEMENT)) {
            return false;
        }
    }
    return true;
}

static bool
check_map(const struct type_walk *walk, const struct shape *shape, const struct cJSON *node)
{
    if (json_kind(node) == JSON_ARRAY) {
        return fail_on_array(walk, shape);
    }
    if (json_kind(node) != JSON_OBJECT) {
        return fail(walk, "Unexpected field type");
    }
    for (const struct cJSON *each = json_first(node); each != NULL; each = json_next(each)) {
        if (!check_type(walk, shape->element, each, PLACE_VALUE)) {
            return false;
        }
    }
    return true;
}

/* The member's shape, or NULL for one that is unknown and so ignored. */
static const struct shape *shape_of_member(const struct shape *structure, const struct cJSON *node)
{
    for (size_t i = 0; i < structure->members_count; i++) {
        if (json_name_is(node, structure->members[i].name)) {
            return structure->members[i].shape;
        }
    }
    return NULL;
}

/* The service parses as it reads, so members are checked in the order they were sent. */
static bool check_structure(const struct type_walk *walk,
                            const struct shape *shape,
                            const struct cJSON *node,
                            enum place place)
{
    if (json_kind(node) == JSON_ARRAY) {
        return fail_on_array(walk, shape);
    }
    if (json_kind(node) != JSON_OBJECT) {
        return fail(walk, place == PLACE_MEMBER ? "Unexpected field type"
                                                : "Unexpected value type in payload");
    }
    for (const struct cJSON *each = json_first(node); each != NULL; each = json_next(each)) {
        const struct shape *member = shape_of_member(shape, each);
        if (member != NULL && !check_type(walk, member, each, PLACE_MEMBER)) {
            return false;
        }
    }
    return true;
}

/* Recursion is bounded by the depth that json_parse lets through. */
static bool check_type(const struct type_walk *walk,
                       const struct shape *shape,
                       const struct cJSON *node,
                       enum place place)
{
    if (json_kind(node) == JSON_NULL) {
        return true;
    }
    switch (shape->kind) {
    case SHAPE_STRING:
    case SHAPE_BOOLEAN:
    case SHAPE_INTEGER:
    case SHAPE_LONG:
    case SHAPE_DOUBLE:
    case SHAPE_TIMESTAMP:
    case SHAPE_BLOB:
        return check_scalar(walk, shape, node);
    case SHAPE_LIST:
        return check_list(walk, shape, node, place);
    case SHAPE_MAP:
        return check_map(walk, shape, node);
    case SHAPE_STRUCTURE:
    case SHAPE_ATTRIBUTE_VALUE:
        break;
    }
    return check_structure(walk, shape, node, place);
}

bool shape_check_types(const struct shape *shape,
                       const struct cJSON *node,
                       struct arena *arena,
                       struct api_error *out_error)
{
    const struct type_walk walk = { .arena = arena, .error = out_error };
    return check_type(&walk, shape, node, PLACE_MEMBER);
}

bool shape_check(const struct shape *input,
                 const struct cJSON *body,
                 struct arena *arena,
                 struct api_error *out_error)
{
    if (json_kind(body) != JSON_OBJECT) { /* the same answer as to a body that is not JSON */
        return api_error_set_code(out_error, API_SERIALIZATION);
    }
    return shape_check_types(input, body, arena, out_error) &&
           shape_check_constraints(input, body, &WORDING_CLASSIC, arena, out_error);
}

bool shape_is_boolean(const struct cJSON *node)
{
    enum json_kind kind = json_kind(node);
    return kind == JSON_TRUE || kind == JSON_FALSE ||
           (kind == JSON_STRING && truth_of_text(node) >= 0);
}

bool shape_boolean(const struct cJSON *node)
{
    if (node == NULL) {
        return false;
    }
    return json_kind(node) == JSON_STRING ? truth_of_text(node) == 1 : json_kind(node) == JSON_TRUE;
}

bool shape_text_is(const struct cJSON *node, const char *text)
{
    return node != NULL && json_kind(node) == JSON_STRING && json_text_is(node, text);
}
