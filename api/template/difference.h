/*
 * What is different between two definitions, change by change, with the rule for each.
 *
 * All memory is the arena's; texts are borrowed from the definitions.
 */

#ifndef REHEARSEDB_API_TEMPLATE_DIFFERENCE_H
#define REHEARSEDB_API_TEMPLATE_DIFFERENCE_H

#include "api/template/rules.h"

struct arena;

struct change {
    int property; /* enum property or enum setting */
    enum change_kind kind;
    const char *index; /* its name; NULL: the table's own */
    const char *from;  /* in words; "": nothing */
    const char *to;
    enum verdict verdict; /* the rule's, unless the whole update makes it another */
    const struct rule *rule;
    const char *message; /* the rule's with names filled in; NULL: none */
};

struct difference {
    struct change *changes;
    size_t change_count;
    const char **notes; /* what could not be compared, and why */
    size_t note_count;
};

void difference_find(struct arena *arena,
                     const struct table_definition *from,
                     const struct table_definition *to,
                     struct difference *out);

/* The worst verdict. Of no change at all: VERDICT_IN_PLACE. */
enum verdict difference_verdict(const struct difference *difference);

/* A key schema and a projection in words: "user_id (S, HASH), status (S, RANGE)". */
const char *difference_key_schema_text(struct arena *arena, const struct key_schema *keys);
const char *difference_projection_text(struct arena *arena, const struct projection *projection);

#endif
