/*
 * Separate worlds: with --isolate every pair of access key and region has tables of its own, as
 * with DynamoDB Local by default. A world is the first part of its tables' qualified names
 * (storage/table/catalog.h).
 */

#ifndef REHEARSEDB_API_WORLD_H
#define REHEARSEDB_API_WORLD_H

#include "storage/base/bytes.h"

struct arena;

/*
 * "ACCESS KEY/REGION/" in the arena. False when either is empty, too long (128 and 64 bytes) or
 * holds other letters than A-Z, a-z, 0-9, '_', '-' and '.': no key or region of AWS does.
 */
bool world_of(struct arena *arena,
              struct bytes access_key_id,
              struct bytes region,
              struct bytes *out_world);

/* The account in the ARNs that a caller sees: an access key of twelve digits is one, as with
 * DynamoDB Local; others share one of zeros. */
struct bytes world_account(struct bytes access_key_id);

#endif
