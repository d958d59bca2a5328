/*
 * Writers that give items a later time while the background deletes what has expired, through the
 * store with its thread at work. An item that was given a later time is there, whatever the sweep
 * was about to do with it; at the end all that expires is gone, from the index as well.
 */

#include "storage/table/time_to_live.h"
#include "tests/support/store.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

enum {
    WRITERS = 2,
    ROUNDS = 1500,
    KEYS_A_WRITER = 8,
    PATIENCE_MS = 60 * 1000,
    PAUSE_NS = 1000 * 1000,
};

struct writer {
    pthread_t thread;
    struct store *store;
    struct arena arena; /* its own: the store's belongs to the main thread */
    int number;
    int lost; /* items that were deleted although their time was later */
};

struct put {
    struct writer *writer;
    struct bytes item;
};

static bool run_put(void *context, struct txn *txn)
{
    struct put *put = context;
    struct arena *arena = &put->writer->arena;
    const struct table_definition *table = catalog_find(txn, arena, BYTES("Tab"));
    struct index_effect effects[1];
    store_change(txn, arena, table, put->item, put->item, effects);
    return true;
}

/* The item {at, pk}: names ascend. */
static struct bytes item_of(struct writer *writer, int key, int64_t at_s)
{
    struct buffer item;
    char pk[32];
    char at[32];
    int pk_length = snprintf(pk, sizeof pk, "%d-%d", writer->number, key);
    int at_length = snprintf(at, sizeof at, "%lld", (long long)at_s);
    buffer_init(&item, &writer->arena, 64);
    size_t mark = item_begin(&item);
    write_name(&item, (struct attribute_name){ .text = BYTES("at"), .is_plain = true });
    write_value(&item, (struct attribute_value){
                           .type = ATTRIBUTE_N,
                           .is_plain = true,
                           .payload = { (const uint8_t *)at, (size_t)at_length },
                       });
    write_name(&item, (struct attribute_name){ .text = BYTES("pk"), .is_plain = true });
    write_value(&item, (struct attribute_value){
                           .type = ATTRIBUTE_S,
                           .is_plain = true,
                           .payload = { (const uint8_t *)pk, (size_t)pk_length },
                       });
    return item_end(&item, mark);
}

static void put(struct writer *writer, struct bytes item)
{
    struct put context = { .writer = writer, .item = item };
    enum storage_status status =
        committer_run(writer->store->storage.committer, run_put, &context, false);
    store_require(status == STORAGE_OK, "a store that can be written");
}

static bool is_there(struct writer *writer, struct bytes item)
{
    struct txn txn;
    struct key key;
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    struct bytes found;
    txn_begin_read(writer->store->storage.env, &txn);
    const struct table_definition *table = catalog_find(&txn, &writer->arena, BYTES("Tab"));
    store_require(item_key_values(item, &table->key, values), "an item with the table's key");
    item_key_of_values(&writer->arena, &table->key, values, &key);
    bool there = txn_get(&txn, table->database, key_view(&key), &found);
    txn_abort(&txn);
    return there;
}

static void *write_all(void *context)
{
    struct writer *writer = context;
    int64_t now_s = clock_now_ms(&writer->store->clock) / 1000;
    for (int round = 0; round < ROUNDS; round++) {
        int key = round % KEYS_A_WRITER;
        arena_reset(&writer->arena);
        put(writer, item_of(writer, key, now_s - 100));
        struct bytes renewed = item_of(writer, key, now_s + 10000);
        put(writer, renewed);
        writer->lost += !is_there(writer, renewed);
    }
    for (int key = 0; key < KEYS_A_WRITER; key++) {
        put(writer, item_of(writer, key, now_s - 100));
    }
    return NULL;
}

static void run_writers(struct store *store)
{
    struct writer writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){ .store = store, .number = i };
        arena_init(&writers[i].arena);
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_all, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        (void)pthread_join(writers[i].thread, NULL);
        arena_deinit(&writers[i].arena);
        assert_int_equal(writers[i].lost, 0);
    }
}

static void renewed_items_stay_and_expired_ones_go(void **state)
{
    static const struct store_index INDEX = { .name = "by", .key = "at:N", .projection = "ALL" };
    const struct time_to_live setting = { .is_enabled = true, .attribute_name = BYTES("at") };
    struct store store;
    struct txn txn;
    (void)state;
    store_open(&store,
               (struct store_options){ .has_thread = true, .durations = { .ttl_sweep_ms = 1 } });
    store_create_table(&store, "Tab", "pk:S", &INDEX, 1);
    txn_begin_write(store.storage.env, &txn);
    time_to_live_put(&txn, &store.arena, BYTES("Tab"), &setting);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    background_wake(store.storage.background);
    run_writers(&store);
    for (int waited = 0; store_count(&store, "Tab", NULL) > 0; waited++) {
        assert_true(waited < PATIENCE_MS);
        (void)nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
    }
    assert_int_equal(store_count(&store, "Tab", "by"), 0);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renewed_items_stay_and_expired_ones_go),
    };
    return cmocka_run_group_tests_name("concurrent_expiry", tests, NULL, NULL);
}
