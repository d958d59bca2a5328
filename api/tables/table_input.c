#include "api/tables/table_input.h"

#include "api/limits.h"

#include <assert.h>
#include <stdlib.h>

static const struct shape KEY_ATTRIBUTE_NAME = { .kind = SHAPE_STRING, .range = { 1, 255 } };
static const struct shape ATTRIBUTE_TYPE = { .kind = SHAPE_STRING, .values = "B, N, S" };
static const struct shape KEY_TYPE = { .kind = SHAPE_STRING, .values = "HASH, RANGE" };
static const struct shape PROJECTION_TYPE = { .kind = SHAPE_STRING,
                                              .values = "ALL, INCLUDE, KEYS_ONLY" };
const struct shape SHAPE_BILLING_MODE = { .kind = SHAPE_STRING,
                                          .values = "PROVISIONED, PAY_PER_REQUEST" };

static const struct member ATTRIBUTE_DEFINITION_MEMBERS[] = {
    { "AttributeName", &KEY_ATTRIBUTE_NAME, REQUIRED },
    { "AttributeType", &ATTRIBUTE_TYPE, REQUIRED },
};
static const struct shape ATTRIBUTE_DEFINITION =
    SHAPE_STRUCTURE_OF("AttributeDefinition", ATTRIBUTE_DEFINITION_MEMBERS);
const struct shape SHAPE_ATTRIBUTE_DEFINITIONS = { .kind = SHAPE_LIST,
                                                   .element = &ATTRIBUTE_DEFINITION };

static const struct member KEY_SCHEMA_ELEMENT_MEMBERS[] = {
    { "AttributeName", &KEY_ATTRIBUTE_NAME, REQUIRED },
    { "KeyType", &KEY_TYPE, REQUIRED },
};
static const struct shape KEY_SCHEMA_ELEMENT =
    SHAPE_STRUCTURE_OF("KeySchemaElement", KEY_SCHEMA_ELEMENT_MEMBERS);
const struct shape SHAPE_TABLE_KEY_SCHEMA = { .kind = SHAPE_LIST,
                                              .element = &KEY_SCHEMA_ELEMENT,
                                              .range = { 1, 2 } };
const struct shape SHAPE_GSI_KEY_SCHEMA = { .kind = SHAPE_LIST,
                                            .element = &KEY_SCHEMA_ELEMENT,
                                            .range = { 1, 2 * LIMIT_KEY_ATTRIBUTES + 2 } };

static const struct shape NON_KEY_ATTRIBUTES = {
    .kind = SHAPE_LIST,
    .element = &KEY_ATTRIBUTE_NAME,
    .range = { 1, LIMIT_NON_KEY_ATTRIBUTES_PER_INDEX },
};
static const struct member PROJECTION_MEMBERS[] = {
    { "ProjectionType", &PROJECTION_TYPE, OPTIONAL },
    { "NonKeyAttributes", &NON_KEY_ATTRIBUTES, OPTIONAL },
};
const struct shape SHAPE_PROJECTION = SHAPE_STRUCTURE_OF("Projection", PROJECTION_MEMBERS);

/* ---- attribute definitions ---- */

void definitions_of_json(struct request *request,
                         const struct cJSON *node,
                         struct definitions *out_definitions)
{
    size_t count = node != NULL ? json_count(node) : 0;
    out_definitions->attributes =
        arena_alloc(request->arena, (count + 1) * sizeof *out_definitions->attributes);
    out_definitions->count = 0;
    for (const struct cJSON *one = node != NULL ? json_first(node) : NULL; one != NULL;
         one = json_next(one)) {
        struct key_attribute *attribute = &out_definitions->attributes[out_definitions->count++];
        attribute->name = json_text(request->arena, json_member(one, "AttributeName"));
        bool known = attribute_type_of_name(
            json_text(request->arena, json_member(one, "AttributeType")), &attribute->type);
        assert(known);
        (void)known;
    }
}

bool definitions_find(const struct definitions *definitions,
                      struct bytes name,
                      enum attribute_type *out_type)
{
    for (size_t i = 0; i < definitions->count; i++) {
        if (bytes_equal(definitions->attributes[i].name, name)) {
            *out_type = definitions->attributes[i].type;
            return true;
        }
    }
    return false;
}

static int compare_attributes(const void *left, const void *right)
{
    const struct key_attribute *one = left;
    const struct key_attribute *other = right;
    return bytes_compare(one->name, other->name);
}

void definitions_sort(struct definitions *definitions)
{
    qsort(definitions->attributes, definitions->count, sizeof *definitions->attributes,
          compare_attributes);
}

struct bytes names_text(struct arena *arena, const struct bytes *names, size_t count)
{
    struct buffer text;
    buffer_init(&text, arena, 64);
    buffer_append_u8(&text, '[');
    for (size_t i = 0; i < count; i++) {
        buffer_append_text(&text, i > 0 ? ", " : "");
        buffer_append_bytes(&text, names[i]);
    }
    buffer_append_u8(&text, ']');
    return buffer_view(&text);
}

/* ---- key schema ---- */

struct element {
    struct bytes name;
    bool is_sort;
};

static bool fail_undefined(struct request *request,
                           const struct element *elements,
                           size_t count,
                           const struct definitions *definitions)
{
    struct bytes *keys = arena_alloc(request->arena, count * sizeof *keys);
    struct bytes *defined = arena_alloc(request->arena, definitions->count * sizeof *defined);
    for (size_t i = 0; i < count; i++) {
        keys[i] = elements[i].name;
    }
    for (size_t i = 0; i < definitions->count; i++) {
        defined[i] = definitions->attributes[i].name;
    }
    struct bytes keys_text = names_text(request->arena, keys, count);
    struct bytes defined_text = names_text(request->arena, defined, definitions->count);
    return api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER
                    "Some index key attributes are not defined in AttributeDefinitions. "
                    "Keys: %.*s, AttributeDefinitions: %.*s",
                    BYTES_ARGUMENTS(keys_text), BYTES_ARGUMENTS(defined_text));
}

static bool check_defined(struct request *request,
                          const struct element *elements,
                          size_t count,
                          const struct definitions *definitions)
{
    if (count > definitions->count) {
        return api_fail(request, API_VALIDATION,
                        "Invalid KeySchema: Some index key attribute have no definition");
    }
    for (size_t i = 0; i < count; i++) {
        enum attribute_type type;
        if (!definitions_find(definitions, elements[i].name, &type)) {
            return fail_undefined(request, elements, count, definitions);
        }
    }
    return true;
}

/* Tables and LSIs, and GSIs in the form everything had before multi-attribute keys. */
static bool check_two(struct request *request, const struct element *elements, size_t count)
{
    if (count == 2 && bytes_equal(elements[0].name, elements[1].name)) {
        return api_fail(
            request, API_VALIDATION,
            "Both the Hash Key and the Range Key element in the KeySchema have the same "
            "name");
    }
    if (elements[0].is_sort) {
        return api_fail(request, API_VALIDATION,
                        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
    }
    if (count == 2 && !elements[1].is_sort) {
        return api_fail(request, API_VALIDATION,
                        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    }
    return true;
}

static bool check_several(struct request *request, const struct element *elements, size_t count)
{
    size_t sorts = 0;
    for (size_t i = 0; i < count; i++) {
        sorts += elements[i].is_sort;
        if (i == 0 && elements[i].is_sort) {
            return check_two(request, elements, count);
        }
        if (i > 0 && elements[i - 1].is_sort && !elements[i].is_sort) {
            return api_fail(request, API_VALIDATION,
                            INVALID_PARAMETER "All HASH key attributes must precede RANGE key "
                                              "attributes in the KeySchema");
        }
        for (size_t j = 0; j < i; j++) {
            if (bytes_equal(elements[i].name, elements[j].name)) {
                return api_fail(
                    request, API_VALIDATION,
                    "The KeySchema contains multiple key attributes with the same name");
            }
        }
    }
    if (count - sorts > LIMIT_KEY_ATTRIBUTES || sorts > LIMIT_KEY_ATTRIBUTES) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "The KeySchema exceeds the maximum allowed number of %s key attributes",
                        sorts > LIMIT_KEY_ATTRIBUTES ? "RANGE" : "HASH");
    }
    return true;
}

bool key_schema_of_json(struct request *request,
                        const struct cJSON *node,
                        const struct definitions *definitions,
                        enum key_schema_owner owner,
                        struct key_schema *out_key)
{
    size_t count = 0;
    struct element *elements = arena_alloc(request->arena, json_count(node) * sizeof *elements);
    for (const struct cJSON *one = json_first(node); one != NULL; one = json_next(one)) {
        elements[count].name = json_text(request->arena, json_member(one, "AttributeName"));
        elements[count].is_sort = shape_text_is(json_member(one, "KeyType"), "RANGE");
        count++;
    }
    bool is_classic = owner != KEY_OF_GSI || (count == 2 && elements[1].is_sort) || count == 1;
    if (!check_defined(request, elements, count, definitions) ||
        !(is_classic ? check_two(request, elements, count)
                     : check_several(request, elements, count))) {
        return false;
    }
    *out_key = (struct key_schema){ 0 };
    for (size_t i = 0; i < count; i++) {
        struct key_attribute *attribute = &out_key->attributes[i];
        attribute->name = elements[i].name;
        (void)definitions_find(definitions, attribute->name, &attribute->type);
        *(elements[i].is_sort ? &out_key->sort_count : &out_key->partition_count) += 1;
    }
    return true;
}

/* ---- projection ---- */

static int compare_texts(const void *left, const void *right)
{
    return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

static bool non_key_attributes_of_json(struct request *request,
                                       const struct cJSON *node,
                                       struct index_definition *index)
{
    struct bytes *names = arena_alloc(request->arena, json_count(node) * sizeof *names);
    size_t count = 0;
    for (const struct cJSON *one = json_first(node); one != NULL; one = json_next(one)) {
        names[count] = json_text(request->arena, one);
        for (size_t i = 0; i < count; i++) {
            if (bytes_equal(names[i], names[count])) {
                return api_fail(request, API_VALIDATION,
                                INVALID_PARAMETER "Duplicate element in NonKeyAttributes: %.*s",
                                BYTES_ARGUMENTS(names[i]));
            }
        }
        count++;
    }
    qsort(names, count, sizeof *names, compare_texts);
    index->non_key_attributes = names;
    index->non_key_count = count;
    return true;
}

bool projection_of_json(struct request *request,
                        const struct cJSON *node,
                        struct index_definition *index)
{
    const struct cJSON *type = json_member(node, "ProjectionType");
    const struct cJSON *non_key = json_member(node, "NonKeyAttributes");
    index->non_key_attributes = NULL;
    index->non_key_count = 0;
    if (type == NULL) {
        return api_fail(request, API_VALIDATION, INVALID_PARAMETER "Unknown ProjectionType: null");
    }
    if (shape_text_is(type, "INCLUDE")) {
        index->projection = PROJECTION_INCLUDE;
        if (non_key == NULL) {
            return api_fail(request, API_VALIDATION,
                            INVALID_PARAMETER
                            "ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
        }
        return non_key_attributes_of_json(request, non_key, index);
    }
    index->projection = shape_text_is(type, "ALL") ? PROJECTION_ALL : PROJECTION_KEYS_ONLY;
    if (non_key != NULL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "ProjectionType is %s, but NonKeyAttributes is specified",
                        index->projection == PROJECTION_ALL ? "ALL" : "KEYS_ONLY");
    }
    return true;
}
