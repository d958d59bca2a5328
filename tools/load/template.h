/*
 * What generated items look like, read from JSON; docs/tools.md describes the format. Everything is
 * in the arena and read-only afterwards: any thread may use it.
 *
 *   {"Attributes": {
 *     "pk":     {"Type": "S", "Pattern": "user-{number:8}"},
 *     "status": {"Type": "S", "Choices": ["open", {"Value": "closed", "Weight": 3}]},
 *     "note":   {"Type": "S", "Length": [10, 80], "Missing": 0.02, "WrongType": 0.01},
 *     "at":     {"Type": "S", "Timestamp": "Iso", "From": "2024-01-01", "To": "2025-01-01"},
 *     "amount": {"Type": "N", "From": 0, "To": 100, "Decimals": 2, "Distribution": "Zipf"},
 *     "serial": {"Type": "N", "Start": 1},
 *     "paid":   {"Type": "BOOL", "True": 0.9},
 *     "blob":   {"Type": "B", "Length": [16, 16]},
 *     "tags":   {"Type": "SS", "Count": [1, 3], "Element": {"Type": "S", "Pattern": "t{1-9}"}},
 *     "home":   {"Type": "M", "Attributes": {…}}}}
 */

#ifndef REHEARSEDB_TOOLS_LOAD_TEMPLATE_H
#define REHEARSEDB_TOOLS_LOAD_TEMPLATE_H

#include "tools/load/pattern.h"

struct cJSON;
struct attribute_rule;

enum value_kind {
    VALUE_PATTERN,
    VALUE_CHOICE,
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_SERIAL,
    VALUE_TIME,
    VALUE_BOOLEAN,
    VALUE_NULL,
    VALUE_BINARY,
    VALUE_SET,
    VALUE_LIST,
    VALUE_MAP,
};

enum distribution { DISTRIBUTION_UNIFORM, DISTRIBUTION_NORMAL, DISTRIBUTION_ZIPF };

enum time_form { TIME_ISO, TIME_EPOCH_SECONDS, TIME_EPOCH_MILLISECONDS };

struct choice {
    struct bytes text; /* as it stands between quotes in JSON */
    double up_to;      /* the sum of the weights up to this one */
};

struct attribute_rules {
    struct attribute_rule *list; /* in the order of the file */
    size_t count;
};

/* How values of one kind come about. */
struct value_rule {
    const char *type; /* "S", "NS": static text */
    enum value_kind kind;
    struct pattern pattern; /* PATTERN */
    struct choice *choices; /* CHOICE */
    size_t choice_count;
    int64_t least; /* NUMBER: times 10^decimals; SERIAL; TIME: ms; lengths; counts */
    int64_t most;
    int decimals;
    enum distribution distribution;
    enum time_form time_form;
    double true_share;                /* BOOLEAN */
    const struct value_rule *element; /* SET, LIST */
    struct attribute_rules members;   /* MAP */
};

struct attribute_rule {
    const char *name;
    struct bytes json_name; /* with quotes */
    struct value_rule value;
    double missing_share;
    double wrong_type_share;
};

struct template
{
    struct attribute_rules attributes;
};

/* False: `out_reason` says what is wrong, and where: "Attributes.note.Lenght: …". */
bool template_read(struct arena *arena,
                   const struct cJSON *document,
                   struct template *out_template,
                   char *out_reason,
                   size_t reason_size);

/* NULL: there is none. */
const struct attribute_rule *template_find(const struct template *template, const char *name);

#endif
