/* What an operation leads to: its template, with what is known of the stack's resources filled in.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_DEPLOYMENT_TARGET_H
#define REHEARSEDB_API_CLOUDFORMATION_DEPLOYMENT_TARGET_H

#include "api/cloudformation/deployment.h"
#include "api/template/stack_values.h"

/* NULL: it cannot be read; deployment->template_error says why. */
const struct stack_template *deployment_template(struct deployment *deployment);

/* Values for the functions of a template, from the stack as it is now and `content`. */
struct stack_environment deployment_environment(struct deployment *deployment,
                                                const struct stack_content *content);

/* The resource's properties as JSON; false: `out_error`. */
bool deployment_properties(struct deployment *deployment,
                           const char *logical_id,
                           const char **out_properties,
                           const char **out_error);

/* The outputs of the target become the stack's; false: `out_error`. */
bool deployment_set_outputs(struct deployment *deployment, const char **out_error);

#endif
