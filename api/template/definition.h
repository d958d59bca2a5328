/*
 * What a table is or shall be, the same whatever it was read from, with defaults made explicit.
 *
 * A value is the text of the API's own member (`{"ReadCapacityUnits":5,"WriteCapacityUnits":5}`,
 * "PAY_PER_REQUEST"), so that equal values are equal texts and a command can be made of it. It has
 * one of three states, because the sources do not say the same: an answer of DescribeTable holds
 * no time to live, and a template may hold what only a deployment knows.
 *
 * All memory is the arena's. Definitions are read-only once they are complete.
 */

#ifndef REHEARSEDB_API_TEMPLATE_DEFINITION_H
#define REHEARSEDB_API_TEMPLATE_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct node;

enum value_state {
    VALUE_UNSAID,  /* the source does not speak of it */
    VALUE_UNKNOWN, /* it does, but what it says is not known here: `text` says why */
    VALUE_KNOWN,
};

struct value {
    enum value_state state;
    bool is_dropped;  /* known to be off, because a template leaves it out */
    const char *text; /* "": there is none */
};

/* What can be set; the first four are an index's as well. */
enum setting {
    SETTING_PROVISIONED_THROUGHPUT,
    SETTING_ON_DEMAND_THROUGHPUT,
    SETTING_WARM_THROUGHPUT,
    SETTING_CONTRIBUTOR_INSIGHTS, /* "true", "false", as all that is on or off */
    SETTING_BILLING_MODE,
    SETTING_STREAM,         /* the view type */
    SETTING_ENCRYPTION,     /* "KMS"; "": the service's own key */
    SETTING_ENCRYPTION_KEY, /* as given */
    SETTING_TABLE_CLASS,
    SETTING_DELETION_PROTECTION,
    SETTING_TIME_TO_LIVE, /* the attribute */
    SETTING_POINT_IN_TIME_RECOVERY,
    SETTING_RECOVERY_PERIOD, /* days */
    SETTING_KINESIS_STREAM,  /* its ARN */
    SETTING_RESOURCE_POLICY,
    SETTING_TAGS, /* [{"Key":…,"Value":…}], by key */
    SETTING_COUNT,
};

enum { INDEX_SETTING_COUNT = SETTING_CONTRIBUTOR_INSIGHTS + 1 };

enum {
    KEY_ELEMENT_COUNT_MAX = 8, /* of a global index: 4 HASH and 4 RANGE */
    GLOBAL_INDEX_COUNT_MAX = 20,
    PROJECTED_COUNT_MAX = 100, /* NonKeyAttributes of all indexes together */
};

struct key_element {
    const char *attribute;
    const char
        *type; /* "S", "N" or "B"; "": it is not defined, which only a lenient reading takes */
    bool is_hash;
};

struct key_schema {
    struct key_element elements[KEY_ELEMENT_COUNT_MAX];
    size_t count;
};

struct projection {
    const char *type;        /* "ALL", "KEYS_ONLY", "INCLUDE" */
    const char **attributes; /* sorted */
    size_t attribute_count;
};

struct index_definition {
    const char *name;
    struct key_schema key_schema;
    struct projection projection;
    struct value settings[INDEX_SETTING_COUNT]; /* of a global index */
};

struct index_list {
    struct index_definition *items;
    size_t count;
};

enum source_kind {
    SOURCE_DEPLOYED, /* an answer of DescribeTable, or its TableDescription */
    SOURCE_CREATE_TABLE,
    SOURCE_TEMPLATE,
};

struct table_definition {
    enum source_kind source;
    const char *logical_id; /* of a template; else NULL */
    bool is_global_table;   /* of a template */
    bool has_imports;       /* of a template: ImportSourceSpecification */
    struct value name;      /* unsaid: CloudFormation makes one up */
    const char *arn;        /* of what is deployed; NULL: not known */
    const char *busy;       /* of what is deployed: the change that is under way; NULL: none */
    const char *unused_attribute; /* a definition that is no key of anything; NULL: none */
    struct key_schema key_schema;
    struct value settings[SETTING_COUNT];
    struct index_list local_indexes;
    struct index_list global_indexes;
};

/* Whether the value is known of both and is not the same. */
bool value_is_changed(const struct value *from, const struct value *to);

/* NULL when there is none of that name. */
struct index_definition *definition_find_index(const struct index_list *list, const char *name);

/* The type of an attribute that is a key of the table or of one of its indexes; NULL: it is not. */
const char *definition_attribute_type(const struct table_definition *table, const char *attribute);

bool key_schema_equal(const struct key_schema *left, const struct key_schema *right);
bool projection_equal(const struct projection *left, const struct projection *right);

/* Whether a number of `to` is below the same number of `from`; both are throughputs. */
bool throughput_is_lowered(const char *from, const char *to);

/* How many NonKeyAttributes all indexes name together; one counts as often as it is named. */
size_t definition_projected_count(const struct table_definition *table);

/* A copy whose lists of global indexes and settings can be changed. Room for one index more. */
struct table_definition *definition_copy(struct arena *arena, const struct table_definition *from);

void definition_remove_index(struct table_definition *table, const char *name);
void definition_add_index(struct table_definition *table, const struct index_definition *index);

#endif
