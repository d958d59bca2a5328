"""--isolate: every access key and region has tables of its own; shared by all without it."""

import json
import subprocess

import boto3
import botocore.config
import pytest

import rehearse_bench
import serving

SCHEMA = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
          "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
          "BillingMode": "PAY_PER_REQUEST"}


def client(server, key, region):
    return boto3.client("dynamodb", endpoint_url=server.url, aws_access_key_id=key,
                        aws_secret_access_key="secret", region_name=region,
                        config=botocore.config.Config(retries={"max_attempts": 1}))


@pytest.mark.parametrize("durable", [False, True])
def test_tables_are_apart_by_access_key_and_region(start_server, tmp_path, durable):
    flags = ["--isolate", "--profile", "instant"]
    flags += ["--data", tmp_path / "data"] if durable else ["--in-memory"]
    server = start_server(*flags)
    assert "tables apart by access key and region" in server.banner
    worlds = [("first", "us-east-1"), ("first", "eu-west-1"), ("second", "us-east-1")]
    for key, region in worlds:
        dynamodb = client(server, key, region)
        assert dynamodb.list_tables()["TableNames"] == []
        table = dynamodb.create_table(TableName="things", **SCHEMA)["TableDescription"]
        assert f":{region}:" in table["TableArn"]
        dynamodb.put_item(TableName="things", Item={"pk": {"S": f"{key} {region}"}})
    if durable:
        assert server.stop() == 0
        server = start_server(*flags)
    for key, region in worlds:
        items = client(server, key, region).scan(TableName="things")["Items"]
        assert items == [{"pk": {"S": f"{key} {region}"}}]


def test_tables_are_shared_without_it(start_server):
    server = start_server("--in-memory", "--profile", "instant")
    assert "tables shared by all callers" in server.banner
    client(server, "first", "us-east-1").create_table(TableName="things", **SCHEMA)
    assert client(server, "second", "eu-west-1").list_tables()["TableNames"] == ["things"]


def test_the_aws_cli_sees_its_own_tables(start_server):
    server = start_server("--in-memory", "--isolate", "--profile", "instant")
    client(server, "first", "us-east-1").create_table(TableName="things", **SCHEMA)
    for key, expected in (("first", "things"), ("second", "")):
        listed = subprocess.run(
            ["aws", "dynamodb", "list-tables", "--endpoint-url", server.url, "--output", "text",
             "--query", "TableNames"],
            env=serving.clean_environment(AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY="secret",
                                          AWS_DEFAULT_REGION="us-east-1"),
            capture_output=True, text=True, timeout=60, check=True)
        assert listed.stdout.strip() == expected


RUNBOOK = """# A read of an index

## Read

```bash
aws dynamodb query --table-name things --index-name byG --key-condition-expression 'g = :g' \\
    --expression-attribute-values '{":g":{"S":"x"}}'
```
"""


def test_the_report_of_a_run_has_the_reads_of_its_own_tables(start_server, tmp_path):
    server = start_server("--in-memory", "--isolate", "--profile", "instant")
    for key in ("mine", "another"):
        client(server, key, "eu-west-1").create_table(
            TableName="things", KeySchema=SCHEMA["KeySchema"], BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"}
                                  for name in ("pk", "g")],
            GlobalSecondaryIndexes=[{
                "IndexName": "byG", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"}}])
    page = tmp_path / "page.md"
    page.write_text(RUNBOOK)
    result = subprocess.run(
        [rehearse_bench.BINARY, "run", page, "--endpoint", server.url, "--report", tmp_path / "report"],
        env=serving.clean_environment(AWS_ACCESS_KEY_ID="mine", AWS_SECRET_ACCESS_KEY="secret",
                                      AWS_REGION="eu-west-1"),
        capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["lacks"] == []
    assert [(use["table"], use["index"], use["reads"]) for use in report["uses"]] == [
        ("things", "byG", 1)]
