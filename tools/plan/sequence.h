/*
 * The shortest safe sequence of deployments from what is deployed to what is wanted.
 *
 * Each deployment is a pair of definitions, before and after, that differ by one index at most, so
 * that CloudFormation accepts it and the API can do it. A new index is built before the one whose
 * readers it takes is deleted; only where there is no room, or an attribute's type stands in the
 * way, is one deleted first, and then the sequence says who is without an index meanwhile. Settings
 * go with the first deployment, but a switch of the billing mode has one of its own.
 *
 * An index of another shape gets a new name, since its old one is taken until the readers have
 * moved. To have the old name again takes two more deployments (`keeps_names`).
 *
 * All memory is the arena's.
 */

#ifndef REHEARSEDB_TOOLS_PLAN_SEQUENCE_H
#define REHEARSEDB_TOOLS_PLAN_SEQUENCE_H

#include "api/template/definition.h"
#include "api/template/template.h"

struct sequence_options {
    bool keeps_names;
    const struct name_value *new_names; /* of indexes of another shape: old name, new name */
    size_t new_name_count;
};

enum deployment_kind {
    DEPLOYMENT_SETTINGS,
    DEPLOYMENT_CREATE_INDEX,
    DEPLOYMENT_DELETE_INDEX,
};

struct deployment {
    enum deployment_kind kind;
    const struct table_definition *before;
    const struct table_definition *after;
    const char *index;   /* created or deleted; else NULL */
    const char *partner; /* whose readers move to the created, or that serves those of the
                            deleted; NULL: none */
    bool leaves_readers; /* a deleted index whose successor does not exist yet */
    bool has_settings;   /* settings change as well */
    bool awaits_ttl;     /* an hour after time to live was turned off */
};

struct sequence {
    struct deployment *deployments;
    size_t count;
    const struct table_definition *end; /* what is deployed after the last */
    bool is_complete; /* false: `end` is not what is wanted, since no update leads there */
};

void sequence_find(struct arena *arena,
                   const struct table_definition *from,
                   const struct table_definition *to,
                   const struct sequence_options *options,
                   struct sequence *out);

#endif
