/* Table definitions for tests, written as texts of YAML or JSON. */

#ifndef REHEARSEDB_TESTS_SUPPORT_TEMPLATE_DEFINITIONS_H
#define REHEARSEDB_TESTS_SUPPORT_TEMPLATE_DEFINITIONS_H

struct arena;
struct table_definition;
struct template_options;

/* Of a whole document; the test fails with the reason when it defines no table. */
const struct table_definition *definition_of_text(struct arena *arena, const char *text);

/* Of the properties of an AWS::DynamoDB::Table in YAML's flow style, without their braces. */
const struct table_definition *definition_of_properties(struct arena *arena,
                                                        const char *properties);

/* Why a document defines no table; the test fails when it does. */
const char *definition_error_of_text(struct arena *arena,
                                     const char *text,
                                     const struct template_options *options);

#endif
