/* Values of parameters, and what stands in a template once its functions are evaluated. */

#include "api/template/node.h"
#include "api/template/stack_values.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    static struct arena arena;
    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_deinit(*state);
    return 0;
}

static const struct stack_template *read_template(struct arena *arena, const char *text)
{
    struct stack_template *out = arena_alloc(arena, sizeof *out);
    const char *error = NULL;
    if (!stack_template_read(arena, bytes_of_text(text), out, &error)) {
        fail_msg("%s\n%s", error, text);
    }
    return out;
}

/* ---- parameters ---- */

static const char *find_stored(void *context, struct arena *arena, const char *name)
{
    (void)context;
    (void)arena;
    return strcmp(name, "/there") == 0 ? "stored" : NULL;
}

#define RESOURCES "Resources: {T: {Type: X}}\n"

/* With one parameter P of that declaration, given that value; NULL: nothing is given. */
static const char *settle_one(struct arena *arena,
                              const char *declaration,
                              const char *value,
                              const struct parameter_value **out_values)
{
    struct buffer text;
    buffer_init(&text, arena, 256);
    buffer_append_format(&text, "Parameters: {P: {%s}}\n" RESOURCES, declaration);
    const struct stack_template *read =
        read_template(arena, bytes_to_text(arena, buffer_view(&text)));
    struct given_parameter given = { .name = "P", .value = value };
    struct parameter_sources sources = {
        .given = &given,
        .given_count = value != NULL ? 1 : 0,
        .find_stored = find_stored,
    };
    const char *error = NULL;
    return stack_parameters_settle(arena, read, &sources, out_values, &error) ? NULL : error;
}

#define STORED "Type: 'AWS::SSM::Parameter::Value<String>'"

static const struct {
    const char *declaration;
    const char *value;
    const char *error; /* NULL: it is accepted */
} GIVEN[] = {
    { "Type: String", NULL, "Parameters: [P] must have values" },
    { "Type: String", "", NULL },
    { "Type: String, Default: x", NULL, NULL },
    { "Type: String, AllowedValues: [a, b]", "b", NULL },
    { "Type: String, AllowedValues: [a, b]", "c", "Parameter 'P' must be one of AllowedValues" },
    { "Type: String, AllowedValues: [a, b], Default: c", NULL,
      "Parameter 'P' must be one of AllowedValues" },
    { "Type: String, AllowedValues: [a], ConstraintDescription: be an a.", "c",
      "Parameter P failed to satisfy constraint: be an a." },
    { "Type: String, MinLength: 2, MaxLength: 3", "\xC3\xBC\xC3\xBC\xC3\xBC", NULL },
    { "Type: String, MinLength: 2", "\xC3\xBC",
      "Parameter 'P' must contain at least 2 characters" },
    { "Type: String, MaxLength: '3'", "abcd", "Parameter 'P' must contain at most 3 characters" },
    { "Type: String, AllowedPattern: '[a-z]+\\d?'", "ab1", NULL },
    { "Type: String, AllowedPattern: '[a-z]+'", "ab1", "Parameter 'P' must match pattern [a-z]+" },
    { "Type: String, AllowedPattern: '(?!x)[a-z]+'", "ab", NULL },
    { "Type: String, AllowedPattern: '('", "a",
      "Template format error: Parameter 'P' has an AllowedPattern that is not a valid regular "
      "expression" },
    { "Type: String, AllowedPattern: '(a+)+$'", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
      "Template format error: Parameter 'P' has an AllowedPattern that is not a valid regular "
      "expression" },
    { "Type: Number", "1.5", NULL },
    { "Type: Number", "x", "Parameter 'P' must be a number" },
    { "Type: Number", "0x10", "Parameter 'P' must be a number" },
    { "Type: Number, MinValue: 3", "2", "Parameter 'P' must be a number not less than 3" },
    { "Type: Number, MaxValue: 3", "4", "Parameter 'P' must be a number not greater than 3" },
    { "Type: 'List<Number>'", "1, 2,3", NULL },
    { "Type: 'List<Number>'", "1,b", "Parameter 'P' must be a number" },
    { "Type: CommaDelimitedList, AllowedValues: [a, b]", "a, b", NULL },
    { "Type: CommaDelimitedList, AllowedValues: [a, b]", "a,c",
      "Parameter 'P' must be one of AllowedValues" },
    { STORED ", Default: /there", NULL, NULL },
    { STORED, "/absent",
      "Unable to fetch parameters [/absent] from parameter store for this account." },
};

static void parameters_are_held_to_what_the_template_demands(void **state)
{
    for (size_t i = 0; i < sizeof GIVEN / sizeof GIVEN[0]; i++) {
        const struct parameter_value *values = NULL;
        const char *error = settle_one(*state, GIVEN[i].declaration, GIVEN[i].value, &values);
        if (GIVEN[i].error != NULL) {
            assert_non_null(error);
            assert_string_equal(error, GIVEN[i].error);
        } else if (error != NULL) {
            fail_msg("%s: %s", GIVEN[i].declaration, error);
        }
    }
}

static void a_value_comes_from_what_is_given_then_from_the_default(void **state)
{
    const struct stack_template *read = read_template(
        *state, "Parameters: {A: {Type: String, Default: a}, B: {Type: String, Default: b}, "
                "C: {Type: String, Default: c}, D: {" STORED ", NoEcho: true}}\n" RESOURCES);
    static const struct given_parameter given[] = {
        { .name = "A", .value = "new" },
        { .name = "B", .uses_previous = true },
        { .name = "D", .value = "/there" },
    };
    static const struct parameter_value previous[] = { { .name = "B", .value = "old b" },
                                                       { .name = "C", .value = "old c" } };
    struct parameter_sources sources = {
        .given = given,
        .given_count = 3,
        .previous = previous,
        .previous_count = 2,
        .find_stored = find_stored,
    };
    const struct parameter_value *values = NULL;
    const char *error = NULL;
    assert_true(stack_parameters_settle(*state, read, &sources, &values, &error));
    assert_string_equal(values[0].value, "new");
    assert_string_equal(values[1].value, "old b");
    assert_string_equal(values[2].value, "c");
    assert_string_equal(values[3].value, "/there");
    assert_string_equal(values[3].resolved, "stored");
    assert_true(values[3].is_no_echo);
}

static void names_that_the_template_does_not_declare_are_told(void **state)
{
    const struct stack_template *read = read_template(*state, RESOURCES);
    static const struct given_parameter given[] = { { .name = "X", .value = "" },
                                                    { .name = "Y", .value = "" } };
    struct parameter_sources sources = { .given = given, .given_count = 2 };
    const struct parameter_value *values = NULL;
    const char *error = NULL;
    assert_false(stack_parameters_settle(*state, read, &sources, &values, &error));
    assert_string_equal(error, "Parameters: [X, Y] do not exist in the template");
}

/* ---- functions ---- */

static const char *
find_resource(void *context, struct arena *arena, const char *logical_id, const char *attribute)
{
    (void)context;
    (void)arena;
    if (strcmp(logical_id, "Other") != 0) {
        return NULL;
    }
    return attribute == NULL ? "other-table" : "arn:other";
}

static const char *find_export(void *context, struct arena *arena, const char *name)
{
    (void)context;
    (void)arena;
    return strcmp(name, "shared-name") == 0 ? "exported" : NULL;
}

static const char *const ARNS[] = { "arn:one", "arn:two" };
static const struct parameter_value PARAMETERS[] = {
    { .name = "Name", .value = "approvals" },
    { .name = "List", .value = "a, b ,c" },
    { .name = "Stored", .value = "/path", .resolved = "x,y" },
};
static const struct stack_environment ENVIRONMENT = {
    .account = "123456789012",
    .region = "eu-west-1",
    .partition = "aws",
    .url_suffix = "amazonaws.com",
    .stack_name = "Stack",
    .stack_id = "arn:stack",
    .notification_arns = ARNS,
    .notification_arn_count = 2,
    .parameters = PARAMETERS,
    .parameter_count = 3,
    .find_resource = find_resource,
    .find_export = find_export,
};

#define HEAD                                                                                       \
    "Parameters: {Name: {Type: String}, List: {Type: CommaDelimitedList}, "                        \
    "Stored: {Type: 'AWS::SSM::Parameter::Value<List<String>>'}}\n"                                \
    "Mappings: {M: {eu-west-1: {Class: STANDARD, L: [1, 2]}}}\n"                                   \
    "Conditions: {Is: !Equals [!Ref Name, approvals], Isnt: !Not [Condition: Is], "                \
    "Both: !And [Condition: Is, Condition: Isnt], Any: !Or [Condition: Is, Condition: Isnt]}\n"    \
    "Resources:\n"                                                                                 \
    "  Other: {Type: 'AWS::DynamoDB::Table'}\n"                                                    \
    "  Later: {Type: 'AWS::DynamoDB::GlobalTable'}\n"                                              \
    "  Gone: {Type: 'AWS::DynamoDB::Table', Condition: Isnt}\n"

static const struct {
    const char *value;
    const char *json;  /* what it gives; null: not known yet */
    const char *error; /* or why it gives nothing */
} VALUES[] = {
    { "!Ref Name", "\"approvals\"", NULL },
    { "!Ref List", "[\"a\",\"b\",\"c\"]", NULL },
    { "!Ref Stored", "[\"x\",\"y\"]", NULL },
    { "!Ref Other", "\"other-table\"", NULL },
    { "!Ref Later", "null", NULL },
    { "!GetAtt Other.Arn", "\"arn:other\"", NULL },
    { "{'Fn::GetAtt': [Other, !Select [0, [Arn]]]}", "\"arn:other\"", NULL },
    { "!GetAtt Later.TableId", "null", NULL },
    { "!Sub '${AWS::StackName}-${Name}-${Other}-${Other.Arn}-${!Name}'",
      "\"Stack-approvals-other-table-arn:other-${Name}\"", NULL },
    { "!Sub ['${ A }${B}', {A: 1, B: !Ref Name}]", "\"1approvals\"", NULL },
    { "!Sub '${Later}x'", "null", NULL },
    { "!Join ['-', [a, !Ref Name, 5]]", "\"a-approvals-5\"", NULL },
    { "!Join ['-', !Ref List]", "\"a-b-c\"", NULL },
    { "!Split ['|', 'a| b']", "[\"a\",\" b\"]", NULL },
    { "!Select [1, !Ref List]", "\"b\"", NULL },
    { "!Select [3, !Ref List]", NULL,
      "Template error: Fn::Select cannot select nonexistent value at index 3" },
    { "!Select [-1, !Ref List]", NULL,
      "Template error: Fn::Select cannot select nonexistent value at index -1" },
    { "!FindInMap [M, !Ref 'AWS::Region', Class]", "\"STANDARD\"", NULL },
    { "!FindInMap [M, eu-west-1, L]", "[1,2]", NULL },
    { "!FindInMap [M, us-east-1, Class]", NULL,
      "Template error: Unable to get mapping for M::us-east-1::Class" },
    { "!If [Is, 1, 2]", "1", NULL },
    { "!If [Both, 1, 2]", "2", NULL },
    { "!If [Any, {A: !Ref Name}, 2]", "{\"A\":\"approvals\"}", NULL },
    { "!If [Isnt, !Ref Gone, x]", "\"x\"", NULL },
    { "!Ref Gone", NULL,
      "Template format error: Unresolved resource dependencies [Gone] in the Resources block of "
      "the template" },
    { "[1, !Ref 'AWS::NoValue', {A: !Ref 'AWS::NoValue', B: true}]", "[1,{\"B\":true}]", NULL },
    { "!GetAZs ''", "[\"eu-west-1a\",\"eu-west-1b\",\"eu-west-1c\"]", NULL },
    { "!ImportValue {'Fn::Join': ['-', [shared, name]]}", "\"exported\"", NULL },
    { "!ImportValue x", NULL, "No export named x found." },
    { "!Ref 'AWS::NotificationARNs'", "[\"arn:one\",\"arn:two\"]", NULL },
    { "!Join [',', [!Ref 'AWS::AccountId', !Ref 'AWS::Partition', !Ref 'AWS::URLSuffix', "
      "!Ref 'AWS::StackId']]",
      "\"123456789012,aws,amazonaws.com,arn:stack\"", NULL },
};

static void functions_give_what_a_deployment_knows(void **state)
{
    for (size_t i = 0; i < sizeof VALUES / sizeof VALUES[0]; i++) {
        struct buffer text;
        buffer_init(&text, *state, 1024);
        buffer_append_format(&text, HEAD "  T: {Type: X, Properties: {P: %s}}\n", VALUES[i].value);
        const struct stack_template *read =
            read_template(*state, bytes_to_text(*state, buffer_view(&text)));
        const struct node *properties = NULL;
        const char *error = NULL;
        bool is_well = stack_values_properties(*state, read, &ENVIRONMENT, &read->resources[3],
                                               &properties, &error);
        if (VALUES[i].error != NULL) {
            assert_false(is_well);
            assert_string_equal(error, VALUES[i].error);
            continue;
        }
        if (!is_well) {
            fail_msg("%s: %s", VALUES[i].value, error);
        }
        buffer_init(&text, *state, 128);
        node_append_json(&text, node_member(properties, "P"), false);
        assert_string_equal(bytes_to_text(*state, buffer_view(&text)), VALUES[i].json);
    }
}

static void a_resource_is_there_when_its_condition_holds(void **state)
{
    const struct stack_template *read = read_template(*state, HEAD);
    assert_true(stack_values_has_resource(*state, read, &ENVIRONMENT, &read->resources[0]));
    assert_false(stack_values_has_resource(*state, read, &ENVIRONMENT, &read->resources[2]));
}

static void outputs_are_texts_that_may_not_be_known_yet(void **state)
{
    const struct stack_template *read = read_template(
        *state, HEAD "Outputs:\n"
                     "  A: {Value: !Ref Other, Description: d, Export: {Name: !Sub '${Name}-x'}}\n"
                     "  B: {Value: 5, Condition: Isnt}\n"
                     "  C: {Value: !GetAtt Later.Arn}\n");
    const struct output_value *outputs = NULL;
    size_t count = 0;
    const char *error = NULL;
    assert_true(stack_values_outputs(*state, read, &ENVIRONMENT, &outputs, &count, &error));
    assert_int_equal(count, 2);
    assert_string_equal(outputs[0].value, "other-table");
    assert_string_equal(outputs[0].description, "d");
    assert_string_equal(outputs[0].export_name, "approvals-x");
    assert_string_equal(outputs[1].key, "C");
    read = read_template(*state, HEAD "Outputs: {A: {Value: [1]}}");
    assert_false(stack_values_outputs(*state, read, &ENVIRONMENT, &outputs, &count, &error));
    assert_string_equal(error, "Template format error: The Value field of every Outputs member "
                               "must evaluate to a String.");
}

/* Each level has the next one ten times: without a bound, ten to the sixtieth. */
static void a_template_cannot_make_us_work_for_ever(void **state)
{
    struct buffer text;
    buffer_init(&text, *state, 4096);
    buffer_append_text(&text, "Conditions:\n  C0: !Equals [a, a]\n");
    for (int i = 1; i < 60; i++) {
        buffer_append_format(&text, "  C%d: !And [", i);
        for (int j = 0; j < 10; j++) {
            buffer_append_format(&text, "%s{Condition: C%d}", j > 0 ? ", " : "", i - 1);
        }
        buffer_append_text(&text, "]\n");
    }
    buffer_append_text(&text, "Resources: {T: {Type: X, Properties: {P: !If [C59, 1, 2]}}}\n");
    const struct stack_template *read =
        read_template(*state, bytes_to_text(*state, buffer_view(&text)));
    const struct node *properties = NULL;
    const char *error = NULL;
    assert_false(stack_values_properties(*state, read, &ENVIRONMENT, &read->resources[0],
                                         &properties, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parameters_are_held_to_what_the_template_demands, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_value_comes_from_what_is_given_then_from_the_default,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_that_the_template_does_not_declare_are_told, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(functions_give_what_a_deployment_knows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_resource_is_there_when_its_condition_holds, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(outputs_are_texts_that_may_not_be_known_yet, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_template_cannot_make_us_work_for_ever, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("stack_values", tests, NULL, NULL);
}
