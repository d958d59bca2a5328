/*
 * The environment of a runbook's commands: where the AWS CLI, the SDKs and curl find the endpoint.
 *
 * These change our own environment, which the shell and the private server then inherit.
 */

#ifndef REHEARSEDB_TOOLS_ENVIRONMENT_H
#define REHEARSEDB_TOOLS_ENVIRONMENT_H

#include <stdbool.h>

/* Before a private server starts: takes out what the caller's own settings would do to it. */
void environment_clear_for_private_server(void);

/* The private server at `url`, and nothing of the caller's AWS account. */
void environment_use_private_server(const char *url);

/* The endpoint at `url`, with the caller's credentials and region if there are any. */
void environment_use_endpoint(const char *url, bool is_rehearsedb);

/* AWS itself with the caller's own account. */
void environment_use_aws(void);

#endif
