"""Items through boto3: what is put comes back, and writes happen only when they may."""

import concurrent.futures
import decimal

import pytest
from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.types import Binary

D = decimal.Decimal

EVERY_TYPE = {
    "text": "Größe",
    "number": D("-12.50"),
    "binary": Binary(bytes(range(256))),
    "yes": True,
    "no": False,
    "nothing": None,
    "texts": {"a", "b", "ab"},
    "numbers": {D("1"), D("-2.5"), D("1E+20")},
    "binaries": {Binary(b"\x00"), Binary(b"\xff\xfe")},
    "list": ["a", D(1), None, {"deep": [True, {"deeper": Binary(b"x")}]}, []],
    "map": {"empty": {}, "list": [[], {}], "set": {"s"}},
}

# Texts that an encoder or a C string gets wrong.
STRANGE_TEXTS = {
    "empty": "",
    "quotes": "\"'`\\\\/",
    "controls": "".join(map(chr, range(32))) + "\x7f",
    "zero in the middle": "a\0b",
    "zero at the end": "a\0",
    "line separators": "\u2028\u2029\u0085",
    "accent joined and apart": "\u00e9 e\u0301",
    "beyond the first plane": "\U0001f600\U0010ffff",
    "not a character": "\uffff\ufffe",
    "right to left": "\u05d0\u202e\u05d1",
    "JSON": '{"S":"a"}',
}


@pytest.fixture(scope="module")
def table(make_shared_table):
    return make_shared_table()


@pytest.fixture
def pk(request, table_name):
    """A partition key of the test's own in the table that all share."""
    return table_name


@pytest.fixture
def stored(table, pk):
    """stored(attribute, ...) puts an item with them and returns how it comes back."""
    def put_and_get(**attributes):
        table.put_item(Item={"pk": pk, **attributes})
        return table.get_item(Key={"pk": pk}, ConsistentRead=True)["Item"]

    return put_and_get


def test_every_type_comes_back_as_it_was_put(stored, pk):
    assert stored(**EVERY_TYPE) == {"pk": pk, **EVERY_TYPE}


@pytest.mark.parametrize("text", STRANGE_TEXTS.values(), ids=STRANGE_TEXTS.keys())
def test_any_text_is_a_value_and_a_name(stored, text):
    name = text or "a name is not empty"
    item = stored(text=text, inside={name: [text]}, **{name: 1})
    assert item["text"] == text
    assert item["inside"] == {name: [text]}
    assert item[name] == 1


@pytest.mark.parametrize("attributes", [{"": 1}, {"map": {"": 1}}], ids=["top", "nested"])
def test_a_name_is_not_empty(stored, refused, attributes):
    with refused("ValidationException", "Empty attribute name"):
        stored(**attributes)


def test_texts_that_look_alike_are_different_keys(table, pk):
    keys = [f"{pk}{end}" for end in ("", "\0", "\u00e9", "e\u0301", "E")]
    for key in keys:
        table.put_item(Item={"pk": key, "own": key})
    assert [table.get_item(Key={"pk": key})["Item"]["own"] for key in keys] == keys


@pytest.mark.parametrize("sent, kept", [
    ("0", "0"), ("-0", "0"), ("007", "7"), ("+5", "5"), ("1.50", "1.5"), ("1e2", "100"),
    ("1E-3", "0.001"), ("-.5", "-0.5"), ("12345678901234567890123456789012345678",) * 2,
    ("-0.00012345678901234567890123456789012345678",) * 2,
    ("1E-130", "0." + "0" * 129 + "1"), ("-9.9E+125", "-99" + "0" * 124),
    ("9" * 38 + "0" * 88,) * 2,
    ("1" + "0" * 60, "1" + "0" * 60), ("0." + "0" * 50 + "10", "0." + "0" * 50 + "1"),
])
def test_numbers_are_kept_exactly_and_in_their_plainest_form(client, table, pk, sent, kept):
    client.put_item(TableName=table.name, Item={"pk": {"S": pk}, "n": {"N": sent},
                                                "set": {"NS": [sent]}})
    item = client.get_item(TableName=table.name, Key={"pk": {"S": pk}})["Item"]
    assert item["n"] == {"N": kept} and item["set"] == {"NS": [kept]}


@pytest.mark.parametrize("number, message", [
    ("1" * 39, "Attempting to store more than 38 significant digits in a Number"),
    ("1E126", "Number overflow. Attempting to store a number with magnitude larger than "
              "supported range"),
    ("-1E-131", "Number underflow. Attempting to store a number with magnitude smaller than "
                "supported range"),
    ("abc", "The parameter cannot be converted to a numeric value: abc"),
    ("", "The parameter cannot be converted to a numeric value"),
    ("NaN", "The parameter cannot be converted to a numeric value: NaN"),
    ("0x10", "The parameter cannot be converted to a numeric value: 0x10"),
    ("1 ", "The parameter cannot be converted to a numeric value: 1 "),
])
def test_what_is_no_number_of_38_digits_is_refused(client, table, pk, refused, number, message):
    with refused("ValidationException", message):
        client.put_item(TableName=table.name, Item={"pk": {"S": pk}, "n": {"N": number}})


def test_numbers_that_are_equal_are_one_member_of_a_set(client, table, pk, refused):
    with refused("ValidationException", "Input collection contains duplicates"):
        client.put_item(TableName=table.name, Item={
            "pk": {"S": pk}, "set": {"NS": ["1", "1.0"]}})


@pytest.mark.parametrize("value, message", [
    ({"SS": []}, "One or more parameter values were invalid: An string set  may not be empty"),
    ({"NS": []}, "One or more parameter values were invalid: An number set  may not be empty"),
    ({"BS": []}, "One or more parameter values were invalid: Binary sets should not be empty"),
    ({"SS": ["a", "a"]},
     "One or more parameter values were invalid: Input collection [a, a] contains duplicates."),
    ({"NULL": False},
     "One or more parameter values were invalid: Null attribute value types must have the value "
     "of true"),
])
def test_values_that_are_none_are_refused(client, table, pk, refused, value, message):
    with refused("ValidationException", message):
        client.put_item(TableName=table.name, Item={"pk": {"S": pk}, "value": value})
    assert "Item" not in client.get_item(TableName=table.name, Key={"pk": {"S": pk}})


def test_empty_texts_and_bytes_are_values(stored):
    item = stored(text="", binary=b"", list=[""], members={"", "a"})
    assert item["text"] == "" and item["binary"] == Binary(b"")
    assert item["list"] == [""] and item["members"] == {"", "a"}


def nested(levels):
    value = "leaf"
    for _ in range(levels):
        value = [value]
    return value


def test_values_nest_32_levels_deep(stored, refused):
    assert stored(value=nested(31))["value"] == nested(31)
    with refused("ValidationException",
                 "Nesting Levels have exceeded supported limits: Attributes in the item have "
                 "nested levels beyond supported limit"):
        stored(value=nested(33))


def test_an_item_holds_409600_bytes_and_no_more(table, pk, stored, refused):
    room = 409600 - len("pk" + pk + "value")
    assert len(stored(value="x" * room)["value"]) == room
    with refused("ValidationException", "Item size has exceeded the maximum allowed size"):
        stored(value="x" * (room + 1))


# --- get, put, delete -------------------------------------------------------------------------


def test_nothing_is_found_where_nothing_is(table, pk):
    reply = table.get_item(Key={"pk": pk})
    assert "Item" not in reply


def test_a_put_replaces_the_whole_item(stored, pk):
    stored(first=1, both=1)
    assert stored(both=2) == {"pk": pk, "both": 2}


def test_old_values_are_returned_when_asked_for(table, pk):
    first = table.put_item(Item={"pk": pk, "n": 1}, ReturnValues="ALL_OLD")
    assert "Attributes" not in first
    second = table.put_item(Item={"pk": pk, "n": 2}, ReturnValues="ALL_OLD")
    assert second["Attributes"] == {"pk": pk, "n": 1}
    assert "Attributes" not in table.put_item(Item={"pk": pk, "n": 3})
    deleted = table.delete_item(Key={"pk": pk}, ReturnValues="ALL_OLD")
    assert deleted["Attributes"] == {"pk": pk, "n": 3}
    assert "Attributes" not in table.delete_item(Key={"pk": pk}, ReturnValues="ALL_OLD")


@pytest.mark.parametrize("values", ["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
def test_a_put_has_no_other_values_to_return(table, pk, refused, values):
    with refused("ValidationException", "ReturnValues can only be ALL_OLD or NONE"):
        table.put_item(Item={"pk": pk}, ReturnValues=values)


def test_what_is_deleted_is_gone_and_may_be_deleted_again(table, pk, stored):
    stored(n=1)
    table.delete_item(Key={"pk": pk})
    assert "Item" not in table.get_item(Key={"pk": pk})
    table.delete_item(Key={"pk": pk})


def test_only_the_paths_asked_for_are_returned(table, pk):
    table.put_item(Item={"pk": pk, "size": 3, "list": [10, 11, 12],
                         "map": {"a": {"b": 1, "c": 2}, "a.b": 3}})

    def get(expression, **names):
        return table.get_item(
            Key={"pk": pk}, ProjectionExpression=expression,
            **({"ExpressionAttributeNames": {f"#{name}": names[name] for name in names}}
               if names else {})).get("Item")

    assert get("pk") == {"pk": pk}
    assert get("#s, #m.a.b", s="size", m="map") == {"size": 3, "map": {"a": {"b": 1}}}
    assert get("#m.#dotted", m="map", dotted="a.b") == {"map": {"a.b": 3}}
    assert get("#l[2], #l[0]", l="list") == {"list": [10, 12]}
    assert get("absent, #l[7], #m.x.y", l="list", m="map") == {}


# --- conditions -------------------------------------------------------------------------------


ITEM = {"n": 5, "text": "house", "set": {"a", "b"}, "list": [1, {"deep": "x"}], "null": None,
        "binary": b"\x01\x02", "small": D("-1.5")}

HOLDS = {
    "equal": Attr("n").eq(5),
    "equal whatever the form": Attr("n").eq(D("5.0")),
    "not equal": Attr("n").ne("5"),
    "less": Attr("small").lt(-1),
    "at most": Attr("n").lte(5),
    "greater": Attr("text").gt("h"),
    "at least": Attr("binary").gte(b"\x01"),
    "between": Attr("n").between(5, 6),
    "in": Attr("text").is_in(["a", "house"]),
    "exists": Attr("null").exists(),
    "does not exist": Attr("other").not_exists(),
    "begins": Attr("text").begins_with("ho"),
    "text contains": Attr("text").contains("us"),
    "set contains": Attr("set").contains("b"),
    "list contains": Attr("list").contains(1),
    "size of a text": Attr("text").size().eq(5),
    "size of a set": Attr("set").size().gt(1),
    "type": Attr("set").attribute_type("SS"),
    "inside": Attr("list[1].deep").eq("x"),
    "and": Attr("n").eq(5) & Attr("text").exists(),
    "or": Attr("n").eq(6) | Attr("text").eq("house"),
    "not": ~Attr("n").eq(6),
    "precedence": Attr("n").eq(5) | Attr("n").eq(6) & Attr("n").eq(7),
}

FAILS = {
    "equal": Attr("n").eq(6),
    "other type": Attr("n").eq("5"),
    "type has no order": Attr("n").gt("4"),
    "missing is not equal to anything": Attr("other").eq(5),
    "missing has no order": Attr("other").lt(5),
    "between": Attr("n").between(6, 9),
    "in": Attr("text").is_in(["house "]),
    "exists": Attr("other").exists(),
    "does not exist": Attr("null").not_exists(),
    "begins": Attr("text").begins_with("ouse"),
    "contains": Attr("set").contains("ab"),
    "set of other type contains": Attr("set").contains(1),
    "size": Attr("text").size().lt(5),
    "size of a number": Attr("n").size().gte(0),
    "type": Attr("n").attribute_type("S"),
    "past the end": Attr("list[2]").exists(),
    "not": ~Attr("n").eq(5),
    "and": Attr("n").eq(5) & Attr("n").eq(6),
}


@pytest.mark.parametrize("condition", HOLDS.values(), ids=HOLDS.keys())
def test_a_write_happens_when_its_condition_holds(table, pk, stored, condition):
    stored(**ITEM)
    table.put_item(Item={"pk": pk, "new": True}, ConditionExpression=condition)
    assert table.get_item(Key={"pk": pk})["Item"] == {"pk": pk, "new": True}


@pytest.mark.parametrize("condition", FAILS.values(), ids=FAILS.keys())
def test_nothing_happens_when_it_does_not(table, pk, stored, refused, condition):
    before = stored(**ITEM)
    for write in (lambda: table.put_item(Item={"pk": pk}, ConditionExpression=condition),
                  lambda: table.delete_item(Key={"pk": pk}, ConditionExpression=condition)):
        with refused("ConditionalCheckFailedException", "The conditional request failed"):
            write()
    assert table.get_item(Key={"pk": pk})["Item"] == before


def test_an_item_is_made_only_once(table, pk):
    absent = Attr("pk").not_exists()
    table.put_item(Item={"pk": pk, "n": 1}, ConditionExpression=absent)
    with pytest.raises(table.meta.client.exceptions.ConditionalCheckFailedException):
        table.put_item(Item={"pk": pk, "n": 2}, ConditionExpression=absent)
    assert table.get_item(Key={"pk": pk})["Item"]["n"] == 1


@pytest.mark.parametrize("asked, item", [("ALL_OLD", True), ("NONE", False), (None, False)])
def test_a_failed_condition_shows_the_item_when_asked(table, raw_call, pk, stored, asked, item):
    stored(n=5)
    body = {"TableName": table.name, "Item": {"pk": {"S": pk}},
            "ConditionExpression": "attribute_not_exists(pk)"}
    if asked is not None:
        body["ReturnValuesOnConditionCheckFailure"] = asked
    status, reply = raw_call("PutItem", body)
    assert status == 400
    assert reply["__type"] == "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    assert reply.get("Item") == ({"pk": {"S": pk}, "n": {"N": "5"}} if item else None)


# --- consumed capacity ------------------------------------------------------------------------


def units(reply):
    return reply["ConsumedCapacity"]["CapacityUnits"]


@pytest.mark.parametrize("size, written, read", [
    (1, 1, 1), (1024, 1, 1), (1025, 2, 1), (4096, 4, 1), (4097, 5, 2), (10240, 10, 3)])
def test_capacity_follows_the_size_of_the_item(table, pk, size, written, read):
    padding = "x" * max(0, size - len("pk" + pk + "p"))
    total = {"ReturnConsumedCapacity": "TOTAL"}
    item = {"pk": pk, "p": padding}
    assert units(table.put_item(Item=item, **total)) == written
    assert units(table.get_item(Key={"pk": pk}, ConsistentRead=True, **total)) == read
    assert units(table.get_item(Key={"pk": pk}, **total)) == read / 2
    assert units(table.put_item(Item={"pk": pk}, **total)) == written  # the larger image counts
    assert units(table.delete_item(Key={"pk": pk}, **total)) == 1


def test_capacity_is_told_only_when_asked_for(table, pk):
    assert "ConsumedCapacity" not in table.put_item(Item={"pk": pk})
    assert "ConsumedCapacity" not in table.get_item(
        Key={"pk": pk}, ReturnConsumedCapacity="NONE")
    told = table.get_item(Key={"pk": pk}, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
    assert told == {"TableName": table.name, "CapacityUnits": 0.5}


@pytest.fixture(scope="module")
def indexed(make_shared_table):
    """A table with an index of everything and one of the keys."""
    key = [{"AttributeName": "kind", "KeyType": "HASH"}]
    return make_shared_table(
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"}
                              for name in ("pk", "kind")],
        GlobalSecondaryIndexes=[
            {"IndexName": "all", "KeySchema": key, "Projection": {"ProjectionType": "ALL"}},
            {"IndexName": "keys", "KeySchema": key, "Projection": {"ProjectionType": "KEYS_ONLY"}},
        ])


@pytest.mark.parametrize("old, new, table_units, index_units", [
    (None, {}, 1, {}),
    (None, {"kind": "a"}, 1, {"all": 1, "keys": 1}),
    ({"kind": "a"}, {"kind": "a"}, 1, {}),
    ({"kind": "a"}, {"kind": "a", "n": 1}, 1, {"all": 1}),
    ({"kind": "a"}, {"kind": "b"}, 1, {"all": 2, "keys": 2}),
    ({"kind": "a"}, {}, 1, {"all": 1, "keys": 1}),
    ({"kind": "a", "p": "x" * 1500}, {"kind": "b"}, 2, {"all": 3, "keys": 2}),
], ids=["without the key", "enters", "unchanged", "other attribute changes", "moves", "leaves",
        "moves and shrinks"])
def test_each_index_is_charged_for_what_changes_in_it(
        indexed, pk, old, new, table_units, index_units):
    if old is not None:
        indexed.put_item(Item={"pk": pk, **old})
    told = indexed.put_item(
        Item={"pk": pk, **new}, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert told["Table"]["CapacityUnits"] == table_units
    assert {name: index["CapacityUnits"] for name, index in
            told.get("GlobalSecondaryIndexes", {}).items()} == index_units
    assert told["CapacityUnits"] == table_units + sum(index_units.values())


# --- many clients -----------------------------------------------------------------------------


def test_of_many_who_make_the_same_item_one_succeeds(table, pk):
    def put(number):
        try:
            table.meta.client.put_item(
                TableName=table.name, Item={"pk": pk, "winner": number},
                ConditionExpression=Attr("pk").not_exists())
        except table.meta.client.exceptions.ConditionalCheckFailedException:
            return None
        return number

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        winners = [winner for winner in pool.map(put, range(32)) if winner is not None]
    assert len(winners) == 1
    assert table.get_item(Key={"pk": pk}, ConsistentRead=True)["Item"]["winner"] == winners[0]
