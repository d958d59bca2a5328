#include "storage/table/table_settings.h"

#include "storage/base/arena.h"
#include "storage/lmdb/layout.h"
#include "storage/table/table_definition.h"

#include <assert.h>
#include <string.h>

enum {
    STREAM_LABEL_SIZE_MAX = 32,
    OWNER_SIZE_MAX = QUALIFIED_NAME_SIZE_MAX + 1 + STREAM_LABEL_SIZE_MAX,
    SETTING_KEY_SIZE_MAX = 1 + OWNER_SIZE_MAX + 1, /* and a zero byte to seek behind it */
};

struct setting_key {
    uint8_t data[SETTING_KEY_SIZE_MAX];
    size_t length;
};

static struct bytes key_of(struct setting_key *key, enum setting_kind kind, struct bytes owner)
{
    assert(owner.length <= OWNER_SIZE_MAX);
    key->data[0] = (uint8_t)kind;
    if (owner.length > 0) {
        memcpy(key->data + 1, owner.data, owner.length);
    }
    key->length = 1 + owner.length;
    return (struct bytes){ key->data, key->length };
}

/* The smallest key greater than the owner's. */
static struct bytes key_after(struct setting_key *key, enum setting_kind kind, struct bytes owner)
{
    (void)key_of(key, kind, owner);
    if (owner.length > 0) {
        key->data[key->length++] = 0;
    }
    return (struct bytes){ key->data, key->length };
}

struct bytes setting_owner_of_stream(struct arena *arena, struct bytes table, struct bytes label)
{
    struct buffer owner;
    buffer_init(&owner, arena, table.length + 1 + label.length);
    buffer_append_bytes(&owner, table);
    buffer_append_u8(&owner, 0);
    buffer_append_bytes(&owner, label);
    return buffer_view(&owner);
}

bool setting_find(struct txn *txn,
                  enum setting_kind kind,
                  struct bytes owner,
                  struct bytes *out_record)
{
    struct setting_key key;
    return txn_get(txn, DATABASE_SETTINGS, key_of(&key, kind, owner), out_record);
}

void setting_put(struct txn *txn, enum setting_kind kind, struct bytes owner, struct bytes record)
{
    struct setting_key key;
    txn_put(txn, DATABASE_SETTINGS, key_of(&key, kind, owner), record);
}

void setting_remove(struct txn *txn, enum setting_kind kind, struct bytes owner)
{
    struct setting_key key;
    (void)txn_delete(txn, DATABASE_SETTINGS, key_of(&key, kind, owner));
}

bool setting_next(struct txn *txn,
                  struct arena *arena,
                  enum setting_kind kind,
                  struct bytes after,
                  struct bytes *out_owner,
                  struct bytes *out_record)
{
    struct setting_key start;
    struct cursor cursor;
    struct bytes key;
    struct bytes record;
    cursor_open(txn, DATABASE_SETTINGS, &cursor);
    bool found = cursor_seek(&cursor, key_after(&start, kind, after), &key, &record) &&
                 key.data[0] == (uint8_t)kind;
    if (found) {
        *out_owner = bytes_copy(arena, (struct bytes){ key.data + 1, key.length - 1 });
        *out_record = bytes_copy(arena, record);
    }
    cursor_close(&cursor);
    return found;
}

/* The first setting of that kind of a stream of the table. */
static bool find_of_stream(struct txn *txn,
                           enum setting_kind kind,
                           struct bytes table,
                           struct setting_key *out_key)
{
    struct setting_key prefix;
    struct bytes start = key_after(&prefix, kind, table);
    struct cursor cursor;
    struct bytes key;
    struct bytes record;
    cursor_open(txn, DATABASE_SETTINGS, &cursor);
    bool found = cursor_seek(&cursor, start, &key, &record) && bytes_start_with(key, start) &&
                 key.length <= sizeof out_key->data;
    if (found) {
        memcpy(out_key->data, key.data, key.length);
        out_key->length = key.length;
    }
    cursor_close(&cursor);
    return found;
}

void settings_forget_table(struct txn *txn, struct bytes table)
{
    for (int kind = 0; kind < SETTING_KIND_COUNT; kind++) {
        struct setting_key key;
        setting_remove(txn, (enum setting_kind)kind, table);
        while (find_of_stream(txn, (enum setting_kind)kind, table, &key)) {
            (void)txn_delete(txn, DATABASE_SETTINGS, (struct bytes){ key.data, key.length });
        }
    }
}
