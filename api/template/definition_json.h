/* Parts of a definition as the API's own JSON. */

#ifndef REHEARSEDB_API_TEMPLATE_DEFINITION_JSON_H
#define REHEARSEDB_API_TEMPLATE_DEFINITION_JSON_H

#include "api/template/definition.h"

struct buffer;

/* "KeySchema":[…] */
void definition_append_key_schema(struct buffer *to, const struct key_schema *keys);

/* "Projection":{…} */
void definition_append_projection(struct buffer *to, const struct projection *projection);

/* ,"MEMBER":VALUE for a value that is JSON; nothing when there is none. */
void definition_append_setting(struct buffer *to, const char *member, const struct value *value);

/* {"IndexName":…}, as CreateTable and UpdateTable take an index. */
void definition_append_index(struct buffer *to, const struct index_definition *index);

#endif
