"""`cdk deploy` of other tables, other apps, and with another command line."""

import os

import pytest

import cdk_cli
import serving
from cdk_cli import ATTRIBUTES, CHANGED, MORE_ATTRIBUTES, NEW_INDEX, OLD_INDEX

pytestmark = [pytest.mark.ours, pytest.mark.skipif(
    os.environ.get("WIRE_WITHOUT_NODE") == "1", reason="WIRE_WITHOUT_NODE=1")]

OLD = {OLD_INDEX: ATTRIBUTES}
CHANGES = {
    "old": {"indexes": OLD},
    "changed": {"indexes": {OLD_INDEX: MORE_ATTRIBUTES}},
    "both": {"indexes": {**OLD, NEW_INDEX: MORE_ATTRIBUTES}},
    "new": {"indexes": {NEW_INDEX: MORE_ATTRIBUTES}},
    "key": {"indexes": OLD, "key": "id"},
}
KINDS = {
    "Plain": {},
    "Kept": {"retain": True},
    "Named": {"tableName": "approvals-by-name"},
    "Global": {"table": "TableV2"},
    "Legacy": {"legacy": True},
    "Analytics": {"analytics": True},
    "Topic": {"other": "AWS::SNS::Topic"},
}


def synthesize(cdk):
    made = cdk.synthesize({f"{kind}-{change}": {"stack": kind, **properties, **changed}
                           for kind, properties in KINDS.items()
                           for change, changed in CHANGES.items()})
    return {tuple(name.split("-", 1)): app for name, app in made.items()}


@pytest.fixture(scope="module")
def apps(instant_endpoint, tmp_path_factory):
    return synthesize(cdk_cli.Cdk(instant_endpoint, tmp_path_factory.mktemp("cdk")))


@pytest.fixture
def stack(apps, instant_endpoint):
    def make(name):
        stack = cdk_cli.Stack(instant_endpoint, name).create(apps[name, "old"].template)
        stack.put_items()
        return stack

    return make


REPLACED = [
    "S UPDATE_IN_PROGRESS User Initiated",
    "R UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; "
    "hence creating one.",
    "R UPDATE_IN_PROGRESS Resource creation Initiated",
    "R UPDATE_COMPLETE",
    "S UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
]


@pytest.mark.parametrize("kind, cleanup", [
    ("Plain", ["R DELETE_IN_PROGRESS", "R DELETE_COMPLETE"]),
    ("Kept", ["R DELETE_SKIPPED"]),
])
def test_another_key_makes_a_new_table(apps, stack, kind, cleanup):
    stack = stack(kind)
    before = stack.table
    deployed = apps[kind, "key"].deploy()
    assert deployed.status == 0, deployed.text
    assert stack.table != before
    assert stack.items() == []
    assert stack.last_operation() == REPLACED + cleanup + ["S UPDATE_COMPLETE"]
    assert (before in stack.dynamodb.list_tables()["TableNames"]) == (kind == "Kept")


def test_another_key_of_a_named_table_is_refused(apps, stack):
    stack = stack("Named")
    refused = apps["Named", "key"].deploy()
    assert refused.status == 1, refused.text
    assert ("CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            "Rename approvals-by-name and update the stack again.") in refused
    assert stack.table == "approvals-by-name"
    assert len(stack.items()) == 100


def test_a_global_table_goes_the_same_way(apps, instant_endpoint):
    created = apps["Global", "old"].deploy()
    assert created.status == 0, created.text
    stack = cdk_cli.Stack(instant_endpoint, "Global")
    stack.put_items()
    refused = apps["Global", "changed"].deploy()
    assert refused.status == 1, refused.text
    assert CHANGED in refused
    added = apps["Global", "both"].deploy()
    assert added.status == 0, added.text
    stack.wait_for_index(NEW_INDEX)
    dropped = apps["Global", "new"].deploy()
    assert dropped.status == 0, dropped.text
    stack.wait_until_at_rest()
    assert stack.indexes() == {NEW_INDEX: set(MORE_ATTRIBUTES)}
    assert len(stack.items(NEW_INDEX)) == 100


def test_a_template_in_yaml_is_deployed_and_refused(apps, instant_endpoint):
    created = apps["Legacy", "old"].deploy()
    assert created.status == 0, created.text
    assert cdk_cli.Stack(instant_endpoint, "Legacy").indexes() == {OLD_INDEX: set(ATTRIBUTES)}
    refused = apps["Legacy", "changed"].deploy()
    assert refused.status == 1, refused.text
    assert CHANGED in refused


def test_an_app_may_tell_which_constructs_it_uses(apps, instant_endpoint):
    created = apps["Analytics", "old"].deploy()
    assert created.status == 0, created.text
    resources = cdk_cli.connect(instant_endpoint).describe_stack_resources(StackName="Analytics")
    types = {one["ResourceType"]: one["ResourceStatus"] for one in resources["StackResources"]}
    assert types == {"AWS::CDK::Metadata": "CREATE_COMPLETE",
                     "AWS::DynamoDB::Table": "CREATE_COMPLETE"}


def test_a_resource_of_another_type_is_refused_clearly(apps):
    refused = apps["Topic", "old"].deploy()
    assert refused.status == 1, refused.text
    assert "AWS::SNS::Topic" in refused


def test_a_resource_of_another_type_may_be_a_placeholder(start_server, tmp_path):
    server = start_server("--in-memory", "--cfn-other-resources", "noop")
    made = cdk_cli.Cdk(server.url, tmp_path).synthesize(
        {"topic": {"stack": "Topic", "indexes": OLD, "other": "AWS::SNS::Topic"}})
    deployed = made["topic"].deploy()
    assert deployed.status == 0, deployed.text
    events = cdk_cli.Stack(server.url, "Topic").events()
    reasons = [event.get("ResourceStatusReason", "") for event in events
               if event["ResourceType"] == "AWS::SNS::Topic"]
    assert any(reason.startswith("Placeholder: ") for reason in reasons), reasons


def test_an_older_command_line_and_library(instant_endpoint, tmp_path):
    cdk = cdk_cli.Cdk(instant_endpoint, tmp_path, cdk_cli.OLDER_PACKAGES)
    made = cdk.synthesize({name: {"stack": "Older", **CHANGES[name]}
                           for name in ("old", "changed", "both")})
    created = made["old"].deploy()
    assert created.status == 0, created.text
    refused = made["changed"].deploy()
    assert refused.status == 1, refused.text
    assert CHANGED in refused
    added = made["both"].deploy()
    assert added.status == 0, added.text
    assert set(cdk_cli.Stack(instant_endpoint, "Older").indexes()) == {OLD_INDEX, NEW_INDEX}
