/* What api.c, dispatch.c, control/ and rehearsal/ share; for this folder alone. */

#ifndef REHEARSEDB_API_INTERNAL_H
#define REHEARSEDB_API_INTERNAL_H

#include "api/api.h"
#include "api/rehearsal/rehearsal.h"
#include "storage/storage.h"

struct engine;
struct index_lag;

struct api {
    struct storage storage;
    struct clock clock;
    struct index_lag *index_lag;
    struct engine *engine; /* of CloudFormation's stacks */
    int64_t started_ns;    /* request_monotonic_ns */
    struct rehearsal rehearsal;
    struct bytes region;
    const char *profile;
    enum api_wording wording;
    bool is_isolated;
    enum api_other_resources other_resources;
};

#endif
