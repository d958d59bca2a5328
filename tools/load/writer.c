#include "tools/load/writer.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <pthread.h>
#include <string.h>

enum {
    PUTS_MAX = 25,                     /* BatchWriteItem's */
    BATCH_SIZE_MAX = 12 * 1024 * 1024, /* it takes 16 MB */
    PAUSE_FIRST_MS = 25,               /* before unprocessed puts are sent again; doubles */
    PAUSE_LONGEST_MS = 5000,
    BODY_SIZE = 16 * 1024, /* a first guess */
    ROUNDS_MAX = 10,       /* without a single put taken */
};

struct writer {
    const struct writer_options *options;
    pthread_mutex_t lock;
    bool is_over; /* failed */
    int code;     /* the first failure's */
    int64_t began_ms;
    struct writer_result result;
};

struct batch {
    struct put puts[PUTS_MAX];
    size_t count;
    size_t size_bytes;
};

struct worker {
    struct writer *writer;
    pthread_t thread;
    size_t connection;
    struct dynamodb_client *client;
    struct arena arenas[2]; /* in turns, since `ahead` outlives the batch it was taken for */
    struct put ahead;       /* the first put of the next batch; no request: none */
    bool is_started;
    bool is_at_end;
};

static bool is_over(struct writer *writer)
{
    (void)pthread_mutex_lock(&writer->lock);
    bool over = writer->is_over || process_interrupted();
    (void)pthread_mutex_unlock(&writer->lock);
    return over;
}

/* ---- failing: the first message counts ---- */

static void end_with(struct writer *writer, int code)
{
    (void)pthread_mutex_lock(&writer->lock);
    writer->code = writer->code == CODE_FINE ? code : writer->code;
    writer->is_over = true;
    (void)pthread_mutex_unlock(&writer->lock);
}

static void fail_call(struct worker *worker,
                      const struct dynamodb_reply *reply,
                      const struct put *put) /* the only one of the call, or NULL */
{
    struct writer *writer = worker->writer;
    const struct command *command = writer->options->command;
    (void)pthread_mutex_lock(&writer->lock);
    if (writer->code == CODE_FINE && !process_interrupted()) {
        writer->code =
            put != NULL && dynamodb_reply_is_answer(reply)
                ? command_fail(command, CODE_UNREACHABLE, "the item %.*s is refused: %s: %s",
                               BYTES_ARGUMENTS(put->key), reply->error, reply->message)
                : command_fail_call(command, worker->client, "BatchWriteItem", reply);
    }
    writer->is_over = true;
    (void)pthread_mutex_unlock(&writer->lock);
}

static void fail_unprocessed(struct worker *worker)
{
    struct writer *writer = worker->writer;
    (void)pthread_mutex_lock(&writer->lock);
    if (writer->code == CODE_FINE) {
        writer->code = command_fail(writer->options->command, CODE_UNREACHABLE,
                                    "%s took none of a batch %d times in a row: it has too little "
                                    "write capacity",
                                    dynamodb_client_url(worker->client), ROUNDS_MAX);
    }
    writer->is_over = true;
    (void)pthread_mutex_unlock(&writer->lock);
}

/* ---- one call ---- */

static struct bytes
body_of_puts(struct arena *arena, const char *table, const struct put *puts, size_t count)
{
    struct buffer body;
    buffer_init(&body, arena, BODY_SIZE);
    buffer_append_text(&body, "{\"RequestItems\":{");
    json_append_text(&body, table);
    for (size_t i = 0; i < count; i++) {
        buffer_append_text(&body, i > 0 ? ",{\"PutRequest\":" : ":[{\"PutRequest\":");
        buffer_append_bytes(&body, puts[i].request);
        buffer_append_text(&body, "}");
    }
    buffer_append_text(&body, "]},\"ReturnConsumedCapacity\":\"TOTAL\"}");
    return buffer_view(&body);
}

static struct bytes body_of_unprocessed(struct arena *arena, const struct cJSON *unprocessed)
{
    struct buffer body;
    buffer_init(&body, arena, BODY_SIZE);
    buffer_append_text(&body, "{\"RequestItems\":");
    buffer_append_bytes(&body, json_print(arena, unprocessed));
    buffer_append_text(&body, ",\"ReturnConsumedCapacity\":\"TOTAL\"}");
    return buffer_view(&body);
}

/* Units as the endpoint counts them, else one for each put. */
static double units_of(const struct dynamodb_reply *reply, size_t written)
{
    double units = 0;
    const struct cJSON *consumed = json_member(reply->json, "ConsumedCapacity");
    for (const struct cJSON *node = json_first(consumed); node != NULL; node = json_next(node)) {
        units += json_number(json_member(node, "CapacityUnits"), 0);
    }
    return consumed != NULL ? units : (double)written;
}

static void count_call(struct writer *writer,
                       const struct dynamodb_reply *reply,
                       size_t written,
                       size_t unprocessed)
{
    (void)pthread_mutex_lock(&writer->lock);
    writer->result.written += written;
    writer->result.retried += unprocessed;
    writer->result.write_units += units_of(reply, written);
    writer->options->tell(writer->options->context, &writer->result);
    (void)pthread_mutex_unlock(&writer->lock);
}

/* Waits until what has been written so far fits the rate. */
static void keep_rate(struct writer *writer)
{
    int64_t rate = writer->options->write_units;
    (void)pthread_mutex_lock(&writer->lock);
    double spent_ms = rate > 0 ? writer->result.write_units * 1000 / (double)rate : 0;
    (void)pthread_mutex_unlock(&writer->lock);
    int64_t pause_ms = writer->began_ms + (int64_t)spent_ms - process_now_ms();
    if (rate > 0 && pause_ms > 0) {
        process_sleep_ms(pause_ms);
    }
}

/* ---- a batch, until all of it is written ---- */

static bool is_refused(const struct dynamodb_reply *reply)
{
    return reply->error != NULL && strcmp(reply->error, "ValidationException") == 0;
}

/* Sends what is left of a batch again and again. True: all of it is written. */
static bool send_body(struct worker *worker,
                      struct arena *arena,
                      struct bytes body,
                      size_t count,
                      struct dynamodb_reply *out_reply)
{
    int64_t pause_ms = PAUSE_FIRST_MS;
    int rounds = 0;
    while (!is_over(worker->writer)) {
        keep_rate(worker->writer);
        if (!dynamodb_client_call(worker->client, arena, "BatchWriteItem", body, out_reply)) {
            return false;
        }
        const struct cJSON *unprocessed = json_member(out_reply->json, "UnprocessedItems");
        size_t left = json_count(json_first(unprocessed));
        left = left < count ? left : count;
        count_call(worker->writer, out_reply, count - left, left);
        if (left == 0) {
            return true;
        }
        body = body_of_unprocessed(arena, unprocessed);
        rounds = left < count ? 0 : rounds + 1;
        pause_ms = left < count ? PAUSE_FIRST_MS : pause_ms * 2;
        count = left;
        dynamodb_reply_free(out_reply);
        *out_reply = (struct dynamodb_reply){ .status = 0 };
        if (rounds == ROUNDS_MAX) {
            fail_unprocessed(worker);
            return false;
        }
        process_sleep_ms(pause_ms < PAUSE_LONGEST_MS ? pause_ms : PAUSE_LONGEST_MS);
    }
    return false;
}

/* A batch that is refused is sent put by put, so that the one at fault is named. */
static void
send_puts(struct worker *worker, struct arena *arena, const struct put *puts, size_t count)
{
    struct dynamodb_reply reply = { .status = 0 };
    struct bytes body = body_of_puts(arena, worker->writer->options->table, puts, count);
    bool is_sent = send_body(worker, arena, body, count, &reply);
    bool is_split = !is_sent && count > 1 && is_refused(&reply);
    if (!is_sent && !is_split && !is_over(worker->writer)) {
        fail_call(worker, &reply, count == 1 ? puts : NULL);
    }
    dynamodb_reply_free(&reply);
    for (size_t i = 0; is_split && i < count && !is_over(worker->writer); i++) {
        struct dynamodb_reply alone = { .status = 0 };
        body = body_of_puts(arena, worker->writer->options->table, &puts[i], 1);
        if (!send_body(worker, arena, body, 1, &alone) && !is_over(worker->writer)) {
            fail_call(worker, &alone, &puts[i]);
        }
        dynamodb_reply_free(&alone);
    }
}

/* ---- filling a batch ---- */

/* False: it must wait for the next one, since there is no room or its key is there already. */
static bool add_put(struct batch *batch, const struct put *put)
{
    if (batch->count == PUTS_MAX ||
        (batch->count > 0 && batch->size_bytes + put->request.length > BATCH_SIZE_MAX)) {
        return false;
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (bytes_equal(batch->puts[i].key, put->key)) {
            return false;
        }
    }
    batch->puts[batch->count++] = *put;
    batch->size_bytes += put->request.length;
    return true;
}

static void fill_batch(struct worker *worker, struct arena *arena, struct batch *batch)
{
    const struct item_source *source = &worker->writer->options->source;
    batch->count = 0;
    batch->size_bytes = 0;
    if (worker->ahead.request.length > 0) {
        (void)add_put(batch, &worker->ahead);
        worker->ahead = (struct put){ .request = { .length = 0 } };
    }
    while (!worker->is_at_end && worker->ahead.request.length == 0 && batch->count < PUTS_MAX) {
        struct put put = { .request = { .length = 0 } };
        int code = source->take(source->context, worker->connection, arena, &put);
        if (code != CODE_FINE) {
            end_with(worker->writer, code);
            worker->is_at_end = true;
        } else if (put.request.length == 0) {
            worker->is_at_end = true;
        } else if (!add_put(batch, &put)) {
            worker->ahead = put;
        }
    }
}

static void *run_worker(void *context)
{
    struct worker *worker = context;
    struct batch batch = { .count = 0 };
    size_t turn = 0;
    do {
        struct arena *arena = &worker->arenas[turn++ % 2];
        arena_reset(arena);
        fill_batch(worker, arena, &batch);
        if (batch.count > 0 && !is_over(worker->writer)) {
            send_puts(worker, arena, batch.puts, batch.count);
        }
    } while (batch.count > 0 && !is_over(worker->writer));
    return NULL;
}

/* ---- all connections ---- */

static int start_workers(struct writer *writer, struct worker *workers)
{
    const struct writer_options *options = writer->options;
    int code = CODE_FINE;
    for (size_t i = 0; code == CODE_FINE && i < options->connection_count; i++) {
        struct worker *worker = &workers[i];
        *worker = (struct worker){ .writer = writer, .connection = i };
        arena_init(&worker->arenas[0]);
        arena_init(&worker->arenas[1]);
        code = command_connect(options->command, &worker->client);
        worker->is_started =
            code == CODE_FINE && pthread_create(&worker->thread, NULL, run_worker, worker) == 0;
        if (code == CODE_FINE && !worker->is_started) {
            code = command_fail(options->command, CODE_UNREACHABLE, "cannot start a thread");
        }
    }
    return code;
}

int writer_run(const struct writer_options *options, struct writer_result *out_result)
{
    struct worker workers[CONNECTIONS_MAX] = { { .writer = NULL } };
    struct writer writer = { .options = options, .code = CODE_FINE, .began_ms = process_now_ms() };
    (void)pthread_mutex_init(&writer.lock, NULL);
    int code = start_workers(&writer, workers);
    if (code != CODE_FINE) {
        end_with(&writer, code);
    }
    for (size_t i = 0; i < options->connection_count && workers[i].writer != NULL; i++) {
        if (workers[i].is_started) {
            (void)pthread_join(workers[i].thread, NULL);
        }
        if (workers[i].client != NULL) {
            dynamodb_client_close(workers[i].client);
        }
        arena_deinit(&workers[i].arenas[0]);
        arena_deinit(&workers[i].arenas[1]);
    }
    (void)pthread_mutex_destroy(&writer.lock);
    *out_result = writer.result;
    return writer.code;
}
