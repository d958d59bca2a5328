/* The record of a stack: a JSON document, written and read whole. Pure. */

#ifndef REHEARSEDB_API_CLOUDFORMATION_STACK_RECORD_H
#define REHEARSEDB_API_CLOUDFORMATION_STACK_RECORD_H

#include "api/cloudformation/stack.h"

struct json_writer;
struct node;

void stack_record_write(struct buffer *to, const struct stack *stack);

/* NULL: it is no record; there is a line in the log. */
struct stack *stack_record_read(struct arena *arena, struct bytes record);

/* The part that change sets have as well. */
void stack_content_write(struct json_writer *writer, const struct stack_content *content);
void stack_content_read(struct arena *arena,
                        const struct node *node,
                        struct stack_content *out_content);

#endif
