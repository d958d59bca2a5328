/* Calls of the API as commands of the AWS CLI, quoted for a shell, each on one line. */

#ifndef REHEARSEDB_TOOLS_PLAN_COMMAND_LINE_H
#define REHEARSEDB_TOOLS_PLAN_COMMAND_LINE_H

struct buffer;
struct call;

/* Where commands are to be sent; both may be NULL. */
struct command_target {
    const char *endpoint;
    const char *region;
};

/* `aws dynamodb update-table …` */
void command_line_append(struct buffer *to,
                         const struct call *call,
                         const struct command_target *target);

/* `rehearse wait …` for what the call says; nothing when it says nothing. */
void command_line_append_wait(struct buffer *to,
                              const struct call *call,
                              const struct command_target *target);

#endif
