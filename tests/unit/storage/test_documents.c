/* Documents: found, replaced, walked both ways by prefix, removed; kept with the rest of the store.
 */

#include "storage/documents.h"

#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct store store;

static int open_memory(void **state)
{
    (void)state;
    store_open(&store, (struct store_options){ .is_durable = false });
    return 0;
}

static int open_durable(void **state)
{
    (void)state;
    store_open(&store, (struct store_options){ .is_durable = true });
    return 0;
}

static int open_small(void **state)
{
    (void)state;
    store_open(&store, (struct store_options){ .map_size_bytes = 8U << 20 });
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static enum storage_status try_put(struct bytes key, struct bytes value)
{
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    document_put(&txn, key, value);
    return txn_commit(&txn);
}

static void put(const char *key, const char *value)
{
    assert_int_equal(try_put(bytes_of_text(key), bytes_of_text(value)), STORAGE_OK);
}

/* The value as text, or NULL. */
static const char *find(struct bytes key)
{
    struct txn txn;
    struct bytes value;
    txn_begin_read(store.storage.env, &txn);
    bool found = document_find(&txn, key, &value);
    const char *text = found ? bytes_to_text(&store.arena, value) : NULL;
    txn_abort(&txn);
    return text;
}

typedef bool step(struct txn *txn,
                  struct arena *arena,
                  struct bytes prefix,
                  struct bytes bound,
                  struct document *out_document);

/* "key=value key=value": all that `next` finds, from `bound` on. */
static const char *walk(step *next, const char *prefix, const char *bound)
{
    struct txn txn;
    struct buffer text;
    struct document document = { .key = bytes_of_text(bound) };
    buffer_init(&text, &store.arena, 64);
    txn_begin_read(store.storage.env, &txn);
    while (next(&txn, &store.arena, bytes_of_text(prefix), document.key, &document)) {
        buffer_append_format(&text, "%s%.*s=%.*s", text.length > 0 ? " " : "",
                             BYTES_ARGUMENTS(document.key), BYTES_ARGUMENTS(document.value));
    }
    assert_int_equal(txn.status, STORAGE_OK);
    txn_abort(&txn);
    return bytes_to_text(&store.arena, buffer_view(&text));
}

static void put_some(void)
{
    put("b/2", "two");
    put("a/9", "nine");
    put("b/1", "one");
    put("b", "root");
    put("c/1", "other");
    put("b/11", "eleven");
}

static void a_document_is_found_replaced_and_removed(void **state)
{
    (void)state;
    put("a", "first");
    put("a", "second, and longer");
    put("aa", "");
    assert_string_equal(find(BYTES("a")), "second, and longer");
    assert_string_equal(find(BYTES("aa")), "");
    assert_null(find(BYTES("aaa")));
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    assert_true(document_remove(&txn, BYTES("a")));
    assert_false(document_remove(&txn, BYTES("a")));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_null(find(BYTES("a")));
    assert_string_equal(find(BYTES("aa")), "");
}

static void no_document_has_an_empty_or_too_long_key(void **state)
{
    (void)state;
    static uint8_t longest[DOCUMENT_KEY_SIZE_MAX + 1];
    memset(longest, 'k', sizeof longest);
    struct bytes key = { longest, DOCUMENT_KEY_SIZE_MAX };
    struct bytes longer = { longest, sizeof longest };
    assert_int_equal(try_put(key, BYTES("fits")), STORAGE_OK);
    assert_string_equal(find(key), "fits");
    assert_null(find(longer));
    assert_null(find(BYTES("")));
    struct txn txn;
    struct document document;
    txn_begin_write(store.storage.env, &txn);
    assert_false(document_remove(&txn, longer));
    assert_false(document_remove(&txn, BYTES("")));
    assert_false(document_next(&txn, &store.arena, BYTES("k"), longer, &document));
    assert_true(document_previous(&txn, &store.arena, BYTES("k"), longer, &document));
    assert_true(bytes_equal(document.key, key));
    assert_int_equal(documents_remove(&txn, longer, 1), 0);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_string_equal(find(key), "fits");
}

static void those_of_a_prefix_are_walked_in_order(void **state)
{
    (void)state;
    put_some();
    assert_string_equal(walk(document_next, "b/", ""), "b/1=one b/11=eleven b/2=two");
    assert_string_equal(walk(document_next, "b/", "b/1"), "b/11=eleven b/2=two");
    assert_string_equal(walk(document_next, "b/", "b/10"), "b/11=eleven b/2=two");
    assert_string_equal(walk(document_next, "b/", "a"), "b/1=one b/11=eleven b/2=two");
    assert_string_equal(walk(document_next, "b/", "b/2"), "");
    assert_string_equal(walk(document_next, "b/", "c/1"), "");
    assert_string_equal(walk(document_next, "d", ""), "");
    assert_string_equal(walk(document_next, "", "b/2"), "c/1=other");
}

static void those_of_a_prefix_are_walked_backwards(void **state)
{
    (void)state;
    assert_string_equal(walk(document_previous, "b/", ""), "");
    put_some();
    assert_string_equal(walk(document_previous, "b/", ""), "b/2=two b/11=eleven b/1=one");
    assert_string_equal(walk(document_previous, "b/", "b/2"), "b/11=eleven b/1=one");
    assert_string_equal(walk(document_previous, "b/", "b/19"), "b/11=eleven b/1=one");
    assert_string_equal(walk(document_previous, "b/", "z"), "b/2=two b/11=eleven b/1=one");
    assert_string_equal(walk(document_previous, "b/", "b/1"), "");
    assert_string_equal(walk(document_previous, "b/", "a"), "");
    assert_string_equal(walk(document_previous, "c/", ""), "c/1=other");
    assert_string_equal(walk(document_previous, "", "b"), "a/9=nine");
    put("\xFF\xFF/1", "last");
    assert_string_equal(walk(document_previous, "\xFF\xFF", ""), "\xFF\xFF/1=last");
    assert_string_equal(walk(document_previous, "c/\xFF", ""), "");
}

static void those_of_a_prefix_are_removed_piece_by_piece(void **state)
{
    (void)state;
    put_some();
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    assert_int_equal(documents_remove(&txn, BYTES("b/"), 2), 2);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_string_equal(walk(document_next, "", ""), "a/9=nine b=root b/2=two c/1=other");
    txn_begin_write(store.storage.env, &txn);
    assert_int_equal(documents_remove(&txn, BYTES("b/"), 2), 1);
    assert_int_equal(documents_remove(&txn, BYTES("b/"), 2), 0);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_string_equal(walk(document_next, "", ""), "a/9=nine b=root c/1=other");
}

static void an_aborted_change_leaves_nothing(void **state)
{
    (void)state;
    put("a", "kept");
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    document_put(&txn, BYTES("a"), BYTES("changed"));
    document_put(&txn, BYTES("b"), BYTES("new"));
    txn_abort(&txn);
    assert_string_equal(walk(document_next, "", ""), "a=kept");
}

static void they_are_there_after_a_restart(void **state)
{
    (void)state;
    put("a", "kept");
    store_reopen(&store);
    assert_string_equal(find(BYTES("a")), "kept");
}

static void they_are_saved_restored_and_reset_with_the_store(void **state)
{
    (void)state;
    struct snapshots *snapshots = store.storage.snapshots;
    struct snapshot snapshot;
    enum storage_status status;
    put("a", "before");
    assert_int_equal(snapshots_save(snapshots, BYTES("s"), false, &snapshot, &status),
                     SNAPSHOT_DONE);
    put("a", "after");
    put("b", "after");
    assert_int_equal(snapshots_restore(snapshots, BYTES("s"), &status), SNAPSHOT_DONE);
    assert_string_equal(walk(document_next, "", ""), "a=before");
    assert_int_equal(snapshots_reset(snapshots), STORAGE_OK);
    assert_string_equal(walk(document_next, "", ""), "");
}

static void a_full_store_takes_no_more_but_gives_up_what_it_has(void **state)
{
    (void)state;
    static uint8_t large[64 * 1024];
    char key[16];
    int count = 0;
    enum storage_status status = STORAGE_OK;
    while (status == STORAGE_OK) {
        (void)snprintf(key, sizeof key, "%06d", count++);
        status = try_put(bytes_of_text(key), (struct bytes){ large, sizeof large });
    }
    assert_int_equal(status, STORAGE_FULL);
    assert_true(count > 32);
    struct txn txn;
    for (int i = 0; i < 8; i++) {
        txn_begin_write(store.storage.env, &txn);
        assert_int_equal(documents_remove(&txn, BYTES("0"), 4), 4);
        assert_int_equal(txn_commit(&txn), STORAGE_OK);
    }
    assert_int_equal(try_put(BYTES("1"), (struct bytes){ large, sizeof large }), STORAGE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_document_is_found_replaced_and_removed, open_memory,
                                        close_store),
        cmocka_unit_test_setup_teardown(no_document_has_an_empty_or_too_long_key, open_memory,
                                        close_store),
        cmocka_unit_test_setup_teardown(those_of_a_prefix_are_walked_in_order, open_memory,
                                        close_store),
        cmocka_unit_test_setup_teardown(those_of_a_prefix_are_walked_backwards, open_memory,
                                        close_store),
        cmocka_unit_test_setup_teardown(those_of_a_prefix_are_removed_piece_by_piece, open_memory,
                                        close_store),
        cmocka_unit_test_setup_teardown(an_aborted_change_leaves_nothing, open_memory, close_store),
        cmocka_unit_test_setup_teardown(they_are_there_after_a_restart, open_durable, close_store),
        cmocka_unit_test_setup_teardown(they_are_saved_restored_and_reset_with_the_store,
                                        open_durable, close_store),
        cmocka_unit_test_setup_teardown(a_full_store_takes_no_more_but_gives_up_what_it_has,
                                        open_small, close_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
