import { Annotations, CfnOutput, CfnResource, Stack, Token } from "aws-cdk-lib/core";
import {
  GlobalSecondaryIndexProps,
  GlobalSecondaryIndexPropsV2,
  ProjectionType,
  Table,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

import {
  checkUpdate,
  DEPLOYED_TEMPLATE_CONTEXT,
  DeployedTemplate,
  missingFrom,
  TableDefinition,
  tableFromTemplate,
} from "./deployed-template";
import { checkAttributes, checkName, checkTotals, nextIndexName } from "./index-definition";

/** Which of the two indexes a deployment leaves the table with. One step is one deployment. */
export enum Phase {
  /** Before the migration, and after giving it up: the template is the one without this construct. */
  OLD_ONLY = "old only",
  /** The new index is built beside the old one, and bakes. */
  BOTH = "both",
  /** Nobody reads the old index any more. */
  NEW_ONLY = "new only",
}

/** Which of the two indexes readers use. Changed in deployments that change no index. */
export enum ReadFrom {
  OLD = "old",
  NEW = "new",
}

/** What `table.addGlobalSecondaryIndex` takes for this kind of table. */
export type IndexProps<T extends Table | TableV2> = T extends TableV2
  ? GlobalSecondaryIndexPropsV2
  : GlobalSecondaryIndexProps;

/** What of an index may be other than in the old one: capacity, Contributor Insights and the like. */
export type IndexSettings<T extends Table | TableV2> = Omit<
  Partial<IndexProps<T>>,
  | "indexName"
  | "partitionKey"
  | "partitionKeys"
  | "sortKey"
  | "sortKeys"
  | "projectionType"
  | "nonKeyAttributes"
>;

export interface DualIndexTableProps<T extends Table | TableV2> {
  /** The table, without the index: this construct adds it. */
  readonly table: T;

  /** The index as it is deployed, unchanged: what `addGlobalSecondaryIndex` was called with. */
  readonly index: IndexProps<T>;

  /** The attributes that readers need and the index does not project. */
  readonly addAttributes: readonly string[];

  readonly phase: Phase;

  readonly readFrom: ReadFrom;

  /** @default - the name of the old index with -v2 after it, or -v3 in place of -v2, and so on */
  readonly newIndexName?: string;

  /**
   * Settings of the new index alone. With provisioned capacity, too little for the new index
   * throttles writes to the table while the index is built.
   *
   * @default - those of the old index
   */
  readonly newIndexSettings?: IndexSettings<T>;

  /**
   * The template of the last deployment: a JSON file, or a folder that holds it under the name
   * that the stack has in cdk.out. `{}` stands for a stack that is not deployed yet. What
   * CloudFormation would refuse on the way from there is refused at synthesis.
   *
   * @default - the context value `dual-index-table:deployed-template`; without that, only what
   * shows in the definition itself is refused, and a warning says so
   */
  readonly deployedTemplate?: string;
}

/**
 * Brings attributes into the projection of a global secondary index without an outage. DynamoDB
 * cannot change an index, so a second one with the longer projection is created beside it, readers
 * move over by a flag, and the old one is deleted: three deployments, of which each changes one
 * index at most.
 */
export class DualIndexTable<T extends Table | TableV2> extends Construct {
  readonly table: T;
  readonly phase: Phase;
  readonly oldIndexName: string;
  readonly newIndexName: string;

  /** The index that readers use: for their configuration. Follows `readFrom`, not the phase. */
  readonly readIndexName: string;

  /** The indexes there are in this phase, the old one first. */
  readonly indexNames: readonly string[];

  private readonly output: CfnOutput;

  constructor(scope: Construct, id: string, props: DualIndexTableProps<T>) {
    super(scope, id);
    this.table = props.table;
    this.phase = props.phase;
    this.oldIndexName = props.index.indexName;
    this.newIndexName = props.newIndexName ?? nextIndexName(this.oldIndexName);
    this.readIndexName = props.readFrom === ReadFrom.OLD ? this.oldIndexName : this.newIndexName;
    this.indexNames = {
      [Phase.OLD_ONLY]: [this.oldIndexName],
      [Phase.BOTH]: [this.oldIndexName, this.newIndexName],
      [Phase.NEW_ONLY]: [this.newIndexName],
    }[props.phase];

    const wrong = this.checkProps(props);
    if (wrong.length > 0) {
      throw new Error(`${this.node.path}: ${wrong.join("; ")}`);
    }
    for (const name of this.indexNames) {
      this.addIndex(name === this.oldIndexName ? props.index : this.newIndex(props));
    }
    // Deployed with the stack, so that the next deployment can tell which index is being read.
    this.output = new CfnOutput(this, "ReadIndex", {
      value: this.readIndexName,
      description: `The index that readers of ${this.oldIndexName} use`,
    });
    this.compareWithDeployed(props.deployedTemplate);
  }

  /**
   * Lets a reader query and scan the indexes that there are in this phase, and no other; while
   * both are there, both, so that readers can move there and back without another deployment.
   */
  grantReadIndex(grantee: IGrantable): Grant {
    this.table.encryptionKey?.grant(grantee, "kms:Decrypt", "kms:DescribeKey");
    return Grant.addToPrincipal({
      grantee,
      actions: ["dynamodb:Query", "dynamodb:Scan"],
      resourceArns: this.indexNames.map((name) => `${this.table.tableArn}/index/${name}`),
      scope: this,
    });
  }

  private checkProps(props: DualIndexTableProps<T>): string[] {
    const { index, addAttributes } = props;
    const texts = [this.oldIndexName, this.newIndexName, ...addAttributes];
    if (Token.isUnresolved(addAttributes) || texts.some((text) => Token.isUnresolved(text))) {
      return ["the names of indexes and attributes must be plain text, known at synthesis"];
    }
    if (Stack.of(this.table) !== Stack.of(this)) {
      return ["it must be in the stack of its table, with which its index is deployed"];
    }
    return [
      ...checkName(this.oldIndexName),
      ...checkName(this.newIndexName),
      ...this.checkNewName(),
      ...checkProjection(index, addAttributes),
      ...checkAttributes(this.newIndexName, newAttributes(index, addAttributes)),
      ...this.checkReaders(),
    ];
  }

  private checkNewName(): string[] {
    return this.newIndexName !== this.oldIndexName
      ? []
      : [
          `the new index has the name of the old one, ${this.oldIndexName}: an index cannot be ` +
            "changed under its name, the new one needs another",
        ];
  }

  private checkReaders(): string[] {
    return this.indexNames.includes(this.readIndexName)
      ? []
      : [
          `readers would use the index ${this.readIndexName}, which is not there in the phase ` +
            `'${this.phase}'; there is ${this.indexNames.join(" and ")}`,
        ];
  }

  private newIndex({ index, addAttributes, newIndexSettings }: DualIndexTableProps<T>) {
    return {
      ...index,
      ...newIndexSettings,
      indexName: this.newIndexName,
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: newAttributes(index, addAttributes),
    };
  }

  private addIndex(index: IndexProps<T>): void {
    try {
      // The kind of the index goes with that of the table, which a call on a union cannot say.
      const { table }: { table: { addGlobalSecondaryIndex(index: unknown): void } } = this;
      table.addGlobalSecondaryIndex(index);
    } catch (error) {
      throw new Error(
        `${this.node.path}: the table does not take the index ${index.indexName}: ` +
          `${(error as Error).message}. (An index that this construct holds must not be given to ` +
          "the table as well.)",
      );
    }
  }

  /** At the end of synthesis, when the table has all its indexes. */
  private compareWithDeployed(property: string | undefined): void {
    const location: unknown = property ?? this.node.tryGetContext(DEPLOYED_TEMPLATE_CONTEXT);
    if (location !== undefined && typeof location !== "string") {
      throw new Error(`${this.node.path}: ${DEPLOYED_TEMPLATE_CONTEXT} must be a path`);
    }
    if (location === undefined) {
      Annotations.of(this).addWarningV2(
        "dual-index-table:not-compared",
        "Not compared with what is deployed, so two index changes in one deployment, or a changed " +
          "projection, would be found by CloudFormation only. Give the template of the last " +
          `deployment as deployedTemplate, or with -c ${DEPLOYED_TEMPLATE_CONTEXT}=PATH`,
      );
    }
    this.node.addValidation({
      validate: () => {
        const wanted = this.wantedTable();
        const wrong = checkTotals(wanted.indexes, wanted.localIndexes);
        return location === undefined ? wrong : [...wrong, ...this.checkSteps(location, wanted)];
      },
    });
  }

  private wantedTable(): TableDefinition {
    const resource = this.table.node.defaultChild as CfnResource;
    // As it goes into the template, overrides included.
    const { Resources } = Stack.of(this).resolve(resource._toCloudFormation());
    const { Type, Properties } = Resources[this.logicalId(resource)];
    return tableFromTemplate(Type, Properties);
  }

  private checkSteps(location: string, wanted: TableDefinition): string[] {
    let template: DeployedTemplate;
    try {
      template = DeployedTemplate.read(location, Stack.of(this).templateFile);
    } catch (error) {
      return [(error as Error).message];
    }
    const id = this.logicalId(this.table.node.defaultChild as CfnResource);
    const deployed = template.table(id);
    if (deployed === undefined) {
      return []; // A new table may have any indexes.
    }
    const wrong = checkUpdate(deployed, wanted);
    if (missingFrom(deployed, wanted).includes(this.readIndexName)) {
      wrong.push(
        `readers would move to the index ${this.readIndexName} in the deployment that creates it: ` +
          "they would be refused until it is built. Deploy the index alone, wait until it is " +
          "ACTIVE, then move the readers",
      );
    }
    const read = template.output(this.logicalId(this.output));
    if (read !== undefined && missingFrom(wanted, deployed).includes(read)) {
      wrong.push(
        `readers use the index ${read} as deployed, and this deployment would delete it. Move ` +
          "them in a deployment of their own, and wait until nobody reads it any more",
      );
    }
    return wrong;
  }

  private logicalId(element: CfnResource | CfnOutput): string {
    return Stack.of(this).resolve(element.logicalId);
  }
}

function checkProjection(
  index: GlobalSecondaryIndexProps | GlobalSecondaryIndexPropsV2,
  addAttributes: readonly string[],
): string[] {
  const { indexName, nonKeyAttributes } = index;
  const projection = index.projectionType ?? ProjectionType.ALL; // as addGlobalSecondaryIndex does
  const wrong: string[] = [];
  if (projection === ProjectionType.ALL) {
    wrong.push(`the index ${indexName} projects ALL attributes: there is none to add`);
  }
  if (projection === ProjectionType.INCLUDE && !nonKeyAttributes?.length) {
    wrong.push(`the index ${indexName} projects INCLUDE, but names no nonKeyAttributes`);
  }
  if (projection !== ProjectionType.INCLUDE && nonKeyAttributes !== undefined) {
    wrong.push(`the index ${indexName} projects ${projection}, which takes no nonKeyAttributes`);
  }
  if (addAttributes.length === 0) {
    wrong.push("addAttributes names no attribute, so there is nothing to migrate");
  }
  for (const attribute of addAttributes) {
    if (nonKeyAttributes?.includes(attribute)) {
      wrong.push(`the index ${indexName} projects ${attribute} already; it cannot be added`);
    }
  }
  return wrong;
}

function newAttributes(
  index: GlobalSecondaryIndexProps | GlobalSecondaryIndexPropsV2,
  addAttributes: readonly string[],
): string[] {
  return [...(index.nonKeyAttributes ?? []), ...addAttributes];
}
