/*
 * The control surface of a rehearsedb: what is under /_rehearsedb/ on its port.
 *
 * Anything may be missing there: another server has none of it, an older one a part. The token that
 * a server on another machine asks for is taken from REHEARSEDB_CONTROL_TOKEN.
 */

#ifndef REHEARSEDB_TOOLS_CLIENT_CONTROL_SURFACE_H
#define REHEARSEDB_TOOLS_CLIENT_CONTROL_SURFACE_H

#include "storage/base/bytes.h"

#include <stdbool.h>

struct arena;
struct cJSON;
struct http_client;

struct control_surface {
    struct http_client *http; /* NULL: there is no control surface */
    const char *url;          /* of the server, without a slash at its end */
    char authorization[512];  /* a header, or empty */
    bool is_silent;           /* it has stopped answering and is asked no more */
};

struct control_reply {
    int status;         /* 0: none, and `reason` says why */
    struct cJSON *tree; /* of status 200; the caller frees it; NULL: not JSON */
    const char *reason; /* of all but status 200; in the arena, with its length bounded */
    const char *error;  /* "ResourceNotFoundException", …; "" if it is not told; in the arena */
};

/* `url` NULL: none. It must be there until control_surface_close. */
void control_surface_open(struct control_surface *surface, const char *url);
void control_surface_close(struct control_surface *surface);

/*
 * Whose tables are meant where a server keeps those of every access key and region apart: those of
 * the environment, as the AWS CLI finds them. "AccessKeyId=…&Region=…", for a query; empty when
 * they are nothing that AWS has. In the arena.
 */
const char *control_surface_world(struct arena *arena);

/* `path` is what follows /_rehearsedb/; `body` is JSON, NULL for none. */
struct control_reply control_surface_call(struct control_surface *surface,
                                          struct arena *arena,
                                          const char *method,
                                          const char *path,
                                          const char *body);

#endif
