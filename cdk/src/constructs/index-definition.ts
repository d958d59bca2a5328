/**
 * An index as CloudFormation compares it, and what DynamoDB allows an index to be. Pure functions:
 * what is wrong comes back as sentences, to be shown by whoever asked.
 */

/** Of the Amazon DynamoDB Developer Guide, "Service, account, and table quotas". */
export const MAX_INDEXES = 20;
export const MAX_ATTRIBUTES_OF_INDEX = 20;
export const MAX_ATTRIBUTES_OF_TABLE = 100;

const MIN_NAME = 3;
const MAX_NAME = 255;
const MAX_ATTRIBUTE_NAME_BYTES = 255;
const NAME_PATTERN = /^[a-zA-Z0-9_.-]+$/;

/** What cannot be changed under a name: everything else of an index is updated in place. */
export interface IndexDefinition {
  readonly name: string;
  /** Attributes of the key in their order, each with HASH or RANGE: "user_id HASH". */
  readonly keys: readonly string[];
  /** ALL, KEYS_ONLY or INCLUDE. */
  readonly projection: string;
  /** What INCLUDE names; empty for the other two. */
  readonly attributes: readonly string[];
}

/** NAME-v2, and after that -v3 and so on. */
export function nextIndexName(name: string): string {
  const numbered = /^(.*)-v([1-9]\d{0,8})$/.exec(name);
  return numbered ? `${numbered[1]}-v${Number(numbered[2]) + 1}` : `${name}-v2`;
}

export function checkName(name: string): string[] {
  if (name.length < MIN_NAME || name.length > MAX_NAME) {
    return [
      `the index name '${name}' has ${name.length} characters; ` +
        `DynamoDB takes ${MIN_NAME} to ${MAX_NAME}`,
    ];
  }
  if (!NAME_PATTERN.test(name)) {
    return [
      `the index name '${name}' has characters that DynamoDB does not take; ` +
        "letters, digits, '_', '-' and '.' are allowed",
    ];
  }
  return [];
}

/** What INCLUDE may name. */
export function checkAttributes(index: string, attributes: readonly string[]): string[] {
  const wrong: string[] = [];
  if (attributes.length > MAX_ATTRIBUTES_OF_INDEX) {
    wrong.push(
      `the index ${index} would name ${attributes.length} attributes beside its keys; ` +
        `DynamoDB takes ${MAX_ATTRIBUTES_OF_INDEX} at most. Leave out what no reader asks for, ` +
        "or project ALL with an index made by hand",
    );
  }
  for (const attribute of attributes) {
    const size = Buffer.byteLength(attribute, "utf8");
    if (size < 1 || size > MAX_ATTRIBUTE_NAME_BYTES) {
      wrong.push(
        `the index ${index} names an attribute of ${size} bytes, '${attribute.slice(0, 40)}'; ` +
          `DynamoDB takes names of 1 to ${MAX_ATTRIBUTE_NAME_BYTES} bytes`,
      );
    }
  }
  for (const attribute of repeated(attributes)) {
    wrong.push(`the index ${index} names the attribute ${attribute} twice`);
  }
  return wrong;
}

/** What DynamoDB holds against all indexes of a table together. */
export function checkTotals(
  indexes: readonly IndexDefinition[],
  localIndexes: readonly IndexDefinition[],
): string[] {
  const wrong: string[] = [];
  if (indexes.length > MAX_INDEXES) {
    wrong.push(
      `the table would have ${indexes.length} global secondary indexes; DynamoDB takes ` +
        `${MAX_INDEXES} at most, and while a migration goes on there is one more. ` +
        "Delete one that nobody reads, in a deployment of its own, first",
    );
  }
  // Counted as often as it is named: also the attributes that the old and the new index share.
  const named = [...indexes, ...localIndexes].reduce((sum, { attributes }) => {
    return sum + attributes.length;
  }, 0);
  if (named > MAX_ATTRIBUTES_OF_TABLE) {
    wrong.push(
      `the indexes of the table would name ${named} attributes, each counted as often as it is ` +
        `named; DynamoDB takes ${MAX_ATTRIBUTES_OF_TABLE} at most. Delete an index that nobody ` +
        "reads, in a deployment of its own, first",
    );
  }
  return wrong;
}

/** Same keys and projection; the order of projected attributes is no difference. */
export function isSameDefinition(one: IndexDefinition, other: IndexDefinition): boolean {
  const text = (index: IndexDefinition) =>
    JSON.stringify([index.keys, index.projection, [...index.attributes].sort()]);
  return text(one) === text(other);
}

/** "user_id HASH, status RANGE; INCLUDE severity, tool_name" */
export function describe(index: IndexDefinition): string {
  const attributes = [...index.attributes].sort().join(", ");
  return `${index.keys.join(", ")}; ${[index.projection, attributes].join(" ").trim()}`;
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, position) => names.indexOf(name) !== position))];
}
