/*
 * The first byte chooses: 'a' an Accept-Encoding, 'g' and 'd' a gzip or deflate stream, which must
 * stay within its limit; what else comes is compressed and must expand to itself.
 */

#include "server/compression.h"
#include "storage/base/arena.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_LIMIT = 256 * 1024 };

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void expand(struct arena *arena, enum encoding encoding, struct bytes stream)
{
    struct bytes expanded;
    if (compression_expand(arena, encoding, stream, SIZE_LIMIT, &expanded) == EXPANSION_DONE) {
        require(expanded.length <= SIZE_LIMIT);
    }
    require(arena_footprint(arena) <= 2 * SIZE_LIMIT + 4096);
}

static void shrink_and_expand(struct arena *arena, enum encoding encoding, struct bytes text)
{
    struct bytes stream;
    struct bytes expanded;
    if (text.length <= SIZE_LIMIT && compression_shrink(arena, encoding, text, &stream)) {
        require(stream.length <= text.length);
        require(compression_expand(arena, encoding, stream, SIZE_LIMIT, &expanded) ==
                EXPANSION_DONE);
        require(bytes_equal(expanded, text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct arena arena;
    arena_init(&arena);
    struct bytes rest = { data + 1, size - 1 };
    switch (data[0]) {
    case 'a':
        require(encoding_for_reply(rest) != ENCODING_UNKNOWN);
        (void)encoding_of_request(rest);
        break;
    case 'g':
        expand(&arena, ENCODING_GZIP, rest);
        break;
    case 'd':
        expand(&arena, ENCODING_DEFLATE, rest);
        break;
    default:
        shrink_and_expand(&arena, ENCODING_GZIP, rest);
        shrink_and_expand(&arena, ENCODING_DEFLATE, rest);
    }
    arena_deinit(&arena);
    return 0;
}
