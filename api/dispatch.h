/*
 * The only way to a handler: parse, find, check, run in the transaction the operation's row asks
 * for, reply. Any thread.
 */

#ifndef REHEARSEDB_API_DISPATCH_H
#define REHEARSEDB_API_DISPATCH_H

#include "api/api.h"

enum api_progress dispatch(struct api *api, struct api_call *call);

#endif
