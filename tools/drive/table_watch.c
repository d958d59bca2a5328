#include "tools/drive/table_watch.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/exit_code.h"
#include "tools/table/described.h"

#include <pthread.h>
#include <stdlib.h>

struct table_watch {
    const char *table;
    struct dynamodb_client *client;
    struct arena arena; /* of all views */
    struct arena call;
    pthread_mutex_t lock;
    const struct table_view *view;
    struct bytes signature; /* of the view */
};

/* ---- views ---- */

static void append_index(struct buffer *to, const struct index_shape *index)
{
    buffer_append_sized(to, bytes_of_text(index->name != NULL ? index->name : ""));
    buffer_append_format(to, "%d%d%zu", index->is_ready, (int)index->projection,
                         index->projected_count);
    for (size_t i = 0; i < index->key_count; i++) {
        buffer_append_sized(to, bytes_of_text(index->keys[i].name));
        buffer_append_format(to, "%c%d", index->keys[i].type, index->keys[i].is_hash);
    }
    for (size_t i = 0; i < index->projected_count; i++) {
        buffer_append_sized(to, bytes_of_text(index->projected[i]));
    }
}

/* Two tables with the same one want the same items and answer the same reads. */
static struct bytes signature_of(struct arena *arena, const struct table_shape *table)
{
    struct buffer signature;
    buffer_init(&signature, arena, 512);
    append_index(&signature, &table->self);
    for (size_t i = 0; i < table->index_count; i++) {
        append_index(&signature, &table->indexes[i]);
    }
    return buffer_view(&signature);
}

static bool take_description(struct table_watch *watch, const struct cJSON *table)
{
    struct table_shape shape;
    char reason[512];
    if (!table_shape_read(&watch->call, table, &shape, reason, sizeof reason)) {
        return false;
    }
    struct bytes signature = signature_of(&watch->call, &shape);
    if (watch->view != NULL && bytes_equal(signature, watch->signature)) {
        return true;
    }
    struct table_view *view = arena_alloc_zero(&watch->arena, sizeof *view);
    (void)table_shape_read(&watch->arena, table, &view->shape, reason, sizeof reason);
    view->plan = item_plan_make(&watch->arena, &view->shape);
    watch->signature = bytes_copy(&watch->arena, signature);
    (void)pthread_mutex_lock(&watch->lock);
    watch->view = view;
    (void)pthread_mutex_unlock(&watch->lock);
    return true;
}

bool table_watch_refresh(struct table_watch *watch)
{
    struct dynamodb_reply reply;
    struct buffer body;
    arena_reset(&watch->call);
    buffer_init(&body, &watch->call, 128);
    buffer_append_text(&body, "{\"TableName\":");
    json_append_text(&body, watch->table);
    buffer_append_text(&body, "}");
    bool is_described = dynamodb_client_call(watch->client, &watch->call, "DescribeTable",
                                             buffer_view(&body), &reply) &&
                        take_description(watch, json_member(reply.json, "Table"));
    dynamodb_reply_free(&reply);
    return is_described;
}

const struct table_view *table_watch_view(struct table_watch *watch)
{
    (void)pthread_mutex_lock(&watch->lock);
    const struct table_view *view = watch->view;
    (void)pthread_mutex_unlock(&watch->lock);
    return view;
}

/* ---- lifetime ---- */

int table_watch_open(const struct command *command,
                     const struct command *steady,
                     const char *table,
                     struct table_watch **out_watch)
{
    struct described described;
    struct dynamodb_client *client = NULL;
    struct arena arena;
    arena_init(&arena);
    int code = described_ask(command, &arena, table, &described);
    if (code != CODE_FINE) {
        arena_deinit(&arena);
        return code;
    }
    code = command_connect(steady, &client);
    if (code == CODE_FINE) {
        struct table_watch *watch = calloc(1, sizeof *watch);
        if (watch == NULL) {
            abort(); /* out of memory */
        }
        watch->table = table;
        watch->client = client;
        arena_init(&watch->arena);
        arena_init(&watch->call);
        (void)pthread_mutex_init(&watch->lock, NULL);
        (void)take_description(watch, described.table); /* described_ask has read it already */
        *out_watch = watch;
    }
    described_free(&described);
    arena_deinit(&arena);
    return code;
}

void table_watch_close(struct table_watch *watch)
{
    (void)pthread_mutex_destroy(&watch->lock);
    dynamodb_client_close(watch->client);
    arena_deinit(&watch->call);
    arena_deinit(&watch->arena);
    free(watch);
}
