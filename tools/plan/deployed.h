/*
 * What is deployed, asked of an endpoint: DescribeTable's answer, and beside it those of the
 * operations that tell what it does not (time to live, backups, tags, Contributor Insights).
 */

#ifndef REHEARSEDB_TOOLS_PLAN_DEPLOYED_H
#define REHEARSEDB_TOOLS_PLAN_DEPLOYED_H

struct arena;
struct command;
struct dynamodb_client;
struct node;

/*
 * CODE_FINE with the answers as one document (definition_read), or an exit code with a message.
 * An operation that is refused or not known leaves its part out.
 */
int deployed_read(const struct command *command,
                  struct dynamodb_client *client,
                  struct arena *arena,
                  const char *table,
                  const struct node **out_document);

#endif
