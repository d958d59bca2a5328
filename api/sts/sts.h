/*
 * STS, as far as clients need it before they call another service: who am I, and the role that a
 * deployment takes. Nobody is checked; the credentials of a role have the caller's own access key,
 * so that a caller stays in one world and one account whatever role it takes.
 */

#ifndef REHEARSEDB_API_STS_STS_H
#define REHEARSEDB_API_STS_STS_H

#include "api/protocol/service.h"

extern const struct service STS;

#endif
