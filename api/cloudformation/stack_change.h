/*
 * One change of a stack by an operation of the API: the stack is read, the operation decides, and
 * what it decided is saved in one transaction, with events, templates and change sets. Where
 * somebody else has written the stack in between (the engine, another call) all of it is done
 * again.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_STACK_CHANGE_H
#define REHEARSEDB_API_CLOUDFORMATION_STACK_CHANGE_H

#include "api/cloudformation/change_set.h"
#include "api/cloudformation/deployment.h"
#include "api/protocol/service.h"

/* What becomes of the stack's change sets, but for the one of the change. */
enum change_sets_fate {
    CHANGE_SETS_STAY,
    CHANGE_SETS_OUTDATED,
    CHANGE_SETS_REMOVED,
};

struct stack_change {
    struct service_request *request;
    struct deployment deployment;    /* its stack is what is saved; NULL: nothing is */
    struct bytes template_text;      /* kept as number last_template + 1; empty: none */
    const struct change_set *put;    /* NULL: none */
    const struct change_set *remove; /* NULL: none */
    enum change_sets_fate others;
    void *context;
};

/* False: the request has failed (service_fail). May be called more than once. */
typedef bool stack_change_decide(struct stack_change *change);

/* False: the request has failed. The engine knows when the stack has become busy. */
bool stack_change_run(struct service_request *request, stack_change_decide *decide, void *context);

/* By name or ARN; NULL: none. For the deciding function. */
struct stack *stack_change_find(struct stack_change *change, struct bytes name_or_arn);

/* The same; fails with "Stack [X] does not exist" also for one that is deleted. */
struct stack *stack_change_require(struct stack_change *change, struct bytes name_or_arn);

/*
 * The stack's next operation, made as the caller: for an update from where the stack is now. What
 * an earlier one left without having made it is forgotten.
 */
void stack_change_begin(struct stack_change *change,
                        enum operation_kind kind,
                        const struct stack_content *target);

/* The number that the change's text will have. */
uint64_t stack_change_template_number(const struct stack_change *change);

/* A member that is a string, as a text in the arena; "": absent. */
const char *stack_change_text(struct service_request *request, const char *name);

#endif
