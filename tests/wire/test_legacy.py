"""The parameters that were there before expressions, through boto3."""

import decimal

import pytest
from boto3.dynamodb.conditions import Attr, Key

D = decimal.Decimal
FAILED = "ConditionalCheckFailedException"


def compare(operator, *values):
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}


ITEMS = [
    {"pk": "a", "sk": D(1), "colour": "red", "size": D("1.5"), "tags": {"old", "small"}},
    {"pk": "a", "sk": D(2), "colour": "green", "size": D(20), "tags": {"new"}},
    {"pk": "a", "sk": D(3), "colour": "grey", "note": ""},
    {"pk": "b", "sk": D(1), "colour": "red", "flag": True, "parts": ["x", D(7)]},
]


@pytest.fixture(scope="module")
def filled(make_shared_table):
    table = make_shared_table(
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                              {"AttributeName": "sk", "AttributeType": "N"}])
    for item in ITEMS:
        table.put_item(Item=item)
    return table


def keys(reply):
    return sorted((item["pk"], int(item["sk"])) for item in reply["Items"])


# --- Expected ---------------------------------------------------------------------------------


def test_a_write_happens_when_the_expected_is_found(make_table, refused):
    table = make_table()
    table.put_item(Item={"pk": "k", "version": 1}, Expected={"pk": {"Exists": False}})
    with refused(FAILED, "The conditional request failed"):
        table.put_item(Item={"pk": "k", "version": 1}, Expected={"pk": {"Exists": False}})
    table.put_item(Item={"pk": "k", "version": 2}, Expected={"version": {"Value": 1}})
    with refused(FAILED, "The conditional request failed"):
        table.put_item(Item={"pk": "k", "version": 3}, Expected={"version": {"Value": 1}})
    with refused(FAILED, "The conditional request failed"):
        table.delete_item(Key={"pk": "k"}, Expected={"version": compare("GT", 2)})
    both = {"version": compare("GE", 2), "owner": compare("NOT_NULL")}
    with refused(FAILED, "The conditional request failed"):
        table.delete_item(Key={"pk": "k"}, Expected=both)
    reply = table.delete_item(Key={"pk": "k"}, Expected=both, ConditionalOperator="OR",
                              ReturnValues="ALL_OLD")
    assert reply["Attributes"] == {"pk": "k", "version": 2}


def test_attributes_are_updated_one_by_one(make_table, refused):
    table = make_table()
    key = {"pk": "k"}
    table.update_item(Key=key, AttributeUpdates={
        "colour": {"Value": "red", "Action": "PUT"},
        "count": {"Value": 1, "Action": "ADD"},
        "tags": {"Value": {"a", "b"}, "Action": "ADD"},
        "parts": {"Value": ["x"], "Action": "ADD"}})
    reply = table.update_item(Key=key, ReturnValues="ALL_NEW", Expected={"count": {"Value": 1}},
                              AttributeUpdates={
                                  "colour": {"Action": "DELETE"},
                                  "count": {"Value": 2, "Action": "ADD"},
                                  "tags": {"Value": {"a"}, "Action": "DELETE"},
                                  "parts": {"Value": ["x", 7], "Action": "ADD"},
                                  "note": {"Value": ""}})
    assert reply["Attributes"] == {"pk": "k", "count": 3, "tags": {"b"}, "note": "",
                                   "parts": ["x", "x", 7]}
    with refused(FAILED, "The conditional request failed"):
        table.update_item(Key=key, Expected={"count": compare("LT", 3)},
                          AttributeUpdates={"count": {"Value": 1, "Action": "ADD"}})
    with refused("ValidationException", "One or more parameter values were invalid: "
                 "Only DELETE action is allowed when no attribute value is specified"):
        table.update_item(Key=key, AttributeUpdates={"count": {"Action": "PUT"}})


# --- Query and Scan ---------------------------------------------------------------------------


@pytest.mark.parametrize("condition, expected", [
    (None, [1, 2, 3]),
    (compare("EQ", 2), [2]),
    (compare("LT", 2), [1]),
    (compare("LE", 2), [1, 2]),
    (compare("GT", 2), [3]),
    (compare("GE", 2), [2, 3]),
    (compare("BETWEEN", 2, 9), [2, 3]),
])
def test_key_conditions_choose_a_range(filled, condition, expected):
    conditions = {"pk": compare("EQ", "a")}
    if condition is not None:
        conditions["sk"] = condition
    reply = filled.query(KeyConditions=conditions)
    assert [int(item["sk"]) for item in reply["Items"]] == expected


FILTERS = [
    ({"colour": compare("EQ", "red")}, [("a", 1), ("b", 1)]),
    ({"colour": compare("NE", "red")}, [("a", 2), ("a", 3)]),
    ({"size": compare("NE", D(20))}, [("a", 1), ("a", 3), ("b", 1)]),
    ({"size": compare("LT", D(3))}, [("a", 1)]),
    ({"colour": compare("BEGINS_WITH", "gre")}, [("a", 2), ("a", 3)]),
    ({"colour": compare("IN", "grey", "blue")}, [("a", 3)]),
    ({"colour": compare("BETWEEN", "green", "grey")}, [("a", 2), ("a", 3)]),
    ({"tags": compare("CONTAINS", "old")}, [("a", 1)]),
    ({"tags": compare("NOT_CONTAINS", "old")}, [("a", 2)]),
    ({"parts": compare("CONTAINS", D(7))}, [("b", 1)]),
    ({"tags": compare("EQ", {"small", "old"})}, [("a", 1)]),
    ({"flag": compare("EQ", True)}, [("b", 1)]),
    ({"note": compare("EQ", "")}, [("a", 3)]),
    ({"note": compare("NULL")}, [("a", 1), ("a", 2), ("b", 1)]),
    ({"size": compare("NOT_NULL"), "colour": compare("EQ", "red")}, [("a", 1)]),
]


@pytest.mark.parametrize("conditions, expected", FILTERS)
def test_filters_keep_what_they_say(filled, conditions, expected):
    assert keys(filled.scan(ScanFilter=conditions)) == expected
    reply = filled.query(KeyConditions={"pk": compare("EQ", "a")}, QueryFilter=conditions)
    assert keys(reply) == [key for key in expected if key[0] == "a"]


def test_conditions_are_joined_by_the_conditional_operator(filled):
    conditions = {"size": compare("GT", 10), "flag": compare("NOT_NULL")}
    assert keys(filled.scan(ScanFilter=conditions)) == []
    assert keys(filled.scan(ScanFilter=conditions, ConditionalOperator="AND")) == []
    reply = filled.scan(ScanFilter=conditions, ConditionalOperator="OR")
    assert keys(reply) == [("a", 2), ("b", 1)]


def test_key_conditions_go_with_other_expressions(filled):
    reply = filled.query(KeyConditions={"pk": compare("EQ", "a")},
                         FilterExpression=Attr("colour").eq("green"), ProjectionExpression="sk")
    assert reply["Items"] == [{"sk": 2}]


def test_attributes_to_get_are_all_that_comes(client, filled):
    key = {"pk": "a", "sk": 1}
    names = ["colour", "nothing"]
    assert filled.get_item(Key=key, AttributesToGet=names)["Item"] == {"colour": "red"}
    reply = filled.query(KeyConditions={"pk": compare("EQ", "a")}, AttributesToGet=names, Limit=1)
    assert reply["Items"] == [{"colour": "red"}] and reply["LastEvaluatedKey"] == key
    assert all(set(item) <= set(names) for item in filled.scan(AttributesToGet=names)["Items"])
    reply = client.batch_get_item(RequestItems={filled.name: {
        "Keys": [{"pk": {"S": "a"}, "sk": {"N": "1"}}], "AttributesToGet": names}})
    assert reply["Responses"] == {filled.name: [{"colour": {"S": "red"}}]}


# --- refusals ---------------------------------------------------------------------------------


def test_both_kinds_at_once_are_refused(filled, refused):
    with refused("ValidationException",
                 "Can not use both expression and non-expression parameters in the same request: "
                 "Non-expression parameters: {AttributesToGet, ConditionalOperator} "
                 "Expression parameters: {FilterExpression, KeyConditionExpression}"):
        filled.query(KeyConditionExpression=Key("pk").eq("a"),
                     FilterExpression=Attr("colour").exists(), AttributesToGet=["sk"],
                     ConditionalOperator="AND")


@pytest.mark.parametrize("parameters, message", [
    ({"ConditionalOperator": "OR"},
     "ConditionalOperator cannot be used without Filter or Expected"),
    ({"ConditionalOperator": "OR", "ScanFilter": {"a": compare("NULL")}},
     "ConditionalOperator can only be used when Filter or Expected has two or more elements"),
    ({"ScanFilter": {"a": compare("EQ")}},
     "One or more parameter values were invalid: "
     "Invalid number of argument(s) for the EQ ComparisonOperator"),
    ({"ScanFilter": {"a": compare("CONTAINS", {"x"})}},
     "One or more parameter values were invalid: "
     "ComparisonOperator CONTAINS is not valid for SS AttributeValue type"),
    ({"AttributesToGet": ["a", "a"]},
     "One or more parameter values were invalid: Duplicate value in attribute name: a"),
])
def test_faults_are_told_in_the_services_words(filled, refused, parameters, message):
    with refused("ValidationException", message):
        filled.scan(**parameters)
