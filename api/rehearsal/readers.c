#include "api/rehearsal/readers.h"

#include "api/rehearsal/caller_text.h"
#include "storage/base/arena.h"
#include "storage/base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRIPES = 8,
    BUCKETS = 1024,          /* of a stripe; a power of two */
    APART_MAX = 4096,        /* uses of a stripe whose callers are told apart */
    COUNTERS_MAX = 5 * 1024, /* of a stripe, with those of READERS_OTHERS */
};

struct counter {
    struct counter *next; /* in its bucket */
    uint64_t hash;
    struct use_count value; /* texts in the memory behind the counter */
};

struct stripe {
    pthread_mutex_t lock;
    struct counter *buckets[BUCKETS];
    size_t count;
};

/* A table that has been reset. */
struct reset {
    struct reset *next;
    int64_t since_ms;
    size_t name_length;
    uint8_t name[];
};

struct readers {
    int64_t started_ms;
    pthread_mutex_t resets_lock;
    struct reset *resets;
    struct stripe stripes[STRIPES];
};

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL) {
        log_error("out of memory");
        abort();
    }
    return memory;
}

/* ---- opening, closing ---- */

struct readers *readers_open(int64_t now_ms)
{
    struct readers *readers = calloc(1, sizeof *readers);
    if (readers == NULL) {
        return NULL;
    }
    readers->started_ms = now_ms;
    (void)pthread_mutex_init(&readers->resets_lock, NULL);
    for (size_t i = 0; i < STRIPES; i++) {
        (void)pthread_mutex_init(&readers->stripes[i].lock, NULL);
    }
    return readers;
}

/* Something to do with each counter of a stripe, under its lock; true: it is freed. */
typedef bool visit_counter(void *context, const struct counter *counter);

static void visit_stripe(struct stripe *stripe, visit_counter *visit, void *context)
{
    (void)pthread_mutex_lock(&stripe->lock);
    for (size_t i = 0; i < BUCKETS; i++) {
        struct counter **link = &stripe->buckets[i];
        while (*link != NULL) {
            struct counter *counter = *link;
            if (visit(context, counter)) {
                *link = counter->next;
                stripe->count--;
                free(counter);
            } else {
                link = &counter->next;
            }
        }
    }
    (void)pthread_mutex_unlock(&stripe->lock);
}

static bool free_all(void *context, const struct counter *counter)
{
    (void)context;
    (void)counter;
    return true;
}

void readers_forget_all(struct readers *readers)
{
    for (size_t i = 0; i < STRIPES; i++) {
        visit_stripe(&readers->stripes[i], free_all, NULL);
    }
    (void)pthread_mutex_lock(&readers->resets_lock);
    while (readers->resets != NULL) {
        struct reset *next = readers->resets->next;
        free(readers->resets);
        readers->resets = next;
    }
    (void)pthread_mutex_unlock(&readers->resets_lock);
}

void readers_close(struct readers *readers)
{
    readers_forget_all(readers);
    for (size_t i = 0; i < STRIPES; i++) {
        (void)pthread_mutex_destroy(&readers->stripes[i].lock);
    }
    (void)pthread_mutex_destroy(&readers->resets_lock);
    free(readers);
}

/* ---- recording ---- */

static struct stripe *own_stripe(struct readers *readers)
{
    static atomic_uint threads;
    static _Thread_local unsigned number; /* 0: none yet */
    if (number == 0) {
        number = atomic_fetch_add(&threads, 1) % STRIPES + 1;
    }
    return &readers->stripes[number - 1];
}

/* User agents are long, so eight bytes at a time. */
static uint64_t hash_bytes(uint64_t hash, struct bytes text)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    size_t done = 0;
    while (done < text.length) {
        uint64_t word = 0;
        size_t size = text.length - done < sizeof word ? text.length - done : sizeof word;
        memcpy(&word, text.data + done, size);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
        done += size;
    }
    return (hash ^ text.length) * factor;
}

static uint64_t hash_use(const struct use *use)
{
    uint64_t hash = hash_bytes((uint64_t)use->kind, use->table_name);
    hash = hash_bytes(hash, use->index_name);
    hash = hash_bytes(hash, use->access_key_id);
    hash = hash_bytes(hash, use->user_agent);
    return hash_bytes(hash, bytes_of_text(use->operation));
}

static bool uses_are_equal(const struct use *left, const struct use *right)
{
    return left->kind == right->kind && bytes_equal(left->table_name, right->table_name) &&
           bytes_equal(left->index_name, right->index_name) &&
           bytes_equal(left->access_key_id, right->access_key_id) &&
           bytes_equal(left->user_agent, right->user_agent) &&
           strcmp(left->operation, right->operation) == 0;
}

static struct counter **bucket_of(struct stripe *stripe, uint64_t hash)
{
    return &stripe->buckets[(hash >> 40) & (BUCKETS - 1)];
}

static struct counter *find(struct stripe *stripe, const struct use *use, uint64_t hash)
{
    struct counter *counter = *bucket_of(stripe, hash);
    while (counter != NULL &&
           (counter->hash != hash || !uses_are_equal(&counter->value.use, use))) {
        counter = counter->next;
    }
    return counter;
}

static struct bytes copy_text(uint8_t **to, struct bytes text)
{
    struct bytes copy = { *to, text.length };
    if (text.length > 0) {
        memcpy(*to, text.data, text.length);
    }
    *to += text.length;
    return copy;
}

static struct counter *create(struct stripe *stripe, const struct use *use, uint64_t hash)
{
    struct counter *counter =
        allocate(sizeof *counter + use->table_name.length + use->index_name.length +
                 use->access_key_id.length + use->user_agent.length);
    uint8_t *texts = (uint8_t *)(counter + 1);
    struct counter **bucket = bucket_of(stripe, hash);
    *counter = (struct counter){
        .next = *bucket,
        .hash = hash,
        .value.use = { .kind = use->kind,
                       .table_name = copy_text(&texts, use->table_name),
                       .index_name = copy_text(&texts, use->index_name),
                       .access_key_id = copy_text(&texts, use->access_key_id),
                       .user_agent = copy_text(&texts, use->user_agent),
                       .operation = use->operation },
    };
    *bucket = counter;
    stripe->count++;
    return counter;
}

/* The counter, made when there is room for it; NULL when there is none. */
static struct counter *counter_of(struct stripe *stripe, const struct use *use, size_t count_max)
{
    uint64_t hash = hash_use(use);
    struct counter *counter = find(stripe, use, hash);
    if (counter == NULL && stripe->count < count_max) {
        counter = create(stripe, use, hash);
    }
    return counter;
}

void readers_record(struct readers *readers, const struct use *use, int64_t now_ms)
{
    struct stripe *stripe = own_stripe(readers);
    struct use kept = *use;
    kept.access_key_id = caller_text_cut(use->access_key_id);
    kept.user_agent = caller_text_cut(use->user_agent);
    (void)pthread_mutex_lock(&stripe->lock);
    struct counter *counter = counter_of(stripe, &kept, APART_MAX);
    if (counter == NULL) {
        kept.access_key_id = kept.user_agent = BYTES(READERS_OTHERS);
        counter = counter_of(stripe, &kept, COUNTERS_MAX);
    }
    if (counter == NULL) { /* names of indexes that there never were, from an endless supply */
        kept.index_name = kept.index_name.length > 0 ? BYTES(READERS_OTHERS) : BYTES("");
        counter = counter_of(stripe, &kept, SIZE_MAX);
    }
    counter->value.count++;
    if (counter->value.last_ms < now_ms) {
        counter->value.last_ms = now_ms;
    }
    (void)pthread_mutex_unlock(&stripe->lock);
}

/* ---- resetting ---- */

static bool is_of_table(void *context, const struct counter *counter)
{
    return bytes_equal(counter->value.use.table_name, *(const struct bytes *)context);
}

/* The place of the table's reset in the list, or the end. Under the lock. */
static struct reset **find_reset(struct readers *readers, struct bytes table_name)
{
    struct reset **link = &readers->resets;
    while (*link != NULL &&
           !bytes_equal((struct bytes){ (*link)->name, (*link)->name_length }, table_name)) {
        link = &(*link)->next;
    }
    return link;
}

static void drop_counters(struct readers *readers, struct bytes table_name)
{
    for (size_t i = 0; i < STRIPES; i++) {
        visit_stripe(&readers->stripes[i], is_of_table, &table_name);
    }
}

void readers_reset(struct readers *readers, struct bytes table_name, int64_t now_ms)
{
    (void)pthread_mutex_lock(&readers->resets_lock);
    struct reset **link = find_reset(readers, table_name);
    if (*link == NULL) {
        *link = allocate(sizeof **link + table_name.length);
        **link = (struct reset){ .name_length = table_name.length };
        memcpy((*link)->name, table_name.data, table_name.length);
    }
    (*link)->since_ms = now_ms;
    (void)pthread_mutex_unlock(&readers->resets_lock);
    drop_counters(readers, table_name);
}

void readers_forget(struct readers *readers, struct bytes table_name)
{
    (void)pthread_mutex_lock(&readers->resets_lock);
    struct reset **link = find_reset(readers, table_name);
    struct reset *gone = *link;
    if (gone != NULL) {
        *link = gone->next;
        free(gone);
    }
    (void)pthread_mutex_unlock(&readers->resets_lock);
    drop_counters(readers, table_name);
}

/* ---- reading ---- */

int64_t readers_since(struct readers *readers, struct bytes table_name)
{
    (void)pthread_mutex_lock(&readers->resets_lock);
    const struct reset *reset = *find_reset(readers, table_name);
    int64_t since_ms = reset != NULL ? reset->since_ms : readers->started_ms;
    (void)pthread_mutex_unlock(&readers->resets_lock);
    return since_ms;
}

struct collection {
    struct arena *arena;
    struct bytes table_name;
    struct use_count *counts;
    size_t count;
    size_t capacity;
};

static bool collect(void *context, const struct counter *counter)
{
    struct collection *collection = context;
    const struct use *use = &counter->value.use;
    if (!bytes_equal(use->table_name, collection->table_name)) {
        return false;
    }
    if (collection->count == collection->capacity) {
        size_t capacity = collection->capacity == 0 ? 64 : collection->capacity * 2;
        struct use_count *counts = arena_alloc(collection->arena, capacity * sizeof *counts);
        if (collection->count > 0) {
            memcpy(counts, collection->counts, collection->count * sizeof *counts);
        }
        collection->counts = counts;
        collection->capacity = capacity;
    }
    struct use_count *copy = &collection->counts[collection->count++];
    *copy = counter->value;
    copy->use.table_name = collection->table_name;
    copy->use.index_name = bytes_copy(collection->arena, use->index_name);
    copy->use.access_key_id = bytes_copy(collection->arena, use->access_key_id);
    copy->use.user_agent = bytes_copy(collection->arena, use->user_agent);
    return false;
}

static int compare_counts(const void *left, const void *right)
{
    const struct use *one = &((const struct use_count *)left)->use;
    const struct use *other = &((const struct use_count *)right)->use;
    int order = bytes_compare(one->index_name, other->index_name);
    order = order != 0 ? order : bytes_compare(one->access_key_id, other->access_key_id);
    order = order != 0 ? order : bytes_compare(one->user_agent, other->user_agent);
    order = order != 0 ? order : strcmp(one->operation, other->operation);
    return order != 0 ? order : (int)one->kind - (int)other->kind;
}

/* Of the same use in several stripes: one. */
static size_t merge(struct use_count *counts, size_t count)
{
    size_t merged = 0;
    for (size_t i = 0; i < count; i++) {
        if (merged > 0 && uses_are_equal(&counts[merged - 1].use, &counts[i].use)) {
            struct use_count *into = &counts[merged - 1];
            into->count += counts[i].count;
            into->last_ms = into->last_ms > counts[i].last_ms ? into->last_ms : counts[i].last_ms;
        } else {
            counts[merged++] = counts[i];
        }
    }
    return merged;
}

struct use_count *readers_counts(struct readers *readers,
                                 struct arena *arena,
                                 struct bytes table_name,
                                 size_t *out_count)
{
    struct collection collection = { .arena = arena, .table_name = table_name };
    for (size_t i = 0; i < STRIPES; i++) {
        visit_stripe(&readers->stripes[i], collect, &collection);
    }
    if (collection.count > 0) {
        qsort(collection.counts, collection.count, sizeof *collection.counts, compare_counts);
    }
    *out_count = merge(collection.counts, collection.count);
    return collection.counts;
}
