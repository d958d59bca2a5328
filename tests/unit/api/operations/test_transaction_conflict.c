/*
 * Transactions that meet other writes. The committer is held while calls are made, so that they
 * wait together and share a batch, as they do when a sync takes its time.
 */

#include "api/internal.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CALLS_MAX = 8 };

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";

struct waiting_call {
    struct api_call call;
    struct arena arena;
    struct together *together;
};

/* A job that keeps the committer busy, and the calls that queue behind it. */
struct together {
    struct commit_job job;
    struct api_fixture *fixture;
    struct waiting_call calls[CALLS_MAX];
    size_t count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_held;
    bool is_released;
    size_t completed; /* the job among them */
};

static bool hold(struct commit_job *job, struct txn *txn)
{
    struct together *together = (struct together *)job;
    (void)txn;
    (void)pthread_mutex_lock(&together->lock);
    together->is_held = true;
    (void)pthread_cond_broadcast(&together->changed);
    while (!together->is_released) {
        (void)pthread_cond_wait(&together->changed, &together->lock);
    }
    (void)pthread_mutex_unlock(&together->lock);
    return false;
}

static void count_completed(struct together *together)
{
    (void)pthread_mutex_lock(&together->lock);
    together->completed++;
    (void)pthread_cond_signal(&together->changed);
    (void)pthread_mutex_unlock(&together->lock);
}

static void released(struct commit_job *job, enum storage_status status)
{
    (void)status;
    count_completed((struct together *)job);
}

static void completed(struct api_call *call)
{
    count_completed(call->context);
}

static void begin(struct together *together, struct api_fixture *fixture)
{
    *together = (struct together){ .job = { .run = hold, .done = released }, .fixture = fixture };
    (void)pthread_mutex_init(&together->lock, NULL);
    (void)pthread_cond_init(&together->changed, NULL);
    committer_submit(fixture->api->storage.committer, &together->job);
    (void)pthread_mutex_lock(&together->lock);
    while (!together->is_held) {
        (void)pthread_cond_wait(&together->changed, &together->lock);
    }
    (void)pthread_mutex_unlock(&together->lock);
}

static void add(struct together *together, const char *operation, const char *request)
{
    struct waiting_call *waiting = &together->calls[together->count++];
    char *json = bytes_to_text(&together->fixture->arena, bytes_of_text(request));
    for (char *at = json; *at != '\0'; at++) {
        if (*at == '\'') {
            *at = '"';
        }
    }
    arena_init(&waiting->arena);
    waiting->call = (struct api_call){
        .arena = &waiting->arena,
        .target =
            bytes_of_text(api_fixture_text(together->fixture, "DynamoDB_20120810.%s", operation)),
        .body = bytes_of_text(json),
        .completed = completed,
        .context = together,
    };
    assert_int_equal(api_handle(together->fixture->api, &waiting->call), API_PENDING);
}

/* Lets them go, in one batch. */
static void end(struct together *together)
{
    (void)pthread_mutex_lock(&together->lock);
    together->is_released = true;
    (void)pthread_cond_signal(&together->changed);
    while (together->completed < together->count + 1) {
        (void)pthread_cond_wait(&together->changed, &together->lock);
    }
    (void)pthread_mutex_unlock(&together->lock);
}

static void assert_status(struct together *together, size_t call, int status, const char *part)
{
    struct bytes reply = together->calls[call].call.reply;
    const char *text = bytes_to_text(&together->fixture->arena, reply);
    assert_int_equal(together->calls[call].call.status, status);
    if (strstr(text, part) == NULL) {
        assert_string_equal(text, part);
    }
}

static void forget(struct together *together)
{
    for (size_t i = 0; i < together->count; i++) {
        arena_deinit(&together->calls[i].arena);
    }
    (void)pthread_cond_destroy(&together->changed);
    (void)pthread_mutex_destroy(&together->lock);
}

static int set_up(void **state)
{
    struct api_fixture *fixture = malloc(sizeof *fixture);
    assert_non_null(fixture);
    api_fixture_open_durable(fixture);
    create_table(fixture, TABLE);
    *state = fixture;
    return 0;
}

#define ITEM(key, value) "'TableName':'Tab','Item':{'pk':{'S':'" key "'},'v':{'S':'" value "'}}"
#define PUT(key, value)  "{'Put':{" ITEM(key, value) "}}"
#define CHECK(key)                                                                                 \
    "{'ConditionCheck':{'TableName':'Tab','Key':{'pk':{'S':'" key "'}},"                           \
    "'ConditionExpression':'attribute_not_exists(pk)'}}"
#define REQUEST(actions) "{'TransactItems':[" actions "]}"
#define ONGOING          "\"Transaction is ongoing for the item\""
#define CONFLICT_ONLY                                                                              \
    "com.amazonaws.dynamodb.v20120810#TransactionConflictException\",\"message\":" ONGOING

static const char *values(struct api_fixture *fixture)
{
    return column(fixture, assert_accepted(fixture, "Scan", "{'TableName':'Tab'}"), "v");
}

static void a_transaction_in_the_way_of_another_cancels_it(void **state)
{
    struct together together;
    begin(&together, *state);
    add(&together, "TransactWriteItems", REQUEST(PUT("a", "1") "," PUT("b", "1")));
    add(&together, "TransactWriteItems", REQUEST(PUT("c", "2") "," PUT("a", "2")));
    add(&together, "TransactWriteItems", REQUEST(PUT("c", "3")));
    end(&together);
    assert_status(&together, 0, 200, "{}");
    assert_status(&together, 1, 400, "[None, TransactionConflict]");
    assert_status(&together, 1, 400,
                  "[{\"Code\":\"None\"},{\"Code\":\"TransactionConflict\",\"Message\":" ONGOING
                  "}]");
    assert_status(&together, 2, 200, "{}"); /* the cancelled one holds nothing */
    assert_string_equal(values(*state), "1 3 1");
    forget(&together);
}

static void a_transaction_in_the_way_of_a_write_refuses_it(void **state)
{
    struct together together;
    begin(&together, *state);
    add(&together, "TransactWriteItems", REQUEST(PUT("a", "1") "," CHECK("b")));
    add(&together, "PutItem", "{" ITEM("a", "2") "}");
    add(&together, "DeleteItem", "{'TableName':'Tab','Key':{'pk':{'S':'a'}}}");
    add(&together, "PutItem", "{" ITEM("b", "2") "}"); /* what is checked is held, too */
    add(&together, "PutItem", "{" ITEM("c", "2") "}");
    end(&together);
    assert_status(&together, 0, 200, "{}");
    assert_status(&together, 1, 400, CONFLICT_ONLY);
    assert_status(&together, 2, 400, CONFLICT_ONLY);
    assert_status(&together, 3, 400, CONFLICT_ONLY);
    assert_status(&together, 4, 200, "{}");
    assert_string_equal(values(*state), "2 1");
    forget(&together);
}

static void writes_before_it_and_batches_are_not_in_its_way(void **state)
{
    struct together together;
    begin(&together, *state);
    add(&together, "PutItem", "{" ITEM("a", "1") "}");
    add(&together, "TransactWriteItems", REQUEST(PUT("a", "2")));
    add(&together, "BatchWriteItem",
        "{'RequestItems':{'Tab':[{'PutRequest':{'Item':{'pk':{'S':'a'},'v':{'S':'3'}}}}]}}");
    end(&together);
    assert_status(&together, 0, 200, "{}");
    assert_status(&together, 1, 200, "{}");
    assert_status(&together, 2, 200, "{\"UnprocessedItems\":{}}");
    assert_string_equal(values(*state), "3");
    forget(&together);
}

static void what_is_refused_anyway_is_refused_for_that(void **state)
{
    struct together together;
    begin(&together, *state);
    add(&together, "TransactWriteItems", REQUEST(PUT("a", "1")));
    add(&together, "TransactWriteItems", REQUEST(CHECK("a") "," PUT("b", "2")));
    end(&together);
    assert_status(&together, 0, 200, "{}");
    assert_status(&together, 1, 400, "[ConditionalCheckFailed, None]");
    forget(&together);
}

static void one_after_the_other_never_conflict(void **state)
{
    assert_answer(*state, "TransactWriteItems", REQUEST(PUT("a", "1")), "{}");
    assert_answer(*state, "TransactWriteItems", REQUEST(PUT("a", "2")), "{}");
    assert_answer(*state, "PutItem", "{" ITEM("a", "3") "}", "{}");
    assert_string_equal(values(*state), "3");
}

static void the_same_token_twice_at_once_is_applied_once(void **state)
{
    struct together together;
    begin(&together, *state);
    add(&together, "TransactWriteItems",
        "{'ClientRequestToken':'t','TransactItems':[" PUT("a", "1") "]}");
    add(&together, "TransactWriteItems",
        "{'ReturnConsumedCapacity':'TOTAL','ClientRequestToken':'t','TransactItems':[" PUT(
            "a", "1") "]}");
    end(&together);
    assert_status(&together, 0, 200, "{}");
    assert_status(&together, 1, 200, "\"ReadCapacityUnits\":2");
    forget(&together);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_transaction_in_the_way_of_another_cancels_it),
        TEST(a_transaction_in_the_way_of_a_write_refuses_it),
        TEST(writes_before_it_and_batches_are_not_in_its_way),
        TEST(what_is_refused_anyway_is_refused_for_that),
        TEST(one_after_the_other_never_conflict),
        TEST(the_same_token_twice_at_once_is_applied_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
