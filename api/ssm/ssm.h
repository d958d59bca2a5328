/*
 * Systems Manager, as far as a deployment asks it: the version of the bootstrap stack, which is
 * there without anybody having made it, whatever its qualifier.
 */

#ifndef REHEARSEDB_API_SSM_SSM_H
#define REHEARSEDB_API_SSM_SSM_H

#include "api/protocol/service.h"

extern const struct service SSM;

/* The value of a parameter; NULL: there is none of that name. Static. */
const char *ssm_parameter_value(struct bytes name);

#endif
