/*
 * Objects in the store, a document each (docs/storage-format.md): the body, its type, its ETag and
 * when it was put. Buckets are not kept: a bucket is a part of its objects' keys.
 *
 * Results live in the arena, the caller begins and ends the transaction.
 */

#ifndef REHEARSEDB_API_S3_OBJECTS_H
#define REHEARSEDB_API_S3_OBJECTS_H

#include "storage/lmdb/txn.h"

struct arena;

enum { OBJECT_ETAG_SIZE = 32 };

struct object_place {
    struct bytes world; /* "ACCESS KEY/REGION/"; empty where all callers share */
    struct bytes bucket;
    struct bytes key;
};

struct object {
    struct bytes key; /* in its bucket */
    struct bytes body;
    struct bytes type; /* Content-Type as it was sent */
    struct bytes etag; /* MD5 of the body in hexadecimal digits, without quotes */
    int64_t modified_ms;
};

/* Whether there can be such an object: what the store's keys have room for. */
bool object_place_is_valid(const struct object_place *place);

bool object_find(struct txn *txn,
                 struct arena *arena,
                 const struct object_place *place,
                 struct object *out_object);

/* The ETag is worked out; the place must be valid. */
void object_put(struct txn *txn,
                struct arena *arena,
                const struct object_place *place,
                struct object *object);
bool object_remove(struct txn *txn, struct arena *arena, const struct object_place *place);

/* The first object of the bucket whose key starts with `prefix` and comes after that of `after`. */
bool object_next(struct txn *txn,
                 struct arena *arena,
                 const struct object_place *after,
                 struct bytes prefix,
                 struct object *out_object);

/*
 * Where an address of an object leads: http://HOST/BUCKET/KEY, http://BUCKET.localhost/KEY,
 * https://BUCKET.s3.REGION.amazonaws.com/KEY or https://s3.REGION.amazonaws.com/BUCKET/KEY. Nothing
 * is fetched: whatever the host, the object is one of ours or not there. False: it is no such
 * address.
 */
bool object_place_of_url(struct arena *arena,
                         struct bytes world,
                         struct bytes url,
                         struct object_place *out_place);

/* The bucket in the name of a host, BUCKET.localhost or BUCKET.s3…amazonaws.com; empty: none. */
struct bytes object_bucket_of_host(struct bytes host);

#endif
