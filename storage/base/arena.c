#include "storage/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#endif

#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#endif

enum {
    BLOCK_SIZE_MIN = 16 * 1024, /* a GetItem and its reply fit in one */
    BLOCK_SIZE_STEP_MAX = 4 * 1024 * 1024,
    ALIGNMENT = 16,
};

struct arena_block {
    struct arena_block *older;
    size_t capacity; /* of data */
    size_t used;
    alignas(ALIGNMENT) uint8_t data[];
};

/* Free memory: a read or write of it is an error under AddressSanitizer. */
static void poison(void *start, size_t size)
{
#ifdef ARENA_POISONS
    __asan_poison_memory_region(start, size);
#else
    (void)start;
    (void)size;
#endif
}

static void unpoison(void *start, size_t size)
{
#ifdef ARENA_POISONS
    __asan_unpoison_memory_region(start, size);
#else
    (void)start;
    (void)size;
#endif
}

static size_t round_up(size_t size)
{
    return (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
}

static struct arena_block *block_create(size_t capacity)
{
    struct arena_block *block = malloc(sizeof *block + capacity);
    if (block == NULL) {
        (void)fprintf(stderr, "rehearsedb: out of memory (%zu bytes wanted)\n", capacity);
        abort();
    }
    block->older = NULL;
    block->capacity = capacity;
    block->used = 0;
    poison(block->data, capacity);
    return block;
}

static void block_destroy(struct arena_block *block)
{
    unpoison(block->data, block->capacity);
    free(block);
}

void arena_init(struct arena *arena)
{
    arena->blocks = NULL;
}

void arena_deinit(struct arena *arena)
{
    struct arena_block *block = arena->blocks;
    while (block != NULL) {
        struct arena_block *older = block->older;
        block_destroy(block);
        block = older;
    }
    arena->blocks = NULL;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *block = arena->blocks;
    if (block == NULL) {
        return;
    }
    while (block->older != NULL) {
        struct arena_block *older = block->older;
        block_destroy(block);
        block = older;
    }
    block->used = 0;
    poison(block->data, block->capacity);
    arena->blocks = block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    assert(size <= SIZE_MAX / 2);
    size_t rounded = round_up(size);
    struct arena_block *block = arena->blocks;
    if (block == NULL || block->capacity - block->used < rounded) {
        size_t capacity = BLOCK_SIZE_MIN;
        if (block != NULL) { /* double, so that a large request takes few blocks */
            capacity = block->capacity * 2;
            capacity = capacity > BLOCK_SIZE_STEP_MAX ? BLOCK_SIZE_STEP_MAX : capacity;
        }
        struct arena_block *fresh = block_create(capacity > rounded ? capacity : rounded);
        fresh->older = block;
        arena->blocks = fresh;
        block = fresh;
    }
    void *memory = block->data + block->used;
    block->used += rounded;
    unpoison(memory, size);
    return memory;
}

void *arena_alloc_zero(struct arena *arena, size_t size)
{
    void *memory = arena_alloc(arena, size);
    memset(memory, 0, size);
    return memory;
}

void *arena_grow(struct arena *arena, void *memory, size_t old_size, size_t new_size)
{
    assert(new_size >= old_size);
    if (memory == NULL) {
        return arena_alloc(arena, new_size);
    }
    struct arena_block *block = arena->blocks;
    if (block != NULL && (uint8_t *)memory + round_up(old_size) == block->data + block->used &&
        (uint8_t *)memory >= block->data) {
        size_t extra = round_up(new_size) - round_up(old_size);
        if (block->capacity - block->used >= extra) {
            block->used += extra;
            unpoison(memory, new_size);
            return memory;
        }
    }
    void *fresh = arena_alloc(arena, new_size);
    memcpy(fresh, memory, old_size);
    return fresh;
}

size_t arena_footprint(const struct arena *arena)
{
    size_t total = 0;
    for (const struct arena_block *block = arena->blocks; block != NULL; block = block->older) {
        total += sizeof *block + block->capacity;
    }
    return total;
}
