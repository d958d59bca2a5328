#include "storage/table/freezes.h"

#include "storage/lmdb/layout.h"
#include "storage/table/table_definition.h"

#include <assert.h>
#include <string.h>

struct freeze_key {
    uint8_t data[QUALIFIED_NAME_SIZE_MAX + 1];
};

/* The key that a hold on an index without a name would have; hold_forget_table removes it, too. */
static struct bytes key_of(struct freeze_key *key, struct bytes table)
{
    assert(table.length <= QUALIFIED_NAME_SIZE_MAX);
    memcpy(key->data, table.data, table.length);
    key->data[table.length] = 0;
    return (struct bytes){ key->data, table.length + 1 };
}

bool freeze_find(struct txn *txn, struct bytes table, struct bytes *out_error)
{
    struct freeze_key key;
    return table.length > 0 && table.length <= QUALIFIED_NAME_SIZE_MAX &&
           txn_get(txn, DATABASE_HOLDS, key_of(&key, table), out_error);
}

void freeze_set(struct txn *txn, struct bytes table, struct bytes error)
{
    struct freeze_key key;
    txn_put(txn, DATABASE_HOLDS, key_of(&key, table), error);
}

bool freeze_remove(struct txn *txn, struct bytes table)
{
    struct freeze_key key;
    return txn_delete(txn, DATABASE_HOLDS, key_of(&key, table));
}
