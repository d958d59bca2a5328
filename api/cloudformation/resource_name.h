/* The names that CloudFormation makes up for what a template does not name. */

#ifndef REHEARSEDB_API_CLOUDFORMATION_RESOURCE_NAME_H
#define REHEARSEDB_API_CLOUDFORMATION_RESOURCE_NAME_H

struct arena;

/* STACK-LOGICALID-13 letters and digits, at most 255 of them; another one each time. */
const char *
resource_physical_name(struct arena *arena, const char *stack_name, const char *logical_id);

#endif
