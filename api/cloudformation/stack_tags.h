/*
 * A stack's tags are its resources' as well. A tag that a resource has by itself stays.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_STACK_TAGS_H
#define REHEARSEDB_API_CLOUDFORMATION_STACK_TAGS_H

#include "api/cloudformation/stack.h"

struct node;

/* The properties of a resource of that type with the stack's tags in them. */
const struct node *stack_tags_add(struct arena *arena,
                                  const char *type,
                                  const struct node *properties,
                                  const struct stack_content *content);

#endif
