/*
 * Money between accounts, moved by many threads in transactions, while others look at all accounts
 * at once. Whoever looks sees the same sum, every transfer is sent twice under one token and made
 * once, and at the end the index over the balances agrees. Made to be run under the thread
 * sanitizer as well.
 */

#include "api/json.h"
#include "tests/support/api_fixture.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    ACCOUNTS = 6,
    BALANCE_FIRST = 100,
    TELLERS = 4,
    AUDITORS = 2,
    TRANSFERS_A_TELLER = 60,
    TRIES_MAX = 10000,
};

static const char TABLE[] =
    "{'TableName':'Accounts','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'id','AttributeType':'N'},{'AttributeName':'balance','AttributeType':'N'}],"
    "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}],"
    "'GlobalSecondaryIndexes':[{'IndexName':'by-balance','KeySchema':["
    "{'AttributeName':'balance','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}]}";

struct bank {
    struct api *api;
    uint64_t seed;
    atomic_int tellers_at_work;
    atomic_int conflicts;
};

/* A thread of the test with what its calls need. */
struct clerk {
    struct bank *bank;
    size_t number;
    struct random random;
    pthread_t thread;
    struct arena arena;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool is_answered;
};

/* ---- calls ---- */

static void answered(struct api_call *call)
{
    struct clerk *clerk = call->context;
    (void)pthread_mutex_lock(&clerk->lock);
    clerk->is_answered = true;
    (void)pthread_cond_signal(&clerk->answered);
    (void)pthread_mutex_unlock(&clerk->lock);
}

static const struct cJSON *
ask(struct clerk *clerk, const char *target, const char *request, int *out_status)
{
    char *body = bytes_to_text(&clerk->arena, bytes_of_text(request));
    for (char *at = body; *at != '\0'; at++) {
        if (*at == '\'') {
            *at = '"';
        }
    }
    struct api_call call = {
        .arena = &clerk->arena,
        .target = bytes_of_text(target),
        .body = bytes_of_text(body),
        .completed = answered,
        .context = clerk,
    };
    clerk->is_answered = false;
    if (api_handle(clerk->bank->api, &call) == API_PENDING) {
        (void)pthread_mutex_lock(&clerk->lock);
        while (!clerk->is_answered) {
            (void)pthread_cond_wait(&clerk->answered, &clerk->lock);
        }
        (void)pthread_mutex_unlock(&clerk->lock);
    }
    const struct cJSON *reply = NULL;
    assert_true(json_parse(&clerk->arena, call.reply, &reply));
    *out_status = call.status;
    return reply;
}

static int number_at(struct clerk *clerk, const struct cJSON *json, const char *path)
{
    struct bytes text = json_text(&clerk->arena, json_at(json, path));
    return (int)strtol(bytes_to_text(&clerk->arena, text), NULL, 10);
}

/* The balances of all accounts at one time. */
static void look(struct clerk *clerk, int out_balances[ACCOUNTS])
{
    struct buffer request;
    int status;
    buffer_init(&request, &clerk->arena, 512);
    for (int i = 0; i < ACCOUNTS; i++) {
        buffer_append_format(&request, "%s{'Get':{'TableName':'Accounts','Key':{'id':{'N':'%d'}}}}",
                             i == 0 ? "{'TransactItems':[" : ",", i);
    }
    buffer_append_text(&request, "]}");
    const struct cJSON *reply = ask(clerk, "DynamoDB_20120810.TransactGetItems",
                                    bytes_to_text(&clerk->arena, buffer_view(&request)), &status);
    assert_int_equal(status, 200);
    for (int i = 0; i < ACCOUNTS; i++) {
        char path[48];
        (void)snprintf(path, sizeof path, "Responses.%d.Item.balance.N", i);
        out_balances[i] = number_at(clerk, reply, path);
    }
}

/* ---- tellers ---- */

/* Puts the account with its new balance, if it still has the old one. */
static void
append_put(struct buffer *to, const char *before, int account, int old_balance, int new_balance)
{
    buffer_append_format(to,
                         "%s{'Put':{'TableName':'Accounts','Item':{'id':{'N':'%d'},"
                         "'balance':{'N':'%d'}},'ConditionExpression':'balance = :old',"
                         "'ExpressionAttributeValues':{':old':{'N':'%d'}}}}",
                         before, account, new_balance, old_balance);
}

/* True when the money was moved; else somebody else was there at the same time. */
static bool transfer(struct clerk *clerk, int from, int to, int amount, size_t try)
{
    int balances[ACCOUNTS];
    struct buffer request;
    int status;
    buffer_init(&request, &clerk->arena, 1024);
    look(clerk, balances);
    buffer_append_format(&request, "{'ClientRequestToken':'%zu-%zu',", clerk->number, try);
    append_put(&request, "'TransactItems':[", from, balances[from], balances[from] - amount);
    append_put(&request, ",", to, balances[to], balances[to] + amount);
    buffer_append_text(&request, "]}");
    const char *text = bytes_to_text(&clerk->arena, buffer_view(&request));
    const struct cJSON *reply = ask(clerk, "DynamoDB_20120810.TransactWriteItems", text, &status);
    if (status == 200) {
        (void)ask(clerk, "DynamoDB_20120810.TransactWriteItems", text, &status);
        assert_int_equal(status, 200);
        return true;
    }
    assert_int_equal(status, 400);
    assert_true(json_text_is(json_at(reply, "__type"), TRANSACTION_CANCELED));
    (void)atomic_fetch_add(&clerk->bank->conflicts, 1);
    return false;
}

static void *work_as_teller(void *context)
{
    struct clerk *clerk = context;
    size_t rounds = random_rounds(TRANSFERS_A_TELLER);
    size_t try = 0;
    for (size_t i = 0; i < rounds; i++) {
        int from = (int)random_below(&clerk->random, ACCOUNTS);
        int to = (from + 1 + (int)random_below(&clerk->random, ACCOUNTS - 1)) % ACCOUNTS;
        int amount = (int)random_below(&clerk->random, 50);
        size_t last = try + TRIES_MAX;
        while (!transfer(clerk, from, to, amount, try++)) {
            assert_true(try < last);
            arena_reset(&clerk->arena);
        }
        arena_reset(&clerk->arena);
    }
    (void)atomic_fetch_sub(&clerk->bank->tellers_at_work, 1);
    return NULL;
}

/* ---- auditors ---- */

static void *work_as_auditor(void *context)
{
    struct clerk *clerk = context;
    while (atomic_load(&clerk->bank->tellers_at_work) > 0) {
        int balances[ACCOUNTS];
        int sum = 0;
        look(clerk, balances);
        for (int i = 0; i < ACCOUNTS; i++) {
            sum += balances[i];
        }
        assert_int_equal(sum, ACCOUNTS * BALANCE_FIRST);
        arena_reset(&clerk->arena);
    }
    return NULL;
}

/* ---- the day ---- */

static void open_accounts(struct api_fixture *fixture)
{
    create_table(fixture, TABLE);
    for (int i = 0; i < ACCOUNTS; i++) {
        assert_answer(fixture, "PutItem",
                      api_fixture_text(fixture,
                                       "{'TableName':'Accounts','Item':{'id':{'N':'%d'},"
                                       "'balance':{'N':'%d'}}}",
                                       i, BALANCE_FIRST),
                      "{}");
    }
}

static void start(struct clerk *clerk, struct bank *bank, size_t number)
{
    *clerk = (struct clerk){ .bank = bank, .number = number };
    random_start_with(&clerk->random, bank->seed + number);
    arena_init(&clerk->arena);
    (void)pthread_mutex_init(&clerk->lock, NULL);
    (void)pthread_cond_init(&clerk->answered, NULL);
    void *(*work)(void *) = number < TELLERS ? work_as_teller : work_as_auditor;
    assert_int_equal(pthread_create(&clerk->thread, NULL, work, clerk), 0);
}

static void wait_for(struct clerk *clerk)
{
    (void)pthread_join(clerk->thread, NULL);
    (void)pthread_cond_destroy(&clerk->answered);
    (void)pthread_mutex_destroy(&clerk->lock);
    arena_deinit(&clerk->arena);
}

/* What the index holds, without what one account has twice, is what the table holds. */
static void assert_index_agrees(struct api_fixture *fixture)
{
    int sum = 0;
    const struct cJSON *reply =
        assert_accepted(fixture, "Scan", "{'TableName':'Accounts','IndexName':'by-balance'}");
    const struct cJSON *item = json_first(json_at(reply, "Items"));
    for (; item != NULL; item = json_next(item)) {
        struct bytes id = json_text(&fixture->arena, json_at(item, "id.N"));
        struct bytes balance = json_text(&fixture->arena, json_at(item, "balance.N"));
        sum += (int)strtol(bytes_to_text(&fixture->arena, balance), NULL, 10);
        const struct cJSON *got = assert_accepted(
            fixture, "GetItem",
            api_fixture_text(fixture, "{'TableName':'Accounts','Key':{'id':{'N':'%.*s'}}}",
                             BYTES_ARGUMENTS(id)));
        assert_true(
            bytes_equal(json_text(&fixture->arena, json_at(got, "Item.balance.N")), balance));
    }
    assert_member_is(fixture, reply, "Count", api_fixture_text(fixture, "%d", ACCOUNTS));
    assert_int_equal(sum, ACCOUNTS * BALANCE_FIRST);
}

static void run_a_day(struct api_fixture *fixture)
{
    struct clerk clerks[TELLERS + AUDITORS];
    struct random random;
    random_start(&random, "concurrent_transfers");
    struct bank bank = { .api = fixture->api,
                         .seed = random_below(&random, SIZE_MAX / 2),
                         .tellers_at_work = TELLERS };
    open_accounts(fixture);
    for (size_t i = 0; i < TELLERS + AUDITORS; i++) {
        start(&clerks[i], &bank, i);
    }
    for (size_t i = 0; i < TELLERS + AUDITORS; i++) {
        wait_for(&clerks[i]);
    }
    (void)printf("%d transactions were cancelled and tried again\n", atomic_load(&bank.conflicts));
    assert_index_agrees(fixture);
}

static void no_money_is_made_or_lost_in_memory(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open(&fixture);
    run_a_day(&fixture);
    api_fixture_close(&fixture);
}

static void no_money_is_made_or_lost_on_disk(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open_durable(&fixture);
    run_a_day(&fixture);
    api_fixture_reopen(&fixture);
    assert_index_agrees(&fixture);
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_money_is_made_or_lost_in_memory),
        cmocka_unit_test(no_money_is_made_or_lost_on_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
