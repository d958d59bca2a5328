/*
 * One operation on one stack, a bounded step at a time. Where it stands is in the stack's record: a
 * step reads that, makes at most one call of DynamoDB, and changes the record; the engine saves it
 * together with the events. So a crash loses at most one step, and what may have been called
 * already is looked at before it is called again.
 *
 *     PLAN -> FORWARD -> CLEANUP -> complete
 *                 \-> BACK -> CLEANUP -> rolled back
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_DEPLOYMENT_H
#define REHEARSEDB_API_CLOUDFORMATION_DEPLOYMENT_H

#include "api/cloudformation/stack_events.h"

struct api;
struct env;

/* A step under way; all in `arena`. */
struct deployment {
    struct api *api;
    struct env *env;
    struct arena *arena;
    struct stack *stack;
    const char *run;         /* names this run of the server */
    bool waits_for_backfill; /* an update that adds an index is complete when it is ACTIVE */
    int64_t now_ms;
    struct pending_events events;          /* of this step */
    const struct stack_template *template; /* of the target; read when it is asked for */
    const char *template_error;
};

/*
 * Does what can be done now. False: nothing could; what it waits for takes time. True: the stack
 * has changed and must be saved, with the events, before the next step.
 */
bool deployment_step(struct deployment *deployment);

/* What is under way with resources ends where it is, and is told to be cancelled. Forward only. */
void deployment_cancel_tasks(struct deployment *deployment);

/* Begins the way back of a stack whose way forward failed, or was cancelled; not saved. */
void deployment_go_back(struct deployment *deployment, const char *reason);

/* A change of status with its event. */
void deployment_set_status(struct deployment *deployment,
                           enum stack_status status,
                           const char *reason);
void deployment_set_resource(struct deployment *deployment,
                             struct stack_resource *resource,
                             enum resource_status status,
                             const char *reason);

/* The task's call is made again later, each time after a longer pause. False: it was often enough.
 */
bool deployment_retry(struct deployment *deployment, struct stack_task *task);

#endif
