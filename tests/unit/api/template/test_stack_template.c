/* Templates as deployments see them: what they declare, in which order, and what is refused. */

#include "api/template/node.h"
#include "api/template/stack_template.h"
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

#define T "Resources: {T: {Type: 'AWS::DynamoDB::Table'}}\n"
#define T_WITH(properties)                                                                         \
    "Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {" properties "}}}\n"

static const struct {
    const char *text;
    const char *error;
} REFUSED[] = {
    { "{\"Resources\": {\n  \"T\" 1}}",
      "Template format error: JSON not well-formed. (line 2, column 7)" },
    { "Resources: [\n  a: b: c",
      "Template format error: YAML not well-formed. (line 2, column 7)" },
    { " ", "Template format error: unsupported structure." },
    { "just text", "Template format error: unsupported structure." },
    { "A: &x 1\nB: *x\n",
      "Template error: YAML aliases are not allowed in CloudFormation templates" },
    { T "Parameters:\n",
      "Template format error: [/Parameters] 'null' values are not allowed in templates" },
    { "Resources: {T: {Type: X, Properties: {L: [1, {N: null}]}}}",
      "Template format error: [/Resources/T/Properties/L/1/N] 'null' values are not allowed in "
      "templates" },
    { T "Bogus: 1\nOther: {}", "Invalid template property or properties [Bogus, Other]" },
    { T "AWSTemplateFormatVersion: '2011-01-01'",
      "Template format error: unsupported value for AWSTemplateFormatVersion." },
    { T "Description: {A: b}",
      "Template format error: every Description member must be a string." },
    { T "Transform: AWS::Serverless-2016-10-31",
      "Transform AWS::Serverless-2016-10-31 is not supported: rehearsedb runs no macros" },
    { T "Transform: [AWS::LanguageExtensions]",
      "Transform AWS::LanguageExtensions is not supported: rehearsedb runs no macros" },
    { T "Outputs: []", "Template format error: [/Outputs] must be an object" },
    { "Parameters: {}", "Template format error: At least one Resources member must be defined." },
    { "Resources: {}", "Template format error: At least one Resources member must be defined." },
    { "Resources: {T: {Properties: {}}}",
      "Template format error: [/Resources/T] Every Resources object must contain a Type member." },
    { "Resources: {my-table: {Type: X}}",
      "Template format error: Resource name my-table is non alphanumeric." },
    { "Resources: {T: {Type: X, Tags: []}}", "Invalid template resource property 'Tags'" },
    { "Resources: {T: {Type: X, Properties: []}}",
      "Template format error: [/Resources/T/Properties] must be an object" },
    { "Resources: {T: {Type: X, DeletionPolicy: Keep}}",
      "Template format error: Unrecognized DeletionPolicy Keep for resource T" },
    { "Resources: {T: {Type: 'AWS::DynamoDB::Table', DeletionPolicy: Snapshot}}",
      "Template error: resource type AWS::DynamoDB::Table does not support deletion policy "
      "Snapshot" },
    { "Resources: {T: {Type: X, UpdateReplacePolicy: RetainExceptOnCreate}}",
      "Template format error: Unrecognized UpdateReplacePolicy RetainExceptOnCreate for resource "
      "T" },
    { T "Parameters: {P: {Default: x}}", "Template format error: [/Parameters/P] Every Parameters "
                                         "object must contain a Type member." },
    { T "Parameters: {P: {Type: Text}}",
      "Template format error: Unrecognized parameter type: Text" },
    { T "Parameters: {P-1: {Type: String}}",
      "Template format error: Parameter name P-1 is non alphanumeric." },
    { T "Parameters: {P: {Type: String, Value: 1}}",
      "Invalid template parameter property 'Value'" },
    { T "Outputs: {O: {Description: x}}", "Template format error: [/Outputs/O] Every Outputs "
                                          "member must contain a Value object" },
    /* what is referred to */
    { T_WITH("A: !Ref X, B: !Ref Y, C: !Ref X"),
      "Template format error: Unresolved resource dependencies [Y, X] in the Resources block of "
      "the template" },
    { T_WITH("A: !Sub 'a-${X}'"), "Template format error: Unresolved resource dependencies [X] in "
                                  "the Resources block of the template" },
    { "Resources: {T: {Type: X, DependsOn: [U]}}",
      "Template format error: Unresolved resource dependencies [U] in the Resources block of the "
      "template" },
    { T "Outputs: {O: {Value: !Ref X}}", "Template format error: Unresolved resource dependencies "
                                         "[X] in the Outputs block of the template" },
    { T "Conditions: {C: !Equals [!Ref T, a]}",
      "Template format error: Unresolved dependencies [T]. Cannot reference resources in the "
      "Conditions block of the template" },
    { T_WITH("A: !GetAtt X.Arn"),
      "Template error: instance of Fn::GetAtt references undefined resource X" },
    { T_WITH("A: !Sub '${X.Arn}'"),
      "Template error: instance of Fn::Sub references undefined resource X" },
    { T "Outputs: {O: {Value: !GetAtt T.Name}}",
      "Template error: resource T does not support attribute type Name in Fn::GetAtt" },
    { T "Outputs: {O: {Value: !GetAtt T.TableId}}",
      "Template error: resource T does not support attribute type TableId in Fn::GetAtt" },
    { T_WITH("A: !If [C, 1, 2]"), "Template error: unresolved condition dependency C in Fn::If" },
    { "Resources: {T: {Type: X, Condition: C}}",
      "Template format error: Unresolved condition dependency C in the Resources block of the "
      "template" },
    { T_WITH("A: !FindInMap [M, a, b]"), "Template error: Mapping named 'M' is not present in the "
                                         "'Mappings' section of template." },
    { T "Conditions: {C: {Ref: P}}", "Template format error: Conditions can only be boolean "
                                     "operations on parameters and other conditions" },
    { T "Conditions: {C: !Not [Condition: D], D: !Not [Condition: C]}",
      "Template format error: Circular dependency between conditions: [C, D]" },
    { "Resources: {A: {Type: X, DependsOn: B}, B: {Type: X, Properties: {P: !Ref C}}, "
      "C: {Type: X, Properties: {P: !GetAtt A.Z}}, D: {Type: X, DependsOn: A}, E: {Type: X}}",
      "Circular dependency between resources: [A, B, C]" },
    { "Resources: {A: {Type: X, Properties: {P: !Ref A}}}",
      "Circular dependency between resources: [A]" },
    /* how functions are called */
    { T_WITH("A: {Ref: [T]}"),
      "Template error: every Ref object must have a single String value." },
    { T_WITH("A: !GetAtt T"), "Template error: every Fn::GetAtt object requires two non-empty "
                              "parameters, the resource name and the resource attribute" },
    { T_WITH("A: !Join [a]"),
      "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and "
      "(2) a list of strings to be joined or a function that returns a list of strings (such as "
      "Fn::GetAZs) to be joined." },
    { T_WITH("A: !Sub [a]"),
      "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. "
      "Specify a string as first argument, and an optional second argument to specify a mapping of "
      "values to replace in the string" },
    { T_WITH("A: !Sub '${a b}'"),
      "Template error: variable names in Fn::Sub syntax must contain "
      "only alphanumeric characters, underscores, periods, and colons" },
    { T "Conditions: {C: !And [!Equals [a, a]]}",
      "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean "
      "parameters." },
    { T "Conditions: {C: !Not [a]}",
      "Template error: every Fn::Not object requires one boolean parameter." },
    { T "Conditions: {C: !Equals [a]}",
      "Template error: every Fn::Equals object requires a list of 2 string parameters." },
    { T_WITH("A: !Length [1]"), "Fn::Length needs the transform AWS::LanguageExtensions, which "
                                "rehearsedb does not run" },
    { T_WITH("A: !ImportValue {Ref: T}"),
      "Template error: the attribute in Fn::ImportValue must not depend on any resources, imported "
      "values, or Fn::GetAZs" },
};

static void what_is_wrong_is_told_in_cloudformations_words(void **state)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        struct stack_template out;
        const char *error = NULL;
        if (stack_template_read(*state, bytes_of_text(REFUSED[i].text), &out, &error)) {
            fail_msg("accepted: %s", REFUSED[i].text);
        }
        assert_string_equal(error, REFUSED[i].error);
    }
}

static void an_unsupported_function_is_told_with_those_that_there_are(void **state)
{
    struct stack_template out;
    const char *error = NULL;
    assert_false(stack_template_read(*state, bytes_of_text(T_WITH("A: !Guess x")), &out, &error));
    assert_non_null(strstr(error, "Template error: Encountered unsupported function: Fn::Guess "
                                  "Supported functions are: [Fn::Base64, "));
}

static void too_many_things_are_refused(void **state)
{
    static const struct {
        const char *section;
        const char *what;
        int count_max;
    } rows[] = {
        { "Resources", "resources", TEMPLATE_RESOURCE_COUNT_MAX },
        { "Parameters", "parameters", TEMPLATE_PARAMETER_COUNT_MAX },
        { "Outputs", "outputs", TEMPLATE_OUTPUT_COUNT_MAX },
        { "Mappings", "mappings", TEMPLATE_MAPPING_COUNT_MAX },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer text;
        struct buffer wanted;
        buffer_init(&text, *state, 4096);
        buffer_init(&wanted, *state, 128);
        buffer_append_format(&text, "%s:\n", rows[i].section);
        for (int j = 0; j <= rows[i].count_max; j++) {
            buffer_append_format(&text, "  N%d: {Type: X}\n", j);
        }
        buffer_append_format(&wanted,
                             "Template format error: Number of %s, %d, is greater than maximum "
                             "allowed, %d",
                             rows[i].what, rows[i].count_max + 1, rows[i].count_max);
        struct stack_template out;
        const char *error = NULL;
        assert_false(stack_template_read(*state, buffer_view(&text), &out, &error));
        assert_string_equal(error, bytes_to_text(*state, buffer_view(&wanted)));
    }
}

static void a_template_declares_what_stands_in_it(void **state)
{
    const struct stack_template *read = read_template(
        *state, "AWSTemplateFormatVersion: 2010-09-09\n"
                "Description: a table\n"
                "Metadata: {A: {Ref: Nothing}}\n"
                "Parameters:\n"
                "  Name: {Type: String, Default: x, Description: the name}\n"
                "  Secret: {Type: Number, NoEcho: true}\n"
                "Rules: {R: {Assertions: [{Assert: {'Fn::Contains': [[a], {Ref: Name}]}}]}}\n"
                "Conditions: {C: !Equals [!Ref Name, x]}\n"
                "Resources:\n"
                "  T:\n"
                "    Type: AWS::DynamoDB::Table\n"
                "    Condition: C\n"
                "    DeletionPolicy: RetainExceptOnCreate\n"
                "    UpdateReplacePolicy: Retain\n"
                "    Metadata: {M: 1}\n"
                "    Properties: {TableName: !Ref Name}\n"
                "  M: {Type: 'AWS::CDK::Metadata'}\n"
                "Outputs: {O: {Value: !Ref T, Description: d, Condition: C, Export: {Name: e}}}\n");
    assert_string_equal(read->description, "a table");
    assert_int_equal(read->parameter_count, 2);
    assert_string_equal(read->parameters[0].default_value, "x");
    assert_string_equal(read->parameters[0].description, "the name");
    assert_false(read->parameters[0].is_no_echo);
    assert_null(read->parameters[1].default_value);
    assert_true(read->parameters[1].is_no_echo);
    assert_int_equal(read->resource_count, 2);
    const struct resource_declaration *table = &read->resources[0];
    assert_string_equal(table->logical_id, "T");
    assert_string_equal(table->condition, "C");
    assert_int_equal(table->deletion, DELETION_RETAIN_EXCEPT_ON_CREATE);
    assert_int_equal(table->update_replace, DELETION_RETAIN);
    assert_non_null(table->metadata);
    assert_non_null(table->properties);
    assert_int_equal(read->resources[1].deletion, DELETION_DELETE);
    assert_null(read->resources[1].properties);
    assert_int_equal(read->output_count, 1);
    assert_string_equal(read->outputs[0].condition, "C");
    assert_non_null(read->outputs[0].export_name);
}

static void resources_come_after_what_they_depend_on(void **state)
{
    const struct stack_template *read = read_template(
        *state, "Resources:\n"
                "  A: {Type: X, DependsOn: [D, B]}\n"
                "  B: {Type: X, Properties: {P: !Sub '${C.Arn}${D}', Q: !If [Y, !Ref C, 1]}}\n"
                "  C: {Type: X}\n"
                "  D: {Type: X, Properties: {P: !GetAtt C.Arn}}\n"
                "Conditions: {Y: !Equals [a, b]}\n");
    static const size_t order[] = { 2, 3, 1, 0 };
    assert_memory_equal(read->order, order, sizeof order);
    assert_int_equal(read->resources[0].dependency_count, 2);
    assert_int_equal(read->resources[0].dependencies[0], 1);
    assert_int_equal(read->resources[0].dependencies[1], 3);
    assert_int_equal(read->resources[1].dependency_count, 2);
    assert_int_equal(read->resources[2].dependency_count, 0);
}

static void of_a_name_that_stands_twice_in_json_the_last_counts(void **state)
{
    const struct stack_template *read =
        read_template(*state, "{\"Resources\":{\"T\":{\"Type\":\"X\"},\"T\":{\"Type\":\"Y\"}}}");
    assert_int_equal(read->resource_count, 1);
    assert_string_equal(read->resources[0].type, "Y");
}

static void types_that_cannot_be_deployed_are_told(void **state)
{
    const struct stack_template *read = read_template(
        *state, "Resources: {A: {Type: 'AWS::S3::Bucket'}, B: {Type: 'AWS::DynamoDB::GlobalTable'},"
                " C: {Type: 'AWS::SQS::Queue'}, D: {Type: 'AWS::S3::Bucket'}, E: {Type: Nothing}}");
    const char *error = NULL;
    assert_false(stack_template_check_types(*state, read, false, &error));
    assert_string_equal(error, "Template format error: Unrecognized resource types: "
                               "[AWS::S3::Bucket, AWS::SQS::Queue, Nothing]");
    assert_false(stack_template_check_types(*state, read, true, &error));
    assert_string_equal(error, "Template format error: Unrecognized resource types: [Nothing]");
    read = read_template(*state, T);
    assert_true(stack_template_check_types(*state, read, false, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_wrong_is_told_in_cloudformations_words, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_unsupported_function_is_told_with_those_that_there_are,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_many_things_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_template_declares_what_stands_in_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(resources_come_after_what_they_depend_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(of_a_name_that_stands_twice_in_json_the_last_counts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(types_that_cannot_be_deployed_are_told, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("stack_template", tests, NULL, NULL);
}
