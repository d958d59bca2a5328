"""Snapshots, restore, reset and the clock, over the wire: with clients at work, killed, and out of room."""

import os
import pathlib
import subprocess
import threading
import time

import pytest

from server_process import CallError, ServerProcess, wait_until

TABLE = "Pairs"
INDEX = "by-owner"


def create_table(server, **more):
    server.call(
        "CreateTable",
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"},
                              {"AttributeName": "owner", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[{"IndexName": INDEX,
                                 "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                                 "Projection": {"ProjectionType": "ALL"}}],
        **more,
    )
    wait_until(lambda: server.describe(TABLE)["TableStatus"] == "ACTIVE", "the table is ACTIVE")


def put(server, number, text="x" * 100):
    server.call("PutItem", TableName=TABLE,
                Item={"id": {"S": f"item-{number}"}, "owner": {"S": "o"}, "text": {"S": text}})


def fill(server, count, text="x" * 1000):
    for first in range(0, count, 25):
        server.call("BatchWriteItem", RequestItems={TABLE: [
            {"PutRequest": {"Item": {"id": {"S": f"item-{n}"}, "owner": {"S": "o"},
                                     "text": {"S": text}}}}
            for n in range(first, min(first + 25, count))]})


def ids(server, index=None):
    return {item["id"]["S"] for item in server.scan(TABLE, index)}


def save(server, name, **more):
    return server.control("POST", "snapshots", {"Name": name, **more})


def restore(server, name):
    server.control("POST", f"snapshots/{name}/restore")


def names(server):
    return [entry["Name"] for entry in server.control("GET", "snapshots")["Snapshots"]]


@pytest.fixture(params=["durable", "memory"])
def server(request, tmp_path):
    directory = tmp_path / "data" if request.param == "durable" else None
    with ServerProcess(directory, "--profile", "instant") as process:
        yield process


@pytest.fixture
def durable(tmp_path):
    with ServerProcess(tmp_path / "data", "--profile", "instant") as process:
        yield process


# ---- while clients work ----


def hammer(server, stop, failures, work):
    def run():
        while not stop.is_set():
            try:
                work(server)
            except Exception as error:  # told to the test, whatever it is
                failures.append(error)
                return

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    return threads


def test_clients_at_work_see_one_store_or_the_other(server):
    """Two items are written together, here in one commit: no pair that does not agree is seen."""
    create_table(server)
    stop = threading.Event()
    failures = []
    counter = iter(range(10**9))

    def write_pair(server):
        value = {"N": str(next(counter))}
        server.call("BatchWriteItem", RequestItems={TABLE: [
            {"PutRequest": {"Item": {"id": {"S": side}, "owner": {"S": "o"}, "value": value}}}
            for side in ("left", "right")]})

    def read_pair(server):
        reply = server.call("TransactGetItems", TransactItems=[
            {"Get": {"TableName": TABLE, "Key": {"id": {"S": side}}}}
            for side in ("left", "right")])
        values = [entry["Item"]["value"] for entry in reply["Responses"]]
        assert values[0] == values[1]
        entries = server.scan(TABLE, INDEX)
        assert len(entries) == 2 and entries[0]["value"] == entries[1]["value"]

    write_pair(server)
    threads = hammer(server, stop, failures, write_pair) + hammer(server, stop, failures, read_pair)
    for round_number in range(30):
        save(server, "now", Replace=True)
        time.sleep(0.01)
        restore(server, "now")
        if round_number % 3 == 0:
            names(server)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert names(server) == ["now"]


def test_a_restore_brings_back_what_the_snapshot_has_and_no_more(server):
    create_table(server)
    fill(server, 200)
    saved = save(server, "full")
    assert (saved["Name"], saved["TableCount"]) == ("full", 1)
    for number in range(100):
        server.call("DeleteItem", TableName=TABLE, Key={"id": {"S": f"item-{number}"}})
    put(server, "late")
    server.call("CreateTable", TableName="Other", BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    restore(server, "full")
    expected = {f"item-{number}" for number in range(200)}
    assert ids(server) == ids(server, INDEX) == expected
    assert not server.has_table("Other")
    inside = server.control("GET", f"tables/{TABLE}")
    assert inside["ItemCount"] == inside["Indexes"][0]["ItemsIndexed"] == 200
    put(server, "later")
    assert ids(server, INDEX) == expected | {"item-later"}


def test_a_reset_leaves_an_empty_store_to_start_again_in(server):
    create_table(server)
    fill(server, 50)
    save(server, "before")
    server.control("POST", "reset")
    assert server.call("ListTables")["TableNames"] == []
    create_table(server)
    assert ids(server) == set()
    restore(server, "before")
    assert len(ids(server)) == 50


# ---- over restarts and kills ----


def test_snapshots_and_the_clock_outlive_a_kill(durable):
    create_table(durable)
    fill(durable, 50)
    save(durable, "one")
    durable.control("POST", "clock", {"AdvanceMilliseconds": 86_400_000})
    save(durable, "two")
    before = durable.control("GET", "snapshots")
    durable.restart_after_kill()
    assert durable.control("GET", "snapshots") == before
    assert before["Snapshots"][1]["Time"] - before["Snapshots"][0]["Time"] >= 86_400
    clock = durable.control("GET", "clock")
    assert clock["OffsetMilliseconds"] == 86_400_000
    assert clock["Time"] - time.time() > 86_000
    put(durable, "late")
    restore(durable, "one")
    durable.restart_after_kill()
    assert len(ids(durable, INDEX)) == 50
    assert durable.control("GET", "clock")["OffsetMilliseconds"] == 86_400_000


def in_background(work):
    """The work is cut off by a kill: it may fail."""
    def run():
        try:
            work()
        except (CallError, OSError, Exception):  # noqa: whatever the kill makes of it
            pass

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_kill_while_a_snapshot_is_taken_leaves_no_half_of_it(durable, tmp_path):
    create_table(durable)
    fill(durable, 4000)
    expected = ids(durable)
    whole = 0
    for round_number, pause_ms in enumerate([0, 1, 2, 3, 5, 8, 12, 20, 30]):
        name = f"round-{round_number}"
        thread = in_background(lambda: save(durable, name))
        time.sleep(pause_ms / 1000)
        durable.restart_after_kill()
        thread.join()
        assert not list((tmp_path / "data").glob("snapshots/*.part"))
        assert ids(durable) == expected
        if name in names(durable):
            whole += 1
            server_ids = restore_elsewhere(durable, name)
            assert server_ids == expected
    assert save(durable, "after")["TableCount"] == 1


def restore_elsewhere(server, name):
    server.control("POST", "reset")
    restore(server, name)
    return ids(server)


def test_a_kill_while_the_store_is_restored_leaves_the_old_or_the_new(durable, tmp_path):
    create_table(durable)
    fill(durable, 4000)
    new = ids(durable)
    save(durable, "new")
    seen = set()
    for pause_ms in [0, 1, 2, 3, 4, 6, 8, 10, 14, 20, 30, 60]:
        durable.control("POST", "reset")
        create_table(durable)
        put(durable, "old")
        thread = in_background(lambda: restore(durable, "new"))
        time.sleep(pause_ms / 1000)
        durable.restart_after_kill()
        thread.join()
        found = ids(durable)
        assert found in ({"item-old"}, new)
        assert ids(durable, INDEX) == found
        seen.add(len(found))
        assert not list((tmp_path / "data").glob("restored*"))
        put(durable, "proof")
        assert ids(durable, INDEX) == found | {"item-proof"}
    assert len(new) in seen, "the last pauses are long enough"


# ---- out of room ----


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", place],
        stderr=subprocess.DEVNULL).returncode == 0
    if not mounted:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk_refuses_a_snapshot_and_leaves_nothing_behind(small_disk):
    data = small_disk / "data"
    with ServerProcess(data, "--profile", "instant") as server:
        create_table(server)
        fill(server, 3000)  # 13 MB: one copy fits, two do not
        expected = ids(server)
        save(server, "first")
        used = disk_use(data)
        for _ in range(3):
            with pytest.raises(CallError) as refused:
                save(server, "second")
            assert refused.value.status == 500
            assert "no room left on the disk" in refused.value.body["message"]
            assert names(server) == ["first"]
            assert disk_use(data) <= used + 1_000_000
        with pytest.raises(CallError) as refused:
            restore(server, "first")
        assert "no room left on the disk" in refused.value.body["message"]
        assert ids(server) == expected
        assert not list(data.glob("restored*"))
        server.control("DELETE", "snapshots/first")
        save(server, "second")
        assert names(server) == ["second"]


def disk_use(folder):
    return sum(path.stat().st_blocks * 512
               for path in pathlib.Path(folder).rglob("*") if path.is_file())


# ---- the clock ----


def test_the_reply_of_clock_comes_when_what_was_due_is_done(tmp_path):
    with ServerProcess(tmp_path / "data", "--profile", "real") as server:
        server.call("CreateTable", TableName="Slow", BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        assert server.describe("Slow")["TableStatus"] == "CREATING"
        reply = server.control("POST", "clock", {"AdvanceMilliseconds": 60_000})
        assert reply["Settled"]
        assert server.describe("Slow")["TableStatus"] == "ACTIVE"
        for number in range(100):
            server.call("PutItem", TableName="Slow",
                        Item={"id": {"S": str(number)}, "owner": {"S": "o"}})
        server.call(
            "UpdateTable", TableName="Slow",
            AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=[{"Create": {
                "IndexName": INDEX, "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"}}}])
        walk = []
        for _ in range(3):
            index = server.progress("Slow", INDEX)
            walk.append((index["Phase"], index["ItemsIndexed"]))
            assert server.control("POST", "clock", {"AdvanceMilliseconds": 600_000})["Settled"]
        assert walk == [("ALLOCATING", 0), ("BACKFILLING", 100), ("ACTIVE", 100)]
