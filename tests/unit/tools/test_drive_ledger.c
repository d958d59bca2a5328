/* What a read may see of an item, given what became of its writes. */

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/drive/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char TABLE[] =
    "{\"TableName\":\"things\",\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}],"
    "\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"},"
    "{\"AttributeName\":\"a\",\"AttributeType\":\"N\"},"
    "{\"AttributeName\":\"b\",\"AttributeType\":\"B\"},"
    "{\"AttributeName\":\"c\",\"AttributeType\":\"S\"}],\"GlobalSecondaryIndexes\":["
    "{\"IndexName\":\"ab\",\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"},"
    "{\"AttributeName\":\"b\",\"KeyType\":\"RANGE\"}],"
    "\"Projection\":{\"ProjectionType\":\"INCLUDE\",\"NonKeyAttributes\":[\"x\",\"c\"]}},"
    "{\"IndexName\":\"ba\",\"KeySchema\":[{\"AttributeName\":\"c\",\"KeyType\":\"HASH\"},"
    "{\"AttributeName\":\"a\",\"KeyType\":\"RANGE\"}],"
    "\"Projection\":{\"ProjectionType\":\"ALL\"}}]}";

static struct arena arena;
static struct table_shape table;
static const struct item_plan *plan;
static const struct index_shape *index_ab;
static const struct index_shape *index_ba;
static struct ledger ledger;

static const struct sight ABSENT = { .is_there = false };
static const struct sight SOME = { .is_there = true, .version = DRIVE_VERSION_UNKNOWN };

static struct sight seen(int64_t version)
{
    return (struct sight){ .is_there = true, .version = version };
}

static int set_up(void **state)
{
    char reason[256];
    (void)state;
    arena_init(&arena);
    struct cJSON *json = json_parse(bytes_of_text(TABLE));
    assert_non_null(json);
    assert_true(table_shape_read(&arena, json, &table, reason, sizeof reason));
    json_free(json);
    plan = item_plan_make(&arena, &table);
    index_ab = table_shape_find(&table, "ab");
    index_ba = table_shape_find(&table, "ba");
    ledger_init(&ledger, 100);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static void write_acknowledged(const struct item_plan *of, int64_t now_ms)
{
    (void)ledger_begin(&ledger, of);
    ledger_acknowledge(&ledger, now_ms);
}

static void assert_current(const struct index_shape *index, struct sight sight)
{
    assert_int_equal(ledger_judge(&ledger, index, sight).verdict, SIGHT_CURRENT);
}

static void assert_unexpected(const struct index_shape *index, struct sight sight)
{
    assert_int_equal(ledger_judge(&ledger, index, sight).verdict, SIGHT_UNEXPECTED);
}

static void assert_misses(const struct index_shape *index, struct sight sight, int64_t version)
{
    struct judgement judgement = ledger_judge(&ledger, index, sight);
    assert_int_equal(judgement.verdict, SIGHT_BEHIND);
    assert_int_equal(judgement.missed->version, version);
}

/* ---- writes with one outcome ---- */

static void what_was_never_written_is_absent(void **state)
{
    (void)state;
    assert_current(NULL, ABSENT);
    assert_unexpected(NULL, seen(1));
    assert_unexpected(NULL, SOME);
}

static void an_acknowledged_write_must_be_seen(void **state)
{
    (void)state;
    write_acknowledged(plan, 200);
    assert_current(NULL, seen(1));
    assert_current(index_ab, SOME);
    assert_misses(NULL, ABSENT, 1);
    write_acknowledged(plan, 300);
    assert_misses(NULL, seen(1), 2);
    assert_misses(NULL, ABSENT, 1); /* the first that is missing tells how far it is behind */
    assert_unexpected(NULL, seen(3));
}

static void an_acknowledged_deletion_must_be_seen(void **state)
{
    (void)state;
    write_acknowledged(plan, 200);
    write_acknowledged(NULL, 300);
    assert_current(NULL, ABSENT);
    assert_misses(NULL, seen(1), 2);
    assert_misses(index_ab, SOME, 2);
    write_acknowledged(plan, 400);
    assert_misses(NULL, ABSENT, 3);
    assert_misses(NULL, seen(1), 2);
    assert_current(index_ab, SOME);
}

static void a_refused_write_changes_nothing(void **state)
{
    (void)state;
    write_acknowledged(plan, 200);
    (void)ledger_begin(&ledger, plan);
    ledger_refuse(&ledger);
    assert_current(NULL, seen(1));
    assert_misses(NULL, ABSENT, 1);
    assert_unexpected(NULL, seen(2));
}

/* ---- writes without an answer ---- */

static void an_unanswered_write_may_be_seen_or_not(void **state)
{
    (void)state;
    write_acknowledged(plan, 200);
    (void)ledger_begin(&ledger, plan);
    ledger_leave_open(&ledger, 250);
    assert_current(NULL, seen(1));
    assert_current(NULL, seen(2));
    assert_misses(NULL, ABSENT, 1);
    assert_int_equal(ledger.unknown_ms, 250);
}

static void an_unanswered_deletion_may_be_seen_or_not(void **state)
{
    (void)state;
    write_acknowledged(plan, 200);
    (void)ledger_begin(&ledger, NULL);
    ledger_leave_open(&ledger, 250);
    assert_current(NULL, seen(1));
    assert_current(index_ab, SOME);
    assert_current(NULL, ABSENT);
    assert_current(index_ab, ABSENT);
}

static void an_open_write_is_repeated_until_it_is_acknowledged(void **state)
{
    (void)state;
    const struct ledger_write *first = ledger_begin(&ledger, plan);
    ledger_leave_open(&ledger, 150);
    assert_ptr_equal(ledger_begin(&ledger, NULL), first); /* whatever was wanted next */
    assert_int_equal(first->version, 1);
    ledger_refuse(&ledger); /* of the second attempt; the first may have been done */
    assert_current(NULL, seen(1));
    assert_current(NULL, ABSENT);
    (void)ledger_begin(&ledger, plan);
    ledger_acknowledge(&ledger, 200);
    assert_misses(NULL, ABSENT, 1);
}

/* ---- memory ---- */

static void the_oldest_writes_are_forgotten(void **state)
{
    enum { WRITES = 10 * LEDGER_WRITES };
    (void)state;
    for (int64_t i = 1; i <= WRITES; i++) {
        write_acknowledged(plan, 1000 + i);
    }
    int64_t last = WRITES;
    int64_t oldest = last - LEDGER_WRITES + 1;
    assert_int_equal(ledger.count, LEDGER_WRITES);
    assert_current(NULL, seen(last));
    assert_misses(NULL, seen(last - 3), last - 2);
    assert_misses(NULL, seen(1), oldest);
    assert_misses(NULL, ABSENT, oldest);
}

static void a_loss_is_told_once(void **state)
{
    (void)state;
    write_acknowledged(plan, 200);
    write_acknowledged(plan, 300);
    ledger_accept(&ledger, seen(1), 400);
    assert_current(NULL, seen(1));
    assert_unexpected(NULL, seen(2));
    write_acknowledged(plan, 500);
    assert_current(NULL, seen(3)); /* no version twice */
    ledger_accept(&ledger, ABSENT, 600);
    assert_current(NULL, ABSENT);
}

/* ---- indexes ---- */

static void what_an_older_plan_has_not_need_not_be_in_a_newer_index(void **state)
{
    (void)state;
    struct table_shape before = table;
    before.index_count = 0;
    write_acknowledged(item_plan_make(&arena, &before), 200);
    assert_current(index_ab, ABSENT);
    assert_misses(NULL, ABSENT, 1);
    write_acknowledged(plan, 300);
    assert_misses(index_ab, ABSENT, 2);
    assert_current(index_ab, seen(2));
}

static void a_key_that_changes_is_no_partition_key(void **state)
{
    (void)state;
    struct table_shape before = table;
    before.index_count = 0;
    struct index_shape only[] = { *index_ba };
    before.indexes = only;
    before.index_count = 1;
    const struct item_plan *older = item_plan_make(&arena, &before);
    assert_true(item_plan_covers(older, index_ba));
    assert_false(item_plan_covers(older, index_ab)); /* `a` was a sort key there, and `b` nothing */
    assert_true(item_plan_covers(plan, index_ab));
    assert_true(item_plan_covers(plan, index_ba));
}

static void items_tell_their_version_through_every_projection(void **state)
{
    (void)state;
    struct item_identity item = { .run = 7, .number = 12 };
    struct buffer text;
    buffer_init(&text, &arena, 512);
    buffer_append_text(&text, "{");
    item_plan_append_key(&text, plan, &item);
    for (size_t i = 1; i < plan->count; i++) {
        buffer_append_text(&text, ",");
        json_append_text(&text, plan->attributes[i].name);
        buffer_append_text(&text, ":");
        item_plan_append_value(&text, &plan->attributes[i], &item, 345);
    }
    buffer_append_text(&text, "}");
    struct bytes whole = buffer_view(&text);
    static const char expected[] =
        "{\"pk\":{\"S\":\"rehearse/drive/000000000007/000000000012\"},"
        "\"a\":{\"N\":\"-8000000000007000000000012\"},"
        "\"b\":{\"B\":\"rehearse/state/000000000007/000000000345\"},"
        "\"c\":{\"S\":\"rehearse/drive/000000000007/000000000012\"},\"x\":{\"N\":\"345\"}}";
    assert_int_equal(whole.length, sizeof expected - 1);
    assert_memory_equal(whole.data, expected, whole.length);
    static const struct {
        const char *entry;
        int64_t version;
    } rows[] = {
        { expected, 345 },
        { "{\"b\":{\"B\":\"rehearse/state/000000000007/000000000345\"}}", 345 },
        { "{\"x\":{\"N\":\"9\"}}", 9 },
        { "{\"x\":{\"N\":\"9\"},\"rehearse_drive_version\":{\"N\":\"10\"}}", 10 },
        { "{\"a\":{\"N\":\"-8000000000007000000000012\"}}", DRIVE_VERSION_UNKNOWN },
        { "{\"x\":{\"S\":\"somebody's\"}}", DRIVE_VERSION_UNKNOWN },
        { "{\"b\":{\"B\":\"rehearse/drive/000000000007/000000000012\"}}", DRIVE_VERSION_UNKNOWN },
        { "{}", DRIVE_VERSION_UNKNOWN },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cJSON *entry = json_parse(bytes_of_text(rows[i].entry));
        assert_non_null(entry);
        assert_int_equal(item_plan_version(plan, entry), rows[i].version);
        json_free(entry);
    }
}

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(what_was_never_written_is_absent),
        LEDGER_TEST(an_acknowledged_write_must_be_seen),
        LEDGER_TEST(an_acknowledged_deletion_must_be_seen),
        LEDGER_TEST(a_refused_write_changes_nothing),
        LEDGER_TEST(an_unanswered_write_may_be_seen_or_not),
        LEDGER_TEST(an_unanswered_deletion_may_be_seen_or_not),
        LEDGER_TEST(an_open_write_is_repeated_until_it_is_acknowledged),
        LEDGER_TEST(the_oldest_writes_are_forgotten),
        LEDGER_TEST(a_loss_is_told_once),
        LEDGER_TEST(what_an_older_plan_has_not_need_not_be_in_a_newer_index),
        LEDGER_TEST(a_key_that_changes_is_no_partition_key),
        LEDGER_TEST(items_tell_their_version_through_every_projection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
