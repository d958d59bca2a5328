/*
 * One or two documents, a zero byte between them: read, compared with itself and with the other,
 * planned and told. What defines no table must be refused by a value, never by a crash; a table
 * never differs from itself.
 */

#include "api/template/definition_read.h"
#include "api/template/node.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"
#include "tools/plan/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* NULL: it defines no table. */
static const struct table_definition *define(struct arena *arena, struct bytes text)
{
    static const struct name_value given[] = { { "Given", "given,list" } };
    static const struct template_options options = { .parameters = given, .parameter_count = 1 };
    struct table_definition *definition = arena_alloc(arena, sizeof *definition);
    const struct node *document = NULL;
    const char *error = NULL;
    if (!node_read(arena, text, &document, &error) ||
        !definition_read(arena, document, &options, definition, &error)) {
        require(error != NULL && error[0] != '\0');
        return NULL;
    }
    return definition;
}

static void
tell(struct arena *arena, const struct table_definition *from, const struct table_definition *to)
{
    struct plan plan = {
        .table = "t", .from_source = "one", .to_source = "other", .from = from, .to = to
    };
    struct sequence_options options = { .keeps_names = true };
    difference_find(arena, from, to, &plan.difference);
    sequence_find(arena, from, to, &options, &plan.sequence);
    struct buffer text;
    buffer_init(&text, arena, 4096);
    plan_append_text(&text, &plan, false);
    require(text.length > 0);
    const struct node *tree = NULL;
    const char *error = NULL;
    buffer_init(&text, arena, 4096);
    plan_append_json(&text, &plan);
    require(node_read(arena, buffer_view(&text), &tree, &error));
    if (from == to) {
        require(node_count(node_member(tree, "Deployments")) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena);
    const uint8_t *zero = size > 0 ? memchr(data, '\0', size) : NULL;
    size_t length = zero != NULL ? (size_t)(zero - data) : size;
    const struct table_definition *from =
        define(&arena, (struct bytes){ .data = data, .length = length });
    const struct table_definition *to = from;
    if (zero != NULL) {
        to = define(&arena, (struct bytes){ .data = zero + 1, .length = size - length - 1 });
    }
    if (from != NULL) {
        tell(&arena, from, from);
    }
    if (from != NULL && to != NULL && to != from) {
        tell(&arena, from, to);
    }
    arena_deinit(&arena);
    return 0;
}
