/*
 * The thread that carries on what is under way with stacks, one step after the other: for each step
 * the record is read, the step done (deployment.h), record and events saved in one transaction.
 * When no stack is busy it sleeps. A restart goes on from the records.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_ENGINE_H
#define REHEARSEDB_API_CLOUDFORMATION_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

struct api;
struct engine;

struct engine_options {
    bool has_thread;         /* else nothing happens but by engine_step */
    bool waits_for_backfill; /* an update that adds an index is complete when that is ACTIVE */
    int64_t pace_ms;         /* between two steps of a stack */
};

/* NULL when the thread cannot be started. */
struct engine *engine_open(struct api *api, const struct engine_options *options);

/* Ends the thread after the step it is at. Before the store is closed; NULL is allowed. */
void engine_close(struct engine *engine);

/* There is something to do: a stack was made busy. Any thread. */
void engine_wake(struct engine *engine);

/* One step of every busy stack. True when one of them did something. */
bool engine_step(struct engine *engine);

#endif
