#include "api/json.h"
#include "api/shape.h"
#include "api/shape_echo.h"
#include "api/wording.h"
#include "storage/base/arena.h"

#include <assert.h>
#include <string.h>

/* The second walk of api/shape: constraints, and the texts in which their failures are told. */

enum { FAILURES_MAX = 10 }; /* as many as the service lists */

/* Where a value stands, innermost first; written out only when something fails there. */
struct path {
    const struct path *parent;
    const char *member; /* NULL: an element of a list or map */
    struct bytes key;   /* of a map; data NULL: of a list */
    size_t position;    /* in a list, from 1 */
};

struct constraint_walk {
    struct arena *arena;
    const struct wording *wording;
    struct buffer failures; /* joined by "; " */
    size_t count;
    bool is_over; /* no more failures are told */
};

/* globalSecondaryIndexes.1.member.keySchema */
static void append_path(struct buffer *to, const struct path *path)
{
    if (path->parent != NULL) {
        append_path(to, path->parent);
        buffer_append_u8(to, '.');
    }
    if (path->member != NULL) {
        shape_echo_name(to, path->member);
    } else if (path->key.data != NULL) {
        shape_echo_text(to, path->key);
        buffer_append_text(to, ".member");
    } else {
        buffer_append_format(to, "%zu.member", path->position);
    }
}

/* What failed; all that the wording of a failure can depend on. */
struct failure {
    const struct path *path;
    const struct shape *shape;
    const struct cJSON *node; /* NULL or null: absent */
    struct bytes constraint;  /* "Member must not be null" */
    bool is_enum;             /* a text is none of the allowed ones */
};

static bool is_empty_table_name(const struct shape *shape, const struct cJSON *node)
{
    return shape == &SHAPE_TABLE_NAME && shape_text_is(node, "");
}

/* The one place that words a failed constraint. */
static void append_failure(struct constraint_walk *walk, const struct failure *failure)
{
    struct buffer *to = &walk->failures;
    bool is_migrated = walk->wording->is_migrated;
    if (is_migrated && failure->is_enum) {
        buffer_append_text(to, "Failed to satisfy constraint: ");
        buffer_append_bytes(to, failure->constraint);
        return;
    }
    if (is_migrated && is_empty_table_name(failure->shape, failure->node)) {
        buffer_append_text(to, "Value at 'TableName' failed to satisfy constraint: ");
        buffer_append_bytes(to, failure->constraint);
        return;
    }
    if (failure->node == NULL || json_kind(failure->node) == JSON_NULL) {
        buffer_append_text(to, "Value null");
    } else {
        struct buffer echo;
        buffer_init(&echo, walk->arena, 128);
        shape_echo(&echo, walk->arena, failure->shape, failure->node);
        buffer_append_text(to, "Value '");
        buffer_append_bytes(to, buffer_view(&echo));
        buffer_append_u8(to, '\'');
    }
    buffer_append_text(to, " at '");
    append_path(to, failure->path);
    buffer_append_text(to, "' failed to satisfy constraint: ");
    buffer_append_bytes(to, failure->constraint);
}

static void add_failure(struct constraint_walk *walk, const struct failure *failure)
{
    if (walk->is_over) {
        return;
    }
    if (walk->count > 0) {
        buffer_append_text(&walk->failures, "; ");
    }
    append_failure(walk, failure);
    walk->count++;
    walk->is_over =
        walk->count == FAILURES_MAX || (failure->is_enum && walk->wording->stops_at_enum);
}

/* The one place that words their collection. True when there were none. */
static bool finish(struct constraint_walk *walk, struct api_error *out_error)
{
    if (walk->count == 0) {
        return true;
    }
    struct buffer text;
    buffer_init(&text, walk->arena, walk->failures.length + 64);
    buffer_append_format(&text, "%zu validation error%s detected: ", walk->count,
                         walk->count == 1 ? "" : "s");
    buffer_append_bytes(&text, buffer_view(&walk->failures));
    return api_error_set_message(out_error, API_VALIDATION, buffer_view(&text));
}

static void append_minimum(struct buffer *to, const struct shape *shape, const char *what)
{
    buffer_append_format(to, "Member must have %s greater than or equal to %lld", what,
                         (long long)shape->range.min);
}

static void append_maximum(struct buffer *to, const struct shape *shape, const char *what)
{
    buffer_append_format(to, "Member must have %s less than or equal to %lld", what,
                         (long long)shape->range.max);
}

#define PATTERN_TEXT(pattern) "Member must satisfy regular expression pattern: " pattern

static const char *pattern_text(enum shape_pattern pattern)
{
    static const char *const texts[] = {
        [PATTERN_NAME] = PATTERN_TEXT("[a-zA-Z0-9_.-]+"),
        [PATTERN_ROLE_SESSION_NAME] = PATTERN_TEXT("[\\w+=,.@-]*"),
        [PATTERN_STACK_NAME] = PATTERN_TEXT("[a-zA-Z][-a-zA-Z0-9]*"),
        [PATTERN_STACK] = PATTERN_TEXT("[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"),
    };
    assert(pattern != PATTERN_NONE);
    return texts[pattern];
}

static bool is_letter(uint8_t byte)
{
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'z';
}

/* Letters, digits and what is in `others`. */
static bool holds_only(struct bytes text, const char *others)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        if (!is_letter(byte) && !(byte >= '0' && byte <= '9') &&
            (byte == '\0' || strchr(others, byte) == NULL)) {
            return false;
        }
    }
    return true;
}

static bool is_stack_name(struct bytes text)
{
    return text.length > 0 && is_letter(text.data[0]) && holds_only(text, "-");
}

static bool matches_pattern(enum shape_pattern pattern, struct bytes text)
{
    switch (pattern) {
    case PATTERN_NAME:
        return text.length > 0 && holds_only(text, "_.-");
    case PATTERN_ROLE_SESSION_NAME:
        return holds_only(text, "_+=,.@-");
    case PATTERN_STACK:
        return is_stack_name(text) ||
               (bytes_start_with(text, BYTES("arn:")) && holds_only(text, "-:/._+"));
    case PATTERN_STACK_NAME:
        return is_stack_name(text);
    case PATTERN_NONE:
        break;
    }
    return true;
}

/* Java's length of a string: UTF-16 units. */
static int64_t text_length(struct bytes text)
{
    int64_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        length += (text.data[i] & 0xC0) != 0x80; /* the first byte of a character */
        length += text.data[i] >= 0xF0;          /* of one beyond U+FFFF */
    }
    return length;
}

/* Whether `text` is one of "A, B, C". */
static bool is_one_of(struct bytes text, const char *values)
{
    while (*values != '\0') {
        size_t length = strcspn(values, ",");
        if (text.length == length && memcmp(text.data, values, length) == 0) {
            return true;
        }
        values += length + strspn(values + length, ", ");
    }
    return false;
}

static bool is_container(const struct shape *shape)
{
    return shape->kind == SHAPE_LIST || shape->kind == SHAPE_MAP;
}

static bool is_number(const struct shape *shape)
{
    return shape->kind == SHAPE_INTEGER || shape->kind == SHAPE_LONG || shape->kind == SHAPE_DOUBLE;
}

/* What a range is about: the length of a text or container, the value of a number. */
static int64_t
measure(struct constraint_walk *walk, const struct shape *shape, const struct cJSON *node)
{
    if (is_container(shape)) {
        return (int64_t)json_count(node);
    }
    return is_number(shape) ? json_integer(node) : text_length(json_text(walk->arena, node));
}

static void check_range(struct constraint_walk *walk, struct failure failure)
{
    const struct shape *shape = failure.shape;
    bool is_told_by_map = failure.path->key.data != NULL; /* "Map value must satisfy constraint" */
    if (shape->range.max == 0 || is_told_by_map) {
        return;
    }
    int64_t measured = measure(walk, shape, failure.node);
    if (measured >= shape->range.min && measured <= shape->range.max) {
        return;
    }
    const char *what = is_number(shape) ? "value" : "length";
    struct buffer text;
    buffer_init(&text, walk->arena, 64);
    if (measured < shape->range.min) {
        append_minimum(&text, shape, what);
    } else {
        append_maximum(&text, shape, what);
    }
    failure.constraint = buffer_view(&text);
    add_failure(walk, &failure);
}

/* What names a table and is no ARN has to be a name a table could have. */
static const struct shape *rule_of(const struct shape *shape, struct bytes text)
{
    bool is_name =
        shape == &SHAPE_TABLE_NAME && text.length > 0 && !bytes_start_with(text, BYTES("arn:"));
    return is_name ? &SHAPE_NEW_TABLE_NAME : shape;
}

/* Pattern, length, enum: the service's order for one string. */
static void check_string(struct constraint_walk *walk, struct failure failure)
{
    struct bytes text = json_text(walk->arena, failure.node);
    const struct shape *shape = rule_of(failure.shape, text);
    failure.shape = shape;
    if (!matches_pattern(shape->pattern, text)) {
        failure.constraint = bytes_of_text(pattern_text(shape->pattern));
        add_failure(walk, &failure);
    }
    check_range(walk, failure);
    if (shape->values != NULL && !is_one_of(text, shape->values)) {
        struct buffer constraint;
        buffer_init(&constraint, walk->arena, 128);
        buffer_append_format(&constraint, "Member must satisfy enum value set: [%s]",
                             wording_enum_values(walk->wording, shape->values));
        failure.constraint = buffer_view(&constraint);
        failure.is_enum = true;
        add_failure(walk, &failure);
    }
}

/* "Map value must satisfy constraint: [Member must have …, Member must …]" */
static void fail_map(struct constraint_walk *walk,
                     struct failure failure,
                     const char *part,
                     const struct shape *shape)
{
    struct buffer text;
    buffer_init(&text, walk->arena, 256);
    buffer_append_format(&text, "Map %s must satisfy constraint: [", part);
    if (shape->range.max != 0) {
        append_maximum(&text, shape, "length");
        buffer_append_text(&text, ", ");
        append_minimum(&text, shape, "length");
    }
    if (shape->pattern != PATTERN_NONE) {
        buffer_append_text(&text, shape->range.max != 0 ? ", " : "");
        buffer_append_text(&text, pattern_text(shape->pattern));
    }
    buffer_append_u8(&text, ']');
    failure.constraint = buffer_view(&text);
    add_failure(walk, &failure);
}

static bool is_in_range(const struct shape *shape, int64_t length)
{
    return shape->range.max == 0 || (length >= shape->range.min && length <= shape->range.max);
}

/* Keys and sizes of the values of a map: told once for the whole map. */
static void check_map_parts(struct constraint_walk *walk, struct failure failure)
{
    const struct shape *key = failure.shape->key;
    const struct shape *value = failure.shape->element;
    bool keys_fit = true;
    bool values_fit = true;
    for (const struct cJSON *each = json_first(failure.node); each != NULL;
         each = json_next(each)) {
        if (key != NULL && keys_fit) {
            struct bytes name = json_name(walk->arena, each);
            keys_fit = is_in_range(key, text_length(name)) && matches_pattern(key->pattern, name);
        }
        if (value->range.max != 0 && json_kind(each) != JSON_NULL) {
            values_fit = values_fit && is_in_range(value, measure(walk, value, each));
        }
    }
    if (!keys_fit) {
        fail_map(walk, failure, "keys", key);
    }
    if (!values_fit) {
        fail_map(walk, failure, "value", value);
    }
}

static void check_value(struct constraint_walk *walk,
                        const struct shape *shape,
                        const struct cJSON *node,
                        const struct path *path);

static void check_members(struct constraint_walk *walk,
                          const struct shape *shape,
                          const struct cJSON *node,
                          const struct path *parent)
{
    for (size_t i = 0; i < shape->members_count && !walk->is_over; i++) {
        const struct member *member = &shape->members[i];
        const struct cJSON *value = json_member(node, member->name);
        const struct path path = { .parent = parent, .member = member->name };
        if (value != NULL) {
            check_value(walk, member->shape, value, &path);
        } else if (member->need == REQUIRED) {
            add_failure(walk, &(struct failure){ .path = &path,
                                                 .shape = member->shape,
                                                 .constraint = BYTES("Member must not be null") });
        }
    }
}

/*
 * Elements of a list, values of a map. A null among them fails, except for attribute values, whose
 * own checks come later: so operations never meet one.
 */
static void check_elements(struct constraint_walk *walk, struct failure failure)
{
    const struct shape *element = failure.shape->element;
    if (element->kind == SHAPE_ATTRIBUTE_VALUE) {
        return;
    }
    size_t position = 0;
    for (const struct cJSON *each = json_first(failure.node); each != NULL && !walk->is_over;
         each = json_next(each)) {
        struct path path = { .parent = failure.path, .position = ++position };
        if (failure.shape->kind == SHAPE_MAP) {
            path.key = json_name(walk->arena, each);
        }
        if (json_kind(each) == JSON_NULL) {
            add_failure(walk, &(struct failure){ .path = &path,
                                                 .shape = element,
                                                 .constraint = BYTES("Member must not be null") });
        } else {
            check_value(walk, element, each, &path);
        }
    }
}

static void check_value(struct constraint_walk *walk,
                        const struct shape *shape,
                        const struct cJSON *node,
                        const struct path *path)
{
    const struct failure failure = { .path = path, .shape = shape, .node = node };
    switch (shape->kind) {
    case SHAPE_STRING:
        check_string(walk, failure);
        break;
    case SHAPE_INTEGER:
    case SHAPE_LONG:
    case SHAPE_DOUBLE:
        check_range(walk, failure);
        break;
    case SHAPE_LIST:
        check_range(walk, failure);
        check_elements(walk, failure);
        break;
    case SHAPE_MAP:
        check_map_parts(walk, failure);
        check_range(walk, failure);
        check_elements(walk, failure);
        break;
    case SHAPE_STRUCTURE:
        check_members(walk, shape, node, path);
        break;
    case SHAPE_BOOLEAN:
    case SHAPE_TIMESTAMP:
    case SHAPE_BLOB:
    case SHAPE_ATTRIBUTE_VALUE:
        break;
    }
}

static struct constraint_walk walk_of(const struct wording *wording, struct arena *arena)
{
    struct constraint_walk walk = { .arena = arena, .wording = wording };
    buffer_init(&walk.failures, arena, 0);
    return walk;
}

/* Members whose absence or length is refused before everything else, each alone. */
static bool check_first_members(const struct shape *input,
                                const struct cJSON *body,
                                const struct wording *wording,
                                struct arena *arena,
                                struct api_error *out_error)
{
    for (size_t i = 0; i < input->members_count; i++) {
        const struct member *member = &input->members[i];
        const struct cJSON *value = json_member(body, member->name);
        bool is_told_alone = wording->is_migrated && is_empty_table_name(member->shape, value);
        if (member->need != REQUIRED_FIRST && !is_told_alone) {
            continue;
        }
        if (value == NULL) {
            return api_error_set(
                out_error, arena, API_VALIDATION,
                "The parameter '%s' is required but was not present in the request", member->name);
        }
        const struct path path = { .member = member->name };
        struct constraint_walk walk = walk_of(wording, arena);
        const struct shape *shape = rule_of(member->shape, json_text(arena, value));
        check_range(&walk, (struct failure){ .path = &path, .shape = shape, .node = value });
        if (!finish(&walk, out_error)) {
            return false;
        }
    }
    return true;
}

bool shape_check_constraints(const struct shape *input,
                             const struct cJSON *body,
                             const struct wording *wording,
                             struct arena *arena,
                             struct api_error *out_error)
{
    assert(input->kind == SHAPE_STRUCTURE);
    if (!check_first_members(input, body, wording, arena, out_error)) {
        return false;
    }
    struct constraint_walk walk = walk_of(wording, arena);
    check_members(&walk, input, body, NULL);
    return finish(&walk, out_error);
}
