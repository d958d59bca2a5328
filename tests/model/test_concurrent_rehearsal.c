/*
 * Writers at work while an operator freezes and thaws their table, changes faults, and looks at the
 * ledger and the timeline all the time. No write is acknowledged that began and ended while the
 * table was frozen; the ledger counts what was acknowledged, no more and no less; the timeline has
 * every sequence number once. Made to be run under the thread sanitizer as well.
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
#include <string.h>

#include <cmocka.h>

enum { WRITERS = 4, WRITES_A_WRITER = 400 };

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],'KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'}]}";

struct stage {
    struct api *api;
    atomic_int writers_at_work;
    atomic_int freezes; /* odd while the table is known to be frozen */
    atomic_int acknowledged;
    atomic_int dropped_after; /* carried out, and never acknowledged */
    atomic_int refused;
};

/* A thread of the test with what its calls need. */
struct actor {
    struct stage *stage;
    size_t number;
    pthread_t thread;
    struct arena arena;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool is_answered;
};

/* ---- calls ---- */

static void answered(struct api_call *call)
{
    struct actor *actor = call->context;
    (void)pthread_mutex_lock(&actor->lock);
    actor->is_answered = true;
    (void)pthread_cond_signal(&actor->answered);
    (void)pthread_mutex_unlock(&actor->lock);
}

static struct api_call call_of(struct actor *actor, const char *request)
{
    char *body = bytes_to_text(&actor->arena, bytes_of_text(request));
    for (char *at = body; *at != '\0'; at++) {
        if (*at == '\'') {
            *at = '"';
        }
    }
    actor->is_answered = false;
    return (struct api_call){
        .arena = &actor->arena,
        .body = bytes_of_text(body),
        .caller = { .access_key_id = BYTES("KEY"), .user_agent = BYTES("writer") },
        .completed = answered,
        .context = actor,
    };
}

static const struct cJSON *
operate(struct actor *actor, const char *method, const char *path, const char *request)
{
    struct api_call call = call_of(actor, request);
    const struct cJSON *reply = NULL;
    const char *query = strchr(path, '?');
    struct bytes before = { (const uint8_t *)path, strcspn(path, "?") };
    api_control(actor->stage->api, &call, bytes_of_text(method), before,
                bytes_of_text(query != NULL ? query + 1 : ""));
    assert_int_equal(call.status, 200);
    assert_true(json_parse(&actor->arena, call.reply, &reply));
    return reply;
}

/* ---- writers ---- */

static void write_once(struct actor *actor, size_t item)
{
    struct stage *stage = actor->stage;
    char request[128];
    (void)snprintf(request, sizeof request, "{'TableName':'Tab','Item':{'pk':{'S':'%zu-%zu'}}}",
                   actor->number, item);
    struct api_call call = call_of(actor, request);
    call.target = BYTES("DynamoDB_20120810.PutItem");
    int before = atomic_load(&stage->freezes);
    if (api_handle(stage->api, &call) == API_PENDING) {
        (void)pthread_mutex_lock(&actor->lock);
        while (!actor->is_answered) {
            (void)pthread_cond_wait(&actor->answered, &actor->lock);
        }
        (void)pthread_mutex_unlock(&actor->lock);
    }
    bool was_frozen = before % 2 == 1 && atomic_load(&stage->freezes) == before;
    if (call.status != 200) {
        (void)atomic_fetch_add(&stage->refused, 1);
        return;
    }
    assert_false(was_frozen);
    (void)atomic_fetch_add(call.drops ? &stage->dropped_after : &stage->acknowledged, 1);
}

static void *work_as_writer(void *context)
{
    struct actor *actor = context;
    size_t rounds = random_rounds(WRITES_A_WRITER);
    for (size_t i = 0; i < rounds; i++) {
        write_once(actor, i);
        arena_reset(&actor->arena);
    }
    (void)atomic_fetch_sub(&actor->stage->writers_at_work, 1);
    return NULL;
}

/* ---- the operator ---- */

/* Looks on from `after`; every number is there, once and in order. */
static int64_t read_timeline(struct actor *actor, int64_t after)
{
    char path[64];
    (void)snprintf(path, sizeof path, "timeline?After=%lld&Limit=10000", (long long)after);
    const struct cJSON *reply = operate(actor, "GET", path, "");
    const struct cJSON *event = json_first(json_member(reply, "Events"));
    for (; event != NULL; event = json_next(event)) {
        after++;
        assert_int_equal(json_integer(json_member(event, "Sequence")), after);
    }
    return after;
}

static void freeze_and_thaw(struct actor *actor)
{
    struct stage *stage = actor->stage;
    (void)operate(actor, "POST", "freeze",
                  "{'TableName':'Tab','Error':'ProvisionedThroughputExceededException'}");
    (void)atomic_fetch_add(&stage->freezes, 1);
    (void)operate(actor, "GET", "tables/Tab", "");
    (void)atomic_fetch_add(&stage->freezes, 1);
    (void)operate(actor, "POST", "thaw", "{'TableName':'Tab'}");
}

static void *work_as_operator(void *context)
{
    static const char *const rules[] = {
        "{'Rules':[{'Operation':'PutItem','Countdown':3,'Repeat':5,'Error':'ThrottlingException'}]"
        "}",
        "{'Rules':[{'TableName':'Tab','DelayMilliseconds':1,'Repeat':3}]}",
        "{'Rules':[{'TableName':'Tab','Drop':'AFTER','Repeat':3}]}",
        "{'Rules':[]}",
    };
    struct actor *actor = context;
    int64_t after = 0;
    for (size_t i = 0; atomic_load(&actor->stage->writers_at_work) > 0; i++) {
        (void)operate(actor, "PUT", "faults", rules[i % 4]);
        freeze_and_thaw(actor);
        (void)operate(actor, "GET", "faults", "");
        (void)operate(actor, "GET", "readers?TableName=Tab", "");
        (void)operate(actor, "POST", "readers/reset", "{'TableName':'Other'}");
        after = read_timeline(actor, after);
        arena_reset(&actor->arena);
    }
    assert_true(after > 0);
    return NULL;
}

/* ---- the play ---- */

static void start(struct actor *actor, struct stage *stage, size_t number)
{
    *actor = (struct actor){ .stage = stage, .number = number };
    arena_init(&actor->arena);
    (void)pthread_mutex_init(&actor->lock, NULL);
    (void)pthread_cond_init(&actor->answered, NULL);
    void *(*work)(void *) = number < WRITERS ? work_as_writer : work_as_operator;
    assert_int_equal(pthread_create(&actor->thread, NULL, work, actor), 0);
}

static void wait_for(struct actor *actor)
{
    (void)pthread_join(actor->thread, NULL);
    (void)pthread_cond_destroy(&actor->answered);
    (void)pthread_mutex_destroy(&actor->lock);
    arena_deinit(&actor->arena);
}

static void play(struct api_fixture *fixture)
{
    struct actor actors[WRITERS + 1];
    struct stage stage = { .api = fixture->api, .writers_at_work = WRITERS };
    create_table(fixture, TABLE);
    create_table(fixture, api_fixture_text(fixture, "%.14sOther%s", TABLE, TABLE + 17));
    for (size_t i = 0; i < WRITERS + 1; i++) {
        start(&actors[i], &stage, i);
    }
    for (size_t i = 0; i < WRITERS + 1; i++) {
        wait_for(&actors[i]);
    }
    int written = atomic_load(&stage.acknowledged) + atomic_load(&stage.dropped_after);
    (void)printf("%d written, %d of them without an answer, %d refused\n", written,
                 atomic_load(&stage.dropped_after), atomic_load(&stage.refused));
    (void)control(fixture, "DELETE", "faults", NULL);
    assert_member_is(fixture, assert_accepted(fixture, "Scan", "{'TableName':'Tab'}"), "Count",
                     api_fixture_text(fixture, "%d", written));
    struct api_reply reply = control(fixture, "GET", "readers?TableName=Tab", NULL);
    assert_member_is(fixture, reply.json, "Tables.0.Writes",
                     api_fixture_text(fixture, "%d", written));
}

static void watching_and_disturbing_keep_count_in_memory(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open(&fixture);
    play(&fixture);
    api_fixture_close(&fixture);
}

static void watching_and_disturbing_keep_count_on_disk(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open_durable(&fixture);
    play(&fixture);
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watching_and_disturbing_keep_count_in_memory),
        cmocka_unit_test(watching_and_disturbing_keep_count_on_disk),
    };
    return cmocka_run_group_tests_name("concurrent_rehearsal", tests, NULL, NULL);
}
