/*
 * The catalog's record of a table: what is written is read, whatever it says; a record that is cut,
 * of another version or with counts it cannot hold is refused; and its first byte tells whether the
 * table waits for anything.
 */

#include "storage/table/table_record.h"

#include "tests/support/random.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 200, TEXTS_COUNT = 4, RECORD_VERSION_PLACE = 1 };

static const char *const TEXTS[TEXTS_COUNT] = { "", "a", "colour", "arn:aws:kms:key/\xC3\xA9" };

static struct bytes text(struct random *random)
{
    return bytes_of_text(TEXTS[random_below(random, TEXTS_COUNT)]);
}

static int64_t number(struct random *random)
{
    static const int64_t NUMBERS[] = { 0, 1, -1, 40000, 1767225600000, INT64_MAX };
    return NUMBERS[random_below(random, sizeof NUMBERS / sizeof *NUMBERS)];
}

static struct key_schema random_key(struct random *random)
{
    struct key_schema key = { .partition_count =
                                  1 + random_below(random, KEY_PARTITION_ATTRIBUTES_MAX),
                              .sort_count = random_below(random, KEY_SORT_ATTRIBUTES_MAX + 1) };
    for (size_t i = 0; i < key.partition_count + key.sort_count; i++) {
        key.attributes[i] =
            (struct key_attribute){ .name = text(random),
                                    .type = (enum attribute_type)random_below(random, 3) };
    }
    return key;
}

static struct throughput random_throughput(struct random *random)
{
    return (struct throughput){ .read_units = number(random),
                                .write_units = number(random),
                                .last_increase_ms = number(random),
                                .last_decrease_ms = number(random),
                                .decreases_today = (uint32_t)random_below(random, 9) };
}

static struct capacity random_capacity(struct random *random)
{
    return (struct capacity){
        .throughput = random_throughput(random),
        .pending_throughput = random_throughput(random),
        .max_read_units = number(random),
        .max_write_units = number(random),
        .warm = { number(random), number(random), number(random), number(random), number(random) },
    };
}

static struct index_definition random_index(struct random *random, struct arena *arena)
{
    size_t count = random_below(random, 4);
    struct bytes *names = arena_alloc(arena, (count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++) {
        names[i] = text(random);
    }
    return (struct index_definition){
        .name = text(random),
        .is_local = random_once_in(random, 2),
        .database = (uint32_t)random_below(random, 100),
        .key = random_key(random),
        .projection = (enum projection_type)random_below(random, 3),
        .non_key_attributes = names,
        .non_key_count = count,
        .phase = (enum index_phase)random_below(random, 5),
        .phase_due_ms = number(random),
        .capacity = random_capacity(random),
        .update_due_ms = number(random),
        .item_count = number(random),
        .size_bytes = number(random),
    };
}

static void random_settings(struct random *random, struct table_definition *table)
{
    table->billing = (struct billing){ .is_on_demand = random_once_in(random, 2),
                                       .was_on_demand = random_once_in(random, 2),
                                       .on_demand_since_ms = number(random),
                                       .is_switching = random_once_in(random, 2),
                                       .due_ms = number(random) };
    table->stream = (struct stream_settings){ .is_enabled = random_once_in(random, 2),
                                              .view = (enum stream_view)random_below(random, 4),
                                              .label_ms = number(random),
                                              .due_ms = number(random) };
    table->encryption = (struct encryption){ .is_enabled = random_once_in(random, 2),
                                             .key_arn = text(random),
                                             .pending_enabled = random_once_in(random, 2),
                                             .pending_key_arn = text(random),
                                             .started_ms = number(random),
                                             .due_ms = number(random),
                                             .window_ms = number(random),
                                             .changed_ms = number(random),
                                             .changes = (uint32_t)random_below(random, 9) };
    table->table_class =
        (struct table_class_settings){ .value = (enum table_class)random_below(random, 3),
                                       .pending = (enum table_class)random_below(random, 3),
                                       .due_ms = number(random),
                                       .changed_ms = number(random),
                                       .changed_before_ms = number(random) };
    table->is_deletion_protected = random_once_in(random, 2);
    table->protection_changed_ms = number(random);
}

static struct table_definition random_table(struct random *random, struct arena *arena)
{
    struct table_definition table = {
        .id = text(random),
        .region = text(random),
        .account = text(random),
        .database = (uint32_t)random_below(random, 100),
        .status = (enum table_status)random_below(random, 3),
        .status_due_ms = number(random),
        .created_ms = number(random),
        .key = random_key(random),
        .capacity = random_capacity(random),
        .item_count = number(random),
        .size_bytes = number(random),
        .refreshed_ms = number(random),
        .attribute_count = random_below(random, 4),
        .index_count = random_below(random, 4),
    };
    struct key_attribute *attributes = arena_alloc(arena, 4 * sizeof *attributes);
    for (size_t i = 0; i < table.attribute_count; i++) {
        attributes[i] = (struct key_attribute){ .name = text(random), .type = ATTRIBUTE_N };
    }
    table.attributes = attributes;
    table.indexes = arena_alloc(arena, 4 * sizeof *table.indexes);
    for (size_t i = 0; i < table.index_count; i++) {
        table.indexes[i] = random_index(random, arena);
    }
    random_settings(random, &table);
    return table;
}

static struct bytes record_of(struct arena *arena, const struct table_definition *table)
{
    struct buffer record;
    buffer_init(&record, arena, 256);
    table_record_write(&record, table);
    return buffer_view(&record);
}

/* Written again, what was read gives the same bytes, which hold every member. */
static void what_is_written_is_read(void **state)
{
    struct random random;
    (void)state;
    random_start(&random, "table_record");
    for (size_t i = 0; i < random_rounds(ROUNDS); i++) {
        struct arena arena;
        arena_init(&arena);
        struct table_definition table = random_table(&random, &arena);
        struct table_definition read = { .database = 0 };
        struct bytes record = record_of(&arena, &table);
        assert_true(table_record_read(record, &arena, &read));
        assert_true(bytes_equal(record, record_of(&arena, &read)));
        assert_int_equal(read.billing.due_ms, table.billing.due_ms);
        assert_int_equal(read.index_count, table.index_count);
        arena_deinit(&arena);
    }
}

static void a_record_that_is_cut_is_refused(void **state)
{
    struct random random;
    (void)state;
    random_start(&random, "table_record cut");
    for (size_t i = 0; i < 10; i++) {
        struct arena arena;
        arena_init(&arena);
        struct table_definition table = random_table(&random, &arena);
        struct bytes record = record_of(&arena, &table);
        for (size_t length = 0; length < record.length; length++) {
            struct table_definition read = { .database = 0 };
            struct bytes cut = bytes_copy(&arena, (struct bytes){ record.data, length });
            assert_false(table_record_read(cut, &arena, &read));
        }
        arena_deinit(&arena);
    }
}

static void a_record_of_another_version_is_refused(void **state)
{
    struct arena arena;
    struct table_definition table = { .id = BYTES("id") };
    struct table_definition read = { .database = 0 };
    (void)state;
    arena_init(&arena);
    struct bytes record = record_of(&arena, &table);
    uint8_t *changed = arena_alloc(&arena, record.length);
    memcpy(changed, record.data, record.length);
    assert_true(table_record_read((struct bytes){ changed, record.length }, &arena, &read));
    changed[RECORD_VERSION_PLACE]++;
    assert_false(table_record_read((struct bytes){ changed, record.length }, &arena, &read));
    arena_deinit(&arena);
}

/* ---- whether it waits ---- */

static void set_nothing(struct table_definition *table)
{
    table->protection_changed_ms = 1; /* the pause after it ends without anybody */
}
static void set_creating(struct table_definition *table)
{
    table->status = TABLE_CREATING;
}
static void set_deleting(struct table_definition *table)
{
    table->status = TABLE_DELETING;
}
static void set_billing(struct table_definition *table)
{
    table->billing.due_ms = 1;
}
static void set_stream(struct table_definition *table)
{
    table->stream.due_ms = 1;
}
static void set_encryption(struct table_definition *table)
{
    table->encryption.due_ms = 1;
}
static void set_class(struct table_definition *table)
{
    table->table_class.due_ms = 1;
}
static void set_warm(struct table_definition *table)
{
    table->capacity.warm.due_ms = 1;
}
static void set_index_phase(struct table_definition *table)
{
    table->indexes[1].phase = INDEX_BACKFILLING;
}
static void set_index_update(struct table_definition *table)
{
    table->indexes[1].update_due_ms = 1;
}
static void set_index_warm(struct table_definition *table)
{
    table->indexes[1].capacity.warm.due_ms = 1;
}

static const struct {
    void (*set)(struct table_definition *table);
    bool waits;
} WAITS[] = {
    { set_nothing, false },     { set_creating, true },   { set_deleting, true },
    { set_billing, true },      { set_stream, true },     { set_encryption, true },
    { set_class, true },        { set_warm, true },       { set_index_phase, true },
    { set_index_update, true }, { set_index_warm, true },
};

static void a_record_tells_whether_its_table_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WAITS / sizeof *WAITS; i++) {
        struct arena arena;
        struct index_definition indexes[] = { { .phase = INDEX_ACTIVE },
                                              { .phase = INDEX_ACTIVE } };
        struct table_definition table = { .status = TABLE_ACTIVE,
                                          .indexes = indexes,
                                          .index_count = 2 };
        arena_init(&arena);
        WAITS[i].set(&table);
        assert_int_equal(table_record_waits(record_of(&arena, &table)), WAITS[i].waits);
        arena_deinit(&arena);
    }
    assert_false(table_record_waits(BYTES("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_record_that_is_cut_is_refused),
        cmocka_unit_test(a_record_of_another_version_is_refused),
        cmocka_unit_test(a_record_tells_whether_its_table_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
