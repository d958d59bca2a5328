/*
 * What became of the requests of a drive: how many, how long, which were refused, what reads found
 * wrong, which index served when. Of fixed size however long it runs; any thread may add.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_TALLY_H
#define REHEARSEDB_TOOLS_DRIVE_TALLY_H

#include "tools/drive/histogram.h"
#include "tools/drive/read_index.h"

#include <pthread.h>
#include <stdbool.h>

enum request_kind {
    REQUEST_PUT,
    REQUEST_UPDATE,
    REQUEST_DELETE,
    REQUEST_GET,
    REQUEST_QUERY,
    REQUEST_KINDS,
};

enum {
    REFUSALS_MAX = 64, /* kinds; more are counted together */
    FINDINGS_MAX = 20, /* that are told one by one; all are counted */
    SERVINGS_MAX = 64,
    CODE_SIZE = 64,
    MESSAGE_SIZE = 512,
};

struct request_tally {
    uint64_t sent;
    uint64_t refused;
    uint64_t unanswered;
    struct histogram latency_us; /* of all that were answered */
};

struct refusal {
    enum request_kind kind;
    char index[INDEX_NAME_SIZE]; /* of a query */
    char code[CODE_SIZE];
    char message[MESSAGE_SIZE]; /* of the first */
    uint64_t count;
    bool is_allowed;
};

enum finding_kind {
    FINDING_LOST,       /* an acknowledged write is not in the table */
    FINDING_STALE,      /* nor, after the allowed lag, in an index */
    FINDING_UNEXPECTED, /* something is that no acknowledged write has made */
    FINDING_KINDS,
};

struct finding {
    enum finding_kind kind;
    char index[INDEX_NAME_SIZE]; /* empty: the table */
    int64_t number;              /* of the item */
    int64_t at_ms;
    int64_t age_ms;  /* of the write that is missing */
    bool is_deleted; /* that write */
    int64_t version;
    bool seen_is_there;
    int64_t seen_version;
};

/* An index served the readers for a while. */
struct serving {
    char index[INDEX_NAME_SIZE];
    int64_t from_ms;
    int64_t to_ms; /* the last answer's, or refusal's */
    uint64_t answered;
    uint64_t refused;
};

struct tally {
    pthread_mutex_t lock;
    int64_t began_ms;
    int64_t ended_ms; /* of the readers and writers */
    const char *const *allowed;
    size_t allowed_count;
    struct request_tally requests[REQUEST_KINDS];
    struct refusal refusals[REFUSALS_MAX];
    size_t refusal_count;
    uint64_t refused; /* that are not allowed, of all codes */
    uint64_t found[FINDING_KINDS];
    struct finding findings[FINDINGS_MAX];
    size_t finding_count;
    struct histogram behind_ms; /* reads of indexes that lagged, within what is allowed or not */
    struct serving servings[SERVINGS_MAX];
    size_t serving_count;
    uint64_t servings_dropped;
};

/* "PutItem" */
const char *request_name(enum request_kind kind);

void tally_init(struct tally *tally, const char *const *allowed, size_t allowed_count);
void tally_deinit(struct tally *tally);

/* The outcome of one request. */
struct outcome {
    enum request_kind kind;
    const char *index; /* NULL: the table */
    int64_t took_us;
    const char *code; /* NULL: it went well; else what it was refused with, or "NoAnswer" */
    const char *message;
    bool is_answered; /* false: its outcome is unknown */
};

void tally_add(struct tally *tally, const struct outcome *outcome);
void tally_add_finding(struct tally *tally, const struct finding *finding);
void tally_add_behind(struct tally *tally, int64_t age_ms);

/* What a line that moves shows; taken under the lock. */
struct tally_glance {
    uint64_t sent;
    uint64_t refused; /* or unanswered */
    uint64_t lost;
    uint64_t stale;
};

struct tally_glance tally_glance(struct tally *tally);

#endif
