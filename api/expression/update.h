/*
 * Updates of items: resolved update + item -> new item, or a refusal in the service's words. Pure;
 * memory comes from the context's arena.
 *
 * Every action sees the item as it was, whatever the others do: "SET a = b, b = a" swaps, and the
 * indexes of a list are those before anything was removed from it. So an update is applied in two
 * steps: each action becomes a change (this path: that value, or nothing); then the changes, in the
 * order of their paths, are merged with the old item in one pass, which copies as bytes what none
 * of them leads to.
 */

#ifndef REHEARSEDB_API_EXPRESSION_UPDATE_H
#define REHEARSEDB_API_EXPRESSION_UPDATE_H

#include "api/expression/ast.h"
#include "api/expression/expression.h"

/*
 * Refuses overlapping and conflicting paths and fills in `touched`. Called by update_resolve, and
 * by what makes an update without text (AttributeUpdates).
 */
bool update_build(struct expression_context *context, struct update *update);

/*
 * `item` is what the update starts from: the old item, or the key alone when there is none. The new
 * item lives in the arena.
 */
bool update_apply(struct expression_context *context,
                  const struct update *update,
                  struct bytes item,
                  struct bytes *out_item);

/* Only REMOVE and DELETE: such an update does not make an item where there is none. */
bool update_only_removes(const struct update *update);

#endif
