"""Indexes that lag behind their table, over the wire and by the real clock."""

import time

import pytest

import serving

TABLE = {"BillingMode": "PAY_PER_REQUEST",
         "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"}
                                  for name in ("pk", "owner")],
         "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
         "GlobalSecondaryIndexes": [{"IndexName": "by-owner",
                                     "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                                     "Projection": {"ProjectionType": "ALL"}}]}


@pytest.fixture(params=["memory", "durable"])
def server(request, start_server, tmp_path):
    where = ["--in-memory"] if request.param == "memory" else ["--data", tmp_path / "data"]
    return start_server(*where, "--profile", "instant", "--index-lag", "400")


def owned(client):
    return client.query(TableName="Things", IndexName="by-owner",
                        KeyConditionExpression="#o = :o",
                        ExpressionAttributeNames={"#o": "owner"},
                        ExpressionAttributeValues={":o": {"S": "me"}})["Count"]


def test_a_write_is_in_the_table_at_once_and_in_the_index_later(server):
    client = serving.connect(server.url)
    client.create_table(TableName="Things", **TABLE)
    for number in range(3):
        key = {"pk": {"S": str(number)}}
        before = time.monotonic()
        client.put_item(TableName="Things", Item={**key, "owner": {"S": "me"}})
        assert "Item" in client.get_item(TableName="Things", Key=key, ConsistentRead=True)
        assert owned(client) == number or time.monotonic() - before > 0.4
        serving.wait_until(lambda: owned(client) == number + 1, seconds=10)
        assert time.monotonic() - before > 0.39


def test_the_lag_is_changed_while_the_server_runs(server):
    client = serving.connect(server.url)
    control = serving.Control(server.url)
    client.create_table(TableName="Things", **TABLE)
    assert control.call("GET", "lag") == (200, {"IndexLagMilliseconds": 400, "Tables": []})
    assert control.call("PUT", "lag", {"IndexLagMilliseconds": 60_000})[0] == 200
    client.put_item(TableName="Things", Item={"pk": {"S": "a"}, "owner": {"S": "me"}})
    assert owned(client) == 0
    assert control.call("POST", "clock", {"AdvanceMilliseconds": 60_000})[0] == 200
    assert owned(client) == 1
    client.put_item(TableName="Things", Item={"pk": {"S": "b"}, "owner": {"S": "me"}})
    assert owned(client) == 1
    assert control.call("PUT", "lag", {"IndexLagMilliseconds": 0})[0] == 200
    assert owned(client) == 2
    assert control.call("DELETE", "lag") == (200, {})
    assert control.call("GET", "lag")[1]["IndexLagMilliseconds"] == 400
