/*
 * Stacks, their templates and their change sets in the store, each a document (storage/documents.h,
 * docs/storage-format.md). Functions with a transaction only read or write in it; the caller begins
 * and ends it. Results live in `arena`.
 *
 * A name belongs to one stack that is not deleted; an ARN finds a stack for ever.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_STACK_STORE_H
#define REHEARSEDB_API_CLOUDFORMATION_STACK_STORE_H

#include "api/cloudformation/stack.h"
#include "storage/lmdb/txn.h"

/* NULL: none of that name or ARN in the world. */
struct stack *
stack_find(struct txn *txn, struct arena *arena, struct bytes world, struct bytes name_or_arn);

/* The first stack after `after` of the world, by UUID; `after` empty: the first. NULL: no more. */
struct stack *
stack_next(struct txn *txn, struct arena *arena, struct bytes world, struct bytes after_uuid);

/* The same of stacks in any world that are busy: for the engine. `cursor` is its own, empty at
 * first. */
struct stack *stack_next_busy(struct txn *txn, struct arena *arena, struct bytes *cursor);

/* By world and UUID. */
struct stack *stack_load(struct txn *txn, struct arena *arena, const char *world, const char *uuid);

/*
 * Writes the record and what follows from it (its name's entry, whether it is busy); the version
 * goes up. False: somebody else has written it since it was read, or it is gone; nothing is done.
 */
bool stack_save(struct txn *txn, struct arena *arena, struct stack *stack);

/* A stack that does not exist yet: a new ARN. Status and content are the caller's to fill in, then
 * stack_save. */
struct stack *stack_new(struct arena *arena,
                        struct bytes world,
                        const char *name,
                        const char *region,
                        const char *account,
                        int64_t now_ms);

/* The text of a template as it was submitted, copied. Number 0, or gone: empty. */
struct bytes stack_template_text(struct txn *txn,
                                 struct arena *arena,
                                 const struct stack *stack,
                                 uint64_t number);

/* Keeps a text; its number. */
uint64_t stack_template_put(struct txn *txn, struct stack *stack, struct bytes text);
void stack_template_remove(struct txn *txn, const struct stack *stack, uint64_t number);

/* The value of an export of a stack in the world; NULL: none. */
const char *
stack_export_find(struct txn *txn, struct arena *arena, struct bytes world, const char *name);

/*
 * The live stack in the world that has a table of that physical name as its resource; NULL: none.
 */
struct stack *
stack_of_table(struct txn *txn, struct arena *arena, struct bytes world, const char *table);

#endif
