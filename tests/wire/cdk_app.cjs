// Synthesizes stacks with one table each, without the CDK's command line. On the standard input:
//
//     {"FOLDER": {"stack": "NAME", "table": "Table" | "TableV2", "indexes": {"NAME": ["ATTRIBUTE", …]},
//                 …}, …}
//
// Each becomes a cloud assembly of its own in FOLDER. Where the libraries are, NODE_PATH says.

const fs = require("node:fs");

const cdk = require("aws-cdk-lib");
const dynamodb = require("aws-cdk-lib/aws-dynamodb");

const key = (name) => ({ name, type: dynamodb.AttributeType.STRING });

function table(stack, spec) {
  const properties = {
    partitionKey: key(spec.key ?? "task_id"),
    tableName: spec.tableName,
    removalPolicy: spec.retain ? cdk.RemovalPolicy.RETAIN : cdk.RemovalPolicy.DESTROY,
  };
  if (spec.table === "TableV2") {
    return new dynamodb.TableV2(stack, "T", properties);
  }
  const billingMode = dynamodb.BillingMode.PAY_PER_REQUEST;
  return new dynamodb.Table(stack, "T", { ...properties, billingMode });
}

function synthesize(folder, spec) {
  const app = new cdk.App({ outdir: folder, analyticsReporting: spec.analytics ?? false });
  const stack = new cdk.Stack(app, spec.stack, {
    synthesizer: spec.legacy ? new cdk.LegacyStackSynthesizer() : undefined,
  });
  const made = table(stack, spec);
  for (const [indexName, nonKeyAttributes] of Object.entries(spec.indexes)) {
    made.addGlobalSecondaryIndex({
      indexName,
      partitionKey: key("user_id"),
      sortKey: key("status"),
      projectionType: dynamodb.ProjectionType.INCLUDE,
      nonKeyAttributes,
    });
  }
  new cdk.CfnOutput(stack, "TableName", { value: made.tableName });
  if (spec.other) {
    new cdk.CfnResource(stack, "Other", { type: spec.other });
  }
  app.synth();
}

for (const [folder, spec] of Object.entries(JSON.parse(fs.readFileSync(0, "utf8")))) {
  synthesize(folder, spec);
}
