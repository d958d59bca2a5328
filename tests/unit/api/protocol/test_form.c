/* Forms of the AWS Query protocol: parsed, looked up, and turned into JSON along a shape. */

#include "api/protocol/form.h"

#include "api/shape.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct shape TEXT = { .kind = SHAPE_STRING };
static const struct shape NUMBER = { .kind = SHAPE_INTEGER };
static const struct shape TIME = { .kind = SHAPE_TIMESTAMP };
static const struct shape TRUTH = { .kind = SHAPE_BOOLEAN };
static const struct member PAIR_MEMBERS[] = {
    { "Name", &TEXT, OPTIONAL },
    { "Value", &TEXT, OPTIONAL },
};
static const struct shape PAIR = SHAPE_STRUCTURE_OF("Pair", PAIR_MEMBERS);
static const struct shape PAIRS = { .kind = SHAPE_LIST, .element = &PAIR };
static const struct shape TEXTS = { .kind = SHAPE_LIST, .element = &TEXT };
static const struct member MEMBERS[] = {
    { "Text", &TEXT, OPTIONAL },   { "Number", &NUMBER, OPTIONAL }, { "Time", &TIME, OPTIONAL },
    { "Truth", &TRUTH, OPTIONAL }, { "Pairs", &PAIRS, OPTIONAL },   { "Texts", &TEXTS, OPTIONAL },
    { "One", &PAIR, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("Input", MEMBERS);

static void a_form_becomes_json_along_its_shape(void **state)
{
    (void)state;
    static const struct {
        const char *form;
        const char *json;
    } cases[] = {
        { "", "{}" },
        { "Text=a+b%2Fc%3d", "{\"Text\":\"a b/c=\"}" },
        { "Text=", "{\"Text\":\"\"}" },
        { "Text", "{\"Text\":\"\"}" },
        { "Text=100%", "{\"Text\":\"100%\"}" },
        { "Text=%zz%4", "{\"Text\":\"%zz%4\"}" },
        { "Text=first&Text=second", "{\"Text\":\"first\"}" },
        { "Unknown=1&&=2&Text=a", "{\"Text\":\"a\"}" },
        { "Number=60", "{\"Number\":60}" },
        { "Number=-0060", "{\"Number\":-60}" },
        { "Number=6x", "{\"Number\":\"6x\"}" },
        { "Number=1234567890123456789", "{\"Number\":\"1234567890123456789\"}" },
        { "Time=2026-01-01T00%3A00%3A00Z", "{\"Time\":1767225600}" },
        { "Time=2026-01-01T00:00:00.25Z", "{\"Time\":1767225600.25}" },
        { "Time=yesterday", "{\"Time\":\"yesterday\"}" },
        { "Time=1969-12-31", "{\"Time\":\"1969-12-31\"}" },
        { "Truth=true", "{\"Truth\":true}" },
        { "Truth=false", "{\"Truth\":false}" },
        { "Truth=maybe", "{\"Truth\":\"maybe\"}" },
        { "Texts.member.1=a&Texts.member.2=b", "{\"Texts\":[\"a\",\"b\"]}" },
        { "Texts.member.2=b&Texts.member.1=a", "{\"Texts\":[\"a\",\"b\"]}" },
        { "Texts.member.1=a&Texts.member.3=c", "{\"Texts\":[\"a\"]}" },
        { "Texts=", "{\"Texts\":[]}" },
        { "Pairs.member.1.Name=n&Pairs.member.1.Value=v&Pairs.member.2.Name=m",
          "{\"Pairs\":[{\"Name\":\"n\",\"Value\":\"v\"},{\"Name\":\"m\"}]}" },
        { "Pairs.member.10.Name=x", "{\"Pairs\":[]}" },
        { "One.Name=n", "{\"One\":{\"Name\":\"n\"}}" },
        { "OneMore.Name=n", "{}" },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct form form;
        print_message("%s\n", cases[i].form);
        assert_true(form_parse(&arena, bytes_of_text(cases[i].form), &form));
        struct bytes json = form_to_json(&arena, &form, &INPUT);
        assert_string_equal(bytes_to_text(&arena, json), cases[i].json);
    }
    arena_deinit(&arena);
}

static void a_name_is_found_exactly(void **state)
{
    (void)state;
    struct arena arena;
    struct form form;
    arena_init(&arena);
    assert_true(form_parse(&arena, BYTES("Action=ListMetrics&Version=2010-08-01"), &form));
    assert_true(bytes_equal(form_find(&form, BYTES("Action")), BYTES("ListMetrics")));
    assert_null(form_find(&form, BYTES("Act")).data);
    assert_null(form_find(&form, BYTES("action")).data);
    arena_deinit(&arena);
}

static void too_many_pairs_are_refused(void **state)
{
    (void)state;
    struct arena arena;
    struct form form;
    struct buffer text;
    arena_init(&arena);
    buffer_init(&text, &arena, 1024);
    for (int i = 0; i < FORM_PAIRS_MAX; i++) {
        buffer_append_text(&text, i > 0 ? "&a" : "a");
    }
    assert_true(form_parse(&arena, buffer_view(&text), &form));
    assert_int_equal(form.count, FORM_PAIRS_MAX);
    buffer_append_text(&text, "&a");
    assert_false(form_parse(&arena, buffer_view(&text), &form));
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_becomes_json_along_its_shape),
        cmocka_unit_test(a_name_is_found_exactly),
        cmocka_unit_test(too_many_pairs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
