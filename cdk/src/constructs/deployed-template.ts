/**
 * What is deployed, as CloudFormation sees it: the template of the last deployment. The wanted
 * state of a table is compared with it as CloudFormation does, so that what it would refuse in the
 * middle of a deployment is refused by `cdk synth`.
 */

import * as fs from "node:fs";
import * as path from "node:path";

import { describe, IndexDefinition, isSameDefinition } from "./index-definition";

/** The context key for the path of the deployed template, where no property gives it. */
export const DEPLOYED_TEMPLATE_CONTEXT = "dual-index-table:deployed-template";

/** A table as it is in a template. */
export interface TableDefinition {
  /** AWS::DynamoDB::Table or AWS::DynamoDB::GlobalTable. */
  readonly type: string;
  /** Undefined where CloudFormation makes a name. */
  readonly name: string | undefined;
  readonly keys: readonly string[];
  /** The types of the attributes in the keys of the table and its indexes. */
  readonly types: ReadonlyMap<string, string>;
  readonly indexes: readonly IndexDefinition[];
  readonly localIndexes: readonly IndexDefinition[];
}

interface Template {
  readonly Resources?: Record<string, { Type?: unknown; Properties?: Record<string, unknown> }>;
  readonly Outputs?: Record<string, { Value?: unknown }>;
}

/** The template of the last deployment of a stack. */
export class DeployedTemplate {
  /**
   * @param location a JSON file, or a folder that holds it, as an earlier cdk.out does
   * @param fileName the name of the file in that folder
   */
  static read(location: string, fileName: string): DeployedTemplate {
    const isFolder = fs.statSync(location, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const file = isFolder ? path.join(location, fileName) : location;
    let text: string;
    try {
      text = fs.readFileSync(file, "utf8");
    } catch (error) {
      throw new Error(
        `the deployed template ${file} cannot be read (${(error as Error).message}). Get it with ` +
          "`aws cloudformation get-template --stack-name NAME --query TemplateBody`; for a stack " +
          "that is not deployed yet, write {} in it",
      );
    }
    return new DeployedTemplate(file, parse(file, text));
  }

  private constructor(
    readonly file: string,
    private readonly template: Template,
  ) {}

  /** Undefined where the stack, or the table in it, is not deployed yet. */
  table(logicalId: string): TableDefinition | undefined {
    const resource = this.template.Resources?.[logicalId];
    return resource && tableFromTemplate(String(resource.Type), resource.Properties ?? {});
  }

  /** The value of an output; undefined where there is none, or none that is plain text. */
  output(logicalId: string): string | undefined {
    const value = this.template.Outputs?.[logicalId]?.Value;
    return typeof value === "string" ? value : undefined;
  }
}

function parse(file: string, text: string): Template {
  let template: unknown;
  try {
    template = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `the deployed template ${file} is not JSON (${(error as Error).message}). Stacks with the ` +
        "legacy or the bootstrapless synthesizer are deployed in YAML: keep the cdk.out of their " +
        "last deployment instead, and give that folder",
    );
  }
  if (typeof template !== "object" || template === null || Array.isArray(template)) {
    throw new Error(`the deployed template ${file} is not a template: no JSON object`);
  }
  return template as Template;
}

/** From the properties of a resource, with CloudFormation's names. */
export function tableFromTemplate(
  type: string,
  properties: Record<string, unknown>,
): TableDefinition {
  return {
    type,
    name: properties.TableName === undefined ? undefined : text(properties.TableName),
    keys: keysOf(properties),
    types: new Map(
      objects(properties.AttributeDefinitions).map(({ AttributeName, AttributeType }) => {
        return [text(AttributeName), text(AttributeType)];
      }),
    ),
    indexes: indexesOf(properties.GlobalSecondaryIndexes),
    localIndexes: indexesOf(properties.LocalSecondaryIndexes),
  };
}

function indexesOf(list: unknown): IndexDefinition[] {
  return objects(list).map((index) => {
    const projection = (index.Projection ?? {}) as Record<string, unknown>;
    const attributes = projection.NonKeyAttributes;
    return {
      name: text(index.IndexName),
      keys: keysOf(index),
      projection: text(projection.ProjectionType ?? ""),
      attributes: Array.isArray(attributes) ? attributes.map(text) : [],
    };
  });
}

function keysOf(owner: Record<string, unknown>): string[] {
  return objects(owner.KeySchema).map(
    ({ AttributeName, KeyType }) => `${text(AttributeName)} ${text(KeyType)}`,
  );
}

function objects(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? (list as Record<string, unknown>[]) : [];
}

/** What is not plain text, as a Ref, is equal to what is written just the same. */
function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What CloudFormation would refuse, or replace the table for, on its way between the two. */
export function checkUpdate(deployed: TableDefinition, wanted: TableDefinition): string[] {
  return [...checkReplacement(deployed, wanted), ...checkIndexes(deployed, wanted)];
}

function checkReplacement(deployed: TableDefinition, wanted: TableDefinition): string[] {
  const changes: [string, string, string][] = [
    ["resource type", deployed.type, wanted.type],
    ["table name", deployed.name ?? "(generated)", wanted.name ?? "(generated)"],
    ["key", deployed.keys.join(", "), wanted.keys.join(", ")],
  ];
  for (const [attribute, type] of deployed.types) {
    changes.push([`attribute ${attribute}`, type, wanted.types.get(attribute) ?? type]);
  }
  return changes
    .filter(([, before, after]) => before !== after)
    .map(
      ([what, before, after]) =>
        `the table's ${what} changes from ${before} to ${after}: CloudFormation would make a ` +
        "new, empty table in its place",
    );
}

function checkIndexes(deployed: TableDefinition, wanted: TableDefinition): string[] {
  const wrong: string[] = [];
  for (const after of wanted.indexes) {
    const before = deployed.indexes.find(({ name }) => name === after.name);
    if (before && !isSameDefinition(before, after)) {
      wrong.push(
        `the index ${after.name} is deployed as (${describe(before)}) and would become ` +
          `(${describe(after)}): an index cannot be changed under its name. Leave it as it is ` +
          "deployed, and put what is new in addAttributes, for an index with another name",
      );
    }
  }
  const created = missingFrom(deployed, wanted).map((name) => `create ${name}`);
  const deleted = missingFrom(wanted, deployed).map((name) => `delete ${name}`);
  const changes = [...created, ...deleted];
  if (changes.length > 1) {
    wrong.push(
      `this deployment would ${changes.join(" and ")}: CloudFormation takes one index created or ` +
        "deleted in a deployment. Deploy them one after the other, each when the one before is " +
        "ACTIVE or gone",
    );
  }
  return wrong;
}

/** Names of indexes that `other` has and `table` does not. */
export function missingFrom(table: TableDefinition, other: TableDefinition): string[] {
  const names = new Set(table.indexes.map(({ name }) => name));
  return other.indexes.map(({ name }) => name).filter((name) => !names.has(name));
}
