/*
 * Rules that disturb calls: an error instead of the call, an answer that comes late, no answer at
 * all. Rules are tried in order and the first that acts decides alone.
 *
 * What a rule names must match the call; then `countdown` matching calls pass, and after them the
 * rule acts `repeat` times. In memory: a server that starts has no rules.
 *
 * Any thread; while there are no rules asking costs nothing.
 */

#ifndef REHEARSEDB_API_REHEARSAL_FAULTS_H
#define REHEARSEDB_API_REHEARSAL_FAULTS_H

#include "api/api_error.h"
#include "api/rehearsal/targets.h"

struct arena;
struct faults;

enum fault_drop {
    FAULT_ANSWERS,
    FAULT_DROPS_BEFORE, /* the connection is closed instead of the call */
    FAULT_DROPS_AFTER,  /* the call is carried out, then the connection is closed */
};

struct fault {
    bool has_error;
    enum api_error_code error;
    int64_t delay_ms; /* before the answer, or the end of the connection */
    enum fault_drop drop;
};

#define FAULT_ALWAYS (-1)

struct fault_rule {
    struct bytes operation; /* empty: any; and so for the others */
    struct bytes table_name;
    struct bytes index_name;
    struct bytes access_key_id;
    struct bytes region;
    int64_t countdown;
    int64_t repeat; /* FAULT_ALWAYS: without an end */
    struct fault fault;

    /* Counted by the module. */
    int64_t matched;
    int64_t acted;
};

/* What a rule is compared with. */
struct fault_call {
    const struct operation *operation;
    const struct targets *targets;
    struct bytes access_key_id;
    struct bytes region;
};

/* NULL when there is no memory. */
struct faults *faults_open(void);
void faults_close(struct faults *faults);

/* Replaces all rules by copies of these, their counts at 0. */
void faults_replace(struct faults *faults, const struct fault_rule *rules, size_t count);

/* The rules as they are, copied into `arena`. */
struct fault_rule *faults_copy(struct faults *faults, struct arena *arena, size_t *out_count);

/* Whether there are any rules. */
bool faults_exist(struct faults *faults);

/* True when a rule acts on the call: which one, from 0, and what it does. */
bool faults_choose(struct faults *faults,
                   const struct fault_call *call,
                   size_t *out_rule,
                   struct fault *out_fault);

#endif
