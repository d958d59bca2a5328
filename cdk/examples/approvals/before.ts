/**
 * The app before the migration. With `-c shortcut=true` the index gets the ninth attribute under its
 * old name, which is what everybody tries first.
 */

import { App, Stack } from "aws-cdk-lib/core";

import { ADDED_ATTRIBUTES, approvalsTable, INDEX } from "./table";

const app = new App();
const shortcut = app.node.tryGetContext("shortcut") === "true";

approvalsTable(new Stack(app, "Approvals")).addGlobalSecondaryIndex({
  ...INDEX,
  nonKeyAttributes: [...INDEX.nonKeyAttributes, ...(shortcut ? ADDED_ATTRIBUTES : [])],
});
