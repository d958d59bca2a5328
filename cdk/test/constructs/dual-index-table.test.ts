/** What each phase puts into the template, what readers are told, and what they are granted. */

import * as assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import {
  Billing,
  BillingMode,
  Capacity,
  ProjectionType,
  Table,
  TableEncryption,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";

import { DualIndexTable, Phase, ReadFrom } from "../../src";
import {
  ADDED_ATTRIBUTES,
  deployed,
  INDEX,
  indexNames,
  KINDS,
  make,
  NEW_ATTRIBUTES,
  NEW_INDEX,
  newStack,
  OLD_ATTRIBUTES,
  OLD_INDEX,
  propertiesOf,
  TABLE,
  TABLE_V2,
} from "./approvals";

const keySchema = [
  { AttributeName: "user_id", KeyType: "HASH" },
  { AttributeName: "status", KeyType: "RANGE" },
];

/** An index in a template, its whole projection pinned. */
const index = (name: string, attributes: string[]) => ({
  IndexName: name,
  KeySchema: keySchema,
  Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: Match.arrayWith(attributes) },
});
const oldIndex = index(OLD_INDEX, OLD_ATTRIBUTES);
const newIndex = index(NEW_INDEX, NEW_ATTRIBUTES);

const attributeCount = (properties: Record<string, any>) =>
  properties.GlobalSecondaryIndexes.map((i: any) => i.Projection.NonKeyAttributes.length);

for (const kind of KINDS) {
  describe(`the phases of a ${kind.name}`, () => {
    test("old only has the old index with its projection, and no other", () => {
      const template = make(kind, { phase: Phase.OLD_ONLY }).template();
      template.hasResourceProperties(kind.resourceType, {
        GlobalSecondaryIndexes: [oldIndex],
      });
      assert.deepEqual(attributeCount(propertiesOf(kind, template)), [8]);
    });

    test("old only is the table without the construct", () => {
      const stack = newStack();
      const table: { addGlobalSecondaryIndex(index: unknown): void } = kind.make(stack);
      table.addGlobalSecondaryIndex(INDEX);
      assert.deepEqual(
        make(kind, { phase: Phase.OLD_ONLY }).template().toJSON().Resources,
        Template.fromStack(stack).toJSON().Resources,
      );
    });

    test("both has the old index as it was, and the new one with all attributes", () => {
      const template = make(kind, { phase: Phase.BOTH }).template();
      template.hasResourceProperties(kind.resourceType, {
        GlobalSecondaryIndexes: [oldIndex, newIndex],
      });
      assert.deepEqual(attributeCount(propertiesOf(kind, template)), [8, 9]);
    });

    test("new only has the new index, and no other", () => {
      const template = make(kind, { phase: Phase.NEW_ONLY }).template();
      template.hasResourceProperties(kind.resourceType, {
        GlobalSecondaryIndexes: [newIndex],
      });
      assert.deepEqual(attributeCount(propertiesOf(kind, template)), [9]);
    });

    test("the table keeps its logical id and its other properties", () => {
      const templates = Object.values(Phase).map((phase) => make(kind, { phase }).template());
      const rest = templates.map((template) => {
        const [[id, resource]] = Object.entries(template.findResources(kind.resourceType)) as any;
        const { GlobalSecondaryIndexes, Replicas, ...properties } = resource.Properties;
        return { id, properties, deletion: resource.DeletionPolicy };
      });
      assert.deepEqual(rest[1], rest[0]);
      assert.deepEqual(rest[2], rest[0]);
      assert.equal(rest[0]!.deletion, "Retain");
    });

    test("each step changes one index", () => {
      const names = Object.values(Phase).map((phase) =>
        indexNames(kind, make(kind, { phase }).template()),
      );
      assert.deepEqual(names, [[OLD_INDEX], [OLD_INDEX, NEW_INDEX], [NEW_INDEX]]);
    });

    test("indexes that the table has beside stay", () => {
      const stack = newStack();
      const table = kind.make(stack);
      const other: { addGlobalSecondaryIndex(index: unknown): void } = table;
      other.addGlobalSecondaryIndex({
        indexName: "by-repo",
        partitionKey: INDEX.partitionKey,
        projectionType: ProjectionType.KEYS_ONLY,
      });
      const { template } = make(kind, { phase: Phase.BOTH }, stack, table);
      assert.deepEqual(indexNames(kind, template()), ["by-repo", OLD_INDEX, NEW_INDEX]);
    });

    test("an index that projected keys alone gets a list", () => {
      const { nonKeyAttributes, ...keysOnly } = INDEX;
      const template = make(kind, {
        index: { ...keysOnly, projectionType: ProjectionType.KEYS_ONLY },
        phase: Phase.BOTH,
      }).template();
      template.hasResourceProperties(kind.resourceType, {
        GlobalSecondaryIndexes: [
          { IndexName: OLD_INDEX, Projection: { ProjectionType: "KEYS_ONLY" } },
          index(NEW_INDEX, ADDED_ATTRIBUTES),
        ],
      });
    });
  });

  describe(`what readers of a ${kind.name} get`, () => {
    const statements = (phase: Phase) => {
      const { stack, table, dual, template } = make(kind, { phase });
      const reader = new Role(stack, "Reader", { assumedBy: new ServicePrincipal("lambda") });
      dual.grantReadIndex(reader).assertSuccess();
      const [policy] = Object.values(template().findResources("AWS::IAM::Policy")) as any;
      const arn = (name: string) => ({
        "Fn::Join": ["", [stack.resolve(table.tableArn), `/index/${name}`]],
      });
      return { statements: policy.Properties.PolicyDocument.Statement, arn };
    };

    test("query and scan on the old index before", () => {
      const { statements: found, arn } = statements(Phase.OLD_ONLY);
      assert.deepEqual(found, [
        {
          Effect: "Allow",
          Action: ["dynamodb:Query", "dynamodb:Scan"],
          Resource: arn(OLD_INDEX),
        },
      ]);
    });

    test("on both while both are there", () => {
      const { statements: found, arn } = statements(Phase.BOTH);
      assert.deepEqual(found, [
        {
          Effect: "Allow",
          Action: ["dynamodb:Query", "dynamodb:Scan"],
          Resource: [arn(OLD_INDEX), arn(NEW_INDEX)],
        },
      ]);
    });

    test("on the new index after", () => {
      const { statements: found, arn } = statements(Phase.NEW_ONLY);
      assert.deepEqual(found, [
        {
          Effect: "Allow",
          Action: ["dynamodb:Query", "dynamodb:Scan"],
          Resource: arn(NEW_INDEX),
        },
      ]);
    });

    test("a name that follows the flag and not the phase", () => {
      const name = (phase: Phase, readFrom: ReadFrom) =>
        make(kind, { phase, readFrom }).dual.readIndexName;
      assert.equal(name(Phase.OLD_ONLY, ReadFrom.OLD), OLD_INDEX);
      assert.equal(name(Phase.BOTH, ReadFrom.OLD), OLD_INDEX);
      assert.equal(name(Phase.BOTH, ReadFrom.NEW), NEW_INDEX);
      assert.equal(name(Phase.NEW_ONLY, ReadFrom.NEW), NEW_INDEX);
    });

    test("and nothing of the table changes with the flag", () => {
      const [before, after] = [ReadFrom.OLD, ReadFrom.NEW].map((readFrom) =>
        make(kind, { phase: Phase.BOTH, readFrom }).template(),
      );
      assert.deepEqual(after!.toJSON().Resources, before!.toJSON().Resources);
      before!.hasOutput("*", { Value: OLD_INDEX });
      after!.hasOutput("*", { Value: NEW_INDEX });
    });
  });
}

describe("settings of the new index", () => {
  test("are those of the old one but for what is given, of a Table", () => {
    const stack = newStack();
    new DualIndexTable(stack, "ByUser", {
      table: new Table(stack, "Approvals", {
        partitionKey: INDEX.partitionKey,
        billingMode: BillingMode.PROVISIONED,
      }),
      index: { ...INDEX, writeCapacity: 10 },
      addAttributes: ADDED_ATTRIBUTES,
      newIndexSettings: { readCapacity: 7 },
      phase: Phase.BOTH,
      readFrom: ReadFrom.OLD,
    });
    Template.fromStack(stack).hasResourceProperties(TABLE.resourceType, {
      GlobalSecondaryIndexes: [
        {
          ...oldIndex,
          ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 10 },
        },
        {
          ...newIndex,
          ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 10 },
        },
      ],
    });
  });

  test("are those of the old one but for what is given, of a TableV2", () => {
    const stack = newStack();
    new DualIndexTable(stack, "ByUser", {
      table: new TableV2(stack, "Approvals", {
        partitionKey: INDEX.partitionKey,
        billing: Billing.provisioned({
          readCapacity: Capacity.fixed(5),
          writeCapacity: Capacity.autoscaled({ maxCapacity: 5 }),
        }),
      }),
      index: INDEX,
      addAttributes: ADDED_ATTRIBUTES,
      newIndexSettings: { writeCapacity: Capacity.autoscaled({ maxCapacity: 15 }) },
      phase: Phase.BOTH,
      readFrom: ReadFrom.OLD,
    });
    const capacity = (units: number) => ({
      WriteCapacityAutoScalingSettings: Match.objectLike({ MaxCapacity: units }),
    });
    Template.fromStack(stack).hasResourceProperties(TABLE_V2.resourceType, {
      GlobalSecondaryIndexes: [
        { ...oldIndex, WriteProvisionedThroughputSettings: capacity(5) },
        { ...newIndex, WriteProvisionedThroughputSettings: capacity(15) },
      ],
    });
  });

  test("may include another name", () => {
    const { dual, template } = make(TABLE, { phase: Phase.BOTH, newIndexName: "by-user" });
    assert.equal(dual.newIndexName, "by-user");
    assert.deepEqual(indexNames(TABLE, template()), [OLD_INDEX, "by-user"]);
  });

  test("number the name on after an earlier migration", () => {
    const { dual } = make(TABLE, { index: { ...INDEX, indexName: "by-user-v9" } });
    assert.equal(dual.newIndexName, "by-user-v10");
  });
});

describe("readers of an encrypted table", () => {
  test("may use its key", () => {
    const stack = newStack();
    const table = new Table(stack, "Approvals", {
      partitionKey: INDEX.partitionKey,
      encryption: TableEncryption.CUSTOMER_MANAGED,
    });
    const { dual, template } = make(TABLE, {}, stack, table);
    dual.grantReadIndex(new Role(stack, "Reader", { assumedBy: new ServicePrincipal("lambda") }));
    template().hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: ["kms:Decrypt", "kms:DescribeKey"] }),
        ]),
      },
    });
  });
});

describe("the warning that nothing was compared", () => {
  const warning = Match.stringLikeRegexp("Not compared with what is deployed");

  test("is there without a deployed template", () => {
    Annotations.fromStack(make(TABLE).stack).hasWarning("/Approvals/ByUser", warning);
  });

  test("is not there with one", () => {
    const { stack } = make(TABLE, { deployedTemplate: deployed(TABLE) });
    Annotations.fromStack(stack).hasNoWarning("*", warning);
  });
});
