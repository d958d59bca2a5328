"""Refusals as clients see them: the name, the exact text, and what they look like on the wire."""

import pytest

SERVICE = "com.amazonaws.dynamodb.v20120810#"
PROTOCOL = "com.amazon.coral.service#"
VALIDATE = "com.amazon.coral.validate#"
PREFIX = "One or more parameter values were invalid: "
NOT_VALID = "One or more parameter values are not valid. "


@pytest.fixture(scope="module")
def table(make_shared_table):
    return make_shared_table(
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                              {"AttributeName": "sk", "AttributeType": "N"}])


# --- boto3's view -----------------------------------------------------------------------------


KEYS = [
    ({"pk": "a"}, PREFIX + "Missing the key sk in the item"),
    ({"sk": 1}, PREFIX + "Missing the key pk in the item"),
    ({"pk": 1, "sk": 1}, PREFIX + "Type mismatch for key pk expected: S actual: N"),
    ({"pk": "a", "sk": "1"}, PREFIX + "Type mismatch for key sk expected: N actual: S"),
    ({"pk": "a", "sk": None}, PREFIX + "Type mismatch for key sk expected: N actual: NULL"),
    ({"pk": "", "sk": 1},
     NOT_VALID + "The AttributeValue for a key attribute cannot contain an empty string value. "
     "Key: pk"),
    ({"pk": "x" * 2049, "sk": 1},
     PREFIX + "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
]


@pytest.mark.parametrize("item, message", KEYS)
def test_an_item_has_the_key_of_its_table(table, refused, item, message):
    with refused("ValidationException", message):
        table.put_item(Item=item)


@pytest.mark.parametrize("key", [
    {"pk": "a"}, {"pk": "a", "sk": "1"}, {"pk": "a", "sk": 1, "other": 1}, {"pk": "a", "k": 1}])
def test_a_key_is_exactly_the_key_of_its_table(table, refused, key):
    for call in table.get_item, table.delete_item:
        with refused("ValidationException", "The provided key element does not match the schema"):
            call(Key=key)


@pytest.mark.parametrize("expression, values, message", [
    ("", {}, "Invalid ConditionExpression: The expression can not be empty;"),
    ("pk = ", {},
     'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="'),
    ("pk = :a", {},
     "Invalid ConditionExpression: An expression attribute value used in expression is not "
     "defined; attribute value: :a"),
    ("#a = :a", {":a": 1},
     "Invalid ConditionExpression: An expression attribute name used in the document path is not "
     "defined; attribute name: #a"),
    ("attribute_exists(pk)", {":a": 1},
     "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}"),
    ("size = :a", {":a": 1},
     "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: size"),
    ("((pk = :a))", {":a": "a"},
     "Invalid ConditionExpression: The expression has redundant parentheses;"),
    ("begins(pk, :a)", {":a": "a"},
     "Invalid ConditionExpression: Invalid function name; function: begins"),
])
def test_a_condition_must_make_sense(table, refused, expression, values, message):
    with refused("ValidationException", message):
        table.put_item(Item={"pk": "a", "sk": 1}, ConditionExpression=expression,
                       **({"ExpressionAttributeValues": values} if values else {}))


def test_a_table_that_is_not_there(client, table_name, refused):
    key = {"pk": {"S": "a"}}
    for call in (lambda: client.get_item(TableName=table_name, Key=key),
                 lambda: client.put_item(TableName=table_name, Item=key),
                 lambda: client.delete_item(TableName=table_name, Key=key),
                 lambda: client.scan(TableName=table_name),
                 lambda: client.query(TableName=table_name, KeyConditionExpression="pk = :a",
                                      ExpressionAttributeValues={":a": {"S": "a"}}),
                 lambda: client.batch_get_item(RequestItems={table_name: {"Keys": [key]}})):
        with refused("ResourceNotFoundException", "Requested resource not found"):
            call()
    for call in client.describe_table, client.delete_table:
        with refused("ResourceNotFoundException",
                     f"Requested resource not found: Table: {table_name} not found"):
            call(TableName=table_name)


DEFINITIONS = [{"AttributeName": "a", "AttributeType": "S"},
               {"AttributeName": "b", "AttributeType": "S"}]
HASH_A = {"AttributeName": "a", "KeyType": "HASH"}
RANGE_B = {"AttributeName": "b", "KeyType": "RANGE"}
GSI = {"IndexName": "index", "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}],
       "Projection": {"ProjectionType": "ALL"}}

CREATIONS = [
    ({"KeySchema": [HASH_A]},
     PREFIX + "Number of attributes in KeySchema does not exactly match number of attributes "
     "defined in AttributeDefinitions"),
    ({"KeySchema": [HASH_A, {"AttributeName": "c", "KeyType": "RANGE"}]},
     PREFIX + "Some index key attributes are not defined in AttributeDefinitions. Keys: [a, c], "
     "AttributeDefinitions: [a, b]"),
    ({"KeySchema": [HASH_A, {"AttributeName": "a", "KeyType": "RANGE"}]},
     "Both the Hash Key and the Range Key element in the KeySchema have the same name"),
    ({"KeySchema": [RANGE_B, HASH_A]},
     "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    ({"BillingMode": "PROVISIONED"},
     PREFIX + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode "
     "is PROVISIONED"),
    ({"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
     PREFIX + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode "
     "is PAY_PER_REQUEST"),
    ({"GlobalSecondaryIndexes": []}, PREFIX + "List of GlobalSecondaryIndexes is empty"),
    ({"GlobalSecondaryIndexes": [GSI, GSI]}, PREFIX + "Duplicate index name: index"),
    ({"GlobalSecondaryIndexes": [{**GSI, "Projection": {
        "ProjectionType": "KEYS_ONLY", "NonKeyAttributes": ["x"]}}]},
     PREFIX + "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"),
    ({"LocalSecondaryIndexes": [{**GSI, "KeySchema": [HASH_A]}]},
     PREFIX + "Index KeySchema does not have a range key for index: index"),
    ({"GlobalSecondaryIndexes": [{**GSI, "IndexName": f"index-{number}"}
                                 for number in range(21)]},
     PREFIX + "GlobalSecondaryIndex count exceeds the per-table limit of 20"),
]


@pytest.mark.parametrize("change, message", CREATIONS)
def test_a_table_that_makes_no_sense_is_not_made(client, table_name, refused, change, message):
    parameters = {"KeySchema": [HASH_A, RANGE_B], "AttributeDefinitions": DEFINITIONS,
                  "BillingMode": "PAY_PER_REQUEST", **change}
    with refused("ValidationException", message):
        client.create_table(TableName=table_name, **parameters)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName=table_name)


@pytest.mark.parametrize("updates, message", [
    ([], "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
         "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "
         "ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, "
         "OnDemandThroughput, WarmThroughput or TableClass is required"),
    ([{}], PREFIX + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                    "GlobalSecondaryIndexUpdate.Delete must not be null"),
    ([{"Delete": {"IndexName": "one"}}, {"Delete": {"IndexName": "one"}}],
     PREFIX + "Only one global secondary index update per index is allowed simultaneously. "
     "Index: one"),
])
def test_an_update_says_what_to_change(client, table, refused, updates, message):
    with refused("ValidationException", message):
        client.update_table(TableName=table.name, GlobalSecondaryIndexUpdates=updates)


def test_an_index_that_is_not_there_is_not_deleted(client, table, refused):
    with refused("ResourceNotFoundException",
                 f"Requested resource not found: Index absent for table {table.name}"):
        client.update_table(TableName=table.name, GlobalSecondaryIndexUpdates=[
            {"Delete": {"IndexName": "absent"}}])


def test_an_error_has_an_id_and_boto3_its_class_for_it(client, table):
    with pytest.raises(client.exceptions.ResourceInUseException) as caught:
        client.create_table(TableName=table.name, KeySchema=[HASH_A],
                            AttributeDefinitions=DEFINITIONS[:1], BillingMode="PAY_PER_REQUEST")
    told = caught.value.response["ResponseMetadata"]
    assert told["HTTPStatusCode"] == 400 and len(told["RequestId"]) == 52
    assert told["RetryAttempts"] == 0


# --- the wire's view --------------------------------------------------------------------------


@pytest.mark.parametrize("operation, body, error_type, message", [
    ("GetItem", {"TableName": "absent", "Key": {"pk": {"S": "a"}}},
     SERVICE + "ResourceNotFoundException", "Requested resource not found"),
    ("DescribeTable", {}, VALIDATE + "ValidationException",
     "The parameter 'TableName' is required but was not present in the request"),
    ("CreateTable", {"TableName": "ab", "KeySchema": [HASH_A],
                     "AttributeDefinitions": DEFINITIONS[:1]}, VALIDATE + "ValidationException",
     "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member "
     "must have length greater than or equal to 3"),
    ("GetItem", {"TableName": "table"}, VALIDATE + "ValidationException",
     "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must "
     "not be null"),
    ("PutItem", {"TableName": "table", "Item": {"pk": {}}}, VALIDATE + "ValidationException",
     "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ("PutItem", {"TableName": "table", "Item": {"pk": {"S": "a", "N": "1"}}},
     VALIDATE + "ValidationException",
     "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
     "supported datatypes"),
])
def test_a_refusal_names_its_type_and_reason(raw_call, operation, body, error_type, message):
    assert raw_call(operation, body) == (400, {"__type": error_type, "message": message})


@pytest.mark.parametrize("body, message", [
    ({"TableName": 5}, "NUMBER_VALUE cannot be converted to String"),
    ({"TableName": True}, "TRUE_VALUE cannot be converted to String"),
    ({"TableName": "table", "Limit": "5"}, "STRING_VALUE cannot be converted to Integer"),
    ({"TableName": "table", "ExclusiveStartKey": "a"}, "Unexpected field type"),
])
def test_a_member_of_another_type_is_named_by_its_token(raw_call, body, message):
    assert raw_call("Scan", body) == (
        400, {"__type": PROTOCOL + "SerializationException", "Message": message})


@pytest.mark.parametrize("body", [b"", b"{", b"[1", b"not JSON", b'{"a":1}}', b'{"a":"\xff"}'])
def test_what_is_not_json_is_refused_without_a_word(raw_call, body):
    assert raw_call("Scan", body) == (400, {"__type": PROTOCOL + "SerializationException"})


@pytest.mark.parametrize("operation", ["Scam", "scan", "Scan ", ""])
def test_an_operation_that_is_none_is_refused_without_a_word(raw_call, operation):
    assert raw_call(operation, {}) == (400, {"__type": PROTOCOL + "UnknownOperationException"})


def test_members_that_nobody_knows_are_ignored(raw_call, table):
    body = {"TableName": table.name, "Item": {"pk": {"S": "unknown"}, "sk": {"N": "1"}},
            "Colour": "green", "returnValues": "ALL_NEW"}
    assert raw_call("PutItem", body) == (200, {})
