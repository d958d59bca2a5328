/*
 * All or nothing over item writes: TransactWriteItems once its input is taken apart.
 *
 * Every action is computed before the first is applied; so one that is refused leaves nothing
 * behind, and all see the items as they were. A client token makes the second of two equal requests
 * a repetition, which applies nothing and is answered as the first was.
 */

#ifndef REHEARSEDB_API_ITEMS_TRANSACTION_H
#define REHEARSEDB_API_ITEMS_TRANSACTION_H

#include "api/items/item_write.h"
#include "api/json_fingerprint.h"

struct transaction_action {
    struct item_write write;
    bool is_check;     /* ConditionCheck: computed like a delete, never applied */
    size_t table;      /* its place in the transaction's tables */
    size_t size_bytes; /* towards the limit of 4 MB */
};

/* What the request asks for; made before there is a LMDB transaction. */
struct transaction {
    struct transaction_action *actions;
    size_t action_count;
    struct bytes *table_names; /* each once, in the order of the actions */
    size_t table_count;
    struct bytes client_token; /* empty: none */
    uint8_t fingerprint[JSON_FINGERPRINT_SIZE];
};

/* An empty transaction with room for that many actions. */
struct transaction *transaction_create(struct request *request, size_t action_count);

/* The place of the table among those of the transaction, where it is put when it is new. */
size_t transaction_table(struct transaction *transaction, struct bytes name);

/* Computes, applies and writes the whole reply. False after a refusal. */
bool transaction_run(struct request *request, const struct transaction *transaction);

/*
 * Of the keys of a transaction's items, each its database before its key: fails when two are equal.
 * Sorts them.
 */
bool transaction_check_distinct(struct request *request, struct bytes *targets, size_t count);
struct bytes transaction_target(struct arena *arena, uint32_t database, const struct key *key);

bool transaction_check_size(struct request *request, size_t size_bytes);

#endif
