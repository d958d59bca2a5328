/*
 * A stack: what is deployed under one name, and, while something is under way, the operation that
 * is. One record, a JSON document (stack_record.h), read whole and written whole.
 *
 * All memory is the arena's that the stack was read into; texts are never NULL, "" where there is
 * none.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_STACK_H
#define REHEARSEDB_API_CLOUDFORMATION_STACK_H

#include "api/template/stack_parameters.h"
#include "api/template/stack_template.h"
#include "storage/base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* Names as the service writes them: stack_status_name. */
enum stack_status {
    STACK_REVIEW_IN_PROGRESS, /* a change set is to create it */
    STACK_CREATE_IN_PROGRESS,
    STACK_CREATE_FAILED,
    STACK_CREATE_COMPLETE,
    STACK_ROLLBACK_IN_PROGRESS, /* of a creation */
    STACK_ROLLBACK_FAILED,
    STACK_ROLLBACK_COMPLETE,
    STACK_UPDATE_IN_PROGRESS,
    STACK_UPDATE_COMPLETE_CLEANUP_IN_PROGRESS,
    STACK_UPDATE_COMPLETE,
    STACK_UPDATE_FAILED, /* without rollback */
    STACK_UPDATE_ROLLBACK_IN_PROGRESS,
    STACK_UPDATE_ROLLBACK_FAILED,
    STACK_UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS,
    STACK_UPDATE_ROLLBACK_COMPLETE,
    STACK_DELETE_IN_PROGRESS,
    STACK_DELETE_FAILED,
    STACK_DELETE_COMPLETE,
    STACK_STATUS_COUNT,
};

/* The same words of a resource. */
enum resource_status {
    RESOURCE_CREATE_IN_PROGRESS,
    RESOURCE_CREATE_FAILED,
    RESOURCE_CREATE_COMPLETE,
    RESOURCE_UPDATE_IN_PROGRESS,
    RESOURCE_UPDATE_FAILED,
    RESOURCE_UPDATE_COMPLETE,
    RESOURCE_DELETE_IN_PROGRESS,
    RESOURCE_DELETE_FAILED,
    RESOURCE_DELETE_COMPLETE,
    RESOURCE_DELETE_SKIPPED, /* kept, as its policy says */
    RESOURCE_STATUS_COUNT,
};

const char *stack_status_name(enum stack_status status);
const char *resource_status_name(enum resource_status status);

/* Whether something is under way; a REVIEW_IN_PROGRESS stack waits for people. */
bool stack_status_is_busy(enum stack_status status);

struct stack_tag {
    const char *key;
    const char *value;
};

struct text_list {
    const char **items;
    size_t count;
};

/* What was submitted with an operation, and what the outputs of it are. */
struct stack_content {
    uint64_t template_number; /* stack_store.h; 0: there is none yet */
    const char *description;
    const struct parameter_value *parameters;
    size_t parameter_count;
    const struct stack_tag *tags;
    size_t tag_count;
    struct text_list capabilities;
    struct text_list notification_arns;
    const char *role_arn;
    const char *change_set_id;
};

struct stack_output {
    const char *key;
    const char *value;
    const char *description;
    const char *export_name;
};

struct stack_resource {
    const char *logical_id;
    const char *type;
    const char *physical_id; /* "": not there yet */
    enum resource_status status;
    const char *reason;
    int64_t updated_ms;
    const char *properties; /* JSON, every function evaluated; as deployed */
    enum deletion_policy deletion;
    enum deletion_policy update_replace;
};

struct stack_resources {
    struct stack_resource *items; /* each after what it depends on */
    size_t count;
};

enum operation_kind {
    OPERATION_NONE,
    OPERATION_CREATE,
    OPERATION_UPDATE,
    OPERATION_DELETE,
};

enum operation_phase {
    PHASE_PLAN,    /* just begun: there are no tasks yet */
    PHASE_FORWARD, /* to the target */
    PHASE_BACK,    /* to where it came from */
    PHASE_CLEANUP, /* what is left over goes */
};

enum task_action {
    TASK_NOTHING, /* unchanged */
    TASK_CREATE,
    TASK_UPDATE,
    TASK_REPLACE, /* makes the new one; the old one goes in the cleanup */
    TASK_RESTORE, /* back to what was before */
    TASK_DELETE,
};

enum task_state {
    TASK_WAITING,
    TASK_WORKING,
    TASK_COMPLETE,
    TASK_FAILED,
    TASK_CANCELLED,
};

/* What the operation does with one resource. */
struct stack_task {
    const char *logical_id;
    const char *type;
    enum task_action action;
    enum task_state state;
    const char *physical_id; /* that is made, changed or deleted; "": not known yet */
    const char *properties;  /* JSON that it is led to; "" before it is begun */
    enum deletion_policy deletion;
    uint64_t position;   /* calls that are done */
    const char *sent_by; /* the run of the server that is about to make the next; "": none yet */
    uint64_t tries;      /* of that call, without an answer that counts */
    bool is_made;        /* there is something at `physical_id` that the operation made */
    bool is_replaced;    /* deleted because something else took its place */
};

struct task_list {
    struct stack_task *items; /* in the order in which they are begun */
    size_t count;
};

struct stack_operation {
    enum operation_kind kind;
    enum operation_phase phase;
    bool goes_back;                /* PHASE_CLEANUP at the end of a rollback */
    bool keeps_failed;             /* DisableRollback, OnFailure DO_NOTHING */
    bool deletes_failed;           /* OnFailure DELETE */
    bool deletes_new;              /* RetainExceptOnCreate: a rollback keeps nothing it made */
    struct stack_content target;   /* OPERATION_CREATE, OPERATION_UPDATE */
    struct stack_resources before; /* as it was when the operation began */
    struct task_list tasks;
    struct task_list done;      /* of the forward phase, for the way back */
    struct task_list leftovers; /* to be deleted in the cleanup */
    struct text_list retained;  /* DeleteStack's RetainResources, ContinueUpdateRollback's skips */
    const char *client_token;
    const char *access_key_id; /* of who began it: its calls are made as theirs */
    const char *region;
    int64_t due_ms;       /* nothing more happens before */
    int64_t times_out_ms; /* when a creation has failed that is not complete; 0: never */
};

struct stack {
    const char *id;   /* its ARN */
    const char *uuid; /* the last part of it */
    const char *name;
    const char *world; /* "ACCESS KEY/REGION/"; "": shared */
    enum stack_status status;
    const char *reason;
    int64_t created_ms;
    int64_t updated_ms; /* 0: never */
    int64_t deleted_ms; /* 0: not deleted */
    bool is_protected;  /* against deletion */
    bool disables_rollback;
    struct stack_content content; /* deployed */
    const struct stack_output *outputs;
    size_t output_count;
    struct stack_resources resources;
    struct stack_operation operation;
    const char *last_token; /* of the last operation */
    uint64_t last_template; /* the highest template_number given */
    uint64_t last_event;    /* the number of the last event */
    int64_t last_event_ms;
    uint64_t version; /* goes up with every writing of the record */
};

/* What describes the stack now: what an update leads to until it goes back, else what is deployed.
 */
const struct stack_content *stack_shown_content(const struct stack *stack);

/* NULL when there is none of that name. */
struct stack_resource *stack_resources_find(const struct stack_resources *resources,
                                            const char *logical_id);
struct stack_task *task_list_find(const struct task_list *tasks, const char *logical_id);

/* Room for one more at the end; zero but for its texts, which are "". */
struct stack_resource *stack_resources_add(struct stack_resources *resources, struct arena *arena);
struct stack_task *task_list_add(struct task_list *tasks, struct arena *arena);
void stack_resources_remove(struct stack_resources *resources, const char *logical_id);

/* A copy of the list, that shares texts. */
struct stack_resources stack_resources_copy(struct arena *arena,
                                            const struct stack_resources *from);

#endif
