/*
 * The parts that CreateTable and UpdateTable take alike: shapes as data, and from JSON to
 * definitions with the service's hand-written checks, in its order (docs/compatibility.md has the
 * sources).
 *
 * All functions return false after api_fail.
 */

#ifndef REHEARSEDB_API_TABLES_TABLE_INPUT_H
#define REHEARSEDB_API_TABLES_TABLE_INPUT_H

#include "api/request.h"
#include "api/shape.h"

/* What messages of the service begin with. */
#define INVALID_PARAMETER "One or more parameter values were invalid: "
#define IN_USE            "Attempt to change a resource which is still in use: "

extern const struct shape SHAPE_ATTRIBUTE_DEFINITIONS;
extern const struct shape SHAPE_TABLE_KEY_SCHEMA; /* 1 to 2 elements: tables and LSIs */
extern const struct shape SHAPE_GSI_KEY_SCHEMA;
extern const struct shape SHAPE_PROJECTION;
extern const struct shape SHAPE_BILLING_MODE;

/* AttributeDefinitions as sent, in order. */
struct definitions {
    struct key_attribute *attributes;
    size_t count;
};

void definitions_of_json(struct request *request,
                         const struct cJSON *node,
                         struct definitions *out_definitions);
bool definitions_find(const struct definitions *definitions,
                      struct bytes name,
                      enum attribute_type *out_type);

/* Ascending by name, as they are described. */
void definitions_sort(struct definitions *definitions);

enum key_schema_owner { KEY_OF_TABLE, KEY_OF_LSI, KEY_OF_GSI };

bool key_schema_of_json(struct request *request,
                        const struct cJSON *node,
                        const struct definitions *definitions,
                        enum key_schema_owner owner,
                        struct key_schema *out_key);

/* Projection and NonKeyAttributes of an index. */
bool projection_of_json(struct request *request,
                        const struct cJSON *node,
                        struct index_definition *index);

/* "[a, b, c]" for messages. */
struct bytes names_text(struct arena *arena, const struct bytes *names, size_t count);

#endif
