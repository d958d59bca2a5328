"""Scan through boto3: in pages, in parallel, through filters and indexes."""

import concurrent.futures

import pytest
from boto3.dynamodb.conditions import Attr

COUNT = 500
ITEMS = {f"item-{number}": {"pk": f"item-{number}", "n": number,
                            **({"kind": f"k{number % 3}"} if number % 2 == 0 else {})}
         for number in range(COUNT)}
IN_INDEX = {key for key, item in ITEMS.items() if "kind" in item}


@pytest.fixture(scope="module")
def table(make_shared_table):
    table = make_shared_table(
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"}
                              for name in ("pk", "kind")],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-kind", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}]}])
    with table.batch_writer() as writer:
        for item in ITEMS.values():
            writer.put_item(Item=item)
    return table


def keys(items):
    """As a sorted list, in which what is found twice shows."""
    return sorted(item["pk"] for item in items)


def segment_items(table, segment, total, **parameters):
    """All items of a segment, page by page."""
    items = []
    while True:
        reply = table.scan(Segment=segment, TotalSegments=total, **parameters)
        items += reply["Items"]
        if "LastEvaluatedKey" not in reply:
            return items
        parameters["ExclusiveStartKey"] = reply["LastEvaluatedKey"]


def test_a_scan_finds_every_item_as_it_is(table):
    found = table.scan()["Items"]
    assert keys(found) == sorted(ITEMS)
    assert {item["pk"]: item for item in found} == ITEMS


@pytest.mark.parametrize("size", [1, 7, 499, 500, 501])
def test_pages_together_are_the_table(client, table, size):
    pages = list(client.get_paginator("scan").paginate(
        TableName=table.name, PaginationConfig={"PageSize": size}))
    found = sorted(item["pk"]["S"] for page in pages for item in page["Items"])
    assert found == sorted(ITEMS)
    assert all(page["LastEvaluatedKey"].keys() == {"pk"} for page in pages[:-1])


@pytest.mark.parametrize("total", [1, 2, 3, 4, 16, 1000])
def test_segments_read_at_once_share_the_table_without_overlap(table, total):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(
            lambda segment: segment_items(table.meta.client, segment, total,
                                          TableName=table.name, Limit=23), range(total)))
    assert keys(item for part in parts for item in part) == sorted(ITEMS)
    if 1 < total <= 16:
        assert all(parts), "a segment without any of 500 items"


def test_segments_of_an_index_share_it_without_overlap(table):
    parts = [segment_items(table, segment, 4, IndexName="by-kind", Limit=9)
             for segment in range(4)]
    assert keys(item for part in parts for item in part) == sorted(IN_INDEX)


def test_pages_of_an_index_hold_the_keys_of_table_and_index(client, table):
    pages = list(client.get_paginator("scan").paginate(
        TableName=table.name, IndexName="by-kind", PaginationConfig={"PageSize": 11}))
    found = [item for page in pages for item in page["Items"]]
    assert sorted(item["pk"]["S"] for item in found) == sorted(IN_INDEX)
    assert all(item.keys() == {"pk", "kind"} for item in found)
    assert all(page["LastEvaluatedKey"].keys() == {"pk", "kind"} for page in pages[:-1])


def test_a_filter_hides_items_but_they_were_scanned(table):
    reply = table.scan(FilterExpression=Attr("n").between(10, 19) & Attr("kind").exists())
    assert keys(reply["Items"]) == sorted(f"item-{number}" for number in range(10, 20, 2))
    assert reply["Count"] == 5 and reply["ScannedCount"] == COUNT


def test_a_limit_counts_scanned_items(table):
    reply = table.scan(Limit=10, FilterExpression=Attr("n").eq(-1))
    assert reply["Items"] == [] and reply["ScannedCount"] == 10 and "LastEvaluatedKey" in reply


def test_a_count_returns_no_items(table):
    reply = table.scan(Select="COUNT", FilterExpression=Attr("kind").exists())
    assert "Items" not in reply
    assert reply["Count"] == len(IN_INDEX) and reply["ScannedCount"] == COUNT


def test_an_index_filter_on_what_it_does_not_project_finds_nothing(table):
    reply = table.scan(IndexName="by-kind", FilterExpression=Attr("n").gte(0))
    assert reply["Items"] == [] and reply["ScannedCount"] == len(IN_INDEX)


def test_only_the_attributes_asked_for_are_returned(table):
    items = table.scan(ProjectionExpression="n")["Items"]
    assert sorted(item["n"] for item in items) == list(range(COUNT))
    assert all(item.keys() == {"n"} for item in items)


def test_a_scan_is_charged_for_what_it_reads(table):
    eventual = table.scan(ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]["CapacityUnits"]
    consistent = table.scan(ReturnConsumedCapacity="TOTAL", ConsistentRead=True,
                            )["ConsumedCapacity"]["CapacityUnits"]
    assert 0 < eventual < COUNT / 10  # by the size of the page, not by the item
    assert consistent == 2 * eventual


def test_a_scan_may_start_at_an_item_that_is_gone(client, make_table):
    table = make_table()
    for number in range(20):
        table.put_item(Item={"pk": str(number)})
    first = table.scan(Limit=10)
    table.delete_item(Key=first["LastEvaluatedKey"])
    rest = table.scan(ExclusiveStartKey=first["LastEvaluatedKey"])
    assert keys(first["Items"] + rest["Items"]) == sorted(map(str, range(20)))


@pytest.mark.parametrize("parameters, message", [
    ({"Segment": 0},
     "The TotalSegments parameter is required but was not present in the request when Segment "
     "parameter is present"),
    ({"TotalSegments": 4},
     "The Segment parameter is required but was not present in the request when parameter "
     "TotalSegments is present"),
    ({"Segment": 4, "TotalSegments": 4},
     "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
     "Segment: 4 is not less than TotalSegments: 4"),
    ({"ExclusiveStartKey": {"n": 1}},
     "The provided starting key is invalid: The provided key element does not match the schema"),
    ({"IndexName": "by-kind", "ConsistentRead": True},
     "Consistent reads are not supported on global secondary indexes"),
    ({"IndexName": "absent"}, "The table does not have the specified index: absent"),
    ({"Select": "ALL_PROJECTED_ATTRIBUTES"},
     "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
])
def test_a_scan_that_makes_no_sense_is_refused(table, refused, parameters, message):
    with refused("ValidationException", message):
        table.scan(**parameters)


def test_a_start_belongs_to_its_segment(table, refused):
    start = table.scan(Segment=0, TotalSegments=2, Limit=1)["LastEvaluatedKey"]
    with refused("ValidationException",
                 "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                 "ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: 1"):
        table.scan(Segment=1, TotalSegments=2, ExclusiveStartKey=start)
