/*
 * The items that a drive owns: a fixed number, each with its ledger. Who works on an item takes it
 * out of the pool meanwhile, so that nobody else reads or writes it; any thread may.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_ITEM_POOL_H
#define REHEARSEDB_TOOLS_DRIVE_ITEM_POOL_H

#include "tools/drive/ledger.h"

struct item_pool;

struct owned_item {
    struct item_identity identity;
    struct ledger ledger;
    bool is_taken;
};

struct item_pool *item_pool_open(int64_t run, size_t item_count);
void item_pool_close(struct item_pool *pool);

/* An item that was begun, by chance; NULL: there is none that nobody else has. */
struct owned_item *item_pool_take(struct item_pool *pool, uint64_t chance);

/* The same, or as often, while there are such, one that was never written. */
struct owned_item *item_pool_take_or_begin(struct item_pool *pool, uint64_t chance);
void item_pool_give_back(struct item_pool *pool, struct owned_item *item);

/* How many were begun, and each of them; for one thread an item, once the readers and writers are
 * gone. */
size_t item_pool_count(struct item_pool *pool);
struct owned_item *item_pool_at(struct item_pool *pool, size_t number);

#endif
