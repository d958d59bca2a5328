/** The table of approvals, as both apps have it. */

import {
  AttributeType,
  BillingMode,
  GlobalSecondaryIndexProps,
  ProjectionType,
  Table,
} from "aws-cdk-lib/aws-dynamodb";
import { CfnOutput, RemovalPolicy, Stack } from "aws-cdk-lib/core";

const STRING = AttributeType.STRING;

/** As it was deployed long ago: eight attributes beside the keys. */
export const INDEX = {
  indexName: "user_id-status-index",
  partitionKey: { name: "user_id", type: STRING },
  sortKey: { name: "status", type: STRING },
  projectionType: ProjectionType.INCLUDE,
  nonKeyAttributes: [
    "tool_name",
    "severity",
    "reason",
    "created_at",
    "expires_at",
    "decided_at",
    "approver",
    "repo",
  ],
} satisfies GlobalSecondaryIndexProps;

/** What its readers now need as well. */
export const ADDED_ATTRIBUTES = ["matching_rule_ids"];

export function approvalsTable(stack: Stack): Table {
  const table = new Table(stack, "Approvals", {
    partitionKey: { name: "task_id", type: STRING },
    sortKey: { name: "request_id", type: STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: "ttl",
    removalPolicy: RemovalPolicy.RETAIN,
  });
  new CfnOutput(stack, "TableName", { value: table.tableName });
  return table;
}
