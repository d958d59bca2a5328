#include "storage/value/key_codec.h"

#include "storage/value/number.h"

#include <assert.h>
#include <nettle/md5.h>
#include <string.h>

struct bytes key_view(const struct key *key)
{
    return (struct bytes){ .data = key->data, .length = key->length };
}

static void append_escaped(struct buffer *to, struct bytes text)
{
    const uint8_t *next = text.data;
    size_t left = text.length;
    while (left > 0) {
        const uint8_t *zero = memchr(next, 0, left);
        size_t run = zero != NULL ? (size_t)(zero - next) : left;
        buffer_append(to, next, run);
        next += run;
        left -= run;
        if (zero != NULL) {
            buffer_append(to, "\0\xFF", 2);
            next++;
            left--;
        }
    }
}

void key_append_sort(struct buffer *to, struct attribute_value value)
{
    if (value.type == ATTRIBUTE_N) {
        uint8_t *room = buffer_reserve(to, NUMBER_SORTABLE_SIZE_MAX);
        buffer_commit(to, number_sortable_bytes(value.payload, room));
        return;
    }
    assert(value.type == ATTRIBUTE_S || value.type == ATTRIBUTE_B);
    append_escaped(to, value.payload);
    buffer_append(to, "\0\0", 2);
}

void key_append_sort_prefix(struct buffer *to, struct bytes prefix)
{
    append_escaped(to, prefix);
}

static void hash_one(struct md5_ctx *md5, struct attribute_value value)
{
    if (value.type == ATTRIBUTE_N) {
        uint8_t number[NUMBER_SORTABLE_SIZE_MAX];
        size_t size = number_hash_bytes(value.payload, number);
        md5_update(md5, size, number);
    } else {
        md5_update(md5, value.payload.length, value.payload.data);
    }
}

/* A length before each value keeps ("a", "bc") and ("ab", "c") apart. */
static void hash_several(struct md5_ctx *md5, const struct attribute_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = values[i].payload.length;
        uint8_t head[2] = { (uint8_t)(length >> 8), (uint8_t)length };
        md5_update(md5, sizeof head, head);
        md5_update(md5, length, values[i].payload.data);
    }
}

void key_hash_partition(const struct attribute_value *values,
                        size_t count,
                        uint8_t out_hash[KEY_HASH_SIZE])
{
    struct md5_ctx md5;
    md5_init(&md5);
    md5_update(&md5, 8, (const uint8_t *)"Outliers");
    if (count == 1) {
        hash_one(&md5, values[0]);
    } else {
        hash_several(&md5, values, count);
    }
    md5_digest(&md5, KEY_HASH_SIZE, out_hash);
}

void key_hash_item(const uint8_t partition[KEY_HASH_SIZE],
                   struct bytes sort,
                   uint8_t out_hash[KEY_HASH_SIZE])
{
    struct md5_ctx md5;
    md5_init(&md5);
    md5_update(&md5, KEY_HASH_SIZE, partition);
    md5_update(&md5, sort.length, sort.data);
    md5_digest(&md5, KEY_HASH_SIZE, out_hash);
}

static void append(struct key *key, const uint8_t *data, size_t size)
{
    if (size > 0) {
        memcpy(key->data + key->length, data, size);
        key->length += size;
    }
}

void key_build(struct key *out_key,
               const uint8_t partition[KEY_HASH_SIZE],
               struct bytes sort,
               const uint8_t *item_hash)
{
    out_key->length = 0;
    append(out_key, partition, KEY_HASH_SIZE);
    if (sort.length <= KEY_SORT_MAX) {
        append(out_key, sort.data, sort.length);
    } else {
        uint8_t hash[KEY_HASH_SIZE];
        struct md5_ctx md5;
        md5_init(&md5);
        md5_update(&md5, sort.length, sort.data);
        md5_digest(&md5, sizeof hash, hash);
        append(out_key, sort.data, KEY_SORT_MAX);
        append(out_key, hash, sizeof hash);
    }
    if (item_hash != NULL) {
        append(out_key, item_hash, KEY_HASH_SIZE);
    }
}

struct bytes key_sort_part(struct bytes key, bool is_index, bool *out_is_cut)
{
    size_t around = KEY_HASH_SIZE + (is_index ? KEY_HASH_SIZE : 0);
    assert(key.length >= around);
    size_t length = key.length - around;
    *out_is_cut = length > KEY_SORT_MAX;
    return (struct bytes){
        .data = key.data + KEY_HASH_SIZE,
        .length = *out_is_cut ? KEY_SORT_MAX : length,
    };
}

bool key_next_after_prefix(struct buffer *prefix)
{
    while (prefix->length > 0 && prefix->data[prefix->length - 1] == 0xFF) {
        prefix->length--;
    }
    if (prefix->length == 0) {
        return false;
    }
    prefix->data[prefix->length - 1]++;
    return true;
}
