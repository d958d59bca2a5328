"""Tables with every setting: what is sent at creation comes back, and every change of UpdateTable.

Debian's boto3 and AWS CLI know most of the members; the newer ones (deletion protection, on-demand
and warm throughput) are sent as those clients would send them if they did.
"""

import json

import pytest

import serving

KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/5ca1ab1e-0000-4000-8000-00000000cafe"
FAST = {"Delay": 0.05, "MaxAttempts": 600}


def hash_key(name):
    return {"AttributeName": name, "KeyType": "HASH"}


def range_key(name):
    return {"AttributeName": name, "KeyType": "RANGE"}


def definition(name, kind):
    return {"AttributeName": name, "AttributeType": kind}


def units(read, write):
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


SCHEMA = {
    "KeySchema": [hash_key("pk"), range_key("sk")],
    "AttributeDefinitions": [definition("sk", "N"), definition("pk", "S"), definition("day", "S"),
                             definition("kind", "B")],
    "LocalSecondaryIndexes": [
        {"IndexName": "by-day", "KeySchema": [hash_key("pk"), range_key("day")],
         "Projection": {"ProjectionType": "KEYS_ONLY"}}],
}
BY_KIND = {"IndexName": "by-kind", "KeySchema": [hash_key("kind"), range_key("sk")],
           "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["z", "a"]}}
BY_MANY = {"IndexName": "by-many", "Projection": {"ProjectionType": "ALL"},
           "KeySchema": [hash_key("kind"), hash_key("day"), range_key("sk"), range_key("pk")]}

PROVISIONED = {
    **SCHEMA, "BillingMode": "PROVISIONED", "ProvisionedThroughput": units(7, 8),
    "GlobalSecondaryIndexes": [{**BY_KIND, "ProvisionedThroughput": units(3, 4)},
                               {**BY_MANY, "ProvisionedThroughput": units(1, 2)}],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY_ARN},
    "TableClass": "STANDARD_INFREQUENT_ACCESS",
}
# What Debian's boto3 does not know is sent without it.
PROVISIONED_RAW = {**PROVISIONED, "DeletionProtectionEnabled": False,
                   "WarmThroughput": {"ReadUnitsPerSecond": 100, "WriteUnitsPerSecond": 101}}
ON_DEMAND_RAW = {
    **SCHEMA, "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [
        {**BY_KIND, "OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 6},
         "WarmThroughput": {"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000}}, BY_MANY],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    "SSESpecification": {"Enabled": True, "SSEType": "KMS"},
    "TableClass": "STANDARD",
    "DeletionProtectionEnabled": True,
    "OnDemandThroughput": {"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": 60},
    "WarmThroughput": {"ReadUnitsPerSecond": 12001, "WriteUnitsPerSecond": 4001},
}


def by_name(entries, name):
    return sorted(entries, key=lambda entry: entry[name])


def assert_capacity_comes_back(sent, described, is_table):
    """A provider that compares what it sent with what it reads must see no difference."""
    throughput = sent.get("ProvisionedThroughput", units(0, 0))
    found = dict(described["ProvisionedThroughput"])
    assert found.pop("NumberOfDecreasesToday") == 0 and found == throughput
    assert described.get("OnDemandThroughput") == sent.get("OnDemandThroughput")
    if "WarmThroughput" in described:
        warm = dict(described["WarmThroughput"])
        assert warm.pop("Status") == "ACTIVE"
        ready = {"ReadUnitsPerSecond": throughput["ReadCapacityUnits"] or 12000,
                 "WriteUnitsPerSecond": throughput["WriteCapacityUnits"] or 4000}
        assert warm == sent.get("WarmThroughput", ready)
    if is_table:
        mode = described.get("BillingModeSummary", {"BillingMode": "PROVISIONED"})["BillingMode"]
        assert mode == sent.get("BillingMode", "PROVISIONED")


def assert_index_comes_back(sent, described):
    assert described["KeySchema"] == sent["KeySchema"]
    projection = dict(sent["Projection"])
    if "NonKeyAttributes" in projection:
        projection["NonKeyAttributes"] = sorted(projection["NonKeyAttributes"])
    assert described["Projection"] == projection


def assert_comes_back(sent, described):
    assert described["TableStatus"] == "ACTIVE"
    assert described["KeySchema"] == sent["KeySchema"]
    assert described["AttributeDefinitions"] == by_name(sent["AttributeDefinitions"],
                                                        "AttributeName")
    for kind in "LocalSecondaryIndexes", "GlobalSecondaryIndexes":
        pairs = list(zip(sent[kind], described[kind], strict=True))
        for index, found in pairs:
            assert found["IndexName"] == index["IndexName"]
            assert_index_comes_back(index, found)
            if kind == "GlobalSecondaryIndexes":
                assert found["IndexStatus"] == "ACTIVE"
                assert_capacity_comes_back(index, found, is_table=False)
    assert_capacity_comes_back(sent, described, is_table=True)
    assert described["StreamSpecification"] == sent["StreamSpecification"]
    assert described["LatestStreamArn"].endswith("/stream/" + described["LatestStreamLabel"])
    encryption = described["SSEDescription"]
    assert encryption["Status"] == "ENABLED" and encryption["SSEType"] == "KMS"
    key = sent["SSESpecification"].get("KMSMasterKeyId", encryption["KMSMasterKeyArn"])
    assert encryption["KMSMasterKeyArn"] == key
    assert described["TableClassSummary"] == {"TableClass": sent["TableClass"]}
    if "DeletionProtectionEnabled" in sent:
        assert described["DeletionProtectionEnabled"] is sent["DeletionProtectionEnabled"]


class Table:
    """A table through raw calls, which carry every member."""

    def __init__(self, raw_call, name, patience):
        self.raw_call, self.name, self.patience = raw_call, name, patience

    def call(self, operation, **members):
        status, reply = self.raw_call(operation, {"TableName": self.name, **members})
        assert status == 200, reply
        return reply

    def describe(self):
        return self.call("DescribeTable")["Table"]

    def is_settled(self):
        table = self.describe()
        parts = [table, *table.get("GlobalSecondaryIndexes", [])]
        statuses = {table["TableStatus"], table.get("SSEDescription", {}).get("Status", "ENABLED"),
                    *(part["WarmThroughput"]["Status"] for part in parts),
                    *(index["IndexStatus"] for index in parts[1:])}
        return statuses <= {"ACTIVE", "ENABLED"}

    def settle(self):
        serving.wait_until(self.is_settled, self.patience)
        return self.describe()

    def update(self, **members):
        """Returns what the reply says, and what is described when all is done."""
        reply = self.call("UpdateTable", **members)["TableDescription"]
        return reply, self.settle()


@pytest.fixture
def raw_table(raw_call, table_name, patience):
    table = Table(raw_call, table_name, patience)
    yield table
    table.call("UpdateTable", DeletionProtectionEnabled=False)
    table.settle()
    table.call("DeleteTable")


# ---- creation ----

def test_boto3_gets_back_what_it_sent(client, table_name):
    created = client.create_table(TableName=table_name, **PROVISIONED)["TableDescription"]
    assert created["TableStatus"] == "CREATING"
    assert created["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert created["SSEDescription"]["Status"] == "ENABLED"
    client.get_waiter("table_exists").wait(TableName=table_name, WaiterConfig=FAST)
    assert_comes_back(PROVISIONED, client.describe_table(TableName=table_name)["Table"])
    client.delete_table(TableName=table_name)
    client.get_waiter("table_not_exists").wait(TableName=table_name, WaiterConfig=FAST)


@pytest.mark.parametrize("sent", [PROVISIONED_RAW, ON_DEMAND_RAW], ids=["units", "on-demand"])
def test_every_member_comes_back(raw_table, sent):
    created = raw_table.call("CreateTable", **sent)["TableDescription"]
    assert created["WarmThroughput"]["Status"] == "UPDATING"
    assert not any("WarmThroughput" in index for index in created["GlobalSecondaryIndexes"])
    assert_comes_back(sent, raw_table.settle())


def test_the_command_line_gets_back_what_it_sent(aws, table_name):
    asked = aws.file("table.json", {"TableName": table_name, **PROVISIONED})
    created = aws("create-table", "--cli-input-json", asked)["TableDescription"]
    assert created["TableStatus"] == "CREATING"
    aws("wait", "table-exists", "--table-name", table_name)
    assert_comes_back(PROVISIONED, aws("describe-table", "--table-name", table_name)["Table"])
    aws("delete-table", "--table-name", table_name)


# ---- changes ----

def test_the_command_line_changes_everything_it_knows(aws, make_table, patience):
    name = make_table(ProvisionedThroughput=units(5, 5)).name

    def describe():
        return aws("describe-table", "--table-name", name)["Table"]

    def is_settled():
        table = describe()
        return (table["TableStatus"] == "ACTIVE"
                and table.get("SSEDescription", {}).get("Status", "ENABLED") == "ENABLED")

    def update(*arguments):
        reply = aws("update-table", "--table-name", name, *arguments)["TableDescription"]
        serving.wait_until(is_settled, patience)
        return reply, describe()

    reply, after = update("--provisioned-throughput", "ReadCapacityUnits=6,WriteCapacityUnits=4")
    assert reply["TableStatus"] == "UPDATING"
    assert reply["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert after["ProvisionedThroughput"]["ReadCapacityUnits"] == 6
    assert after["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1
    assert "LastDecreaseDateTime" in after["ProvisionedThroughput"]

    reply, after = update("--stream-specification", "StreamEnabled=true,StreamViewType=NEW_IMAGE")
    assert reply["StreamSpecification"] == after["StreamSpecification"]
    assert reply["LatestStreamArn"] == after["LatestStreamArn"]

    reply, after = update("--table-class", "STANDARD_INFREQUENT_ACCESS")
    assert "TableClassSummary" not in reply
    assert after["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"

    reply, after = update("--sse-specification",
                          f"Enabled=true,SSEType=KMS,KMSMasterKeyId={KEY_ARN}")
    assert reply["TableStatus"] == "ACTIVE" and reply["SSEDescription"] == {"Status": "UPDATING"}
    assert after["SSEDescription"]["KMSMasterKeyArn"] == KEY_ARN

    reply, after = update("--billing-mode", "PAY_PER_REQUEST")
    assert reply["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    assert "LastUpdateToPayPerRequestDateTime" in after["BillingModeSummary"]
    assert after["ProvisionedThroughput"]["ReadCapacityUnits"] == 0

    refusal = aws.run("update-table", "--table-name", name, "--table-class", "STANDARD",
                      "--billing-mode", "PAY_PER_REQUEST")
    assert refusal.returncode == 254
    assert "TableClass modification must be the only operation in the request" in refusal.stderr


def test_boto3_switches_the_mode_of_a_table_with_an_index(client, make_table, patience, refused):
    name = make_table(
        AttributeDefinitions=[definition("pk", "S"), definition("kind", "S")],
        GlobalSecondaryIndexes=[{"IndexName": "by-kind", "KeySchema": [hash_key("kind")],
                                 "Projection": {"ProjectionType": "ALL"}}]).name

    def is_settled():
        table = client.describe_table(TableName=name)["Table"]
        return {table["TableStatus"], table["GlobalSecondaryIndexes"][0]["IndexStatus"]} == {
            "ACTIVE"}

    switch = {"TableName": name, "BillingMode": "PROVISIONED",
              "ProvisionedThroughput": units(5, 6)}
    with refused("ValidationException", "One or more parameter values were invalid: "
                 "ProvisionedThroughput must be specified for index: by-kind"):
        client.update_table(**switch)
    reply = client.update_table(**switch, GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "by-kind", "ProvisionedThroughput": units(7, 8)}}])
    assert reply["TableDescription"]["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    serving.wait_until(is_settled, patience)
    table = client.describe_table(TableName=name)["Table"]
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 6
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
    client.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")
    serving.wait_until(is_settled, patience)


def test_capacity_on_demand_is_changed(raw_table):
    raw_table.call("CreateTable", **{**ON_DEMAND_RAW, "DeletionProtectionEnabled": False})
    raw_table.settle()
    reply, after = raw_table.update(OnDemandThroughput={"MaxReadRequestUnits": -1})
    assert reply["OnDemandThroughput"] == {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 60}
    assert reply["TableStatus"] == "ACTIVE"
    serving.wait_until(
        lambda: raw_table.describe()["OnDemandThroughput"] == {"MaxWriteRequestUnits": 60})
    reply, after = raw_table.update(WarmThroughput={"ReadUnitsPerSecond": 13000})
    assert reply["WarmThroughput"]["ReadUnitsPerSecond"] == 12001
    assert after["WarmThroughput"] == {"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 4001,
                                       "Status": "ACTIVE"}
    reply, after = raw_table.update(GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "by-many", "OnDemandThroughput": {"MaxReadRequestUnits": 9}}}])
    assert reply["GlobalSecondaryIndexes"][1]["IndexStatus"] == "UPDATING"
    assert after["GlobalSecondaryIndexes"][1]["OnDemandThroughput"] == {"MaxReadRequestUnits": 9}


def test_what_the_service_fails_over_fails(raw_call, make_table):
    name = make_table().name
    for empty in "WarmThroughput", "OnDemandThroughput":
        status, reply = raw_call("UpdateTable", {"TableName": name, empty: {}})
        assert status == 500
        assert json.dumps(reply["__type"]).endswith('#InternalFailure"')


@pytest.mark.ours
def test_a_restart_goes_on_with_every_change(start_server, tmp_path):
    """Changes that last until the server is opened anew with shorter durations for new ones."""
    data = ["--data", tmp_path / "data"]
    server = start_server(*data, "--profile", "brisk", "--stream-update-ms", 3000,
                          "--encryption-ms", 3000, "--warm-throughput-ms", 3000)
    table = Table(serving.RawCaller(server.url), "Restarted", 30)
    table.call("CreateTable", KeySchema=[hash_key("pk")], BillingMode="PAY_PER_REQUEST",
               AttributeDefinitions=[definition("pk", "S")])
    table.settle()
    table.call("UpdateTable", StreamSpecification={"StreamEnabled": True,
                                                   "StreamViewType": "OLD_IMAGE"})
    table.call("UpdateTable", SSESpecification={"Enabled": True})
    table.call("UpdateTable", WarmThroughput={"ReadUnitsPerSecond": 20000})
    server.kill()

    server = start_server(*data)
    table.raw_call = serving.RawCaller(server.url)
    described = table.describe()
    assert described["TableStatus"] == "UPDATING"
    assert described["SSEDescription"]["Status"] == "UPDATING"
    assert described["WarmThroughput"] == {"ReadUnitsPerSecond": 12000,
                                           "WriteUnitsPerSecond": 4000, "Status": "UPDATING"}
    described = table.settle()
    assert described["StreamSpecification"]["StreamViewType"] == "OLD_IMAGE"
    assert described["SSEDescription"]["Status"] == "ENABLED"
    assert described["WarmThroughput"]["ReadUnitsPerSecond"] == 20000
