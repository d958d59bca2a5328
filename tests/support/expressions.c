#include "tests/support/expressions.h"

#include "api/expression/parser.h"
#include "storage/base/arena.h"
#include "tests/support/literal.h"

struct placeholders
expressions_placeholders(struct arena *arena, const char *names, const char *values)
{
    struct placeholders placeholders = { .names = NULL };
    struct attribute_name name;
    struct attribute_value value;
    if (names != NULL) {
        struct attribute_value map = literal_value(arena, names);
        placeholders.names =
            arena_alloc_zero(arena, attribute_value_count(map) * sizeof *placeholders.names);
        struct reader cursor = reader_of(map.payload);
        while (map_next(&cursor, &name, &value)) {
            placeholders.names[placeholders.names_count++] =
                (struct placeholder_name){ .name = name.text, .attribute_name = value.payload };
        }
    }
    if (values != NULL) {
        struct attribute_value map = literal_value(arena, values);
        placeholders.values =
            arena_alloc_zero(arena, attribute_value_count(map) * sizeof *placeholders.values);
        struct reader cursor = reader_of(map.payload);
        while (map_next(&cursor, &name, &value)) {
            placeholders.values[placeholders.values_count++] =
                (struct placeholder_value){ .name = name.text, .value = value };
        }
    }
    return placeholders;
}

const char *expressions_refusal(const struct expression_context *context)
{
    return context->message.data == NULL ? "" : bytes_to_text(context->arena, context->message);
}

const char *expressions_condition(struct expression_context *context,
                                  const char *text,
                                  const char *names,
                                  const char *values,
                                  struct condition **out_condition)
{
    struct placeholders placeholders = expressions_placeholders(context->arena, names, values);
    bool accepted = placeholders_prepare(context, &placeholders) &&
                    condition_parse(context, bytes_of_text(text), out_condition) &&
                    condition_resolve(context, *out_condition, &placeholders) &&
                    placeholders_check_used(context, &placeholders);
    return accepted ? "" : expressions_refusal(context);
}

const char *expressions_projection(struct expression_context *context,
                                   const char *text,
                                   const char *names,
                                   struct projection **out_projection)
{
    struct placeholders placeholders = expressions_placeholders(context->arena, names, NULL);
    bool accepted = placeholders_prepare(context, &placeholders) &&
                    projection_parse(context, bytes_of_text(text), out_projection) &&
                    projection_resolve(context, *out_projection, &placeholders) &&
                    placeholders_check_used(context, &placeholders);
    return accepted ? "" : expressions_refusal(context);
}

const char *expressions_update(struct expression_context *context,
                               const char *text,
                               const char *names,
                               const char *values,
                               struct update **out_update)
{
    struct placeholders placeholders = expressions_placeholders(context->arena, names, values);
    bool accepted = placeholders_prepare(context, &placeholders) &&
                    update_parse(context, bytes_of_text(text), out_update) &&
                    update_resolve(context, *out_update, &placeholders) &&
                    placeholders_check_used(context, &placeholders);
    return accepted ? "" : expressions_refusal(context);
}
