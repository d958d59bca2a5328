#include "storage/documents.h"

#include "storage/base/arena.h"
#include "storage/lmdb/layout.h"

#include <assert.h>
#include <string.h>

struct document_key {
    uint8_t data[DOCUMENT_KEY_SIZE_MAX];
};

static bool is_key(struct bytes key)
{
    return key.length > 0 && key.length <= DOCUMENT_KEY_SIZE_MAX;
}

bool document_find(struct txn *txn, struct bytes key, struct bytes *out_value)
{
    return is_key(key) && txn_get(txn, DATABASE_DOCUMENTS, key, out_value);
}

void document_put(struct txn *txn, struct bytes key, struct bytes value)
{
    assert(is_key(key));
    txn_put(txn, DATABASE_DOCUMENTS, key, value);
}

bool document_remove(struct txn *txn, struct bytes key)
{
    return is_key(key) && txn_delete(txn, DATABASE_DOCUMENTS, key);
}

/* What no key is longer than; a longer text comes after the key that it is cut to. */
static struct bytes cut(struct bytes text)
{
    if (text.length > DOCUMENT_KEY_SIZE_MAX) {
        text.length = DOCUMENT_KEY_SIZE_MAX;
    }
    return text;
}

static struct document copy_document(struct arena *arena, struct bytes key, struct bytes value)
{
    return (struct document){ .key = bytes_copy(arena, key), .value = bytes_copy(arena, value) };
}

bool document_next(struct txn *txn,
                   struct arena *arena,
                   struct bytes prefix,
                   struct bytes after,
                   struct document *out_document)
{
    struct bytes start = cut(bytes_compare(after, prefix) < 0 ? prefix : after);
    struct cursor cursor;
    struct bytes key;
    struct bytes value;
    cursor_open(txn, DATABASE_DOCUMENTS, &cursor);
    bool found = cursor_seek(&cursor, start, &key, &value);
    while (found && after.length > 0 && bytes_compare(key, after) <= 0) {
        found = cursor_next(&cursor, &key, &value);
    }
    found = found && bytes_start_with(key, prefix);
    if (found) {
        *out_document = copy_document(arena, key, value);
    }
    cursor_close(&cursor);
    return found;
}

/* The smallest text greater than all that start with the prefix; false: there is none. */
static bool end_of_prefix(struct bytes prefix, struct document_key *memory, struct bytes *out_end)
{
    size_t length = cut(prefix).length;
    while (length > 0 && prefix.data[length - 1] == 0xFF) {
        length--;
    }
    if (length == 0) {
        return false;
    }
    memcpy(memory->data, prefix.data, length);
    memory->data[length - 1]++;
    *out_end = (struct bytes){ memory->data, length };
    return true;
}

bool document_previous(struct txn *txn,
                       struct arena *arena,
                       struct bytes prefix,
                       struct bytes before,
                       struct document *out_document)
{
    struct document_key memory;
    struct bytes end;
    struct bytes key;
    struct bytes value;
    struct cursor cursor;
    bool has_end = end_of_prefix(prefix, &memory, &end);
    if (before.length > 0 && (!has_end || bytes_compare(before, end) < 0)) {
        has_end = true;
        end = before;
    }
    cursor_open(txn, DATABASE_DOCUMENTS, &cursor);
    bool found = has_end && cursor_seek(&cursor, cut(end), &key, &value);
    if (!found) {
        found = cursor_last(&cursor, &key, &value);
    } else if (bytes_compare(key, end) >= 0) {
        found = cursor_previous(&cursor, &key, &value);
    }
    found = found && bytes_start_with(key, prefix);
    if (found) {
        *out_document = copy_document(arena, key, value);
    }
    cursor_close(&cursor);
    return found;
}

static bool remove_first(struct txn *txn, struct bytes prefix)
{
    struct document_key memory;
    struct cursor cursor;
    struct bytes key;
    struct bytes value;
    cursor_open(txn, DATABASE_DOCUMENTS, &cursor);
    bool found = cursor_seek(&cursor, cut(prefix), &key, &value) && bytes_start_with(key, prefix);
    if (found) {
        memcpy(memory.data, key.data, key.length); /* it dies with its entry */
        key.data = memory.data;
    }
    cursor_close(&cursor);
    return found && txn_delete(txn, DATABASE_DOCUMENTS, key);
}

size_t documents_remove(struct txn *txn, struct bytes prefix, size_t count_max)
{
    size_t count = 0;
    while (count < count_max && remove_first(txn, prefix)) {
        count++;
    }
    return count;
}
