"""`--throttle` through clients: what boto3 and the AWS CLI make of a table without capacity."""

import json

import boto3
import botocore.config
import botocore.exceptions
import pytest

import serving
from command_line import Cli

TABLE_TEXT = ("The level of configured provisioned throughput for the table was exceeded. "
              "Consider increasing your provisioning level with the UpdateTable API.")
INDEX_TEXT = ("The level of configured provisioned throughput for one or more global secondary "
              "indexes of the table was exceeded. Consider increasing your provisioning level for "
              "the under-provisioned global secondary indexes with the UpdateTable API")
LARGE = "v" * 20000  # twenty units: more than what a table of one fills up during a test
KEY = {"pk": {"S": "p"}}


def units(reads, writes):
    return {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}


@pytest.fixture(scope="module")
def throttling():
    server = serving.Server("--in-memory", "--throttle")
    yield server
    assert server.stop() == 0, server.messages()


@pytest.fixture
def client(throttling):
    return serving.connect(throttling.url)


def make_table(client, name, writes=1, **parameters):
    client.create_table(
        TableName=name, KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        ProvisionedThroughput=units(1, writes), **parameters)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return name


@pytest.fixture
def exhausted(client, table_name):
    """A table that owes more than a minute of writes and some twenty seconds of reads."""
    make_table(client, table_name)
    client.put_item(TableName=table_name, Item={**KEY, "v": {"S": LARGE * 4}})
    client.get_item(TableName=table_name, Key=KEY, ConsistentRead=True)
    return table_name


@pytest.mark.parametrize("operation, parameters, reason", [
    ("put_item", {"Item": KEY}, "TableWriteProvisionedThroughputExceeded"),
    ("update_item", {"Key": KEY}, "TableWriteProvisionedThroughputExceeded"),
    ("delete_item", {"Key": KEY}, "TableWriteProvisionedThroughputExceeded"),
    ("get_item", {"Key": KEY}, "TableReadProvisionedThroughputExceeded"),
    ("scan", {}, "TableReadProvisionedThroughputExceeded")])
def test_single_requests_raise_the_exception(client, exhausted, operation, parameters, reason):
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException) as caught:
        getattr(client, operation)(TableName=exhausted, **parameters)
    response = caught.value.response
    assert response["Error"] == {"Code": "ProvisionedThroughputExceededException",
                                 "Message": TABLE_TEXT}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_the_reasons_are_in_the_body(throttling, exhausted):
    status, body = serving.RawCaller(throttling.url)(
        "PutItem", {"TableName": exhausted, "Item": KEY})
    assert status == 400
    assert body == {
        "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "message": TABLE_TEXT,
        "ThrottlingReasons": [{
            "reason": "TableWriteProvisionedThroughputExceeded",
            "resource": f"arn:aws:dynamodb:us-east-1:000000000000:table/{exhausted}"}]}


def test_moving_the_clock_fills_the_buckets(throttling, client, exhausted):
    status, _ = serving.Control(throttling.url).call(
        "POST", "clock", {"AdvanceMilliseconds": 120 * 1000})
    assert status == 200
    client.put_item(TableName=exhausted, Item=KEY)
    client.get_item(TableName=exhausted, Key=KEY)


def test_a_batch_that_partly_fits_is_finished_by_retrying(client, table_name):
    make_table(client, table_name, writes=5)
    wanted = {table_name: [{"PutRequest": {"Item": {"pk": {"S": str(i)}}}} for i in range(15)]}
    calls = 0

    def finished():
        nonlocal wanted, calls
        calls += 1
        try:
            wanted = client.batch_write_item(RequestItems=wanted)["UnprocessedItems"]
        except client.exceptions.ProvisionedThroughputExceededException:
            pass
        return not wanted

    serving.wait_until(finished, 20, every=0.2)
    assert calls > 2
    keys = [{"pk": {"S": str(i)}} for i in range(15)]
    reply = client.batch_get_item(RequestItems={table_name: {"Keys": keys}})
    left = reply["UnprocessedKeys"][table_name]["Keys"]
    assert 0 < len(left) < 15
    assert len(left) + len(reply["Responses"][table_name]) == 15


def test_a_transaction_is_cancelled_with_the_reason(client, exhausted):
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        client.transact_write_items(
            TransactItems=[{"Put": {"TableName": exhausted, "Item": {"pk": {"S": "q"}}}}])
    assert caught.value.response["CancellationReasons"] == [
        {"Code": "ProvisionedThroughputExceeded", "Message": TABLE_TEXT}]


def test_retries_of_an_sdk_get_through(throttling, client, table_name):
    make_table(client, table_name)
    client.put_item(TableName=table_name, Item={**KEY, "v": {"S": "v" * 4000}})
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException):
        client.put_item(TableName=table_name, Item=KEY)
    patient = boto3.client("dynamodb", endpoint_url=throttling.url, **serving.CREDENTIALS,
                           config=botocore.config.Config(proxies={}))
    reply = patient.put_item(TableName=table_name, Item=KEY)
    assert reply["ResponseMetadata"]["RetryAttempts"] > 0


def test_an_underprovisioned_new_index_holds_up_its_table_until_it_is_raised(
        throttling, client, table_name):
    make_table(client, table_name, writes=1000)
    for i in range(200):
        client.put_item(TableName=table_name, Item={"pk": {"S": str(i)}, "kind": {"S": "a"}})
    client.update_table(
        TableName=table_name,
        AttributeDefinitions=[{"AttributeName": "kind", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "by-kind", "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": units(1, 1)}}])
    control = serving.Control(throttling.url)
    serving.wait_until(lambda: control.index(table_name, "by-kind")["ItemsIndexed"] > 0)

    def refusal():
        try:
            client.put_item(TableName=table_name, Item={"pk": {"S": "new"}, "kind": {"S": "b"}})
        except client.exceptions.ProvisionedThroughputExceededException as error:
            return error.response["Error"]["Message"]
        return None

    assert serving.wait_until(refusal) == INDEX_TEXT
    client.put_item(TableName=table_name, Item={"pk": {"S": "without"}})
    assert control.index(table_name, "by-kind")["Phase"] == "BACKFILLING"
    client.update_table(TableName=table_name, GlobalSecondaryIndexUpdates=[{"Update": {
        "IndexName": "by-kind", "ProvisionedThroughput": units(1, 1000)}}])

    def is_active():
        return control.index(table_name, "by-kind")["Phase"] == "ACTIVE"

    serving.wait_until(is_active, 10)
    client.put_item(TableName=table_name, Item={"pk": {"S": "new"}, "kind": {"S": "b"}})


def test_the_aws_cli_prints_the_text(throttling, exhausted, tmp_path):
    aws = Cli(throttling.url, tmp_path)
    aws.environment["AWS_MAX_ATTEMPTS"] = "1"
    result = aws.run("put-item", "--table-name", exhausted, "--item", json.dumps(KEY))
    assert result.returncode == 254
    assert "(ProvisionedThroughputExceededException) when calling the PutItem" in result.stderr
    assert TABLE_TEXT in result.stderr


def test_the_aws_cli_retries_by_itself(throttling, client, table_name, tmp_path):
    make_table(client, table_name)
    client.put_item(TableName=table_name, Item={**KEY, "v": {"S": "v" * 4000}})
    aws = Cli(throttling.url, tmp_path)
    aws.environment["AWS_MAX_ATTEMPTS"] = "10"
    aws("put-item", "--table-name", table_name, "--item", json.dumps({"pk": {"S": "retried"}}))


def test_a_maximum_on_demand_is_a_throttling_exception(throttling, client, table_name):
    raw = serving.RawCaller(throttling.url)  # older models have no OnDemandThroughput
    status, _ = raw("CreateTable", {
        "TableName": table_name, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "OnDemandThroughput": {"MaxReadRequestUnits": 1, "MaxWriteRequestUnits": 1}})
    assert status == 200
    client.get_waiter("table_exists").wait(TableName=table_name, WaiterConfig={"Delay": 1})
    client.put_item(TableName=table_name, Item={**KEY, "v": {"S": LARGE}})
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        client.put_item(TableName=table_name, Item=KEY)
    assert caught.value.response["Error"] == {
        "Code": "ThrottlingException",
        "Message": "Throughput exceeds the maximum OnDemandThroughput configured on table or index"}


def test_without_the_flag_nothing_is_refused(start_server, table_name):
    client = serving.connect(start_server("--in-memory").url)
    make_table(client, table_name)
    for _ in range(3):
        client.put_item(TableName=table_name, Item={**KEY, "v": {"S": LARGE}})
