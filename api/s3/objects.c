#include "api/s3/objects.h"

#include "api/protocol/form.h"
#include "storage/base/arena.h"
#include "storage/documents.h"

#include <nettle/md5.h>
#include <string.h>
#include <strings.h>

static const char KEY_START[] = "object/";

/* "object/", world, bucket, "/", key */
static struct bytes document_key(struct arena *arena, const struct object_place *place)
{
    struct buffer key;
    buffer_init(&key, arena, DOCUMENT_KEY_SIZE_MAX);
    buffer_append_text(&key, KEY_START);
    buffer_append_bytes(&key, place->world);
    buffer_append_bytes(&key, place->bucket);
    buffer_append_u8(&key, '/');
    buffer_append_bytes(&key, place->key);
    return buffer_view(&key);
}

static size_t key_start_length(const struct object_place *place)
{
    return sizeof KEY_START - 1 + place->world.length + place->bucket.length + 1;
}

bool object_place_is_valid(const struct object_place *place)
{
    return place->bucket.length > 0 && place->key.length > 0 &&
           key_start_length(place) + place->key.length <= DOCUMENT_KEY_SIZE_MAX;
}

/* object -> modified u64, ETag (32), type sized, body */
static bool read_object(struct bytes record, struct object *out_object)
{
    struct reader reader = reader_of(record);
    out_object->modified_ms = (int64_t)reader_u64(&reader);
    out_object->etag = reader_take(&reader, OBJECT_ETAG_SIZE);
    out_object->type = reader_sized(&reader);
    out_object->body = reader_take(&reader, reader_left(&reader));
    return !reader.failed;
}

bool object_find(struct txn *txn,
                 struct arena *arena,
                 const struct object_place *place,
                 struct object *out_object)
{
    struct bytes record;
    if (!document_find(txn, document_key(arena, place), &record)) {
        return false;
    }
    out_object->key = place->key;
    if (!read_object(bytes_copy(arena, record), out_object)) {
        txn_fail(txn, STORAGE_CORRUPT);
        return false;
    }
    return true;
}

static struct bytes md5_text(struct arena *arena, struct bytes body)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[MD5_DIGEST_SIZE];
    uint8_t *text = arena_alloc(arena, OBJECT_ETAG_SIZE);
    struct md5_ctx md5;
    md5_init(&md5);
    md5_update(&md5, body.length, body.data);
    md5_digest(&md5, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        text[2 * i] = (uint8_t)digits[digest[i] >> 4];
        text[2 * i + 1] = (uint8_t)digits[digest[i] & 0xF];
    }
    return (struct bytes){ text, OBJECT_ETAG_SIZE };
}

void object_put(struct txn *txn,
                struct arena *arena,
                const struct object_place *place,
                struct object *object)
{
    struct buffer record;
    object->etag = md5_text(arena, object->body);
    buffer_init(&record, arena, 64 + object->type.length + object->body.length);
    buffer_append_u64(&record, (uint64_t)object->modified_ms);
    buffer_append_bytes(&record, object->etag);
    buffer_append_sized(&record, object->type);
    buffer_append_bytes(&record, object->body);
    document_put(txn, document_key(arena, place), buffer_view(&record));
}

bool object_remove(struct txn *txn, struct arena *arena, const struct object_place *place)
{
    return document_remove(txn, document_key(arena, place));
}

bool object_next(struct txn *txn,
                 struct arena *arena,
                 const struct object_place *after,
                 struct bytes prefix,
                 struct object *out_object)
{
    struct object_place start = *after;
    struct document document;
    start.key = prefix;
    size_t skipped = key_start_length(after);
    struct bytes bound = after->key.length > 0 ? document_key(arena, after) : BYTES("");
    if (!document_next(txn, arena, document_key(arena, &start), bound, &document)) {
        return false;
    }
    out_object->key = (struct bytes){ document.key.data + skipped, document.key.length - skipped };
    if (!read_object(document.value, out_object)) {
        txn_fail(txn, STORAGE_CORRUPT);
        return false;
    }
    return true;
}

/* ---- addresses ---- */

static bool equal_in_any_case(struct bytes text, const char *other)
{
    return text.length == strlen(other) &&
           (text.length == 0 || strncasecmp((const char *)text.data, other, text.length) == 0);
}

/* Cuts `text` before the first of `separators`; gives what follows, with the separator. */
static struct bytes cut_at(struct bytes *text, const char *separators)
{
    for (size_t i = 0; i < text->length; i++) {
        if (text->data[i] != '\0' && strchr(separators, text->data[i]) != NULL) {
            struct bytes rest = { text->data + i, text->length - i };
            text->length = i;
            return rest;
        }
    }
    return BYTES("");
}

static struct bytes without_first(struct bytes text)
{
    return text.length > 0 ? (struct bytes){ text.data + 1, text.length - 1 } : text;
}

/* Where `ending` begins in the text, in any case; the text's length: nowhere at its end. */
static size_t find_ending(struct bytes text, const char *ending)
{
    size_t length = strlen(ending);
    if (text.length < length) {
        return text.length;
    }
    struct bytes tail = { text.data + text.length - length, length };
    return equal_in_any_case(tail, ending) ? text.length - length : text.length;
}

struct bytes object_bucket_of_host(struct bytes host)
{
    (void)cut_at(&host, ":");
    size_t end = find_ending(host, ".localhost");
    if (end < host.length) {
        return (struct bytes){ host.data, end };
    }
    if (find_ending(host, ".amazonaws.com") == host.length) {
        return BYTES("");
    }
    for (size_t i = 0; i + 4 < host.length; i++) {
        if (memcmp(host.data + i, ".s3.", 4) == 0 || memcmp(host.data + i, ".s3-", 4) == 0) {
            return (struct bytes){ host.data, i };
        }
    }
    return BYTES("");
}

/* url -> ( "http" | "https" ) "://" host [ "/" path ] [ ( "?" | "#" ) rest ] */
bool object_place_of_url(struct arena *arena,
                         struct bytes world,
                         struct bytes url,
                         struct object_place *out_place)
{
    struct bytes scheme = url;
    struct bytes rest = cut_at(&scheme, ":");
    if ((!equal_in_any_case(scheme, "http") && !equal_in_any_case(scheme, "https")) ||
        !bytes_start_with(rest, BYTES("://"))) {
        return false;
    }
    struct bytes host = { rest.data + 3, rest.length - 3 };
    struct bytes path = cut_at(&host, "/?#");
    (void)cut_at(&path, "?#");
    path = without_first(path);
    struct bytes bucket = object_bucket_of_host(host);
    if (bucket.length == 0) {
        bucket = path;
        path = without_first(cut_at(&bucket, "/"));
    }
    *out_place = (struct object_place){ .world = world,
                                        .bucket = bucket,
                                        .key = form_decode_path(arena, path) };
    return object_place_is_valid(out_place);
}
