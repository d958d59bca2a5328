#include "tools/load/template.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/load/template_members.h"

#include <stdio.h>
#include <string.h>

enum {
    NESTING_MAX = 32,        /* of DynamoDB's */
    LENGTH_MAX = 400 * 1024, /* of an item */
    COUNT_MAX = 10 * 1000,   /* of elements */
    NAME_LENGTH_MAX = 64 * 1024 - 1,
};

/* A type with the member that says how its values come about, and the members that go with it. */
struct form {
    const char *type;
    const char *sign; /* NULL: the only form of the type */
    enum value_kind kind;
    const char *members[4];
};

static const struct form FORMS[] = {
    { "S", "Pattern", VALUE_PATTERN, { "Pattern" } },
    { "S", "Choices", VALUE_CHOICE, { "Choices" } },
    { "S", "Timestamp", VALUE_TIME, { "Timestamp", "From", "To", "Distribution" } },
    { "S", "Length", VALUE_TEXT, { "Length" } },
    { "N", "Choices", VALUE_CHOICE, { "Choices" } },
    { "N", "Timestamp", VALUE_TIME, { "Timestamp", "From", "To", "Distribution" } },
    { "N", "Start", VALUE_SERIAL, { "Start" } },
    { "N", "From", VALUE_NUMBER, { "From", "To", "Decimals", "Distribution" } },
    { "B", "Length", VALUE_BINARY, { "Length" } },
    { "BOOL", NULL, VALUE_BOOLEAN, { "True" } },
    { "NULL", NULL, VALUE_NULL, { NULL } },
    { "SS", "Element", VALUE_SET, { "Element", "Count" } },
    { "NS", "Element", VALUE_SET, { "Element", "Count" } },
    { "BS", "Element", VALUE_SET, { "Element", "Count" } },
    { "L", "Element", VALUE_LIST, { "Element", "Count" } },
    { "M", "Attributes", VALUE_MAP, { "Attributes" } },
};

enum { FORM_COUNT = sizeof FORMS / sizeof *FORMS };

static bool read_attributes(struct template_reader *reader,
                            const struct cJSON *object,
                            struct attribute_rules *out_rules);
static bool read_value(struct template_reader *reader,
                       const struct cJSON *object,
                       bool is_attribute,
                       struct value_rule *out_rule);

/* ---- the form of a value ---- */

static bool fail_without_sign(struct template_reader *reader, const char *type)
{
    char signs[128] = "";
    size_t length = 0;
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (strcmp(FORMS[i].type, type) == 0) {
            length += (size_t)snprintf(signs + length, sizeof signs - length, "%s%s",
                                       length > 0 ? ", " : "", FORMS[i].sign);
        }
    }
    return template_fail(reader, "a value of type %s needs %s%s", type,
                         strchr(signs, ',') != NULL ? "one of " : "", signs);
}

static const struct form *find_form(struct template_reader *reader, const struct cJSON *object)
{
    const char *type = json_text(json_member(object, "Type"), NULL);
    bool is_type = false;
    if (type == NULL) {
        (void)template_fail(reader, "Type is missing");
        return NULL;
    }
    for (size_t i = 0; i < FORM_COUNT; i++) {
        bool is_same = strcmp(FORMS[i].type, type) == 0;
        if (is_same && (FORMS[i].sign == NULL || json_member(object, FORMS[i].sign) != NULL)) {
            return &FORMS[i];
        }
        is_type = is_type || is_same;
    }
    if (is_type) {
        (void)fail_without_sign(reader, type);
    } else {
        (void)template_fail(reader, "Type \"%s\" is none of S, N, B, BOOL, NULL, SS, NS, BS, L, M",
                            type);
    }
    return NULL;
}

static bool is_listed(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i] != NULL && strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool check_members(struct template_reader *reader,
                          const struct cJSON *object,
                          const struct form *form,
                          bool is_attribute)
{
    static const char *const common[] = { "Type", "Missing", "WrongType" };
    for (const struct cJSON *node = json_first(object); node != NULL; node = json_next(node)) {
        const char *name = json_name(node);
        if (!is_listed(name, common, is_attribute ? 3 : 1) && !is_listed(name, form->members, 4)) {
            return template_fail_at(
                reader, name, "not known%s%s%s%s", form->sign != NULL ? " beside " : " of type ",
                form->sign != NULL ? form->sign : form->type, form->sign != NULL ? " of type " : "",
                form->sign != NULL ? form->type : "");
        }
    }
    return template_check_no_repeats(reader, object);
}

/* ---- values of each kind ---- */

static bool
read_pattern(struct template_reader *reader, const struct cJSON *object, struct value_rule *rule)
{
    char reason[256];
    const char *text = json_text(json_member(object, "Pattern"), NULL);
    if (text == NULL) {
        return template_fail_at(reader, "Pattern", "must be a string");
    }
    return pattern_read(reader->arena, text, &rule->pattern, reason, sizeof reason) ||
           template_fail_at(reader, "Pattern", "%s", reason);
}

static bool read_choice(struct template_reader *reader,
                        const struct cJSON *node,
                        bool is_number,
                        double *weight_sum,
                        struct choice *out_choice)
{
    double weight = 1;
    const struct cJSON *value = node;
    if (json_is_object(node)) {
        static const char *const names[] = { "Value", "Weight" };
        value = json_member(node, "Value");
        if (!template_check_names(reader, node, names, 2) ||
            !template_read_number(reader, node, "Weight", &weight)) {
            return false;
        }
    }
    if (value == NULL || !(is_number ? json_is_number(value) : json_is_text(value))) {
        return template_fail(reader, "must be a %s, or {\"Value\": …, \"Weight\": …} with one",
                             is_number ? "number" : "string");
    }
    if (weight < 0) {
        return template_fail_at(reader, "Weight", "must not be negative");
    }
    struct bytes text = json_print(reader->arena, value);
    out_choice->text =
        is_number ? text : (struct bytes){ .data = text.data + 1, .length = text.length - 2 };
    *weight_sum += weight;
    out_choice->up_to = *weight_sum;
    return true;
}

static bool
read_choices(struct template_reader *reader, const struct cJSON *object, struct value_rule *rule)
{
    const struct cJSON *list = json_member(object, "Choices");
    double weight_sum = 0;
    size_t length = template_enter(reader, "Choices");
    if (!json_is_list(list) || json_count(list) == 0) {
        return template_fail(reader, "must be a list with at least one value");
    }
    rule->choices = arena_alloc_zero(reader->arena, json_count(list) * sizeof *rule->choices);
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        char place[24];
        (void)snprintf(place, sizeof place, "%zu", rule->choice_count);
        size_t inner = template_enter(reader, place);
        if (!read_choice(reader, node, rule->type[0] == 'N', &weight_sum,
                         &rule->choices[rule->choice_count])) {
            return false;
        }
        rule->choice_count++;
        template_leave(reader, inner);
    }
    if (weight_sum <= 0) {
        return template_fail(reader, "needs a weight above 0");
    }
    template_leave(reader, length);
    return true;
}

static bool
read_boolean(struct template_reader *reader, const struct cJSON *object, struct value_rule *rule)
{
    rule->true_share = 0.5;
    return template_read_share(reader, object, "True", &rule->true_share);
}

static bool
read_elements(struct template_reader *reader, const struct cJSON *object, struct value_rule *rule)
{
    bool is_set = rule->kind == VALUE_SET;
    struct value_rule *element = arena_alloc_zero(reader->arena, sizeof *element);
    rule->least = is_set ? 1 : 0; /* DynamoDB knows no empty set */
    if (!template_read_span(reader, object, "Count", rule->least, COUNT_MAX, rule)) {
        return false;
    }
    size_t length = template_enter(reader, "Element");
    if (!read_value(reader, json_member(object, "Element"), false, element)) {
        return false;
    }
    if (is_set && (element->type[0] != rule->type[0] || element->type[1] != '\0')) {
        return template_fail(reader, "Type must be %c, as the set is of type %s", rule->type[0],
                             rule->type);
    }
    template_leave(reader, length);
    rule->element = element;
    return true;
}

static bool
read_map(struct template_reader *reader, const struct cJSON *object, struct value_rule *rule)
{
    size_t length = template_enter(reader, "Attributes");
    if (!read_attributes(reader, json_member(object, "Attributes"), &rule->members)) {
        return false;
    }
    template_leave(reader, length);
    return true;
}

static bool
read_kind(struct template_reader *reader, const struct cJSON *object, struct value_rule *rule)
{
    switch (rule->kind) {
    case VALUE_PATTERN:
        return read_pattern(reader, object, rule);
    case VALUE_CHOICE:
        return read_choices(reader, object, rule);
    case VALUE_TEXT:
    case VALUE_BINARY:
        return template_read_span(reader, object, "Length", 0, LENGTH_MAX, rule);
    case VALUE_NUMBER:
        return template_read_number_range(reader, object, rule);
    case VALUE_SERIAL:
        return template_read_whole(reader, object, "Start", &rule->least);
    case VALUE_TIME:
        return template_read_times(reader, object, rule);
    case VALUE_BOOLEAN:
        return read_boolean(reader, object, rule);
    case VALUE_SET:
    case VALUE_LIST:
        return read_elements(reader, object, rule);
    case VALUE_MAP:
        return read_map(reader, object, rule);
    case VALUE_NULL:
        break;
    }
    return true;
}

static bool read_value(struct template_reader *reader,
                       const struct cJSON *object,
                       bool is_attribute,
                       struct value_rule *out_rule)
{
    if (!json_is_object(object)) {
        return template_fail(reader, "must be an object with a Type");
    }
    if (reader->depth == NESTING_MAX) {
        return template_fail(reader, "is nested deeper than %d levels", NESTING_MAX);
    }
    const struct form *form = find_form(reader, object);
    if (form == NULL || !check_members(reader, object, form, is_attribute)) {
        return false;
    }
    *out_rule = (struct value_rule){ .type = form->type, .kind = form->kind };
    reader->depth++;
    bool is_read = read_kind(reader, object, out_rule);
    reader->depth--;
    return is_read;
}

/* ---- attributes ---- */

static bool read_attribute(struct template_reader *reader,
                           const struct cJSON *node,
                           struct attribute_rule *out_rule)
{
    struct buffer name;
    out_rule->name = bytes_to_text(reader->arena, bytes_of_text(json_name(node)));
    if (out_rule->name[0] == '\0' || strlen(out_rule->name) > NAME_LENGTH_MAX) {
        return template_fail(reader, "a name has 1 to %d bytes", NAME_LENGTH_MAX);
    }
    buffer_init(&name, reader->arena, 32);
    json_append_text(&name, out_rule->name);
    out_rule->json_name = buffer_view(&name);
    return read_value(reader, node, true, &out_rule->value) &&
           template_read_share(reader, node, "Missing", &out_rule->missing_share) &&
           template_read_share(reader, node, "WrongType", &out_rule->wrong_type_share);
}

static bool read_attributes(struct template_reader *reader,
                            const struct cJSON *object,
                            struct attribute_rules *out_rules)
{
    if (!json_is_object(object)) {
        return template_fail(reader, "must be an object of attributes");
    }
    if (!template_check_no_repeats(reader, object)) {
        return false;
    }
    out_rules->list = arena_alloc_zero(reader->arena, json_count(object) * sizeof *out_rules->list);
    for (const struct cJSON *node = json_first(object); node != NULL; node = json_next(node)) {
        size_t length = template_enter(reader, json_name(node));
        if (!read_attribute(reader, node, &out_rules->list[out_rules->count])) {
            return false;
        }
        out_rules->count++;
        template_leave(reader, length);
    }
    return true;
}

bool template_read(struct arena *arena,
                   const struct cJSON *document,
                   struct template *out_template,
                   char *out_reason,
                   size_t reason_size)
{
    static const char *const names[] = { "Attributes" };
    struct template_reader reader = { .arena = arena, .size = reason_size };
    reader.reason = out_reason;
    *out_template = (struct template){ .attributes = { .count = 0 } };
    if (!json_is_object(document)) {
        return template_fail(&reader, "a template is an object with the member Attributes");
    }
    if (!template_check_names(&reader, document, names, 1)) {
        return false;
    }
    (void)template_enter(&reader, "Attributes");
    return read_attributes(&reader, json_member(document, "Attributes"), &out_template->attributes);
}

const struct attribute_rule *template_find(const struct template *template, const char *name)
{
    for (size_t i = 0; i < template->attributes.count; i++) {
        if (strcmp(template->attributes.list[i].name, name) == 0) {
            return &template->attributes.list[i];
        }
    }
    return NULL;
}
