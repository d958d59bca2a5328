/* The whole store saved, put back and emptied, in memory and on disk; and its clock kept. */

#include "storage/snapshots/snapshots.h"

#include "storage/lmdb/layout.h"
#include "tests/support/store.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALLOCATE_MS = 100, BACKFILL_MS = 200, DAY_MS = 24 * 60 * 60 * 1000 };

static const struct store_index BY_A = { "by_a", "a:S", "ALL", false };
static const struct store_index BY_B = { "by_b", "b:S", "KEYS_ONLY", false };

static struct store store;

static int open_store(bool is_durable)
{
    store_open(&store, (struct store_options){ .is_durable = is_durable,
                                               .durations = { .index_allocate_ms = ALLOCATE_MS,
                                                              .index_backfill_ms = BACKFILL_MS } });
    store_create_table(&store, "T", "pk:S", &BY_A, 1);
    store_put(&store, "T", "{pk: 'p1', a: 'x', b: 'u'}");
    store_put(&store, "T", "{pk: 'p2', a: 'y', b: 'v'}");
    return 0;
}

static int set_up_durable(void **state)
{
    (void)state;
    return open_store(true);
}

static int set_up_memory(void **state)
{
    (void)state;
    return open_store(false);
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

/* ---- short forms ---- */

static struct snapshots *snapshots(void)
{
    return store.storage.snapshots;
}

static struct snapshot save(const char *name)
{
    struct snapshot snapshot;
    enum storage_status status;
    assert_int_equal(snapshots_save(snapshots(), bytes_of_text(name), false, &snapshot, &status),
                     SNAPSHOT_DONE);
    return snapshot;
}

static void restore(const char *name)
{
    enum storage_status status;
    assert_int_equal(snapshots_restore(snapshots(), bytes_of_text(name), &status), SNAPSHOT_DONE);
}

static enum snapshot_outcome outcome_of_restore(const char *name)
{
    enum storage_status status;
    return snapshots_restore(snapshots(), bytes_of_text(name), &status);
}

/* "one two": the names, in the order of the list. */
static const char *names(void)
{
    struct buffer text;
    size_t count;
    const struct snapshot *list = snapshots_list(snapshots(), &store.arena, &count);
    buffer_init(&text, &store.arena, 64);
    for (size_t i = 0; i < count; i++) {
        buffer_append_format(&text, "%s%.*s", i > 0 ? " " : "", BYTES_ARGUMENTS(list[i].name));
    }
    return bytes_to_text(&store.arena, buffer_view(&text));
}

/* A file in the data directory. */
static const char *path_of(const char *file_name)
{
    struct buffer path;
    buffer_init(&path, &store.arena, 64);
    buffer_append_format(&path, "%s/%s", store.directory, file_name);
    return bytes_to_text(&store.arena, buffer_view(&path));
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* ---- what a restore brings back ---- */

static void a_restore_brings_items_index_entries_and_sizes_back(void **state)
{
    (void)state;
    const char *items = store_content(&store, "T", NULL);
    uint64_t size = store_size(&store, "T", NULL);
    uint64_t index_size = store_size(&store, "T", "by_a");
    (void)save("before");
    store_put(&store, "T", "{pk: 'p3', a: 'z'}");
    store_put(&store, "T", "{pk: 'p1', a: 'w'}");
    store_delete(&store, "T", "{pk: 'p2'}");
    restore("before");
    assert_string_equal(store_content(&store, "T", NULL), items);
    assert_string_equal(store_content(&store, "T", "by_a"), items);
    assert_int_equal(store_count(&store, "T", NULL), 2);
    assert_int_equal(store_size(&store, "T", NULL), size);
    assert_int_equal(store_size(&store, "T", "by_a"), index_size);
}

static void what_came_after_the_snapshot_is_gone_and_may_come_again(void **state)
{
    (void)state;
    (void)save("before");
    for (int i = 0; i < 3; i++) {
        store_create_table(&store, "Other", "pk:S", &BY_B, 1);
        store_create_index(&store, "T", BY_B);
        store_advance(&store, ALLOCATE_MS);
        store_advance(&store, BACKFILL_MS);
        assert_int_equal(store_index(&store, "T", "by_b")->phase, INDEX_ACTIVE);
        store_put(&store, "Other", "{pk: 'o', b: 'u'}");
        assert_int_equal(store_count(&store, "Other", "by_b"), 1);
        restore("before");
        assert_null(store_table(&store, "Other"));
        assert_null(store_index(&store, "T", "by_b"));
        store_settle(&store);
    }
}

static void what_was_dropped_after_the_snapshot_is_back(void **state)
{
    (void)state;
    const char *items = store_content(&store, "T", NULL);
    (void)save("before");
    store_delete_index(&store, "T", "by_a");
    store_settle(&store);
    store_delete_table(&store, "T");
    store_settle(&store);
    store_create_table(&store, "U", "k:N", NULL, 0); /* takes the numbers of what was dropped */
    store_put(&store, "U", "{k: 1}");
    restore("before");
    assert_null(store_table(&store, "U"));
    assert_string_equal(store_content(&store, "T", NULL), items);
    assert_string_equal(store_content(&store, "T", "by_a"), items);
}

static void a_held_build_goes_on_where_it_stood(void **state)
{
    (void)state;
    store_hold(&store, "T", "by_b", (struct hold){ HOLD_BACKFILLING, 1 });
    store_create_index(&store, "T", BY_B);
    store_advance(&store, ALLOCATE_MS);
    assert_int_equal(store_count(&store, "T", "by_b"), 1);
    (void)save("held");
    store_release(&store, "T", "by_b");
    store_advance(&store, BACKFILL_MS);
    assert_int_equal(store_index(&store, "T", "by_b")->phase, INDEX_ACTIVE);
    restore("held");
    store_advance(&store, DAY_MS);
    assert_int_equal(store_index(&store, "T", "by_b")->phase, INDEX_BACKFILLING);
    assert_int_equal(store_count(&store, "T", "by_b"), 1);
    store_release(&store, "T", "by_b");
    store_settle(&store);
    assert_int_equal(store_index(&store, "T", "by_b")->phase, INDEX_ACTIVE);
    assert_int_equal(store_count(&store, "T", "by_b"), 2);
}

/* What it says is due is due by the clock, which did not go back. */
static void a_state_that_was_due_meanwhile_ends_at_once(void **state)
{
    (void)state;
    store_create_index(&store, "T", BY_B);
    (void)save("allocating");
    store_advance(&store, ALLOCATE_MS);
    restore("allocating");
    assert_int_equal(store_index(&store, "T", "by_b")->phase, INDEX_ALLOCATING);
    store_settle(&store);
    assert_int_equal(store_index(&store, "T", "by_b")->phase, INDEX_BACKFILLING);
}

static void a_snapshot_may_be_restored_again_and_again(void **state)
{
    (void)state;
    const char *items = store_content(&store, "T", NULL);
    (void)save("first");
    store_put(&store, "T", "{pk: 'p3'}");
    const char *more = store_content(&store, "T", NULL);
    (void)save("second");
    for (int i = 0; i < 5; i++) {
        restore("first");
        assert_string_equal(store_content(&store, "T", NULL), items);
        restore("second");
        assert_string_equal(store_content(&store, "T", NULL), more);
        store_put(&store, "T", "{pk: 'p4'}"); /* in the store, not in the snapshot */
    }
}

/* ---- names ---- */

static void snapshots_are_listed_by_name_with_time_size_and_tables(void **state)
{
    (void)state;
    assert_string_equal(names(), "");
    int64_t first_ms = clock_now_ms(&store.clock);
    struct snapshot taken = save("b");
    store_create_table(&store, "Other", "pk:S", NULL, 0);
    store_advance(&store, DAY_MS);
    (void)save("a..");
    (void)save(".");
    assert_string_equal(names(), ". a.. b");
    size_t count;
    const struct snapshot *list = snapshots_list(snapshots(), &store.arena, &count);
    assert_int_equal(list[1].taken_ms, first_ms + DAY_MS);
    assert_int_equal(list[1].table_count, 2);
    assert_int_equal(list[2].taken_ms, first_ms);
    assert_int_equal(list[2].table_count, 1);
    assert_true(list[2].size_bytes > 0);
    assert_int_equal(list[2].size_bytes, taken.size_bytes);
    assert_int_equal(list[2].taken_ms, taken.taken_ms);
}

static void a_name_is_taken_until_it_is_replaced_or_deleted(void **state)
{
    (void)state;
    struct snapshot snapshot;
    enum storage_status status;
    (void)save("one");
    store_put(&store, "T", "{pk: 'p3'}");
    assert_int_equal(snapshots_save(snapshots(), BYTES("one"), false, &snapshot, &status),
                     SNAPSHOT_EXISTS);
    assert_int_equal(snapshots_save(snapshots(), BYTES("one"), true, &snapshot, &status),
                     SNAPSHOT_DONE);
    store_delete(&store, "T", "{pk: 'p3'}");
    restore("one");
    assert_int_equal(store_count(&store, "T", NULL), 3);
    assert_int_equal(snapshots_delete(snapshots(), BYTES("one"), &status), SNAPSHOT_DONE);
    assert_int_equal(snapshots_delete(snapshots(), BYTES("one"), &status), SNAPSHOT_UNKNOWN);
    assert_int_equal(outcome_of_restore("one"), SNAPSHOT_UNKNOWN);
    assert_string_equal(names(), "");
}

static void names_are_letters_digits_and_three_marks(void **state)
{
    (void)state;
    static const char *const valid[] = { "a", "A-9_z.", "..", "-" };
    static const char *const invalid[] = { "", "a/b", "../a", "a b", "a\n", "\xc3\xa4" };
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        assert_true(snapshot_name_is_valid(bytes_of_text(valid[i])));
    }
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        assert_false(snapshot_name_is_valid(bytes_of_text(invalid[i])));
    }
    uint8_t longest[SNAPSHOT_NAME_SIZE_MAX + 1];
    memset(longest, 'x', sizeof longest);
    assert_true(snapshot_name_is_valid((struct bytes){ longest, SNAPSHOT_NAME_SIZE_MAX }));
    assert_false(snapshot_name_is_valid((struct bytes){ longest, sizeof longest }));
}

static void there_is_a_greatest_number_of_snapshots(void **state)
{
    (void)state;
    struct snapshot snapshot;
    enum storage_status status;
    for (int i = 0; i < SNAPSHOTS_MAX; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "s%d", i);
        (void)save(name);
    }
    assert_int_equal(snapshots_save(snapshots(), BYTES("more"), false, &snapshot, &status),
                     SNAPSHOT_TOO_MANY);
    assert_int_equal(snapshots_save(snapshots(), BYTES("s0"), true, &snapshot, &status),
                     SNAPSHOT_DONE);
}

/* ---- reset ---- */

static void a_reset_leaves_an_empty_store_and_the_snapshots(void **state)
{
    (void)state;
    const char *items = store_content(&store, "T", NULL);
    struct hold hold;
    struct txn txn;
    store_hold(&store, "T", "by_b", (struct hold){ HOLD_ALLOCATING, 0 });
    (void)save("before");
    metrics_add(store.storage.metrics, &(struct metric_series){ .metric = METRIC_USER_ERRORS }, 1);
    assert_int_equal(snapshots_reset(snapshots()), STORAGE_OK);
    assert_null(store_table(&store, "T"));
    txn_begin_read(store.storage.env, &txn);
    assert_int_equal(catalog_count(&txn), 0);
    assert_false(hold_find(&txn, BYTES("T"), BYTES("by_b"), &hold));
    txn_abort(&txn);
    size_t totals;
    (void)metrics_totals(store.storage.metrics, &store.arena, &totals);
    assert_int_equal(totals, 0);
    store_create_table(&store, "T", "pk:S", &BY_A, 1);
    assert_string_equal(store_content(&store, "T", NULL), "");
    assert_int_equal(store_size(&store, "T", NULL), 0);
    restore("before");
    assert_string_equal(store_content(&store, "T", NULL), items);
}

static enum store_change told[4];
static size_t told_count;

static void hear(void *context, enum store_change change)
{
    (void)context;
    assert_true(told_count < sizeof told / sizeof *told);
    told[told_count++] = change;
}

static void listeners_hear_of_every_other_store(void **state)
{
    (void)state;
    told_count = 0;
    snapshots_listen(snapshots(), hear, NULL);
    (void)save("before");
    assert_int_equal(told_count, 0);
    restore("before");
    assert_int_equal(snapshots_reset(snapshots()), STORAGE_OK);
    assert_int_equal(outcome_of_restore("unknown"), SNAPSHOT_UNKNOWN);
    assert_int_equal(told_count, 2);
    assert_int_equal(told[0], STORE_RESTORED);
    assert_int_equal(told[1], STORE_EMPTIED);
}

/* ---- on disk ---- */

static void snapshots_and_what_was_restored_survive_a_restart(void **state)
{
    (void)state;
    const char *items = store_content(&store, "T", NULL);
    (void)save("before");
    store_put(&store, "T", "{pk: 'p3'}");
    store_reopen(&store);
    assert_string_equal(names(), "before");
    assert_int_equal(store_count(&store, "T", NULL), 3);
    restore("before");
    store_reopen(&store);
    assert_string_equal(store_content(&store, "T", NULL), items);
    store_put(&store, "T", "{pk: 'p4'}");
    store_reopen(&store);
    assert_int_equal(store_count(&store, "T", NULL), 3);
    assert_int_equal(snapshots_reset(snapshots()), STORAGE_OK);
    store_reopen(&store);
    assert_null(store_table(&store, "T"));
    assert_string_equal(names(), "before");
}

static void what_a_crash_left_half_done_is_removed(void **state)
{
    (void)state;
    (void)save("whole");
    const char *half = path_of("snapshots/snapshot.part");
    const char *beside = path_of("restored.mdb");
    write_file(half, "half");
    write_file(beside, "half");
    assert_string_equal(names(), "whole");
    store_reopen(&store);
    assert_false(is_there(half));
    assert_false(is_there(beside));
    assert_string_equal(names(), "whole");
    assert_int_equal(store_count(&store, "T", NULL), 2);
}

static void a_damaged_file_is_neither_listed_nor_restored(void **state)
{
    (void)state;
    static const char *const contents[] = { "", "somebody's letters" };
    (void)save("whole");
    for (size_t i = 0; i < 2; i++) {
        write_file(path_of("snapshots/damaged.mdb"), contents[i]);
        assert_string_equal(names(), "whole");
        assert_int_equal(outcome_of_restore("damaged"), SNAPSHOT_FAILED);
        assert_int_equal(store_count(&store, "T", NULL), 2);
    }
}

static void nothing_is_left_of_a_snapshot_that_could_not_be_taken(void **state)
{
    (void)state;
    struct snapshot snapshot;
    enum storage_status status;
    write_file(path_of("snapshots"), "in the way");
    assert_int_equal(snapshots_save(snapshots(), BYTES("one"), false, &snapshot, &status),
                     SNAPSHOT_FAILED);
    assert_int_equal(status, STORAGE_IO);
    assert_int_equal(unlink(path_of("snapshots")), 0);
    (void)save("one");
    assert_string_equal(names(), "one");
}

/* ---- the clock ---- */

static bool advance(int64_t by_ms)
{
    enum storage_status status;
    bool moved = snapshots_advance_clock(snapshots(), by_ms, 3 * (int64_t)DAY_MS, &status);
    assert_int_equal(status, STORAGE_OK);
    return moved;
}

static void the_moved_clock_is_kept_over_a_restart(void **state)
{
    (void)state;
    int64_t start_ms = clock_now_ms(&store.clock);
    assert_true(advance(DAY_MS));
    assert_true(advance(1));
    clock_init_manual(&store.clock, start_ms); /* as of a new process */
    store_reopen(&store);
    assert_int_equal(clock_now_ms(&store.clock), start_ms + DAY_MS + 1);
}

static void the_clock_goes_no_further_than_its_limit(void **state)
{
    (void)state;
    int64_t start_ms = clock_now_ms(&store.clock);
    assert_true(advance(2 * (int64_t)DAY_MS));
    assert_false(advance(DAY_MS + 1));
    assert_int_equal(clock_now_ms(&store.clock), start_ms + 2 * (int64_t)DAY_MS);
    assert_true(advance(DAY_MS));
}

static void neither_restore_nor_reset_moves_the_clock_back(void **state)
{
    (void)state;
    int64_t start_ms = clock_now_ms(&store.clock);
    (void)save("early");
    assert_true(advance(DAY_MS));
    restore("early");
    assert_int_equal(clock_now_ms(&store.clock), start_ms + DAY_MS);
    clock_init_manual(&store.clock, start_ms);
    store_reopen(&store);
    assert_int_equal(clock_now_ms(&store.clock), start_ms + DAY_MS);
    assert_int_equal(snapshots_reset(snapshots()), STORAGE_OK);
    clock_init_manual(&store.clock, start_ms);
    store_reopen(&store);
    assert_int_equal(clock_now_ms(&store.clock), start_ms + DAY_MS);
}

#define DURABLE(function) cmocka_unit_test_setup_teardown(function, set_up_durable, tear_down)
#define EITHER(function)                                                                           \
    DURABLE(function), cmocka_unit_test_setup_teardown(function, set_up_memory, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EITHER(a_restore_brings_items_index_entries_and_sizes_back),
        EITHER(what_came_after_the_snapshot_is_gone_and_may_come_again),
        EITHER(what_was_dropped_after_the_snapshot_is_back),
        EITHER(a_held_build_goes_on_where_it_stood),
        EITHER(a_state_that_was_due_meanwhile_ends_at_once),
        EITHER(a_snapshot_may_be_restored_again_and_again),
        EITHER(snapshots_are_listed_by_name_with_time_size_and_tables),
        EITHER(a_name_is_taken_until_it_is_replaced_or_deleted),
        EITHER(names_are_letters_digits_and_three_marks),
        EITHER(there_is_a_greatest_number_of_snapshots),
        EITHER(a_reset_leaves_an_empty_store_and_the_snapshots),
        EITHER(listeners_hear_of_every_other_store),
        DURABLE(snapshots_and_what_was_restored_survive_a_restart),
        DURABLE(what_a_crash_left_half_done_is_removed),
        DURABLE(a_damaged_file_is_neither_listed_nor_restored),
        DURABLE(nothing_is_left_of_a_snapshot_that_could_not_be_taken),
        DURABLE(the_moved_clock_is_kept_over_a_restart),
        EITHER(the_clock_goes_no_further_than_its_limit),
        DURABLE(neither_restore_nor_reset_moves_the_clock_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
