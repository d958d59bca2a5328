"""`rehearse plan`: what it says of a table, and that the way it shows can be gone.

The last tests go it: random pairs of definitions (TEST_SEED=n replays them), the planned calls
applied one by one to a real server, until there is nothing left to plan.
"""

import json
import os
import random
import shutil
import subprocess

import pytest

import serving

TOOL = serving.ROOT / "build/release/rehearse"
EXAMPLES = serving.ROOT / "docs/examples/plan"
ATTRIBUTES = ("tool_name", "severity", "reason", "created_at", "expires_at", "decided_at",
              "approver", "repo")


def plan(*arguments, **variables):
    return subprocess.run([TOOL, "plan", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, env=serving.clean_environment(**variables))


def plan_json(*arguments):
    result = plan(*arguments, "--output", "json")
    assert result.returncode in (0, 1), result.stderr
    return result.returncode, json.loads(result.stdout)


@pytest.fixture(scope="module")
def server():
    server = serving.Server("--in-memory", "--profile", "instant")
    yield server
    server.kill()


@pytest.fixture
def save(tmp_path):
    def save(name, content):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path
    return save


def index(name, key, projected=None, throughput=None):
    projection = {"ProjectionType": "ALL"}
    if projected is not None:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(projected)}
    made = {"IndexName": name, "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
            "Projection": projection}
    if throughput is not None:
        made["ProvisionedThroughput"] = throughput
    return made


def definition(table, indexes, types=None, **more):
    keys = {"pk"} | {element["AttributeName"] for one in indexes for element in one["KeySchema"]}
    made = {"TableName": table, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": key, "AttributeType": (types or {}).get(key, "S")}
                for key in sorted(keys)],
            "BillingMode": "PAY_PER_REQUEST", **more}
    if indexes:
        made["GlobalSecondaryIndexes"] = indexes
    return made


# ---- what it says ----

def test_the_example_of_the_runbook_reads_as_documented():
    result = subprocess.run([TOOL, "plan", "--from", "deployed.json", "--to", "wanted.yaml"],
                            cwd=EXAMPLES, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert result.stdout == (EXAMPLES / "plan.txt").read_text()
    assert result.stderr == ""


def test_nothing_to_do(save):
    path = save("table.json", definition("things", [index("by-a", "a")]))
    result = plan("--from", path, "--to", path)
    assert (result.returncode, result.stdout) == (0, "things: nothing to do\n")


def test_one_change_in_place_is_fine(save):
    code, answer = plan_json("--from", save("a.json", definition("things", [])),
                             "--to", save("b.json", definition("things", [index("by-a", "a")])))
    assert code == 0
    assert (answer["Verdict"], answer["InOneDeployment"]) == ("IN_PLACE", True)
    assert [one["Kind"] for one in answer["Deployments"]] == ["CREATE_INDEX"]


def test_two_indexes_are_several_deployments(save):
    two = [index("by-a", "a"), index("by-b", "b")]
    code, answer = plan_json("--from", save("a.json", definition("things", [])),
                             "--to", save("b.json", definition("things", two)))
    assert code == 1
    assert answer["Verdict"] == "SEVERAL"
    assert {change["CloudFormation"] for change in answer["Changes"]} == {
        "Cannot perform more than one GSI creation or deletion in a single update"}
    assert len(answer["Deployments"]) == 2


def test_a_key_replaces_the_table(save):
    other = definition("things", [])
    other["KeySchema"][0]["AttributeName"] = other["AttributeDefinitions"][0]["AttributeName"] = "id"
    code, answer = plan_json("--from", save("a.json", definition("things", [])),
                             "--to", save("b.json", other))
    assert code == 1
    assert (answer["Verdict"], answer["Complete"], answer["Deployments"]) == (
        "REPLACEMENT", False, [])


def test_new_names_are_given_and_checked(save):
    deployed = save("a.json", definition("things", [index("by-a", "a", "x"), index("by-b", "b")]))
    wanted = save("b.json", definition("things", [index("by-a", "a", "xy"), index("by-b", "b")]))
    _, answer = plan_json("--from", deployed, "--to", wanted, "--new-name", "by-a=a-with-y")
    assert [one["IndexName"] for one in answer["Deployments"]] == ["a-with-y", "by-a"]
    for name, message in (("by-a=by-b", "there is an index by-b already"),
                          ("by-c=by-d", "no index by-c in both definitions")):
        result = plan("--from", deployed, "--to", wanted, "--new-name", name)
        assert (result.returncode, result.stdout) == (2, "")
        assert message in result.stderr


TEMPLATE = """
Parameters:
  TableName: {Type: String}
Resources:
  Other: {Type: AWS::DynamoDB::Table, Properties: {}}
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Ref TableName
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
"""


def test_parameters_and_the_resource_are_chosen(save):
    template = save("template.yaml", TEMPLATE)
    deployed = save("deployed.json", definition("things", []))
    assert plan("--from", deployed, "--to", template).returncode == 3
    code, answer = plan_json("--from", deployed, "--to", template, "--resource", "Things")
    assert code == 0
    assert answer["NotCompared"] == [
        "TableName is not compared: TableName is a parameter without a value: "
        "give --parameter NAME=VALUE"]
    code, answer = plan_json("--from", deployed, "--to", template, "--resource", "Things",
                             "--parameter", "TableName=things")
    assert (code, answer["NotCompared"]) == (0, [])
    code, answer = plan_json("--from", deployed, "--to", template, "--resource=Things",
                             "--parameter=TableName=others")
    assert (code, answer["Verdict"]) == (1, "REPLACEMENT")


@pytest.mark.parametrize("arguments, code, message", [
    ([], 2, "--to, and --table or --from, are needed"),
    (["--to", "x", "--from", "y", "--parameter", "x"], 2, "--parameter must be NAME=VALUE"),
    (["--to", "x", "--from", "y", "--output", "xml"], 2, "--output must be text or json"),
    (["--to", "/nowhere", "--from", "y"], 3, "cannot read /nowhere: No such file"),
    (["--to", "/", "--from", "y"], 3, "cannot read /: Is a directory"),
    (["--to", "/dev/null", "--from", "y"], 3, "/dev/null: neither JSON nor YAML: empty"),
])
def test_what_cannot_be_used_is_told(arguments, code, message):
    result = plan(*arguments)
    assert result.returncode == code
    assert message in result.stderr
    assert result.stdout == ""


def test_help():
    result = plan("--help")
    assert result.returncode == 0
    assert result.stdout.startswith("usage: rehearse plan --table T --to DEFINITION")


# ---- against a server ----

def test_an_unknown_table_is_told(server, save):
    path = save("wanted.json", definition("nowhere", []))
    result = plan("--table", "nowhere", "--to", path, "--endpoint", server.url)
    assert result.returncode == 3
    assert "ResourceNotFoundException" in result.stderr


def test_a_server_that_is_not_there_is_told(save):
    path = save("wanted.json", definition("things", []))
    result = plan("--table", "things", "--to", path, "--endpoint", "http://127.0.0.1:1")
    assert result.returncode == 3
    assert "cannot reach" in result.stderr


def test_an_index_in_change_is_told(server, save, table_name):
    client = serving.connect(server.url)
    client.create_table(**definition(table_name, []))
    control = serving.Control(server.url)
    control.hold(table_name, "by-a", "BACKFILLING")
    client.update_table(
        TableName=table_name, AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": index("by-a", "a")}])
    path = save("wanted.json", definition(table_name, [index("by-a", "a")]))
    code, answer = plan_json("--table", table_name, "--to", path, "--endpoint", server.url)
    assert (code, answer["Busy"]) == (0, "by-a is CREATING")
    control.release(table_name, "by-a")


class Journey:
    """A table on its way from one definition to another, by what is planned."""

    def __init__(self, server, save, table, keep_names):
        self.server, self.save, self.table, self.keep_names = server, save, table, keep_names
        self.raw = serving.RawCaller(server.url)
        self.client = serving.connect(server.url)

    def plan(self, wanted):
        flags = ["--keep-names"] if self.keep_names else []
        return plan_json("--table", self.table, "--endpoint", self.server.url, *flags,
                         "--to", self.save("wanted.json", wanted))

    def describe(self):
        return self.client.describe_table(TableName=self.table)["Table"]

    def is_ready(self):
        table = self.describe()
        return table["TableStatus"] == "ACTIVE" and all(
            one["IndexStatus"] == "ACTIVE" for one in table.get("GlobalSecondaryIndexes", []))

    def call(self, call):
        status, reply = self.raw(call["Operation"], call["Input"])
        assert status == 200, f"{call}\n{reply}"
        serving.wait_until(self.is_ready)

    def run(self, call):
        """The command, and what it says to wait for, as they would be pasted into a shell."""
        for command in filter(None, (call["Command"], call["Wait"])):
            result = subprocess.run(
                ["bash", "-c", command], capture_output=True, text=True, timeout=60,
                env=serving.clean_environment(
                    PATH=f"{TOOL.parent}:{os.environ['PATH']}", AWS_ACCESS_KEY_ID="rehearsal",
                    AWS_SECRET_ACCESS_KEY="rehearsal", AWS_DEFAULT_REGION=serving.REGION))
            assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"

    def go(self, start, wanted, apply):
        self.client.create_table(**start)
        serving.wait_until(self.is_ready)
        self.client.put_item(TableName=self.table, Item={"pk": {"S": "kept"}})
        table_id = self.describe()["TableId"]
        _, answer = self.plan(wanted)
        assert answer["Complete"]
        for deployment in answer["Deployments"]:
            for call in deployment["Calls"]:
                apply(call)
            there = {one["IndexName"] for one in self.describe().get("GlobalSecondaryIndexes", [])}
            assert there == set(deployment["GlobalSecondaryIndexes"])
        assert self.describe()["TableId"] == table_id
        assert "Item" in self.client.get_item(TableName=self.table, Key={"pk": {"S": "kept"}})
        self.check_end(wanted)
        self.client.delete_table(TableName=self.table)

    def check_end(self, wanted):
        if not self.keep_names:  # the names that were planned are the wanted ones now
            def shape(one):
                return (one["KeySchema"], one["Projection"]["ProjectionType"],
                        sorted(one["Projection"].get("NonKeyAttributes", [])))
            there = [shape(one) for one in self.describe().get("GlobalSecondaryIndexes", [])]
            want = [shape(one) for one in properties_of(wanted).get("GlobalSecondaryIndexes", [])]
            assert sorted(there, key=str) == sorted(want, key=str)
            return
        code, answer = self.plan(wanted)
        assert (code, answer["Verdict"]) == (0, "NOTHING"), answer


def random_throughput(source, is_provisioned):
    if not is_provisioned:
        return None
    return {"ReadCapacityUnits": source.randint(1, 9), "WriteCapacityUnits": source.randint(1, 9)}


def random_definition(source, table):
    types = {key: source.choice("SSN") for key in "klm"}
    is_provisioned = source.random() < 0.4
    indexes = [index(f"by-{letter}", source.choice("klm"),
                     source.choice([None, "x", "xy", ["it's", "a b", "$x", '"q"']]),
                     random_throughput(source, is_provisioned))
               for letter in "abcde" if source.random() < 0.5]
    more = {}
    if is_provisioned:
        more = {"BillingMode": "PROVISIONED",
                "ProvisionedThroughput": random_throughput(source, True)}
    if source.random() < 0.3:
        more["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": source.choice(
            ["NEW_IMAGE", "KEYS_ONLY"])}
    if source.random() < 0.3:
        more["TableClass"] = "STANDARD_INFREQUENT_ACCESS"
    if source.random() < 0.3:
        more["SSESpecification"] = {"Enabled": True, "SSEType": "KMS"}
    return definition(table, indexes, types, **more)


def as_template(source, definition):
    """The same table in a template, with settings that CreateTable does not know."""
    properties = dict(definition)
    if "StreamSpecification" in properties:
        view = properties["StreamSpecification"]["StreamViewType"]
        properties["StreamSpecification"] = {"StreamViewType": view}
    if "SSESpecification" in properties:
        properties["SSESpecification"] = {"SSEEnabled": True, "SSEType": "KMS"}
    if source.random() < 0.5:
        properties["TimeToLiveSpecification"] = {"Enabled": True, "AttributeName": "ttl"}
    if source.random() < 0.5:
        properties["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": True}
    if source.random() < 0.5:
        properties["Tags"] = [{"Key": "team", "Value": "blue"}, {"Key": "a b", "Value": "x + y"}]
    if source.random() < 0.5:
        properties["DeletionProtectionEnabled"] = False
        properties["ContributorInsightsSpecification"] = {"Enabled": True}
    return {"Resources": {"Things": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}


def properties_of(wanted):
    return wanted["Resources"]["Things"]["Properties"] if "Resources" in wanted else wanted


@pytest.mark.parametrize("number", range(24))
def test_a_random_plan_leads_to_what_is_wanted(server, save, table_name, number):
    seed = int(os.environ.get("TEST_SEED", 0)) + number
    print(f"TEST_SEED={seed}")
    source = random.Random(seed)
    journey = Journey(server, save, table_name, keep_names=source.random() < 0.6)
    start = random_definition(source, table_name)
    wanted = random_definition(source, table_name)
    if source.random() < 0.5:
        wanted = as_template(source, wanted)
    journey.go(start, wanted, journey.call)


@pytest.mark.parametrize("number", range(2))
def test_the_commands_can_be_pasted_into_a_shell(server, save, table_name, number):
    if shutil.which("aws") is None:
        pytest.skip("needs the AWS CLI")
    source = random.Random(1000 + number)
    journey = Journey(server, save, table_name, keep_names=False)
    start = random_definition(source, table_name)
    wanted = as_template(source, random_definition(source, table_name))
    journey.go(start, wanted, journey.run)


def test_the_commands_of_the_example_do_the_migration(server, save):
    """The approvals table of the runbook, by the command lines alone, and to the same name again."""
    keys = {"task_id": "HASH", "request_id": "RANGE"}
    by_user = {"IndexName": "user_id-status-index",
               "KeySchema": [{"AttributeName": "user_id", "KeyType": "HASH"},
                             {"AttributeName": "status", "KeyType": "RANGE"}]}
    table = {"TableName": "approvals", "BillingMode": "PAY_PER_REQUEST",
             "KeySchema": [{"AttributeName": key, "KeyType": role} for key, role in keys.items()],
             "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"}
                                      for name in ("task_id", "request_id", "user_id", "status")]}

    def with_attributes(attributes):
        return {**table, "GlobalSecondaryIndexes": [{**by_user, "Projection": {
            "ProjectionType": "INCLUDE", "NonKeyAttributes": list(attributes)}}]}

    client = serving.connect(server.url)
    client.create_table(**with_attributes(ATTRIBUTES))
    journey = Journey(server, save, "approvals", keep_names=True)
    serving.wait_until(journey.is_ready)
    wanted = with_attributes([*ATTRIBUTES, "matching_rule_ids"])
    code, answer = journey.plan(wanted)
    assert (code, answer["Verdict"], len(answer["Deployments"])) == (1, "REFUSED", 4)
    for deployment in answer["Deployments"]:
        for call in deployment["Calls"]:
            journey.run(call)
    journey.check_end(wanted)
