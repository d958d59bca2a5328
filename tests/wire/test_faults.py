"""Faults and freezes, as the clients that meet them see them."""

import http.client
import subprocess
import threading
import time

import boto3
import botocore.config
import botocore.exceptions
import pytest

import serving

AWS = "/usr/bin/aws"  # Debian's, before any other that PATH may have
SCHEMA = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
          "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
          "BillingMode": "PAY_PER_REQUEST"}
ITEM = {"pk": {"S": "a"}}


@pytest.fixture(params=["in memory", "durable"])
def server(request, start_server, tmp_path):
    flags = ["--in-memory"] if request.param == "in memory" else ["--data", tmp_path / "data"]
    server = start_server("--profile", "instant", *flags)
    serving.connect(server.url).create_table(TableName="things", **SCHEMA)
    server.control = serving.Control(server.url)
    return server


def client(server, attempts=1, **options):
    return boto3.client(
        "dynamodb", endpoint_url=server.url, **serving.CREDENTIALS,
        config=botocore.config.Config(
            retries={"total_max_attempts": attempts, "mode": "standard"}, proxies={},
            max_pool_connections=64, **options))


def cli(server, *arguments, attempts=1):
    return subprocess.run(
        [AWS, "dynamodb", *arguments, "--endpoint-url", server.url], capture_output=True,
        text=True, timeout=120, env=serving.clean_environment(
            AWS_ACCESS_KEY_ID="rehearsal", AWS_SECRET_ACCESS_KEY="rehearsal",
            AWS_DEFAULT_REGION=serving.REGION, AWS_MAX_ATTEMPTS=str(attempts),
            AWS_RETRY_MODE="standard", AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true",
            NO_PROXY="127.0.0.1,localhost"))


def has_item(server):
    return "Item" in client(server).get_item(TableName="things", Key=ITEM)


# ---- errors ----

@pytest.mark.parametrize("error", ["ThrottlingException", "InternalServerError",
                                   "ProvisionedThroughputExceededException",
                                   "RequestLimitExceeded"])
def test_boto3_retries_what_passes_by(server, error):
    server.control.faults({"Operation": "PutItem", "Repeat": 2, "Error": error})
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        client(server).put_item(TableName="things", Item=ITEM)
    assert caught.value.response["Error"]["Code"] == error
    assert not has_item(server)
    reply = client(server, attempts=5).put_item(TableName="things", Item=ITEM)
    assert reply["ResponseMetadata"]["RetryAttempts"] == 1
    assert has_item(server)
    assert server.control.shown_faults()[0] == {
        "Operation": "PutItem", "Countdown": 0, "Repeat": 2, "Error": error,
        "Matched": 3, "Acted": 2}


def test_a_rule_with_an_unknown_member_is_refused_and_disturbs_nothing(server):
    status, reply = server.control.call("PUT", "faults", {"Rules": [
        {"Operations": ["PutItem"], "Error": "ThrottlingException"}]})
    assert status == 400
    assert reply["message"].startswith("Rule has no member Operations; its members are Operation,")
    assert server.control.shown_faults() == []
    client(server).put_item(TableName="things", Item=ITEM)
    assert has_item(server)


def test_the_cli_retries_too(server):
    server.control.faults({"TableName": "things", "Countdown": 1, "Repeat": 2,
                           "Error": "ProvisionedThroughputExceededException"})
    put = ("put-item", "--table-name", "things", "--item", '{"pk":{"S":"a"}}')
    assert cli(server, *put).returncode == 0
    failed = cli(server, *put)
    assert failed.returncode != 0
    assert "(ProvisionedThroughputExceededException)" in failed.stderr
    assert "The level of configured provisioned throughput for the table was exceeded." in \
        failed.stderr
    assert cli(server, *put, attempts=5).returncode == 0
    assert server.control.shown_faults()[0]["Acted"] == 2


def test_exceptions_are_the_clients_own(server):
    dynamodb = client(server)
    server.control.faults({"Operation": "PutItem", "Error": "ConditionalCheckFailedException"},
                          {"Operation": "TransactWriteItems",
                           "Error": "TransactionCanceledException"})
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(TableName="things", Item=ITEM)
    put = {"Put": {"TableName": "things", "Item": ITEM}}
    other = {"Put": {"TableName": "things", "Item": {"pk": {"S": "b"}}}}
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.transact_write_items(TransactItems=[put, other])
    reasons = caught.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["TransactionConflict", "None"]
    assert not has_item(server)


# ---- delays ----

def test_a_late_answer_is_late_and_right(server):
    server.control.faults({"DelayMilliseconds": 300, "Repeat": 2})
    start = time.monotonic()
    client(server).put_item(TableName="things", Item=ITEM)
    assert has_item(server)
    assert 0.6 <= time.monotonic() - start < 10


def test_a_writer_that_gives_up_has_written(server):
    server.control.faults({"Operation": "PutItem", "DelayMilliseconds": 5000})
    with pytest.raises(botocore.exceptions.ReadTimeoutError):
        client(server, read_timeout=0.3).put_item(TableName="things", Item=ITEM)
    assert has_item(server)


def test_waiting_answers_hold_up_nobody(server):
    """Many more than there are threads, and all wait at the same time."""
    count, delay = 40, 1.0
    server.control.faults({"Operation": "PutItem", "DelayMilliseconds": int(delay * 1000)})
    writer = client(server)
    threads = [threading.Thread(target=writer.put_item, kwargs={
        "TableName": "things", "Item": {"pk": {"S": str(i)}}}) for i in range(count)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(delay / 4)
    assert "Item" not in client(server).get_item(TableName="things", Key={"pk": {"S": "none"}})
    for thread in threads:
        thread.join()
    assert delay <= time.monotonic() - start < count * delay / 4
    assert client(server).scan(TableName="things")["Count"] == count


def test_a_server_that_stops_does_not_wait_for_late_answers(server):
    server.control.faults({"Operation": "PutItem", "DelayMilliseconds": 3600000})
    replies = []
    writer = threading.Thread(target=lambda: replies.append(
        client(server).put_item(TableName="things", Item=ITEM)))
    writer.start()
    serving.wait_until(lambda: has_item(server))
    start = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - start < 10
    writer.join()
    assert replies[0]["ResponseMetadata"]["HTTPStatusCode"] == 200


# ---- dropped connections ----

def test_a_dropped_connection_has_no_answer_at_all(server):
    server.control.faults({"Operation": "ListTables", "Drop": True})
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/", body="{}", headers={
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.ListTables", "X-Amz-Date": "20260101T000000Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, "
                         "SignedHeaders=host;x-amz-date, Signature=0"})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()


@pytest.mark.parametrize("delay", [{}, {"DelayMilliseconds": 50}])
def test_boto3_comes_again_after_a_drop(server, delay):
    server.control.faults({"Operation": "PutItem", "Drop": "BEFORE", "Repeat": 2, **delay})
    with pytest.raises((botocore.exceptions.ConnectionClosedError,
                        botocore.exceptions.EndpointConnectionError)):
        client(server).put_item(TableName="things", Item=ITEM)
    assert not has_item(server)
    client(server, attempts=5).put_item(TableName="things", Item=ITEM)
    assert has_item(server)


def test_a_lost_answer_makes_a_retry_fail_its_condition(server):
    """The write was applied; its retry finds the item that it wanted to make."""
    server.control.faults({"Operation": "PutItem", "Drop": "AFTER", "Repeat": 1})
    dynamodb = client(server, attempts=5)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(TableName="things", Item=ITEM,
                          ConditionExpression="attribute_not_exists(pk)")
    assert has_item(server)


# ---- freezes ----

def test_writes_of_a_frozen_table_are_denied(server):
    server.control.freeze("things")
    denied = cli(server, "put-item", "--table-name", "things", "--item", '{"pk":{"S":"a"}}',
                 attempts=3)
    assert denied.returncode != 0
    assert "(AccessDeniedException) when calling the PutItem operation: User: arn:aws:iam::" \
        in denied.stderr
    assert "is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:" \
        "us-east-1:000000000000:table/things with an explicit deny in a resource-based policy" \
        in denied.stderr
    dynamodb = client(server)
    with pytest.raises(dynamodb.exceptions.ClientError) as caught:
        dynamodb.batch_write_item(RequestItems={"things": [{"PutRequest": {"Item": ITEM}}]})
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert not has_item(server)
    server.control.thaw("things")
    assert cli(server, "put-item", "--table-name", "things",
               "--item", '{"pk":{"S":"a"}}').returncode == 0


def test_writers_that_retry_go_on_after_the_thaw(server):
    server.control.freeze("things", Error="ProvisionedThroughputExceededException")
    replies = []
    writer = threading.Thread(target=lambda: replies.append(
        client(server, attempts=50).put_item(TableName="things", Item=ITEM)))
    writer.start()
    serving.wait_until(lambda: server.control.readers("things")["Refused"] > 0)
    assert not has_item(server)
    server.control.thaw("things")
    writer.join()
    assert replies[0]["ResponseMetadata"]["RetryAttempts"] > 0
    assert has_item(server)


def test_a_freeze_outlives_a_kill(start_server, tmp_path):
    server = start_server("--profile", "instant", "--data", tmp_path / "data")
    client(server).create_table(TableName="things", **SCHEMA)
    serving.Control(server.url).freeze("things")
    server.kill()
    server = start_server("--profile", "instant", "--data", tmp_path / "data")
    with pytest.raises(botocore.exceptions.ClientError):
        client(server).put_item(TableName="things", Item=ITEM)
    assert serving.Control(server.url).table("things")["Frozen"] is True
    serving.Control(server.url).thaw("things")
    client(server).put_item(TableName="things", Item=ITEM)
