/*
 * What S3 reads of a request: a whole call whose first line is "METHOD PATH?QUERY" and whose rest
 * is the body, in chunks when the first letter is 'c'; and the same line as the address of a
 * template. Whatever is sent, the reply is no failure of the server, and chunks are never more than
 * was sent.
 */

#include "api/api.h"
#include "api/s3/aws_chunked.h"
#include "api/s3/objects.h"
#include "storage/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RUNS_PER_STORE = 2000 };

static struct api *api;
static size_t runs;

static void open_store(void)
{
    char message[256];
    struct api_options options = { .map_size_bytes = UINT64_C(1) << 28,
                                   .readers_max = 4,
                                   .profile = "fuzz",
                                   .region = "us-east-1",
                                   .is_stepped_by_hand = true };
    if (!api_open(&options, &api, message, sizeof message)) {
        (void)fprintf(stderr, "%s\n", message);
        abort();
    }
}

/* Cuts `text` at the first `end`; gives what is before. */
static struct bytes cut(struct bytes *text, char end)
{
    struct bytes head = *text;
    const uint8_t *found = text->length > 0 ? memchr(text->data, end, text->length) : NULL;
    head.length = found != NULL ? (size_t)(found - text->data) : text->length;
    size_t skipped = head.length + (found != NULL);
    *text = (struct bytes){ text->data + skipped, text->length - skipped };
    return head;
}

static void call(struct arena *arena, struct bytes text, bool is_chunked)
{
    struct bytes line = cut(&text, '\n');
    struct bytes method = cut(&line, ' ');
    struct bytes path = cut(&line, '?');
    struct api_call call = { .arena = arena, .body = text, .request_id = BYTES("ID") };
    struct api_s3 exchange = {
        .method = method, .path = path, .query = line, .is_chunked = is_chunked
    };
    api_s3(api, &call, &exchange);
    if (call.status < 200 || call.status >= 500) {
        (void)fprintf(stderr, "%d %.*s\n", call.status, BYTES_ARGUMENTS(call.reply));
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    if (runs++ % RUNS_PER_STORE == 0) {
        if (api != NULL) {
            api_close(api);
        }
        open_store();
    }
    struct arena arena;
    struct bytes text = { data + 1, size - 1 };
    struct bytes content;
    struct object_place place;
    arena_init(&arena);
    if (aws_chunked_decode(&arena, text, &content) && content.length > text.length) {
        abort();
    }
    (void)object_place_of_url(&arena, BYTES(""), text, &place);
    call(&arena, text, data[0] == 'c');
    arena_deinit(&arena);
    return 0;
}
