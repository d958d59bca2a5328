/* Notes of transactions: what is told, when, and in which order; and how tables are observed. */

#include "storage/lmdb/layout.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct store store;
static char told[256]; /* the letters of the notes, in the order in which they were told */

static int set_up(void **state)
{
    (void)state;
    told[0] = '\0';
    store_open(&store, (struct store_options){ 0 });
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

struct letter_note {
    struct txn_note note; /* first: the note is the letter */
    const char *text;
};

static void tell_letter(struct txn_note *note)
{
    size_t length = strlen(told);
    (void)snprintf(told + length, sizeof told - length, "%s", ((struct letter_note *)note)->text);
}

static void add_note(struct txn *txn, const char *text)
{
    struct letter_note *note = arena_alloc(&store.arena, sizeof *note);
    *note = (struct letter_note){ .note.tell = tell_letter, .text = text };
    txn_add_note(txn, &note->note);
}

/* ---- notes ---- */

static void notes_are_told_in_order_once_committed(void **state)
{
    (void)state;
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    add_note(&txn, "a");
    add_note(&txn, "b");
    assert_string_equal(told, "");
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_string_equal(told, "ab");
}

static void notes_of_what_was_not_committed_are_not_told(void **state)
{
    (void)state;
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    add_note(&txn, "a");
    txn_abort(&txn);
    txn_begin_write(store.storage.env, &txn);
    add_note(&txn, "b");
    txn_fail(&txn, STORAGE_FULL);
    assert_int_equal(txn_commit(&txn), STORAGE_FULL);
    assert_string_equal(told, "");
}

static void dropped_notes_are_those_since_the_mark(void **state)
{
    (void)state;
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    struct txn_note **mark = txn.notes_end;
    add_note(&txn, "a");
    txn_drop_notes(&txn, mark);
    add_note(&txn, "b");
    mark = txn.notes_end;
    add_note(&txn, "c");
    add_note(&txn, "d");
    txn_drop_notes(&txn, mark);
    add_note(&txn, "e");
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_string_equal(told, "be");
}

/* ---- tables ---- */

static const char *status_letter(const struct table_definition *table)
{
    return table == NULL                     ? "-"
           : table->status == TABLE_CREATING ? "C"
           : table->status == TABLE_DELETING ? "D"
                                             : "A";
}

static void observe(void *context,
                    struct txn *txn,
                    struct arena *arena,
                    const struct table_definition *before,
                    const struct table_definition *after)
{
    (void)context;
    (void)arena;
    add_note(txn, status_letter(before));
    add_note(txn, status_letter(after));
    add_note(txn, " ");
}

static void an_observer_sees_each_definition_before_and_after(void **state)
{
    (void)state;
    static const struct table_observer observer = { .changing = observe };
    store.options.durations = (struct durations){ .table_create_ms = 10, .table_delete_ms = 10 };
    store_close(&store);
    store_open(&store, store.options);
    env_set_observer(store.storage.env, &observer);
    store_create_table(&store, "T", "pk:S", NULL, 0);
    assert_string_equal(told, "-C ");
    store_put(&store, "T", "{pk: 'a'}"); /* items are not definitions */
    store_advance(&store, 10);
    assert_string_equal(told, "-C CA ");
    store_delete_table(&store, "T");
    store_advance(&store, 10);
    assert_string_equal(told, "-C CA AD D- ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(notes_are_told_in_order_once_committed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(notes_of_what_was_not_committed_are_not_told, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(dropped_notes_are_those_since_the_mark, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_observer_sees_each_definition_before_and_after, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("notes", tests, NULL, NULL);
}
