#include "tools/compare/entry_store.h"

#include "storage/base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PASS_SIZE_MAX = 64 * 1024 * 1024, /* of a file in memory at once */
    PASSES_MAX = 256,                 /* told apart by the second byte of the hash */
    WRITE_BUFFER_SIZE = 32 * 1024,
};

struct entry_store {
    FILE *files[ENTRY_FILES];
    char reason[256];
};

static void fail_store(struct entry_store *store, const char *what)
{
    (void)snprintf(store->reason, sizeof store->reason, "cannot %s: %s", what, strerror(errno));
}

static FILE *open_file(const char *directory, size_t number)
{
    char path[PATH_MAX];
    if (directory == NULL) {
        return tmpfile();
    }
    int length = snprintf(path, sizeof path, "%s/%02zx.entries", directory, number);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return descriptor >= 0 ? fdopen(descriptor, "r+b") : NULL;
}

struct entry_store *entry_store_open(const char *directory, char *out_reason, size_t reason_size)
{
    struct entry_store *store = calloc(1, sizeof *store);
    bool is_open = store != NULL;
    for (size_t i = 0; is_open && i < ENTRY_FILES; i++) {
        store->files[i] = open_file(directory, i);
        is_open = store->files[i] != NULL &&
                  setvbuf(store->files[i], NULL, _IOFBF, WRITE_BUFFER_SIZE) == 0 &&
                  fseek(store->files[i], 0, SEEK_END) == 0;
    }
    if (!is_open) {
        (void)snprintf(out_reason, reason_size, "cannot keep entries in %s: %s",
                       directory != NULL ? directory : "a temporary file", strerror(errno));
        if (store != NULL) {
            entry_store_close(store);
        }
        return NULL;
    }
    return store;
}

void entry_store_close(struct entry_store *store)
{
    for (size_t i = 0; i < ENTRY_FILES; i++) {
        if (store->files[i] != NULL) {
            (void)fclose(store->files[i]);
        }
    }
    free(store);
}

const char *entry_store_reason(const struct entry_store *store)
{
    return store->reason;
}

/* ---- writing ---- */

bool entry_store_add(struct entry_store *store, const struct entry *entry)
{
    FILE *file = store->files[entry->hash[0]];
    struct arena arena;
    struct buffer record;
    arena_init(&arena);
    buffer_init(&record, &arena, 256);
    buffer_append(&record, entry->hash, DIGEST_SIZE);
    buffer_append(&record, entry->digest, DIGEST_SIZE);
    buffer_append_u8(&record, (uint8_t)entry->side);
    buffer_append_sized(&record, entry->key);
    buffer_append_sized(&record, entry->index_key);
    uint32_t length = (uint32_t)record.length;
    bool written = fwrite(&length, sizeof length, 1, file) == 1 &&
                   fwrite(record.data, 1, record.length, file) == record.length;
    arena_deinit(&arena);
    if (!written) {
        fail_store(store, "write entries");
    }
    return written;
}

bool entry_store_flush(struct entry_store *store, uint64_t out_sizes[ENTRY_FILES])
{
    for (size_t i = 0; i < ENTRY_FILES; i++) {
        if (fflush(store->files[i]) != 0 || fdatasync(fileno(store->files[i])) != 0) {
            fail_store(store, "write entries");
            return false;
        }
        out_sizes[i] = (uint64_t)ftello(store->files[i]);
    }
    return true;
}

bool entry_store_truncate(struct entry_store *store, const uint64_t sizes[ENTRY_FILES])
{
    for (size_t i = 0; i < ENTRY_FILES; i++) {
        FILE *file = store->files[i];
        if (fseeko(file, 0, SEEK_END) != 0 || (uint64_t)ftello(file) < sizes[i] ||
            ftruncate(fileno(file), (off_t)sizes[i]) != 0 || fseeko(file, 0, SEEK_END) != 0) {
            fail_store(store, "go back to the last checkpoint");
            return false;
        }
    }
    return true;
}

/* ---- reading ---- */

struct entries {
    struct arena arena;
    struct entry *all;
    size_t count;
    size_t capacity;
};

static bool read_entry(struct entries *entries, struct bytes record, size_t pass, size_t passes)
{
    struct reader reader = reader_of(record);
    struct entry entry = { .side = SIDE_LEFT };
    struct bytes hash = reader_take(&reader, DIGEST_SIZE);
    struct bytes digest = reader_take(&reader, DIGEST_SIZE);
    if (reader.failed) {
        return false;
    }
    if (hash.data[1] % passes != pass) {
        return true;
    }
    memcpy(entry.hash, hash.data, DIGEST_SIZE);
    memcpy(entry.digest, digest.data, DIGEST_SIZE);
    entry.side = (enum side)reader_u8(&reader);
    entry.key = bytes_copy(&entries->arena, reader_sized(&reader));
    entry.index_key = bytes_copy(&entries->arena, reader_sized(&reader));
    if (entries->count == entries->capacity) {
        entries->capacity = entries->capacity == 0 ? 1024 : entries->capacity * 2;
        entries->all = realloc(entries->all, entries->capacity * sizeof *entries->all);
        if (entries->all == NULL) {
            abort(); /* out of memory */
        }
    }
    entries->all[entries->count++] = entry;
    return !reader.failed;
}

static bool read_pass(
    struct entry_store *store, FILE *file, size_t pass, size_t passes, struct entries *entries)
{
    static uint8_t record[64 * 1024]; /* two keys, JSON, escapes: far less */
    uint32_t length = 0;
    bool is_well_formed = fseeko(file, 0, SEEK_SET) == 0;
    while (is_well_formed && fread(&length, sizeof length, 1, file) == 1) {
        is_well_formed = length <= sizeof record && fread(record, 1, length, file) == length &&
                         read_entry(entries, (struct bytes){ record, length }, pass, passes);
    }
    if (!is_well_formed || ferror(file) != 0) {
        fail_store(store, "read the entries back");
        return false;
    }
    return true;
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *one = left;
    const struct entry *other = right;
    int order = memcmp(one->hash, other->hash, DIGEST_SIZE);
    return order != 0 ? order : (int)one->side - (int)other->side;
}

static bool visit_keys(const struct entries *entries, entry_visit *visit, void *context)
{
    size_t start = 0;
    for (size_t i = 1; i <= entries->count; i++) {
        bool is_end = i == entries->count ||
                      memcmp(entries->all[i].hash, entries->all[start].hash, DIGEST_SIZE) != 0;
        if (is_end) {
            if (!visit(context, &entries->all[start], i - start)) {
                return false;
            }
            start = i;
        }
    }
    return true;
}

static bool visit_file(struct entry_store *store, FILE *file, entry_visit *visit, void *context)
{
    uint64_t size =
        fflush(file) == 0 && fseeko(file, 0, SEEK_END) == 0 ? (uint64_t)ftello(file) : 0;
    size_t passes = 1;
    while (passes < PASSES_MAX && size / passes > PASS_SIZE_MAX) {
        passes *= 2;
    }
    bool goes_on = true;
    for (size_t pass = 0; goes_on && pass < passes; pass++) {
        struct entries entries = { .all = NULL };
        arena_init(&entries.arena);
        goes_on = read_pass(store, file, pass, passes, &entries);
        if (goes_on && entries.count > 0) {
            qsort(entries.all, entries.count, sizeof *entries.all, compare_entries);
            goes_on = visit_keys(&entries, visit, context);
        }
        free(entries.all);
        arena_deinit(&entries.arena);
    }
    return goes_on;
}

bool entry_store_visit(struct entry_store *store, entry_visit *visit, void *context)
{
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < ENTRY_FILES; i++) {
        goes_on = visit_file(store, store->files[i], visit, context);
    }
    return goes_on;
}
