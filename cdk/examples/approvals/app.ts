/**
 * The app during the migration. Where it stands is the configuration of an environment, here the
 * context: `-c phase=both -c readFrom=new`.
 */

import { App, Stack } from "aws-cdk-lib/core";

import { DualIndexTable, Phase, ReadFrom } from "../../src";
import { ADDED_ATTRIBUTES, approvalsTable, INDEX } from "./table";

const app = new App();
const stack = new Stack(app, "Approvals");

new DualIndexTable(stack, "ByUser", {
  table: approvalsTable(stack),
  index: INDEX,
  addAttributes: ADDED_ATTRIBUTES,
  phase: chosen("phase", Phase),
  readFrom: chosen("readFrom", ReadFrom),
});

function chosen<T extends string>(key: string, choices: Record<string, T>): T {
  const given: unknown = app.node.tryGetContext(key);
  const choice = Object.values(choices).find((value) => value === given);
  if (choice === undefined) {
    throw new Error(`-c ${key}=… must be one of: ${Object.values(choices).join(", ")}`);
  }
  return choice;
}
