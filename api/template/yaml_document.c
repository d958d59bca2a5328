#include "api/template/yaml_document.h"

#include "api/template/node.h"
#include "storage/base/arena.h"

#include <string.h>

#include <yaml.h>

struct reading {
    struct arena *arena;
    yaml_parser_t parser;
    struct document_error error; /* `what` is NULL while all is well */
};

static void fail_at(struct reading *reading, yaml_mark_t mark, const char *what)
{
    if (reading->error.what == NULL) {
        reading->error.what = what;
        reading->error.line = mark.line + 1;
        reading->error.column = mark.column + 1;
    }
}

static void fail_as(struct reading *reading,
                    enum document_fault fault,
                    const yaml_event_t *event,
                    const char *what)
{
    if (reading->error.what == NULL) {
        fail_at(reading, event->start_mark, what);
        reading->error.fault = fault;
    }
}

/* The next event, which the caller deletes. False: there is none, and `error` says why. */
static bool next_event(struct reading *reading, yaml_event_t *out_event)
{
    if (yaml_parser_parse(&reading->parser, out_event)) {
        return true;
    }
    const char *problem = reading->parser.problem;
    fail_at(reading, reading->parser.problem_mark,
            problem != NULL ? problem : "cannot be read"); /* libyaml's are literals */
    return false;
}

static const char *copy_text(struct reading *reading, const yaml_char_t *text, size_t length)
{
    return bytes_to_text(reading->arena, (struct bytes){ .data = text, .length = length });
}

/* ---- what a plain scalar is ---- */

/* As JSON writes them, so that they can be written so; but for the exponents, which nobody uses. */
static bool is_number(const char *text)
{
    const char *digit = text + (*text == '-' ? 1 : 0);
    size_t integer = strspn(digit, "0123456789");
    bool has_zeros = integer > 1 && *digit == '0'; /* an account's number: "012345678901" */
    if (integer == 0 || has_zeros) {
        return false;
    }
    if (digit[integer] != '.') {
        return digit[integer] == '\0';
    }
    size_t fraction = strspn(digit + integer + 1, "0123456789");
    return fraction > 0 && digit[integer + 1 + fraction] == '\0';
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(text, *words) == 0) {
            return true;
        }
    }
    return false;
}

static struct node *plain_scalar(struct reading *reading, const char *text)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    static const char *const truths[] = { "true", "True", "TRUE", "yes", "Yes",
                                          "YES",  "on",   "On",   "ON",  NULL };
    static const char *const lies[] = { "false", "False", "FALSE", "no",  "No",
                                        "NO",    "off",   "Off",   "OFF", NULL };
    struct arena *arena = reading->arena;
    if (is_one_of(text, nulls)) {
        return node_new(arena, NODE_NULL, "");
    }
    if (is_one_of(text, truths)) {
        return node_new(arena, NODE_SCALAR, "true");
    }
    if (is_one_of(text, lies)) {
        return node_new(arena, NODE_SCALAR, "false");
    }
    bool has_plus = *text == '+' && is_number(text + 1) && text[1] != '-';
    struct node *scalar = node_new(arena, NODE_SCALAR, has_plus ? text + 1 : text);
    scalar->is_string = !is_number(scalar->text);
    return scalar;
}

/* ---- short tags ---- */

/* {"Fn::GetAtt": ["A", "B.C"]} of `!GetAtt A.B.C`. */
static struct node *split_attribute(struct reading *reading, const struct node *value)
{
    struct node *list = node_new(reading->arena, NODE_LIST, "");
    const char *text = node_text(value, "");
    size_t length = strcspn(text, ".");
    struct node *resource = node_new(reading->arena, NODE_SCALAR,
                                     copy_text(reading, (const yaml_char_t *)text, length));
    resource->is_string = true;
    node_append(list, NULL, resource);
    if (text[length] == '.') {
        struct node *attribute = node_new(reading->arena, NODE_SCALAR, text + length + 1);
        attribute->is_string = true;
        node_append(list, NULL, attribute);
    }
    return list;
}

/* `tag` NULL or not a short one: the value itself. */
static struct node *apply_tag(struct reading *reading, const yaml_char_t *tag, struct node *value)
{
    const char *name = (const char *)tag;
    if (value == NULL || name == NULL || name[0] != '!' || name[1] == '\0') {
        return value;
    }
    name++;
    bool is_bare = strcmp(name, "Ref") == 0 || strcmp(name, "Condition") == 0;
    struct buffer function;
    buffer_init(&function, reading->arena, 32);
    buffer_append_format(&function, "%s%s", is_bare ? "" : "Fn::", name);
    if (strcmp(name, "GetAtt") == 0 && value->kind == NODE_SCALAR) {
        value = split_attribute(reading, value);
    }
    struct node *call = node_new(reading->arena, NODE_MAP, "");
    node_append(call, bytes_to_text(reading->arena, buffer_view(&function)), value);
    return call;
}

/* ---- containers ---- */

static struct node *read_value(struct reading *reading, const yaml_event_t *event, int depth);

static struct node *read_list(struct reading *reading, int depth)
{
    struct node *list = node_new(reading->arena, NODE_LIST, "");
    for (;;) {
        yaml_event_t event;
        if (!next_event(reading, &event)) {
            return NULL;
        }
        bool is_end = event.type == YAML_SEQUENCE_END_EVENT;
        struct node *element = is_end ? NULL : read_value(reading, &event, depth + 1);
        yaml_event_delete(&event);
        if (element == NULL) {
            return is_end ? list : NULL;
        }
        node_append(list, NULL, element);
    }
}

static const char *read_name(struct reading *reading, const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT) {
        fail_at(reading, event->start_mark, "a name is expected");
        return NULL;
    }
    const char *name = copy_text(reading, event->data.scalar.value, event->data.scalar.length);
    if (strcmp(name, "<<") == 0) {
        fail_as(reading, DOCUMENT_ALIAS, event, "CloudFormation knows no merges (<<)");
        return NULL;
    }
    return name;
}

/* `lines` are those of the names. */
static struct node *end_map(struct reading *reading, struct node *map, const struct buffer *lines)
{
    size_t place = node_keep_last(reading->arena, map);
    if (place == 0) {
        return map;
    }
    struct reader reader = reader_of(buffer_view(lines));
    (void)reader_take(&reader, (place - 1) * sizeof(uint32_t));
    fail_at(reading, (yaml_mark_t){ .line = reader_u32(&reader) }, "a name is there twice");
    return NULL;
}

static struct node *read_map(struct reading *reading, int depth)
{
    struct node *map = node_new(reading->arena, NODE_MAP, "");
    struct buffer lines;
    buffer_init(&lines, reading->arena, 64);
    for (;;) {
        yaml_event_t event;
        if (!next_event(reading, &event)) {
            return NULL;
        }
        bool is_end = event.type == YAML_MAPPING_END_EVENT;
        const char *name = is_end ? NULL : read_name(reading, &event);
        buffer_append_u32(&lines, (uint32_t)event.start_mark.line);
        yaml_event_delete(&event);
        if (name == NULL) {
            return is_end ? end_map(reading, map, &lines) : NULL;
        }
        if (!next_event(reading, &event)) {
            return NULL;
        }
        struct node *value = read_value(reading, &event, depth + 1);
        yaml_event_delete(&event);
        if (value == NULL) {
            return NULL;
        }
        node_append(map, name, value);
    }
}

static struct node *read_scalar(struct reading *reading, const yaml_event_t *event)
{
    const char *text = copy_text(reading, event->data.scalar.value, event->data.scalar.length);
    struct node *scalar = NULL;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.tag == NULL) {
        scalar = plain_scalar(reading, text);
    } else {
        scalar = node_new(reading->arena, NODE_SCALAR, text);
        scalar->is_string = true;
    }
    return apply_tag(reading, event->data.scalar.tag, scalar);
}

/* NULL: `error` says why. */
static struct node *read_value(struct reading *reading, const yaml_event_t *event, int depth)
{
    if (depth > NODE_DEPTH_MAX) {
        fail_as(reading, DOCUMENT_TOO_DEEP, event, "nested too deeply");
        return NULL;
    }
    switch ((int)event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reading, event);
    case YAML_SEQUENCE_START_EVENT:
        return apply_tag(reading, event->data.sequence_start.tag, read_list(reading, depth));
    case YAML_MAPPING_START_EVENT:
        return apply_tag(reading, event->data.mapping_start.tag, read_map(reading, depth));
    case YAML_ALIAS_EVENT:
        fail_as(reading, DOCUMENT_ALIAS, event, "CloudFormation knows no aliases (*name)");
        return NULL;
    default:
        fail_at(reading, event->start_mark, "no value");
        return NULL;
    }
}

/* The stream's and the document's start, the value, and their ends. */
static struct node *read_stream(struct reading *reading)
{
    struct node *tree = NULL;
    bool is_over = false;
    while (!is_over && reading->error.what == NULL) {
        yaml_event_t event;
        if (!next_event(reading, &event)) {
            break;
        }
        switch ((int)event.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            break;
        case YAML_DOCUMENT_START_EVENT:
            if (tree != NULL) {
                fail_at(reading, event.start_mark, "more than one document");
            }
            break;
        case YAML_STREAM_END_EVENT:
            is_over = true;
            break;
        default:
            tree = read_value(reading, &event, 0);
            break;
        }
        yaml_event_delete(&event);
    }
    return tree;
}

bool yaml_document_read(struct arena *arena,
                        struct bytes text,
                        const struct node **out_tree,
                        struct document_error *out_error)
{
    struct reading reading = { .arena = arena };
    const struct node *tree = NULL;
    if (yaml_parser_initialize(&reading.parser)) {
        yaml_parser_set_input_string(&reading.parser, text.data, text.length);
        tree = read_stream(&reading);
        yaml_parser_delete(&reading.parser);
    } else {
        reading.error.what = "out of memory";
    }
    if (reading.error.what == NULL && tree == NULL) {
        reading.error = (struct document_error){ .fault = DOCUMENT_EMPTY, .what = "empty" };
    }
    if (reading.error.what != NULL) {
        *out_error = reading.error;
        return false;
    }
    *out_tree = tree;
    return true;
}
