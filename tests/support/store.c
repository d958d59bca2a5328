#include "tests/support/store.h"

#include "tests/support/literal.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TURNS_MAX = 1000000,
    READERS_MAX = 126,
};

static const int64_t CLOCK_START_MS = INT64_C(1767225600000);
static const uint64_t MAP_SIZE_USUAL = UINT64_C(1) << 30;

void store_require(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "the store's fixture needs: %s\n", what);
        abort();
    }
}

/* ---- open, close ---- */

static void open_storage(struct store *store)
{
    char message[512] = "";
    struct storage_options options = {
        .env = { .directory = store->options.is_durable ? store->directory : NULL,
                 .map_size_bytes = store->options.map_size_bytes,
                 .readers_max = READERS_MAX },
        .durations = store->options.durations,
        .clock = &store->clock,
        .is_stepped_by_hand = !store->options.has_thread,
    };
    bool opened = storage_open(&options, &store->storage, message, sizeof message);
    store_require(opened, message);
}

void store_open(struct store *store, struct store_options options)
{
    store->options = options;
    if (options.map_size_bytes == 0) {
        store->options.map_size_bytes = MAP_SIZE_USUAL;
    }
    arena_init(&store->arena);
    if (options.has_thread) {
        clock_init_real(&store->clock);
    } else {
        clock_init_manual(&store->clock, CLOCK_START_MS);
    }
    store->directory[0] = '\0';
    if (options.is_durable) {
        (void)snprintf(store->directory, sizeof store->directory, "/tmp/rehearsedb-test-XXXXXX");
        store_require(mkdtemp(store->directory) != NULL, "a temporary directory");
    }
    open_storage(store);
}

static void remove_directory(const char *path)
{
    DIR *folder = opendir(path);
    store_require(folder != NULL, "its own directory");
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        bool is_own = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (!is_own && unlinkat(dirfd(folder), entry->d_name, 0) != 0) {
            char below[512];
            (void)snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
            remove_directory(below); /* of the snapshots */
        }
    }
    (void)closedir(folder);
    (void)rmdir(path);
}

void store_close(struct store *store)
{
    storage_close(&store->storage);
    if (store->options.is_durable) {
        remove_directory(store->directory);
    }
    arena_deinit(&store->arena);
}

void store_reopen(struct store *store)
{
    store_require(store->options.is_durable, "a durable store to open again");
    storage_close(&store->storage);
    open_storage(store);
}

/* ---- descriptions ---- */

static char *next_word(char **text, const char *separators)
{
    char *word = *text + strspn(*text, separators);
    if (*word == '\0') {
        return NULL;
    }
    char *end = word + strcspn(word, separators);
    *text = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

static size_t read_attributes(char *text, struct key_attribute *out_attributes)
{
    size_t count = 0;
    for (char *word = next_word(&text, ", "); word != NULL; word = next_word(&text, ", ")) {
        char *colon = strchr(word, ':');
        store_require(colon != NULL && count < KEY_PARTITION_ATTRIBUTES_MAX, "name:type, …");
        struct key_attribute *attribute = &out_attributes[count++];
        store_require(attribute_type_of_name(bytes_of_text(colon + 1), &attribute->type), "a type");
        attribute->name = (struct bytes){ (const uint8_t *)word, (size_t)(colon - word) };
    }
    return count;
}

struct key_schema store_key_schema(struct arena *arena, const char *text)
{
    struct key_schema key = { .sort_count = 0 };
    char *partition = bytes_to_text(arena, bytes_of_text(text));
    char *slash = strchr(partition, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    key.partition_count = read_attributes(partition, key.attributes);
    if (slash != NULL) {
        key.sort_count = read_attributes(slash + 1, key.attributes + key.partition_count);
    }
    return key;
}

static int compare_names(const void *left, const void *right)
{
    return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

struct index_definition store_index_definition(struct arena *arena, struct store_index index)
{
    struct index_definition definition = {
        .name = bytes_copy(arena, bytes_of_text(index.name)),
        .is_local = index.is_local,
        .key = store_key_schema(arena, index.key),
        .projection = PROJECTION_INCLUDE,
    };
    struct bytes *names = arena_alloc(arena, strlen(index.projection) * sizeof *names);
    definition.non_key_attributes = names;
    if (strcmp(index.projection, "ALL") == 0) {
        definition.projection = PROJECTION_ALL;
    } else if (strcmp(index.projection, "KEYS_ONLY") == 0) {
        definition.projection = PROJECTION_KEYS_ONLY;
    } else {
        char *rest = bytes_to_text(arena, bytes_of_text(index.projection));
        for (char *word = next_word(&rest, " "); word != NULL; word = next_word(&rest, " ")) {
            names[definition.non_key_count++] = bytes_of_text(word);
        }
        qsort(names, definition.non_key_count, sizeof *names, compare_names);
    }
    return definition;
}

/* AttributeDefinitions: every key attribute once, ascending. */
static void collect_attributes(struct arena *arena, struct table_definition *table)
{
    size_t room = (table->index_count + 1) * KEY_ATTRIBUTES_MAX;
    struct key_attribute *attributes = arena_alloc(arena, room * sizeof *attributes);
    size_t count = 0;
    for (size_t i = 0; i <= table->index_count; i++) {
        const struct key_schema *key = i == 0 ? &table->key : &table->indexes[i - 1].key;
        for (size_t j = 0; j < key->partition_count + key->sort_count; j++) {
            size_t place = 0;
            while (place < count &&
                   bytes_compare(attributes[place].name, key->attributes[j].name) < 0) {
                place++;
            }
            if (place < count && bytes_equal(attributes[place].name, key->attributes[j].name)) {
                continue;
            }
            memmove(&attributes[place + 1], &attributes[place],
                    (count - place) * sizeof *attributes);
            attributes[place] = key->attributes[j];
            count++;
        }
    }
    table->attributes = attributes;
    table->attribute_count = count;
}

/* ---- tables and indexes ---- */

struct definition_change {
    struct store *store;
    const char *table;
    const char *key;
    const struct store_index *indexes;
    size_t index_count;
    const char *index;
    struct hold hold;
};

static void must_run(struct store *store,
                     bool (*run)(void *context, struct txn *txn),
                     struct definition_change *change,
                     bool takes_databases)
{
    change->store = store;
    enum storage_status status =
        committer_run(store->storage.committer, run, change, takes_databases);
    store_require(status == STORAGE_OK, storage_status_text(status));
}

static struct table_definition *find(struct txn *txn, struct store *store, const char *name)
{
    return catalog_find(txn, &store->arena, bytes_of_text(name));
}

static void settle(struct txn *txn, struct store *store, struct table_definition *table)
{
    table_settle(txn, &store->arena, table, &store->options.durations, store->storage.throttle,
                 clock_now_ms(&store->clock));
}

static bool run_create_table(void *context, struct txn *txn)
{
    const struct definition_change *change = context;
    struct store *store = change->store;
    struct arena *arena = &store->arena;
    struct table_definition table = {
        .id = BYTES("00000000-0000-4000-8000-000000000000"),
        .region = BYTES("us-east-1"),
        .account = BYTES("000000000000"),
        .key = store_key_schema(arena, change->key),
        .billing = { .is_on_demand = true },
        .index_count = change->index_count,
        .indexes = arena_alloc(arena, (change->index_count + 1) * sizeof *table.indexes),
    };
    for (size_t i = 0; i < change->index_count; i++) {
        table.indexes[i] = store_index_definition(arena, change->indexes[i]);
    }
    table_set_name(&table, bytes_of_text(change->table));
    collect_attributes(arena, &table);
    table_begin_create(txn, &table, &store->options.durations, clock_now_ms(&store->clock));
    settle(txn, store, &table);
    return true;
}

void store_create_table(struct store *store,
                        const char *name,
                        const char *key,
                        const struct store_index *indexes,
                        size_t index_count)
{
    struct definition_change change = {
        .table = name,
        .key = key,
        .indexes = indexes,
        .index_count = index_count,
    };
    must_run(store, run_create_table, &change, true);
}

static bool run_create_index(void *context, struct txn *txn)
{
    const struct definition_change *change = context;
    struct store *store = change->store;
    struct table_definition *table = find(txn, store, change->table);
    store_require(table != NULL, "the table of the new index");
    struct index_definition index = store_index_definition(&store->arena, change->indexes[0]);
    index_begin_create(txn, table, &index, &store->options.durations, clock_now_ms(&store->clock));
    table->indexes[table->index_count++] = index;
    collect_attributes(&store->arena, table);
    settle(txn, store, table);
    return true;
}

void store_create_index(struct store *store, const char *table, struct store_index index)
{
    struct definition_change change = { .table = table, .indexes = &index };
    must_run(store, run_create_index, &change, true);
}

static bool run_delete_table(void *context, struct txn *txn)
{
    const struct definition_change *change = context;
    struct store *store = change->store;
    struct table_definition *table = find(txn, store, change->table);
    store_require(table != NULL, "the table to delete");
    table_begin_delete(table, &store->options.durations, clock_now_ms(&store->clock));
    settle(txn, store, table);
    return true;
}

void store_delete_table(struct store *store, const char *name)
{
    struct definition_change change = { .table = name };
    must_run(store, run_delete_table, &change, false);
}

static bool run_delete_index(void *context, struct txn *txn)
{
    const struct definition_change *change = context;
    struct store *store = change->store;
    struct table_definition *table = find(txn, store, change->table);
    store_require(table != NULL, "the table of the index");
    struct index_definition *index = table_find_index(table, bytes_of_text(change->index));
    store_require(index != NULL, "the index to delete");
    index_begin_delete(index, &store->options.durations, clock_now_ms(&store->clock));
    settle(txn, store, table);
    return true;
}

void store_delete_index(struct store *store, const char *table, const char *index)
{
    struct definition_change change = { .table = table, .index = index };
    must_run(store, run_delete_index, &change, false);
}

static bool run_hold(void *context, struct txn *txn)
{
    const struct definition_change *change = context;
    hold_set(txn, bytes_of_text(change->table), bytes_of_text(change->index), change->hold);
    return true;
}

void store_hold(struct store *store, const char *table, const char *index, struct hold hold)
{
    struct definition_change change = { .table = table, .index = index, .hold = hold };
    must_run(store, run_hold, &change, false);
}

static bool run_release(void *context, struct txn *txn)
{
    const struct definition_change *change = context;
    store_require(hold_release(txn, bytes_of_text(change->table), bytes_of_text(change->index)),
                  "a hold to release");
    return true;
}

void store_release(struct store *store, const char *table, const char *index)
{
    struct definition_change change = { .table = table, .index = index };
    must_run(store, run_release, &change, false);
}

struct table_definition *store_table(struct store *store, const char *name)
{
    struct txn txn;
    txn_begin_read(store->storage.env, &txn);
    struct table_definition *table = find(&txn, store, name);
    store_require(txn.status == STORAGE_OK, "a readable catalog");
    txn_abort(&txn);
    return table;
}

struct index_definition *store_index(struct store *store, const char *table, const char *index)
{
    struct table_definition *definition = store_table(store, table);
    store_require(definition != NULL, "the table of the index");
    return table_find_index(definition, bytes_of_text(index));
}

/* ---- time ---- */

bool store_step(struct store *store)
{
    return background_step(store->storage.background) <= clock_now_ms(&store->clock);
}

void store_settle(struct store *store)
{
    size_t turns = 0;
    while (store_step(store)) {
        store_require(++turns < TURNS_MAX, "background work that comes to an end");
    }
}

void store_advance(struct store *store, int64_t by_ms)
{
    clock_advance(&store->clock, by_ms);
    store_settle(store);
}

/* ---- items ---- */

void store_change(struct txn *txn,
                  struct arena *arena,
                  const struct table_definition *table,
                  struct bytes key_item,
                  struct bytes new_item,
                  struct index_effect *out_effects)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    struct key key;
    struct bytes old_item = { NULL, 0 };
    store_require(item_key_values(key_item, &table->key, values), "an item with the table's key");
    item_key_of_values(arena, &table->key, values, &key);
    (void)items_get(txn, table, &key, values, &old_item);
    struct item_change change = {
        .table = table,
        .key_values = values,
        .key = &key,
        .old_item = old_item,
        .new_item = new_item,
    };
    item_change_apply(txn, arena, &change, out_effects);
}

struct item_job {
    const char *table;
    struct bytes key_item;
    struct bytes new_item;
};

/* Its memory is its own, so that jobs may run on any thread and twice. */
static bool run_change(void *context, struct txn *txn)
{
    const struct item_job *job = context;
    struct index_effect effects[INDEXES_MAX];
    struct arena arena;
    arena_init(&arena);
    struct table_definition *table = catalog_find(txn, &arena, bytes_of_text(job->table));
    if (table != NULL) {
        store_change(txn, &arena, table, job->key_item, job->new_item, effects);
    }
    store_require(table != NULL || txn->status != STORAGE_OK, "the table to write to");
    arena_deinit(&arena);
    return true;
}

enum storage_status store_try_put(struct store *store, const char *table, struct bytes item)
{
    struct item_job job = { .table = table, .key_item = item, .new_item = item };
    return committer_run(store->storage.committer, run_change, &job, false);
}

enum storage_status store_try_delete(struct store *store, const char *table, struct bytes key)
{
    struct item_job job = { .table = table, .key_item = key };
    return committer_run(store->storage.committer, run_change, &job, false);
}

void store_put(struct store *store, const char *table, const char *item)
{
    enum storage_status status = store_try_put(store, table, literal_item(&store->arena, item));
    store_require(status == STORAGE_OK, storage_status_text(status));
}

void store_delete(struct store *store, const char *table, const char *key)
{
    enum storage_status status = store_try_delete(store, table, literal_item(&store->arena, key));
    store_require(status == STORAGE_OK, storage_status_text(status));
}

const char *store_get(struct store *store, const char *table, const char *key)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    struct key encoded;
    struct bytes item;
    struct txn txn;
    txn_begin_read(store->storage.env, &txn);
    struct table_definition *definition = find(&txn, store, table);
    store_require(definition != NULL, "the table to read");
    store_require(item_key_values(literal_item(&store->arena, key), &definition->key, values),
                  "the table's key");
    item_key_of_values(&store->arena, &definition->key, values, &encoded);
    const char *text = items_get(&txn, definition, &encoded, values, &item)
                           ? literal_of_item(&store->arena, item)
                           : NULL;
    txn_abort(&txn);
    return text;
}

static uint32_t
database_of(struct txn *txn, struct store *store, const char *table, const char *index)
{
    struct table_definition *definition = find(txn, store, table);
    store_require(definition != NULL, "the table to read");
    if (index == NULL) {
        return definition->database;
    }
    struct index_definition *found = table_find_index(definition, bytes_of_text(index));
    store_require(found != NULL, "the index to read");
    return found->database;
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char *store_content(struct store *store, const char *table, const char *index)
{
    struct txn txn;
    struct cursor cursor;
    struct bytes key;
    struct bytes item;
    size_t count = 0;
    txn_begin_read(store->storage.env, &txn);
    uint32_t database = database_of(&txn, store, table, index);
    uint64_t expected = txn_count(&txn, database);
    const char **texts = arena_alloc(&store->arena, expected * sizeof *texts);
    cursor_open(&txn, database, &cursor);
    for (bool more = cursor_seek(&cursor, BYTES(""), &key, &item); more;
         more = cursor_next(&cursor, &key, &item)) {
        store_require(count < expected, "a true count of entries");
        texts[count++] = literal_of_item(&store->arena, item);
    }
    cursor_close(&cursor);
    txn_abort(&txn);
    qsort((void *)texts, count, sizeof *texts, compare_texts);
    struct buffer joined;
    buffer_init(&joined, &store->arena, 256);
    for (size_t i = 0; i < count; i++) {
        buffer_append_text(&joined, i > 0 ? "\n" : "");
        buffer_append_text(&joined, texts[i]);
    }
    return bytes_to_text(&store->arena, buffer_view(&joined));
}

uint64_t store_count(struct store *store, const char *table, const char *index)
{
    struct txn txn;
    txn_begin_read(store->storage.env, &txn);
    uint64_t count = txn_count(&txn, database_of(&txn, store, table, index));
    txn_abort(&txn);
    return count;
}

uint64_t store_size(struct store *store, const char *table, const char *index)
{
    struct txn txn;
    txn_begin_read(store->storage.env, &txn);
    uint64_t size = database_size(&txn, database_of(&txn, store, table, index));
    txn_abort(&txn);
    return size;
}
