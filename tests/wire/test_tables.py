"""Tables through boto3: created, described, listed, awaited, deleted."""

import re

import boto3
import botocore.exceptions
import pytest

import serving

IN_USE = "Attempt to change a resource which is still in use: "
EVER = 24 * 60 * 60 * 1000  # milliseconds: a state that does not end while a test looks

SCHEMA = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                  {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": "sk", "AttributeType": "N"},
                             {"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
INDEXED = {
    **SCHEMA,
    "AttributeDefinitions": SCHEMA["AttributeDefinitions"] + [
        {"AttributeName": "kind", "AttributeType": "B"}],
    "GlobalSecondaryIndexes": [
        {"IndexName": "by-kind", "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
         "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["z", "a"]}},
        {"IndexName": "aaa", "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
         "Projection": {"ProjectionType": "ALL"}}],
}
FAST = {"Delay": 0.05, "MaxAttempts": 600}


def describe(client, name):
    return client.describe_table(TableName=name)["Table"]


def test_a_table_is_creating_until_it_is_active(client, table_name):
    created = client.create_table(TableName=table_name, **SCHEMA)["TableDescription"]
    assert created["TableStatus"] == "CREATING"
    client.get_waiter("table_exists").wait(TableName=table_name, WaiterConfig=FAST)
    assert describe(client, table_name)["TableStatus"] == "ACTIVE"
    client.delete_table(TableName=table_name)


def test_a_table_is_described_as_it_was_asked_for(client, make_table):
    table = describe(client, make_table(**SCHEMA).name)
    assert table["KeySchema"] == SCHEMA["KeySchema"]
    assert table["AttributeDefinitions"] == sorted(
        SCHEMA["AttributeDefinitions"], key=lambda one: one["AttributeName"])
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    assert table["ItemCount"] == 0 and table["TableSizeBytes"] == 0
    assert re.fullmatch(f"arn:aws:dynamodb:[a-z0-9-]+:[0-9]{{12}}:table/{table['TableName']}",
                        table["TableArn"])
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", table["TableId"])
    assert "GlobalSecondaryIndexes" not in table and "LocalSecondaryIndexes" not in table


def test_a_provisioned_table_has_its_throughput_and_no_billing_mode(client, make_table):
    asked = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 3}
    table = describe(client, make_table(ProvisionedThroughput=asked).name)
    assert table["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, **asked}
    assert "BillingModeSummary" not in table


def test_indexes_made_with_a_table_become_active_with_it_and_never_backfill(
        client, table_name, patience):
    created = client.create_table(TableName=table_name, **INDEXED)["TableDescription"]
    assert [(index["IndexName"], index["IndexStatus"])
            for index in created["GlobalSecondaryIndexes"]] == [
        ("by-kind", "CREATING"), ("aaa", "CREATING")]

    def walk():
        table = describe(client, table_name)
        statuses = {index["IndexStatus"] for index in table["GlobalSecondaryIndexes"]}
        assert statuses == {table["TableStatus"]}
        assert not any("Backfilling" in index for index in table["GlobalSecondaryIndexes"])
        return table if table["TableStatus"] == "ACTIVE" else None

    index = serving.wait_until(walk, patience)["GlobalSecondaryIndexes"][0]
    assert index["IndexArn"].endswith(f":table/{table_name}/index/by-kind")
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "z"]}
    assert index["ItemCount"] == 0 and index["IndexSizeBytes"] == 0
    client.delete_table(TableName=table_name)


def test_a_local_index_has_neither_status_nor_throughput(client, make_table):
    table = make_table(**{**SCHEMA, "AttributeDefinitions": SCHEMA["AttributeDefinitions"] + [
        {"AttributeName": "day", "AttributeType": "S"}]}, LocalSecondaryIndexes=[
            {"IndexName": "by-day", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                                                  {"AttributeName": "day", "KeyType": "RANGE"}],
             "Projection": {"ProjectionType": "KEYS_ONLY"}}])
    index, = describe(client, table.name)["LocalSecondaryIndexes"]
    assert index["IndexName"] == "by-day"
    assert "IndexStatus" not in index and "ProvisionedThroughput" not in index


def test_a_name_can_be_taken_only_once(client, make_table, refused):
    name = make_table().name
    with refused("ResourceInUseException", f"Table already exists: {name}"):
        client.create_table(TableName=name, **SCHEMA)


def test_the_resource_layer_creates_awaits_and_deletes(resource, table_name):
    table = resource.create_table(TableName=table_name, **SCHEMA)
    table.meta.client.get_waiter("table_exists").wait(TableName=table_name, WaiterConfig=FAST)
    table.reload()
    assert table.table_status == "ACTIVE" and table.key_schema == SCHEMA["KeySchema"]
    table.delete()
    table.meta.client.get_waiter("table_not_exists").wait(TableName=table_name, WaiterConfig=FAST)
    with pytest.raises(table.meta.client.exceptions.ResourceNotFoundException):
        table.load()


def test_waiting_for_a_table_that_nobody_makes_fails(client, table_name):
    with pytest.raises(botocore.exceptions.WaiterError) as caught:
        client.get_waiter("table_exists").wait(
            TableName=table_name, WaiterConfig={"Delay": 0.01, "MaxAttempts": 3})
    assert "ResourceNotFoundException" in str(caught.value)


def test_a_deleted_table_is_deleting_without_its_schema_and_then_gone(
        client, make_table, refused):
    name = make_table(**INDEXED).name
    deleted = client.delete_table(TableName=name)["TableDescription"]
    assert deleted["TableStatus"] == "DELETING"
    assert not {"KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes"} & deleted.keys()
    client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig=FAST)
    missing = f"Requested resource not found: Table: {name} not found"
    with refused("ResourceNotFoundException", missing):
        client.describe_table(TableName=name)
    with refused("ResourceNotFoundException", missing):
        client.delete_table(TableName=name)


def test_a_deleted_name_starts_again_without_its_items(client, make_table):
    table = make_table()
    table.put_item(Item={"pk": "old"})
    old_id = describe(client, table.name)["TableId"]
    table.delete()
    client.get_waiter("table_not_exists").wait(TableName=table.name, WaiterConfig=FAST)
    make_table(TableName=table.name)
    assert describe(client, table.name)["TableId"] != old_id
    assert table.scan()["Items"] == []


def test_a_protected_table_stays(client, raw_call, make_table, refused):
    table = make_table()
    change = {"TableName": table.name, "DeletionProtectionEnabled": True}
    assert raw_call("UpdateTable", change)[0] == 200
    with refused("ValidationException", "Resource cannot be deleted as it is currently protected "
                                        "against deletion. Disable deletion protection first."):
        client.delete_table(TableName=table.name)
    status, reply = raw_call("DescribeTable", {"TableName": table.name})
    assert status == 200 and reply["Table"]["DeletionProtectionEnabled"] is True
    assert raw_call("UpdateTable", {**change, "DeletionProtectionEnabled": False})[0] == 200
    assert client.delete_table(TableName=table.name)["TableDescription"][
        "TableStatus"] == "DELETING"


class TestACreatingTable:
    @pytest.fixture
    def client(self, start_server):
        return serving.connect(start_server("--in-memory", "--table-create-ms", EVER).url)

    def test_refuses_changes_and_has_no_items_yet(self, client, table_name, refused):
        client.create_table(TableName=table_name, **SCHEMA)
        being_created = IN_USE + f"Table is being created: {table_name}"
        with refused("ResourceInUseException", being_created):
            client.create_table(TableName=table_name, **SCHEMA)
        with refused("ResourceInUseException", being_created):
            client.delete_table(TableName=table_name)
        with refused("ResourceInUseException", being_created):
            client.update_table(TableName=table_name, GlobalSecondaryIndexUpdates=[
                {"Delete": {"IndexName": "any"}}])
        key = {"pk": {"S": "a"}, "sk": {"N": "1"}}
        for call in (lambda: client.put_item(TableName=table_name, Item=key),
                     lambda: client.get_item(TableName=table_name, Key=key),
                     lambda: client.scan(TableName=table_name)):
            with refused("ResourceNotFoundException", "Requested resource not found"):
                call()
        assert describe(client, table_name)["TableStatus"] == "CREATING"
        assert client.list_tables()["TableNames"] == [table_name]

    def test_makes_a_waiter_wait(self, client, table_name):
        client.create_table(TableName=table_name, **SCHEMA)
        with pytest.raises(botocore.exceptions.WaiterError) as caught:
            client.get_waiter("table_exists").wait(
                TableName=table_name, WaiterConfig={"Delay": 0.01, "MaxAttempts": 3})
        assert caught.value.last_response["Table"]["TableStatus"] == "CREATING"


def test_a_deleting_table_refuses_everything_but_to_be_described(
        start_server, table_name, refused):
    client = serving.connect(start_server(
        "--in-memory", "--profile", "instant", "--table-delete-ms", EVER).url)
    client.create_table(TableName=table_name, **SCHEMA)
    client.get_waiter("table_exists").wait(TableName=table_name, WaiterConfig=FAST)
    client.delete_table(TableName=table_name)
    assert describe(client, table_name)["TableStatus"] == "DELETING"
    with refused("ResourceInUseException", IN_USE + f"Table is being deleted: {table_name}"):
        client.delete_table(TableName=table_name)
    with refused("ResourceNotFoundException", "Requested resource not found"):
        client.scan(TableName=table_name)


class TestListTables:
    NAMES = [f"table-{number}" for number in range(7)]

    @pytest.fixture(scope="class")
    def client(self):
        server = serving.Server("--in-memory")
        client = serving.connect(server.url)
        for name in reversed(self.NAMES):
            client.create_table(TableName=name, **SCHEMA)
        yield client
        assert server.stop() == 0

    def test_names_every_table_in_order(self, client):
        reply = client.list_tables()
        assert reply["TableNames"] == self.NAMES
        assert "LastEvaluatedTableName" not in reply

    def test_is_read_page_by_page(self, client):
        pages = client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 3})
        assert [page["TableNames"] for page in pages] == [
            self.NAMES[:3], self.NAMES[3:6], self.NAMES[6:]]

    def test_starts_after_any_name(self, client):
        reply = client.list_tables(ExclusiveStartTableName="table-3xyz", Limit=2)
        assert reply["TableNames"] == ["table-4", "table-5"]
        assert reply["LastEvaluatedTableName"] == "table-5"

    def test_is_a_collection_of_the_resource_layer(self, client):
        resource = serving.connect(client.meta.endpoint_url, boto3.resource)
        assert [table.name for table in resource.tables.all()] == self.NAMES

    @pytest.mark.parametrize("limit, bound", [(0, "greater than or equal to 1"),
                                              (101, "less than or equal to 100")])
    def test_bounds_its_limit(self, client, limit, bound, refused):
        # boto3 would refuse the 0 itself.
        status, reply = serving.RawCaller(client.meta.endpoint_url)("ListTables", {"Limit": limit})
        assert status == 400
        assert reply["message"] == (
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy "
            f"constraint: Member must have value {bound}")
