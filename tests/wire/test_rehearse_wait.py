"""`rehearse wait` against a real server: ready, gone, never, too late, unreachable."""

import json
import re
import subprocess
import threading
import time
import urllib.request

import pytest

import serving

TOOL = serving.ROOT / "build/release/rehearse"
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}]
INDEX = {"IndexName": "by-kind", "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
         "Projection": {"ProjectionType": "ALL"}}


def wait(url, *arguments, **variables):
    return subprocess.run(
        [TOOL, "wait", *arguments, *(["--endpoint", url] if url else [])],
        env=serving.clean_environment(**variables), capture_output=True, text=True, timeout=60)


def states(result):
    return [re.sub(r"^ *[0-9.]+ s  ", "", line) for line in result.stdout.splitlines()]


def hold(server, phase):
    body = {"TableName": "things", "IndexName": "by-kind", "Phase": phase}
    request = urllib.request.Request(server.url + "/_rehearsedb/hold", json.dumps(body).encode())
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
        assert reply.status == 200


@pytest.fixture
def server(start_server):
    return start_server("--in-memory")


@pytest.fixture
def table(server):
    client = serving.connect(server.url)
    client.create_table(
        TableName="things", KeySchema=KEYS, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    return client


def described(client):
    return client.describe_table(TableName="things")["Table"]


def add_index(client):
    serving.wait_until(lambda: described(client)["TableStatus"] == "ACTIVE")
    client.update_table(
        TableName="things",
        AttributeDefinitions=[{"AttributeName": "kind", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": INDEX}])


def delete_index(client):
    client.update_table(TableName="things",
                        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-kind"}}])


def test_a_table_is_waited_for(server, table):
    result = wait(server.url, "--table", "things")
    assert (result.returncode, result.stderr) == (0, "")
    assert states(result)[-1] == "table ACTIVE"
    assert described(table)["TableStatus"] == "ACTIVE"


def test_an_index_is_waited_for_through_both_phases(server, table):
    add_index(table)
    result = wait(server.url, "--table=things", "--index=by-kind")
    assert (result.returncode, result.stderr) == (0, "")
    assert states(result) == ["table UPDATING, index by-kind CREATING (allocating)",
                              "table ACTIVE, index by-kind CREATING (backfilling)",
                              "table ACTIVE, index by-kind ACTIVE"]


def test_a_table_is_ready_only_with_its_indexes(server, table):
    add_index(table)
    result = wait(server.url, "--table", "things", "--output", "json")
    assert result.returncode == 0
    answer = json.loads(result.stdout)
    assert answer["Ready"] is True
    assert answer["States"][-1]["State"] == "table ACTIVE, index by-kind ACTIVE"
    assert described(table)["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"


def test_what_is_deleted_is_waited_for(server, table):
    add_index(table)
    assert wait(server.url, "--table", "things").returncode == 0
    delete_index(table)
    result = wait(server.url, "--table", "things", "--index", "by-kind", "--gone")
    assert (result.returncode, states(result)[-1]) == (0, "table ACTIVE, no index by-kind")
    table.delete_table(TableName="things")
    result = wait(server.url, "--table", "things", "--gone", "--output", "json")
    assert (result.returncode, json.loads(result.stdout)["Gone"]) == (0, True)


def test_what_does_not_exist_is_not_waited_for(server, table):
    for arguments in (["--table", "none"], ["--table", "things", "--index", "none"]):
        begin = time.monotonic()
        result = wait(server.url, *arguments)
        assert result.returncode == 1
        assert "there is no such table or index" in result.stderr
        assert time.monotonic() - begin < 5


def test_an_index_that_vanishes_is_told(server, table):
    hold(server, "BACKFILLING")
    add_index(table)
    results = []
    waiter = threading.Thread(
        target=lambda: results.append(wait(server.url, "--table=things", "--index=by-kind")))
    waiter.start()
    serving.wait_until(
        lambda: described(table)["GlobalSecondaryIndexes"][0].get("Backfilling"))
    time.sleep(1)  # the tool has looked meanwhile
    delete_index(table)
    waiter.join()
    assert results[0].returncode == 1
    assert "it is gone: its creation failed, or somebody has deleted it" in results[0].stderr


def test_it_gives_up_in_time(server, table):
    hold(server, "ALLOCATING")
    add_index(table)
    result = wait(server.url, "--table", "things", "--index", "by-kind", "--timeout", "1")
    assert result.returncode == 1
    assert "not within the time" in result.stderr


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"])
def test_the_environment_says_where(server, table, variable):
    result = wait(None, "--table", "things", **{variable: server.url})
    assert result.returncode == 0, result.stderr


def test_a_place_that_cannot_be_used_is_told(server, tmp_path):
    result = wait("http://127.0.0.1:1", "--table", "things")
    assert result.returncode == 3
    assert "cannot reach http://127.0.0.1:1" in result.stderr
    result = wait(server.url + "/_rehearsedb/health", "--table", "things")
    assert result.returncode == 3
    result = wait(None, "--table", "things", HOME=str(tmp_path), PATH="")
    assert result.returncode == 3
    assert "no region" in result.stderr


@pytest.mark.parametrize("arguments, words", [
    ([], "--table is needed"),
    (["--table"], "--table needs a value"),
    (["--table", "t", "--timeout", "soon"], "--timeout must be 1 to 2592000"),
    (["--table", "t", "--output", "xml"], "--output must be text or json"),
    (["--table", "t", "--wrong"], 'unknown argument "--wrong"'),
    (["--table", "t", "--gone=yes"], "--gone takes no value"),
])
def test_a_wrong_command_line_is_told(arguments, words):
    result = wait(None, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
