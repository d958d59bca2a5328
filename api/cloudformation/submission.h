/*
 * What CreateStack, UpdateStack and CreateChangeSet are given: a template with its parameters, tags
 * and the rest, read and checked, as the content that a stack shall have.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_SUBMISSION_H
#define REHEARSEDB_API_CLOUDFORMATION_SUBMISSION_H

#include "api/cloudformation/stack.h"
#include "api/protocol/service.h"

/* All in the request's arena. */
struct submission {
    struct bytes text; /* of the template; empty: the stack's own again */
    struct stack_template template;
    struct stack_content content; /* template_number: the stack's own, or 0 */
};

/*
 * What is not given stays as it is in `previous`; NULL: the stack is new. False: the request has
 * failed, in the service's words.
 */
bool submission_read(struct service_request *request,
                     const struct stack *previous,
                     struct submission *out_submission);

/* A list of strings of the request; empty when it is absent. */
struct text_list submission_texts(struct service_request *request, const char *name);

#endif
