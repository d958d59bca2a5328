#include "api/protocol/cbor.h"

#include "api/base64.h"
#include "api/json_writer.h"
#include "storage/base/arena.h"

#include <cbor.h>
#include <math.h>

enum { LEVELS_MAX = 64, HEAD_SIZE_MAX = 9, TAG_EPOCH_SECONDS = 1 };

/* ---- to JSON ---- */

enum level_kind { LEVEL_LIST, LEVEL_MAP, LEVEL_TEXT, LEVEL_BYTES };

struct level {
    enum level_kind kind;
    bool is_endless;      /* until a break */
    size_t left;          /* values to come; of a map, keys and values */
    bool is_key_next;     /* of a map */
    struct buffer chunks; /* of an endless text or byte string */
};

struct transcoder {
    struct arena *arena;
    struct json_writer writer;
    struct level levels[LEVELS_MAX];
    size_t depth;
    bool is_done; /* the one value is whole */
    bool failed;
};

static struct level *inner(struct transcoder *transcoder)
{
    return transcoder->depth > 0 ? &transcoder->levels[transcoder->depth - 1] : NULL;
}

static void close_level(struct transcoder *transcoder);

/* A value is whole: the level it stands in has one less to come, and may be whole itself. */
static void end_value(struct transcoder *transcoder)
{
    struct level *level = inner(transcoder);
    if (level == NULL) {
        transcoder->is_done = true;
        return;
    }
    level->is_key_next = level->kind == LEVEL_MAP && !level->is_key_next;
    if (!level->is_endless && --level->left == 0) {
        close_level(transcoder);
    }
}

static void close_level(struct transcoder *transcoder)
{
    struct level level = transcoder->levels[--transcoder->depth];
    if (level.kind == LEVEL_MAP) {
        json_close_object(&transcoder->writer);
    } else {
        json_close_array(&transcoder->writer);
    }
    end_value(transcoder);
}

/* False where no value may stand that is not a text: a key, or a chunk of a text. */
static bool may_begin(struct transcoder *transcoder)
{
    const struct level *level = inner(transcoder);
    bool fits = !transcoder->is_done && (level == NULL || level->kind == LEVEL_LIST ||
                                         (level->kind == LEVEL_MAP && !level->is_key_next));
    transcoder->failed |= !fits;
    return fits && !transcoder->failed;
}

static void
open_level(struct transcoder *transcoder, enum level_kind kind, bool is_endless, size_t left)
{
    if (transcoder->depth == LEVELS_MAX) {
        transcoder->failed = true;
        return;
    }
    struct level *level = &transcoder->levels[transcoder->depth++];
    *level = (struct level){
        .kind = kind, .is_endless = is_endless, .left = left, .is_key_next = kind == LEVEL_MAP
    };
    if (kind == LEVEL_TEXT || kind == LEVEL_BYTES) {
        buffer_init(&level->chunks, transcoder->arena, 64);
    } else if (kind == LEVEL_MAP) {
        json_open_object(&transcoder->writer);
    } else {
        json_open_array(&transcoder->writer);
    }
    if (!is_endless && left == 0) {
        close_level(transcoder);
    }
}

static void take_list(struct transcoder *transcoder, bool is_endless, size_t count)
{
    if (may_begin(transcoder)) {
        open_level(transcoder, LEVEL_LIST, is_endless, count);
    }
}

static void take_map(struct transcoder *transcoder, bool is_endless, size_t count)
{
    if (count > SIZE_MAX / 2) {
        transcoder->failed = true;
    } else if (may_begin(transcoder)) {
        open_level(transcoder, LEVEL_MAP, is_endless, count * 2);
    }
}

static void write_text(struct transcoder *transcoder, struct bytes text)
{
    const struct level *level = inner(transcoder);
    if (level != NULL && level->kind == LEVEL_MAP && level->is_key_next) {
        json_write_name(&transcoder->writer, text);
    } else {
        json_write_text(&transcoder->writer, text);
    }
    end_value(transcoder);
}

static void write_bytes(struct transcoder *transcoder, struct bytes bytes)
{
    size_t size = base64_encoded_size(bytes.length);
    if (!may_begin(transcoder)) {
        return;
    }
    uint8_t *encoded = arena_alloc(transcoder->arena, size);
    base64_encode(encoded, bytes);
    json_write_plain(&transcoder->writer, (struct bytes){ encoded, size });
    end_value(transcoder);
}

/* A text or byte string, or a chunk of an endless one. */
static void take_string(struct transcoder *transcoder, enum level_kind kind, struct bytes bytes)
{
    struct level *level = inner(transcoder);
    if (transcoder->failed || transcoder->is_done) {
        transcoder->failed = true;
    } else if (level != NULL && (level->kind == LEVEL_TEXT || level->kind == LEVEL_BYTES)) {
        transcoder->failed = level->kind != kind;
        buffer_append_bytes(&level->chunks, bytes);
    } else if (kind == LEVEL_TEXT) {
        write_text(transcoder, bytes);
    } else {
        write_bytes(transcoder, bytes);
    }
}

static void take_endless_string(struct transcoder *transcoder, enum level_kind kind)
{
    const struct level *level = inner(transcoder);
    bool is_key = level != NULL && level->kind == LEVEL_MAP && level->is_key_next;
    if ((is_key && kind == LEVEL_TEXT && !transcoder->failed) || may_begin(transcoder)) {
        open_level(transcoder, kind, true, 0);
    }
}

static void take_break(struct transcoder *transcoder)
{
    struct level *level = inner(transcoder);
    if (level == NULL || !level->is_endless || (level->kind == LEVEL_MAP && !level->is_key_next)) {
        transcoder->failed = true;
    } else if (level->kind == LEVEL_TEXT || level->kind == LEVEL_BYTES) {
        transcoder->depth--;
        take_string(transcoder, level->kind, buffer_view(&level->chunks));
    } else {
        close_level(transcoder);
    }
}

static void take_number(struct transcoder *transcoder, double value)
{
    transcoder->failed |= !isfinite(value);
    if (may_begin(transcoder)) {
        json_write_double(&transcoder->writer, value);
        end_value(transcoder);
    }
}

static void take_integer(struct transcoder *transcoder, uint64_t value, bool is_negative)
{
    transcoder->failed |= value > INT64_MAX;
    if (may_begin(transcoder)) {
        json_write_integer(&transcoder->writer, is_negative ? -1 - (int64_t)value : (int64_t)value);
        end_value(transcoder);
    }
}

static void take_word(struct transcoder *transcoder, const char *word)
{
    if (may_begin(transcoder)) {
        json_write_raw(&transcoder->writer, bytes_of_text(word));
        end_value(transcoder);
    }
}

/* ---- what libcbor calls ---- */

static void on_uint8(void *context, uint8_t value)
{
    take_integer(context, value, false);
}

static void on_uint16(void *context, uint16_t value)
{
    take_integer(context, value, false);
}

static void on_uint32(void *context, uint32_t value)
{
    take_integer(context, value, false);
}

static void on_uint64(void *context, uint64_t value)
{
    take_integer(context, value, false);
}

static void on_negint8(void *context, uint8_t value)
{
    take_integer(context, value, true);
}

static void on_negint16(void *context, uint16_t value)
{
    take_integer(context, value, true);
}

static void on_negint32(void *context, uint32_t value)
{
    take_integer(context, value, true);
}

static void on_negint64(void *context, uint64_t value)
{
    take_integer(context, value, true);
}

static void on_bytes(void *context, cbor_data data, size_t length)
{
    take_string(context, LEVEL_BYTES, (struct bytes){ data, length });
}

static void on_bytes_start(void *context)
{
    take_endless_string(context, LEVEL_BYTES);
}

static void on_text(void *context, cbor_data data, size_t length)
{
    take_string(context, LEVEL_TEXT, (struct bytes){ data, length });
}

static void on_text_start(void *context)
{
    take_endless_string(context, LEVEL_TEXT);
}

static void on_list(void *context, size_t count)
{
    take_list(context, false, count);
}

static void on_list_start(void *context)
{
    take_list(context, true, 0);
}

static void on_map(void *context, size_t count)
{
    take_map(context, false, count);
}

static void on_map_start(void *context)
{
    take_map(context, true, 0);
}

/* What is tagged follows: seconds are a number with the tag and without. */
static void on_tag(void *context, uint64_t value)
{
    struct transcoder *transcoder = context;
    (void)value;
    (void)may_begin(transcoder);
}

static void on_float(void *context, float value)
{
    take_number(context, (double)value);
}

static void on_double(void *context, double value)
{
    take_number(context, value);
}

static void on_null(void *context)
{
    take_word(context, "null");
}

static void on_boolean(void *context, bool value)
{
    take_word(context, value ? "true" : "false");
}

static void on_break(void *context)
{
    take_break(context);
}

static const struct cbor_callbacks CALLBACKS = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint64 = on_negint64,
    .negint32 = on_negint32,
    .negint16 = on_negint16,
    .negint8 = on_negint8,
    .byte_string_start = on_bytes_start,
    .byte_string = on_bytes,
    .string = on_text,
    .string_start = on_text_start,
    .indef_array_start = on_list_start,
    .array_start = on_list,
    .indef_map_start = on_map_start,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = on_float,
    .float4 = on_float,
    .float8 = on_double,
    .undefined = on_null,
    .null = on_null,
    .boolean = on_boolean,
    .indef_break = on_break,
};

bool cbor_to_json(struct arena *arena, struct bytes cbor, struct bytes *out_json)
{
    struct transcoder *transcoder = arena_alloc_zero(arena, sizeof *transcoder);
    struct buffer json;
    buffer_init(&json, arena, cbor.length * 2);
    transcoder->arena = arena;
    transcoder->writer = json_writer_of(&json);
    while (cbor.length > 0 && !transcoder->failed) {
        struct cbor_decoder_result result =
            cbor_stream_decode(cbor.data, cbor.length, &CALLBACKS, transcoder);
        if (result.status != CBOR_DECODER_FINISHED) {
            return false;
        }
        cbor.data += result.read;
        cbor.length -= result.read;
    }
    *out_json = buffer_view(&json);
    return transcoder->is_done && !transcoder->failed;
}

/* ---- writing ---- */

void cbor_append_map(struct buffer *to)
{
    buffer_commit(to,
                  cbor_encode_indef_map_start(buffer_reserve(to, HEAD_SIZE_MAX), HEAD_SIZE_MAX));
}

void cbor_append_list(struct buffer *to)
{
    buffer_commit(to,
                  cbor_encode_indef_array_start(buffer_reserve(to, HEAD_SIZE_MAX), HEAD_SIZE_MAX));
}

void cbor_append_break(struct buffer *to)
{
    buffer_commit(to, cbor_encode_break(buffer_reserve(to, HEAD_SIZE_MAX), HEAD_SIZE_MAX));
}

void cbor_append_text(struct buffer *to, struct bytes text)
{
    uint8_t *head = buffer_reserve(to, HEAD_SIZE_MAX);
    buffer_commit(to, cbor_encode_string_start(text.length, head, HEAD_SIZE_MAX));
    buffer_append_bytes(to, text);
}

void cbor_append_integer(struct buffer *to, int64_t value)
{
    uint8_t *next = buffer_reserve(to, HEAD_SIZE_MAX);
    buffer_commit(to, value >= 0 ? cbor_encode_uint((uint64_t)value, next, HEAD_SIZE_MAX)
                                 : cbor_encode_negint((uint64_t)(-1 - value), next, HEAD_SIZE_MAX));
}

void cbor_append_boolean(struct buffer *to, bool value)
{
    buffer_commit(to, cbor_encode_bool(value, buffer_reserve(to, HEAD_SIZE_MAX), HEAD_SIZE_MAX));
}

void cbor_append_double(struct buffer *to, double value)
{
    buffer_commit(to, cbor_encode_double(value, buffer_reserve(to, HEAD_SIZE_MAX), HEAD_SIZE_MAX));
}

void cbor_append_time(struct buffer *to, int64_t milliseconds)
{
    buffer_commit(
        to, cbor_encode_tag(TAG_EPOCH_SECONDS, buffer_reserve(to, HEAD_SIZE_MAX), HEAD_SIZE_MAX));
    cbor_append_double(to, (double)milliseconds / 1000);
}
