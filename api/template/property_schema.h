/*
 * The properties of DynamoDB's resource types as CloudFormation's registry defines them, as data:
 * which there are, their types, what is required. Checked before anything is called, and told in
 * the words of the registry's validator.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_DynamoDB.html
 *
 * All memory is the arena's; pure.
 */

#ifndef REHEARSEDB_API_TEMPLATE_PROPERTY_SCHEMA_H
#define REHEARSEDB_API_TEMPLATE_PROPERTY_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct node;

enum schema_kind {
    SCHEMA_STRING,
    SCHEMA_BOOLEAN,
    SCHEMA_INTEGER,
    SCHEMA_NUMBER,
    SCHEMA_LIST,
    SCHEMA_MAP,
    SCHEMA_DOCUMENT, /* any map, or a text of JSON */
};

struct schema_member;

struct property_schema {
    enum schema_kind kind;
    long long min;                         /* of a number, a text's length, a list's elements */
    long long max;                         /* the same; 0: any */
    const char *const *choices;            /* of a text, ends with NULL; NULL: any */
    const struct property_schema *element; /* of a list */
    bool is_unique;                        /* of a list: its elements differ */
    const struct schema_member *members;   /* of a map, ends with a NULL name */
    bool needs_any;                        /* of a map: at least one member */
};

struct schema_member {
    const char *name;
    const struct property_schema *schema;
    bool is_required;
};

/* The schema of a resource type; NULL: anything goes. */
const struct property_schema *property_schema_of(const char *type);

/*
 * Whether a resource's properties, with every function evaluated, fit its type. `out_coerced` are
 * the same with each scalar as its schema wants it, as CloudFormation does: "5" and "true" become 5
 * and true where a number or a boolean is wanted, and 5 becomes "5" for a text. What is not known
 * yet (NODE_UNKNOWN) fits everywhere. False: `out_error` is the reason, "Properties validation
 * failed …", with a line for each violation.
 */
bool property_schema_check(struct arena *arena,
                           const char *logical_id,
                           const char *type,
                           const struct node *properties,
                           const struct node **out_coerced,
                           const char **out_error);

#endif
