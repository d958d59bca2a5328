#include "api/cloudformation/table_state.h"

#include "api/internal.h"
#include "api/tables/table_description.h"
#include "storage/base/arena.h"
#include "storage/base/time_text.h"
#include "storage/table/catalog.h"

#include <string.h>

enum { NAME_SIZE_FIRST = 128 };

static const char *finish(struct buffer *text)
{
    return bytes_to_text(text->arena, buffer_view(text));
}

static const char *arn_of(struct arena *arena, const struct table_definition *table)
{
    struct buffer arn;
    buffer_init(&arn, arena, NAME_SIZE_FIRST);
    table_arn_append(&arn, table);
    return finish(&arn);
}

static const char *stream_arn_of(struct arena *arena, const struct table_definition *table)
{
    struct buffer arn;
    if (table->stream.label_ms == 0) {
        return "";
    }
    buffer_init(&arn, arena, NAME_SIZE_FIRST);
    table_arn_append(&arn, table);
    buffer_append_text(&arn, "/stream/");
    time_append_iso(&arn, table->stream.label_ms);
    return finish(&arn);
}

static bool is_active(const char *status)
{
    return strcmp(status, "ACTIVE") == 0;
}

static void
describe(struct arena *arena, const struct table_definition *table, struct table_state *out_state)
{
    struct index_state *indexes = arena_alloc(arena, table->index_count * sizeof *indexes);
    for (size_t i = 0; i < table->index_count; i++) {
        indexes[i] = (struct index_state){
            .name = bytes_to_text(arena, table->indexes[i].name),
            .is_active =
                table->indexes[i].is_local || is_active(index_status_text(&table->indexes[i])),
        };
    }
    *out_state = (struct table_state){
        .exists = true,
        .is_active = is_active(table_status_text(table)),
        .id = bytes_to_text(arena, table->id),
        .arn = arn_of(arena, table),
        .stream_arn = stream_arn_of(arena, table),
        .indexes = indexes,
        .index_count = table->index_count,
    };
}

void table_state_read(struct api *api,
                      struct arena *arena,
                      const char *world,
                      const char *table,
                      struct table_state *out_state)
{
    struct txn txn;
    struct buffer name;
    buffer_init(&name, arena, NAME_SIZE_FIRST);
    buffer_append_text(&name, world);
    buffer_append_text(&name, table);
    *out_state = (struct table_state){ .id = "", .arn = "", .stream_arn = "" };
    txn_begin_read(api->storage.env, &txn);
    const struct table_definition *found = catalog_find(&txn, arena, buffer_view(&name));
    if (found != NULL) {
        describe(arena, found, out_state);
    }
    txn_abort(&txn);
}

const struct index_state *table_state_index(const struct table_state *state, const char *name)
{
    for (size_t i = 0; i < state->index_count; i++) {
        if (strcmp(state->indexes[i].name, name) == 0) {
            return &state->indexes[i];
        }
    }
    return NULL;
}
