/*
 * A change set: what an update of a stack, or its creation, would do, kept until it is executed.
 * One record, a JSON document, by the stack and the change set's name.
 *
 * They are made at once: none is ever CREATE_PENDING. All memory is the arena's that it was read
 * into; texts are never NULL, "" where there is none.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_CHANGE_SET_H
#define REHEARSEDB_API_CLOUDFORMATION_CHANGE_SET_H

#include "api/cloudformation/stack.h"
#include "storage/lmdb/txn.h"

/* Whether it can be executed, or was; names as the service writes them: execution_status_name. */
enum execution_status {
    EXECUTION_UNAVAILABLE, /* the change set is FAILED */
    EXECUTION_AVAILABLE,
    EXECUTION_IN_PROGRESS,
    EXECUTION_COMPLETE,
    EXECUTION_FAILED,
    EXECUTION_OBSOLETE, /* the stack has been updated in another way */
    EXECUTION_STATUS_COUNT,
};

const char *execution_status_name(enum execution_status status);

/* Why a resource is changed: one attribute of it, or one of its properties. */
struct change_detail {
    const char *attribute;  /* "Properties", "Metadata", "Tags", "DeletionPolicy" */
    const char *name;       /* of the property; "" for other attributes */
    const char *recreation; /* "Never", "Conditionally", "Always" */
    bool is_dynamic;        /* its value is known only when it is deployed */
};

struct resource_change {
    const char *action; /* "Add", "Modify", "Remove" */
    const char *logical_id;
    const char *physical_id; /* "" of what is added */
    const char *type;
    const char *replacement;   /* of a modification: "True", "False", "Conditional" */
    const char *policy_action; /* "Delete", "Retain", "ReplaceAndDelete", "ReplaceAndRetain" */
    struct text_list scope;    /* the attributes of the details, each once */
    const struct change_detail *details;
    size_t detail_count;
};

struct change_set {
    const char *id; /* its ARN */
    const char *name;
    const char *stack_id;
    const char *stack_name;
    const char *description;
    bool is_creation; /* ChangeSetType CREATE */
    bool has_failed;  /* FAILED instead of CREATE_COMPLETE */
    const char *reason;
    enum execution_status execution; /* as of the stack that it was found with */
    int64_t created_ms;
    const char *client_token;
    const char *on_failure;       /* OnStackFailure: "ROLLBACK", "DELETE", "DO_NOTHING"; "" */
    struct stack_content content; /* that it leads to */
    const struct resource_change *changes;
    size_t change_count;
};

/* NULL: the stack has none of that name or ARN. */
struct change_set *change_set_find(struct txn *txn,
                                   struct arena *arena,
                                   const struct stack *stack,
                                   struct bytes name_or_arn);

/* The first whose name comes after `after`; `after` empty: the first. NULL: no more. */
struct change_set *change_set_next(struct txn *txn,
                                   struct arena *arena,
                                   const struct stack *stack,
                                   struct bytes after_name);

/* The UUID of the change set's ARN finds its stack: NULL when there is no such change set. */
struct stack *
change_set_find_stack(struct txn *txn, struct arena *arena, struct bytes world, struct bytes arn);

void change_set_put(struct txn *txn,
                    struct arena *arena,
                    const struct stack *stack,
                    const struct change_set *change_set);

/* With its template, unless the stack itself has come to use that. */
void change_set_remove(struct txn *txn,
                       struct arena *arena,
                       const struct stack *stack,
                       const struct change_set *change_set);

/* All of the stack but the one of that name; NULL: all. */
void change_sets_remove_others(struct txn *txn,
                               struct arena *arena,
                               const struct stack *stack,
                               const char *name);

/* Those that could still be executed no longer can; those that were are forgotten. */
void change_sets_outdate(struct txn *txn, struct arena *arena, const struct stack *stack);

#endif
