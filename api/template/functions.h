/*
 * CloudFormation's functions as they stand in a template: which there are, and how each is called.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */

#ifndef REHEARSEDB_API_TEMPLATE_FUNCTIONS_H
#define REHEARSEDB_API_TEMPLATE_FUNCTIONS_H

#include <stdbool.h>

struct arena;
struct node;

/* Whether a node is a call: a map of one member that is named Ref or Fn::… */
bool function_is_call(const struct node *node);

/* Whether a node is a call of what gives a truth: Fn::Equals, And, Or, Not, or Condition. */
bool function_is_truth(const struct node *node);

/*
 * NULL, or what is wrong with the call's name or the number and kinds of its arguments, in
 * CloudFormation's words. `call` is the member that is named after the function.
 */
const char *function_find_fault(struct arena *arena, const struct node *call);

/* Resource and attribute of Fn::GetAtt, which may be given as a list or as one text. In the arena.
 */
struct attribute_reference {
    const char *resource;
    const char *attribute; /* NULL: it is a call that has to be evaluated */
};

struct attribute_reference function_attribute(struct arena *arena, const struct node *argument);

/*
 * The next `${…}` of a Fn::Sub from `text` on: false when there is none. Of `${!literal}` the name
 * begins with "!".
 */
struct substitution {
    const char *begin; /* at the dollar sign */
    const char *end;   /* behind the brace */
    const char *name;  /* in the arena, without blanks around it */
};

bool function_next_substitution(struct arena *arena,
                                const char *text,
                                struct substitution *out_substitution);

#endif
