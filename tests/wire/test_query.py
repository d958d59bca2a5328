"""Query through boto3, on tables and on indexes."""

import decimal

import pytest
from boto3.dynamodb.conditions import Attr, Key

D = decimal.Decimal

# In the order of numbers, which is neither the order of their texts nor of their lengths.
NUMBERS = [D(text) for text in (
    "-1E+37", "-1000", "-10", "-9.5", "-2", "-0.1", "-0.01", "-1E-120", "0", "1E-120", "0.001",
    "0.01", "0.1", "1", "1.000000000000000000000000000000000001", "2", "9", "10", "11", "99.5",
    "100", "12345678901234567890123456789012345678", "9E+37")]

# In the order of UTF-8 bytes.
TEXTS = ["!", "A", "Z", "a", "a\0", "a\0b", "a!", "aa", "ab", "abc", "b", "\u00e9", "\u20ac",
         "\uff5e", "\U0001f600"]

BINARIES = [b"\x00", b"\x00\x00", b"\x00\x01", b"\x01", b"\x7f", b"\x80", b"\xfe\xff", b"\xff"]


def schema(sort_type):
    return {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                      {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"},
                                 {"AttributeName": "sk", "AttributeType": sort_type}],
    }


def load(table, items):
    with table.batch_writer() as writer:
        for item in items:
            writer.put_item(Item=item)


@pytest.fixture(scope="module")
def filled(make_shared_table):
    """Per type a table with the sort keys above in partition "a" and decoys in others."""
    tables = {}
    for sort_type, values in ("N", NUMBERS), ("S", TEXTS), ("B", BINARIES):
        table = make_shared_table(**schema(sort_type))
        load(table, [{"pk": pk, "sk": value} for pk in ("a", "b", "aa")
                     for value in reversed(values)])
        tables[sort_type] = table
    return tables


def plain(value):
    return bytes(value) if hasattr(value, "value") else value


def sort_keys(reply):
    return [plain(item["sk"]) for item in reply["Items"]]


@pytest.mark.parametrize("sort_type, ordered", [("N", NUMBERS), ("S", TEXTS), ("B", BINARIES)])
def test_items_come_in_the_order_of_their_sort_keys(filled, sort_type, ordered):
    query = filled[sort_type].query
    condition = Key("pk").eq("a")
    assert sort_keys(query(KeyConditionExpression=condition)) == ordered
    assert sort_keys(query(KeyConditionExpression=condition, ScanIndexForward=False)) \
        == ordered[::-1]


@pytest.mark.parametrize("sort_type, ordered", [("N", NUMBERS), ("S", TEXTS), ("B", BINARIES)])
@pytest.mark.parametrize("operator, holds", [
    ("eq", lambda value, bound: value == bound), ("lt", lambda value, bound: value < bound),
    ("lte", lambda value, bound: value <= bound), ("gt", lambda value, bound: value > bound),
    ("gte", lambda value, bound: value >= bound),
])
def test_every_comparison_cuts_at_the_right_place(filled, sort_type, ordered, operator, holds):
    for place, bound in enumerate(ordered):
        condition = Key("pk").eq("a") & getattr(Key("sk"), operator)(bound)
        expected = [value for other, value in enumerate(ordered) if holds(other, place)]
        reply = filled[sort_type].query(KeyConditionExpression=condition)
        assert sort_keys(reply) == expected, bound


@pytest.mark.parametrize("sort_type, ordered", [("N", NUMBERS), ("S", TEXTS), ("B", BINARIES)])
def test_between_includes_both_ends(filled, sort_type, ordered):
    for low in range(0, len(ordered), 3):
        for high in range(low, len(ordered), 2):
            condition = Key("pk").eq("a") & Key("sk").between(ordered[low], ordered[high])
            reply = filled[sort_type].query(KeyConditionExpression=condition)
            assert sort_keys(reply) == ordered[low:high + 1]


@pytest.mark.parametrize("sort_type, ordered, prefix", [
    ("S", TEXTS, "a"), ("S", TEXTS, "a\0"), ("S", TEXTS, "ab"), ("S", TEXTS, "zz"),
    ("B", BINARIES, b"\x00"), ("B", BINARIES, b"\xff"), ("B", BINARIES, b"\xfe\xff")])
def test_beginnings_are_compared_byte_by_byte(filled, sort_type, ordered, prefix):
    reply = filled[sort_type].query(
        KeyConditionExpression=Key("pk").eq("a") & Key("sk").begins_with(prefix))
    assert sort_keys(reply) == [value for value in ordered if value.startswith(prefix)]


def test_a_partition_that_is_not_there_is_empty(filled):
    reply = filled["N"].query(KeyConditionExpression=Key("pk").eq("nothing"))
    assert reply["Items"] == [] and reply["Count"] == 0 and "LastEvaluatedKey" not in reply


# --- pages ------------------------------------------------------------------------------------


def query_pages(client, table, parameters, **paging):
    return client.get_paginator("query").paginate(
        TableName=table.name, KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "a"}}, PaginationConfig=paging, **parameters)


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("size", [1, 2, 7, len(NUMBERS) - 1, len(NUMBERS), len(NUMBERS) + 1])
def test_pages_together_are_the_whole(client, filled, forward, size):
    pages = list(query_pages(client, filled["N"], {"ScanIndexForward": forward}, PageSize=size))
    found = [D(item["sk"]["N"]) for page in pages for item in page["Items"]]
    assert found == (NUMBERS if forward else NUMBERS[::-1])
    assert all(len(page["Items"]) == size for page in pages[:-1])
    assert len(pages) == len(NUMBERS) // size + 1  # a full last page cannot know it is the last


def test_a_paginator_goes_on_where_it_was_stopped(client, filled):
    first = query_pages(client, filled["N"], {}, PageSize=4, MaxItems=10).build_full_result()
    rest = query_pages(client, filled["N"], {}, PageSize=4,
                       StartingToken=first["NextToken"]).build_full_result()
    assert [D(item["sk"]["N"]) for item in first["Items"] + rest["Items"]] == NUMBERS
    assert len(first["Items"]) == 10 and "NextToken" not in rest


def test_a_page_may_start_at_an_item_that_is_gone(filled):
    table = filled["N"]
    start = {"pk": "b", "sk": NUMBERS[3]}
    table.delete_item(Key=start)
    reply = table.query(KeyConditionExpression=Key("pk").eq("b"), ExclusiveStartKey=start)
    table.put_item(Item=start)
    assert sort_keys(reply) == NUMBERS[4:]


def test_a_page_ends_at_one_megabyte(make_table):
    table = make_table(**schema("N"))
    load(table, [{"pk": "a", "sk": number, "p": "x" * 100_000} for number in range(25)])
    condition = Key("pk").eq("a")
    first = table.query(KeyConditionExpression=condition)
    assert sort_keys(first) == list(range(11))  # the item that passes the megabyte is the last
    assert first["LastEvaluatedKey"] == {"pk": "a", "sk": 10}
    second = table.query(KeyConditionExpression=condition,
                         ExclusiveStartKey=first["LastEvaluatedKey"])
    assert sort_keys(second) == list(range(11, 22))


def test_a_limit_counts_items_before_the_filter(filled):
    reply = filled["N"].query(
        KeyConditionExpression=Key("pk").eq("a"), Limit=5,
        FilterExpression=Attr("other").exists())
    assert reply["Items"] == [] and reply["Count"] == 0 and reply["ScannedCount"] == 5
    assert reply["LastEvaluatedKey"] == {"pk": "a", "sk": NUMBERS[4]}


def test_a_count_returns_no_items(filled):
    reply = filled["N"].query(KeyConditionExpression=Key("pk").eq("a"), Select="COUNT")
    assert reply["Count"] == reply["ScannedCount"] == len(NUMBERS)
    assert "Items" not in reply


@pytest.mark.parametrize("start, message", [
    ({"pk": "b", "sk": 1},
     "The provided starting key is outside query boundaries based on provided conditions"),
    ({"pk": "a", "sk": 100},
     "The provided starting key does not match the range key predicate"),
    ({"pk": "a"}, "The provided starting key is invalid"),
    ({"pk": "a", "sk": "1"}, "The provided starting key is invalid"),
    ({"pk": "a", "sk": 1, "other": 1}, "The provided starting key is invalid"),
])
def test_a_start_must_lie_in_the_query(filled, refused, start, message):
    with refused("ValidationException", message):
        filled["N"].query(KeyConditionExpression=Key("pk").eq("a") & Key("sk").lt(50),
                          ExclusiveStartKey=start)


@pytest.mark.parametrize("expression, message", [
    ("sk = :n", "Query condition missed key schema element: pk"),
    ("pk > :s", "Query key condition not supported"),
    ("pk = :s AND sk <> :n", "Invalid operator used in KeyConditionExpression: <>"),
    ("pk = :s OR sk = :n", "Invalid operator used in KeyConditionExpression: OR"),
    ("pk = :n",
     "One or more parameter values were invalid: Condition parameter type does not match schema "
     "type"),
    ("pk = :s AND sk = :n AND sk > :n",
     "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per "
     "key"),
    ("pk = :s AND title = :n", "Query condition missed key schema element: sk"),
])
def test_a_key_condition_is_about_the_key(client, filled, refused, expression, message):
    values = {":s": {"S": "a"}, ":n": {"N": "1"}}
    with refused("ValidationException", message):
        client.query(TableName=filled["N"].name, KeyConditionExpression=expression,
                     ExpressionAttributeValues={
                         name: value for name, value in values.items() if name in expression})


# --- indexes ----------------------------------------------------------------------------------


def key_of(hash_name, range_name=None):
    names = [(hash_name, "HASH")] + ([(range_name, "RANGE")] if range_name else [])
    return [{"AttributeName": name, "KeyType": role} for name, role in names]


@pytest.fixture(scope="module")
def indexed(make_shared_table):
    table = make_shared_table(
        KeySchema=key_of("pk", "sk"),
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("pk", "S"), ("sk", "N"), ("kind", "S"), ("day", "S"))],
        GlobalSecondaryIndexes=[
            {"IndexName": "keys", "KeySchema": key_of("kind", "day"),
             "Projection": {"ProjectionType": "KEYS_ONLY"}},
            {"IndexName": "some", "KeySchema": key_of("kind"),
             "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]}},
            {"IndexName": "all", "KeySchema": key_of("kind"),
             "Projection": {"ProjectionType": "ALL"}}],
        LocalSecondaryIndexes=[
            {"IndexName": "local", "KeySchema": key_of("pk", "day"),
             "Projection": {"ProjectionType": "KEYS_ONLY"}}])
    load(table, ITEMS)
    return table


ITEMS = [
    {"pk": f"p{number % 5}", "sk": number, "kind": "even" if number % 2 == 0 else "odd",
     "day": f"{number % 7}", "title": f"Title {number}", "body": {"text": "x" * number}}
    for number in range(40)
] + [
    {"pk": "p0", "sk": 100, "kind": "even"},  # not in "keys" and "local": no day
    {"pk": "p0", "sk": 101, "day": "9"},      # in no global index: no kind
]


def by_index(table, index, **parameters):
    return table.query(IndexName=index, KeyConditionExpression=Key("kind").eq("even"),
                       **parameters)


def expected(attributes, required):
    return [{name: item[name] for name in attributes if name in item} for item in ITEMS
            if item.get("kind") == "even" and all(name in item for name in required)]


def in_any_order(items):
    return sorted(items, key=lambda item: (item["pk"], item["sk"]))


@pytest.mark.parametrize("index, attributes, required", [
    ("keys", ["pk", "sk", "kind", "day"], ["day"]),
    ("some", ["pk", "sk", "kind", "title"], []),
    ("all", ["pk", "sk", "kind", "day", "title", "body"], []),
])
def test_an_index_holds_what_it_projects_of_the_items_with_its_key(
        indexed, index, attributes, required):
    reply = by_index(indexed, index)
    assert in_any_order(reply["Items"]) == in_any_order(expected(attributes, required))


def test_an_index_is_ordered_by_its_own_sort_key(indexed):
    days = [item["day"] for item in by_index(indexed, "keys")["Items"]]
    assert days == sorted(days) and len(set(days)) == 7
    backward = by_index(indexed, "keys", ScanIndexForward=False)["Items"]
    assert [item["day"] for item in backward] == days[::-1]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("size", [1, 3, 20])
def test_pages_of_an_index_lose_and_repeat_nothing_among_equal_keys(
        client, indexed, size, forward):
    pages = list(client.get_paginator("query").paginate(
        TableName=indexed.name, IndexName="keys", KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": "even"}}, ScanIndexForward=forward,
        PaginationConfig={"PageSize": size}))
    found = [int(item["sk"]["N"]) for page in pages for item in page["Items"]]
    assert sorted(found) == [item["sk"] for item in expected(["sk"], ["day"])]
    for page in pages[:-1]:
        assert page["LastEvaluatedKey"].keys() == {"pk", "sk", "kind", "day"}


def test_a_local_index_fetches_what_it_does_not_project(indexed):
    reply = indexed.query(IndexName="local", KeyConditionExpression=Key("pk").eq("p0"),
                          Select="ALL_ATTRIBUTES", ConsistentRead=True)
    assert [item["day"] for item in reply["Items"]] == sorted(
        item["day"] for item in ITEMS if item["pk"] == "p0" and "day" in item)
    assert in_any_order(reply["Items"]) == in_any_order(
        [item for item in ITEMS if item["pk"] == "p0" and "day" in item])


def test_a_read_of_an_index_is_charged_to_it(indexed):
    told = by_index(indexed, "keys", ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert told["GlobalSecondaryIndexes"] == {"keys": {"CapacityUnits": D("0.5")}}
    assert told["CapacityUnits"] == D("0.5")


PREFIX = "One or more parameter values were invalid: "


@pytest.mark.parametrize("index, parameters, message", [
    ("absent", {}, "The table does not have the specified index: absent"),
    ("absent", {"ConsistentRead": True}, "The table does not have the specified index: absent"),
    ("all", {"ConsistentRead": True},
     "Consistent reads are not supported on global secondary indexes"),
    ("some", {"Select": "ALL_ATTRIBUTES"},
     PREFIX + "Select type ALL_ATTRIBUTES is not supported for global secondary index some "
     "because its projection type is not ALL"),
    ("some", {"ProjectionExpression": "title, body, #d",
              "ExpressionAttributeNames": {"#d": "day"}},
     PREFIX + "Global secondary index some does not project [body, day]"),
    ("some", {"FilterExpression": "attribute_exists(body)"},
     PREFIX + "Secondary index some does not project one or more filter attributes: [body]"),
    ("some", {"FilterExpression": "attribute_exists(kind)"},
     "Filter Expression can only contain non-primary key attributes: Primary key attribute: kind"),
    ("some", {"Select": "SPECIFIC_ATTRIBUTES"},
     "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
     "SPECIFIC_ATTRIBUTES"),
])
def test_an_index_gives_only_what_it_has(indexed, refused, index, parameters, message):
    with refused("ValidationException", message):
        by_index(indexed, index, **parameters)


def test_the_keys_of_the_table_may_be_filtered_in_an_index(indexed):
    reply = by_index(indexed, "all", FilterExpression=Attr("sk").lt(10))
    assert sorted(item["sk"] for item in reply["Items"]) == [0, 2, 4, 6, 8]


# --- keys of several attributes ---------------------------------------------------------------


@pytest.fixture(scope="module")
def composite(make_shared_table):
    """An index over two partition and two sort attributes."""
    names = {"pk": "S", "tenant": "S", "kind": "S", "year": "N", "title": "S"}
    table = make_shared_table(
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": names[name]}
                              for name in names],
        KeySchema=key_of("pk"),
        GlobalSecondaryIndexes=[{
            "IndexName": "books", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": key_of("tenant") + key_of("kind", "year") + [
                {"AttributeName": "title", "KeyType": "RANGE"}]}])
    load(table, [{"pk": f"{tenant}{kind}{year}{title}", "tenant": tenant, "kind": kind,
                  "year": year, "title": title}
                 for tenant in "ab" for kind in "xy" for year in (-1, 9, 10) for title in "ts"])
    table.put_item(Item={"pk": "incomplete", "tenant": "a", "kind": "x", "year": 9})
    return table


@pytest.mark.parametrize("sorts, values, found", [
    ("", {}, ["ax-1s", "ax-1t", "ax9s", "ax9t", "ax10s", "ax10t"]),
    (" AND #y = :y", {"y": 9}, ["ax9s", "ax9t"]),
    (" AND #y > :y", {"y": -1}, ["ax9s", "ax9t", "ax10s", "ax10t"]),
    (" AND #y = :y AND title > :u", {"y": 9, "u": "s"}, ["ax9t"]),
    (" AND title = :u AND #y = :y", {"y": 10, "u": "s"}, ["ax10s"]),
])
def test_sort_attributes_are_given_from_left_to_right(composite, sorts, values, found):
    names = {"#t": "tenant", **({"#y": "year"} if "#y" in sorts else {})}
    reply = composite.query(
        IndexName="books", KeyConditionExpression="#t = :t AND kind = :k" + sorts,
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={":t": "a", ":k": "x",
                                   **{f":{name}": value for name, value in values.items()}})
    assert [item["pk"] for item in reply["Items"]] == found


def test_every_partition_attribute_is_needed(composite, refused):
    with refused("ValidationException", "Query condition missed key schema element: kind"):
        composite.query(IndexName="books", KeyConditionExpression=Key("tenant").eq("a"))


def test_pages_of_such_an_index_hold_all_its_keys(client, composite):
    pages = list(client.get_paginator("query").paginate(
        TableName=composite.name, IndexName="books",
        KeyConditionExpression="tenant = :t AND kind = :k",
        ExpressionAttributeValues={":t": {"S": "b"}, ":k": {"S": "y"}},
        PaginationConfig={"PageSize": 1}))
    assert [item["pk"]["S"] for page in pages for item in page["Items"]] == [
        "by-1s", "by-1t", "by9s", "by9t", "by10s", "by10t"]
    assert pages[0]["LastEvaluatedKey"].keys() == {"pk", "tenant", "kind", "year", "title"}
