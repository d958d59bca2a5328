/* Answers that are held back: the order they come in, and that none is left behind. */

#include "api/rehearsal/delays.h"
#include "storage/base/arena.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { CALLS_MAX = 8, HOUR_MS = 60 * 60 * 1000 };

/* What has come back, in its order: the letters of the calls. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char letters[CALLS_MAX + 1];
    size_t count;
} answered = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static struct delays *delays;
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    answered.count = 0;
    memset(answered.letters, 0, sizeof answered.letters);
    delays = delays_open();
    assert_non_null(delays);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    delays_end(delays);
    delays_close(delays);
    arena_deinit(&arena);
    return 0;
}

static void answer(struct api_call *call)
{
    (void)pthread_mutex_lock(&answered.lock);
    answered.letters[answered.count++] = *(const char *)call->context;
    (void)pthread_cond_signal(&answered.changed);
    (void)pthread_mutex_unlock(&answered.lock);
}

static bool add(char letter, int64_t delay_ms)
{
    char *context = arena_alloc(&arena, 1);
    struct api_call *call = arena_alloc_zero(&arena, sizeof *call);
    *context = letter;
    *call = (struct api_call){ .arena = &arena, .completed = answer, .context = context };
    return delays_add(delays, call, delay_ms);
}

static void wait_for(size_t count)
{
    (void)pthread_mutex_lock(&answered.lock);
    while (answered.count < count) {
        (void)pthread_cond_wait(&answered.changed, &answered.lock);
    }
    (void)pthread_mutex_unlock(&answered.lock);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void answers_come_when_they_are_due(void **state)
{
    (void)state;
    int64_t start_ms = now_ms();
    assert_true(add('c', 60));
    assert_true(add('a', 20));
    assert_true(add('b', 40));
    assert_true(add('d', 61));
    wait_for(4);
    assert_string_equal(answered.letters, "abcd");
    assert_true(now_ms() - start_ms >= 60);
}

static void at_the_end_all_come_at_once_and_no_more_wait(void **state)
{
    (void)state;
    assert_true(add('a', HOUR_MS));
    assert_true(add('b', HOUR_MS + 1));
    delays_end(delays);
    wait_for(2);
    assert_string_equal(answered.letters, "ab");
    assert_false(add('c', 1));
    assert_int_equal(answered.count, 2);
}

int main(void)
{
#define DELAYS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        DELAYS_TEST(answers_come_when_they_are_due),
        DELAYS_TEST(at_the_end_all_come_at_once_and_no_more_wait),
    };
    return cmocka_run_group_tests_name("delays", tests, NULL, NULL);
}
