/*
 * Any text as an expression: the first byte, a digit, chooses its kind, the rest is its text. What
 * is accepted is resolved with a few placeholders, evaluated or applied to an item of every type,
 * and bound to a key; whatever comes out must be well-formed.
 */

#include "api/expression/condition.h"
#include "api/expression/key_condition.h"
#include "api/expression/parser.h"
#include "api/expression/placeholders.h"
#include "api/expression/projection.h"
#include "api/expression/update.h"
#include "storage/base/arena.h"
#include "storage/value/item_codec.h"
#include "tests/support/expressions.h"
#include "tests/support/literal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char ITEM[] =
    "{a: 1, b: 'text', c: x'00ff', d: true, e: null, f: <'x', 'y'>, g: <1, 2>, h: 'key', "
    "l: [1, 'x', {a: 2, b: [3]}], m: {a: {b: [4, 5]}, c: 'v'}}";
static const char NAMES[] = "{#a: 'a', #m: 'm', #0: 'two words'}";
static const char VALUES[] =
    "{:s: 'text', :n: 1, :b: x'00', :t: 'S', :l: [1], :f: <'x'>, :z: null}";

static const struct key_schema SCHEMA = {
    .partition_count = 1,
    .sort_count = 2,
    .attributes = { { .name = { (const uint8_t *)"h", 1 }, .type = ATTRIBUTE_S },
                    { .name = { (const uint8_t *)"a", 1 }, .type = ATTRIBUTE_N },
                    { .name = { (const uint8_t *)"b", 1 }, .type = ATTRIBUTE_S } },
};

static enum expression_kind kind_of_byte(uint8_t byte)
{
    return (enum expression_kind)((uint8_t)(byte - '0') % EXPRESSION_KIND_COUNT);
}

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* A refusal has words, and acceptance none. */
static bool judge(const struct expression_context *context, bool accepted)
{
    require(accepted == (context->message.data == NULL));
    return accepted;
}

static void run_projection(struct expression_context *context,
                           struct bytes text,
                           struct placeholders *placeholders,
                           struct bytes item)
{
    struct projection *projection;
    if (!judge(context, projection_parse(context, text, &projection) &&
                            projection_resolve(context, projection, placeholders))) {
        return;
    }
    struct buffer result;
    buffer_init(&result, context->arena, 16);
    struct bytes projected = projection_apply(projection, item, &result);
    require(item_is_valid(projected));
    struct attribute_names names = projection_attribute_names(context->arena, projection);
    for (size_t i = 0; i < names.count; i++) { /* each once, in the order asked for */
        for (size_t j = 0; j < i; j++) {
            require(!bytes_equal(names.names[j], names.names[i]));
        }
    }
}

static void run_condition(struct expression_context *context,
                          struct bytes text,
                          struct placeholders *placeholders,
                          struct bytes item)
{
    struct condition *condition;
    if (!judge(context, condition_parse(context, text, &condition) &&
                            condition_resolve(context, condition, placeholders))) {
        return;
    }
    (void)condition_evaluate(condition, item);
    (void)condition_evaluate(condition, (struct bytes){ .data = NULL });
    (void)condition_attribute_names(context->arena, condition);
    struct key_terms terms;
    struct key_condition range;
    (void)judge(context, key_condition_collect(context, condition, &terms) &&
                             key_condition_bind(context, &terms, &SCHEMA, &range));
}

/* Of two items, one of them empty: a refusal or an item, never both. */
static void run_update(struct expression_context *context,
                       struct bytes text,
                       struct placeholders *placeholders,
                       struct bytes item)
{
    struct update *update;
    if (!judge(context, update_parse(context, text, &update) &&
                            update_resolve(context, update, placeholders))) {
        return;
    }
    struct bytes items[] = { item, literal_item(context->arena, "{}") };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        struct expression_context evaluation;
        struct bytes result;
        struct buffer touched;
        expression_init(&evaluation, context->arena, EXPRESSION_UPDATE);
        if (judge(&evaluation, update_apply(&evaluation, update, items[i], &result))) {
            require(item_is_valid(result));
            buffer_init(&touched, context->arena, 16);
            require(item_is_valid(projection_apply(&update->touched, result, &touched)));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct arena arena;
    arena_init(&arena);
    struct bytes text = { .data = data + 1, .length = size - 1 };
    struct bytes item = literal_item(&arena, ITEM);
    struct placeholders placeholders = expressions_placeholders(&arena, NAMES, VALUES);
    struct expression_context context;
    expression_init(&context, &arena, kind_of_byte(data[0]));
    require(placeholders_prepare(&context, &placeholders));
    if (context.kind == EXPRESSION_PROJECTION) {
        run_projection(&context, text, &placeholders, item);
    } else if (context.kind == EXPRESSION_UPDATE) {
        run_update(&context, text, &placeholders, item);
    } else {
        run_condition(&context, text, &placeholders, item);
    }
    (void)placeholders_check_used(&context, &placeholders);
    arena_deinit(&arena);
    return 0;
}
