#include "storage/items/client_tokens.h"

#include "storage/base/arena.h"
#include "storage/lmdb/layout.h"

#include <string.h>

/* The two kinds of keys in the database: by token, and by the time at which it expires. */
enum { KIND_EXPIRY = 'e', KIND_TOKEN = 't' };

enum { EXPIRED_PER_STEP = 256, EXPIRY_TIME_SIZE = 8 };

static struct bytes token_key(struct arena *arena, struct bytes token)
{
    struct buffer key;
    buffer_init(&key, arena, 1 + token.length);
    buffer_append_u8(&key, KIND_TOKEN);
    buffer_append_bytes(&key, token);
    return buffer_view(&key);
}

/* Big-endian, so that the first key is the next to expire. */
static struct bytes expiry_key(struct arena *arena, int64_t expires_ms, struct bytes token)
{
    struct buffer key;
    buffer_init(&key, arena, 1 + EXPIRY_TIME_SIZE + token.length);
    buffer_append_u8(&key, KIND_EXPIRY);
    for (int shift = 56; shift >= 0; shift -= 8) {
        buffer_append_u8(&key, (uint8_t)((uint64_t)expires_ms >> shift));
    }
    buffer_append_bytes(&key, token);
    return buffer_view(&key);
}

static struct bytes encode(struct arena *arena, const struct client_token *token)
{
    struct buffer value;
    buffer_init(&value, arena, 128);
    buffer_append_u64(&value, (uint64_t)token->expires_ms);
    buffer_append(&value, token->fingerprint, CLIENT_TOKEN_FINGERPRINT_SIZE);
    buffer_append_varint(&value, (uint32_t)token->reads_count);
    for (size_t i = 0; i < token->reads_count; i++) {
        buffer_append_sized(&value, token->reads[i].table_name);
        buffer_append_u64(&value, token->reads[i].units);
    }
    return buffer_view(&value);
}

static bool decode(struct arena *arena, struct bytes value, struct client_token *out_token)
{
    struct reader reader = reader_of(value);
    out_token->expires_ms = (int64_t)reader_u64(&reader);
    struct bytes fingerprint = reader_take(&reader, CLIENT_TOKEN_FINGERPRINT_SIZE);
    out_token->reads_count = reader_varint(&reader);
    if (reader.failed || out_token->reads_count > reader_left(&reader)) {
        return false;
    }
    memcpy(out_token->fingerprint, fingerprint.data, CLIENT_TOKEN_FINGERPRINT_SIZE);
    struct client_token_reads *reads = arena_alloc(arena, out_token->reads_count * sizeof *reads);
    for (size_t i = 0; i < out_token->reads_count; i++) {
        reads[i].table_name = bytes_copy(arena, reader_sized(&reader));
        reads[i].units = reader_u64(&reader);
    }
    out_token->reads = reads;
    return !reader.failed;
}

bool client_token_find(struct txn *txn,
                       struct arena *arena,
                       struct bytes token,
                       int64_t now_ms,
                       struct client_token *out_token)
{
    struct bytes value;
    if (!txn_get(txn, DATABASE_CLIENT_TOKENS, token_key(arena, token), &value)) {
        return false;
    }
    if (!decode(arena, value, out_token)) {
        txn_fail(txn, STORAGE_CORRUPT);
        return false;
    }
    return out_token->expires_ms > now_ms;
}

void client_token_put(struct txn *txn,
                      struct arena *arena,
                      struct bytes token,
                      const struct client_token *value)
{
    struct client_token expired;
    struct bytes nothing = { .data = (const uint8_t *)"", .length = 0 };
    if (client_token_find(txn, arena, token, INT64_MIN, &expired)) {
        (void)txn_delete(txn, DATABASE_CLIENT_TOKENS, expiry_key(arena, expired.expires_ms, token));
    }
    txn_put(txn, DATABASE_CLIENT_TOKENS, token_key(arena, token), encode(arena, value));
    txn_put(txn, DATABASE_CLIENT_TOKENS, expiry_key(arena, value->expires_ms, token), nothing);
}

/* The expiry key that comes first; borrowed. */
static bool find_next(struct txn *txn, struct bytes *out_key, int64_t *out_due_ms)
{
    struct cursor cursor;
    struct bytes value;
    cursor_open(txn, DATABASE_CLIENT_TOKENS, &cursor);
    bool found = cursor_seek(&cursor, BYTES("e"), out_key, &value) &&
                 out_key->length > 1 + EXPIRY_TIME_SIZE && out_key->data[0] == KIND_EXPIRY;
    cursor_close(&cursor);
    uint64_t due_ms = 0;
    for (size_t i = 0; found && i < EXPIRY_TIME_SIZE; i++) {
        due_ms = due_ms << 8 | out_key->data[1 + i];
    }
    *out_due_ms = (int64_t)due_ms;
    return found;
}

int64_t client_tokens_next_due(struct txn *txn)
{
    struct bytes key;
    int64_t due_ms;
    return find_next(txn, &key, &due_ms) ? due_ms : CLIENT_TOKENS_NEVER;
}

void client_tokens_expire(struct txn *txn, struct arena *arena, int64_t now_ms)
{
    struct bytes key;
    int64_t due_ms;
    for (size_t i = 0; i < EXPIRED_PER_STEP; i++) {
        if (!find_next(txn, &key, &due_ms) || due_ms > now_ms) {
            return;
        }
        key = bytes_copy(arena, key);
        struct bytes token = { key.data + 1 + EXPIRY_TIME_SIZE, key.length - 1 - EXPIRY_TIME_SIZE };
        (void)txn_delete(txn, DATABASE_CLIENT_TOKENS, key);
        (void)txn_delete(txn, DATABASE_CLIENT_TOKENS, token_key(arena, token));
    }
}
