"""What a durable server keeps when it is stopped and started again, and what it loses: nothing."""

import itertools
import signal
import threading

import pytest

import serving

EVER = 24 * 60 * 60 * 1000  # milliseconds
KEY = [{"AttributeName": "pk", "KeyType": "HASH"}]
PK = {"AttributeName": "pk", "AttributeType": "S"}
KIND = {"AttributeName": "kind", "AttributeType": "S"}
BY_KIND = {"IndexName": "by-kind", "Projection": {"ProjectionType": "ALL"},
           "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}]}


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def restarted(start_server, data):
    """restarted(server, *flags) stops the server and starts another on the same data."""
    def restart(server, *flags):
        assert server.stop() == 0, server.messages()
        return start_server("--data", data, *flags)

    return restart


def create(client, name, **parameters):
    client.create_table(**{"TableName": name, "KeySchema": KEY, "AttributeDefinitions": [PK],
                           "BillingMode": "PAY_PER_REQUEST", **parameters})


def create_active(client, name, **parameters):
    create(client, name, **parameters)
    client.get_waiter("table_exists").wait(
        TableName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 1000})


def describe(client, name):
    return client.describe_table(TableName=name)["Table"]


def items(client, name, index=None):
    """All items of a table or an index, by key."""
    where = {"IndexName": index} if index else {"ConsistentRead": True}
    pages = client.get_paginator("scan").paginate(TableName=name, **where)
    return {item["pk"]["S"]: item for page in pages for item in page["Items"]}


def item(number, **attributes):
    return {"pk": {"S": f"item-{number}"}, "kind": {"S": f"k{number % 5}"},
            "n": {"N": str(number)}, **attributes}


def fill(client, name, count):
    for number in range(count):
        client.put_item(TableName=name, Item=item(number))


EVERY_TYPE = {
    "S": {"S": "Größe \0 \U0001f600"}, "N": {"N": "-0.1234567890123456789012345678901234567"},
    "B": {"B": bytes(range(256))}, "BOOL": {"BOOL": False}, "NULL": {"NULL": True},
    "SS": {"SS": ["a", "b"]}, "NS": {"NS": ["1", "2"]}, "BS": {"BS": [b"\x00", b"\xff"]},
    "L": {"L": [{"M": {"a": {"L": []}}}]}, "M": {"M": {"x": {"S": ""}}},
}


def test_tables_indexes_and_items_are_there_after_a_restart(durable_server, restarted):
    client = serving.connect(durable_server.url)
    create_active(client, "orders", AttributeDefinitions=[PK, KIND],
                  GlobalSecondaryIndexes=[BY_KIND])
    create_active(client, "other")
    fill(client, "orders", 100)
    client.put_item(TableName="orders", Item=item(100, **EVERY_TYPE))
    client.delete_item(TableName="orders", Key={"pk": {"S": "item-7"}})
    before = items(client, "orders")
    described = describe(client, "orders")
    assert len(before) == 100

    client = serving.connect(restarted(durable_server).url)
    assert client.list_tables()["TableNames"] == ["orders", "other"]
    assert describe(client, "orders") == described
    assert items(client, "orders") == items(client, "orders", "by-kind") == before
    assert items(client, "other") == {}


def test_a_table_that_was_creating_goes_on_to_become_active(start_server, restarted, data):
    server = start_server("--data", data, "--table-create-ms", 1500)
    client = serving.connect(server.url)
    create(client, "orders")
    client = serving.connect(restarted(server).url)

    def active():
        return describe(client, "orders")["TableStatus"] == "ACTIVE"

    serving.wait_until(active)


def test_a_table_that_was_creating_is_creating_still(start_server, restarted, data):
    flags = "--table-create-ms", EVER
    server = start_server("--data", data, *flags)
    client = serving.connect(server.url)
    create(client, "orders")
    described = describe(client, "orders")
    client = serving.connect(restarted(server, *flags).url)
    assert described["TableStatus"] == "CREATING"
    assert describe(client, "orders") == described


def test_a_table_that_was_deleting_is_gone_in_the_end(start_server, restarted, data):
    server = start_server("--data", data, "--table-delete-ms", 1000)
    client = serving.connect(server.url)
    create_active(client, "orders")
    fill(client, "orders", 10)
    client.delete_table(TableName="orders")
    client = serving.connect(restarted(server).url)
    client.get_waiter("table_not_exists").wait(
        TableName="orders", WaiterConfig={"Delay": 0.05, "MaxAttempts": 400})
    create_active(client, "orders")
    assert items(client, "orders") == {}


def start_build(server, phase, after_items):
    """A table of 50 items with an index that stands still in the phase."""
    client, control = serving.connect(server.url), serving.Control(server.url)
    create_active(client, "orders")
    fill(client, "orders", 50)
    control.hold("orders", "by-kind", phase, after_items)
    client.update_table(TableName="orders", AttributeDefinitions=[KIND],
                        GlobalSecondaryIndexUpdates=[{"Create": BY_KIND}])

    def held():
        inside = control.index("orders", "by-kind")
        return inside["Phase"] == phase and inside["Held"]

    serving.wait_until(held)
    return client, control


@pytest.mark.parametrize("phase, after_items, status, backfilling", [
    ("ALLOCATING", 0, "UPDATING", False), ("BACKFILLING", 0, "ACTIVE", True),
    ("BACKFILLING", 20, "ACTIVE", True)])
def test_an_index_that_was_built_is_built_on_from_where_it_stood(
        durable_server, restarted, phase, after_items, status, backfilling):
    client, control = start_build(durable_server, phase, after_items)
    client.put_item(TableName="orders", Item=item(1000))
    inside = control.index("orders", "by-kind")
    assert inside["ItemsScanned"] == after_items
    described = describe(client, "orders")

    server = restarted(durable_server)
    client, control = serving.connect(server.url), serving.Control(server.url)
    assert describe(client, "orders") == described
    index, = described["GlobalSecondaryIndexes"]
    assert (described["TableStatus"], index["IndexStatus"], index["Backfilling"]) == (
        status, "CREATING", backfilling)
    assert control.index("orders", "by-kind") == inside
    client.put_item(TableName="orders", Item=item(1001))
    client.delete_item(TableName="orders", Key={"pk": {"S": "item-3"}})
    control.release("orders", "by-kind")

    def active():
        return describe(client, "orders")["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"

    serving.wait_until(active)
    in_table = items(client, "orders")
    assert items(client, "orders", "by-kind") == in_table
    assert in_table.keys() == {f"item-{number}" for number in itertools.chain(
        range(50), (1000, 1001)) if number != 3}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_acknowledged_write_is_lost_when_the_server_ends_under_load(
        durable_server, start_server, data, number):
    client = serving.connect(durable_server.url)
    create_active(client, "orders", AttributeDefinitions=[PK, KIND],
                  GlobalSecondaryIndexes=[BY_KIND])
    acknowledged, sent, begun = [], [], threading.Semaphore(0)

    def write(worker):
        own = serving.connect(durable_server.url)
        for count in itertools.count():
            number = count * 100 + worker
            sent.append(number)
            try:
                own.put_item(TableName="orders", Item=item(number))
            except Exception:  # pylint: disable=broad-except; refused or dropped, no matter how
                return
            acknowledged.append(number)
            begun.release()

    writers = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
    for writer in writers:
        writer.start()
    for _ in range(300):
        assert begun.acquire(timeout=30)
    status = durable_server.stop(number)
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive(), "a request was neither answered nor dropped"
    assert status == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    assert len(acknowledged) >= 300

    client = serving.connect(start_server("--data", data).url)
    found = items(client, "orders")
    assert {f"item-{number}" for number in acknowledged} <= found.keys()
    assert found.keys() <= {f"item-{number}" for number in sent}
    assert all(found[f"item-{number}"] == item(number) for number in acknowledged)
    assert items(client, "orders", "by-kind") == found
