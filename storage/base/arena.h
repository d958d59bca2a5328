/*
 * Memory with one owner and one end.
 *
 * An arena hands out memory that lives until the arena is reset or deinitialised; nothing is freed
 * alone. A request owns one; background steps own one and reset it per step. Not thread-safe: an
 * arena belongs to one thread at a time (a suspended request hands its arena over with itself).
 *
 * Out of memory aborts the process: what a client can make us allocate is bounded elsewhere (body,
 * item and page limits). Under AddressSanitizer the free tail of every block is poisoned.
 */

#ifndef REHEARSEDB_STORAGE_BASE_ARENA_H
#define REHEARSEDB_STORAGE_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
};

void arena_init(struct arena *arena);

/* Frees everything; the arena may be used again after arena_init. */
void arena_deinit(struct arena *arena);

/* Makes all memory free again but keeps the first block for the next use. */
void arena_reset(struct arena *arena);

/* `size` bytes, aligned for any type, not cleared. Never NULL; size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same, all bytes zero. */
void *arena_alloc_zero(struct arena *arena, size_t size);

/*
 * Grows an allocation of `old_size` bytes to `new_size`; in place when it was the newest. The old
 * bytes are kept, the old pointer is dead. NULL has no bytes.
 */
void *arena_grow(struct arena *arena, void *memory, size_t old_size, size_t new_size);

/* Bytes held from the system, for limits and metrics. */
size_t arena_footprint(const struct arena *arena);

#endif
