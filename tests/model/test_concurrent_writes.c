/*
 * Writers, readers and someone who makes and deletes an index, all at once through the API, with
 * the background thread at work. At the end the index holds exactly what the table holds. Made to
 * be run under the thread sanitizer as well.
 */

#include "api/api.h"

#include "storage/base/arena.h"
#include "tests/support/random.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    WRITERS = 4,
    READERS = 2,
    KEYS_A_WRITER = 40,
    WRITES_A_WRITER = 400,
    PATIENCE_MS = 60000,
    BODY_SIZE_MAX = 1024,
};

static const struct durations DURATIONS = {
    .table_create_ms = 1,
    .index_allocate_ms = 2,
    .index_backfill_ms = 2,
    .index_delete_ms = 2,
};

struct scene {
    struct api *api;
    uint64_t seed;
    atomic_bool is_over;
};

/* ---- one call ---- */

struct waiting_call {
    struct api_call call;
    struct arena arena;
    pthread_mutex_t lock;
    pthread_cond_t is_done;
    bool done;
};

static void wake(struct api_call *call)
{
    struct waiting_call *waiting = call->context;
    (void)pthread_mutex_lock(&waiting->lock);
    waiting->done = true;
    (void)pthread_cond_signal(&waiting->is_done);
    (void)pthread_mutex_unlock(&waiting->lock);
}

/* The status; the reply as text, to be freed. */
static int call(struct scene *scene, const char *operation, const char *body, char **out_reply)
{
    struct waiting_call waiting = { .done = false };
    char target[64];
    (void)snprintf(target, sizeof target, "DynamoDB_20120810.%s", operation);
    arena_init(&waiting.arena);
    (void)pthread_mutex_init(&waiting.lock, NULL);
    (void)pthread_cond_init(&waiting.is_done, NULL);
    waiting.call = (struct api_call){
        .arena = &waiting.arena,
        .target = bytes_of_text(target),
        .body = bytes_of_text(body),
        .completed = wake,
        .context = &waiting,
    };
    if (api_handle(scene->api, &waiting.call) == API_PENDING) {
        (void)pthread_mutex_lock(&waiting.lock);
        while (!waiting.done) {
            (void)pthread_cond_wait(&waiting.is_done, &waiting.lock);
        }
        (void)pthread_mutex_unlock(&waiting.lock);
    }
    *out_reply = malloc(waiting.call.reply.length + 1);
    if (*out_reply == NULL) {
        abort();
    }
    memcpy(*out_reply, waiting.call.reply.data, waiting.call.reply.length);
    (*out_reply)[waiting.call.reply.length] = '\0';
    int status = waiting.call.status;
    (void)pthread_cond_destroy(&waiting.is_done);
    (void)pthread_mutex_destroy(&waiting.lock);
    arena_deinit(&waiting.arena);
    return status;
}

/* Threads have no business in cmocka's assertions: they end the program, with the reply. */
static void must_call(struct scene *scene, const char *operation, const char *body)
{
    char *reply;
    int status = call(scene, operation, body, &reply);
    if (status != 200) {
        (void)fprintf(stderr, "%s %s: %d %s\n", operation, body, status, reply);
        abort();
    }
    free(reply);
}

/* ---- who takes part ---- */

struct player {
    struct scene *scene;
    struct random random;
    size_t number;
    pthread_t thread;
};

static void *write_items(void *context)
{
    struct player *player = context;
    char body[BODY_SIZE_MAX];
    for (size_t i = 0; i < WRITES_A_WRITER; i++) {
        size_t key = random_below(&player->random, KEYS_A_WRITER);
        size_t group = random_below(&player->random, 5);
        const char *operation = "PutItem";
        if (random_once_in(&player->random, 4)) {
            operation = "DeleteItem";
            (void)snprintf(body, sizeof body,
                           "{\"TableName\":\"Orders\",\"Key\":{\"id\":{\"S\":\"%zu-%zu\"}}}",
                           player->number, key);
        } else { /* one group in five is no group: the item is not in the index */
            (void)snprintf(body, sizeof body,
                           "{\"TableName\":\"Orders\",\"Item\":{\"id\":{\"S\":\"%zu-%zu\"},"
                           "\"n\":{\"N\":\"%zu\"},\"%s\":{\"S\":\"group-%zu\"}}}",
                           player->number, key, i, group == 0 ? "none" : "group", group);
        }
        must_call(player->scene, operation, body);
    }
    return NULL;
}

/* Reads of the index are refused while it is not there: with 400, never otherwise. */
static void *read_items(void *context)
{
    static const struct {
        const char *operation;
        const char *body;
        bool may_be_refused;
    } reads[] = {
        { "Scan", "{\"TableName\":\"Orders\"}", false },
        { "Scan", "{\"TableName\":\"Orders\",\"IndexName\":\"by-group\"}", true },
        { "Query",
          "{\"TableName\":\"Orders\",\"IndexName\":\"by-group\","
          "\"KeyConditionExpression\":\"#g = :g\","
          "\"ExpressionAttributeNames\":{\"#g\":\"group\"},"
          "\"ExpressionAttributeValues\":{\":g\":{\"S\":\"group-1\"}}}",
          true },
        { "GetItem", "{\"TableName\":\"Orders\",\"Key\":{\"id\":{\"S\":\"0-0\"}}}", false },
        { "DescribeTable", "{\"TableName\":\"Orders\"}", false },
    };
    struct player *player = context;
    while (!atomic_load(&player->scene->is_over)) {
        size_t choice = random_below(&player->random, sizeof reads / sizeof reads[0]);
        char *reply;
        int status = call(player->scene, reads[choice].operation, reads[choice].body, &reply);
        if (status != 200 && !(status == 400 && reads[choice].may_be_refused)) {
            (void)fprintf(stderr, "%s: %d %s\n", reads[choice].body, status, reply);
            abort();
        }
        free(reply);
    }
    return NULL;
}

static void pause_ms(long milliseconds)
{
    struct timespec pause = { .tv_nsec = milliseconds * 1000000 };
    (void)nanosleep(&pause, NULL);
}

#define CREATE_INDEX                                                                               \
    "{\"TableName\":\"Orders\",\"AttributeDefinitions\":["                                         \
    "{\"AttributeName\":\"id\",\"AttributeType\":\"S\"},"                                          \
    "{\"AttributeName\":\"group\",\"AttributeType\":\"S\"},"                                       \
    "{\"AttributeName\":\"n\",\"AttributeType\":\"N\"}],"                                          \
    "\"GlobalSecondaryIndexUpdates\":[{\"Create\":{\"IndexName\":\"by-group\",\"KeySchema\":["     \
    "{\"AttributeName\":\"group\",\"KeyType\":\"HASH\"},"                                          \
    "{\"AttributeName\":\"n\",\"KeyType\":\"RANGE\"}],"                                            \
    "\"Projection\":{\"ProjectionType\":\"ALL\"}}}]}"
#define DELETE_INDEX                                                                               \
    "{\"TableName\":\"Orders\","                                                                   \
    "\"GlobalSecondaryIndexUpdates\":[{\"Delete\":{\"IndexName\":\"by-group\"}}]}"

/* Makes and deletes the index, at whatever moment it comes; refused while one is under way. */
static void *define_index(void *context)
{
    struct player *player = context;
    while (!atomic_load(&player->scene->is_over)) {
        char *reply;
        int status = call(player->scene, "UpdateTable",
                          random_once_in(&player->random, 2) ? CREATE_INDEX : DELETE_INDEX, &reply);
        if (status != 200 && status != 400) {
            (void)fprintf(stderr, "UpdateTable: %d %s\n", status, reply);
            abort();
        }
        free(reply);
        pause_ms((long)random_below(&player->random, 8));
    }
    return NULL;
}

static void start(struct scene *scene, struct player *player, size_t number, void *(*run)(void *))
{
    player->scene = scene;
    player->number = number;
    random_start_with(&player->random, scene->seed + number);
    assert_int_equal(pthread_create(&player->thread, NULL, run, player), 0);
}

/* ---- the end ---- */

static void wait_for(struct scene *scene, const char *fragment, const char *absent)
{
    for (int i = 0; i < PATIENCE_MS; i++) {
        char *reply;
        assert_int_equal(call(scene, "DescribeTable", "{\"TableName\":\"Orders\"}", &reply), 200);
        bool holds = strstr(reply, fragment) != NULL && strstr(reply, absent) == NULL;
        free(reply);
        if (holds) {
            return;
        }
        pause_ms(1);
    }
    fail_msg("the table never had %s", fragment);
}

/* Deletes what there is of the index, makes it once more and waits until it is there. */
static void settle_index(struct scene *scene)
{
    int status = 0;
    for (int i = 0; status != 200 && i < PATIENCE_MS; i++) {
        char *reply;
        status = call(scene, "UpdateTable", CREATE_INDEX, &reply);
        bool exists = status == 200 || strstr(reply, "already exists") != NULL;
        free(reply);
        if (exists) {
            break;
        }
        pause_ms(1);
    }
    wait_for(scene, "\"IndexStatus\":\"ACTIVE\"", "\"IndexStatus\":\"CREATING\"");
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The items of a Scan that have a group, as text, ascending: cut apart at the reply's own brackets.
 */
static size_t items_with_group(char *reply, char **out_items, size_t items_max)
{
    size_t count = 0;
    char *next = strstr(reply, "\"Items\":[");
    assert_non_null(next);
    next += strlen("\"Items\":[");
    while (*next == '{') {
        int depth = 0;
        char *end = next;
        do {
            depth += (*end == '{') - (*end == '}');
            end++;
        } while (depth > 0);
        char after = *end;
        *end = '\0';
        if (strstr(next, "\"group\":") != NULL) {
            assert_true(count < items_max);
            out_items[count++] = next;
        }
        next = after == ',' ? end + 1 : end;
    }
    qsort((void *)out_items, count, sizeof *out_items, compare_texts);
    return count;
}

static void assert_index_is_table(struct scene *scene)
{
    static char *table_items[WRITERS * KEYS_A_WRITER];
    static char *index_items[WRITERS * KEYS_A_WRITER];
    size_t items_max = sizeof table_items / sizeof table_items[0];
    char *table;
    char *index;
    assert_int_equal(call(scene, "Scan", "{\"TableName\":\"Orders\"}", &table), 200);
    assert_int_equal(
        call(scene, "Scan", "{\"TableName\":\"Orders\",\"IndexName\":\"by-group\"}", &index), 200);
    assert_null(strstr(table, "LastEvaluatedKey"));
    assert_null(strstr(index, "LastEvaluatedKey"));
    size_t count = items_with_group(table, table_items, items_max);
    assert_int_equal(items_with_group(index, index_items, items_max), count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(index_items[i], table_items[i]);
    }
    free(table);
    free(index);
}

static void play(struct scene *scene)
{
    struct player writers[WRITERS];
    struct player readers[READERS];
    struct player definer;
    atomic_init(&scene->is_over, false);
    must_call(scene, "CreateTable",
              "{\"TableName\":\"Orders\",\"BillingMode\":\"PAY_PER_REQUEST\","
              "\"AttributeDefinitions\":[{\"AttributeName\":\"id\",\"AttributeType\":\"S\"}],"
              "\"KeySchema\":[{\"AttributeName\":\"id\",\"KeyType\":\"HASH\"}]}");
    wait_for(scene, "\"TableStatus\":\"ACTIVE\"", "\"TableStatus\":\"CREATING\"");
    for (size_t i = 0; i < WRITERS; i++) {
        start(scene, &writers[i], i, write_items);
    }
    for (size_t i = 0; i < READERS; i++) {
        start(scene, &readers[i], WRITERS + i, read_items);
    }
    start(scene, &definer, WRITERS + READERS, define_index);
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
    }
    atomic_store(&scene->is_over, true);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
    }
    assert_int_equal(pthread_join(definer.thread, NULL), 0);
    settle_index(scene);
    assert_index_is_table(scene);
}

static void play_in(const char *directory)
{
    struct scene scene;
    struct random random;
    char message[512];
    struct api_options options = {
        .data_directory = directory,
        .map_size_bytes = UINT64_C(1) << 28,
        .readers_max = 64,
        .durations = DURATIONS,
        .profile = "test",
        .region = "us-east-1",
    };
    random_start(&random, directory == NULL ? "in memory" : "durable");
    scene.seed = random.state;
    if (!api_open(&options, &scene.api, message, sizeof message)) {
        fail_msg("%s", message);
    }
    play(&scene);
    api_close(scene.api);
    if (directory != NULL) { /* what is on the disk is whole as well */
        assert_true(api_open(&options, &scene.api, message, sizeof message));
        assert_index_is_table(&scene);
        api_close(scene.api);
    }
}

static void in_memory_the_index_is_the_table_after_all_that(void **state)
{
    (void)state;
    play_in(NULL);
}

static void durable_the_index_is_the_table_after_all_that(void **state)
{
    (void)state;
    static const char *const FILES[] = { "data.mdb", "lock.mdb", "server.lock" };
    char directory[] = "/tmp/rehearsedb-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    play_in(directory);
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", directory, FILES[i]);
        (void)unlink(path);
    }
    (void)rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory_the_index_is_the_table_after_all_that),
        cmocka_unit_test(durable_the_index_is_the_table_after_all_that),
    };
    return cmocka_run_group_tests_name("concurrent_writes", tests, NULL, NULL);
}
