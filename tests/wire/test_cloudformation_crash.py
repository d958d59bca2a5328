"""Stacks in change when the server is killed: they come to an end after its restart."""

import json
import time

import pytest

import cdk_cli
import serving
from cdk_cli import ATTRIBUTES, MORE_ATTRIBUTES, NEW_INDEX, OLD_INDEX

pytestmark = pytest.mark.ours

KEYS = ("task_id", "user_id", "status")


def index(name, attributes):
    return {"IndexName": name,
            "KeySchema": [{"AttributeName": "user_id", "KeyType": "HASH"},
                          {"AttributeName": "status", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": attributes}}


def template(**indexes):
    return json.dumps({
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in KEYS],
            "KeySchema": [{"AttributeName": "task_id", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [index(*one) for one in indexes.items()]}}},
        "Outputs": {"TableName": {"Value": {"Ref": "Table"}}}})


OLD = template(**{OLD_INDEX: ATTRIBUTES})
BOTH = template(**{OLD_INDEX: ATTRIBUTES, NEW_INDEX: MORE_ATTRIBUTES})
CHANGED = template(**{OLD_INDEX: MORE_ATTRIBUTES})

# What is under way, and how many milliseconds after its begin the server is killed.
KILLS = [(what, delay_ms) for what in ("create", "add", "refused", "delete")
         for delay_ms in (0, 20, 150, 600)]
ENDS = {
    "create": {"CREATE_COMPLETE"},
    "add": {"UPDATE_COMPLETE"},
    "refused": {"UPDATE_ROLLBACK_COMPLETE"},
    "delete": {"DELETE_COMPLETE"},
}


@pytest.mark.parametrize("what, delay_ms", KILLS)
def test_a_stack_comes_to_its_end_after_a_crash(durable_server, start_server, tmp_path, what,
                                                delay_ms):
    stack = cdk_cli.Stack(durable_server.url, "Crashed")
    if what == "create":
        identifier = stack.api.create_stack(StackName="Crashed", TemplateBody=OLD)["StackId"]
    else:
        stack.create(OLD)
        stack.put_items(25)
        identifier = stack.describe()["StackId"]
    if what == "add":
        stack.api.update_stack(StackName="Crashed", TemplateBody=BOTH)
    elif what == "refused":
        stack.api.update_stack(StackName="Crashed", TemplateBody=CHANGED)
    elif what == "delete":
        stack.api.delete_stack(StackName="Crashed")
    time.sleep(delay_ms / 1000)
    durable_server.kill()

    stack = cdk_cli.Stack(start_server("--data", tmp_path / "data").url, "Crashed")
    serving.wait_until(
        lambda: not stack.describe(identifier)["StackStatus"].endswith("_IN_PROGRESS"))
    assert stack.describe(identifier)["StackStatus"] in ENDS[what]
    events = stack.events(identifier)
    stamps = [event["Timestamp"] for event in events]
    assert all(before < after for before, after in zip(stamps, stamps[1:]))
    assert len({event["EventId"] for event in events}) == len(events)
    if what == "delete":
        assert stack.dynamodb.list_tables()["TableNames"] == []
        return
    stack.wait_until_at_rest()
    assert set(stack.indexes()) == ({OLD_INDEX, NEW_INDEX} if what == "add" else {OLD_INDEX})
    assert len(stack.dynamodb.list_tables()["TableNames"]) == 1
    assert len(stack.items()) == (0 if what == "create" else 25)
