/*
 * What an update of a table does, property by property and kind of change: CloudFormation's rules
 * as data, with its sentences, what the API does instead, and how sure each is.
 *
 * The message stands in the StatusReason of the table's UPDATE_FAILED event. Since 2022 the
 * handler's own come wrapped: Resource handler returned message: "…" (RequestToken: …,
 * HandlerErrorCode: InvalidRequest).
 */

#ifndef REHEARSEDB_API_TEMPLATE_RULES_H
#define REHEARSEDB_API_TEMPLATE_RULES_H

#include "api/template/definition.h"

/* A setting of the table or of an index by its own number, then what is no setting. */
enum property {
    PROPERTY_SETTINGS_END = SETTING_COUNT,
    PROPERTY_TABLE_NAME = SETTING_COUNT,
    PROPERTY_LOGICAL_ID,
    PROPERTY_RESOURCE_TYPE,
    PROPERTY_IMPORT_SOURCE,
    PROPERTY_KEY_SCHEMA,
    PROPERTY_ATTRIBUTE_TYPE,
    PROPERTY_UNUSED_ATTRIBUTE,
    PROPERTY_LOCAL_INDEX,
    PROPERTY_GLOBAL_INDEX,
    PROPERTY_INDEX_KEY_SCHEMA,
    PROPERTY_INDEX_PROJECTION,
    PROPERTY_COUNT,
};

enum change_kind {
    CHANGE_ADDED,
    CHANGE_REMOVED,
    CHANGE_DROPPED, /* removed by leaving it out of the template */
    CHANGE_CHANGED,
    CHANGE_LOWERED, /* a number in it is smaller than before */
    CHANGE_KIND_COUNT,
};

/* From the best to the worst. */
enum verdict {
    VERDICT_IN_PLACE,
    VERDICT_SEVERAL,     /* more than one deployment */
    VERDICT_REFUSED,     /* CloudFormation or DynamoDB refuses */
    VERDICT_REPLACEMENT, /* a new, empty table takes its place */
};

/* How sure: documented by AWS, reported by users of it, inferred from its neighbours. */
enum certainty {
    CERTAINTY_DOCUMENTED,
    CERTAINTY_REPORTED,
    CERTAINTY_INFERRED,
};

struct rule {
    int property; /* enum property, or enum setting */
    bool is_of_index;
    unsigned kinds; /* a bit for each enum change_kind */
    enum verdict verdict;
    const char *message; /* NULL: none; "<name>" stands for the table's name */
    const char *api;     /* what the API does with it; NULL: as the verdict says */
    enum certainty certainty;
    const char *source;
};

extern const struct rule RULES[];
extern const size_t RULE_COUNT;

/* Rules on a whole update: more than one index change; a new table under the old one's name, for
   the same resource and for another. */
extern const struct rule RULE_SEVERAL_INDEX_CHANGES;
extern const struct rule RULE_CUSTOM_NAME;
extern const struct rule RULE_NAME_TAKEN;

/* The rule for a change. There is one for each that can be found. */
const struct rule *rules_find(int property, bool is_of_index, enum change_kind kind);

/* Whether its message comes from the table's own handler, and so is wrapped. */
bool rules_is_wrapped(const struct rule *rule);

/* CloudFormation's name of a property: "GlobalSecondaryIndexes.Projection". */
const char *rules_property_name(int property, bool is_of_index);

const char *rules_verdict_name(enum verdict verdict); /* "IN_PLACE" */
const char *rules_kind_name(enum change_kind kind);   /* "ADDED" */
const char *rules_certainty_name(enum certainty certainty);

#endif
