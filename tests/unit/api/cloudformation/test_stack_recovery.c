/*
 * A server that ends at any step of a stack's operation: started again, it goes on. Clean ends, and
 * ends between a call of DynamoDB and the record that it was made.
 */

#include "tests/support/stack_fixture.h"
#include "tests/support/stack_templates.h"

#include "api/internal.h"
#include "storage/documents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { TICK_MS = 100, STEPS_MAX = 300, DOCUMENTS_MAX = 256 };

/* Everything that changes in one table, call after call. */
#define SETTINGS                                                                                   \
    "{'Resources':{'T':" PLAIN("'DeletionProtectionEnabled':false,'TableClass':"                   \
                               "'STANDARD_INFREQUENT_ACCESS','StreamSpecification':{"              \
                               "'StreamViewType':'KEYS_ONLY'},'TimeToLiveSpecification':{"         \
                               "'AttributeName':'ends','Enabled':true},"                           \
                               "'PointInTimeRecoverySpecification':{"                              \
                               "'PointInTimeRecoveryEnabled':true},'Tags':[{'Key':'a','Value':"    \
                               "'b'}],") "}}"
#define NO_SETTINGS "{'Resources':{'T':" PLAIN("") "}}"

static const struct story {
    const char *operation;
    const char *first; /* created before; NULL: nothing is */
    const char *next;
    const char *status;
} STORIES[] = {
    { "CreateStack", NULL, FIRST, "CREATE_COMPLETE" },
    { "CreateStack", NULL, SETTINGS, "CREATE_COMPLETE" },
    { "UpdateStack", NO_SETTINGS, SETTINGS, "UPDATE_COMPLETE" },
    { "UpdateStack", FIRST, BESIDE, "UPDATE_COMPLETE" },
    { "UpdateStack", BESIDE, FIRST, "UPDATE_COMPLETE" },
    { "UpdateStack", FIRST, REPLACED, "UPDATE_COMPLETE" },
    { "UpdateStack", FIRST, CHANGED, "UPDATE_ROLLBACK_COMPLETE" },
    { "DeleteStack", FIRST, NULL, "DELETE_COMPLETE" },
};

static const char *begin(struct api_fixture *fixture, const struct story *story)
{
    if (story->first != NULL) {
        assert_string_equal(stack_deploy(fixture, "CreateStack", NAME, story->first),
                            "CREATE_COMPLETE");
    }
    if (story->next != NULL) {
        assert_begun(stack_submit(fixture, story->operation, NAME, story->next));
    } else {
        assert_begun(stack_call(fixture, story->operation, "{" NAME "}"));
    }
    return stack_of(fixture, "app")->id;
}

/* ---- what would have been lost ---- */

struct past {
    struct document documents[DOCUMENTS_MAX];
    size_t count;
};

static void remember(struct api_fixture *fixture, struct past *out_past)
{
    struct txn txn;
    struct bytes after = BYTES("");
    out_past->count = 0;
    txn_begin_read(fixture->api->storage.env, &txn);
    while (document_next(&txn, &fixture->arena, BYTES("stack"), after,
                         &out_past->documents[out_past->count])) {
        after = out_past->documents[out_past->count++].key;
        assert_true(out_past->count < DOCUMENTS_MAX);
    }
    txn_abort(&txn);
}

/* The stack's documents are as they were; the tables are as they are. */
static void fall_back(struct api_fixture *fixture, const struct past *past)
{
    struct txn txn;
    txn_begin_write(fixture->api->storage.env, &txn);
    (void)documents_remove(&txn, BYTES("stack"), SIZE_MAX);
    for (size_t i = 0; i < past->count; i++) {
        document_put(&txn, past->documents[i].key, past->documents[i].value);
    }
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static bool is_busy(struct api_fixture *fixture, const char *id)
{
    return stack_status_is_busy(stack_of(fixture, id)->status);
}

static void step(struct api_fixture *fixture)
{
    if (!api_step(fixture->api)) {
        api_advance_clock(fixture->api, TICK_MS);
    }
}

/* The hand-moved clock is the process's: it starts again where it was. */
static void restart(struct api_fixture *fixture)
{
    int64_t now_ms = clock_now_ms(&fixture->api->clock);
    api_fixture_reopen(fixture);
    api_advance_clock(fixture->api, now_ms - clock_now_ms(&fixture->api->clock));
}

/* ---- the stories ---- */

static const char *tell_undisturbed(struct api_fixture *fixture, const struct story *story)
{
    const char *id = begin(fixture, story);
    const char *status = stack_finish(fixture, id);
    if (strcmp(status, story->status) != 0) {
        print_error("told\n%s\n", stack_story(fixture, id, 0));
    }
    assert_string_equal(status, story->status);
    return stack_story(fixture, id, 0);
}

/* Two at a time: the first turn of a new background looks what there is to do. */
static const char *tell_with_restarts(struct api_fixture *fixture, const struct story *story)
{
    const char *id = begin(fixture, story);
    for (int i = 0; is_busy(fixture, id); i++) {
        assert_true(i < STEPS_MAX);
        step(fixture);
        step(fixture);
        restart(fixture);
    }
    return stack_story(fixture, id, 0);
}

/* Every step is done twice: its record is lost the first time, and the server is another one. */
static const char *tell_with_losses(struct api_fixture *fixture, const struct story *story)
{
    struct past past;
    const char *id = begin(fixture, story);
    for (int i = 0; is_busy(fixture, id); i++) {
        assert_true(i < STEPS_MAX);
        remember(fixture, &past);
        step(fixture);
        fall_back(fixture, &past);
        restart(fixture);
        step(fixture);
    }
    return stack_story(fixture, id, 0);
}

typedef const char *tell(struct api_fixture *fixture, const struct story *story);

static void compare(const struct story *story, tell *disturbed)
{
    struct api_fixture one;
    struct api_fixture other;
    api_fixture_open(&one);
    api_fixture_open_durable(&other);
    const char *expected = tell_undisturbed(&one, story);
    const char *found = disturbed(&other, story);
    if (strcmp(found, expected) != 0) {
        print_error("told\n%s\nwanted\n%s\n", found, expected);
    }
    assert_true(strcmp(found, expected) == 0);
    api_fixture_close(&one);
    api_fixture_close(&other);
}

static void a_restart_at_every_step_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof STORIES / sizeof STORIES[0]; i++) {
        compare(&STORIES[i], tell_with_restarts);
    }
}

static void a_lost_record_of_every_step_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof STORIES / sizeof STORIES[0]; i++) {
        compare(&STORIES[i], tell_with_losses);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_at_every_step_changes_nothing),
        cmocka_unit_test(a_lost_record_of_every_step_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
