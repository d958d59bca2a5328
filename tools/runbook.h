/*
 * A runbook: Markdown whose fenced bash blocks are steps.
 *
 *     ```bash exit=254 contains="Cannot read from backfilling global secondary index"
 *     aws dynamodb query …
 *     ```
 *
 * After the word `bash`, the fence's info string holds annotations, which say what to expect:
 *
 *     annotations = { word [ "=" value ] }          separated by blanks
 *     value       = '"' { character } '"' | word    in quotes, \" is a quote and \\ a backslash
 *
 * docs/runbooks.md is the guide to them. A step is named after the heading above it. All memory is
 * the arena's.
 */

#ifndef REHEARSEDB_TOOLS_RUNBOOK_H
#define REHEARSEDB_TOOLS_RUNBOOK_H

#include "storage/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum expectation_kind {
    EXPECT_EXIT,
    EXPECT_EXIT_NONZERO,
    EXPECT_CONTAINS,
    EXPECT_ABSENT,
    EXPECT_MATCHES,
    EXPECT_MISMATCHES, /* no line matches */
    EXPECT_UNTIL,      /* as CONTAINS, after repeating the step until it holds */
};

struct expectation {
    enum expectation_kind kind;
    int exit;         /* EXPECT_EXIT only */
    const char *text; /* of the last five; of (MIS)MATCHES a valid extended regular expression */
};

/* A part of the output becomes a shell variable for the steps that follow. */
struct capture {
    const char *name;    /* a valid one */
    const char *pattern; /* a valid extended regular expression; its first group, if it has one */
};

enum step_place {
    PLACE_ANYWHERE,
    PLACE_AWS,        /* run with the endpoint "aws" alone */
    PLACE_REHEARSEDB, /* run where there is a control surface */
};

struct step {
    const char *name; /* no two steps of a runbook share one */
    const char *command;
    int line;         /* of the opening fence, counted from 1 */
    const char *skip; /* why it is only shown, perhaps ""; NULL: it is run */
    enum step_place place;
    bool always; /* run also when a later step is the first or the only one */
    const struct expectation *expectations; /* one about the exit status, but in the background */
    size_t expectation_count;
    const struct capture *captures;
    size_t capture_count;
    bool retry;           /* until everything holds; false with EXPECT_UNTIL: until that does */
    int every_s;          /* between two tries; 0: tried once */
    int within_s;         /* no try begins later than this; 0: tried once */
    const char *snapshot; /* the name of the one to take before the step; NULL: none */
    bool background;
    const char *background_end;  /* the later step before which it is ended; NULL: the run's end */
    size_t background_end_index; /* of that step; the step count for the run's end */
};

struct runbook {
    const char *path;
    const struct step *steps;
    size_t step_count;
};

enum runbook_status {
    RUNBOOK_OK,
    RUNBOOK_UNREADABLE,
    RUNBOOK_MALFORMED,
};

/* Unless RUNBOOK_OK, `out_error` is one line that names the file and, if malformed, the line. */
enum runbook_status runbook_load(struct arena *arena,
                                 const char *path,
                                 struct runbook *out_runbook,
                                 const char **out_error);

/* The same for a text that is already here; `path` is only for names and errors. */
enum runbook_status runbook_parse(struct arena *arena,
                                  const char *path,
                                  struct bytes text,
                                  struct runbook *out_runbook,
                                  const char **out_error);

#endif
