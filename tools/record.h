/*
 * What happened in one run of a runbook: plain data in the run's arena, written by run.c, read by
 * progress.c and report.c.
 */

#ifndef REHEARSEDB_TOOLS_RECORD_H
#define REHEARSEDB_TOOLS_RECORD_H

#include "storage/base/bytes.h"
#include "tools/observed.h"
#include "tools/runbook.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct arena;

enum step_status {
    STEP_NOT_RUN, /* not chosen, or a step before it failed */
    STEP_SKIPPED, /* the runbook says so */
    STEP_RUNNING, /* in the background; in no record of a run that is over */
    STEP_PASSED,
    STEP_FAILED,
};

enum { EXIT_CODE_NONE = -1 };

struct step_record {
    enum step_status status;
    const char *skip_reason; /* of a skipped one; perhaps "" */
    int64_t began_ms;        /* since the run began */
    int exit_code;           /* of the last try; EXIT_CODE_NONE if there is none */
    int tries;
    int64_t duration_ms;
    struct bytes output; /* of the last try */
    const bool *held;    /* for each of the step's expectations; NULL if they were not judged */
    const struct bytes *captured; /* for each of its captures; NULL if it did not come to that */
    const char *trouble; /* what kept the step from its end, as a sentence; NULL: nothing */
};

/* Something to know about a run whose steps may all have held. */
struct warning {
    const char *kind; /* "read too early", …: docs/runbooks.md lists them */
    const char *text; /* a sentence */
    bool expected;    /* by a step that counts on the refusal */
};

struct run_record {
    const struct runbook *runbook;
    const char *endpoint; /* as the steps see it, or "aws" */
    time_t started;
    int64_t began_ms; /* by process_now_ms; what happens is counted from here */
    int64_t duration_ms;
    struct step_record *steps; /* one for each of the runbook's */
    struct observed observed;
    const struct warning *warnings;
    size_t warning_count;
};

/* Every step is in one of these. */
struct run_counts {
    size_t passed;
    size_t failed;
    size_t skipped;
    size_t not_run; /* without the skipped */
};

struct run_counts record_count(const struct run_record *record);

/* "passed", "failed", "skipped", "running" or "not run". */
const char *record_status_name(enum step_status status);

/* "contains", "exit", …: the annotation's word. */
const char *record_expectation_word(enum expectation_kind kind);

/* `exit=254`, `contains="…"`: the expectation as it is written in the runbook. */
void record_append_expectation(struct buffer *to, const struct expectation *expectation);

/* The expectation's value alone, as text. */
void record_append_expected_value(struct buffer *to, const struct expectation *expectation);

/* What did not hold in a step that failed, in one line; in the arena. */
const char *record_describe_failure(struct arena *arena,
                                    const struct step *step,
                                    const struct step_record *record);

#endif
