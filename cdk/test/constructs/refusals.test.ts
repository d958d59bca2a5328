/** What is refused by the definition itself, whatever is deployed. */

import * as assert from "node:assert/strict";
import { describe, test } from "node:test";

import { AttributeType, ProjectionType } from "aws-cdk-lib/aws-dynamodb";
import { App, CfnParameter, Stack } from "aws-cdk-lib/core";

import { Phase, ReadFrom } from "../../src";
import {
  Change,
  INDEX,
  KINDS,
  make,
  newStack,
  OLD_ATTRIBUTES,
  OLD_INDEX,
  write,
} from "./approvals";

const numbered = (count: number, prefix = "a") =>
  Array.from({ length: count }, (_, number) => `${prefix}${number}`);

const { nonKeyAttributes, ...withoutAttributes } = INDEX;
const longest = "x".repeat(255);

const REFUSED: readonly [what: string, change: Change, message: RegExp][] = [
  [
    "a name of two characters",
    { newIndexName: "v2" },
    /the index name 'v2' has 2 characters; DynamoDB takes 3 to 255/,
  ],
  [
    "a name that gets too long",
    { index: { ...INDEX, indexName: longest } },
    /has 258 characters; DynamoDB takes 3 to 255/,
  ],
  [
    "a name with a space",
    { newIndexName: "by user" },
    /'by user' has characters that DynamoDB does not take/,
  ],
  [
    "the old name for the new index",
    { newIndexName: OLD_INDEX },
    /the new index has the name of the old one, user_id-status-index: an index cannot be changed under its name/,
  ],
  [
    "an index that projects ALL",
    { index: { ...withoutAttributes, projectionType: ProjectionType.ALL } },
    /projects ALL attributes: there is none to add/,
  ],
  [
    "an index that projects ALL by default",
    { index: { ...withoutAttributes, projectionType: undefined } },
    /there is none to add/,
  ],
  [
    "KEYS_ONLY with attributes",
    { index: { ...INDEX, projectionType: ProjectionType.KEYS_ONLY } },
    /projects KEYS_ONLY, which takes no nonKeyAttributes/,
  ],
  [
    "ALL with attributes",
    { index: { ...INDEX, projectionType: ProjectionType.ALL } },
    /projects ALL, which takes no nonKeyAttributes/,
  ],
  [
    "INCLUDE without attributes",
    { index: withoutAttributes },
    /projects INCLUDE, but names no nonKeyAttributes/,
  ],
  [
    "INCLUDE with an empty list",
    { index: { ...INDEX, nonKeyAttributes: [] } },
    /projects INCLUDE, but names no nonKeyAttributes/,
  ],
  ["nothing to add", { addAttributes: [] }, /nothing to migrate/],
  [
    "what is projected already",
    { addAttributes: ["severity"] },
    /projects severity already; it cannot be added/,
  ],
  [
    "an attribute added twice",
    { addAttributes: ["rules", "rules"] },
    /user_id-status-index-v2 names the attribute rules twice/,
  ],
  [
    "21 attributes",
    { addAttributes: numbered(21 - OLD_ATTRIBUTES.length) },
    /would name 21 attributes beside its keys; DynamoDB takes 20 at most/,
  ],
  ["an attribute without a name", { addAttributes: [""] }, /names an attribute of 0 bytes/],
  [
    "an attribute with too long a name",
    { addAttributes: ["ü".repeat(128)] },
    /names an attribute of 256 bytes.*1 to 255/,
  ],
  [
    "readers of an index to come",
    { phase: Phase.OLD_ONLY, readFrom: ReadFrom.NEW },
    /readers would use the index user_id-status-index-v2, which is not there in the phase 'old only'/,
  ],
  [
    "readers of an index that is gone",
    { phase: Phase.NEW_ONLY, readFrom: ReadFrom.OLD },
    /readers would use the index user_id-status-index, which is not there in the phase 'new only'; there is user_id-status-index-v2/,
  ],
];

const ACCEPTED: readonly [what: string, change: Change][] = [
  ["20 attributes", { addAttributes: numbered(20 - OLD_ATTRIBUTES.length) }],
  ["an attribute's name of 255 bytes", { addAttributes: [longest] }],
  ["an index's name of 255 characters", { newIndexName: longest }],
  ["an index's name of 3 characters", { newIndexName: "_.-" }],
  ["a key attribute in the list, as DynamoDB does", { addAttributes: ["task_id"] }],
];

for (const kind of KINDS) {
  describe(`a ${kind.name} refuses`, () => {
    for (const [what, change, message] of REFUSED) {
      test(what, () => {
        assert.throws(() => make(kind, { phase: Phase.BOTH, ...change }), message);
      });
    }

    test("an index that the table holds itself", () => {
      const stack = newStack();
      const table: { addGlobalSecondaryIndex(index: unknown): void } = kind.make(stack);
      table.addGlobalSecondaryIndex(INDEX);
      assert.throws(
        () => make(kind, {}, stack, table as never),
        /does not take the index user_id-status-index: .*duplicate.*must not be given to the table/i,
      );
    });

    test("another stack than that of its table", () => {
      const app = new App();
      const table = kind.make(new Stack(app, "Tables"));
      assert.throws(
        () => make(kind, {}, new Stack(app, "Readers"), table),
        /must be in the stack of its table/,
      );
    });

    test("names that are not known at synthesis", () => {
      const parameter = (stack: Stack, type: string) => new CfnParameter(stack, type, { type });
      const changes = [
        (stack: Stack) => ({ newIndexName: parameter(stack, "String").valueAsString }),
        (stack: Stack) => ({ addAttributes: [parameter(stack, "String").valueAsString] }),
        (stack: Stack) => ({
          addAttributes: parameter(stack, "CommaDelimitedList").valueAsList,
        }),
      ];
      for (const change of changes) {
        const stack = newStack();
        assert.throws(() => make(kind, change(stack), stack), /must be plain text/);
      }
    });

    test("more than 100 attributes in all indexes, each as often as it is named", () => {
      const withOthers = (last: number, change: Change = {}) => {
        const stack = newStack();
        const table: { addGlobalSecondaryIndex(index: unknown): void } = kind.make(stack);
        // 4 × 20, and 8 and 9 of the two indexes of the migration: 97, with `last` more.
        [20, 20, 20, 20, last].forEach((count, number) =>
          table.addGlobalSecondaryIndex({
            ...INDEX,
            indexName: `other-${number}`,
            nonKeyAttributes: numbered(count, "same"),
          }),
        );
        return make(kind, { phase: Phase.BOTH, ...change }, stack, table as never);
      };
      assert.doesNotThrow(() => withOthers(3).template());
      const message = /would name 101 attributes, each counted as often as it is named; DynamoDB/;
      assert.throws(() => withOthers(4).template(), message);
      assert.throws(() => withOthers(4, { deployedTemplate: write({}) }).template(), message);
    });

    test("a twenty-first index", () => {
      const withOthers = (count: number) => {
        const stack = newStack();
        const table: { addGlobalSecondaryIndex(index: unknown): void } = kind.make(stack);
        for (const name of numbered(count, "other-")) {
          table.addGlobalSecondaryIndex({
            indexName: name,
            partitionKey: { name: "user_id", type: AttributeType.STRING },
            projectionType: ProjectionType.KEYS_ONLY,
          });
        }
        return make(kind, { phase: Phase.BOTH }, stack, table as never);
      };
      assert.doesNotThrow(() => withOthers(18).template());
      assert.throws(() => withOthers(19).template(), /would have 21 global|more than 20 global/);
    });

    for (const [what, change] of ACCEPTED) {
      test(`not ${what}`, () => {
        assert.doesNotThrow(() => make(kind, { phase: Phase.BOTH, ...change }).template());
      });
    }
  });
}
