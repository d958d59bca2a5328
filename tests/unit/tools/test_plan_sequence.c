/* Sequences of deployments: written cases, and random pairs against what each step must keep. */

#include "api/template/calls.h"
#include "api/template/definition.h"
#include "api/template/difference.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"
#include "tests/support/template_definitions.h"
#include "tools/plan/sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PAIR_COUNT = 500 };

static int set_up(void **state)
{
    static struct arena arena;
    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_deinit(*state);
    return 0;
}

/* ---- a sequence in short: "+new" creates, "-old" deletes, "*" sets, "!" leaves readers ---- */

static const char *sequence_in_short(struct arena *arena, const struct sequence *sequence)
{
    struct buffer text;
    buffer_init(&text, arena, 128);
    for (size_t i = 0; i < sequence->count; i++) {
        const struct deployment *deployment = &sequence->deployments[i];
        static const char *const signs[] = { "", "+", "-" };
        buffer_append_format(&text, "%s%s%s%s%s", i > 0 ? " " : "",
                             deployment->has_settings ? "*" : "",
                             deployment->leaves_readers ? "!" : "", signs[deployment->kind],
                             deployment->index != NULL ? deployment->index : "");
        if (deployment->partner != NULL) {
            buffer_append_format(&text, "(%s)", deployment->partner);
        }
    }
    buffer_append_text(&text, sequence->is_complete ? "" : " ...");
    return bytes_to_text(arena, buffer_view(&text));
}

/* "name:key:type:attributes", e.g. "one:a:S:xy" projects x and y; no attributes: ALL. */
static void append_index(struct buffer *to, const char *name, const char *key, const char *rest)
{
    buffer_append_format(to, "{IndexName: %s, KeySchema: [{AttributeName: %s, KeyType: HASH}], ",
                         name, key);
    if (*rest == '\0') {
        buffer_append_text(to, "Projection: {ProjectionType: ALL}},");
        return;
    }
    buffer_append_text(to, "Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [");
    for (; *rest != '\0'; rest++) {
        buffer_append_format(to, "%c,", *rest);
    }
    buffer_append_text(to, "]}},");
}

/* A table with the indexes of a list separated by blanks, and more properties before it. */
static const struct table_definition *
table_of(struct arena *arena, const char *list, const char *settings)
{
    struct buffer properties;
    struct buffer definitions;
    buffer_init(&properties, arena, 1024);
    buffer_init(&definitions, arena, 256);
    buffer_append_format(&properties,
                         "TableName: t, %s KeySchema: [{AttributeName: pk, KeyType: "
                         "HASH}], GlobalSecondaryIndexes: [",
                         settings);
    buffer_append_text(&definitions, "{AttributeName: pk, AttributeType: S},");
    for (const char *at = list; *at != '\0'; at += strcspn(at, " "), at += *at == ' ' ? 1 : 0) {
        char name[32];
        char key[8];
        char type[8];
        char attributes[128] = "";
        if (sscanf(at, "%31[^:]:%7[^:]:%7[^:]:%127[^ ]", name, key, type, attributes) < 3) {
            fail_msg("malformed: %s", at);
        }
        append_index(&properties, name, key, attributes);
        buffer_append_format(&definitions, "{AttributeName: %s, AttributeType: %s},", key, type);
    }
    buffer_append_format(&properties, "], AttributeDefinitions: [%.*s]",
                         BYTES_ARGUMENTS(buffer_view(&definitions)));
    return definition_of_properties(arena, bytes_to_text(arena, buffer_view(&properties)));
}

#define TTL(name) "TimeToLiveSpecification: {Enabled: true, AttributeName: " name "},"

static const struct {
    const char *from;
    const char *to;
    const char *from_settings;
    const char *to_settings;
    bool keeps_names;
    const char *expected;
} CASES[] = {
    { "one:a:S:", "one:a:S:", "", "", false, "" },
    { "", "one:a:S:", "", "", false, "+one" },
    { "one:a:S:", "", "", "", false, "-one" },
    { "", "one:a:S: two:b:S:", "", "", false, "+one +two" },
    { "one:a:S: two:b:S:", "", "", "", false, "-one -two" },
    { "one:a:S:", "two:b:S:", "", "", false, "+two -one" },
    { "one:a:S:", "two:a:S:x", "", "", false, "+two(one) -one(two)" },
    { "one:a:S:x", "one:a:S:xy", "", "", false, "+one-v2(one) -one(one-v2)" },
    { "one:a:S:x", "one:a:S:xy", "", "", true,
      "+one-v2(one) -one(one-v2) +one(one-v2) -one-v2(one)" },
    { "one-v2:a:S:x", "one-v2:b:S:x", "", "", false, "+one-v3(one-v2) -one-v2(one-v3)" },
    { "one:a:S:x one-v2:b:S:", "one:a:S:xy one-v2:b:S:", "", "", false,
      "+one-v3(one) -one(one-v3)" },
    { "one:a:S:x two:b:S:x", "one:a:S:xy two:b:S:xy", "", "", false,
      "+one-v2(one) +two-v2(two) -one(one-v2) -two(two-v2)" },
    /* a key with another type cannot be in two indexes at once */
    { "one:a:S:x", "one:a:N:x", "", "", false, "!-one +one" },
    { "one:a:S: two:a:S:x three:b:S:", "one:a:N: two:a:N:x three:b:S:", "", "", false,
      "!-one !-two +one +two" },
    { "", "one:a:S:", "", "DeletionProtectionEnabled: true,", false, "*+one" },
    { "one:a:S:", "one:a:S:", "", "DeletionProtectionEnabled: true,", false, "*" },
    { "one:a:S:", "one:a:S:", TTL("old"), TTL("new"), false, "* *" },
    { "", "one:a:S:", TTL("old"), TTL("new"), false, "*+one *" },
    { "one:a:S:", "two:a:S:", "BillingMode: PAY_PER_REQUEST,",
      "ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5},", false,
      "* +two(one) -one(two)" },
    { "pk:pk:S:", "pk:pk:S:x", "", "", false, "+pk-v2(pk) -pk(pk-v2)" },
};

static void each_case_has_its_sequence(void **state)
{
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sequence_options options = { .keeps_names = CASES[i].keeps_names };
        struct sequence sequence;
        sequence_find(*state, table_of(*state, CASES[i].from, CASES[i].from_settings),
                      table_of(*state, CASES[i].to, CASES[i].to_settings), &options, &sequence);
        assert_string_equal(sequence_in_short(*state, &sequence), CASES[i].expected);
    }
}

static const char *many(struct arena *arena, int count, const char *attributes)
{
    struct buffer text;
    buffer_init(&text, arena, 1024);
    for (int i = 0; i < count; i++) {
        buffer_append_format(&text, "%sindex%02d:k:S:%s", i > 0 ? " " : "", i, attributes);
    }
    return bytes_to_text(arena, buffer_view(&text));
}

static const char *find_short(struct arena *arena, const char *from, const char *to)
{
    struct sequence_options options = { .keeps_names = false };
    struct sequence sequence;
    sequence_find(arena, table_of(arena, from, ""), table_of(arena, to, ""), &options, &sequence);
    return sequence_in_short(arena, &sequence);
}

static void twenty_indexes_leave_no_room_for_two(void **state)
{
    const char *nineteen = many(*state, 19, "");
    struct buffer from;
    struct buffer to;
    buffer_init(&from, *state, 1024);
    buffer_init(&to, *state, 1024);
    buffer_append_format(&from, "%s last:a:S:x", nineteen);
    buffer_append_format(&to, "%s last:a:S:xy", nineteen);
    const char *text = bytes_to_text(*state, buffer_view(&from));
    assert_string_equal(find_short(*state, text, bytes_to_text(*state, buffer_view(&to))),
                        "!-last +last");
    buffer_append_text(&to, " more:b:S:");
    assert_string_equal(find_short(*state, text, bytes_to_text(*state, buffer_view(&to))),
                        "!-last +last ...");
}

static void a_hundred_projected_attributes_are_the_limit(void **state)
{
    const char *full = many(*state, 5, "abcdefghijlmnopqrstu"); /* 5 times 20 */
    struct buffer to;
    buffer_init(&to, *state, 1024);
    buffer_append_format(&to, "%s", full);
    to.length -= 1; /* the last projects one attribute less */
    assert_string_equal(find_short(*state, full, bytes_to_text(*state, buffer_view(&to))),
                        "!-index04 +index04");
}

static void a_new_name_can_be_given(void **state)
{
    static const struct name_value names[] = { { "one", "uno" } };
    struct sequence_options options = { .new_names = names, .new_name_count = 1 };
    struct sequence sequence;
    sequence_find(*state, table_of(*state, "one:a:S:x", ""), table_of(*state, "one:a:S:xy", ""),
                  &options, &sequence);
    assert_string_equal(sequence_in_short(*state, &sequence), "+uno(one) -one(uno)");
}

static void a_long_name_is_cut(void **state)
{
    static const char *const indexes[] = { "one:a:S:x", "one:a:S:xy" };
    static char name[256];
    memset(name, 'n', sizeof name - 1);
    struct table_definition *tables[2];
    for (int i = 0; i < 2; i++) {
        tables[i] = definition_copy(*state, table_of(*state, indexes[i], ""));
        tables[i]->global_indexes.items[0].name = name;
    }
    struct sequence_options options = { .keeps_names = false };
    struct sequence sequence;
    sequence_find(*state, tables[0], tables[1], &options, &sequence);
    assert_int_equal(sequence.count, 2);
    assert_true(strlen(sequence.deployments[0].index) <= 255);
    assert_string_not_equal(sequence.deployments[0].index, name);
}

/* ---- random pairs ---- */

/* A small generator of our own, so that a seed means the same everywhere. */
static unsigned next_random(unsigned long long *seed, unsigned limit)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(*seed >> 33) % limit;
}

/* Types are those of the table: an attribute has one in all indexes. */
static const char *random_indexes(struct arena *arena, unsigned long long *seed)
{
    struct buffer text;
    buffer_init(&text, arena, 256);
    char types[4];
    for (size_t i = 0; i < sizeof types; i++) {
        types[i] = "SSSN"[next_random(seed, 4)];
    }
    for (char name = 'a'; name <= 'f'; name++) {
        if (next_random(seed, 2) == 0) {
            continue;
        }
        unsigned key = next_random(seed, sizeof types);
        buffer_append_format(&text, "%sby-%c:%c:%c:%.*s", text.length > 0 ? " " : "", name,
                             'k' + (char)key, types[key], (int)next_random(seed, 4), "xyz");
    }
    return bytes_to_text(arena, buffer_view(&text));
}

static const char *random_settings(unsigned long long *seed)
{
    static const char *const settings[] = {
        "BillingMode: PAY_PER_REQUEST,",
        "BillingMode: PAY_PER_REQUEST, DeletionProtectionEnabled: true,",
        "ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5},",
        "ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 9}, "
        "StreamSpecification: {StreamViewType: NEW_IMAGE},",
    };
    return settings[next_random(seed, 4)];
}

static void check_deployment(struct arena *arena, const struct deployment *deployment)
{
    struct difference difference;
    difference_find(arena, deployment->before, deployment->after, &difference);
    if (!deployment->awaits_ttl) { /* CloudFormation takes it as one update */
        assert_int_equal(difference_verdict(&difference), VERDICT_IN_PLACE);
    }
    assert_true(difference.change_count > 0);
    assert_true(deployment->after->global_indexes.count <= GLOBAL_INDEX_COUNT_MAX);
    struct call_list calls;
    calls_find(arena, "t", deployment->before, deployment->after, &calls);
    assert_true(calls.count > 0);
}

static void check_end(struct arena *arena,
                      const struct sequence *sequence,
                      const struct table_definition *to,
                      bool keeps_names)
{
    assert_true(sequence->is_complete);
    assert_int_equal(sequence->end->global_indexes.count, to->global_indexes.count);
    if (keeps_names) {
        struct difference difference;
        difference_find(arena, sequence->end, to, &difference);
        assert_int_equal(difference.change_count, 0);
    }
}

static void random_sequences_are_safe_and_end_as_wanted(void **state)
{
    const char *given = getenv("TEST_SEED");
    unsigned long long seed = given != NULL ? strtoull(given, NULL, 10) : 20260101;
    print_message("TEST_SEED=%llu\n", seed);
    for (int i = 0; i < PAIR_COUNT; i++) {
        const char *from_indexes = random_indexes(*state, &seed);
        const char *to_indexes = random_indexes(*state, &seed);
        const struct table_definition *from =
            table_of(*state, from_indexes, random_settings(&seed));
        const struct table_definition *to = table_of(*state, to_indexes, random_settings(&seed));
        struct sequence_options options = { .keeps_names = next_random(&seed, 2) == 0 };
        struct sequence sequence;
        sequence_find(*state, from, to, &options, &sequence);
        const struct table_definition *at = from;
        for (size_t j = 0; j < sequence.count; j++) {
            assert_ptr_equal(sequence.deployments[j].before, at);
            check_deployment(*state, &sequence.deployments[j]);
            at = sequence.deployments[j].after;
        }
        check_end(*state, &sequence, to, options.keeps_names);
        arena_reset(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_case_has_its_sequence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(twenty_indexes_leave_no_room_for_two, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hundred_projected_attributes_are_the_limit, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_new_name_can_be_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_name_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(random_sequences_are_safe_and_end_as_wanted, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("plan_sequence", tests, NULL, NULL);
}
