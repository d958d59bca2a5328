/*
 * The one way to write. A job is run inside a write transaction and told when it is committed; it
 * does not know which way.
 *
 * Durable: jobs queue; one thread takes all that wait, runs them in one transaction, commits once
 * (one sync for all) and tells each. In memory nothing is synced, so a job runs at once on the
 * caller's thread.
 *
 * A job whose transaction fails (no room, a disk error) is run a second time alone, so that one
 * job's misfortune is not the others'. A job must therefore be able to run twice, and leave nothing
 * behind when it refuses.
 */

#ifndef REHEARSEDB_STORAGE_COMMITTER_H
#define REHEARSEDB_STORAGE_COMMITTER_H

#include "storage/lmdb/txn.h"

struct committer;
struct env;

struct commit_job {
    /* Reads and writes through `txn`. False: it refused and has written nothing. */
    bool (*run)(struct commit_job *job, struct txn *txn);

    /* Committed (or refused): STORAGE_OK. Anything else: nothing was changed. Must not block. */
    void (*done)(struct commit_job *job, enum storage_status status);

    /* Takes databases into use (CreateTable, UpdateTable): gets a transaction of its own. */
    bool takes_databases;

    struct commit_job *next; /* the committer's */
};

/* Starts the thread in durable mode. */
struct committer *committer_open(struct env *env);

/* Finishes every job that was submitted. */
void committer_close(struct committer *committer);

/* Any thread. `job->done` is called once, perhaps before this returns. */
void committer_submit(struct committer *committer, struct commit_job *job);

/* Runs the job and returns its outcome; any thread but the committer's. */
enum storage_status committer_run(struct committer *committer,
                                  bool (*run)(void *context, struct txn *txn),
                                  void *context,
                                  bool takes_databases);

#endif
