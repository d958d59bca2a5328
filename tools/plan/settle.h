/*
 * The settings of a table on its way: what of the wanted ones can be set at once, on the indexes
 * that there are now.
 */

#ifndef REHEARSEDB_TOOLS_PLAN_SETTLE_H
#define REHEARSEDB_TOOLS_PLAN_SETTLE_H

#include "api/template/definition.h"

/*
 * `to` as far as updates of `from` lead: with the name, the keys and the local indexes of `from`,
 * and its settings where `to` says nothing. In the arena.
 */
struct table_definition *settle_goal(struct arena *arena,
                                     const struct table_definition *from,
                                     const struct table_definition *to);

/* Whether everything of `to` that `goal` gave up is also true of it. */
bool settle_is_complete(const struct table_definition *goal, const struct table_definition *to);

/*
 * `from` with the settings of `goal`. Time to live with another attribute is turned off first, and
 * then `out_ttl_waits`. In the arena.
 */
struct table_definition *settle_settings(struct arena *arena,
                                         const struct table_definition *from,
                                         const struct table_definition *goal,
                                         bool *out_ttl_waits);

/* Whether any setting differs, of the table or of an index that both have. */
bool settle_has_changes(const struct table_definition *from, const struct table_definition *to);

#endif
