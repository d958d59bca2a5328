/*
 * A plan: two definitions, what differs, and the deployments from one to the other; as text for
 * people and as JSON for programs (docs/plan.md describes both).
 */

#ifndef REHEARSEDB_TOOLS_PLAN_PLAN_H
#define REHEARSEDB_TOOLS_PLAN_PLAN_H

#include "api/template/calls.h"
#include "api/template/difference.h"
#include "tools/plan/command_line.h"
#include "tools/plan/sequence.h"

struct buffer;

/* For the table's name when no definition tells it. */
#define PLAN_NO_NAME "TABLE_NAME"

struct plan {
    const char *table;       /* its name, for messages and commands */
    const char *from_source; /* a path or an address */
    const char *to_source;
    const struct table_definition *from;
    const struct table_definition *to;
    struct difference difference;
    struct sequence sequence;
    struct command_target target;
};

/* Whether there is nothing to do, or all is in place, in one deployment. */
bool plan_is_plain(const struct plan *plan);

/* The worst verdict, or "NOTHING". */
const char *plan_verdict_name(const struct plan *plan);

void plan_append_text(struct buffer *to, const struct plan *plan, bool has_colors);
void plan_append_json(struct buffer *to, const struct plan *plan);

#endif
