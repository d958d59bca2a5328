#include "tests/support/template_definitions.h"

#include "api/template/definition.h"
#include "api/template/definition_read.h"
#include "api/template/node.h"
#include "api/template/template.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* NULL, or why the document defines no table. */
static const char *read_definition(struct arena *arena,
                                   const char *text,
                                   const struct template_options *options,
                                   struct table_definition *out)
{
    const struct node *document = NULL;
    const char *error = NULL;
    if (!node_read(arena, bytes_of_text(text), &document, &error) ||
        !definition_read(arena, document, options, out, &error)) {
        return error;
    }
    return NULL;
}

const struct table_definition *definition_of_text(struct arena *arena, const char *text)
{
    static const struct template_options none = { .parameter_count = 0 };
    struct table_definition *definition = arena_alloc(arena, sizeof *definition);
    const char *error = read_definition(arena, text, &none, definition);
    if (error != NULL) {
        fail_msg("%s\n%s", error, text);
    }
    return definition;
}

const struct table_definition *definition_of_properties(struct arena *arena, const char *properties)
{
    struct buffer text;
    buffer_init(&text, arena, 1024);
    buffer_append_format(
        &text, "{Resources: {T: {Type: \"AWS::DynamoDB::Table\", Properties: {%s}}}}", properties);
    return definition_of_text(arena, bytes_to_text(arena, buffer_view(&text)));
}

const char *definition_error_of_text(struct arena *arena,
                                     const char *text,
                                     const struct template_options *options)
{
    struct table_definition definition;
    const char *error = read_definition(arena, text, options, &definition);
    if (error == NULL) {
        fail_msg("accepted: %s", text);
    }
    return error;
}
