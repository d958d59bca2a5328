// The AWS SDK for JavaScript v3 against an endpoint: the client and the document client.
//
//     node --test sdk_javascript.mjs        WIRE_ENDPOINT: the server's URL; none: AWS itself
//
// test_sdk_javascript.py runs this with the tests of the other clients.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  LimitExceededException,
  ListTablesCommand,
  PutItemCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  TransactionCanceledException,
  UpdateTableCommand,
  paginateQuery,
  paginateScan,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
  paginateQuery as paginateDocuments,
} from "@aws-sdk/lib-dynamodb";
import { SmithyRpcV2CborProtocol } from "@smithy/core/cbor";

const endpoint = process.env.WIRE_ENDPOINT;
const newClient = () =>
  new DynamoDBClient(
    endpoint
      ? {
          endpoint,
          region: "us-east-1",
          maxAttempts: 1,
          credentials: { accessKeyId: "rehearsal", secretAccessKey: "rehearsal" },
        }
      : {},
  );
const client = newClient();
const documents = DynamoDBDocumentClient.from(client);
// Of a client of its own: document clients of one client share how they read numbers.
const exactly = (wrapNumbers) =>
  DynamoDBDocumentClient.from(newClient(), { unmarshallOptions: { wrapNumbers } });
const patience = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

const unique = () => `wire-${randomUUID()}`;

/** Rejects with an error of the class that says just this; returns it. */
async function refused(promise, errorClass, message) {
  const error = await promise.then(
    () => assert.fail(`accepted, but should be refused: ${message}`),
    (caught) => caught,
  );
  assert.ok(error instanceof errorClass, `${error.name}: ${error.message}`);
  assert.ok(error instanceof DynamoDBServiceException);
  assert.equal(error.message, message);
  assert.equal(error.$metadata.httpStatusCode, 400);
  assert.match(error.$metadata.requestId, /^[0-9A-Z]{52}$/);
  return error;
}

async function collect(pages, pick) {
  const found = [];
  for await (const page of pages) {
    found.push(...(page.Items ?? []).map(pick));
  }
  return found;
}

async function createTable(TableName) {
  return client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "N" },
      ],
    }),
  );
}

describe("tables", () => {
  test("are created, awaited, listed, deleted and awaited again", async () => {
    const TableName = unique();
    const created = await createTable(TableName);
    assert.equal(created.TableDescription.TableStatus, "CREATING");
    assert.ok(created.TableDescription.CreationDateTime instanceof Date);
    assert.equal((await waitUntilTableExists(patience, { TableName })).state, "SUCCESS");
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    assert.equal(Table.TableStatus, "ACTIVE");
    assert.equal(Table.WarmThroughput.Status, "ACTIVE");
    const { TableNames } = await client.send(
      new ListTablesCommand({ ExclusiveStartTableName: TableName.slice(0, -1), Limit: 1 }),
    );
    assert.deepEqual(TableNames, [TableName]);
    await refused(
      createTable(TableName),
      ResourceInUseException,
      `Table already exists: ${TableName}`,
    );
    await client.send(new DeleteTableCommand({ TableName }));
    assert.equal((await waitUntilTableNotExists(patience, { TableName })).state, "SUCCESS");
    await refused(
      client.send(new DescribeTableCommand({ TableName })),
      ResourceNotFoundException,
      `Requested resource not found: Table: ${TableName} not found`,
    );
  });
});

describe("settings of a table", () => {
  const TableName = unique();
  const describeTable = async () =>
    (await client.send(new DescribeTableCommand({ TableName }))).Table;

  async function update(members) {
    const { TableDescription } = await client.send(
      new UpdateTableCommand({ TableName, ...members }),
    );
    for (;;) {
      const table = await describeTable();
      const parts = [table, ...table.GlobalSecondaryIndexes];
      if (
        table.TableStatus === "ACTIVE" &&
        parts.every((part) => (part.IndexStatus ?? "ACTIVE") === "ACTIVE") &&
        parts.every((part) => part.WarmThroughput.Status === "ACTIVE")
      ) {
        return [TableDescription, table];
      }
      await sleep(50);
    }
  }

  test("come back as they were sent, and are changed", async () => {
    const OnDemandThroughput = { MaxReadRequestUnits: 50, MaxWriteRequestUnits: 60 };
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        AttributeDefinitions: [
          { AttributeName: "kind", AttributeType: "S" },
          { AttributeName: "pk", AttributeType: "S" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: "by-kind",
            KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }],
            Projection: { ProjectionType: "ALL" },
            WarmThroughput: { ReadUnitsPerSecond: 13000, WriteUnitsPerSecond: 5000 },
          },
        ],
        DeletionProtectionEnabled: true,
        OnDemandThroughput,
        WarmThroughput: { ReadUnitsPerSecond: 12001, WriteUnitsPerSecond: 4001 },
      }),
    );
    await waitUntilTableExists(patience, { TableName });
    const table = await describeTable();
    assert.deepEqual(table.OnDemandThroughput, OnDemandThroughput);
    assert.deepEqual(table.WarmThroughput, {
      ReadUnitsPerSecond: 12001,
      WriteUnitsPerSecond: 4001,
      Status: "ACTIVE",
    });
    assert.equal(table.GlobalSecondaryIndexes[0].WarmThroughput.ReadUnitsPerSecond, 13000);
    assert.equal(table.DeletionProtectionEnabled, true);

    let [reply, after] = await update({ OnDemandThroughput: { MaxReadRequestUnits: -1 } });
    assert.equal(reply.OnDemandThroughput.MaxReadRequestUnits, -1);
    [reply, after] = await update({ WarmThroughput: { WriteUnitsPerSecond: 6000 } });
    assert.equal(reply.WarmThroughput.Status, "UPDATING");
    assert.equal(after.WarmThroughput.WriteUnitsPerSecond, 6000);
    [reply, after] = await update({
      GlobalSecondaryIndexUpdates: [
        { Update: { IndexName: "by-kind", OnDemandThroughput: { MaxReadRequestUnits: 9 } } },
      ],
    });
    assert.equal(reply.GlobalSecondaryIndexes[0].IndexStatus, "UPDATING");
    assert.deepEqual(after.GlobalSecondaryIndexes[0].OnDemandThroughput, {
      MaxReadRequestUnits: 9,
    });
    if (!endpoint) {
      await sleep(15000); // AWS lets protection be changed again only then
    }
    await update({ DeletionProtectionEnabled: false });
    await client.send(new DeleteTableCommand({ TableName }));
  });
});

describe("items", () => {
  const TableName = unique();
  before(async () => {
    await createTable(TableName);
    await waitUntilTableExists(patience, { TableName });
  });
  after(() => client.send(new DeleteTableCommand({ TableName })));

  test("come back from the client as they were put", async () => {
    const Item = {
      pk: { S: "client" },
      sk: { N: "1" },
      text: { S: "Größe \u0000 \u{1f600}" },
      number: { N: "12345678901234567890123456789012345678" },
      binary: { B: Uint8Array.from({ length: 256 }, (_, byte) => byte) },
      flag: { BOOL: false },
      nothing: { NULL: true },
      list: { L: [{ S: "" }, { M: { deep: { L: [] } } }] },
      map: { M: { x: { N: "1" } } },
    };
    await client.send(new PutItemCommand({ TableName, Item }));
    const found = await client.send(
      new GetItemCommand({ TableName, Key: { pk: Item.pk, sk: Item.sk } }),
    );
    assert.deepEqual(found.Item, Item);
  });

  test("come back from the document client as what they were", async () => {
    const Item = {
      pk: "document",
      sk: -1.5,
      text: "ünï",
      big: 9007199254740993n, // one that a double cannot hold
      binary: Uint8Array.of(0, 255),
      texts: new Set(["a", "b"]),
      numbers: new Set([1, 2.5]),
      binaries: new Set([Uint8Array.of(1)]),
      list: [1, null, { deep: [true] }],
      empty: "",
    };
    await documents.send(new PutCommand({ TableName, Item }));
    const Key = { pk: Item.pk, sk: Item.sk };
    const { pk, sk, big, ...others } = Item;
    const names = Object.keys(others);
    const plain = await documents.send(
      new GetCommand({
        TableName,
        Key,
        ProjectionExpression: names.map((name) => `#${name}`).join(),
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      }),
    );
    assert.deepEqual(plain.Item, others); // without the number that would lose a digit
    const found = await exactly((text) => text).send(new GetCommand({ TableName, Key }));
    assert.equal(found.Item.big, "9007199254740993");
    assert.equal(found.Item.sk, "-1.5");
  });

  test("are updated in place, and answer with what was touched", async () => {
    const Key = { pk: "update", sk: 1 };
    const update = (more) => documents.send(new UpdateCommand({ TableName, Key, ...more }));
    const first = await update({
      UpdateExpression: "SET info = :info, visits = if_not_exists(visits, :zero) + :one ADD tags :tags",
      ExpressionAttributeValues: {
        ":info": { seen: [1, 2] },
        ":zero": 0,
        ":one": 1,
        ":tags": new Set(["b", "a"]),
      },
      ReturnValues: "ALL_NEW",
    });
    assert.deepEqual(first.Attributes, {
      ...Key,
      info: { seen: [1, 2] },
      visits: 1,
      tags: new Set(["a", "b"]),
    });
    const second = await update({
      UpdateExpression: "SET info.seen = list_append(info.seen, :more) DELETE tags :gone REMOVE visits",
      ConditionExpression: "visits = :one",
      ExpressionAttributeValues: { ":more": [3], ":gone": new Set(["a"]), ":one": 1 },
      ReturnValues: "UPDATED_NEW",
    });
    assert.deepEqual(second.Attributes, { info: { seen: [1, 2, 3] }, tags: new Set(["b"]) });
    await refused(
      update({
        UpdateExpression: "SET absent.part = :one",
        ExpressionAttributeValues: { ":one": 1 },
      }),
      DynamoDBServiceException,
      "The document path provided in the update expression is invalid for update",
    );
  });

  test("change in a transaction together or not at all", async () => {
    const key = (sk) => ({ pk: "transaction", sk });
    const write = (...TransactItems) => documents.send(new TransactWriteCommand({ TransactItems }));
    const read = async () =>
      (
        await documents.send(
          new TransactGetCommand({
            TransactItems: [1, 2].map((sk) => ({ Get: { TableName, Key: key(sk) } })),
          }),
        )
      ).Responses.map((response) => response.Item?.money);
    const pay = (sk, amount) => ({
      Update: {
        TableName,
        Key: key(sk),
        UpdateExpression: "ADD money :amount",
        ConditionExpression: "money >= :needed",
        ExpressionAttributeValues: { ":amount": amount, ":needed": -amount },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    });
    await write(
      { Put: { TableName, Item: { ...key(1), money: 10 } } },
      { Put: { TableName, Item: { ...key(2), money: 0 } } },
    );
    await write(pay(1, -4), pay(2, 4));
    assert.deepEqual(await read(), [6, 4]);
    const error = await refused(
      write(pay(1, -7), pay(2, 7)),
      TransactionCanceledException,
      "Transaction cancelled, please refer cancellation reasons for specific reasons " +
        "[ConditionalCheckFailed, None]",
    );
    assert.deepEqual(
      error.CancellationReasons.map((reason) => reason.Code),
      ["ConditionalCheckFailed", "None"],
    );
    assert.equal(error.CancellationReasons[0].Item.money.N ?? error.CancellationReasons[0].Item.money, "6");
    assert.deepEqual(await read(), [6, 4]);
  });

  test("hold numbers of 38 digits through NumberValue", async () => {
    const number = NumberValue.from("0.12345678901234567890123456789012345678");
    await documents.send(
      new PutCommand({ TableName, Item: { pk: "number", sk: 0, number } }),
    );
    const found = await exactly(true).send(
      new GetCommand({ TableName, Key: { pk: "number", sk: 0 } }),
    );
    assert.equal(found.Item.number.toString(), number.toString());
  });

  test("are written only if their condition holds, and else shown", async () => {
    const Item = { pk: "condition", sk: 1, owner: "ann" };
    await documents.send(new PutCommand({ TableName, Item }));
    const put = {
      TableName,
      Item: { ...Item, owner: "bob" },
      ConditionExpression: "attribute_not_exists(pk)",
    };
    const shown = await refused(
      client.send(
        new PutItemCommand({
          ...put,
          Item: { pk: { S: "condition" }, sk: { N: "1" } },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      ),
      ConditionalCheckFailedException,
      "The conditional request failed",
    );
    assert.deepEqual(shown.Item, { pk: { S: "condition" }, sk: { N: "1" }, owner: { S: "ann" } });
    const unshown = await refused(
      documents.send(new PutCommand(put)),
      ConditionalCheckFailedException,
      "The conditional request failed",
    );
    assert.equal(unshown.Item, undefined);
    const deleted = await documents.send(
      new DeleteCommand({
        TableName,
        Key: { pk: "condition", sk: 1 },
        ConditionExpression: "#o = :ann",
        ExpressionAttributeNames: { "#o": "owner" },
        ExpressionAttributeValues: { ":ann": "ann" },
        ReturnValues: "ALL_OLD",
      }),
    );
    assert.deepEqual(deleted.Attributes, Item);
  });

  test("are written in batches and read page by page", async () => {
    const numbers = Array.from({ length: 50 }, (_, number) => number);
    const request = (sk) => ({ PutRequest: { Item: { pk: "batch", sk, half: sk / 2 } } });
    for (const from of [0, 25]) {
      const reply = await documents.send(
        new BatchWriteCommand({
          RequestItems: { [TableName]: numbers.slice(from, from + 25).map(request) },
        }),
      );
      assert.deepEqual(reply.UnprocessedItems, {});
    }
    const queried = await collect(
      paginateDocuments(
        { client: documents, pageSize: 7 },
        {
          TableName,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": "batch" },
          ScanIndexForward: false,
        },
      ),
      (item) => item.sk,
    );
    assert.deepEqual(queried, [...numbers].reverse());

    const raw = await collect(
      paginateQuery(
        { client, pageSize: 50 },
        {
          TableName,
          KeyConditionExpression: "pk = :pk AND sk BETWEEN :low AND :high",
          ExpressionAttributeValues: {
            ":pk": { S: "batch" },
            ":low": { N: "10" },
            ":high": { N: "12" },
          },
        },
      ),
      (item) => item.half.N,
    );
    assert.deepEqual(raw, ["5", "5.5", "6"]);

    const scanned = await collect(
      paginateScan(
        { client, pageSize: 9 },
        {
          TableName,
          FilterExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": { S: "batch" } },
        },
      ),
      (item) => Number(item.sk.N),
    );
    assert.deepEqual(
      scanned.sort((left, right) => left - right),
      numbers,
    );

    const got = await documents.send(
      new BatchGetCommand({
        RequestItems: { [TableName]: { Keys: [{ pk: "batch", sk: 3 }, { pk: "batch", sk: -3 }] } },
      }),
    );
    assert.deepEqual(got.Responses, { [TableName]: [{ pk: "batch", sk: 3, half: 1.5 }] });
    assert.deepEqual(got.UnprocessedKeys, {});
  });

  test("are refused in the service's words", async () => {
    const error = await refused(
      documents.send(new PutCommand({ TableName, Item: { pk: "a" } })),
      DynamoDBServiceException,
      "One or more parameter values were invalid: Missing the key sk in the item",
    );
    assert.equal(error.name, "ValidationException");
    const twice = { PutRequest: { Item: { pk: { S: "twice" }, sk: { N: "1" } } } };
    await refused(
      client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [twice, twice] } })),
      DynamoDBServiceException,
      "Provided list of item keys contains duplicates",
    );
    await refused(
      documents.send(new GetCommand({ TableName: unique(), Key: { pk: "a", sk: 1 } })),
      ResourceNotFoundException,
      "Requested resource not found",
    );
  });
});

describe("an index", () => {
  const TableName = unique();
  const create = (IndexName) =>
    client.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: "kind", AttributeType: "S" }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName,
              KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }],
              Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["n"] },
            },
          },
        ],
      }),
    );
  const read = () =>
    documents.send(
      new QueryCommand({
        TableName,
        IndexName: "by-kind",
        KeyConditionExpression: "kind = :kind",
        ExpressionAttributeValues: { ":kind": "a" },
      }),
    );

  test("is created and watched until it is active", async () => {
    await createTable(TableName);
    await waitUntilTableExists(patience, { TableName });
    const item = { pk: "a", sk: 1, kind: "a", n: 5, left: "out" };
    await documents.send(new PutCommand({ TableName, Item: item }));

    let { TableDescription: table } = await create("by-kind");
    assert.equal(table.TableStatus, "UPDATING");
    assert.equal(table.GlobalSecondaryIndexes[0].IndexStatus, "CREATING");
    assert.equal(table.GlobalSecondaryIndexes[0].Backfilling, false);
    await refused(
      read(),
      DynamoDBServiceException,
      "Cannot read from backfilling global secondary index: by-kind",
    );
    await refused(
      create("second"),
      LimitExceededException,
      "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously " +
        "per table",
    );
    do {
      await sleep(20);
      table = (await client.send(new DescribeTableCommand({ TableName }))).Table;
    } while (table.GlobalSecondaryIndexes[0].IndexStatus !== "ACTIVE");
    assert.equal(table.GlobalSecondaryIndexes[0].Backfilling, undefined);
    assert.deepEqual((await read()).Items, [{ pk: "a", sk: 1, kind: "a", n: 5 }]);
    await client.send(new DeleteTableCommand({ TableName }));
  });
});

describe("CloudWatch", () => {
  const TableName = unique();
  const Dimensions = [{ Name: "TableName", Value: TableName }];
  const Metric = { Namespace: "AWS/DynamoDB", MetricName: "ConsumedWriteCapacityUnits" };
  const range = () => ({
    StartTime: new Date(Date.now() - 600_000),
    EndTime: new Date(Date.now() + 60_000),
  });
  const newCloudWatch = (more) =>
    new CloudWatchClient({
      endpoint,
      region: "us-east-1",
      maxAttempts: 1,
      credentials: { accessKeyId: "rehearsal", secretAccessKey: "rehearsal" },
      ...more,
    });

  const check = async (cloudwatch, contentType) => {
    cloudwatch.middlewareStack.add(
      (next) => async (args) => {
        assert.equal(args.request.headers["content-type"], contentType);
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const statistics = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        ...Metric, ...range(), Dimensions, Period: 3600, Statistics: ["Sum", "Maximum"],
      }),
    );
    assert.equal(statistics.Label, Metric.MetricName);
    assert.equal(statistics.Datapoints[0].Sum, 2);
    assert.equal(statistics.Datapoints[0].Maximum, 1);
    assert.ok(statistics.Datapoints[0].Timestamp instanceof Date);
    const data = await cloudwatch.send(
      new GetMetricDataCommand({
        ...range(),
        MetricDataQueries: [
          { Id: "m", MetricStat: { Metric: { ...Metric, Dimensions }, Period: 3600, Stat: "Sum" } },
        ],
      }),
    );
    assert.deepEqual(data.MetricDataResults[0].Values, [2]);
    assert.equal(data.MetricDataResults[0].StatusCode, "Complete");
    const { Metrics } = await cloudwatch.send(new ListMetricsCommand({ ...Metric, Dimensions }));
    assert.deepEqual(Metrics, [{ ...Metric, Dimensions }]);
    await assert.rejects(
      cloudwatch.send(
        new GetMetricStatisticsCommand({ ...Metric, ...range(), Period: 90, Statistics: ["Sum"] }),
      ),
      { name: "InvalidParameterValueException", message: /must be a multiple of 60/ },
    );
  };

  test("tells metrics in JSON", async () => {
    if (!endpoint) return;
    await createTable(TableName);
    await waitUntilTableExists(patience, { TableName });
    await documents.send(new PutCommand({ TableName, Item: { pk: "a", sk: 1 } }));
    await documents.send(new PutCommand({ TableName, Item: { pk: "a", sk: 2 } }));
    await check(newCloudWatch({}), "application/x-amz-json-1.0");
  });

  test("tells metrics in CBOR", async () => {
    if (!endpoint) return;
    const protocol = new SmithyRpcV2CborProtocol({ defaultNamespace: "com.amazonaws.cloudwatch" });
    await check(newCloudWatch({ protocol }), "application/cbor");
    await client.send(new DeleteTableCommand({ TableName }));
  });
});
