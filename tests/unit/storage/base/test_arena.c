#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    static struct arena arena;
    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_deinit(*state);
    return 0;
}

static void a_new_arena_holds_nothing(void **state)
{
    assert_int_equal(arena_footprint(*state), 0);
}

static void memory_is_aligned_for_any_type(void **state)
{
    for (size_t size = 0; size < 100; size++) {
        void *memory = arena_alloc(*state, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
    }
}

static void allocations_do_not_overlap(void **state)
{
    enum { COUNT = 300, SIZE = 1000 }; /* several blocks */
    uint8_t *parts[COUNT];
    for (int i = 0; i < COUNT; i++) {
        parts[i] = arena_alloc(*state, SIZE);
        memset(parts[i], i, SIZE);
    }
    for (int i = 0; i < COUNT; i++) {
        for (int at = 0; at < SIZE; at++) {
            assert_int_equal(parts[i][at], (uint8_t)i);
        }
    }
}

static void zeroed_memory_is_zero_after_reuse(void **state)
{
    memset(arena_alloc(*state, 500), 0xFF, 500);
    arena_reset(*state);
    const uint8_t *memory = arena_alloc_zero(*state, 500);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(memory[i], 0);
    }
}

static void a_large_request_gets_a_block_of_its_own(void **state)
{
    size_t size = 20000000;
    uint8_t *memory = arena_alloc(*state, size);
    memory[0] = 1;
    memory[size - 1] = 2;
    assert_true(arena_footprint(*state) >= size);
}

static void the_newest_allocation_grows_in_place(void **state)
{
    uint8_t *memory = arena_alloc(*state, 10);
    memset(memory, 7, 10);
    uint8_t *grown = arena_grow(*state, memory, 10, 1000);
    assert_ptr_equal(grown, memory);
    memset(grown + 10, 8, 990);
    assert_int_equal(grown[9], 7);
    assert_ptr_not_equal(arena_alloc(*state, 1), grown + 10);
}

static void an_older_allocation_moves_to_grow(void **state)
{
    uint8_t *memory = arena_alloc(*state, 10);
    memset(memory, 7, 10);
    uint8_t *newest = arena_alloc(*state, 10);
    memset(newest, 9, 10);
    uint8_t *grown = arena_grow(*state, memory, 10, 100);
    assert_ptr_not_equal(grown, memory);
    memset(grown + 10, 8, 90);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(grown[i], 7);
        assert_int_equal(newest[i], 9);
    }
}

static void growth_past_the_block_moves_and_keeps_the_bytes(void **state)
{
    uint8_t *memory = arena_alloc(*state, 0);
    size_t size = 0;
    while (size < 1000000) {
        size_t wanted = size * 2 + 1;
        memory = arena_grow(*state, memory, size, wanted);
        for (size_t i = size; i < wanted; i++) {
            memory[i] = (uint8_t)(i * 31);
        }
        size = wanted;
    }
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(memory[i], (uint8_t)(i * 31));
    }
}

static void growth_by_nothing_keeps_the_place(void **state)
{
    void *memory = arena_alloc(*state, 10);
    assert_ptr_equal(arena_grow(*state, memory, 10, 10), memory);
}

static void a_reset_keeps_only_the_first_block(void **state)
{
    void *first = arena_alloc(*state, 100);
    size_t footprint = arena_footprint(*state);
    for (int i = 0; i < 100; i++) {
        (void)arena_alloc(*state, 10000);
    }
    assert_true(arena_footprint(*state) > footprint);
    arena_reset(*state);
    assert_int_equal(arena_footprint(*state), footprint);
    assert_ptr_equal(arena_alloc(*state, 100), first);
}

static void an_empty_arena_may_be_reset(void **state)
{
    arena_reset(*state);
    assert_int_equal(arena_footprint(*state), 0);
    assert_non_null(arena_alloc(*state, 1));
}

static void an_arena_may_be_used_again_after_deinit(void **state)
{
    (void)arena_alloc(*state, 100);
    arena_deinit(*state);
    assert_int_equal(arena_footprint(*state), 0);
    arena_init(*state);
    assert_non_null(arena_alloc(*state, 100));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_new_arena_holds_nothing),
        CASE(memory_is_aligned_for_any_type),
        CASE(allocations_do_not_overlap),
        CASE(zeroed_memory_is_zero_after_reuse),
        CASE(a_large_request_gets_a_block_of_its_own),
        CASE(the_newest_allocation_grows_in_place),
        CASE(an_older_allocation_moves_to_grow),
        CASE(growth_past_the_block_moves_and_keeps_the_bytes),
        CASE(growth_by_nothing_keeps_the_place),
        CASE(a_reset_keeps_only_the_first_block),
        CASE(an_empty_arena_may_be_reset),
        CASE(an_arena_may_be_used_again_after_deinit),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
