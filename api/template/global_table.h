/*
 * An AWS::DynamoDB::GlobalTable as the AWS::DynamoDB::Table that its replica in one region is.
 *
 * Capacity that is scaled automatically is where the scaling begins: SeedCapacity, or MinCapacity.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
 */

#ifndef REHEARSEDB_API_TEMPLATE_GLOBAL_TABLE_H
#define REHEARSEDB_API_TEMPLATE_GLOBAL_TABLE_H

#include <stdbool.h>

struct arena;
struct node;

/* False: there are more replicas than one, and `out_error` says so. */
bool global_table_as_table(struct arena *arena,
                           const struct node *properties,
                           const struct node **out_properties,
                           const char **out_error);

#endif
