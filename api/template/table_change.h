/*
 * What CloudFormation's handler of a table does with new properties: nothing, calls of DynamoDB, a
 * new table instead of the old one, or a refusal in its own words.
 *
 * Properties are a resource's, with every function evaluated. All memory is the arena's; pure.
 */

#ifndef REHEARSEDB_API_TEMPLATE_TABLE_CHANGE_H
#define REHEARSEDB_API_TEMPLATE_TABLE_CHANGE_H

#include "api/template/calls.h"
#include "api/template/rules.h"

struct node;

enum recreation {
    RECREATION_NEVER,
    RECREATION_CONDITIONALLY, /* it depends on the value that is changed */
    RECREATION_ALWAYS,
};

struct property_change {
    const char *name; /* "GlobalSecondaryIndexes" */
    enum recreation recreation;
};

struct table_change {
    bool is_none; /* nothing differs */
    enum verdict verdict;
    const char *message; /* NULL: it is not refused; else the reason */
    bool is_wrapped;     /* by "Resource handler returned message" */
    struct call_list calls;
    const struct property_change *properties; /* each once; for change sets */
    size_t property_count;
};

struct table_properties {
    const char *type;            /* "AWS::DynamoDB::Table" or its GlobalTable */
    const char *physical_name;   /* the table's; of what is made */
    const struct node *previous; /* NULL: the table is made */
    const struct node *next;
};

/*
 * What DynamoDB itself refuses is not found here: its calls are made, and it says so. False:
 * `out_error` says what keeps the properties from being understood.
 */
bool table_change_find(struct arena *arena,
                       const struct table_properties *properties,
                       struct table_change *out_change,
                       const char **out_error);

#endif
