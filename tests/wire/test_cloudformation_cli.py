"""`aws cloudformation`, Debian's: templates by hand, change sets, waiters and exit codes."""

import json
import subprocess

import pytest

import cdk_cli
import command_line
import serving
from cdk_cli import ATTRIBUTES, CHANGED, MORE_ATTRIBUTES, OLD_INDEX

pytestmark = pytest.mark.ours

YAML = """\
Description: Approvals, by hand
Parameters:
  Severity: {Type: String, Default: severity}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: task_id, AttributeType: S}
        - {AttributeName: user_id, AttributeType: S}
      KeySchema: [{AttributeName: task_id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: !Sub 'user_id-${Severity}-index'
          KeySchema: [{AttributeName: user_id, KeyType: HASH}]
          Projection:
            ProjectionType: INCLUDE
            NonKeyAttributes: [!Ref Severity]
Outputs:
  TableName:
    Value: !Ref Table
"""


def template(attributes):
    keys = ("task_id", "user_id", "status")
    return json.dumps({
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
            "KeySchema": [{"AttributeName": "task_id", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [{
                "IndexName": OLD_INDEX,
                "KeySchema": [{"AttributeName": "user_id", "KeyType": "HASH"},
                              {"AttributeName": "status", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": attributes}}]}}},
        "Outputs": {"TableName": {"Value": {"Ref": "Table"}}}})


class CloudFormation(command_line.Cli):
    """cloudformation("describe-stacks", …) returns how it ended."""

    def __call__(self, *arguments):
        return subprocess.run(
            [command_line.AWS, "cloudformation", *arguments, *self.options], cwd=self.folder,
            text=True, env=self.environment, capture_output=True, timeout=150)

    def succeed(self, *arguments):
        result = self(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def deploy(self, name, text, *arguments):
        (self.folder / "template").write_text(text)
        return self("deploy", "--stack-name", name, "--template-file", "template", *arguments)


@pytest.fixture
def cloudformation(instant_endpoint, tmp_path):
    return CloudFormation(instant_endpoint, tmp_path)


def test_deploy_creates_changes_nothing_and_is_refused(cloudformation, instant_endpoint):
    created = cloudformation.deploy("cli-json", template(ATTRIBUTES))
    assert created.returncode == 0, created.stderr
    assert "Successfully created/updated stack - cli-json" in created.stdout
    stack = cdk_cli.Stack(instant_endpoint, "cli-json")
    assert stack.indexes() == {OLD_INDEX: set(ATTRIBUTES)}
    again = cloudformation.deploy("cli-json", template(ATTRIBUTES))
    assert again.returncode == 0, again.stderr
    assert "No changes to deploy. Stack cli-json is up to date" in again.stdout
    refused = cloudformation.deploy("cli-json", template(MORE_ATTRIBUTES))
    assert refused.returncode == 255
    assert "Failed to create/update the stack" in refused.stderr
    events = cloudformation.succeed(
        "describe-stack-events", "--stack-name", "cli-json", "--output", "text",
        "--query", "StackEvents[?ResourceStatus=='UPDATE_FAILED'].ResourceStatusReason")
    assert f'Resource handler returned message: "{CHANGED}"' in events
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.indexes() == {OLD_INDEX: set(ATTRIBUTES)}


def test_deploy_reads_yaml_and_parameters(cloudformation, instant_endpoint):
    created = cloudformation.deploy(
        "cli-yaml", YAML, "--parameter-overrides", "Severity=level")
    assert created.returncode == 0, created.stderr
    stack = cdk_cli.Stack(instant_endpoint, "cli-yaml")
    assert stack.indexes() == {"user_id-level-index": {"level"}}
    assert stack.template == YAML


def test_a_stack_from_its_birth_to_its_end(cloudformation, instant_endpoint):
    (cloudformation.folder / "old").write_text(template(ATTRIBUTES))
    (cloudformation.folder / "changed").write_text(template(MORE_ATTRIBUTES))
    stack = cdk_cli.Stack(instant_endpoint, "cli")
    cloudformation.succeed("create-stack", "--stack-name", "cli", "--template-body", "file://old")
    stack.wait()  # a waiter of the command line looks again after half a minute
    cloudformation.succeed("wait", "stack-create-complete", "--stack-name", "cli")
    nothing = cloudformation("update-stack", "--stack-name", "cli", "--template-body", "file://old")
    assert nothing.returncode == 254
    assert "No updates are to be performed." in nothing.stderr
    twice = cloudformation("create-stack", "--stack-name", "cli", "--template-body", "file://old")
    assert twice.returncode == 254
    assert "(AlreadyExistsException)" in twice.stderr
    cloudformation.succeed(
        "update-stack", "--stack-name", "cli", "--template-body", "file://changed")
    stack.wait()
    failed = cloudformation("wait", "stack-update-complete", "--stack-name", "cli")
    assert failed.returncode == 255
    identifier = stack.describe()["StackId"]
    cloudformation.succeed("delete-stack", "--stack-name", "cli")
    serving.wait_until(
        lambda: stack.describe(identifier)["StackStatus"] == "DELETE_COMPLETE")
    cloudformation.succeed("wait", "stack-delete-complete", "--stack-name", "cli")
    gone = cloudformation("describe-stacks", "--stack-name", "cli")
    assert gone.returncode == 254
    assert "Stack with id cli does not exist" in gone.stderr
    status = cloudformation.succeed("describe-stacks", "--stack-name", identifier, "--output",
                                    "text", "--query", "Stacks[0].StackStatus")
    assert status == "DELETE_COMPLETE\n"


def test_a_change_set_looks_harmless(cloudformation, instant_endpoint):
    stack = cdk_cli.Stack(instant_endpoint, "cli-set").create(template(ATTRIBUTES))
    (cloudformation.folder / "changed").write_text(template(MORE_ATTRIBUTES))
    names = ("--stack-name", "cli-set", "--change-set-name", "harmless")
    cloudformation.succeed("create-change-set", *names, "--template-body", "file://changed")
    serving.wait_until(lambda: stack.api.describe_change_set(
        StackName="cli-set", ChangeSetName="harmless")["Status"] == "CREATE_COMPLETE")
    cloudformation.succeed("wait", "change-set-create-complete", *names)
    shown = json.loads(cloudformation.succeed("describe-change-set", *names))
    [change] = shown["Changes"]
    change = change["ResourceChange"]
    assert (change["Action"], change["Replacement"]) == ("Modify", "False")
    assert [(detail["Target"]["Name"], detail["Target"]["RequiresRecreation"])
            for detail in change["Details"]] == [("GlobalSecondaryIndexes", "Never")]
    cloudformation.succeed("delete-change-set", *names)
    cloudformation.succeed("delete-change-set", *names)  # also when there is none
    gone = cloudformation("describe-change-set", *names)
    assert gone.returncode == 254
    assert "(ChangeSetNotFound)" in gone.stderr
