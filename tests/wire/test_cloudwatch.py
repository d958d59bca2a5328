"""CloudWatch on the same port: boto3, the AWS CLI, the metrics page, and what a restart keeps."""

import datetime
import json
import re
import subprocess
import urllib.request

import boto3
import botocore.exceptions
import pytest

import serving
from command_line import AWS

pytestmark = pytest.mark.ours

NAMESPACE = "AWS/DynamoDB"
KEY = [{"AttributeName": "pk", "KeyType": "HASH"}]
PK = {"AttributeName": "pk", "AttributeType": "S"}
KIND = {"AttributeName": "kind", "AttributeType": "S"}
BY_KIND = {"IndexName": "by-kind", "Projection": {"ProjectionType": "ALL"},
           "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}]}


def connect(url):
    return boto3.client("cloudwatch", endpoint_url=url, **serving.CREDENTIALS)


@pytest.fixture
def cloudwatch(endpoint):
    return connect(endpoint)


def around_now():
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"StartTime": now - datetime.timedelta(minutes=10),
            "EndTime": now + datetime.timedelta(minutes=2)}


def dimensions(**values):
    return [{"Name": name, "Value": value} for name, value in values.items()]


def total(cloudwatch, metric, statistic="Sum", **values):
    """The metric's values of the last minutes, added up."""
    reply = cloudwatch.get_metric_statistics(
        Namespace=NAMESPACE, MetricName=metric, Dimensions=dimensions(**values), Period=60,
        Statistics=[statistic], **around_now())
    assert reply["Label"] == metric
    return sum(point[statistic] for point in reply["Datapoints"])


@pytest.fixture
def orders(make_table):
    return make_table(KeySchema=KEY, AttributeDefinitions=[PK])


def build_index(table, client, patience):
    client.update_table(
        TableName=table.name, AttributeDefinitions=[PK, KIND],
        GlobalSecondaryIndexUpdates=[{"Create": BY_KIND}])

    def index_is_active():
        indexes = client.describe_table(TableName=table.name)["Table"]["GlobalSecondaryIndexes"]
        return indexes[0]["IndexStatus"] == "ACTIVE"

    serving.wait_until(index_is_active, patience)


def test_what_a_build_moves_is_metered(orders, client, cloudwatch, patience):
    for number in range(5):
        orders.put_item(Item={"pk": str(number), "kind": "k"})
    build_index(orders, client, patience)
    orders.put_item(Item={"pk": "new", "kind": "k"})
    client.scan(TableName=orders.name, IndexName="by-kind")
    index = {"TableName": orders.name, "GlobalSecondaryIndexName": "by-kind"}
    assert total(cloudwatch, "ConsumedWriteCapacityUnits", TableName=orders.name) == 6
    assert total(cloudwatch, "ConsumedWriteCapacityUnits", **index) == 1
    assert total(cloudwatch, "ConsumedReadCapacityUnits", **index) == 0.5
    assert total(cloudwatch, "OnlineIndexConsumedWriteCapacity", **index) == 5
    assert total(cloudwatch, "OnlineIndexPercentageProgress", "Maximum", **index) >= 100


def test_list_metrics_finds_what_there_is(orders, cloudwatch):
    orders.put_item(Item={"pk": "1"})
    pages = cloudwatch.get_paginator("list_metrics").paginate(
        Namespace=NAMESPACE, Dimensions=dimensions(TableName=orders.name))
    found = {metric["MetricName"] for page in pages for metric in page["Metrics"]}
    assert {"ConsumedWriteCapacityUnits", "SuccessfulRequestLatency"} <= found


def test_get_metric_data_pages(orders, cloudwatch):
    orders.put_item(Item={"pk": "1"})
    queries = [{"Id": f"q{number}", "MetricStat": {
        "Metric": {"Namespace": NAMESPACE, "MetricName": "ConsumedWriteCapacityUnits",
                   "Dimensions": dimensions(TableName=orders.name)},
        "Period": 3600, "Stat": "Sum"}} for number in range(3)]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, PaginationConfig={"PageSize": 1}, **around_now())
    results = [result for page in pages for result in page["MetricDataResults"]]
    values = {}
    for result in results:
        values.setdefault(result["Id"], []).extend(result["Values"])
    assert {name: sum(parts) for name, parts in values.items()} == {"q0": 1, "q1": 1, "q2": 1}


def test_refusals_have_cloudwatchs_codes(cloudwatch):
    with pytest.raises(cloudwatch.exceptions.ClientError) as refusal:
        cloudwatch.get_metric_statistics(
            Namespace=NAMESPACE, MetricName="X", Period=60, Statistics=["Sum"],
            StartTime=datetime.datetime(2026, 1, 1), EndTime=datetime.datetime(2026, 1, 3))
    assert refusal.value.response["Error"] == {
        "Type": "Sender", "Code": "InvalidParameterCombination",
        "Message": "You have requested up to 2880 datapoints, which exceeds the limit of 1440. You "
                   "may reduce the datapoints requested by increasing Period, or decreasing the "
                   "time range."}
    with pytest.raises(botocore.exceptions.ClientError) as refusal:
        cloudwatch.describe_alarms()
    assert refusal.value.response["Error"]["Code"] == "InvalidAction"


def aws_cli(endpoint, *arguments):
    environment = serving.clean_environment(
        AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true", AWS_ACCESS_KEY_ID="rehearsal",
        AWS_SECRET_ACCESS_KEY="rehearsal", NO_PROXY="127.0.0.1,localhost")
    return subprocess.run(
        [AWS, "cloudwatch", *arguments, "--endpoint-url", endpoint, "--region", serving.REGION],
        env=environment, capture_output=True, text=True, timeout=60)


def test_the_cli_reads_a_metric_as_runbooks_do(endpoint, orders):
    orders.put_item(Item={"pk": "1"})
    times = around_now()
    result = aws_cli(
        endpoint, "get-metric-statistics", "--namespace", NAMESPACE,
        "--metric-name", "ConsumedWriteCapacityUnits",
        "--dimensions", f"Name=TableName,Value={orders.name}",
        "--start-time", times["StartTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "--end-time", times["EndTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "--period", "60", "--statistics", "Sum", "--query", "sum(Datapoints[].Sum)")
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == 1
    result = aws_cli(endpoint, "list-metrics", "--namespace", NAMESPACE, "--dimensions",
                     f"Name=TableName,Value={orders.name}")
    assert result.returncode == 0, result.stderr
    names = [metric["MetricName"] for metric in json.loads(result.stdout)["Metrics"]]
    assert names == sorted(names) and "ConsumedWriteCapacityUnits" in names
    queries = [{"Id": "writes", "MetricStat": {"Stat": "Sum", "Period": 60, "Metric": {
        "Namespace": NAMESPACE, "MetricName": "ConsumedWriteCapacityUnits",
        "Dimensions": [{"Name": "TableName", "Value": orders.name}]}}}]
    result = aws_cli(endpoint, "get-metric-data", "--metric-data-queries", json.dumps(queries),
                     "--start-time", times["StartTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                     "--end-time", times["EndTime"].strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert result.returncode == 0, result.stderr
    assert sum(json.loads(result.stdout)["MetricDataResults"][0]["Values"]) == 1


def test_the_metrics_page_counts_the_same(endpoint, orders, cloudwatch):
    for number in range(3):
        orders.put_item(Item={"pk": str(number)})
    with urllib.request.urlopen(f"{endpoint}/_rehearsedb/metrics") as reply:
        assert reply.headers["Content-Type"] == "text/plain; version=0.0.4"
        page = reply.read().decode()
    sample = re.search(
        r'^rehearsedb_consumed_write_capacity_units_total\{table="%s"\} (\S+)$' % orders.name, page,
        re.MULTILINE)
    assert float(sample[1]) == 3
    assert total(cloudwatch, "ConsumedWriteCapacityUnits", TableName=orders.name) == 3
    for line in page.splitlines():
        assert line.startswith("# ") or re.fullmatch(r'rehearsedb_[a-z_]+(\{.*\})? \S+', line), line


def test_a_restart_keeps_metrics(start_server, tmp_path):
    server = start_server("--data", tmp_path / "data")
    serving.connect(server.url).create_table(
        TableName="Orders", KeySchema=KEY, AttributeDefinitions=[PK], BillingMode="PAY_PER_REQUEST")
    serving.connect(server.url).get_waiter("table_exists").wait(
        TableName="Orders", WaiterConfig={"Delay": 0.05, "MaxAttempts": 400})
    serving.connect(server.url).put_item(TableName="Orders", Item={"pk": {"S": "1"}})
    assert server.stop() == 0, server.messages()
    server = start_server("--data", tmp_path / "data")
    serving.connect(server.url).put_item(TableName="Orders", Item={"pk": {"S": "2"}})
    assert total(connect(server.url), "ConsumedWriteCapacityUnits", TableName="Orders") == 2


def test_metrics_are_kept_apart_as_tables_are(start_server):
    server = start_server("--in-memory", "--isolate", "--profile", "instant")
    ours = serving.connect(server.url)
    ours.create_table(
        TableName="Orders", KeySchema=KEY, AttributeDefinitions=[PK], BillingMode="PAY_PER_REQUEST")
    ours.get_waiter("table_exists").wait(
        TableName="Orders", WaiterConfig={"Delay": 0.05, "MaxAttempts": 400})
    ours.put_item(TableName="Orders", Item={"pk": {"S": "1"}})
    theirs = boto3.client("cloudwatch", endpoint_url=server.url, **{
        **serving.CREDENTIALS, "region_name": "eu-west-1"})
    assert total(connect(server.url), "ConsumedWriteCapacityUnits", TableName="Orders") == 1
    assert total(theirs, "ConsumedWriteCapacityUnits", TableName="Orders") == 0
    assert connect(server.url).list_metrics()["Metrics"] != []
    assert theirs.list_metrics()["Metrics"] == []
