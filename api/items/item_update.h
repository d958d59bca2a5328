/*
 * An update against its table: which attributes it may not touch, the new item, and what that must
 * not put into the key of an index.
 *
 * Both return false after api_fail.
 */

#ifndef REHEARSEDB_API_ITEMS_ITEM_UPDATE_H
#define REHEARSEDB_API_ITEMS_ITEM_UPDATE_H

#include "api/expression/ast.h"
#include "api/request.h"

/* What the request and the table tell, without reading. */
bool item_update_check(struct request *request,
                       const struct table_definition *table,
                       const struct update *update);

/*
 * The new item, in the request's arena, from the old one (or the key alone). Keys of indexes are
 * checked where the update touches them: a wrong one that was there before may stay.
 */
bool item_update_apply(struct request *request,
                       const struct table_definition *table,
                       const struct update *update,
                       struct bytes item,
                       struct bytes *out_item);

#endif
