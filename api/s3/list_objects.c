/* ListObjectsV2: the keys of a bucket in order, those with a delimiter behind the prefix put
 * together. */

#include "api/internal.h"
#include "api/protocol/timestamp.h"
#include "api/protocol/xml.h"
#include "api/s3/s3.h"
#include "storage/base/arena.h"

#include <string.h>

enum { KEYS_MAX = 1000 };

static const char NAMESPACE[] = "http://s3.amazonaws.com/doc/2006-03-01/";

struct listing {
    struct s3_request *request;
    struct bytes prefix;
    struct bytes delimiter; /* empty: none */
    size_t keys_max;
    bool encodes_keys; /* encoding-type=url */
    struct buffer contents;
    struct buffer common_prefixes;
    size_t count;
    struct bytes last; /* the key, or common prefix, that was listed last */
    bool is_truncated;
};

static void append_encoded(struct buffer *to, struct bytes text)
{
    static const char plain[] = "-_.~/*";
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        uint8_t lower = byte | 0x20;
        bool is_plain = (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') ||
                        (byte != '\0' && strchr(plain, byte) != NULL);
        if (is_plain) {
            buffer_append_u8(to, byte);
        } else {
            buffer_append_format(to, "%%%02X", byte);
        }
    }
}

/* A key or what is like one. */
static void
append_key(struct listing *listing, struct buffer *to, const char *name, struct bytes key)
{
    if (!listing->encodes_keys) {
        xml_append_element(to, name, key);
        return;
    }
    xml_open(to, name);
    append_encoded(to, key);
    xml_close(to, name);
}

static void append_object(struct listing *listing, const struct object *object)
{
    struct buffer *to = &listing->contents;
    xml_open(to, "Contents");
    append_key(listing, to, "Key", object->key);
    xml_open(to, "LastModified");
    timestamp_append(to, object->modified_ms);
    xml_close(to, "LastModified");
    buffer_append_format(to, "<ETag>&quot;%.*s&quot;</ETag><Size>%zu</Size>",
                         BYTES_ARGUMENTS(object->etag), object->body.length);
    xml_append_element(to, "StorageClass", BYTES("STANDARD"));
    xml_close(to, "Contents");
}

/* The part of the key up to and with the first delimiter after the prefix; empty: there is none. */
static struct bytes common_prefix(const struct listing *listing, struct bytes key)
{
    struct bytes delimiter = listing->delimiter;
    for (size_t i = listing->prefix.length;
         delimiter.length > 0 && i + delimiter.length <= key.length; i++) {
        if (memcmp(key.data + i, delimiter.data, delimiter.length) == 0) {
            return (struct bytes){ key.data, i + delimiter.length };
        }
    }
    return BYTES("");
}

static void take(struct listing *listing, const struct object *object)
{
    struct bytes common = common_prefix(listing, object->key);
    if (common.length > 0 && bytes_equal(common, listing->last)) {
        return;
    }
    if (listing->count == listing->keys_max) {
        listing->is_truncated = true;
        return;
    }
    listing->count++;
    if (common.length == 0) {
        listing->last = object->key;
        append_object(listing, object);
        return;
    }
    listing->last = common;
    xml_open(&listing->common_prefixes, "CommonPrefixes");
    append_key(listing, &listing->common_prefixes, "Prefix", common);
    xml_close(&listing->common_prefixes, "CommonPrefixes");
}

/* The token of the page before is the last thing it listed, in hexadecimal digits. */
static struct bytes read_token(struct arena *arena, struct bytes token)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *text = arena_alloc(arena, token.length / 2 + 1);
    for (size_t i = 0; i + 1 < token.length; i += 2) {
        const char *high = strchr(digits, token.data[i]);
        const char *low = strchr(digits, token.data[i + 1]);
        if (token.data[i] == '\0' || token.data[i + 1] == '\0' || high == NULL || low == NULL) {
            return BYTES("");
        }
        text[i / 2] = (uint8_t)((high - digits) * 16 + (low - digits));
    }
    return (struct bytes){ text, token.length / 2 };
}

static bool collect(struct listing *listing, struct bytes after)
{
    struct s3_request *request = listing->request;
    struct object_place place = request->place;
    struct object object;
    struct arena scratch; /* of one object: bodies may be large */
    struct txn txn;
    arena_init(&scratch);
    place.key = after;
    txn_begin_read(request->api->storage.env, &txn);
    while (!listing->is_truncated &&
           object_next(&txn, &scratch, &place, listing->prefix, &object)) {
        object.key = bytes_copy(request->arena, object.key);
        take(listing, &object);
        place.key = object.key;
        arena_reset(&scratch);
    }
    enum storage_status status = txn.status;
    txn_abort(&txn);
    arena_deinit(&scratch);
    return status == STORAGE_OK ||
           s3_fail(request, &S3_INTERNAL_ERROR, "The server could not read its store");
}

static struct bytes parameter(struct s3_request *request, const char *name)
{
    struct bytes value = form_find(&request->query, bytes_of_text(name));
    return value.data != NULL ? value : BYTES("");
}

static bool read_count(struct s3_request *request, size_t *out_count)
{
    struct bytes text = parameter(request, "max-keys");
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return s3_fail(request, &S3_INVALID_ARGUMENT,
                           "Provided max-keys not an integer or within integer range");
        }
        count = count < KEYS_MAX ? count * 10 + (size_t)(text.data[i] - '0') : count;
    }
    *out_count = text.length == 0 || count > KEYS_MAX ? KEYS_MAX : count;
    return true;
}

static void write_reply(struct listing *listing)
{
    struct s3_request *request = listing->request;
    struct buffer *to = &request->reply;
    xml_open_in_namespace(to, "ListBucketResult", NAMESPACE);
    xml_append_element(to, "Name", request->place.bucket);
    append_key(listing, to, "Prefix", listing->prefix);
    if (listing->delimiter.length > 0) {
        append_key(listing, to, "Delimiter", listing->delimiter);
    }
    buffer_append_format(to, "<MaxKeys>%zu</MaxKeys>", listing->keys_max);
    if (listing->encodes_keys) {
        xml_append_element(to, "EncodingType", BYTES("url"));
    }
    buffer_append_format(to, "<KeyCount>%zu</KeyCount><IsTruncated>%s</IsTruncated>",
                         listing->count, listing->is_truncated ? "true" : "false");
    if (listing->is_truncated) {
        xml_open(to, "NextContinuationToken");
        for (size_t i = 0; i < listing->last.length; i++) {
            buffer_append_format(to, "%02x", listing->last.data[i]);
        }
        xml_close(to, "NextContinuationToken");
    }
    buffer_append_bytes(to, buffer_view(&listing->contents));
    buffer_append_bytes(to, buffer_view(&listing->common_prefixes));
    xml_close(to, "ListBucketResult");
}

/*
 * Where a page goes on: behind a key itself, behind a common prefix after all that start with it.
 */
static struct bytes bound_of(const struct listing *listing, struct bytes last)
{
    struct bytes common = common_prefix(listing, last);
    if (common.length == 0 || common.length != last.length) {
        return last;
    }
    struct buffer bound;
    buffer_init(&bound, listing->request->arena, last.length + 1);
    buffer_append_bytes(&bound, last);
    buffer_append_u8(&bound, 0xFF); /* no byte of a character */
    return buffer_view(&bound);
}

bool s3_list_objects(struct s3_request *request)
{
    struct listing listing = {
        .request = request,
        .prefix = parameter(request, "prefix"),
        .delimiter = parameter(request, "delimiter"),
        .encodes_keys = bytes_equal(parameter(request, "encoding-type"), BYTES("url")),
    };
    struct bytes token = parameter(request, "continuation-token");
    struct bytes after = parameter(request, "start-after");
    if (!bytes_equal(parameter(request, "list-type"), BYTES("2"))) {
        return s3_fail(request, &S3_INVALID_ARGUMENT,
                       "Objects are listed here with list-type=2 alone");
    }
    if (!read_count(request, &listing.keys_max)) {
        return false;
    }
    if (token.length > 0) {
        after = bound_of(&listing, read_token(request->arena, token));
        if (after.length == 0) {
            return s3_fail(request, &S3_INVALID_ARGUMENT,
                           "The continuation token provided is incorrect");
        }
    }
    buffer_init(&listing.contents, request->arena, 256);
    buffer_init(&listing.common_prefixes, request->arena, 0);
    listing.last = BYTES("");
    if (listing.keys_max > 0 && !collect(&listing, after)) {
        return false;
    }
    write_reply(&listing);
    return true;
}
