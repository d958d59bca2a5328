/** What is refused on the way from what is deployed: what CloudFormation would refuse. */

import * as assert from "node:assert/strict";
import * as path from "node:path";
import { describe, test } from "node:test";

import { AttributeType, CfnTable, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import { Stack } from "aws-cdk-lib/core";

import { DEPLOYED_TEMPLATE_CONTEXT, Phase, ReadFrom } from "../../src";
import {
  AnyTable,
  Change,
  deployed,
  INDEX,
  Kind,
  KINDS,
  make,
  newStack,
  OLD_ATTRIBUTES,
  TABLE,
  TABLE_V2,
  write,
} from "./approvals";

const { OLD_ONLY, BOTH, NEW_ONLY } = Phase;
const { OLD, NEW } = ReadFrom;

type State = { readonly phase: Phase; readonly readFrom: ReadFrom };
const oldOnly: State = { phase: OLD_ONLY, readFrom: OLD };
const bothReadOld: State = { phase: BOTH, readFrom: OLD };
const bothReadNew: State = { phase: BOTH, readFrom: NEW };
const newOnly: State = { phase: NEW_ONLY, readFrom: NEW };

const TWO_CHANGES = /this deployment would .* and .*: CloudFormation takes one index/;
const READ_TOO_EARLY = /readers would move to the index .* in the deployment that creates it/;
const READ_STILL = /readers use the index .* as deployed, and this deployment would delete it/;
const CHANGED = /an index cannot be changed under its name/;

const STEPS: readonly [from: State, to: State, refused?: RegExp][] = [
  [oldOnly, oldOnly],
  [oldOnly, bothReadOld],
  [oldOnly, bothReadNew, READ_TOO_EARLY],
  [oldOnly, newOnly, TWO_CHANGES],
  [bothReadOld, oldOnly],
  [bothReadOld, bothReadOld],
  [bothReadOld, bothReadNew],
  [bothReadOld, newOnly, READ_STILL],
  [bothReadNew, oldOnly, READ_STILL],
  [bothReadNew, bothReadOld],
  [bothReadNew, newOnly],
  [newOnly, bothReadNew],
  [newOnly, bothReadOld, READ_TOO_EARLY],
  [newOnly, oldOnly, TWO_CHANGES],
];

const synthesize = (kind: Kind, change: Change, stack?: Stack, table?: AnyTable) =>
  make(kind, change, stack, table).template();
const words = ({ phase, readFrom }: State) => `${phase}, read ${readFrom}`;

for (const kind of KINDS) {
  describe(`a deployed ${kind.name}`, () => {
    for (const [from, to, refused] of STEPS) {
      test(`${refused ? "cannot go" : "goes"} from ${words(from)} to ${words(to)}`, () => {
        const step = () => synthesize(kind, { ...to, deployedTemplate: deployed(kind, from) });
        refused ? assert.throws(step, refused) : assert.doesNotThrow(step);
      });
    }

    test("keeps the projection of an index under its name", () => {
      const from = deployed(kind, oldOnly);
      const longer = { ...INDEX, nonKeyAttributes: [...OLD_ATTRIBUTES, "assignee"] };
      assert.throws(
        () => synthesize(kind, { ...oldOnly, index: longer, deployedTemplate: from }),
        /user_id-status-index is deployed as \(user_id HASH, status RANGE; INCLUDE approver, .*would become .*assignee.*addAttributes/,
      );
    });

    test("keeps it also for the new index, once that is deployed", () => {
      const from = deployed(kind, bothReadOld);
      const change = { ...bothReadOld, addAttributes: ["matching_rule_ids", "late"] };
      assert.throws(() => synthesize(kind, { ...change, deployedTemplate: from }), CHANGED);
    });

    test("keeps the keys of an index", () => {
      const from = deployed(kind, oldOnly);
      const index = { ...INDEX, sortKey: { name: "created_at", type: AttributeType.STRING } };
      assert.throws(() => synthesize(kind, { ...oldOnly, index, deployedTemplate: from }), CHANGED);
    });

    test("does not mind the order of attributes", () => {
      const index = { ...INDEX, nonKeyAttributes: [...OLD_ATTRIBUTES].reverse() };
      const from = deployed(kind, oldOnly);
      assert.doesNotThrow(() => synthesize(kind, { ...oldOnly, index, deployedTemplate: from }));
    });

    test("changes one index in a deployment, counting those of others", () => {
      const from = deployed(kind, oldOnly);
      const stack = newStack();
      const table: { addGlobalSecondaryIndex(index: unknown): void } = kind.make(stack);
      table.addGlobalSecondaryIndex({
        indexName: "by-repo",
        partitionKey: { name: "repo", type: AttributeType.STRING },
        projectionType: ProjectionType.KEYS_ONLY,
      });
      assert.throws(
        () =>
          synthesize(kind, { ...bothReadOld, deployedTemplate: from }, stack, table as AnyTable),
        /would create by-repo and create user_id-status-index-v2: CloudFormation takes one index/,
      );
    });

    test("that is new may have any indexes", () => {
      for (const nothing of [{}, { Resources: {} }, { Resources: { Other: { Type: "X" } } }]) {
        const deployedTemplate = write(nothing);
        assert.doesNotThrow(() => synthesize(kind, { ...bothReadNew, deployedTemplate }));
      }
    });

    test("goes on to a second migration", () => {
      const from = deployed(kind, newOnly);
      const next = {
        index: {
          ...INDEX,
          indexName: "user_id-status-index-v2",
          nonKeyAttributes: [...OLD_ATTRIBUTES, "matching_rule_ids"],
        },
        addAttributes: ["assignee"],
        deployedTemplate: from,
      };
      assert.doesNotThrow(() => synthesize(kind, { ...next, ...oldOnly }));
      assert.doesNotThrow(() => synthesize(kind, { ...next, ...bothReadOld }));
    });
  });
}

describe("a table that would be replaced is refused", () => {
  const key = (name: string, type = AttributeType.STRING) => ({ name, type });
  const from = deployed(TABLE, oldOnly);
  const table = (props: object) => {
    const stack = newStack();
    const made = new Table(stack, "Approvals", {
      partitionKey: key("task_id"),
      sortKey: key("request_id"),
      ...props,
    });
    return () => synthesize(TABLE, { ...oldOnly, deployedTemplate: from }, stack, made);
  };

  test("for its type", () => {
    assert.throws(
      () => synthesize(TABLE_V2, { ...oldOnly, deployedTemplate: from }),
      /the table's resource type changes from AWS::DynamoDB::Table to AWS::DynamoDB::GlobalTable: CloudFormation would make a new, empty table/,
    );
  });

  test("for its key", () => {
    assert.throws(table({ sortKey: key("id") }), /the table's key changes from task_id HASH, /);
  });

  test("for its name", () => {
    assert.throws(
      table({ tableName: "approvals" }),
      /the table's table name changes from \(generated\) to approvals/,
    );
  });

  test("for the type of an attribute", () => {
    assert.throws(
      table({ partitionKey: key("task_id", AttributeType.NUMBER) }),
      /the table's attribute task_id changes from S to N/,
    );
  });

  test("and its settings may change", () => {
    assert.doesNotThrow(table({ timeToLiveAttribute: "ttl", deletionProtection: true }));
  });
});

describe("the deployed template", () => {
  test("may be a folder with the stack's file, as cdk.out", () => {
    const content = make(TABLE, oldOnly).template().toJSON();
    const folder = path.dirname(write(content, "Approvals.template.json"));
    assert.throws(() => synthesize(TABLE, { ...newOnly, deployedTemplate: folder }), TWO_CHANGES);
  });

  test("may be given by the context", () => {
    const stack = newStack({ [DEPLOYED_TEMPLATE_CONTEXT]: deployed(TABLE, oldOnly) });
    assert.throws(() => synthesize(TABLE, newOnly, stack), TWO_CHANGES);
  });

  test("must be there, and the message says how to get it", () => {
    assert.throws(
      () => synthesize(TABLE, { ...oldOnly, deployedTemplate: "/nowhere.json" }),
      /\/nowhere\.json cannot be read .*get-template.*not deployed yet, write \{\} in it/,
    );
  });

  test("must be JSON", () => {
    for (const content of ["Resources:\n", ""]) {
      const deployedTemplate = write(content);
      assert.throws(() => synthesize(TABLE, { ...oldOnly, deployedTemplate }), /is not JSON/);
    }
    for (const content of ["[]", "null", '"Resources:"']) {
      const deployedTemplate = write(content);
      assert.throws(() => synthesize(TABLE, { ...oldOnly, deployedTemplate }), /not a template/);
    }
  });

  test("is compared with what goes into the template, overrides included", () => {
    const stack = newStack();
    const made = make(TABLE, { ...oldOnly, deployedTemplate: deployed(TABLE, oldOnly) }, stack);
    (made.table.node.defaultChild as CfnTable).addPropertyOverride(
      "GlobalSecondaryIndexes.0.Projection.NonKeyAttributes",
      ["severity"],
    );
    assert.throws(() => made.template(), CHANGED);
  });
});
