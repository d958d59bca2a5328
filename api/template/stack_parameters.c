#include "api/template/stack_parameters.h"

#include "api/template/message.h"
#include "api/template/node.h"
#include "api/template/pattern.h"
#include "storage/base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct settling {
    struct arena *arena;
    const struct stack_template *stack_template;
    const struct parameter_sources *sources;
    const char *error;
};

static bool fail(struct settling *settling, const char *message)
{
    if (settling->error == NULL) {
        settling->error = message;
    }
    return false;
}

/* ---- which value ---- */

static const struct given_parameter *find_given(const struct settling *settling, const char *name)
{
    for (size_t i = 0; i < settling->sources->given_count; i++) {
        if (strcmp(settling->sources->given[i].name, name) == 0) {
            return &settling->sources->given[i];
        }
    }
    return NULL;
}

static const char *find_previous(const struct settling *settling, const char *name)
{
    for (size_t i = 0; i < settling->sources->previous_count; i++) {
        if (strcmp(settling->sources->previous[i].name, name) == 0) {
            return settling->sources->previous[i].value;
        }
    }
    return NULL;
}

/* NULL: there is none. A value that is not given falls back to the default, not to the last. */
static const char *choose_value(const struct settling *settling,
                                const struct parameter_declaration *parameter)
{
    const struct given_parameter *given = find_given(settling, parameter->name);
    if (given == NULL) {
        return parameter->default_value;
    }
    return given->uses_previous ? find_previous(settling, parameter->name) : given->value;
}

static bool is_for_stored(const char *type)
{
    return strncmp(type, "AWS::SSM::Parameter::Value<", 27) == 0;
}

/* Names with ", " between them: of those given ones that the template does not declare. */
static bool check_names(struct settling *settling)
{
    struct buffer text;
    buffer_init(&text, settling->arena, 64);
    for (size_t i = 0; i < settling->sources->given_count; i++) {
        const char *name = settling->sources->given[i].name;
        if (stack_template_find_parameter(settling->stack_template, name) == NULL) {
            buffer_append_format(&text, "%s%s", text.length > 0 ? ", " : "", name);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(settling->sources->given[j].name, name) == 0) {
                return fail(settling,
                            message_format(settling->arena,
                                           "Duplicate parameters: [%s] are given more than once",
                                           name));
            }
        }
    }
    return text.length == 0 ||
           fail(settling,
                message_format(settling->arena, "Parameters: [%s] do not exist in the template",
                               bytes_to_text(settling->arena, buffer_view(&text))));
}

static bool check_presence(struct settling *settling)
{
    struct buffer text;
    buffer_init(&text, settling->arena, 64);
    for (size_t i = 0; i < settling->stack_template->parameter_count; i++) {
        const struct parameter_declaration *parameter = &settling->stack_template->parameters[i];
        if (choose_value(settling, parameter) == NULL) {
            buffer_append_format(&text, "%s%s", text.length > 0 ? ", " : "", parameter->name);
        }
    }
    return text.length == 0 ||
           fail(settling, message_format(settling->arena, "Parameters: [%s] must have values",
                                         bytes_to_text(settling->arena, buffer_view(&text))));
}

/* ---- what is demanded of it ---- */

static const char *constraint(const struct parameter_declaration *parameter, const char *name)
{
    return node_text(node_member(parameter->node, name), NULL);
}

/* `what` is told, unless the template has its own words for it. */
static bool
refuse(struct settling *settling, const struct parameter_declaration *parameter, const char *what)
{
    const char *own = constraint(parameter, "ConstraintDescription");
    return fail(
        settling,
        own != NULL
            ? message_format(settling->arena, "Parameter %s failed to satisfy constraint: %s",
                             parameter->name, own)
            : message_format(settling->arena, "Parameter '%s' must %s", parameter->name, what));
}

static bool is_number(const char *text, double *out_number)
{
    static const char digits[] = "+-.0123456789eE";
    char *end = NULL;
    *out_number = strtod(text, &end);
    return text[0] != '\0' && text[strspn(text, digits)] == '\0' && *end == '\0';
}

/* Characters, not bytes. */
static size_t text_length(const char *text)
{
    size_t length = 0;
    for (; *text != '\0'; text++) {
        length += ((unsigned char)*text & 0xC0) != 0x80 ? 1 : 0;
    }
    return length;
}

static bool is_allowed(const struct parameter_declaration *parameter, const char *value)
{
    const struct node *list = node_member(parameter->node, "AllowedValues");
    if (list == NULL || list->kind != NODE_LIST) {
        return true;
    }
    for (const struct node *one = list->first; one != NULL; one = one->next) {
        if (node_is_text(one, value)) {
            return true;
        }
    }
    return false;
}

static bool check_pattern(struct settling *settling,
                          const struct parameter_declaration *parameter,
                          const char *value)
{
    const char *pattern = constraint(parameter, "AllowedPattern");
    if (pattern == NULL) {
        return true;
    }
    switch (pattern_match(pattern, value)) {
    case PATTERN_MATCHES:
        return true;
    case PATTERN_MATCHES_NOT:
        return refuse(settling, parameter,
                      message_format(settling->arena, "match pattern %s", pattern));
    case PATTERN_BROKEN:
        break;
    }
    return fail(settling, message_format(settling->arena,
                                         "Template format error: Parameter '%s' has an "
                                         "AllowedPattern that is not a valid regular expression",
                                         parameter->name));
}

static bool check_length(struct settling *settling,
                         const struct parameter_declaration *parameter,
                         const char *value)
{
    const char *least = constraint(parameter, "MinLength");
    const char *most = constraint(parameter, "MaxLength");
    size_t length = text_length(value);
    if (least != NULL && length < strtoull(least, NULL, 10)) {
        return refuse(settling, parameter,
                      message_format(settling->arena, "contain at least %s characters", least));
    }
    if (most != NULL && length > strtoull(most, NULL, 10)) {
        return refuse(settling, parameter,
                      message_format(settling->arena, "contain at most %s characters", most));
    }
    return true;
}

static bool check_number(struct settling *settling,
                         const struct parameter_declaration *parameter,
                         const char *value)
{
    double number = 0;
    double bound = 0;
    const char *least = constraint(parameter, "MinValue");
    const char *most = constraint(parameter, "MaxValue");
    if (!is_number(value, &number)) {
        return refuse(settling, parameter, "be a number");
    }
    if (least != NULL && is_number(least, &bound) && number < bound) {
        return refuse(settling, parameter,
                      message_format(settling->arena, "be a number not less than %s", least));
    }
    if (most != NULL && is_number(most, &bound) && number > bound) {
        return refuse(settling, parameter,
                      message_format(settling->arena, "be a number not greater than %s", most));
    }
    return true;
}

static bool check_value(struct settling *settling,
                        const struct parameter_declaration *parameter,
                        const char *value)
{
    bool is_string = strcmp(parameter->type, "String") == 0;
    if (!is_allowed(parameter, value)) {
        return refuse(settling, parameter, "be one of AllowedValues");
    }
    if (strcmp(parameter->type, "Number") == 0) {
        return check_number(settling, parameter, value);
    }
    return !is_string ||
           (check_length(settling, parameter, value) && check_pattern(settling, parameter, value));
}

/* Lists: what is demanded is demanded of each element. */
static bool check_elements(struct settling *settling,
                           const struct parameter_declaration *parameter,
                           const char *value)
{
    bool is_of_numbers = strcmp(parameter->type, "List<Number>") == 0;
    for (;;) {
        size_t length = strcspn(value, ",");
        const char *end = value + length;
        const char *first = value + strspn(value, " ");
        size_t width = first < end ? (size_t)(end - first) : 0;
        while (width > 0 && first[width - 1] == ' ') {
            width--;
        }
        const char *element = message_format(settling->arena, "%.*s", (int)width, first);
        if (!is_allowed(parameter, element)) {
            return refuse(settling, parameter, "be one of AllowedValues");
        }
        if (is_of_numbers && !check_number(settling, parameter, element)) {
            return false;
        }
        if (value[length] == '\0') {
            return true;
        }
        value += length + 1;
    }
}

static bool
check(struct settling *settling, const struct parameter_declaration *parameter, const char *value)
{
    bool is_list = strcmp(parameter->type, "CommaDelimitedList") == 0 ||
                   strncmp(parameter->type, "List<", 5) == 0;
    return is_list ? check_elements(settling, parameter, value)
                   : check_value(settling, parameter, value);
}

/* ---- values in Systems Manager ---- */

static bool fetch(struct settling *settling, struct parameter_value *values)
{
    const struct parameter_sources *sources = settling->sources;
    struct buffer missing;
    buffer_init(&missing, settling->arena, 64);
    for (size_t i = 0; i < settling->stack_template->parameter_count; i++) {
        if (!is_for_stored(settling->stack_template->parameters[i].type)) {
            continue;
        }
        values[i].resolved =
            sources->find_stored != NULL
                ? sources->find_stored(sources->context, settling->arena, values[i].value)
                : NULL;
        if (values[i].resolved == NULL) {
            buffer_append_format(&missing, "%s%s", missing.length > 0 ? ", " : "", values[i].value);
        }
    }
    return missing.length == 0 ||
           fail(settling, message_format(settling->arena,
                                         "Unable to fetch parameters [%s] from parameter store for "
                                         "this account.",
                                         bytes_to_text(settling->arena, buffer_view(&missing))));
}

bool stack_parameters_settle(struct arena *arena,
                             const struct stack_template *stack_template,
                             const struct parameter_sources *sources,
                             const struct parameter_value **out_values,
                             const char **out_error)
{
    struct settling settling = {
        .arena = arena,
        .stack_template = stack_template,
        .sources = sources,
    };
    size_t count = stack_template->parameter_count;
    struct parameter_value *values = arena_alloc(arena, count * sizeof *values);
    bool is_well = check_names(&settling) && check_presence(&settling);
    for (size_t i = 0; i < count && is_well; i++) {
        const struct parameter_declaration *parameter = &stack_template->parameters[i];
        const char *value = choose_value(&settling, parameter);
        assert(value != NULL);
        values[i] = (struct parameter_value){
            .name = parameter->name,
            .value = value,
            .is_no_echo = parameter->is_no_echo,
        };
        is_well = check(&settling, parameter, value);
    }
    if (!is_well || !fetch(&settling, values)) {
        *out_error = settling.error;
        return false;
    }
    *out_values = values;
    return true;
}
