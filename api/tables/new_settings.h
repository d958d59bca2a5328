/*
 * What CreateTable may set beside the definition of the table: its tags and its policy, with the
 * checks of TagResource and PutResourcePolicy.
 */

#ifndef REHEARSEDB_API_TABLES_NEW_SETTINGS_H
#define REHEARSEDB_API_TABLES_NEW_SETTINGS_H

#include "api/tables/tags_input.h"

struct new_settings {
    struct tag_set tags;
    struct bytes policy; /* as it is kept; empty: none */
};

/* Tags and ResourcePolicy of the request. False after api_fail. */
bool new_settings_of_request(struct request *request, struct new_settings *out_settings);

/* Both can be read at once. */
void new_settings_put(struct request *request,
                      const struct table_definition *table,
                      const struct new_settings *settings);

#endif
