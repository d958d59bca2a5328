/* Templates of items: what is refused, and what comes of them. */

#include "tools/client/json.h"
#include "tools/load/table_template.h"
#include "tools/load/value.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ITEMS = 20000 };

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static bool read_text(const char *text, struct template *out_template, char *reason, size_t size)
{
    struct cJSON *document = json_parse(bytes_of_text(text));
    assert_non_null(document);
    reason[0] = '\0';
    bool is_read = template_read(&arena, document, out_template, reason, size);
    json_free(document);
    return is_read;
}

/* A template with one attribute, "a". */
static struct template template_of(const char *rule)
{
    struct template template;
    char text[512];
    char reason[256];
    (void)snprintf(text, sizeof text, "{\"Attributes\":{\"a\":%s}}", rule);
    if (!read_text(text, &template, reason, sizeof reason)) {
        fail_msg("%s: %s", rule, reason);
    }
    return template;
}

static const char *item_of(const struct template *template, uint64_t seed, uint64_t number)
{
    struct buffer item;
    buffer_init(&item, &arena, 256);
    item_generate(&item, template, seed, number);
    return bytes_to_text(&arena, buffer_view(&item));
}

/* The text of attribute "a" of an item. */
static const char *value_of(const struct template *template, uint64_t number, const char *type)
{
    struct cJSON *item = json_parse(bytes_of_text(item_of(template, 7, number)));
    assert_non_null(item);
    const char *text = json_text(json_member(json_member(item, "a"), type), NULL);
    const char *copy = text != NULL ? bytes_to_text(&arena, bytes_of_text(text)) : NULL;
    json_free(item);
    return copy;
}

/* ---- reading ---- */

static void what_is_wrong_is_told_with_its_path(void **state)
{
    static const struct {
        const char *rule; /* of attribute "a" */
        const char *reason;
    } cases[] = {
        { "1", "Attributes.a: must be an object with a Type" },
        { "{}", "Attributes.a: Type is missing" },
        { "{\"Type\":\"X\"}",
          "Attributes.a: Type \"X\" is none of S, N, B, BOOL, NULL, SS, NS, BS, L, M" },
        { "{\"Type\":\"S\"}", "Attributes.a: a value of type S needs one of Pattern, Choices, "
                              "Timestamp, Length" },
        { "{\"Type\":\"B\"}", "Attributes.a: a value of type B needs Length" },
        { "{\"Type\":\"S\",\"Pattern\":\"x\",\"Length\":3}",
          "Attributes.a.Length: not known beside Pattern of type S" },
        { "{\"Type\":\"BOOL\",\"Share\":1}", "Attributes.a.Share: not known of type BOOL" },
        { "{\"Type\":\"NULL\",\"Type\":\"NULL\"}", "Attributes.a.Type: is there twice" },
        { "{\"Type\":\"NULL\",\"Missing\":1.1}", "Attributes.a.Missing: must be from 0 to 1" },
        { "{\"Type\":\"NULL\",\"WrongType\":\"x\"}", "Attributes.a.WrongType: must be a number" },
        { "{\"Type\":\"S\",\"Pattern\":\"{numbr}\"}",
          "Attributes.a.Pattern: {numbr} is none of {number}, {number:8}, {1-500}, {uuid}, "
          "{hex:16}, {letters:12}" },
        { "{\"Type\":\"S\",\"Pattern\":\"{hex}\"}",
          "Attributes.a.Pattern: {hex} is none of {number}, {number:8}, {1-500}, {uuid}, "
          "{hex:16}, {letters:12}" },
        { "{\"Type\":\"S\",\"Pattern\":\"{9-1}\"}",
          "Attributes.a.Pattern: {9-1} is none of {number}, {number:8}, {1-500}, {uuid}, "
          "{hex:16}, {letters:12}" },
        { "{\"Type\":\"S\",\"Pattern\":\"a}\"}",
          "Attributes.a.Pattern: a brace without its other; write {{ or }}" },
        { "{\"Type\":\"S\",\"Choices\":[]}",
          "Attributes.a.Choices: must be a list with at least one value" },
        { "{\"Type\":\"S\",\"Choices\":[\"x\",2]}",
          "Attributes.a.Choices.1: must be a string, or {\"Value\": …, \"Weight\": …} with one" },
        { "{\"Type\":\"N\",\"Choices\":[{\"Value\":2,\"Wait\":1}]}",
          "Attributes.a.Choices.0.Wait: not known" },
        { "{\"Type\":\"N\",\"Choices\":[{\"Value\":2,\"Weight\":0}]}",
          "Attributes.a.Choices: needs a weight above 0" },
        { "{\"Type\":\"S\",\"Length\":[5,3]}",
          "Attributes.a.Length: must be a whole number from 0 to 409600 or [least, most]" },
        { "{\"Type\":\"N\",\"From\":1}",
          "Attributes.a.To: must be a number with at most 15 digits, those of Decimals counted" },
        { "{\"Type\":\"N\",\"From\":1,\"To\":0}", "Attributes.a.To: must not be less than From" },
        { "{\"Type\":\"N\",\"From\":0.25,\"To\":1,\"Decimals\":1}",
          "Attributes.a.From: has more decimals than Decimals says" },
        { "{\"Type\":\"N\",\"From\":0,\"To\":1,\"Distribution\":\"Even\"}",
          "Attributes.a.Distribution: must be Uniform, Normal or Zipf" },
        { "{\"Type\":\"N\",\"Timestamp\":\"Iso\"}",
          "Attributes.a.Timestamp: must be EpochSeconds or EpochMilliseconds of type N" },
        { "{\"Type\":\"S\",\"Timestamp\":\"Iso\",\"From\":\"2023-02-29\",\"To\":\"2024-01-01\"}",
          "Attributes.a.From: must be a time like \"2024-01-31\" or \"2024-01-31T23:59:59Z\"" },
        { "{\"Type\":\"SS\",\"Count\":1,\"Element\":{\"Type\":\"N\",\"Start\":1}}",
          "Attributes.a.Element: Type must be S, as the set is of type SS" },
        { "{\"Type\":\"SS\",\"Count\":0,\"Element\":{\"Type\":\"S\",\"Length\":1}}",
          "Attributes.a.Count: must be a whole number from 1 to 10000 or [least, most]" },
        { "{\"Type\":\"L\",\"Count\":1,\"Element\":{\"Type\":\"NULL\",\"Missing\":1}}",
          "Attributes.a.Element.Missing: not known of type NULL" },
        { "{\"Type\":\"M\",\"Attributes\":{\"b\":{\"Type\":\"N\"}}}",
          "Attributes.a.Attributes.b: a value of type N needs one of Choices, Timestamp, Start, "
          "From" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct template template;
        char text[512];
        char reason[256];
        (void)snprintf(text, sizeof text, "{\"Attributes\":{\"a\":%s}}", cases[i].rule);
        assert_false(read_text(text, &template, reason, sizeof reason));
        assert_string_equal(reason, cases[i].reason);
    }
}

static void a_document_that_is_no_template_is_refused(void **state)
{
    static const char *const cases[][2] = {
        { "[]", "a template is an object with the member Attributes" },
        { "{}", "Attributes: must be an object of attributes" },
        { "{\"Attributes\":{},\"Items\":5}", "Items: not known" },
        { "{\"Attributes\":{\"a\":{\"Type\":\"NULL\"},\"a\":{\"Type\":\"NULL\"}}}",
          "Attributes.a: is there twice" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct template template;
        char reason[256];
        assert_false(read_text(cases[i][0], &template, reason, sizeof reason));
        assert_string_equal(reason, cases[i][1]);
    }
}

static void nesting_ends_where_that_of_dynamodb_does(void **state)
{
    struct buffer text;
    struct template template;
    char reason[1024];
    (void)state;
    buffer_init(&text, &arena, 4096);
    buffer_append_text(&text, "{\"Attributes\":{\"a\":");
    for (int i = 0; i < 32; i++) {
        buffer_append_text(&text, "{\"Type\":\"L\",\"Count\":1,\"Element\":");
    }
    buffer_append_text(&text, "{\"Type\":\"NULL\"}");
    for (int i = 0; i < 34; i++) {
        buffer_append_text(&text, "}");
    }
    assert_false(
        read_text(bytes_to_text(&arena, buffer_view(&text)), &template, reason, sizeof reason));
    assert_non_null(strstr(reason, "is nested deeper than 32 levels"));
}

/* ---- writing ---- */

static void values_look_as_their_rules_say(void **state)
{
    static const struct {
        const char *rule;
        const char *type;
        const char *value; /* of item 42 */
    } cases[] = {
        { "{\"Type\":\"S\",\"Pattern\":\"u-{number:5}/{{x}}\"}", "S", "u-00042/{x}" },
        { "{\"Type\":\"S\",\"Pattern\":\"{007-7}\\\"\"}", "S", "007\"" },
        { "{\"Type\":\"S\",\"Choices\":[{\"Value\":\"no\",\"Weight\":0},\"\\u00fc\"]}", "S",
          "\xC3\xBC" },
        { "{\"Type\":\"N\",\"Choices\":[-1.5]}", "N", "-1.5" },
        { "{\"Type\":\"N\",\"Start\":-2}", "N", "40" },
        { "{\"Type\":\"N\",\"From\":-0.5,\"To\":-0.5,\"Decimals\":2}", "N", "-0.5" },
        { "{\"Type\":\"N\",\"From\":100,\"To\":100,\"Decimals\":2}", "N", "100" },
        { "{\"Type\":\"N\",\"From\":1.05,\"To\":1.05,\"Decimals\":2}", "N", "1.05" },
        { "{\"Type\":\"S\",\"Timestamp\":\"Iso\",\"From\":\"2024-02-29T12:30:01Z\","
          "\"To\":\"2024-02-29T12:30:01Z\"}",
          "S", "2024-02-29T12:30:01.000Z" },
        { "{\"Type\":\"N\",\"Timestamp\":\"EpochSeconds\",\"From\":\"2024-01-01\","
          "\"To\":\"2024-01-01\"}",
          "N", "1704067200" },
        { "{\"Type\":\"N\",\"Timestamp\":\"EpochMilliseconds\",\"From\":\"2000-03-01\","
          "\"To\":\"2000-03-01\"}",
          "N", "951868800000" },
        { "{\"Type\":\"N\",\"From\":5,\"To\":5,\"WrongType\":1}", "S", "5" },
        { "{\"Type\":\"NULL\",\"WrongType\":1}", "S", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct template template = template_of(cases[i].rule);
        const char *value = value_of(&template, 42, cases[i].type);
        assert_non_null(value);
        assert_string_equal(value, cases[i].value);
    }
}

static void random_texts_have_their_form(void **state)
{
    struct template template = template_of("{\"Type\":\"S\",\"Pattern\":\"{uuid}\"}");
    static const char form[] = "xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx";
    (void)state;
    for (uint64_t number = 0; number < 200; number++) {
        const char *uuid = value_of(&template, number, "S");
        assert_int_equal(strlen(uuid), sizeof form - 1);
        assert_non_null(strchr("89ab", uuid[19]));
        for (size_t i = 0; i < sizeof form - 1; i++) {
            assert_true(form[i] == 'x' ? strchr("0123456789abcdef", uuid[i]) != NULL
                                       : uuid[i] == form[i]);
        }
        assert_string_not_equal(uuid, value_of(&template, number + 1, "S"));
    }
}

static void sets_never_repeat_an_element(void **state)
{
    struct template template =
        template_of("{\"Type\":\"NS\",\"Count\":[1,6],\"Element\":{\"Type\":\"N\",\"From\":1,"
                    "\"To\":4}}");
    (void)state;
    for (uint64_t number = 0; number < 500; number++) {
        struct cJSON *item = json_parse(bytes_of_text(item_of(&template, 1, number)));
        const struct cJSON *set = json_at(item, "a.NS");
        assert_in_range(json_count(set), 1, 4);
        for (const struct cJSON *one = json_first(set); one != NULL; one = json_next(one)) {
            for (const struct cJSON *two = json_next(one); two != NULL; two = json_next(two)) {
                assert_string_not_equal(json_text(one, NULL), json_text(two, NULL));
            }
        }
        json_free(item);
    }
}

static void shares_are_about_what_they_say(void **state)
{
    struct template template =
        template_of("{\"Type\":\"N\",\"From\":1,\"To\":9,\"Missing\":0.2,\"WrongType\":0.1}");
    size_t missing = 0;
    size_t wrong = 0;
    (void)state;
    for (uint64_t number = 0; number < ITEMS; number++) {
        const char *item = item_of(&template, 3, number);
        missing += strcmp(item, "{}") == 0;
        wrong += strncmp(item, "{\"a\":{\"S\":", 10) == 0;
    }
    assert_in_range(missing, ITEMS * 19 / 100, ITEMS * 21 / 100);
    assert_in_range(wrong, ITEMS * 7 / 100, ITEMS * 9 / 100); /* of those that are there */
}

/* How many of the items have a value from 0 to `most`, of 0 to 99. */
static size_t count_up_to(const char *distribution, long most)
{
    char rule[128];
    size_t count = 0;
    (void)snprintf(rule, sizeof rule,
                   "{\"Type\":\"N\",\"From\":0,\"To\":99,\"Distribution\":\"%s\"}", distribution);
    struct template template = template_of(rule);
    for (uint64_t number = 0; number < ITEMS; number++) {
        long value = strtol(value_of(&template, number, "N"), NULL, 10);
        assert_in_range(value, 0, 99);
        count += value <= most;
    }
    return count;
}

static void distributions_have_their_shape(void **state)
{
    (void)state;
    assert_in_range(count_up_to("Uniform", 24), ITEMS * 24 / 100, ITEMS * 26 / 100);
    assert_in_range(count_up_to("Normal", 24), ITEMS * 4 / 100, ITEMS * 9 / 100);
    assert_in_range(count_up_to("Normal", 49), ITEMS * 48 / 100, ITEMS * 52 / 100);
    assert_in_range(count_up_to("Zipf", 0), ITEMS * 13 / 100, ITEMS * 17 / 100);
    assert_in_range(count_up_to("Zipf", 9), ITEMS * 48 / 100, ITEMS * 56 / 100);
}

static void weights_are_kept(void **state)
{
    struct template template =
        template_of("{\"Type\":\"S\",\"Choices\":[\"x\",{\"Value\":\"y\",\"Weight\":3}]}");
    size_t count = 0;
    (void)state;
    for (uint64_t number = 0; number < ITEMS; number++) {
        count += value_of(&template, number, "S")[0] == 'y';
    }
    assert_in_range(count, ITEMS * 74 / 100, ITEMS * 76 / 100);
}

/* ---- with a table ---- */

static struct table_shape table_with(const char *hash, char hash_type, const char *index_key)
{
    struct index_shape *index = arena_alloc_zero(&arena, sizeof *index);
    *index = (struct index_shape){ .name = "by-k", .key_count = 1 };
    index->keys[0] = (struct key_part){ .name = index_key, .type = 'S', .is_hash = true };
    struct table_shape table = { .name = "t", .indexes = index, .index_count = 1 };
    table.self.keys[0] = (struct key_part){ .name = hash, .type = hash_type, .is_hash = true };
    table.self.key_count = 1;
    return table;
}

static void a_template_that_the_table_would_refuse_does_not_fit(void **state)
{
    static const struct {
        const char *rule;
        const char *hash;
        char hash_type;
        const char *index_key;
        const char *reason; /* NULL: it fits */
    } cases[] = {
        { "{\"Type\":\"S\",\"Pattern\":\"{number}\"}", "a", 'S', "k", NULL },
        { "{\"Type\":\"S\",\"Pattern\":\"{number}\"}", "b", 'S', "k",
          "b is not in the template: it is a key of the table" },
        { "{\"Type\":\"S\",\"Pattern\":\"{number}\"}", "a", 'N', "k",
          "a is of type S, but N as a key of the table" },
        { "{\"Type\":\"SS\",\"Count\":1,\"Element\":{\"Type\":\"S\",\"Length\":1}}", "a", 'S', "k",
          "a is of type SS, but S as a key of the table" },
        { "{\"Type\":\"S\",\"Length\":4,\"Missing\":0.1}", "a", 'S', "k",
          "a cannot be missing: it is a key of the table" },
        { "{\"Type\":\"S\",\"Length\":4,\"WrongType\":0.1}", "a", 'S', "k",
          "a cannot have a wrong type: it is a key of the table" },
        { "{\"Type\":\"S\",\"Length\":[0,4]}", "a", 'S', "k",
          "a cannot be empty: it is a key of the table" },
        { "{\"Type\":\"N\",\"Start\":0}", "a", 'N', "a",
          "a is of type N, but S as a key of index by-k" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct template template = template_of(cases[i].rule);
        struct table_shape table =
            table_with(cases[i].hash, cases[i].hash_type, cases[i].index_key);
        char reason[256] = "";
        assert_int_equal(table_template_fits(&template, &table, reason, sizeof reason),
                         cases[i].reason == NULL);
        assert_string_equal(reason, cases[i].reason != NULL ? cases[i].reason : "");
    }
}

static void the_template_made_from_a_table_fits_it(void **state)
{
    static const char types[] = { 'S', 'N', 'B' };
    static const char *const names[] = { "status", "{odd}\"name\\", "amount" };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct table_shape table = table_with(names[i], types[i], "k}{");
        struct template template;
        char reason[256];
        const char *text = bytes_to_text(&arena, table_template_derive(&arena, &table));
        if (!read_text(text, &template, reason, sizeof reason) ||
            !table_template_fits(&template, &table, reason, sizeof reason)) {
            fail_msg("%s: %s", text, reason);
        }
        assert_non_null(template_find(&template, "note"));
        assert_string_not_equal(item_of(&template, 1, 0), item_of(&template, 1, 1));
    }
}

static void an_item_depends_on_seed_and_number_alone(void **state)
{
    struct table_shape table = table_with("pk", 'S', "k");
    struct template template;
    char reason[256];
    const char *text = bytes_to_text(&arena, table_template_derive(&arena, &table));
    (void)state;
    assert_true(read_text(text, &template, reason, sizeof reason));
    const char *last = bytes_to_text(&arena, bytes_of_text(item_of(&template, 5, 99)));
    for (uint64_t number = 0; number < 100; number++) {
        struct buffer key;
        buffer_init(&key, &arena, 64);
        item_generate_key(&key, &template, &table.self, 5, number);
        const char *item = item_of(&template, 5, number);
        assert_memory_equal(item, key.data, key.length - 1); /* the key comes first in it */
    }
    assert_string_equal(item_of(&template, 5, 99), last);
    assert_string_not_equal(item_of(&template, 6, 99), last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_told_with_its_path),
        cmocka_unit_test(a_document_that_is_no_template_is_refused),
        cmocka_unit_test(nesting_ends_where_that_of_dynamodb_does),
        cmocka_unit_test(values_look_as_their_rules_say),
        cmocka_unit_test(random_texts_have_their_form),
        cmocka_unit_test(sets_never_repeat_an_element),
        cmocka_unit_test(shares_are_about_what_they_say),
        cmocka_unit_test(distributions_have_their_shape),
        cmocka_unit_test(weights_are_kept),
        cmocka_unit_test(a_template_that_the_table_would_refuse_does_not_fit),
        cmocka_unit_test(the_template_made_from_a_table_fits_it),
        cmocka_unit_test(an_item_depends_on_seed_and_number_alone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
