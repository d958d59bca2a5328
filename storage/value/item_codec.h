/*
 * An item as one run of bytes, as it is stored, indexed and replied from.
 *
 *   item      version (1 byte, now 1), size (u32), entries
 *     size      DynamoDB's size of the item in bytes: names plus values
 *     entries   an M payload (storage/value/attribute_value.h): attributes in order of name
 *
 * Pure functions; the bytes are borrowed.
 */

#ifndef REHEARSEDB_STORAGE_VALUE_ITEM_CODEC_H
#define REHEARSEDB_STORAGE_VALUE_ITEM_CODEC_H

#include "storage/value/attribute_value.h"

/* Starts an item: the caller then writes entries (write_name, write_value) and calls item_end. */
size_t item_begin(struct buffer *to);

/* Fills in the size; `mark` is what item_begin gave. Returns the finished item inside `to`. */
struct bytes item_end(struct buffer *to, size_t mark);

/* An item from a finished M payload, copied into `to`. */
struct bytes item_of_map(struct buffer *to, struct bytes payload);

/* The entries, an M payload: for map_next and map_find. */
struct bytes item_attributes(struct bytes item);

/* DynamoDB's size in bytes. */
size_t item_size(struct bytes item);

bool item_find(struct bytes item, struct bytes name, struct attribute_value *out_value);

/*
 * The attributes whose names are in `names`, as a new item in `to`. `names` ascends (bytes_compare)
 * and has no duplicates, so one pass over both is enough.
 */
struct bytes
item_project(struct buffer *to, struct bytes item, const struct bytes *names, size_t names_count);

/* True when the bytes are an item of this version, well-formed throughout, of the size they say. */
bool item_is_valid(struct bytes item);

#endif
