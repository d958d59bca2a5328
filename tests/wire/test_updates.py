"""UpdateItem through boto3's resource and client layers."""

import decimal

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

D = decimal.Decimal
KEY = {"pk": "item", "sk": D(1)}


@pytest.fixture
def table(make_table):
    return make_table(
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                              {"AttributeName": "sk", "AttributeType": "N"}])


def test_an_update_makes_the_item_and_counts_on(table):
    for count in 1, 2, 3:
        answer = table.update_item(
            Key=KEY, UpdateExpression="ADD visits :one", ReturnValues="UPDATED_NEW",
            ExpressionAttributeValues={":one": 1})
        assert answer["Attributes"] == {"visits": D(count)}
    assert table.get_item(Key=KEY)["Item"] == KEY | {"visits": D(3)}


def test_all_operands_are_of_the_item_before(table):
    table.put_item(Item=KEY | {"a": 1, "b": 2})
    table.update_item(Key=KEY, UpdateExpression="SET a = b, b = a")
    assert table.get_item(Key=KEY)["Item"] == KEY | {"a": 2, "b": 1}


@pytest.mark.parametrize("wanted, expected", [
    ("NONE", None),
    ("ALL_OLD", KEY | {"list": [1, 2, 3], "kept": "k"}),
    ("UPDATED_OLD", {"list": [2]}),
    ("ALL_NEW", KEY | {"list": [1, 9, 3], "kept": "k"}),
    ("UPDATED_NEW", {"list": [9]}),
])
def test_the_reply_holds_what_was_asked_for(table, wanted, expected):
    table.put_item(Item=KEY | {"list": [1, 2, 3], "kept": "k"})
    answer = table.update_item(
        Key=KEY, UpdateExpression="SET #l[1] = :v", ReturnValues=wanted,
        ExpressionAttributeNames={"#l": "list"}, ExpressionAttributeValues={":v": 9})
    assert answer.get("Attributes") == expected


def test_a_condition_that_fails_changes_nothing(table):
    table.put_item(Item=KEY | {"state": "done"})
    with pytest.raises(ClientError) as refusal:
        table.update_item(
            Key=KEY, UpdateExpression="SET #s = :open", ConditionExpression=Attr("state").ne("done"),
            ExpressionAttributeNames={"#s": "state"}, ExpressionAttributeValues={":open": "open"})
    assert refusal.value.response["Error"] == {
        "Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}
    assert table.get_item(Key=KEY)["Item"]["state"] == "done"


@pytest.mark.parametrize("expression, values, message", [
    ("SET pk = :v", {":v": "x"},
     "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part "
     "of the key"),
    ("SET a = :v, a = :v", {":v": 1},
     "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite "
     "one of these paths; path one: [a], path two: [a]"),
    ("SET a.b = :v", {":v": 1},
     "The document path provided in the update expression is invalid for update"),
    ("SET a = b + :v", {":v": 1},
     "The provided expression refers to an attribute that does not exist in the item"),
])
def test_an_update_that_makes_no_sense_is_refused(table, expression, values, message):
    with pytest.raises(ClientError) as refusal:
        table.update_item(Key=KEY, UpdateExpression=expression, ExpressionAttributeValues=values)
    assert refusal.value.response["Error"] == {"Code": "ValidationException", "Message": message}
    assert "Item" not in table.get_item(Key=KEY)
