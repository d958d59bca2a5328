"""TransactWriteItems and TransactGetItems through boto3."""

import concurrent.futures
import decimal

import botocore.exceptions
import pytest

import serving


@pytest.fixture(scope="module")
def tables(make_shared_table):
    return make_shared_table(), make_shared_table()


@pytest.fixture
def table(tables):
    return tables[0]


@pytest.fixture
def prefix(table_name):
    return table_name


@pytest.fixture
def transact(table):
    """The resource's client, which takes Python values."""
    return table.meta.client


def put(table, key, **attributes):
    return {"Put": {"TableName": table.name, "Item": {"pk": key, **attributes}}}


def delete(table, key):
    return {"Delete": {"TableName": table.name, "Key": {"pk": key}}}


def check(table, key, condition):
    return {"ConditionCheck": {"TableName": table.name, "Key": {"pk": key},
                               "ConditionExpression": condition}}


def add(table, key, amount):
    return {"Update": {"TableName": table.name, "Key": {"pk": key},
                       "UpdateExpression": "ADD n :amount",
                       "ExpressionAttributeValues": {":amount": amount}}}


def get(table, key, **more):
    return {"Get": {"TableName": table.name, "Key": {"pk": key}, **more}}


def item(table, key):
    return table.get_item(Key={"pk": key}, ConsistentRead=True).get("Item")


def canceled(codes):
    return ("Transaction cancelled, please refer cancellation reasons for specific reasons "
            f"[{', '.join(codes)}]")


def test_all_actions_are_applied(transact, tables, prefix):
    left, right = tables
    left.put_item(Item={"pk": prefix + "old"})
    right.put_item(Item={"pk": prefix + "sum", "n": 3})
    reply = transact.transact_write_items(TransactItems=[
        put(left, prefix + "new", n=1), delete(left, prefix + "old"),
        check(left, prefix + "never", "attribute_not_exists(pk)"), add(right, prefix + "sum", 4),
    ], ReturnConsumedCapacity="TOTAL")
    assert [(told["TableName"], told["CapacityUnits"], told["WriteCapacityUnits"])
            for told in reply["ConsumedCapacity"]] == [(left.name, 6, 6), (right.name, 2, 2)]
    assert item(left, prefix + "new") == {"pk": prefix + "new", "n": 1}
    assert item(left, prefix + "old") is None
    assert item(right, prefix + "sum") == {"pk": prefix + "sum", "n": 7}


def test_or_none(transact, tables, prefix):
    left, right = tables
    left.put_item(Item={"pk": prefix + "there", "n": 1})
    failing = put(left, prefix + "there", n=2)
    failing["Put"].update(ConditionExpression="attribute_not_exists(pk)",
                          ReturnValuesOnConditionCheckFailure="ALL_OLD")
    with pytest.raises(transact.exceptions.TransactionCanceledException) as caught:
        transact.transact_write_items(TransactItems=[
            put(right, prefix), failing, delete(left, prefix + "never")])
    reply = caught.value.response
    codes = ["None", "ConditionalCheckFailed", "None"]
    assert reply["Error"]["Message"] == canceled(codes)
    assert [reason["Code"] for reason in reply["CancellationReasons"]] == codes
    reason = reply["CancellationReasons"][1]
    assert reason["Message"] == "The conditional request failed"
    assert reason["Item"] in ({"pk": prefix + "there", "n": 1},
                              {"pk": {"S": prefix + "there"}, "n": {"N": "1"}})
    assert item(left, prefix + "there")["n"] == 1 and item(right, prefix) is None


def test_one_action_an_item(transact, table, prefix, refused):
    with refused("ValidationException",
                 "Transaction request cannot include multiple operations on one item"):
        transact.transact_write_items(TransactItems=[
            put(table, prefix), check(table, prefix, "attribute_not_exists(pk)")])


def test_a_missing_table_refuses_it(transact, table, prefix, refused):
    class Missing:
        name = "no-such-table"

    with refused("ResourceNotFoundException", "Requested resource not found"):
        transact.transact_write_items(TransactItems=[put(table, prefix), put(Missing, prefix)])
    assert item(table, prefix) is None


def test_a_token_makes_it_happen_once(transact, table, prefix):
    request = {"TransactItems": [add(table, prefix, 1)], "ClientRequestToken": prefix}
    for _ in range(3):
        transact.transact_write_items(**request)
    assert item(table, prefix)["n"] == 1
    with pytest.raises(transact.exceptions.IdempotentParameterMismatchException):
        transact.transact_write_items(TransactItems=[add(table, prefix, 2)],
                                      ClientRequestToken=prefix)


def test_a_repetition_is_charged_as_a_read(transact, table, prefix):
    request = {"TransactItems": [put(table, prefix)], "ClientRequestToken": prefix,
               "ReturnConsumedCapacity": "TOTAL"}
    written = transact.transact_write_items(**request)["ConsumedCapacity"]
    read = transact.transact_write_items(**request)["ConsumedCapacity"]
    assert written == [{"TableName": table.name, "CapacityUnits": 2, "WriteCapacityUnits": 2}]
    assert read == [{"TableName": table.name, "CapacityUnits": 2, "ReadCapacityUnits": 2}]


def test_items_are_read_together(transact, tables, prefix):
    left, right = tables
    left.put_item(Item={"pk": prefix, "n": 1, "other": "left out"})
    right.put_item(Item={"pk": prefix, "n": 2})
    reply = transact.transact_get_items(TransactItems=[
        get(right, prefix), get(right, prefix + "missing"),
        get(left, prefix, ProjectionExpression="#n", ExpressionAttributeNames={"#n": "n"}),
    ], ReturnConsumedCapacity="TOTAL")
    assert reply["Responses"] == [{"Item": {"pk": prefix, "n": 2}}, {}, {"Item": {"n": 1}}]
    assert [(told["TableName"], told["CapacityUnits"]) for told in reply["ConsumedCapacity"]] == [
        (right.name, 4), (left.name, 2)]


def move(transact, table, source, target):
    """Moves one until nobody is in the way; SDKs leave that to their callers."""
    while True:
        try:
            transact.transact_write_items(TransactItems=[
                add(table, source, decimal.Decimal(-1)), add(table, target, decimal.Decimal(1))])
            return
        except botocore.exceptions.ClientError as error:
            reasons = error.response["CancellationReasons"]
            assert {reason["Code"] for reason in reasons} <= {"None", "TransactionConflict"}


@pytest.mark.parametrize("durable", [False, True], ids=["in memory", "durable"])
@pytest.mark.ours
def test_transfers_at_once_keep_the_sum(start_server, tmp_path, durable):
    server = start_server(*(["--data", tmp_path / "data"] if durable else ["--in-memory"]))
    resource = serving.connect(server.url, serving.boto3.resource)
    table = resource.create_table(
        TableName="accounts", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    serving.wait_until(lambda: table.reload() or table.table_status == "ACTIVE", 30)
    accounts = [f"account-{number}" for number in range(4)]
    for account in accounts:
        table.put_item(Item={"pk": account, "n": 100})
    pairs = [(accounts[i % 4], accounts[(i + 1 + i // 4 % 3) % 4]) for i in range(120)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda pair: move(table.meta.client, table, *pair), pairs))
    expected = {account: 100 - sum(pair[0] == account for pair in pairs)
                + sum(pair[1] == account for pair in pairs) for account in accounts}
    reply = table.meta.client.transact_get_items(
        TransactItems=[get(table, account) for account in accounts])
    assert {told["Item"]["pk"]: told["Item"]["n"] for told in reply["Responses"]} == expected
