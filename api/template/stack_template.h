/*
 * A template as a deployment sees it: read, checked as a whole, and taken apart into declarations.
 *
 *     text -> tree (node.h) -> declarations here -> values of parameters (stack_parameters.h)
 *          -> resolved properties, conditions, outputs (stack_values.h)
 *
 * What is refused is refused in CloudFormation's words: `out_error` is the message of the
 * ValidationError. Checked here is everything that needs no value of a parameter: form, sections,
 * names, numbers of things, how functions are called, what they refer to, and circles. Nothing of
 * the resources' own properties (property_schema.h), nor which types there are
 * (stack_template_check_types).
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 *
 * All memory is the arena's, and read-only once it is read; pure, so on any thread.
 */

#ifndef REHEARSEDB_API_TEMPLATE_STACK_TEMPLATE_H
#define REHEARSEDB_API_TEMPLATE_STACK_TEMPLATE_H

#include "storage/base/bytes.h"

struct arena;
struct node;

enum {
    TEMPLATE_PARAMETER_COUNT_MAX = 200,
    TEMPLATE_RESOURCE_COUNT_MAX = 500,
    TEMPLATE_OUTPUT_COUNT_MAX = 200,
    TEMPLATE_MAPPING_COUNT_MAX = 200,
    TEMPLATE_CONDITION_COUNT_MAX = 1000, /* ours: the service has no such limit */
};

struct parameter_declaration {
    const char *name;
    const char *type;          /* "String", "AWS::SSM::Parameter::Value<String>" */
    const char *default_value; /* NULL: there is none */
    const char *description;   /* "": none; so are the following */
    bool is_no_echo;
    const struct node *node; /* the declaration, with its constraints */
};

enum deletion_policy {
    DELETION_DELETE,
    DELETION_RETAIN,
    DELETION_RETAIN_EXCEPT_ON_CREATE,
};

struct resource_declaration {
    const char *logical_id;
    const char *type;                    /* "AWS::DynamoDB::Table" */
    const struct node *properties;       /* a map, unresolved; NULL: none */
    const struct node *metadata;         /* unresolved; NULL: none */
    const char *condition;               /* NULL: none */
    enum deletion_policy deletion;       /* when it leaves the stack, or the stack goes */
    enum deletion_policy update_replace; /* of the old one, when it is replaced */
    const size_t *dependencies;          /* resources it refers to or names in DependsOn: */
    size_t dependency_count;             /* places in `resources`, ascending, each once */
};

struct output_declaration {
    const char *key;
    const char *description;
    const char *condition;          /* NULL: none */
    const struct node *value;       /* unresolved */
    const struct node *export_name; /* unresolved; NULL: it is not exported */
};

struct stack_template {
    const struct node *document;
    const char *description; /* "": none */
    const struct parameter_declaration *parameters;
    size_t parameter_count;
    const struct resource_declaration *resources; /* in the template's order */
    size_t resource_count;
    const size_t *order; /* places in `resources`, each after what it depends on */
    const struct output_declaration *outputs;
    size_t output_count;
};

bool stack_template_read(struct arena *arena,
                         struct bytes text,
                         struct stack_template *out_template,
                         const char **out_error);

/*
 * Whether every resource is of a type that can be deployed here: DynamoDB's two, and
 * AWS::CDK::Metadata; with `accepts_others` anything that looks like a type.
 */
bool stack_template_check_types(struct arena *arena,
                                const struct stack_template *stack_template,
                                bool accepts_others,
                                const char **out_error);

enum resource_kind {
    RESOURCE_TABLE,        /* AWS::DynamoDB::Table */
    RESOURCE_GLOBAL_TABLE, /* AWS::DynamoDB::GlobalTable */
    RESOURCE_METADATA,     /* AWS::CDK::Metadata, which does nothing */
    RESOURCE_OTHER,
};

enum resource_kind stack_template_kind(const char *type);

/* NULL: there is none of that name. */
const struct resource_declaration *
stack_template_find_resource(const struct stack_template *stack_template, const char *logical_id);
const struct parameter_declaration *
stack_template_find_parameter(const struct stack_template *stack_template, const char *name);

#endif
