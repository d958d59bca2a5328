#include "server/compression.h"

#include "storage/base/arena.h"

#include <assert.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    /* libdeflate's fastest: half the time of the next for 10 % more bytes. */
    LEVEL = 1,
    GZIP_TRAILER_SIZE = 8,
    GZIP_MEMBER_SIZE_MIN = 18, /* header and trailer */
    USUAL_RATIO = 8,           /* of JSON */
    GREATEST_RATIO = 1032,     /* of any deflate stream */
    GUESS_MIN = 1024,
    WEIGHT_MAX = 1000,
    WEIGHT_UNSAID = -1,
};

static void *or_abort(void *allocated)
{
    if (allocated == NULL) {
        (void)fprintf(stderr, "rehearsedb: out of memory (compression)\n");
        abort();
    }
    return allocated;
}

/* ---- headers ---- */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static struct bytes trim(struct bytes text)
{
    while (text.length > 0 && is_blank(text.data[0])) {
        text.data++;
        text.length--;
    }
    while (text.length > 0 && is_blank(text.data[text.length - 1])) {
        text.length--;
    }
    return text;
}

/* Takes what stands before the next separator, or all, off the front. */
static struct bytes cut(struct bytes *rest, uint8_t separator)
{
    const uint8_t *end = rest->length > 0 ? memchr(rest->data, separator, rest->length) : NULL;
    struct bytes part = *rest;
    if (end != NULL) {
        part.length = (size_t)(end - rest->data);
        rest->data = end + 1;
        rest->length -= part.length + 1;
    } else {
        rest->length = 0;
    }
    return trim(part);
}

static bool is_in_any_case(struct bytes text, const char *word)
{
    return text.length == strlen(word) &&
           strncasecmp((const char *)text.data, word, text.length) == 0;
}

const char *encoding_name(enum encoding encoding)
{
    static const char *const names[] = {
        [ENCODING_IDENTITY] = "identity",
        [ENCODING_GZIP] = "gzip",
        [ENCODING_DEFLATE] = "deflate",
    };
    assert(encoding != ENCODING_UNKNOWN);
    return names[encoding];
}

static enum encoding encoding_of_name(struct bytes name)
{
    for (enum encoding encoding = ENCODING_IDENTITY; encoding < ENCODING_UNKNOWN; encoding++) {
        if (is_in_any_case(name, encoding_name(encoding))) {
            return encoding;
        }
    }
    return ENCODING_UNKNOWN;
}

enum encoding encoding_of_request(struct bytes content_encoding)
{
    struct bytes name = trim(content_encoding);
    return name.length > 0 ? encoding_of_name(name) : ENCODING_IDENTITY;
}

/* weight -> ( "0" | "1" ) [ "." { digit } ], in thousandths. What is no weight allows nothing. */
static int read_weight(struct bytes text)
{
    int weight = 0;
    int unit = WEIGHT_MAX;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        bool is_digit = byte >= '0' && byte <= '9';
        if (i == 1 ? byte != '.' : !is_digit) {
            return 0;
        }
        if (is_digit) {
            weight += (byte - '0') * unit;
            unit /= 10;
        }
    }
    return weight <= WEIGHT_MAX ? weight : 0;
}

/* entry -> coding { ";" parameter }; of the parameters only "q=" weight is known. */
static int read_entry(struct bytes entry, struct bytes *out_coding)
{
    int weight = WEIGHT_MAX;
    *out_coding = cut(&entry, ';');
    while (entry.length > 0) {
        struct bytes value = cut(&entry, ';');
        if (is_in_any_case(cut(&value, '='), "q")) {
            weight = read_weight(trim(value));
        }
    }
    return weight;
}

/* accept -> entry { "," entry } */
enum encoding encoding_for_reply(struct bytes accept_encoding)
{
    int weights[] = {
        [ENCODING_IDENTITY] = WEIGHT_UNSAID,
        [ENCODING_GZIP] = WEIGHT_UNSAID,
        [ENCODING_DEFLATE] = WEIGHT_UNSAID,
        [ENCODING_UNKNOWN] = 0, /* codings that we do not have */
    };
    int others = 0; /* of the codings that are not named: "*" */
    while (accept_encoding.length > 0) {
        struct bytes coding;
        int weight = read_entry(cut(&accept_encoding, ','), &coding);
        if (is_in_any_case(coding, "*")) {
            others = weight;
        } else {
            weights[encoding_of_name(coding)] = weight;
        }
    }
    enum encoding best = ENCODING_IDENTITY;
    int greatest = weights[ENCODING_IDENTITY] == WEIGHT_UNSAID ? 1 : weights[ENCODING_IDENTITY];
    static const enum encoding choices[] = { ENCODING_DEFLATE, ENCODING_GZIP };
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        int weight = weights[choices[i]] == WEIGHT_UNSAID ? others : weights[choices[i]];
        if (weight > 0 && weight >= greatest) {
            best = choices[i];
            greatest = weight;
        }
    }
    return best;
}

/* ---- expanding ---- */

struct expanding {
    struct arena *arena;
    struct libdeflate_decompressor *decompressor;
    enum encoding encoding;
    uint8_t *data;
    size_t length;
    size_t capacity;
    size_t size_max;
};

/*
 * How much a stream may become: what a gzip trailer says, if that can be true, else the usual.
 * (With several members the trailer speaks of the last alone, and junk may stand in its place.)
 */
static size_t guess_size(enum encoding encoding, struct bytes from, size_t size_max)
{
    size_t guess = from.length * USUAL_RATIO;
    if (encoding == ENCODING_GZIP && from.length >= GZIP_TRAILER_SIZE) {
        struct reader reader = reader_of((struct bytes){ from.data + from.length - 4, 4 });
        size_t said = reader_u32(&reader);
        guess = said <= from.length * GREATEST_RATIO ? said : guess;
    }
    guess = guess < GUESS_MIN ? GUESS_MIN : guess;
    return guess > size_max ? size_max : guess;
}

/* Memory that is not written to costs next to nothing, so that there is no step in between. */
static void grow(struct expanding *expanding)
{
    uint8_t *data = arena_alloc(expanding->arena, expanding->size_max);
    if (expanding->length > 0) {
        memcpy(data, expanding->data, expanding->length);
    }
    expanding->data = data;
    expanding->capacity = expanding->size_max;
}

/* One gzip member or zlib stream off the front of `from`. */
static enum libdeflate_result
expand_into_room(struct expanding *expanding, struct bytes from, size_t *out_used)
{
    size_t added = 0;
    uint8_t *to = expanding->data + expanding->length;
    size_t room = expanding->capacity - expanding->length;
    enum libdeflate_result result =
        expanding->encoding == ENCODING_GZIP
            ? libdeflate_gzip_decompress_ex(expanding->decompressor, from.data, from.length, to,
                                            room, out_used, &added)
            : libdeflate_zlib_decompress_ex(expanding->decompressor, from.data, from.length, to,
                                            room, out_used, &added);
    if (result == LIBDEFLATE_SUCCESS) {
        expanding->length += added;
    }
    return result;
}

static enum expansion expand_stream(struct expanding *expanding, struct bytes *from)
{
    size_t used = 0;
    enum libdeflate_result result = expand_into_room(expanding, *from, &used);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE && expanding->capacity < expanding->size_max) {
        grow(expanding);
        result = expand_into_room(expanding, *from, &used);
    }
    if (result != LIBDEFLATE_SUCCESS) {
        return result == LIBDEFLATE_INSUFFICIENT_SPACE ? EXPANSION_TOO_LARGE : EXPANSION_CORRUPT;
    }
    from->data += used;
    from->length -= used;
    return EXPANSION_DONE;
}

/* What follows a gzip member is another one, or junk, which the service does not mind. */
static bool starts_member(struct bytes rest)
{
    static const uint8_t magic[] = { 0x1F, 0x8B, 8 };
    return rest.length >= GZIP_MEMBER_SIZE_MIN && memcmp(rest.data, magic, sizeof magic) == 0;
}

enum expansion compression_expand(struct arena *arena,
                                  enum encoding encoding,
                                  struct bytes from,
                                  size_t size_max,
                                  struct bytes *out_expanded)
{
    assert(encoding == ENCODING_GZIP || encoding == ENCODING_DEFLATE);
    size_t guess = guess_size(encoding, from, size_max);
    struct expanding expanding = {
        .arena = arena,
        .decompressor = or_abort(libdeflate_alloc_decompressor()),
        .encoding = encoding,
        .data = arena_alloc(arena, guess),
        .capacity = guess,
        .size_max = size_max,
    };
    enum expansion result;
    do {
        result = expand_stream(&expanding, &from);
        /* Of several deflate streams the service reads the first. */
    } while (result == EXPANSION_DONE && encoding == ENCODING_GZIP && starts_member(from));
    libdeflate_free_decompressor(expanding.decompressor);
    if (result == EXPANSION_DONE) {
        *out_expanded = (struct bytes){ expanding.data, expanding.length };
    }
    return result;
}

/* ---- shrinking ---- */

bool compression_shrink(struct arena *arena,
                        enum encoding encoding,
                        struct bytes from,
                        struct bytes *out_shrunk)
{
    assert(encoding == ENCODING_GZIP || encoding == ENCODING_DEFLATE);
    /* A compressor for each reply: keeping one per thread would save a tenth of its time. */
    struct libdeflate_compressor *compressor = or_abort(libdeflate_alloc_compressor(LEVEL));
    uint8_t *to = arena_alloc(arena, from.length);
    size_t length =
        encoding == ENCODING_GZIP
            ? libdeflate_gzip_compress(compressor, from.data, from.length, to, from.length)
            : libdeflate_zlib_compress(compressor, from.data, from.length, to, from.length);
    libdeflate_free_compressor(compressor);
    if (length == 0) { /* it does not fit */
        return false;
    }
    *out_shrunk = (struct bytes){ to, length };
    return true;
}
