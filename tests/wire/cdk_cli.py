"""The CDK's command line as a process, and the stacks that it deploys."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import boto3
import botocore.config
import botocore.exceptions

import serving

APP = pathlib.Path(__file__).resolve().parent / "cdk_app.cjs"
PACKAGES = serving.ROOT / "cdk"
OLDER_PACKAGES = APP.parent / "cdk_older"

OLD_INDEX = "user_id-status-index"
NEW_INDEX = "user_id-status-v2"
ATTRIBUTES = ["severity", "created_at"]
MORE_ATTRIBUTES = ["severity", "created_at", "tool_name"]

CHANGED = ("Cannot update GSI's properties other than Provisioned Throughput and Contributor "
           "Insights Specification. You can create a new GSI with a different name.")
MORE_THAN_ONE = "Cannot perform more than one GSI creation or deletion in a single update"


def connect(endpoint):
    """A boto3 client of CloudFormation."""
    config = botocore.config.Config(retries={"total_max_attempts": 1}, proxies={})
    return boto3.client("cloudformation", endpoint_url=endpoint, config=config,
                        **serving.CREDENTIALS)


def environment(endpoint, home):
    """Nothing of the user's, and no way out: what is not at the endpoint is behind a shut port."""
    return serving.clean_environment(
        AWS_ENDPOINT_URL=endpoint, AWS_ACCESS_KEY_ID="rehearsal", AWS_REGION=serving.REGION,
        AWS_SECRET_ACCESS_KEY="rehearsal", AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        CDK_HOME=str(home), HOME=str(home), CDK_DISABLE_CLI_TELEMETRY="true",
        CDK_DISABLE_VERSION_CHECK="1", CDK_VALIDATION="false", NODE_NO_WARNINGS="1", CI="1",
        HTTP_PROXY="http://127.0.0.1:9", HTTPS_PROXY="http://127.0.0.1:9",
        NO_PROXY="127.0.0.1,localhost")


class Result:
    """How a command ended and what it printed, both streams as on a terminal."""

    def __init__(self, completed):
        self.status = completed.returncode
        self.text = re.sub(r"\x1b\[[0-9;]*m", "", completed.stdout)

    def __contains__(self, text):
        # A message is broken into lines where the terminal ends.
        return text in self.text or text in " ".join(self.text.split())


class Cdk:
    """`cdk.app(name, **spec)` is one stack in one state of its code; see cdk_app.cjs for the spec."""

    def __init__(self, endpoint, folder, packages=PACKAGES):
        assert shutil.which("node"), "no node here; without it, say WIRE_WITHOUT_NODE=1"
        assert (packages / "node_modules").is_dir(), \
            f"the CDK is not installed: npm ci --prefix {packages}; or say WIRE_WITHOUT_NODE=1"
        self.program = packages / "node_modules/.bin/cdk"
        self.environment = environment(endpoint, folder)
        self.environment["NODE_PATH"] = str(packages / "node_modules")
        self.folder = folder

    def synthesize(self, specs):
        """{name: spec} to {name: App}, all at once, which costs little more than one."""
        apps = {name: App(self, self.folder / name, spec) for name, spec in specs.items()}
        subprocess.run(
            ["node", APP], env=self.environment, check=True, timeout=120, text=True,
            input=json.dumps({str(app.folder): app.spec for app in apps.values()}))
        return apps

    def run(self, *arguments):
        return Result(subprocess.run(
            [self.program, "--no-notices", *arguments], env=self.environment, cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180))


class App:
    def __init__(self, cdk, folder, spec):
        self.cdk = cdk
        self.folder = folder
        self.spec = {"table": "Table", **spec}
        self.stack = spec["stack"]

    @property
    def template(self):
        return (self.folder / f"{self.stack}.template.json").read_text()

    def run(self, command, *arguments):
        return self.cdk.run(command, self.stack, "--app", str(self.folder), *arguments)

    def deploy(self, *arguments):
        return self.run("deploy", "--require-approval", "never", "--progress", "events",
                        *arguments)

    def diff(self):
        return self.run("diff")

    def destroy(self):
        return self.run("destroy", "--force", "--progress", "events")


class Stack:
    """A deployed stack, as boto3 sees it, and its table."""

    def __init__(self, endpoint, name):
        self.name = name
        self.api = connect(endpoint)
        self.dynamodb = serving.connect(endpoint)

    def create(self, template):
        """Without the CDK: where how the stack came about is not what a test is about."""
        self.api.create_stack(StackName=self.name, TemplateBody=template)
        serving.wait_until(lambda: self.status != "CREATE_IN_PROGRESS")
        assert self.status == "CREATE_COMPLETE", self.events()
        return self

    def update(self, template):
        self.api.update_stack(StackName=self.name, TemplateBody=template)
        return self.wait()

    def wait(self):
        serving.wait_until(lambda: not self.status.endswith("_IN_PROGRESS"))
        return self.status

    def describe(self, name=None):
        return self.api.describe_stacks(StackName=name or self.name)["Stacks"][0]

    @property
    def status(self):
        return self.describe()["StackStatus"]

    @property
    def template(self):
        return self.api.get_template(StackName=self.name)["TemplateBody"]

    @property
    def table(self):
        """The table's physical name, which the stack has as an output."""
        outputs = {one["OutputKey"]: one["OutputValue"] for one in self.describe()["Outputs"]}
        return outputs["TableName"]

    def events(self, name=None):
        """Oldest first."""
        pages = self.api.get_paginator("describe_stack_events").paginate(
            StackName=name or self.name)
        return [event for page in pages for event in page["StackEvents"]][::-1]

    def last_operation(self):
        """Its events as lines, from where a user began it."""
        events = self.events()
        begin = max(position for position, event in enumerate(events)
                    if event.get("ResourceStatusReason") == "User Initiated")
        return [line(event, self.name) for event in events[begin:]]

    def describe_table(self):
        return self.dynamodb.describe_table(TableName=self.table)["Table"]

    def indexes(self):
        """{name: what it projects}"""
        return {index["IndexName"]: set(index["Projection"]["NonKeyAttributes"])
                for index in self.describe_table().get("GlobalSecondaryIndexes", [])}

    def wait_for_index(self, name):
        def is_active():
            for index in self.describe_table().get("GlobalSecondaryIndexes", []):
                if index["IndexName"] == name:
                    return index["IndexStatus"] == "ACTIVE" and not index.get("Backfilling")
            return False
        serving.wait_until(is_active)

    def wait_until_at_rest(self):
        """No index is created or deleted any more."""
        def is_at_rest():
            table = self.describe_table()
            return table["TableStatus"] == "ACTIVE" and all(
                index["IndexStatus"] == "ACTIVE"
                for index in table.get("GlobalSecondaryIndexes", []))
        serving.wait_until(is_at_rest)

    def put_items(self, count=100):
        for begin in range(0, count, 25):
            self.dynamodb.batch_write_item(RequestItems={self.table: [
                {"PutRequest": {"Item": {
                    "task_id": {"S": f"task-{number:03}"}, "user_id": {"S": f"user-{number % 3}"},
                    "status": {"S": "PENDING"}, "severity": {"S": "high"},
                    "created_at": {"S": f"2026-01-01T00:00:{number % 60:02}Z"},
                    "tool_name": {"S": "bash"}}}}
                for number in range(begin, min(begin + 25, count))]})

    def items(self, index=None):
        where = {} if index is None else {"IndexName": index}
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table, **where)
        return [item for page in pages for item in page["Items"]]


def line(event, stack):
    """S for the stack, R for its table; the reason without what differs each time."""
    who = "S" if event["ResourceType"] == "AWS::CloudFormation::Stack" else "R"
    reason = event.get("ResourceStatusReason", "")
    reason = re.sub(r"RequestToken: [0-9a-f-]{36}", "RequestToken: …", reason)
    assert who == "R" or event["LogicalResourceId"] == stack
    return f"{who} {event['ResourceStatus']} {reason}".strip()
