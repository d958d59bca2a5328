/*
 * What is set for a table and not needed to read or write its items: tags, time to live and the
 * like. The data path decodes a table's catalog record on every request; what only its own
 * operations look at is kept here, a record a kind and table, in DATABASE_SETTINGS
 * (docs/storage-format.md draws the records). A module a kind encodes and decodes them: tags.h,
 * time_to_live.h, contributor_insights.h, continuous_backups.h, resource_policy.h,
 * kinesis_destinations.h.
 *
 * A setting that takes a while has the time at which it is done in its record and is read as of a
 * moment: nothing is written when a state ends.
 *
 * The owner of a setting is a table, by qualified name, or one of its streams.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_TABLE_SETTINGS_H
#define REHEARSEDB_STORAGE_TABLE_TABLE_SETTINGS_H

#include "storage/lmdb/txn.h"

struct arena;

/* The first byte of a key: never renumbered. */
enum setting_kind {
    SETTING_TAGS,
    SETTING_TIME_TO_LIVE,
    SETTING_CONTRIBUTOR_INSIGHTS,
    SETTING_CONTINUOUS_BACKUPS,
    SETTING_RESOURCE_POLICY,
    SETTING_KINESIS_DESTINATIONS,
    SETTING_KIND_COUNT,
};

/* The owner that stands for a stream of the table: its name, 00, the label. */
struct bytes setting_owner_of_stream(struct arena *arena, struct bytes table, struct bytes label);

/* The record, borrowed; false when there is none. */
bool setting_find(struct txn *txn,
                  enum setting_kind kind,
                  struct bytes owner,
                  struct bytes *out_record);
void setting_put(struct txn *txn, enum setting_kind kind, struct bytes owner, struct bytes record);
void setting_remove(struct txn *txn, enum setting_kind kind, struct bytes owner);

/* The first record of the kind whose owner comes after `after` (empty: the first of all); both
 * copied into `arena`. */
bool setting_next(struct txn *txn,
                  struct arena *arena,
                  enum setting_kind kind,
                  struct bytes after,
                  struct bytes *out_owner,
                  struct bytes *out_record);

/* Removes all settings of the table and of its streams. */
void settings_forget_table(struct txn *txn, struct bytes table);

#endif
