#include "tools/load/template_source.h"

#include "tools/exit_code.h"

/* FNV-1a; any hash will do that is the same everywhere. */
static uint64_t hash_of(struct bytes key)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < key.length; i++) {
        hash = (hash ^ key.data[i]) * 0x100000001B3u;
    }
    return hash ^ (hash >> 32);
}

static int take_item(void *context, size_t connection, struct arena *arena, struct put *out_put)
{
    struct template_source *source = context;
    struct buffer key;
    buffer_init(&key, arena, 128);
    while (source->next[connection] < source->item_count) {
        uint64_t number = source->next[connection]++;
        key.length = 0;
        item_generate_key(&key, source->template, source->keys, source->seed, number);
        if (hash_of(buffer_view(&key)) % source->connection_count != connection) {
            continue;
        }
        struct buffer request;
        buffer_init(&request, arena, 1024);
        buffer_append_text(&request, "{\"Item\":");
        item_generate(&request, source->template, source->seed, number);
        buffer_append_text(&request, "}");
        *out_put = (struct put){ .request = buffer_view(&request), .key = buffer_view(&key) };
        break;
    }
    return CODE_FINE;
}

struct item_source template_source_items(struct template_source *source)
{
    return (struct item_source){ .context = source, .take = take_item };
}
