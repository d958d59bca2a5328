#include "api/items/transaction.h"

#include "api/items/cancellation.h"
#include "api/items/item_key.h"
#include "api/limits.h"
#include "storage/items/client_tokens.h"
#include "storage/items/indexes.h"

#include <stdlib.h>
#include <string.h>

/* A transactional write is a write to prepare and one to commit; a read likewise. */
enum { UNITS_FACTOR = 2 };

struct transaction *transaction_create(struct request *request, size_t action_count)
{
    struct transaction *transaction = arena_alloc_zero(request->arena, sizeof *transaction);
    transaction->actions =
        arena_alloc_zero(request->arena, action_count * sizeof *transaction->actions);
    transaction->table_names =
        arena_alloc(request->arena, action_count * sizeof *transaction->table_names);
    return transaction;
}

size_t transaction_table(struct transaction *transaction, struct bytes name)
{
    size_t place = 0;
    while (place < transaction->table_count &&
           !bytes_equal(transaction->table_names[place], name)) {
        place++;
    }
    if (place == transaction->table_count) {
        transaction->table_names[transaction->table_count++] = name;
    }
    return place;
}

/* ---- checks of the whole ---- */

struct bytes transaction_target(struct arena *arena, uint32_t database, const struct key *key)
{
    struct buffer target;
    buffer_init(&target, arena, sizeof database + key->length);
    buffer_append_u32(&target, database);
    buffer_append_bytes(&target, key_view(key));
    return buffer_view(&target);
}

static int compare_targets(const void *left, const void *right)
{
    return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

bool transaction_check_distinct(struct request *request, struct bytes *targets, size_t count)
{
    qsort(targets, count, sizeof *targets, compare_targets);
    for (size_t i = 1; i < count; i++) {
        if (bytes_equal(targets[i - 1], targets[i])) {
            return api_fail(request, API_VALIDATION,
                            "Transaction request cannot include multiple operations on one item");
        }
    }
    return true;
}

bool transaction_check_size(struct request *request, size_t size_bytes)
{
    return size_bytes <= LIMIT_TRANSACTION_BYTES ||
           api_fail(request, API_VALIDATION,
                    "Collection size of items exceeded, which can also be caused by the aggregate "
                    "size of the items in the transaction exceeding the 4MB limit");
}

/* ---- running ---- */

static const struct bytes NO_ITEM = { NULL, 0 };

struct running {
    struct request *request;
    const struct transaction *transaction;
    const struct table_definition **tables;
    struct item_write_outcome *outcomes;   /* one an action */
    struct consumed_capacity **capacities; /* one a table, as are the reads */
    struct client_token_reads *reads;
};

static const struct table_definition *table_of(const struct running *running, size_t action)
{
    return running->tables[running->transaction->actions[action].table];
}

static bool find_tables(struct running *running)
{
    struct request *request = running->request;
    size_t count = running->transaction->table_count;
    running->tables = arena_alloc(request->arena, count * sizeof(const struct table_definition *));
    running->capacities = arena_alloc(request->arena, count * sizeof(struct consumed_capacity *));
    running->reads = arena_alloc_zero(request->arena, count * sizeof *running->reads);
    for (size_t i = 0; i < count; i++) {
        const struct table_definition *table =
            request_item_table(request, running->transaction->table_names[i]);
        if (table == NULL) {
            return false;
        }
        running->tables[i] = table;
        running->reads[i].table_name = table->name;
        running->capacities[i] = capacity_start(request, table, UNITS_OF_WRITES);
        running->capacities[i]->names_kind = true;
    }
    return true;
}

/* What is wrong with the request itself. A key that does not fit its table is not: a reason. */
static bool check_whole(struct running *running)
{
    struct request *request = running->request;
    const struct transaction *transaction = running->transaction;
    struct bytes *targets =
        arena_alloc(request->arena, transaction->action_count * sizeof *targets);
    size_t target_count = 0;
    size_t size_bytes = 0;
    for (size_t i = 0; i < transaction->action_count; i++) {
        const struct table_definition *table = table_of(running, i);
        struct attribute_value values[KEY_ATTRIBUTES_MAX];
        struct key key;
        if (item_key_values(transaction->actions[i].write.item, &table->key, values)) {
            item_key_of_values(request->arena, &table->key, values, &key);
            targets[target_count++] = transaction_target(request->arena, table->database, &key);
        }
        size_bytes += transaction->actions[i].size_bytes;
    }
    if (!transaction_check_distinct(request, targets, target_count) ||
        !transaction_check_size(request, size_bytes)) {
        return false;
    }
    for (size_t i = 0; i < transaction->action_count; i++) {
        const struct item_write *write = &transaction->actions[i].write;
        if (!keys_check_filled(request, table_of(running, i), write->item,
                               write->kind == WRITE_PUT)) {
            return false;
        }
    }
    return true;
}

static bool compute_action(struct running *running, size_t action)
{
    const struct table_definition *table = table_of(running, action);
    const struct transaction_action *wanted = &running->transaction->actions[action];
    const struct consumed_capacity *capacity = running->capacities[wanted->table];
    struct item_write_outcome *outcome = &running->outcomes[action];
    return item_write_compute(running->request, table, &wanted->write, capacity, outcome) &&
           item_write_check_conflict(running->request, table, outcome) &&
           (wanted->is_check ||
            item_write_check_indexes(running->request, table, outcome, capacity));
}

/* Of the two writes that each action is, a cancelled transaction has done the first. */
static void charge_preparation(struct running *running)
{
    const struct transaction *transaction = running->transaction;
    for (size_t i = 0; i < transaction->action_count; i++) {
        running->capacities[transaction->actions[i].table]->table_units +=
            item_write_failed_units(&running->outcomes[i]);
    }
}

static bool compute(struct running *running)
{
    struct cancellation cancellation;
    size_t count = running->transaction->action_count;
    running->outcomes = arena_alloc(running->request->arena, count * sizeof *running->outcomes);
    cancellation_init(&cancellation, running->request, count);
    bool fails_condition = false;
    for (size_t i = 0; i < count; i++) {
        running->outcomes[i].old_item = NO_ITEM;
        if (!compute_action(running, i)) {
            if (!cancellation_take(&cancellation, i)) {
                return false;
            }
            enum api_error_code code = running->request->error.code;
            fails_condition |= code == API_CONDITIONAL_CHECK_FAILED;
            running->capacities[running->transaction->actions[i].table]->conflict_count +=
                code == API_TRANSACTION_CONFLICT;
        }
    }
    if (fails_condition) {
        charge_preparation(running);
    }
    return cancellation_finish(&cancellation);
}

static size_t image_size(struct bytes item)
{
    return item.data != NULL ? item_size(item) : 0;
}

static void apply_action(struct running *running, size_t place)
{
    struct request *request = running->request;
    const struct transaction_action *action = &running->transaction->actions[place];
    const struct table_definition *table = running->tables[action->table];
    struct item_write_outcome *outcome = &running->outcomes[place];
    struct consumed_capacity *capacity = running->capacities[action->table];
    size_t old_size = image_size(outcome->old_item);
    size_t new_size = action->is_check ? old_size : image_size(outcome->new_item);
    size_t larger = old_size > new_size ? old_size : new_size;
    running->reads[action->table].units +=
        UNITS_FACTOR * (uint64_t)capacity_read_units(larger, true);
    if (action->is_check) {
        capacity->table_units += capacity_write_units(old_size);
    } else {
        item_write_apply(request, table, outcome, capacity);
    }
    struct txn_claim *claim = arena_alloc(request->arena, sizeof *claim);
    *claim = (struct txn_claim){ .database = table->database, .key = key_view(&outcome->key) };
    txn_claim(request->txn, claim);
}

static void apply(struct running *running)
{
    const struct transaction *transaction = running->transaction;
    for (size_t i = 0; i < transaction->action_count; i++) {
        struct bytes *old_item = &running->outcomes[i].old_item;
        if (old_item->data != NULL) { /* borrowed from the map, and dead after the first write */
            *old_item = bytes_copy(running->request->arena, *old_item);
        }
    }
    for (size_t i = 0; i < transaction->action_count; i++) {
        apply_action(running, i);
    }
    for (size_t i = 0; i < transaction->table_count; i++) {
        /* What the write costs an index is the same in a transaction (docs/compatibility.md). */
        running->capacities[i]->table_units *= UNITS_FACTOR;
    }
}

/* ---- the token ---- */

static void keep_token(struct running *running)
{
    struct request *request = running->request;
    const struct transaction *transaction = running->transaction;
    if (transaction->client_token.length == 0) {
        return;
    }
    struct client_token token = {
        .expires_ms = request->now_ms + LIMIT_CLIENT_TOKEN_MS,
        .reads = running->reads,
        .reads_count = transaction->table_count,
    };
    memcpy(token.fingerprint, transaction->fingerprint, sizeof token.fingerprint);
    /* The background knows when the first is due, and from then on when the next is. */
    request->wakes_background = client_tokens_next_due(request->txn) == CLIENT_TOKENS_NEVER;
    client_token_put(request->txn, request->arena,
                     request_qualified_name(request, transaction->client_token), &token);
}

/* The transaction again: what it wrote is there already, and is charged as if it were read. */
static bool repeat(struct request *request,
                   const struct transaction *transaction,
                   const struct client_token *token)
{
    if (memcmp(token->fingerprint, transaction->fingerprint, sizeof token->fingerprint) != 0) {
        return api_fail(request, API_IDEMPOTENT_PARAMETER_MISMATCH,
                        "DynamoDB rejected the request because you retried a request with a "
                        "different payload but with an idempotent token that was already used.");
    }
    struct table_definition *tables =
        arena_alloc_zero(request->arena, token->reads_count * sizeof *tables);
    for (size_t i = 0; i < token->reads_count; i++) {
        tables[i].name = token->reads[i].table_name; /* the table itself may be gone */
        struct consumed_capacity *capacity = capacity_start(request, &tables[i], UNITS_OF_READS);
        capacity->names_kind = true;
        capacity->table_units = (double)token->reads[i].units;
    }
    json_open_object(&request->writer);
    capacity_write_list(request);
    json_close_object(&request->writer);
    return true;
}

/* ---- the reply ---- */

/* Whether an earlier action has changed the same item collection. */
static bool is_told(const struct running *running, size_t action)
{
    const struct transaction_action *actions = running->transaction->actions;
    const struct item_write_outcome *outcome = &running->outcomes[action];
    for (size_t i = 0; i < action; i++) {
        if (!actions[i].is_check && actions[i].table == actions[action].table &&
            memcmp(running->outcomes[i].key.data, outcome->key.data, KEY_HASH_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_written(const struct running *running, size_t table)
{
    const struct transaction *transaction = running->transaction;
    size_t i = 0;
    while (i < transaction->action_count &&
           (transaction->actions[i].table != table || transaction->actions[i].is_check)) {
        i++;
    }
    return i < transaction->action_count;
}

static void write_table_metrics(const struct running *running, size_t table)
{
    struct json_writer *writer = &running->request->writer;
    const struct transaction *transaction = running->transaction;
    json_write_name(writer, running->tables[table]->name);
    json_open_array(writer);
    for (size_t i = 0; i < transaction->action_count; i++) {
        const struct transaction_action *action = &transaction->actions[i];
        if (action->table == table && !action->is_check && !is_told(running, i)) {
            collection_metrics_write(writer, running->tables[table],
                                     running->outcomes[i].key_values[0]);
        }
    }
    json_close_array(writer);
}

static void write_metrics(const struct running *running)
{
    struct json_writer *writer = &running->request->writer;
    bool is_open = false;
    for (size_t i = 0; i < running->transaction->table_count; i++) {
        if (!is_written(running, i) ||
            !collection_metrics_wanted(running->request, running->tables[i])) {
            continue;
        }
        if (!is_open) {
            json_write_key(writer, "ItemCollectionMetrics");
            json_open_object(writer);
            is_open = true;
        }
        write_table_metrics(running, i);
    }
    if (is_open) {
        json_close_object(writer);
    }
}

bool transaction_run(struct request *request, const struct transaction *transaction)
{
    struct running running = { .request = request, .transaction = transaction };
    struct client_token token;
    if (transaction->client_token.length > 0 &&
        client_token_find(request->txn, request->arena,
                          request_qualified_name(request, transaction->client_token),
                          request->now_ms, &token)) {
        return repeat(request, transaction, &token);
    }
    if (!find_tables(&running) || !check_whole(&running) || !compute(&running)) {
        return false;
    }
    apply(&running);
    keep_token(&running);
    json_open_object(&request->writer);
    capacity_write_list(request);
    write_metrics(&running);
    json_close_object(&request->writer);
    return true;
}
