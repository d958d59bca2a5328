/*
 * Whose requests they are: credentials and region, found as the AWS CLI finds them.
 *
 * Credentials: AWS_ACCESS_KEY_ID and its companions; the profile (AWS_PROFILE, else "default") in
 * the shared credentials and configuration files; what the AWS CLI can export (single sign-on,
 * roles, processes, instance profiles). Region: given, AWS_REGION, AWS_DEFAULT_REGION, the profile.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-quickstart.html
 */

#ifndef REHEARSEDB_TOOLS_CLIENT_ACCOUNT_H
#define REHEARSEDB_TOOLS_CLIENT_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct account {
    const char *access_key_id; /* in the arena, like all of them */
    const char *secret_access_key;
    const char *session_token; /* NULL: none */
    const char *region;
};

/*
 * `region` NULL: as found. For an endpoint that is not AWS (`is_aws` false) anything will do, and
 * what cannot be found is made up. False: `out_reason` says what to set.
 */
bool account_find(struct arena *arena,
                  const char *region,
                  bool is_aws,
                  struct account *out_account,
                  char *out_reason,
                  size_t reason_size);

#endif
