#include "api/rehearsal/delays.h"

#include "storage/base/arena.h"
#include "storage/base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { MS_PER_S = 1000, NS_PER_MS = 1000 * 1000, NS_PER_S = 1000 * 1000 * 1000 };

/* In the call's arena. */
struct waiting_call {
    struct waiting_call *next; /* due no sooner */
    struct api_call *call;
    struct timespec due;
};

struct delays {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct waiting_call *first;
    bool has_thread;
    bool is_ending;
    pthread_t thread;
};

struct delays *delays_open(void)
{
    struct delays *delays = calloc(1, sizeof *delays);
    if (delays == NULL) {
        return NULL;
    }
    pthread_condattr_t attributes;
    (void)pthread_mutex_init(&delays->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&delays->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return delays;
}

void delays_close(struct delays *delays)
{
    if (delays->has_thread) {
        (void)pthread_join(delays->thread, NULL);
    }
    (void)pthread_cond_destroy(&delays->changed);
    (void)pthread_mutex_destroy(&delays->lock);
    free(delays);
}

static bool is_sooner(struct timespec left, struct timespec right)
{
    return left.tv_sec != right.tv_sec ? left.tv_sec < right.tv_sec : left.tv_nsec < right.tv_nsec;
}

/* The first call, taken off the list, if its time has come; else NULL. Under the lock. */
static struct api_call *take_due(struct delays *delays)
{
    struct waiting_call *first = delays->first;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if (first == NULL || (!delays->is_ending && is_sooner(now, first->due))) {
        return NULL;
    }
    delays->first = first->next;
    return first->call;
}

static void *complete_in_time(void *context)
{
    struct delays *delays = context;
    (void)pthread_mutex_lock(&delays->lock);
    while (!delays->is_ending || delays->first != NULL) {
        struct api_call *call = take_due(delays);
        if (call != NULL) {
            (void)pthread_mutex_unlock(&delays->lock);
            call->completed(call);
            (void)pthread_mutex_lock(&delays->lock);
        } else if (delays->first != NULL) {
            struct timespec due = delays->first->due;
            (void)pthread_cond_timedwait(&delays->changed, &delays->lock, &due);
        } else {
            (void)pthread_cond_wait(&delays->changed, &delays->lock);
        }
    }
    (void)pthread_mutex_unlock(&delays->lock);
    return NULL;
}

static struct timespec after_ms(int64_t delay_ms)
{
    struct timespec due;
    (void)clock_gettime(CLOCK_MONOTONIC, &due);
    due.tv_sec += (time_t)(delay_ms / MS_PER_S);
    due.tv_nsec += (long)(delay_ms % MS_PER_S) * NS_PER_MS;
    if (due.tv_nsec >= NS_PER_S) {
        due.tv_sec++;
        due.tv_nsec -= NS_PER_S;
    }
    return due;
}

/* Under the lock. */
static bool has_thread(struct delays *delays)
{
    if (!delays->has_thread) {
        delays->has_thread = pthread_create(&delays->thread, NULL, complete_in_time, delays) == 0;
        if (!delays->has_thread) {
            log_error("faults: cannot start a thread to hold answers back; they go at once");
        }
    }
    return delays->has_thread;
}

bool delays_add(struct delays *delays, struct api_call *call, int64_t delay_ms)
{
    struct waiting_call *waiting = arena_alloc(call->arena, sizeof *waiting);
    *waiting = (struct waiting_call){ .call = call, .due = after_ms(delay_ms) };
    (void)pthread_mutex_lock(&delays->lock);
    bool waits = !delays->is_ending && has_thread(delays);
    if (waits) {
        struct waiting_call **link = &delays->first;
        while (*link != NULL && !is_sooner(waiting->due, (*link)->due)) {
            link = &(*link)->next;
        }
        waiting->next = *link;
        *link = waiting;
        (void)pthread_cond_signal(&delays->changed);
    }
    (void)pthread_mutex_unlock(&delays->lock);
    return waits;
}

void delays_end(struct delays *delays)
{
    (void)pthread_mutex_lock(&delays->lock);
    delays->is_ending = true;
    (void)pthread_cond_signal(&delays->changed);
    (void)pthread_mutex_unlock(&delays->lock);
}
