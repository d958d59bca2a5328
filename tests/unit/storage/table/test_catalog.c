/* Definitions: written, read back whole, listed, and found when something of them waits. */

#include "storage/table/catalog.h"

#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct store store;

static int set_up(void **state)
{
    (void)state;
    store_open(&store, (struct store_options){ .is_durable = true });
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static void put(const struct table_definition *table)
{
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    catalog_put(&txn, &store.arena, table);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static struct table_definition *new_table(const char *name)
{
    struct table_definition *table = arena_alloc_zero(&store.arena, sizeof *table);
    table_set_name(table, bytes_of_text(name));
    table->status = TABLE_ACTIVE;
    table->key = store_key_schema(&store.arena, "pk:S");
    return table;
}

/* ---- a record comes back as it went ---- */

static const struct capacity CAPACITY = {
    .throughput = { 1, 2, 3, 4, 5 },
    .pending_throughput = { 6, 7, 8, 9, 10 },
    .max_read_units = 11,
    .max_write_units = 12,
    .warm = { 13, 14, 15, 16, 17 },
};

static struct table_definition *large_table(void)
{
    struct table_definition *table = new_table("Orders.2026-01_x");
    struct key_attribute *attributes = arena_alloc(&store.arena, 2 * sizeof *attributes);
    attributes[0] = (struct key_attribute){ BYTES("a"), ATTRIBUTE_N };
    attributes[1] = (struct key_attribute){ BYTES("pk"), ATTRIBUTE_S };
    table->id = BYTES("01234567-89ab-4cde-8f01-23456789abcd");
    table->region = BYTES("eu-central-1");
    table->account = BYTES("123456789012");
    table->database = 16;
    table->status = TABLE_DELETING;
    table->status_due_ms = INT64_MAX - 1;
    table->created_ms = 1;
    table->key = store_key_schema(&store.arena, "pk:S / sk:B");
    table->attributes = attributes;
    table->attribute_count = 2;
    table->billing = (struct billing){ true, true, 2, true, 3 };
    table->capacity = CAPACITY;
    table->stream = (struct stream_settings){ true, STREAM_OLD_IMAGE, 4, 5 };
    table->encryption =
        (struct encryption){ true, BYTES("arn:1"), true, BYTES("arn:2"), 6, 7, 8, 9, 10 };
    table->table_class = (struct table_class_settings){ TABLE_CLASS_STANDARD,
                                                        TABLE_CLASS_INFREQUENT_ACCESS, 11, 12, 13 };
    table->is_deletion_protected = true;
    table->protection_changed_ms = 14;
    table->item_count = 3;
    table->size_bytes = 4;
    table->refreshed_ms = 5;
    table->index_count = INDEXES_MAX;
    table->indexes = arena_alloc(&store.arena, INDEXES_MAX * sizeof *table->indexes);
    for (size_t i = 0; i < INDEXES_MAX; i++) {
        static const char *const PROJECTIONS[] = { "ALL", "KEYS_ONLY", "zebra apple" };
        struct index_definition *index = &table->indexes[i];
        struct store_index description = { "index", "a:S, b:N / c:B, d:S", PROJECTIONS[i % 3],
                                           i < 5 };
        *index = store_index_definition(&store.arena, description);
        index->database = 17 + (uint32_t)i;
        index->phase = (enum index_phase)(i % 5);
        index->phase_due_ms = -1;
        index->capacity = CAPACITY;
        index->update_due_ms = 18;
        index->item_count = 11;
        index->size_bytes = 12;
    }
    return table;
}

static void assert_key(const struct key_schema *key, const struct key_schema *expected)
{
    assert_int_equal(key->partition_count, expected->partition_count);
    assert_int_equal(key->sort_count, expected->sort_count);
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        assert_int_equal(key->attributes[i].type, expected->attributes[i].type);
        assert_true(bytes_equal(key->attributes[i].name, expected->attributes[i].name));
    }
}

static void assert_throughput(struct throughput throughput, struct throughput expected)
{
    assert_int_equal(throughput.read_units, expected.read_units);
    assert_int_equal(throughput.write_units, expected.write_units);
    assert_int_equal(throughput.last_increase_ms, expected.last_increase_ms);
    assert_int_equal(throughput.last_decrease_ms, expected.last_decrease_ms);
    assert_int_equal(throughput.decreases_today, expected.decreases_today);
}

static void assert_capacity(const struct capacity *capacity, const struct capacity *expected)
{
    assert_throughput(capacity->throughput, expected->throughput);
    assert_throughput(capacity->pending_throughput, expected->pending_throughput);
    assert_int_equal(capacity->max_read_units, expected->max_read_units);
    assert_int_equal(capacity->max_write_units, expected->max_write_units);
    assert_int_equal(capacity->warm.read_units, expected->warm.read_units);
    assert_int_equal(capacity->warm.write_units, expected->warm.write_units);
    assert_int_equal(capacity->warm.pending_read_units, expected->warm.pending_read_units);
    assert_int_equal(capacity->warm.pending_write_units, expected->warm.pending_write_units);
    assert_int_equal(capacity->warm.due_ms, expected->warm.due_ms);
}

static void assert_settings(const struct table_definition *table,
                            const struct table_definition *expected)
{
    assert_int_equal(table->billing.is_on_demand, expected->billing.is_on_demand);
    assert_int_equal(table->billing.was_on_demand, expected->billing.was_on_demand);
    assert_int_equal(table->billing.on_demand_since_ms, expected->billing.on_demand_since_ms);
    assert_int_equal(table->billing.is_switching, expected->billing.is_switching);
    assert_int_equal(table->billing.due_ms, expected->billing.due_ms);
    assert_int_equal(table->stream.is_enabled, expected->stream.is_enabled);
    assert_int_equal(table->stream.view, expected->stream.view);
    assert_int_equal(table->stream.label_ms, expected->stream.label_ms);
    assert_int_equal(table->stream.due_ms, expected->stream.due_ms);
    assert_int_equal(table->table_class.value, expected->table_class.value);
    assert_int_equal(table->table_class.pending, expected->table_class.pending);
    assert_int_equal(table->table_class.due_ms, expected->table_class.due_ms);
    assert_int_equal(table->table_class.changed_ms, expected->table_class.changed_ms);
    assert_int_equal(table->table_class.changed_before_ms, expected->table_class.changed_before_ms);
    assert_int_equal(table->is_deletion_protected, expected->is_deletion_protected);
    assert_int_equal(table->protection_changed_ms, expected->protection_changed_ms);
}

static void assert_encryption(const struct encryption *encryption,
                              const struct encryption *expected)
{
    assert_int_equal(encryption->is_enabled, expected->is_enabled);
    assert_true(bytes_equal(encryption->key_arn, expected->key_arn));
    assert_int_equal(encryption->pending_enabled, expected->pending_enabled);
    assert_true(bytes_equal(encryption->pending_key_arn, expected->pending_key_arn));
    assert_int_equal(encryption->started_ms, expected->started_ms);
    assert_int_equal(encryption->due_ms, expected->due_ms);
    assert_int_equal(encryption->window_ms, expected->window_ms);
    assert_int_equal(encryption->changed_ms, expected->changed_ms);
    assert_int_equal(encryption->changes, expected->changes);
}

static void assert_index(const struct index_definition *index,
                         const struct index_definition *expected)
{
    assert_true(bytes_equal(index->name, expected->name));
    assert_int_equal(index->is_local, expected->is_local);
    assert_int_equal(index->database, expected->database);
    assert_key(&index->key, &expected->key);
    assert_int_equal(index->projection, expected->projection);
    assert_int_equal(index->non_key_count, expected->non_key_count);
    for (size_t i = 0; i < index->non_key_count; i++) {
        assert_true(bytes_equal(index->non_key_attributes[i], expected->non_key_attributes[i]));
    }
    assert_int_equal(index->phase, expected->phase);
    assert_int_equal(index->phase_due_ms, expected->phase_due_ms);
    assert_capacity(&index->capacity, &expected->capacity);
    assert_int_equal(index->update_due_ms, expected->update_due_ms);
    assert_int_equal(index->item_count, expected->item_count);
    assert_int_equal(index->size_bytes, expected->size_bytes);
}

static void a_definition_is_read_back_as_it_was_written(void **state)
{
    (void)state;
    struct table_definition *expected = large_table();
    put(expected);
    store_reopen(&store);
    struct table_definition *table = store_table(&store, "Orders.2026-01_x");
    assert_non_null(table);
    assert_true(bytes_equal(table->name, expected->name));
    assert_true(bytes_equal(table->id, expected->id));
    assert_true(bytes_equal(table->region, expected->region));
    assert_true(bytes_equal(table->account, expected->account));
    assert_int_equal(table->database, expected->database);
    assert_int_equal(table->status, expected->status);
    assert_int_equal(table->status_due_ms, expected->status_due_ms);
    assert_int_equal(table->created_ms, expected->created_ms);
    assert_key(&table->key, &expected->key);
    assert_int_equal(table->attribute_count, expected->attribute_count);
    for (size_t i = 0; i < table->attribute_count; i++) {
        assert_int_equal(table->attributes[i].type, expected->attributes[i].type);
        assert_true(bytes_equal(table->attributes[i].name, expected->attributes[i].name));
    }
    assert_capacity(&table->capacity, &expected->capacity);
    assert_settings(table, expected);
    assert_encryption(&table->encryption, &expected->encryption);
    assert_int_equal(table->item_count, expected->item_count);
    assert_int_equal(table->size_bytes, expected->size_bytes);
    assert_int_equal(table->refreshed_ms, expected->refreshed_ms);
    assert_int_equal(table->index_count, expected->index_count);
    for (size_t i = 0; i < table->index_count; i++) {
        assert_index(&table->indexes[i], &expected->indexes[i]);
    }
}

static void a_damaged_record_fails_the_transaction_however_short(void **state)
{
    (void)state;
    struct txn txn;
    struct bytes record;
    struct table_definition *table = large_table();
    table->index_count = 1;
    put(table);
    txn_begin_read(store.storage.env, &txn);
    assert_true(txn_get(&txn, DATABASE_CATALOG, BYTES("Orders.2026-01_x"), &record));
    record = bytes_copy(&store.arena, record);
    txn_abort(&txn);
    for (size_t length = 0; length < record.length; length++) {
        txn_begin_write(store.storage.env, &txn);
        txn_put(&txn, DATABASE_CATALOG, BYTES("T"), (struct bytes){ record.data, length });
        assert_null(catalog_find(&txn, &store.arena, BYTES("T")));
        assert_int_equal(txn.status, STORAGE_CORRUPT);
        txn_abort(&txn);
    }
}

static void what_an_index_projects_is_its_keys_the_tables_and_those_named(void **state)
{
    (void)state;
    static const struct {
        const char *projection;
        const char *expected;
    } cases[] = {
        { "KEYS_ONLY", "b c pk sk " },
        { "zebra apple", "apple b c pk sk zebra " },
        { "sk b other", "b c other pk sk " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct table_definition *table = new_table("T");
        struct store_index description = { "i", "b:S / pk:S, c:N", cases[i].projection, false };
        struct index_definition index = store_index_definition(&store.arena, description);
        table->key = store_key_schema(&store.arena, "pk:S / sk:N");
        table->indexes = &index;
        table->index_count = 1;
        table_derive(table, &store.arena);
        struct buffer names;
        buffer_init(&names, &store.arena, 64);
        for (size_t j = 0; j < index.projected_count; j++) {
            buffer_append_bytes(&names, index.projected[j]);
            buffer_append_text(&names, " ");
        }
        assert_string_equal(bytes_to_text(&store.arena, buffer_view(&names)), cases[i].expected);
    }
}

/* ---- names ---- */

static void assert_range(struct catalog_range range, const char *expected, bool more_expected)
{
    struct txn txn;
    struct bytes names[8];
    struct buffer text;
    bool more = !more_expected;
    buffer_init(&text, &store.arena, 64);
    txn_begin_read(store.storage.env, &txn);
    size_t count = catalog_names(&txn, &store.arena, &range, names, &more);
    txn_abort(&txn);
    for (size_t i = 0; i < count; i++) {
        buffer_append_bytes(&text, names[i]);
        buffer_append_text(&text, " ");
    }
    assert_string_equal(bytes_to_text(&store.arena, buffer_view(&text)), expected);
    assert_int_equal(more, more_expected);
}

static void assert_names_in(
    const char *world, const char *after, size_t limit, const char *expected, bool more_expected)
{
    struct catalog_range range = { .world = bytes_of_text(world),
                                   .after = bytes_of_text(after),
                                   .limit = limit };
    assert_range(range, expected, more_expected);
}

static void assert_names(const char *after, size_t limit, const char *expected, bool more_expected)
{
    assert_names_in("", after, limit, expected, more_expected);
}

static void a_world_lists_its_own_names_alone(void **state)
{
    (void)state;
    put(new_table("KEY/eu-west-1/a"));
    put(new_table("KEY/us-east-1/a"));
    put(new_table("KEY/us-east-1/b"));
    put(new_table("KEY2/us-east-1/a"));
    assert_names_in("KEY/us-east-1/", "", 8, "a b ", false);
    assert_names_in("KEY/us-east-1/", "", 1, "a ", true);
    assert_names_in("KEY/us-east-1/", "a", 8, "b ", false);
    assert_names_in("KEY/us-east-1/", "b", 8, "", false);
    assert_names_in("KEY/us-west-2/", "", 8, "", false);
    put(new_table("KEY"));
    put(new_table("a"));
    assert_names("", 8, "KEY a ", false); /* where tables are shared */
    assert_names("", 1, "KEY ", true);
    assert_range((struct catalog_range){ .has_all = true, .limit = 8 },
                 "KEY KEY/eu-west-1/a KEY/us-east-1/a KEY/us-east-1/b KEY2/us-east-1/a a ", false);
    struct table_definition *table = store_table(&store, "KEY/us-east-1/b");
    assert_true(bytes_equal(table->name, BYTES("b")));
    assert_true(bytes_equal(table->qualified_name, BYTES("KEY/us-east-1/b")));
}

static void names_are_listed_ascending_from_where_one_asks(void **state)
{
    (void)state;
    assert_names("", 8, "", false);
    put(new_table("bb"));
    put(new_table("a"));
    put(new_table("b"));
    put(new_table("B"));
    assert_names("", 8, "B a b bb ", false);
    assert_names("", 4, "B a b bb ", false);
    assert_names("", 3, "B a b ", true);
    assert_names("a", 8, "b bb ", false);
    assert_names("b", 1, "bb ", false);
    assert_names("aa", 1, "b ", true); /* need not exist */
    assert_names("bb", 8, "", false);
    assert_names("zz", 8, "", false);
}

static void a_removed_table_is_not_found_nor_counted(void **state)
{
    (void)state;
    struct txn txn;
    put(new_table("a"));
    put(new_table("ab"));
    txn_begin_write(store.storage.env, &txn);
    assert_int_equal(catalog_count(&txn), 2);
    catalog_remove(&txn, &store.arena, BYTES("a"));
    catalog_remove(&txn, &store.arena, BYTES("none"));
    assert_int_equal(catalog_count(&txn), 1);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_null(store_table(&store, "a"));
    assert_non_null(store_table(&store, "ab"));
}

static void names_that_no_table_can_have_are_not_found(void **state)
{
    (void)state;
    static const uint8_t LONG[600] = { 'a' };
    struct txn txn;
    txn_begin_read(store.storage.env, &txn);
    assert_null(catalog_find(&txn, &store.arena, BYTES("")));
    assert_null(catalog_find(&txn, &store.arena, (struct bytes){ LONG, 256 }));
    assert_null(catalog_find(&txn, &store.arena, (struct bytes){ LONG, sizeof LONG }));
    assert_int_equal(txn.status, STORAGE_OK);
    txn_abort(&txn);
}

/* ---- what waits ---- */

static void put_in_state(const char *name, enum table_status status, enum index_phase phase)
{
    struct table_definition *table = new_table(name);
    struct index_definition index =
        store_index_definition(&store.arena, (struct store_index){ "i", "a:S", "ALL", false });
    index.phase = phase;
    table->status = status;
    table->indexes = &index;
    table->index_count = 1;
    put(table);
}

static void assert_next_unsettled(const char *after, const char *expected)
{
    struct txn txn;
    struct bytes name;
    txn_begin_read(store.storage.env, &txn);
    bool found = catalog_next_unsettled(&txn, &store.arena, bytes_of_text(after), &name);
    txn_abort(&txn);
    assert_int_equal(found, expected != NULL);
    assert_true(!found || bytes_equal(name, bytes_of_text(expected)));
}

static void only_tables_of_which_something_waits_are_unsettled(void **state)
{
    (void)state;
    assert_next_unsettled("", NULL);
    put_in_state("a", TABLE_ACTIVE, INDEX_ACTIVE);
    assert_next_unsettled("", NULL);
    put_in_state("b", TABLE_CREATING, INDEX_ACTIVE);
    put_in_state("c", TABLE_DELETING, INDEX_ACTIVE);
    put_in_state("d", TABLE_ACTIVE, INDEX_ACTIVE);
    put_in_state("e", TABLE_ACTIVE, INDEX_BACKFILLING);
    assert_next_unsettled("", "b");
    assert_next_unsettled("b", "c");
    assert_next_unsettled("c", "e");
    assert_next_unsettled("e", NULL);
    static const enum index_phase WAITING[] = { INDEX_CREATING_WITH_TABLE, INDEX_ALLOCATING,
                                                INDEX_BACKFILLING, INDEX_DELETING };
    for (size_t i = 0; i < sizeof WAITING / sizeof *WAITING; i++) {
        put_in_state("e", TABLE_ACTIVE, WAITING[i]);
        assert_next_unsettled("d", "e");
        put_in_state("e", TABLE_ACTIVE, INDEX_ACTIVE); /* settled again */
        assert_next_unsettled("d", NULL);
    }
}

static void every_change_that_has_a_due_time_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        struct table_definition *table = new_table("T");
        struct store_index description = { "i", "a:S", "ALL", false };
        struct index_definition index = store_index_definition(&store.arena, description);
        index.phase = INDEX_ACTIVE;
        table->indexes = &index;
        table->index_count = 1;
        put(table);
        assert_next_unsettled("", NULL);
        int64_t *due[] = { &table->billing.due_ms,       &table->stream.due_ms,
                           &table->encryption.due_ms,    &table->table_class.due_ms,
                           &table->capacity.warm.due_ms, &index.update_due_ms,
                           &index.capacity.warm.due_ms };
        *due[i] = 1;
        put(table);
        assert_next_unsettled("", "T");
    }
}

/* ---- taking an index out ---- */

static void an_index_leaves_the_others_in_their_order(void **state)
{
    (void)state;
    for (size_t position = 0; position < 3; position++) {
        struct table_definition *table = new_table("T");
        static const char *const NAMES[] = { "x", "y", "z" };
        struct index_definition indexes[3];
        for (size_t i = 0; i < 3; i++) {
            struct store_index description = { NAMES[i], "a:S", "ALL", false };
            indexes[i] = store_index_definition(&store.arena, description);
        }
        table->indexes = indexes;
        table->index_count = 3;
        table_remove_index(table, &store.arena, position);
        assert_int_equal(table->index_count, 2);
        for (size_t i = 0; i < 3; i++) {
            struct index_definition *found = table_find_index(table, bytes_of_text(NAMES[i]));
            assert_int_equal(found == NULL, i == position);
            assert_true(found == NULL || found == &table->indexes[i < position ? i : i - 1]);
        }
    }
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_definition_is_read_back_as_it_was_written),
        CASE(a_damaged_record_fails_the_transaction_however_short),
        CASE(what_an_index_projects_is_its_keys_the_tables_and_those_named),
        CASE(names_are_listed_ascending_from_where_one_asks),
        CASE(a_world_lists_its_own_names_alone),
        CASE(a_removed_table_is_not_found_nor_counted),
        CASE(names_that_no_table_can_have_are_not_found),
        CASE(only_tables_of_which_something_waits_are_unsettled),
        CASE(every_change_that_has_a_due_time_waits),
        CASE(an_index_leaves_the_others_in_their_order),
    };
    return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
