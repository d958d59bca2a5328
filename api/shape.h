/*
 * What an operation takes, as constant data, and the two walks that complain about a request in the
 * service's words and order.
 *
 *     static const struct shape TABLE_NAME = { .kind = SHAPE_STRING, .range = { 1, 1024 } };
 *     static const struct shape KEY_TYPE = { .kind = SHAPE_STRING, .values = "HASH, RANGE" };
 *     static const struct member KEY_SCHEMA_ELEMENT_MEMBERS[] = {
 *         { "AttributeName", &KEY_ATTRIBUTE_NAME, REQUIRED },
 *         { "KeyType", &KEY_TYPE, REQUIRED },
 *     };
 *     static const struct shape KEY_SCHEMA_ELEMENT =
 *         SHAPE_STRUCTURE_OF("KeySchemaElement", KEY_SCHEMA_ELEMENT_MEMBERS);
 *     static const struct shape KEY_SCHEMA = {
 *         .kind = SHAPE_LIST, .element = &KEY_SCHEMA_ELEMENT, .range = { 1, 2 },
 *     };
 *
 * Types first: the first value, in the order sent, whose JSON type does not fit is the error, a
 * SerializationException. Then constraints: up to ten failures are collected in the shape's order
 * into one ValidationException, "2 validation errors detected: Value '…' at 'tableName' failed to
 * …; …". JSON null is an absent member; members the shape does not know are ignored at every level.
 *
 * Attribute values ({"S": …}) are checked here for JSON types and base64 only; what else can be
 * wrong with them is for api/attribute_json, after the constraints, as on the service.
 */

#ifndef REHEARSEDB_API_SHAPE_H
#define REHEARSEDB_API_SHAPE_H

#include "api/api_error.h"

struct cJSON;
struct wording;

enum shape_kind {
    SHAPE_STRING,
    SHAPE_BOOLEAN, /* also takes the strings true, false, 1, 0, yes, no: see shape_boolean */
    SHAPE_INTEGER,
    SHAPE_LONG,
    SHAPE_DOUBLE,
    SHAPE_TIMESTAMP, /* seconds, with a fraction */
    SHAPE_BLOB,
    SHAPE_LIST,
    SHAPE_MAP,
    SHAPE_STRUCTURE,
    SHAPE_ATTRIBUTE_VALUE,
};

/* Of the value of a number, of the length of a string (in characters), list or map. */
struct shape_range {
    int64_t min;
    int64_t max; /* 0: no range at all; SHAPE_NO_MAX: only a minimum */
};

#define SHAPE_NO_MAX INT64_MAX

enum shape_pattern {
    PATTERN_NONE,
    PATTERN_NAME,              /* [a-zA-Z0-9_.-]+ : tables, indexes, backups */
    PATTERN_ROLE_SESSION_NAME, /* [\w+=,.@-]* */
    PATTERN_STACK_NAME,        /* [a-zA-Z][-a-zA-Z0-9]* : a new stack or change set */
    PATTERN_STACK,             /* the same or an ARN */
};

struct shape {
    enum shape_kind kind;
    struct shape_range range;
    enum shape_pattern pattern;   /* strings */
    const char *values;           /* strings: what is allowed, in the service's order: "B, N, S" */
    const struct shape *element;  /* lists, and the values of maps */
    const struct shape *key;      /* maps: range and pattern of the keys; NULL: any */
    const char *name;             /* structures: "KeySchemaElement" */
    const struct member *members; /* structures */
    size_t members_count;
    const char *other_member; /* structures: one of no single type, which its owner checks; NULL */
};

enum member_need {
    OPTIONAL,
    REQUIRED, /* "Value null at 'item' failed to satisfy constraint: Member must not be null" */
    /*
     * "The parameter 'TableName' is required but was not present in the request", and a length out
     * of range, are refused before all other constraints and alone.
     */
    REQUIRED_FIRST,
};

struct member {
    const char *name;
    const struct shape *shape;
    enum member_need need;
};

#define SHAPE_STRUCTURE_OF(shape_name, member_array)                                               \
    {                                                                                              \
        .kind = SHAPE_STRUCTURE, .name = (shape_name), .members = (member_array),                  \
        .members_count = sizeof(member_array) / sizeof((member_array)[0]),                         \
    }

/* Used by most operations. */
extern const struct shape SHAPE_ANY_STRING;
extern const struct shape SHAPE_ANY_BOOLEAN;
extern const struct shape SHAPE_ANY_LONG;
extern const struct shape SHAPE_ANY_ATTRIBUTE_VALUE;
extern const struct shape SHAPE_ITEM;       /* map of attribute values: items and keys */
extern const struct shape SHAPE_STRING_MAP; /* map of strings: ExpressionAttributeNames */
extern const struct shape SHAPE_TABLE_NAME; /* a name or an ARN: 1-1024, a name 3-255, pattern */
extern const struct shape
    SHAPE_NEW_TABLE_NAME;                   /* 3-255, pattern: where a name is given, not used */
extern const struct shape SHAPE_INDEX_NAME; /* 3-255, pattern */

/* Both walks, types first, in the classic wording. `input` is a structure, `body` the parsed
 * request. False: `out_error`. */
bool shape_check(const struct shape *input,
                 const struct cJSON *body,
                 struct arena *arena,
                 struct api_error *out_error);

/* The first walk alone, for any shape; for documents that are not requests, e.g. imported items. */
bool shape_check_types(const struct shape *shape,
                       const struct cJSON *node,
                       struct arena *arena,
                       struct api_error *out_error);

/* The second walk alone; the types must have been checked. */
bool shape_check_constraints(const struct shape *input,
                             const struct cJSON *body,
                             const struct wording *wording,
                             struct arena *arena,
                             struct api_error *out_error);

/* Whether the type check takes the node for a boolean. */
bool shape_is_boolean(const struct cJSON *node);

/* A boolean member that passed the type check; false for NULL. */
bool shape_boolean(const struct cJSON *node);

/* A string member that passed the type check is this text. False for NULL. */
bool shape_text_is(const struct cJSON *node, const char *text);

#endif
