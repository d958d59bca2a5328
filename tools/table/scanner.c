#include "tools/table/scanner.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    const struct scan_options *options;
    scan_page *page;
    void *context;
    pthread_mutex_t lock;
    bool is_over; /* stopped by the page function, or failed */
    int code;     /* the first failure's */
    int64_t began_ms;
    double units_read;   /* of DynamoDB's */
    size_t next_segment; /* that nobody has taken yet */
};

struct worker {
    struct scan *scan;
    pthread_t thread;
    bool is_started;
    size_t segment;
    struct dynamodb_client *client;
};

void segments_free(struct segment *segments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(segments[i].start_key);
        segments[i].start_key = NULL;
    }
}

/* ---- one page ---- */

static void append_attributes(struct buffer *body, const struct scan_options *options)
{
    if (options->attributes == NULL) {
        return;
    }
    buffer_append_text(body, ",\"ProjectionExpression\":\"");
    for (size_t i = 0; i < options->attribute_count; i++) {
        buffer_append_format(body, "%s#a%zu", i > 0 ? "," : "", i);
    }
    buffer_append_text(body, "\",\"ExpressionAttributeNames\":{");
    for (size_t i = 0; i < options->attribute_count; i++) {
        buffer_append_format(body, "%s\"#a%zu\":", i > 0 ? "," : "", i);
        json_append_text(body, options->attributes[i]);
    }
    buffer_append_text(body, "}");
}

static struct bytes
page_body(struct arena *arena, const struct scan_options *options, size_t segment)
{
    struct buffer body;
    buffer_init(&body, arena, 512);
    buffer_append_text(&body, "{\"TableName\":");
    json_append_text(&body, options->table);
    if (options->index != NULL) {
        buffer_append_text(&body, ",\"IndexName\":");
        json_append_text(&body, options->index);
    }
    uint64_t total = options->numbers != NULL ? options->segments_total : options->segment_count;
    if (total > 1) {
        uint64_t number = options->numbers != NULL ? options->numbers[segment] : segment;
        buffer_append_format(&body, ",\"Segment\":%llu,\"TotalSegments\":%llu",
                             (unsigned long long)number, (unsigned long long)total);
    }
    if (options->is_consistent) {
        buffer_append_text(&body, ",\"ConsistentRead\":true");
    }
    if (options->segments[segment].start_key != NULL) {
        buffer_append_text(&body, ",\"ExclusiveStartKey\":");
        buffer_append_text(&body, options->segments[segment].start_key);
    }
    append_attributes(&body, options);
    buffer_append_text(&body, ",\"ReturnConsumedCapacity\":\"TOTAL\"}");
    return buffer_view(&body);
}

static void move_segment(struct arena *arena, struct segment *segment, const struct cJSON *last_key)
{
    free(segment->start_key);
    segment->start_key = NULL;
    segment->is_done = last_key == NULL;
    if (last_key != NULL) {
        segment->start_key = strdup(bytes_to_text(arena, json_print(arena, last_key)));
    }
}

/* Hands the page on. True: the segment has more and the scan goes on. */
static bool
take_page(struct worker *worker, struct arena *arena, const struct dynamodb_reply *reply)
{
    struct scan *scan = worker->scan;
    struct segment *segment = &scan->options->segments[worker->segment];
    (void)pthread_mutex_lock(&scan->lock);
    scan->units_read += json_number(json_at(reply->json, "ConsumedCapacity.CapacityUnits"), 0);
    if (!scan->is_over) {
        move_segment(arena, segment, json_member(reply->json, "LastEvaluatedKey"));
        scan->is_over =
            !scan->page(scan->context, worker->segment, json_member(reply->json, "Items"));
    }
    bool goes_on = !scan->is_over && !segment->is_done;
    (void)pthread_mutex_unlock(&scan->lock);
    return goes_on;
}

static void fail_scan(struct worker *worker, const struct dynamodb_reply *reply)
{
    struct scan *scan = worker->scan;
    (void)pthread_mutex_lock(&scan->lock);
    if (scan->code == CODE_FINE && !process_interrupted()) {
        scan->code = command_fail_call(scan->options->command, worker->client, "Scan", reply);
    }
    scan->is_over = true;
    (void)pthread_mutex_unlock(&scan->lock);
}

/* Waits until what has been read so far fits the rate. */
static void keep_rate(struct scan *scan)
{
    (void)pthread_mutex_lock(&scan->lock);
    int64_t rate = scan->options->read_units;
    int64_t due_ms = rate > 0 ? scan->began_ms + (int64_t)(scan->units_read * 1000 / (double)rate)
                              : scan->began_ms;
    (void)pthread_mutex_unlock(&scan->lock);
    int64_t pause_ms = due_ms - process_now_ms();
    if (pause_ms > 0) {
        process_sleep_ms(pause_ms);
    }
}

static bool is_over(struct scan *scan)
{
    (void)pthread_mutex_lock(&scan->lock);
    bool over = scan->is_over || process_interrupted();
    (void)pthread_mutex_unlock(&scan->lock);
    return over;
}

/* The worker's next segment that is not done. False: there is none. */
static bool take_segment(struct worker *worker)
{
    struct scan *scan = worker->scan;
    const struct scan_options *options = scan->options;
    (void)pthread_mutex_lock(&scan->lock);
    while (scan->next_segment < options->segment_count &&
           options->segments[scan->next_segment].is_done) {
        scan->next_segment++;
    }
    bool is_taken = scan->next_segment < options->segment_count;
    if (is_taken) {
        worker->segment = scan->next_segment++;
    }
    (void)pthread_mutex_unlock(&scan->lock);
    return is_taken;
}

static void scan_segment(struct worker *worker, struct arena *arena)
{
    bool goes_on = true;
    while (goes_on && !is_over(worker->scan)) {
        struct dynamodb_reply reply;
        arena_reset(arena);
        keep_rate(worker->scan);
        struct bytes body = page_body(arena, worker->scan->options, worker->segment);
        goes_on = dynamodb_client_call(worker->client, arena, "Scan", body, &reply);
        if (goes_on) {
            goes_on = take_page(worker, arena, &reply);
        } else {
            fail_scan(worker, &reply);
        }
        dynamodb_reply_free(&reply);
    }
}

static void *scan_segments(void *context)
{
    struct worker *worker = context;
    struct arena arena;
    arena_init(&arena);
    while (!is_over(worker->scan) && take_segment(worker)) {
        scan_segment(worker, &arena);
    }
    arena_deinit(&arena);
    return NULL;
}

/* ---- all segments ---- */

static size_t count_workers(const struct scan_options *options)
{
    size_t open = 0;
    for (size_t i = 0; i < options->segment_count; i++) {
        open += !options->segments[i].is_done;
    }
    size_t most = options->worker_count > 0 ? options->worker_count : options->segment_count;
    return open < most ? open : most;
}

static int start_workers(struct scan *scan, struct worker *workers, size_t count)
{
    const struct scan_options *options = scan->options;
    int code = CODE_FINE;
    for (size_t i = 0; code == CODE_FINE && i < count; i++) {
        workers[i] = (struct worker){ .scan = scan };
        code = command_connect(options->command, &workers[i].client);
        workers[i].is_started =
            code == CODE_FINE &&
            pthread_create(&workers[i].thread, NULL, scan_segments, &workers[i]) == 0;
        if (code == CODE_FINE && !workers[i].is_started) {
            code = command_fail(options->command, CODE_UNREACHABLE, "cannot start a thread");
        }
    }
    return code;
}

int scan_run(const struct scan_options *options, scan_page *page, void *context)
{
    struct worker workers[SEGMENTS_MAX] = { { .scan = NULL } };
    struct scan scan = { .options = options,
                         .page = page,
                         .context = context,
                         .code = CODE_FINE,
                         .began_ms = process_now_ms() };
    size_t worker_count = count_workers(options);
    assert(worker_count <= SEGMENTS_MAX);
    (void)pthread_mutex_init(&scan.lock, NULL);
    int code = start_workers(&scan, workers, worker_count);
    if (code != CODE_FINE) {
        (void)pthread_mutex_lock(&scan.lock);
        scan.is_over = true;
        scan.code = code;
        (void)pthread_mutex_unlock(&scan.lock);
    }
    for (size_t i = 0; i < worker_count; i++) {
        if (workers[i].is_started) {
            (void)pthread_join(workers[i].thread, NULL);
        }
        if (workers[i].client != NULL) {
            dynamodb_client_close(workers[i].client);
        }
    }
    (void)pthread_mutex_destroy(&scan.lock);
    if (options->units_read != NULL) {
        *options->units_read += scan.units_read;
    }
    return scan.code;
}
