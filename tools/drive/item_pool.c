#include "tools/drive/item_pool.h"

#include "tools/process.h"

#include <pthread.h>
#include <stdlib.h>

struct item_pool {
    pthread_mutex_t lock;
    struct owned_item *items;
    int64_t run;
    size_t capacity;
    size_t begun;
};

struct item_pool *item_pool_open(int64_t run, size_t item_count)
{
    struct item_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL || (pool->items = calloc(item_count, sizeof *pool->items)) == NULL) {
        abort(); /* out of memory */
    }
    (void)pthread_mutex_init(&pool->lock, NULL);
    pool->run = run;
    pool->capacity = item_count;
    return pool;
}

void item_pool_close(struct item_pool *pool)
{
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool->items);
    free(pool);
}

static struct owned_item *find_free(struct item_pool *pool, uint64_t chance)
{
    for (size_t i = 0; i < pool->begun; i++) {
        struct owned_item *item = &pool->items[(chance + i) % pool->begun];
        if (!item->is_taken) {
            return item;
        }
    }
    return NULL;
}

static struct owned_item *begin(struct item_pool *pool)
{
    struct owned_item *item = &pool->items[pool->begun];
    item->identity = (struct item_identity){ .run = pool->run, .number = (int64_t)pool->begun };
    ledger_init(&item->ledger, process_now_ms());
    pool->begun++;
    return item;
}

static struct owned_item *take(struct item_pool *pool, uint64_t chance, bool may_begin)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool begins = may_begin && pool->begun < pool->capacity && chance % 2 == 0;
    struct owned_item *item = begins ? begin(pool) : find_free(pool, chance / 2);
    if (item == NULL && may_begin && pool->begun < pool->capacity) {
        item = begin(pool);
    }
    if (item != NULL) {
        item->is_taken = true;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return item;
}

struct owned_item *item_pool_take(struct item_pool *pool, uint64_t chance)
{
    return take(pool, chance, false);
}

struct owned_item *item_pool_take_or_begin(struct item_pool *pool, uint64_t chance)
{
    return take(pool, chance, true);
}

void item_pool_give_back(struct item_pool *pool, struct owned_item *item)
{
    (void)pthread_mutex_lock(&pool->lock);
    item->is_taken = false;
    (void)pthread_mutex_unlock(&pool->lock);
}

size_t item_pool_count(struct item_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    size_t count = pool->begun;
    (void)pthread_mutex_unlock(&pool->lock);
    return count;
}

struct owned_item *item_pool_at(struct item_pool *pool, size_t number)
{
    return &pool->items[number];
}
