#include "api/template/property_schema.h"

#include "api/template/message.h"
#include "api/template/node.h"
#include "storage/base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { VIOLATION_COUNT_MAX = 100 }; /* more are not told */

struct checking {
    struct arena *arena;
    struct buffer violations; /* a line for each */
    size_t count;
};

static struct node *check(struct checking *checking,
                          const struct property_schema *schema,
                          const struct node *node,
                          const char *path);

static void violate(struct checking *checking, const char *path, const char *what)
{
    if (checking->count++ < VIOLATION_COUNT_MAX) {
        buffer_append_format(&checking->violations, "\n%s: %s", path, what);
    }
}

/* ---- scalars ---- */

/* As JSON's own library names what there is. */
static const char *found_name(const struct node *node)
{
    switch (node->kind) {
    case NODE_LIST:
        return "JSONArray";
    case NODE_MAP:
        return "JSONObject";
    case NODE_NULL:
        return "Null";
    case NODE_SCALAR:
    case NODE_UNKNOWN:
        break;
    }
    bool is_boolean = strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0;
    return node->is_string ? "String" : is_boolean ? "Boolean" : "Number";
}

static struct node *
expect(struct checking *checking, const char *path, const char *wanted, const struct node *node)
{
    violate(
        checking, path,
        message_format(checking->arena, "expected type: %s, found: %s", wanted, found_name(node)));
    return node_copy(checking->arena, node);
}

static struct node *scalar_of(struct checking *checking, const char *text, bool is_string)
{
    struct node *scalar = node_new(checking->arena, NODE_SCALAR, text);
    scalar->is_string = is_string;
    return scalar;
}

/* Characters, not bytes. */
static long long text_length(const char *text)
{
    long long length = 0;
    for (; *text != '\0'; text++) {
        length += ((unsigned char)*text & 0xC0) != 0x80 ? 1 : 0;
    }
    return length;
}

static bool is_choice(const char *text, const char *const *choices)
{
    while (*choices != NULL && strcmp(*choices, text) != 0) {
        choices++;
    }
    return *choices != NULL;
}

static struct node *check_string(struct checking *checking,
                                 const struct property_schema *schema,
                                 const struct node *node,
                                 const char *path)
{
    if (node->kind != NODE_SCALAR) {
        return expect(checking, path, "String", node);
    }
    long long length = text_length(node->text);
    if (length < schema->min) {
        violate(checking, path,
                message_format(checking->arena, "expected minLength: %lld, actual: %lld",
                               schema->min, length));
    } else if (schema->max > 0 && length > schema->max) {
        violate(checking, path,
                message_format(checking->arena, "expected maxLength: %lld, actual: %lld",
                               schema->max, length));
    }
    if (schema->choices != NULL && !is_choice(node->text, schema->choices)) {
        violate(checking, path,
                message_format(checking->arena, "%s is not a valid enum value", node->text));
    }
    return scalar_of(checking, node->text, true);
}

static struct node *
check_boolean(struct checking *checking, const struct node *node, const char *path)
{
    const char *text = node_text(node, "");
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
        return expect(checking, path, "Boolean", node);
    }
    return scalar_of(checking, text, false);
}

static bool read_integer(const char *text, long long *out_number)
{
    char *end = NULL;
    errno = 0;
    *out_number = strtoll(text, &end, 10);
    bool begins = text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
    return errno == 0 && begins && end != text && *end == '\0';
}

static struct node *check_integer(struct checking *checking,
                                  const struct property_schema *schema,
                                  const struct node *node,
                                  const char *path)
{
    long long number = 0;
    if (!read_integer(node_text(node, ""), &number)) {
        return expect(checking, path, "Integer", node);
    }
    if (number < schema->min) {
        violate(checking, path,
                message_format(checking->arena, "%lld is not greater or equal to %lld", number,
                               schema->min));
    } else if (schema->max > 0 && number > schema->max) {
        violate(checking, path,
                message_format(checking->arena, "%lld is not less or equal to %lld", number,
                               schema->max));
    }
    return scalar_of(checking, message_format(checking->arena, "%lld", number), false);
}

static struct node *
check_number(struct checking *checking, const struct node *node, const char *path)
{
    static const char digits[] = "+-.0123456789eE";
    const char *text = node_text(node, "");
    char *end = NULL;
    double number = strtod(text, &end);
    if (text[0] == '\0' || text[strspn(text, digits)] != '\0' || *end != '\0' || number > 1e300 ||
        number < -1e300) {
        return expect(checking, path, "Number", node);
    }
    return scalar_of(checking, message_format(checking->arena, "%.15g", number), false);
}

/* ---- containers ---- */

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool has_equal_elements(struct arena *arena, const struct node *list)
{
    size_t count = node_count(list);
    const char **texts = arena_alloc(arena, (count + 1) * sizeof *texts);
    size_t i = 0;
    for (const struct node *element = list->first; element != NULL; element = element->next) {
        struct buffer text;
        buffer_init(&text, arena, 64);
        node_append_json(&text, element, true);
        if (node_find_unknown(element) == NULL) {
            texts[i++] = bytes_to_text(arena, buffer_view(&text));
        }
    }
    if (i > 1) {
        qsort(texts, i, sizeof *texts, compare_texts);
    }
    for (size_t j = 0; j + 1 < i; j++) {
        if (strcmp(texts[j], texts[j + 1]) == 0) {
            return true;
        }
    }
    return false;
}

static struct node *check_list(struct checking *checking,
                               const struct property_schema *schema,
                               const struct node *node,
                               const char *path)
{
    if (node->kind != NODE_LIST) {
        return expect(checking, path, "JSONArray", node);
    }
    long long count = (long long)node_count(node);
    if (count < schema->min) {
        violate(checking, path,
                message_format(checking->arena, "expected minimum item count: %lld, found: %lld",
                               schema->min, count));
    } else if (schema->max > 0 && count > schema->max) {
        violate(checking, path,
                message_format(checking->arena, "expected maximum item count: %lld, found: %lld",
                               schema->max, count));
    }
    struct node *list = node_new(checking->arena, NODE_LIST, "");
    size_t place = 0;
    for (const struct node *element = node->first; element != NULL; element = element->next) {
        node_append(list, NULL,
                    check(checking, schema->element, element,
                          message_format(checking->arena, "%s/%zu", path, place)));
        place++;
    }
    if (schema->is_unique && has_equal_elements(checking->arena, list)) {
        violate(checking, path, "array items are not unique");
    }
    return list;
}

static const struct schema_member *find_member(const struct property_schema *schema,
                                               const char *name)
{
    for (const struct schema_member *member = schema->members; member->name != NULL; member++) {
        if (strcmp(member->name, name) == 0) {
            return member;
        }
    }
    return NULL;
}

/* What is missing, then what is too much, as the registry's validator orders them. */
static void check_names(struct checking *checking,
                        const struct property_schema *schema,
                        const struct node *map,
                        const char *path)
{
    for (const struct schema_member *member = schema->members; member->name != NULL; member++) {
        if (member->is_required && node_member(map, member->name) == NULL) {
            violate(checking, path,
                    message_format(checking->arena, "required key [%s] not found", member->name));
        }
    }
    for (const struct node *member = map->first; member != NULL; member = member->next) {
        if (find_member(schema, member->name) == NULL) {
            violate(checking, path,
                    message_format(checking->arena, "extraneous key [%s] is not permitted",
                                   member->name));
        }
    }
}

static struct node *check_map(struct checking *checking,
                              const struct property_schema *schema,
                              const struct node *node,
                              const char *path)
{
    if (node->kind != NODE_MAP) {
        return expect(checking, path, "JSONObject", node);
    }
    check_names(checking, schema, node, path);
    if (schema->needs_any && node->first == NULL) {
        violate(checking, path, "#: no subschema matched out of the total 2 subschemas");
    }
    struct node *map = node_new(checking->arena, NODE_MAP, "");
    for (const struct node *member = node->first; member != NULL; member = member->next) {
        const struct schema_member *known = find_member(schema, member->name);
        if (known != NULL) {
            node_append(map, member->name,
                        check(checking, known->schema, member,
                              message_format(checking->arena, "%s/%s", path, member->name)));
        }
    }
    return map;
}

static struct node *
check_document(struct checking *checking, const struct node *node, const char *path)
{
    if (node->kind != NODE_MAP && (node->kind != NODE_SCALAR || !node->is_string)) {
        return expect(checking, path, "JSONObject", node);
    }
    return node_copy(checking->arena, node);
}

/* The depth is the schema's. */
static struct node *check(struct checking *checking,
                          const struct property_schema *schema,
                          const struct node *node,
                          const char *path)
{
    if (node->kind == NODE_UNKNOWN) {
        return node_copy(checking->arena, node);
    }
    switch (schema->kind) {
    case SCHEMA_STRING:
        return check_string(checking, schema, node, path);
    case SCHEMA_BOOLEAN:
        return check_boolean(checking, node, path);
    case SCHEMA_INTEGER:
        return check_integer(checking, schema, node, path);
    case SCHEMA_NUMBER:
        return check_number(checking, node, path);
    case SCHEMA_LIST:
        return check_list(checking, schema, node, path);
    case SCHEMA_MAP:
        return check_map(checking, schema, node, path);
    case SCHEMA_DOCUMENT:
        break;
    }
    return check_document(checking, node, path);
}

bool property_schema_check(struct arena *arena,
                           const char *logical_id,
                           const char *type,
                           const struct node *properties,
                           const struct node **out_coerced,
                           const char **out_error)
{
    const struct property_schema *schema = property_schema_of(type);
    if (schema == NULL) {
        *out_coerced = properties;
        return true;
    }
    struct checking checking = { .arena = arena };
    buffer_init(&checking.violations, arena, 256);
    const struct node *coerced = check(&checking, schema, properties, "#");
    if (checking.count > 0) {
        *out_error =
            message_format(arena, "Properties validation failed for resource %s with message:%s",
                           logical_id, bytes_to_text(arena, buffer_view(&checking.violations)));
        return false;
    }
    *out_coerced = coerced;
    return true;
}
