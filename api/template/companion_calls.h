/*
 * What a deployment calls beyond what definitions hold: the Mode of Contributor Insights and the
 * precision of a Kinesis destination, which no answer of DescribeTable and no plan tells.
 *
 * All memory is the arena's; pure.
 */

#ifndef REHEARSEDB_API_TEMPLATE_COMPANION_CALLS_H
#define REHEARSEDB_API_TEMPLATE_COMPANION_CALLS_H

struct arena;
struct call_list;
struct node;

/*
 * Adds them to the calls that lead from one table's properties to the next, as members of calls
 * that are there and as calls of their own. `previous` NULL: the table is made. Both as of an
 * AWS::DynamoDB::Table.
 */
void companion_calls_add(struct arena *arena,
                         const char *table,
                         const struct node *previous,
                         const struct node *next,
                         struct call_list *calls);

#endif
