/*
 * A definition as bytes in the catalog; docs/storage-format.md draws them.
 *
 * A record starts with a byte that says whether anything of it waits for time or work, so that the
 * background walk skips settled tables without decoding them.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_TABLE_RECORD_H
#define REHEARSEDB_STORAGE_TABLE_TABLE_RECORD_H

#include "storage/table/table_definition.h"

void table_record_write(struct buffer *to, const struct table_definition *table);

bool table_record_waits(struct bytes record);

/*
 * False for a damaged record. All but the names of the table, which are the record's key, and the
 * derived members is filled in; texts are views into the record.
 */
bool table_record_read(struct bytes record,
                       struct arena *arena,
                       struct table_definition *out_table);

#endif
