"""`cdk deploy` of a table with an index: what is done, what is refused, and how it is told."""

import os

import botocore.exceptions
import pytest

import cdk_cli
import serving
from cdk_cli import ATTRIBUTES, CHANGED, MORE_ATTRIBUTES, MORE_THAN_ONE, NEW_INDEX, OLD_INDEX

pytestmark = [pytest.mark.ours, pytest.mark.skipif(
    os.environ.get("WIRE_WITHOUT_NODE") == "1", reason="WIRE_WITHOUT_NODE=1")]

HANDLER = ('Resource handler returned message: "{}" '
           '(RequestToken: …, HandlerErrorCode: InvalidRequest)')
REFUSED = [
    "S UPDATE_IN_PROGRESS User Initiated",
    "R UPDATE_IN_PROGRESS",
    "R UPDATE_FAILED " + HANDLER.format(CHANGED),
    "S UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [TD925BC7E].",
    "R UPDATE_IN_PROGRESS",
    "R UPDATE_COMPLETE",
    "S UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "S UPDATE_ROLLBACK_COMPLETE",
]
UPDATED = [
    "S UPDATE_IN_PROGRESS User Initiated",
    "R UPDATE_IN_PROGRESS",
    "R UPDATE_COMPLETE",
    "S UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "S UPDATE_COMPLETE",
]

# The states of the code that tests deploy: which indexes it has.
INDEXES = {
    "old": {OLD_INDEX: ATTRIBUTES},
    "changed": {OLD_INDEX: MORE_ATTRIBUTES},
    "renamed": {NEW_INDEX: MORE_ATTRIBUTES},
    "both": {OLD_INDEX: ATTRIBUTES, NEW_INDEX: MORE_ATTRIBUTES},
    "new": {NEW_INDEX: MORE_ATTRIBUTES},
    "two-more": {OLD_INDEX: ATTRIBUTES, NEW_INDEX: MORE_ATTRIBUTES, "third": ATTRIBUTES},
    "none": {},
}
STACKS = ["Created", "Told", "Shortcut", "Renamed", "Shadow", "Outage", "Two", "Forgiven",
          "Direct", "Removed"]


@pytest.fixture(scope="module")
def apps(instant_endpoint, tmp_path_factory):
    """apps[stack, state]: all synthesized at once."""
    cdk = cdk_cli.Cdk(instant_endpoint, tmp_path_factory.mktemp("cdk"))
    made = cdk.synthesize({f"{stack}-{state}": {"stack": stack, "indexes": indexes}
                           for stack in STACKS for state, indexes in INDEXES.items()})
    return {tuple(name.split("-", 1)): app for name, app in made.items()}


@pytest.fixture
def stack(apps, instant_endpoint):
    """stack(name): deployed with the old index, and a hundred items in its table."""
    def make(name):
        stack = cdk_cli.Stack(instant_endpoint, name).create(apps[name, "old"].template)
        stack.put_items()
        return stack

    return make


def updates_of(control, mark, table):
    events, _ = control.timeline(mark, TableName=table)
    return [event for event in events if event.get("Operation") == "UpdateTable"]


def assert_untouched(stack, template):
    assert stack.template == template
    assert stack.indexes() == {OLD_INDEX: set(ATTRIBUTES)}
    assert len(stack.items()) == len(stack.items(OLD_INDEX)) == 100


def test_a_stack_is_created_and_deployed_again(apps, instant_endpoint):
    app = apps["Created", "old"]
    created = app.deploy()
    assert created.status == 0, created.text
    stack = cdk_cli.Stack(instant_endpoint, "Created")
    assert f"Created.TableName = {stack.table}" in created
    assert stack.table.startswith("Created-TD925BC7E-")
    assert stack.indexes() == {OLD_INDEX: set(ATTRIBUTES)}
    assert cdk_cli.line(stack.events()[0], "Created") == "S REVIEW_IN_PROGRESS User Initiated"
    assert stack.last_operation() == [
        "S CREATE_IN_PROGRESS User Initiated",
        "R CREATE_IN_PROGRESS",
        "R CREATE_IN_PROGRESS Resource creation Initiated",
        "R CREATE_COMPLETE",
        "S CREATE_COMPLETE",
    ]
    control = serving.Control(instant_endpoint)
    mark = control.timeline_end()
    again = app.deploy()
    assert again.status == 0, again.text
    assert "(no changes)" in again
    assert updates_of(control, mark, stack.table) == []


def test_a_difference_is_shown_and_leaves_nothing_behind(apps, stack):
    stack = stack("Told")
    template = stack.template
    shown = apps["Told", "changed"].diff()
    assert shown.status == 0, shown.text
    assert '[+] "tool_name"' in shown or '[+]     "tool_name"' in shown
    assert stack.api.list_change_sets(StackName="Told")["Summaries"] == []
    assert stack.status == "CREATE_COMPLETE"
    assert_untouched(stack, template)


def test_a_changed_projection_is_refused_and_rolled_back_each_time(apps, stack):
    stack = stack("Shortcut")
    template = stack.template
    for _ in range(2):
        refused = apps["Shortcut", "changed"].deploy()
        assert refused.status == 1, refused.text
        assert CHANGED in refused
        assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
        assert stack.last_operation() == REFUSED
        assert_untouched(stack, template)
    stamps = [event["Timestamp"] for event in stack.events()]
    assert all(before < after for before, after in zip(stamps, stamps[1:]))


def test_a_renamed_index_is_one_change_too_many(apps, stack):
    stack = stack("Renamed")
    template = stack.template
    refused = apps["Renamed", "renamed"].deploy()
    assert refused.status == 1, refused.text
    assert MORE_THAN_ONE in refused
    assert "R UPDATE_FAILED " + HANDLER.format(MORE_THAN_ONE) in stack.last_operation()
    assert_untouched(stack, template)


def test_two_new_indexes_are_one_too_many(apps, stack):
    stack = stack("Two")
    template = stack.template
    refused = apps["Two", "two-more"].deploy()
    assert refused.status == 1, refused.text
    assert MORE_THAN_ONE in refused
    assert_untouched(stack, template)


def test_an_index_beside_the_old_one_is_the_way(apps, stack):
    stack = stack("Shadow")
    table_id = stack.describe_table()["TableId"]
    added = apps["Shadow", "both"].deploy()
    assert added.status == 0, added.text
    assert stack.last_operation() == UPDATED
    stack.wait_for_index(NEW_INDEX)
    entries = stack.items(NEW_INDEX)
    assert len(entries) == 100
    assert all(set(MORE_ATTRIBUTES) <= entry.keys() for entry in entries)
    dropped = apps["Shadow", "new"].deploy()
    assert dropped.status == 0, dropped.text
    stack.wait_until_at_rest()
    assert stack.indexes() == {NEW_INDEX: set(MORE_ATTRIBUTES)}
    assert len(stack.items()) == 100
    assert stack.describe_table()["TableId"] == table_id


def test_an_index_dropped_and_made_anew_is_an_outage(apps, stack):
    stack = stack("Outage")
    dropped = apps["Outage", "none"].deploy()
    assert dropped.status == 0, dropped.text
    with pytest.raises(botocore.exceptions.ClientError, match="does not have the specified index"):
        serving.wait_until(lambda: stack.items(OLD_INDEX) is None)
    stack.wait_until_at_rest()
    added = apps["Outage", "changed"].deploy()
    assert added.status == 0, added.text
    stack.wait_for_index(OLD_INDEX)
    assert stack.indexes() == {OLD_INDEX: set(MORE_ATTRIBUTES)}
    assert len(stack.items(OLD_INDEX)) == 100


def test_a_failure_can_be_left_and_rolled_back_later(apps, stack):
    stack = stack("Forgiven")
    template = stack.template
    refused = apps["Forgiven", "changed"].deploy("--no-rollback")
    assert refused.status == 1, refused.text
    assert CHANGED in refused
    assert stack.status == "UPDATE_FAILED"
    assert stack.last_operation() == REFUSED[:3] + [
        "S UPDATE_FAILED The following resource(s) failed to update: [TD925BC7E]."]
    rolled_back = apps["Forgiven", "changed"].run("rollback", "--progress", "events")
    assert rolled_back.status == 0, rolled_back.text
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert_untouched(stack, template)


def test_a_deployment_without_a_change_set_is_the_same(apps, stack):
    stack = stack("Direct")
    template = stack.template
    refused = apps["Direct", "changed"].deploy("--method", "direct")
    assert refused.status == 1, refused.text
    assert CHANGED in refused
    assert stack.last_operation() == REFUSED
    assert_untouched(stack, template)
    nothing = apps["Direct", "old"].deploy("--method", "direct")
    assert nothing.status == 0, nothing.text
    assert "(no changes)" in nothing


def test_a_stack_is_destroyed_with_its_table(apps, stack):
    stack = stack("Removed")
    table, identifier = stack.table, stack.describe()["StackId"]
    destroyed = apps["Removed", "old"].destroy()
    assert destroyed.status == 0, destroyed.text
    serving.wait_until(lambda: table not in stack.dynamodb.list_tables()["TableNames"])
    with pytest.raises(botocore.exceptions.ClientError, match="does not exist"):
        stack.describe()
    assert stack.describe(identifier)["StackStatus"] == "DELETE_COMPLETE"
    assert [cdk_cli.line(event, "Removed") for event in stack.events(identifier)][-4:] == [
        "S DELETE_IN_PROGRESS User Initiated",
        "R DELETE_IN_PROGRESS",
        "R DELETE_COMPLETE",
        "S DELETE_COMPLETE",
    ]
