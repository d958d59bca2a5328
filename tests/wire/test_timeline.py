"""The timeline and the ledger of a migration that real clients make; and hostile callers of both."""

import json
import socket
import subprocess

import botocore.exceptions
import pytest

import serving

AWS = "/usr/bin/aws"  # Debian's, before any other that PATH may have
NEW_INDEX = {
    "AttributeDefinitions": [{"AttributeName": "user", "AttributeType": "S"}],
    "GlobalSecondaryIndexUpdates": [{"Create": {
        "IndexName": "by-user", "KeySchema": [{"AttributeName": "user", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"}}}]}


def cli(endpoint, *arguments):
    result = subprocess.run(
        [AWS, "dynamodb", *arguments, "--endpoint-url", endpoint], capture_output=True, text=True,
        timeout=120, env=serving.clean_environment(
            AWS_ACCESS_KEY_ID="operator", AWS_SECRET_ACCESS_KEY="secret", AWS_PAGER="",
            AWS_DEFAULT_REGION=serving.REGION, AWS_EC2_METADATA_DISABLED="true",
            NO_PROXY="127.0.0.1,localhost"))
    assert result.returncode == 0, result.stderr
    return result.stdout


def query(table, index="by-user"):
    return table.query(IndexName=index, KeyConditionExpression="#u = :u",
                       ExpressionAttributeNames={"#u": "user"},
                       ExpressionAttributeValues={":u": "ann"})


def line(event):
    text = event["Kind"]
    if "Operation" in event:
        text += " " + event["Operation"]
    if "IndexName" in event:
        text += " " + event["IndexName"]
    if event["Kind"] == "STATE":
        text += f" {event.get('From', '-')}>{event.get('To', '-')}"
    return text


def test_the_whole_build_of_an_index(make_table, endpoint, control):
    table = make_table()
    with table.batch_writer() as writer:
        for i in range(50):
            writer.put_item(Item={"pk": str(i), "user": "ann"})
    mark = control.timeline_end()
    control.hold(table.name, "by-user", "BACKFILLING", 10)
    cli(endpoint, "update-table", "--table-name", table.name, "--cli-input-json",
        json.dumps(NEW_INDEX))
    serving.wait_until(lambda: control.index(table.name, "by-user")["Held"])
    with pytest.raises(botocore.exceptions.ClientError):
        query(table)
    control.release(table.name, "by-user")
    serving.wait_until(lambda: control.index(table.name, "by-user")["Phase"] == "ACTIVE")
    cli(endpoint, "update-table", "--table-name", table.name, "--global-secondary-index-updates",
        '[{"Delete":{"IndexName":"by-user"}}]')
    serving.wait_until(lambda: control.index(table.name, "by-user") is None)
    events, last = control.timeline(mark, TableName=table.name)
    assert [line(event) for event in events] == [
        "HOLD by-user",
        "CALL UpdateTable by-user",
        "STATE ACTIVE>UPDATING",
        "STATE by-user ->ALLOCATING",
        "STATE UPDATING>ACTIVE",
        "STATE by-user ALLOCATING>BACKFILLING",
        "HELD by-user",
        "REFUSAL Query by-user",
        "RELEASE by-user",
        "STATE by-user BACKFILLING>ACTIVE",
        "CALL UpdateTable by-user",
        "STATE ACTIVE>UPDATING",
        "STATE by-user ACTIVE>DELETING",
        "STATE UPDATING>ACTIVE",
        "STATE by-user DELETING>-",
    ]
    sequences = [event["Sequence"] for event in events]
    assert sequences == sorted(set(sequences)) and sequences[-1] <= last
    times = [event["Time"] for event in events]
    assert times == sorted(times)
    assert (events[6]["Phase"], events[6]["ItemsScanned"]) == ("BACKFILLING", 10)
    call, refusal = events[1], events[7]
    assert call["AccessKeyId"] == "operator" and "aws-cli" in call["UserAgent"]
    assert refusal["Error"] == "ValidationException"
    assert refusal["Message"] == "Cannot read from backfilling global secondary index: by-user"
    assert refusal["AccessKeyId"] == "rehearsal" and "Boto3" in refusal["UserAgent"]


def test_who_still_reads_the_index(make_table, endpoint, control):
    """One reader is boto3, the other the CLI; a reset shows that the second goes on."""
    table = make_table(
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                              {"AttributeName": "user", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[{"IndexName": "by-user",
                                 "KeySchema": [{"AttributeName": "user", "KeyType": "HASH"}],
                                 "Projection": {"ProjectionType": "ALL"}}])
    table.put_item(Item={"pk": "1", "user": "ann"})
    table.put_item(Item={"pk": "2"})

    def ask_by_cli():
        cli(endpoint, "scan", "--table-name", table.name, "--index-name", "by-user")

    query(table)
    query(table)
    ask_by_cli()
    ledger = control.readers(table.name)
    assert (ledger["Reads"], ledger["Writes"], ledger["Refused"]) == (0, 2, 0)
    index = ledger["Indexes"][0]
    assert (index["IndexName"], index["Reads"], index["Writes"]) == ("by-user", 3, 1)
    readers = {caller["AccessKeyId"]: caller for caller in index["Callers"] if caller["Reads"]}
    assert readers["rehearsal"]["Operations"] == {"PutItem": 1, "Query": 2} or \
        readers["rehearsal"]["Operations"] == {"Query": 2}
    assert "Boto3" in readers["rehearsal"]["UserAgent"]
    assert readers["operator"]["Operations"] == {"Scan": 1}
    assert "aws-cli" in readers["operator"]["UserAgent"]
    assert readers["operator"]["LastRead"] >= ledger["Since"]

    status, _ = control.call("POST", "readers/reset", {"TableName": table.name})
    assert status == 200
    assert control.readers(table.name)["Indexes"][0]["Reads"] == 0
    ask_by_cli()
    index = control.readers(table.name)["Indexes"][0]
    assert index["Reads"] == 1
    assert [caller["AccessKeyId"] for caller in index["Callers"]] == ["operator"]


# ---- hostile callers ----

PATHS = [("GET", "timeline"), ("GET", "readers"), ("POST", "readers/reset"), ("GET", "faults"),
         ("PUT", "faults"), ("DELETE", "faults"), ("POST", "freeze"), ("POST", "thaw")]
BODIES = {
    "no JSON": b"\xff\xfe{",
    "deep": b"[" * 100000,
    "a number": b"1",
    "other types": b'{"TableName":{"a":[]},"Error":7,"Rules":{"a":1},"Name":null}',
    "rules of other types": b'{"Rules":[null,[],"a",{"Error":{},"Drop":[],"Countdown":"x"}]}',
    "huge numbers": b'{"Rules":[{"Drop":true,"Countdown":1e400,"Repeat":-9e99}],"TableName":"t"}',
    "a long name": b'{"TableName":"' + b"a" * 1000000 + b'"}',
    "zero bytes": b'{"TableName":"a\\u0000b","Error":"\\u0000","Rules":[{"Error":"\\u0000"}]}',
    "many rules": b'{"Rules":[' + b'{"Drop":true},' * 10000 + b'{"Drop":true}]}',
}
QUERIES = ["?", "?After=", "?After=%00", "?TableName=" + "a" * 8000, "?&&&==&After&=1",
           "?TableName=%2e%2e%2f", "?Limit=-0", "?AccessKeyId=a%2Fb&Region="]


@pytest.fixture(scope="module")
def hostile_server():
    server = serving.Server("--in-memory", "--profile", "instant")
    yield server
    assert server.stop() == 0, server.messages()


def send(server, method, path, body, query=""):
    """As it is; the status, 0 when the connection was closed."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"{method} /_rehearsedb/{path}{query} HTTP/1.1\r\nHost: localhost\r\n"
                           f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                           + body)
        reply = b""
        while True:
            data = connection.recv(65536)
            if not data:
                break
            reply += data
    return int(reply.split(b" ")[1]) if reply else 0


@pytest.mark.parametrize("method,path", PATHS)
@pytest.mark.parametrize("name", BODIES)
def test_hostile_bodies_are_refused(hostile_server, method, path, name):
    status = send(hostile_server, method, path, BODIES[name])
    assert status == 400
    assert serving.Control(hostile_server.url).call("GET", "health")[0] == 200
    assert serving.Control(hostile_server.url).shown_faults() == []


@pytest.mark.parametrize("query_text", QUERIES)
@pytest.mark.parametrize("path", ["timeline", "readers", "faults"])
def test_hostile_queries_are_answered(hostile_server, path, query_text):
    assert send(hostile_server, "GET", path, b"", query_text) in (200, 400)
    assert serving.Control(hostile_server.url).call("GET", "health")[0] == 200


def test_endless_user_agents_are_bounded(start_server):
    server = start_server("--in-memory", "--profile", "instant")
    serving.connect(server.url).create_table(
        TableName="things", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    body = b'{"TableName":"things","Key":{"pk":{"S":"a"}}}'
    count = 6000
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        stream = connection.makefile("rb")
        for i in range(count):
            connection.sendall(
                b"POST / HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/x-amz-json-1.0\r\n"
                b"X-Amz-Target: DynamoDB_20120810.GetItem\r\nX-Amz-Date: 20260101T000000Z\r\n"
                b"Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/"
                b"aws4_request, SignedHeaders=host;x-amz-date, Signature=0\r\n"
                b"User-Agent: agent-%d-\xff\r\nContent-Length: %d\r\n\r\n" % (i, len(body)) + body)
            length = 0
            while (header := stream.readline()) != b"\r\n":
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            stream.read(length)
    ledger = serving.Control(server.url).readers("things")
    assert ledger["Reads"] == count
    assert len(ledger["Callers"]) < count
    assert sum(caller["Reads"] for caller in ledger["Callers"]) == count
    assert any(caller["UserAgent"] == "(others)" for caller in ledger["Callers"])
    assert ledger["Callers"][1]["UserAgent"].startswith("agent-")
    assert "?" in ledger["Callers"][1]["UserAgent"]
