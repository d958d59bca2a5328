"""What is left after kill -9 at the worst moments, and when there is no room.

Every test has a server and a directory of its own. A kill is SIGKILL: nothing of the server runs after
it. What was acknowledged must be there after the restart, and what was under way must go on.
"""

import http.client
import threading
import time

import pytest

from server_process import CallError, ServerProcess, wait_until

TABLE = "Orders"
INDEX = "by-status"
BATCH = 25
STATUSES = ["open", "paid", "sent"]


def order(number, text="x" * 50):
    """Every tenth order has no status and so is not in the index."""
    item = {"id": {"S": f"order-{number}"}, "number": {"N": str(number)}, "text": {"S": text}}
    if number % 10 != 0:
        item["status"] = {"S": STATUSES[number % len(STATUSES)]}
    return item


def create_table(server, **more):
    server.call(
        "CreateTable",
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        **more,
    )
    wait_until(lambda: server.describe(TABLE)["TableStatus"] == "ACTIVE", "the table is ACTIVE")


def create_index(server):
    server.call(
        "UpdateTable",
        TableName=TABLE,
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "status", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": INDEX,
                    "KeySchema": [
                        {"AttributeName": "status", "KeyType": "HASH"},
                        {"AttributeName": "number", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )


def delete_index(server):
    server.call(
        "UpdateTable",
        TableName=TABLE,
        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": INDEX}}],
    )


def put_orders(server, numbers):
    numbers = list(numbers)
    for first in range(0, len(numbers), BATCH):
        requests = [{"PutRequest": {"Item": order(n)}} for n in numbers[first : first + BATCH]]
        reply = server.call("BatchWriteItem", RequestItems={TABLE: requests})
        assert reply.get("UnprocessedItems", {}) == {}


def hold(server, phase, after_items=None):
    body = {"TableName": TABLE, "IndexName": INDEX, "Phase": phase}
    if after_items is not None:
        body["AfterItems"] = after_items
    server.control("POST", "hold", body)


def release(server):
    server.control("POST", "release", {"TableName": TABLE, "IndexName": INDEX})


def by_id(items):
    result = {item["id"]["S"]: item for item in items}
    assert len(result) == len(items), "an item was read twice"
    return result


def assert_index_equals_table(server):
    table = by_id(server.scan(TABLE))
    expected = {key: item for key, item in table.items() if "status" in item and "number" in item}
    assert by_id(server.scan(TABLE, INDEX)) == expected
    progress = server.progress(TABLE, INDEX)
    assert progress["ItemsIndexed"] == len(expected)


def wait_for_index(server):
    wait_until(lambda: server.index_status(TABLE, INDEX) == "ACTIVE", "the index is ACTIVE")


@pytest.fixture
def server(tmp_path):
    with ServerProcess(tmp_path / "data") as process:
        yield process


# ---- an index under way ----


def test_a_held_backfill_goes_on_after_a_kill_where_it_stood(server):
    create_table(server)
    put_orders(server, range(500))
    hold(server, "BACKFILLING", 200)
    create_index(server)
    wait_until(lambda: server.progress(TABLE, INDEX)["Held"], "the build stands at its hold")
    before = server.progress(TABLE, INDEX)
    assert before["ItemsScanned"] == 200

    server.restart_after_kill()
    after = server.progress(TABLE, INDEX)
    assert after["Phase"] == "BACKFILLING"
    assert after["Held"]
    assert after["ItemsScanned"] == 200
    assert after["ItemsIndexed"] == before["ItemsIndexed"]
    assert after["ItemsSkipped"] == before["ItemsSkipped"]

    put_orders(server, range(450, 600))  # some old, some new
    server.call("DeleteItem", TableName=TABLE, Key={"id": {"S": "order-7"}})
    server.restart_after_kill()
    release(server)
    wait_for_index(server)
    assert len(server.scan(TABLE)) == 599
    assert_index_equals_table(server)


def test_a_backfill_killed_many_times_ends_correct(server):
    server.flags += ["--index-allocate-ms", "0", "--index-backfill-ms", "0"]
    create_table(server)
    server.restart_after_kill()  # with the flags
    put_orders(server, range(20000))
    create_index(server)
    seen = []
    for pause_ms in [0, 1, 2, 4, 8, 15, 25, 40]:
        time.sleep(pause_ms / 1000)
        server.restart_after_kill()
        progress = server.progress(TABLE, INDEX)
        seen.append(progress["ItemsScanned"])
    assert seen == sorted(seen), "a build never goes back"
    wait_for_index(server)
    assert_index_equals_table(server)


def test_a_kill_in_allocation_leaves_it_allocating(server):
    create_table(server)
    put_orders(server, range(100))
    hold(server, "ALLOCATING")
    create_index(server)
    time.sleep(0.6)  # past the profile's allocation time
    server.restart_after_kill()
    progress = server.progress(TABLE, INDEX)
    assert (progress["Phase"], progress["Held"]) == ("ALLOCATING", True)
    assert server.describe(TABLE)["TableStatus"] == "UPDATING"
    put_orders(server, range(90, 110))
    release(server)
    wait_for_index(server)
    assert_index_equals_table(server)


def test_a_deleted_index_is_gone_after_a_kill_and_its_name_is_free(server):
    create_table(server)
    put_orders(server, range(2000))
    create_index(server)
    wait_for_index(server)
    delete_index(server)
    assert server.index_status(TABLE, INDEX) == "DELETING"
    server.restart_after_kill()
    wait_until(lambda: server.index_status(TABLE, INDEX) is None, "the index is gone")
    server.restart_after_kill()  # perhaps while its entries are being emptied
    put_orders(server, range(1500, 2500))
    create_index(server)
    wait_for_index(server)
    assert_index_equals_table(server)


def test_a_build_cancelled_before_a_kill_stays_cancelled(server):
    create_table(server)
    put_orders(server, range(300))
    hold(server, "BACKFILLING", 100)
    create_index(server)
    wait_until(lambda: server.progress(TABLE, INDEX)["Held"], "the build stands at its hold")
    delete_index(server)
    server.restart_after_kill()
    wait_until(lambda: server.index_status(TABLE, INDEX) is None, "the index is gone")
    create_index(server)  # the hold went with the index
    wait_for_index(server)
    assert_index_equals_table(server)


# ---- tables ----


def test_a_deleted_table_is_gone_after_a_kill_and_its_name_is_free(server):
    create_table(server)
    put_orders(server, range(2000))
    server.call("DeleteTable", TableName=TABLE)
    server.restart_after_kill()
    wait_until(lambda: not server.has_table(TABLE), "the table is gone")
    server.restart_after_kill()
    create_table(server)
    assert server.scan(TABLE) == []
    put_orders(server, range(10))
    assert len(server.scan(TABLE)) == 10


def test_a_table_killed_while_creating_becomes_active(server):
    server.call(
        "CreateTable",
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    server.restart_after_kill()
    wait_until(lambda: server.describe(TABLE)["TableStatus"] == "ACTIVE", "the table is ACTIVE")
    put_orders(server, range(10))


# ---- writes ----


class Writer(threading.Thread):
    """Puts and overwrites its own few items until the server is gone; remembers what was answered."""

    KEYS = 7

    def __init__(self, server, name):
        super().__init__()
        self.server = server
        self.prefix = name
        self.acknowledged = {}
        self.sent = {}

    def run(self):
        for version in range(1000000):
            key = f"{self.prefix}-{version % self.KEYS}"
            item = order(version + 1)
            item["id"] = {"S": key}
            self.sent[key] = item
            try:
                self.server.call("PutItem", TableName=TABLE, Item=item)
            except (OSError, http.client.HTTPException):
                return
            self.acknowledged[key] = item


@pytest.mark.parametrize("run", range(3))
def test_every_acknowledged_write_is_there_after_a_kill(server, run):
    create_table(server)
    create_index(server)  # being built while the writers write
    writers = [Writer(server, f"writer-{run}-{i}") for i in range(12)]
    for writer in writers:
        writer.start()
    time.sleep(0.3 + 0.4 * run)
    server.kill()
    for writer in writers:
        writer.join()
    server.start()
    stored = by_id(server.scan(TABLE))
    assert sum(len(writer.acknowledged) for writer in writers) > 0
    for writer in writers:
        for key, item in writer.acknowledged.items():
            # The last write may have been committed without its answer getting out.
            assert stored.get(key) in (item, writer.sent[key]), key
    wait_for_index(server)
    assert_index_equals_table(server)


# ---- no room ----


def fill(server):
    """Puts items until one is refused; gives the numbers of those that were not."""
    numbers = []
    for number in range(100000):
        try:
            server.call("PutItem", TableName=TABLE, Item=order(number, "y" * 30000))
        except CallError as error:
            assert (error.status, error.type) == (500, "InternalServerError")
            return numbers
        numbers.append(number)
    raise AssertionError("a small map that is never full")


def assert_orders(server, numbers):
    assert by_id(server.scan(TABLE)).keys() == {f"order-{number}" for number in numbers}


def test_a_full_map_refuses_writes_and_keeps_what_it_has(tmp_path):
    with ServerProcess(tmp_path / "data", "--map-size", "16MiB") as server:
        create_table(server)
        numbers = fill(server)
        assert len(numbers) > 100
        assert_orders(server, numbers)
        with pytest.raises(CallError):
            server.call("PutItem", TableName=TABLE, Item=order(100001, "y" * 30000))

        for number in numbers[:20]:  # deleting makes room
            server.call("DeleteItem", TableName=TABLE, Key={"id": {"S": f"order-{number}"}})
        for number in range(200000, 200010):
            server.call("PutItem", TableName=TABLE, Item=order(number, "y" * 30000))
        left = numbers[20:] + list(range(200000, 200010))
        assert_orders(server, left)
        server.restart_after_kill()
        assert_orders(server, left)


def test_a_store_that_was_full_goes_on_with_a_larger_map(tmp_path):
    with ServerProcess(tmp_path / "data", "--map-size", "16MiB") as server:
        create_table(server)
        numbers = fill(server)
        server.kill()
        server.flags = ["--map-size", "64MiB"]
        server.start()
        assert_orders(server, numbers)
        server.call("PutItem", TableName=TABLE, Item=order(100001, "y" * 30000))
        assert_orders(server, numbers + [100001])


def test_a_build_without_room_waits_and_ends_when_there_is_some(tmp_path):
    with ServerProcess(tmp_path / "data", "--map-size", "16MiB") as server:
        create_table(server)
        for number in range(300):  # about 9 MB; the index of all of it does not fit
            server.call("PutItem", TableName=TABLE, Item=order(number, "y" * 30000))
        create_index(server)
        time.sleep(2.5)
        assert server.index_status(TABLE, INDEX) == "CREATING"
        assert len(server.scan(TABLE)) == 300
        server.kill()
        server.flags = ["--map-size", "64MiB"]
        server.start()
        wait_for_index(server)
        assert_index_equals_table(server)


def test_a_full_map_lets_a_table_be_deleted(tmp_path):
    with ServerProcess(tmp_path / "data", "--map-size", "16MiB") as server:
        create_table(server)
        numbers = fill(server)
        server.call("DeleteTable", TableName=TABLE)
        wait_until(lambda: not server.has_table(TABLE), "the table is gone")
        create_table(server)
        wait_until(lambda: can_put(server, numbers[0]), "its room is free again")


def can_put(server, number):
    try:
        server.call("PutItem", TableName=TABLE, Item=order(number, "y" * 30000))
    except CallError as error:
        assert error.type == "InternalServerError"
        return False
    return True


# ---- one at a time ----


def test_a_second_server_is_refused_while_the_first_lives(tmp_path):
    directory = tmp_path / "data"
    with ServerProcess(directory) as first:
        with pytest.raises(RuntimeError):
            ServerProcess(directory).start()
        create_table(first)
        first.kill()
        with ServerProcess(directory) as second:  # nothing left behind keeps it out
            assert second.has_table(TABLE)
