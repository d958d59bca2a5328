/*
 * What happens to a stack, event by event, numbered from 1. Time stamps of one stack grow strictly,
 * by a millisecond at the least: clients sort by them.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_STACK_EVENTS_H
#define REHEARSEDB_API_CLOUDFORMATION_STACK_EVENTS_H

#include "api/cloudformation/stack.h"
#include "storage/lmdb/txn.h"

struct stack_event {
    uint64_t number;
    const char *event_id; /* "LOGICALID-STATUS-TIME" of a resource, a UUID of the stack */
    int64_t time_ms;
    const char *logical_id; /* the stack's name, for the stack itself */
    const char *physical_id;
    const char *type;   /* "AWS::CloudFormation::Stack" */
    const char *status; /* "UPDATE_FAILED" */
    const char *reason;
    const char *properties; /* JSON of a resource; "" for the stack */
    const char *client_token;
};

/* An event that is to be written with the stack's record. */
struct pending_events {
    struct stack_event *items;
    size_t count;
};

/* The status and reason that the stack, or the resource, has now, as an event. Numbers and times
 * are given here; `stack` keeps the last of each. */
void stack_event_tell(struct pending_events *events,
                      struct arena *arena,
                      struct stack *stack,
                      int64_t now_ms);
void stack_event_tell_resource(struct pending_events *events,
                               struct arena *arena,
                               struct stack *stack,
                               const struct stack_resource *resource,
                               int64_t now_ms);

/* Writes them; in the transaction in which the stack is saved. */
void stack_events_put(struct txn *txn,
                      struct arena *arena,
                      const struct stack *stack,
                      const struct pending_events *events);

/* The newest event with a number below `before` (0: the newest of all). False: none. */
bool stack_event_previous(struct txn *txn,
                          struct arena *arena,
                          const struct stack *stack,
                          uint64_t before,
                          struct stack_event *out_event);

#endif
