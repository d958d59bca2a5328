/**
 * The approvals table of the migration runbook, as a Table and as a TableV2, with its index in the
 * hands of the construct under test.
 */

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { Template } from "aws-cdk-lib/assertions";
import {
  AttributeType,
  BillingMode,
  GlobalSecondaryIndexProps,
  ProjectionType,
  Table,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import { App, Stack } from "aws-cdk-lib/core";

import { DualIndexTable, DualIndexTableProps, Phase, ReadFrom } from "../../src";

export const OLD_INDEX = "user_id-status-index";
export const NEW_INDEX = "user_id-status-index-v2";
export const OLD_ATTRIBUTES = [
  "tool_name",
  "severity",
  "reason",
  "created_at",
  "expires_at",
  "decided_at",
  "approver",
  "repo",
];
export const ADDED_ATTRIBUTES = ["matching_rule_ids"];
export const NEW_ATTRIBUTES = [...OLD_ATTRIBUTES, ...ADDED_ATTRIBUTES];

export type AnyTable = Table | TableV2;
export type Change = Partial<DualIndexTableProps<AnyTable>>;

const key = (name: string) => ({ name, type: AttributeType.STRING });

export const INDEX = {
  indexName: OLD_INDEX,
  partitionKey: key("user_id"),
  sortKey: key("status"),
  projectionType: ProjectionType.INCLUDE,
  nonKeyAttributes: OLD_ATTRIBUTES,
} satisfies GlobalSecondaryIndexProps;

/** One kind of table: its resource type, and how it is made. */
export interface Kind {
  readonly name: string;
  readonly resourceType: string;
  make(stack: Stack): AnyTable;
}

const tableKeys = { partitionKey: key("task_id"), sortKey: key("request_id") };

export const KINDS: readonly Kind[] = [
  {
    name: "Table",
    resourceType: "AWS::DynamoDB::Table",
    make: (stack) =>
      new Table(stack, "Approvals", {
        ...tableKeys,
        billingMode: BillingMode.PAY_PER_REQUEST,
      }),
  },
  {
    name: "TableV2",
    resourceType: "AWS::DynamoDB::GlobalTable",
    make: (stack) => new TableV2(stack, "Approvals", tableKeys),
  },
];
export const [TABLE, TABLE_V2] = KINDS as [Kind, Kind];

export interface Made {
  readonly stack: Stack;
  readonly table: AnyTable;
  readonly dual: DualIndexTable<AnyTable>;
  /** Synthesizes, once. */
  template(): Template;
}

export function newStack(context: Record<string, unknown> = {}): Stack {
  return new Stack(new App({ analyticsReporting: false, context }), "Approvals");
}

/** The table with its index held by the construct; `change` is what a test is about. */
export function make(
  kind: Kind,
  change: Change = {},
  stack = newStack(),
  table = kind.make(stack),
): Made {
  const dual = new DualIndexTable<AnyTable>(stack, "ByUser", {
    table,
    index: INDEX,
    addAttributes: ADDED_ATTRIBUTES,
    phase: Phase.OLD_ONLY,
    readFrom: change.phase === Phase.NEW_ONLY ? ReadFrom.NEW : ReadFrom.OLD,
    ...change,
  });
  return { stack, table, dual, template: () => Template.fromStack(stack) };
}

/** The properties of the table in a template. */
export function propertiesOf(kind: Kind, template: Template): Record<string, any> {
  const [resource] = Object.values(template.findResources(kind.resourceType));
  return resource!.Properties;
}

export function indexNames(kind: Kind, template: Template): string[] {
  return (propertiesOf(kind, template).GlobalSecondaryIndexes ?? []).map(
    (index: { IndexName: string }) => index.IndexName,
  );
}

/** The path of a file with this template in it. */
export function write(template: unknown, name = "deployed.json"): string {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "dual-index-table-")), name);
  fs.writeFileSync(file, typeof template === "string" ? template : JSON.stringify(template));
  return file;
}

/** The path of the template that a deployment with these properties leaves behind. */
export function deployed(kind: Kind, change: Change = {}): string {
  return write(make(kind, change).template().toJSON());
}
