/* The store that a comparison joins on, and what a sample proves. */

#include "tools/compare/comparison.h"

#include "storage/base/arena.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { KEYS = 3000 };

static char directory[64];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/rehearse-store-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < ENTRY_FILES; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%02x.entries", directory, (unsigned)i);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(directory), 0);
    return 0;
}

static struct entry_store *open_store(const char *where)
{
    char reason[256];
    struct entry_store *store = entry_store_open(where, reason, sizeof reason);
    assert_non_null(store);
    return store;
}

static void add(struct entry_store *store, enum side side, int number)
{
    char key[32];
    char index_key[32];
    (void)snprintf(key, sizeof key, "key %d", number);
    (void)snprintf(index_key, sizeof index_key, "%d of side %d", number, (int)side);
    struct entry entry = { .side = side,
                           .key = bytes_of_text(key),
                           .index_key = bytes_of_text(index_key) };
    bytes_digest(entry.key, entry.hash);
    bytes_digest(entry.index_key, entry.digest);
    assert_true(entry_store_add(store, &entry));
}

struct seen {
    int keys;
    int entries;
    int pairs;
};

static bool count(void *context, const struct entry *entries, size_t entry_count)
{
    struct seen *seen = context;
    seen->keys++;
    seen->entries += (int)entry_count;
    seen->pairs += entry_count == 2 && entries[0].side != entries[1].side;
    for (size_t i = 0; i < entry_count; i++) {
        char key[32] = "";
        char index_key[64];
        assert_true(bytes_equal(entries[i].key, entries[0].key));
        assert_true(entries[i].key.length < sizeof key);
        memcpy(key, entries[i].key.data, entries[i].key.length);
        int number = (int)strtol(key + strlen("key "), NULL, 10);
        (void)snprintf(index_key, sizeof index_key, "%d of side %d", number, (int)entries[i].side);
        assert_true(bytes_equal(entries[i].index_key, bytes_of_text(index_key)));
    }
    return true;
}

static struct seen visit(struct entry_store *store)
{
    struct seen seen = { 0 };
    assert_true(entry_store_visit(store, count, &seen));
    return seen;
}

static void entries_of_one_key_meet(void **state)
{
    (void)state;
    struct entry_store *store = open_store(NULL);
    for (int i = 0; i < KEYS; i++) {
        add(store, SIDE_LEFT, i);
    }
    for (int i = KEYS - 1; i >= KEYS / 3; i--) {
        add(store, SIDE_RIGHT, i);
    }
    struct seen seen = visit(store);
    assert_int_equal(seen.keys, KEYS);
    assert_int_equal(seen.entries, KEYS + KEYS - KEYS / 3);
    assert_int_equal(seen.pairs, KEYS - KEYS / 3);
    entry_store_close(store);
}

static void what_came_after_a_checkpoint_is_forgotten(void **state)
{
    (void)state;
    uint64_t sizes[ENTRY_FILES];
    struct entry_store *store = open_store(directory);
    for (int i = 0; i < KEYS; i++) {
        add(store, SIDE_LEFT, i);
    }
    assert_true(entry_store_flush(store, sizes));
    for (int i = KEYS; i < 2 * KEYS; i++) {
        add(store, SIDE_LEFT, i);
    }
    entry_store_close(store);
    store = open_store(directory);
    assert_true(entry_store_truncate(store, sizes));
    add(store, SIDE_RIGHT, 0);
    struct seen seen = visit(store);
    assert_int_equal(seen.keys, KEYS);
    assert_int_equal(seen.pairs, 1);
    entry_store_close(store);
}

static void a_file_that_is_too_short_is_told(void **state)
{
    (void)state;
    uint64_t sizes[ENTRY_FILES];
    struct entry_store *store = open_store(directory);
    for (int i = 0; i < KEYS; i++) {
        add(store, SIDE_LEFT, i);
    }
    assert_true(entry_store_flush(store, sizes));
    sizes[7]++;
    assert_false(entry_store_truncate(store, sizes));
    assert_string_not_equal(entry_store_reason(store), "");
    entry_store_close(store);
}

/* Figures of the exact binomial bound: 1 - 0.05^(1/n) for none, tables for some. */
static void a_sample_bounds_the_share_of_differences(void **state)
{
    (void)state;
    static const struct {
        uint64_t found;
        uint64_t sampled;
        double bound;
    } cases[] = {
        { 0, 1, 0.95 },       { 0, 100, 0.029513 }, { 0, 3000, 0.00099808 },
        { 1, 100, 0.046560 }, { 5, 50, 0.198833 },  { 10, 10, 1 },
        { 0, 0, 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double bound = comparison_bound(cases[i].found, cases[i].sampled);
        assert_true(fabs(bound - cases[i].bound) < 0.0005 * cases[i].bound);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_of_one_key_meet),
        cmocka_unit_test_setup_teardown(what_came_after_a_checkpoint_is_forgotten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_too_short_is_told, set_up, tear_down),
        cmocka_unit_test(a_sample_bounds_the_share_of_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
