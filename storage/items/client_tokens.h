/*
 * Client tokens of applied transactions: the same token again within its time is the same
 * transaction again, and is not applied a second time.
 *
 * Where worlds are separate a token is given with its world before it.
 *
 * A token is kept in the LMDB transaction that applies its DynamoDB transaction, so that neither is
 * ever without the other; a cancelled transaction leaves no token. Expired tokens count as absent
 * at once and are removed by the background.
 */

#ifndef REHEARSEDB_STORAGE_ITEMS_CLIENT_TOKENS_H
#define REHEARSEDB_STORAGE_ITEMS_CLIENT_TOKENS_H

#include "storage/lmdb/txn.h"

enum { CLIENT_TOKEN_FINGERPRINT_SIZE = 32 };

/* What the items of one table would have cost to read; a repetition is charged that. */
struct client_token_reads {
    struct bytes table_name;
    uint64_t units;
};

struct client_token {
    int64_t expires_ms;
    uint8_t fingerprint[CLIENT_TOKEN_FINGERPRINT_SIZE]; /* of the transaction's parameters */
    const struct client_token_reads *reads;
    size_t reads_count;
};

/* False when the token was never used, or its time is over. The result lives in the arena. */
bool client_token_find(struct txn *txn,
                       struct arena *arena,
                       struct bytes token,
                       int64_t now_ms,
                       struct client_token *out_token);

/* Keeps a token that client_token_find did not find. */
void client_token_put(struct txn *txn,
                      struct arena *arena,
                      struct bytes token,
                      const struct client_token *value);

#define CLIENT_TOKENS_NEVER INT64_MAX

/* When the next token expires; CLIENT_TOKENS_NEVER when there is none. */
int64_t client_tokens_next_due(struct txn *txn);

/* Removes expired tokens, a bounded number of them. */
void client_tokens_expire(struct txn *txn, struct arena *arena, int64_t now_ms);

#endif
