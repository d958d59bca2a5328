/*
 * The DynamoDB table in a CloudFormation template, its functions resolved as far as the template
 * alone allows: parameters with a default or a given value, conditions, mappings, Sub, Join, If,
 * Select, Split. What only a deployment knows (attributes of other resources, imports, values in
 * Systems Manager) becomes a node that is unknown and says why; nothing is guessed.
 *
 * All memory is the arena's.
 */

#ifndef REHEARSEDB_API_TEMPLATE_TEMPLATE_H
#define REHEARSEDB_API_TEMPLATE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct node;

struct name_value {
    const char *name;
    const char *value;
};

/*
 * What a deployment knows and the template does not. Values live in the arena. Without it, as in a
 * plan, references to resources and exports are unknown.
 */
struct template_look_up {
    /* Of Ref (`attribute` NULL) or Fn::GetAtt; NULL: not known yet. */
    const char *(*find_resource)(void *context,
                                 struct arena *arena,
                                 const char *logical_id,
                                 const char *attribute);
    const char *(*find_export)(void *context, struct arena *arena, const char *name); /* or NULL */
    void *context;
};

struct template_options {
    const struct name_value *parameters; /* given, pseudo parameters (AWS::Region) as well */
    size_t parameter_count;
    const char *resource;                   /* the table's logical id; NULL: the only table */
    const struct template_look_up *look_up; /* NULL: it is not deployed */
    bool is_lenient; /* a definition takes what the API will refuse in its own words */
};

struct template_table {
    const char *logical_id;
    bool is_global;                /* AWS::DynamoDB::GlobalTable */
    const struct node *properties; /* resolved */
};

/* Whether a document is a template. */
bool template_is(const struct node *document);

/* False: `out_error` says why there is no such table, and which there are. */
bool template_find_table(struct arena *arena,
                         const struct node *document,
                         const struct template_options *options,
                         struct template_table *out_table,
                         const char **out_error);

#endif
