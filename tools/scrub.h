/*
 * Takes out of a text what differs from run to run by chance: the private server's port, the names
 * of temporary files, identifiers made at random. Two reports of the same runbook then differ in
 * times alone.
 *
 *     http://127.0.0.1:43121                -> http://127.0.0.1:PORT
 *     /tmp/rehearse-Xc09aL/page.md          -> page.md          a step's file
 *     /tmp/rehearse-Xc09aL/tmp/tmp.Hs73nDk2aP -> TMPDIR/tmp.1   numbered as they occur
 *     0b9dba9f-6a3c-4a0e-8a5b-0d1f2c3e4a5b  -> 00000000-0000-0000-0000-000000000001
 */

#ifndef REHEARSEDB_TOOLS_SCRUB_H
#define REHEARSEDB_TOOLS_SCRUB_H

#include "storage/base/bytes.h"
#include "tools/list.h"

struct arena;
struct run_record;

struct scrub {
    struct arena *arena;
    const char *address;   /* "127.0.0.1:43121" of a private server; NULL: there is none */
    const char *directory; /* ours for the time of the run */
    struct list names;     /* of temporary files, as they have occurred */
    struct list identifiers;
};

struct bytes scrub_text(struct scrub *scrub, struct bytes text);

/* All texts of the record that may hold such a thing. */
void scrub_record(struct scrub *scrub, struct run_record *record);

#endif
