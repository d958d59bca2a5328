#include "storage/table/holds.h"

#include "storage/lmdb/layout.h"
#include "storage/table/table_definition.h"

#include <assert.h>
#include <string.h>

#include <nettle/md5.h>

enum { INDEX_HASH_SIZE = 16 };

struct hold_key {
    uint8_t data[QUALIFIED_NAME_SIZE_MAX + 1 + INDEX_HASH_SIZE];
    size_t length;
};

/* Names hold no zero byte (the service's pattern), so one behind the table's is enough. */
static struct bytes key_of_table(struct hold_key *key, struct bytes table)
{
    assert(table.length <= QUALIFIED_NAME_SIZE_MAX);
    memcpy(key->data, table.data, table.length);
    key->data[table.length] = 0;
    key->length = table.length + 1;
    return (struct bytes){ key->data, key->length };
}

/* The index by a hash of its name: two names in full may be longer than a key of LMDB. */
static struct bytes key_of(struct hold_key *key, struct bytes table, struct bytes index)
{
    struct md5_ctx context;
    (void)key_of_table(key, table);
    md5_init(&context);
    md5_update(&context, index.length, index.data);
    md5_digest(&context, INDEX_HASH_SIZE, key->data + key->length);
    key->length += INDEX_HASH_SIZE;
    return (struct bytes){ key->data, key->length };
}

bool hold_find(struct txn *txn, struct bytes table, struct bytes index, struct hold *out_hold)
{
    struct hold_key key;
    struct bytes record;
    if (!txn_get(txn, DATABASE_HOLDS, key_of(&key, table, index), &record)) {
        return false;
    }
    struct reader reader = reader_of(record);
    out_hold->phase = (enum hold_phase)reader_u8(&reader);
    out_hold->after_items = reader_u64(&reader);
    return !reader.failed;
}

void hold_set(struct txn *txn, struct bytes table, struct bytes index, struct hold hold)
{
    struct hold_key key;
    uint8_t record[9] = { (uint8_t)hold.phase };
    for (size_t i = 0; i < 8; i++) {
        record[1 + i] = (uint8_t)(hold.after_items >> (8 * i));
    }
    txn_put(txn, DATABASE_HOLDS, key_of(&key, table, index),
            (struct bytes){ record, sizeof record });
}

bool hold_release(struct txn *txn, struct bytes table, struct bytes index)
{
    struct hold_key key;
    return txn_delete(txn, DATABASE_HOLDS, key_of(&key, table, index));
}

/* The first hold on an index of the table; false: there is none. */
static bool find_first(struct txn *txn, struct bytes table, struct hold_key *out_key)
{
    struct hold_key prefix;
    struct bytes start = key_of_table(&prefix, table);
    struct cursor cursor;
    struct bytes key;
    struct bytes record;
    cursor_open(txn, DATABASE_HOLDS, &cursor);
    bool found = cursor_seek(&cursor, start, &key, &record) && bytes_start_with(key, start) &&
                 key.length <= sizeof out_key->data;
    if (found) {
        memcpy(out_key->data, key.data, key.length);
        out_key->length = key.length;
    }
    cursor_close(&cursor);
    return found;
}

void hold_forget_table(struct txn *txn, struct bytes table)
{
    struct hold_key key;
    while (find_first(txn, table, &key)) {
        (void)txn_delete(txn, DATABASE_HOLDS, (struct bytes){ key.data, key.length });
    }
}
