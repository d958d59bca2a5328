"""Stacks of tables through boto3: what every operation answers, and how it refuses."""

import json
import xml.etree.ElementTree

import boto3
import botocore.config
import botocore.exceptions
import pytest

import serving

pytestmark = pytest.mark.ours

QUICK = {"Delay": 1, "MaxAttempts": 30}
PROJECTION_REFUSED = (
    "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights "
    "Specification. You can create a new GSI with a different name.")


def connect(url, service="cloudformation", **credentials):
    config = botocore.config.Config(retries={"total_max_attempts": 1}, proxies={})
    return boto3.client(service, endpoint_url=url, config=config,
                        **{**serving.CREDENTIALS, **credentials})


@pytest.fixture
def cloudformation(endpoint):
    return connect(endpoint)


@pytest.fixture
def stack_name(table_name):
    return table_name


def key(name):
    return [{"AttributeName": name, "KeyType": "HASH"}]


def index(name, *attributes):
    return {"IndexName": name, "KeySchema": key("status"),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(attributes)}}


def template(*indexes, **properties):
    """A table under the logical id T, and its name as the output Name."""
    return json.dumps({
        "Description": "tables of a test",
        "Resources": {"T": {
            "Type": "AWS::DynamoDB::Table",
            "Metadata": {"purpose": "a test"},
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": "pk", "AttributeType": "S"},
                    *([{"AttributeName": "status", "AttributeType": "S"}] if indexes else [])],
                "KeySchema": key("pk"),
                **({"GlobalSecondaryIndexes": list(indexes)} if indexes else {}),
                **properties}}},
        "Outputs": {"Name": {"Value": {"Ref": "T"}, "Description": "the table"}}}, indent=1)


def create(cloudformation, stack_name, body, **options):
    cloudformation.create_stack(StackName=stack_name, TemplateBody=body, **options)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=stack_name, WaiterConfig=QUICK)
    return describe(cloudformation, stack_name)


def describe(cloudformation, stack_name):
    return cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]


def events(cloudformation, stack_name):
    """Oldest first."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_name)
    return [event for page in pages for event in page["StackEvents"]][::-1]


def steps(cloudformation, stack_name, start=0):
    return [(event["LogicalResourceId"], event["ResourceStatus"])
            for event in events(cloudformation, stack_name)[start:]]


def refusal(call, *arguments, **parameters):
    """Status, code and message."""
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(*arguments, **parameters)
    reply = error.value.response
    return (reply["ResponseMetadata"]["HTTPStatusCode"], reply["Error"]["Code"],
            reply["Error"]["Message"])


def test_a_stack_is_created_described_and_deleted(cloudformation, client, stack_name):
    stack = create(cloudformation, stack_name, template(index("by-status", "a")),
                   Tags=[{"Key": "team", "Value": "x"}])
    table = stack["Outputs"][0]["OutputValue"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Description"] == "tables of a test"
    assert stack["Tags"] == [{"Key": "team", "Value": "x"}]
    assert stack["Outputs"] == [
        {"OutputKey": "Name", "OutputValue": table, "Description": "the table"}]
    assert table.startswith(f"{stack_name}-T-")
    assert client.describe_table(TableName=table)["Table"]["TableStatus"] == "ACTIVE"
    assert steps(cloudformation, stack_name) == [
        (stack_name, "CREATE_IN_PROGRESS"), ("T", "CREATE_IN_PROGRESS"),
        ("T", "CREATE_IN_PROGRESS"), ("T", "CREATE_COMPLETE"), (stack_name, "CREATE_COMPLETE")]
    cloudformation.delete_stack(StackName=stack_name)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=stack["StackId"], WaiterConfig=QUICK)
    assert describe(cloudformation, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName=table)
    assert refusal(cloudformation.describe_stacks, StackName=stack_name) == (
        400, "ValidationError", f"Stack with id {stack_name} does not exist")
    cloudformation.delete_stack(StackName=stack_name)


def test_a_changed_projection_is_rolled_back(cloudformation, client, stack_name):
    body = template(index("by-status", "a"))
    table = create(cloudformation, stack_name, body)["Outputs"][0]["OutputValue"]
    before = client.describe_table(TableName=table)["Table"]
    seen = len(events(cloudformation, stack_name))
    for _ in range(2):  # the same bad template is no "no changes" the second time
        cloudformation.update_stack(StackName=stack_name,
                                    TemplateBody=template(index("by-status", "a", "b")))
        with pytest.raises(botocore.exceptions.WaiterError):
            cloudformation.get_waiter("stack_update_complete").wait(
                StackName=stack_name, WaiterConfig=QUICK)
    assert describe(cloudformation, stack_name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    told = events(cloudformation, stack_name)[seen:]
    assert [(event["LogicalResourceId"], event["ResourceStatus"]) for event in told[:8]] == [
        (stack_name, "UPDATE_IN_PROGRESS"), ("T", "UPDATE_IN_PROGRESS"), ("T", "UPDATE_FAILED"),
        (stack_name, "UPDATE_ROLLBACK_IN_PROGRESS"), ("T", "UPDATE_IN_PROGRESS"),
        ("T", "UPDATE_COMPLETE"),
        (stack_name, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
        (stack_name, "UPDATE_ROLLBACK_COMPLETE")]
    reason = told[2]["ResourceStatusReason"]
    assert reason.startswith(f'Resource handler returned message: "{PROJECTION_REFUSED}"')
    assert reason.endswith("HandlerErrorCode: InvalidRequest)")
    times = [event["Timestamp"] for event in events(cloudformation, stack_name)]
    assert all(one < next_one for one, next_one in zip(times, times[1:]))
    assert len({event["EventId"] for event in told}) == len(told)
    after = client.describe_table(TableName=table)["Table"]
    assert after["TableId"] == before["TableId"]
    assert after["GlobalSecondaryIndexes"] == before["GlobalSecondaryIndexes"]
    assert raw_template(cloudformation, stack_name) == body


def raw_template(cloudformation, stack_name, **options):
    """boto3 parses JSON templates, so the bytes are looked for in the reply itself."""
    replies = []
    cloudformation.meta.events.register(
        "response-received.cloudformation.GetTemplate",
        lambda response_dict, **_: replies.append(response_dict["body"]), unique_id="raw")
    cloudformation.get_template(StackName=stack_name, **options)
    cloudformation.meta.events.unregister(
        "response-received.cloudformation.GetTemplate", unique_id="raw")
    root = xml.etree.ElementTree.fromstring(replies[-1])
    return next(element.text for element in root.iter() if element.tag.endswith("TemplateBody"))


def test_a_template_comes_back_byte_for_byte(cloudformation, stack_name):
    body = template().replace("tables of a test", 'tables <&> \\"\u00fc\u2028\\" of a test\\u000a')
    create(cloudformation, stack_name, body)
    assert raw_template(cloudformation, stack_name) == body
    assert raw_template(cloudformation, stack_name, TemplateStage="Original") == body


def test_the_way_to_another_projection_is_another_index(cloudformation, client, stack_name):
    stack = create(cloudformation, stack_name, template(index("old", "a")))
    table = stack["Outputs"][0]["OutputValue"]
    for indexes in ([index("old", "a"), index("new", "a", "b")], [index("new", "a", "b")]):
        cloudformation.update_stack(StackName=stack_name, TemplateBody=template(*indexes))
        cloudformation.get_waiter("stack_update_complete").wait(
            StackName=stack_name, WaiterConfig=QUICK)
        serving.wait_until(lambda: indexes_of(client, table) == {
            one["IndexName"]: "ACTIVE" for one in indexes})
    assert describe(cloudformation, stack_name)["StackStatus"] == "UPDATE_COMPLETE"


def indexes_of(client, table):
    described = client.describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"]
    return {one["IndexName"]: one["IndexStatus"] for one in described}


def test_resources_are_shown_in_three_ways(cloudformation, stack_name):
    stack = create(cloudformation, stack_name, template())
    table = stack["Outputs"][0]["OutputValue"]
    one = cloudformation.describe_stack_resource(
        StackName=stack_name, LogicalResourceId="T")["StackResourceDetail"]
    assert (one["PhysicalResourceId"], one["ResourceStatus"]) == (table, "CREATE_COMPLETE")
    assert json.loads(one["Metadata"]) == {"purpose": "a test"}
    for query in ({"StackName": stack["StackId"]}, {"PhysicalResourceId": table},
                  {"StackName": stack_name, "LogicalResourceId": "T"}):
        listed = cloudformation.describe_stack_resources(**query)["StackResources"]
        assert [(it["LogicalResourceId"], it["StackName"]) for it in listed] == [("T", stack_name)]
    summaries = cloudformation.list_stack_resources(StackName=stack_name)["StackResourceSummaries"]
    assert [it["PhysicalResourceId"] for it in summaries] == [table]
    assert refusal(cloudformation.describe_stack_resource, StackName=stack_name,
                   LogicalResourceId="X") == (
        400, "ValidationError", f"Resource X does not exist for stack {stack_name}")
    assert refusal(cloudformation.describe_stack_resources, PhysicalResourceId="none")[1:] == (
        "ValidationError", "Stack for none does not exist")


def test_a_change_set_says_what_it_would_do(cloudformation, stack_name):
    create(cloudformation, stack_name, template(index("by-status", "a")))
    made = cloudformation.create_change_set(
        StackName=stack_name, ChangeSetName="wider",
        TemplateBody=template(index("by-status", "a", "b")))
    cloudformation.get_waiter("change_set_create_complete").wait(
        ChangeSetName=made["Id"], WaiterConfig=QUICK)
    change_set = cloudformation.describe_change_set(StackName=stack_name, ChangeSetName="wider")
    assert change_set["Status"] == "CREATE_COMPLETE"
    assert change_set["ExecutionStatus"] == "AVAILABLE"
    change = change_set["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["Replacement"]) == ("Modify", "False")
    assert change["Details"][0]["Target"] == {
        "Attribute": "Properties", "Name": "GlobalSecondaryIndexes",
        "RequiresRecreation": "Never"}
    listed = cloudformation.list_change_sets(StackName=stack_name)["Summaries"]
    assert [it["ChangeSetName"] for it in listed] == ["wider"]
    assert "b" in json.dumps(cloudformation.get_template(
        StackName=stack_name, ChangeSetName="wider")["TemplateBody"])
    cloudformation.delete_change_set(StackName=stack_name, ChangeSetName="wider")
    cloudformation.delete_change_set(StackName=stack_name, ChangeSetName="wider")
    assert refusal(cloudformation.describe_change_set, StackName=stack_name,
                   ChangeSetName="wider") == (
        404, "ChangeSetNotFound", "ChangeSet [wider] does not exist")


def test_a_change_set_creates_a_stack(cloudformation, stack_name):
    made = cloudformation.create_change_set(
        StackName=stack_name, ChangeSetName="first", ChangeSetType="CREATE",
        TemplateBody=template())
    assert describe(cloudformation, stack_name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert cloudformation.get_template(StackName=stack_name)["TemplateBody"] == {}
    change = cloudformation.describe_change_set(ChangeSetName=made["Id"])["Changes"][0]
    assert change["ResourceChange"]["Action"] == "Add"
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=made["StackId"], WaiterConfig=QUICK)
    assert steps(cloudformation, stack_name)[:2] == [
        (stack_name, "REVIEW_IN_PROGRESS"), (stack_name, "CREATE_IN_PROGRESS")]


def test_nothing_to_change_is_said(cloudformation, stack_name):
    create(cloudformation, stack_name, template())
    assert refusal(cloudformation.update_stack, StackName=stack_name,
                   TemplateBody=template()) == (
        400, "ValidationError", "No updates are to be performed.")
    made = cloudformation.create_change_set(
        StackName=stack_name, ChangeSetName="same", TemplateBody=template())
    change_set = cloudformation.describe_change_set(ChangeSetName=made["Id"])
    assert change_set["Status"] == "FAILED"
    assert change_set["StatusReason"].startswith("The submitted information didn't contain changes.")


def test_a_protected_stack_is_not_deleted(cloudformation, stack_name):
    create(cloudformation, stack_name, template())
    cloudformation.update_termination_protection(
        StackName=stack_name, EnableTerminationProtection=True)
    assert describe(cloudformation, stack_name)["EnableTerminationProtection"] is True
    assert "TerminationProtection is enabled" in refusal(
        cloudformation.delete_stack, StackName=stack_name)[2]
    cloudformation.update_termination_protection(
        StackName=stack_name, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=stack_name)


def test_many_events_come_in_pages(cloudformation, stack_name):
    create(cloudformation, stack_name, template())
    for protected in [True, False] * 10:
        cloudformation.update_stack(
            StackName=stack_name, TemplateBody=template(DeletionProtectionEnabled=protected))
        cloudformation.get_waiter("stack_update_complete").wait(
            StackName=stack_name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    first = cloudformation.describe_stack_events(StackName=stack_name)
    assert len(first["StackEvents"]) == 100
    numbers = [event["EventId"] for event in events(cloudformation, stack_name)]
    assert len(numbers) == len(set(numbers)) > 100
    assert refusal(cloudformation.describe_stack_events, StackName=stack_name,
                   NextToken="x")[:2] == (400, "ValidationError")


def test_stacks_and_exports_are_listed(cloudformation, stack_name):
    body = json.loads(template())
    body["Outputs"]["Name"]["Export"] = {"Name": f"{stack_name}-export"}
    stack = create(cloudformation, stack_name, json.dumps(body))
    exports = cloudformation.get_paginator("list_exports").paginate().build_full_result()["Exports"]
    assert [it["ExportingStackId"] for it in exports if it["Name"] == f"{stack_name}-export"] == \
        [stack["StackId"]]
    for operation, members in (("describe_stacks", "Stacks"), ("list_stacks", "StackSummaries")):
        pages = cloudformation.get_paginator(operation).paginate().build_full_result()
        assert stack["StackId"] in [it["StackId"] for it in pages[members]]
    complete = cloudformation.list_stacks(StackStatusFilter=["DELETE_FAILED"])["StackSummaries"]
    assert complete == []


def test_a_template_is_summed_up_and_checked(cloudformation):
    body = json.loads(template())
    body["Parameters"] = {"Mode": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"],
                                   "Description": "which"},
                          "Secret": {"Type": "String", "NoEcho": True}}
    summary = cloudformation.get_template_summary(TemplateBody=json.dumps(body))
    assert summary["ResourceTypes"] == ["AWS::DynamoDB::Table"]
    assert summary["Parameters"][0] == {
        "ParameterKey": "Mode", "DefaultValue": "a", "ParameterType": "String", "NoEcho": False,
        "Description": "which", "ParameterConstraints": {"AllowedValues": ["a", "b"]}}
    checked = cloudformation.validate_template(TemplateBody=json.dumps(body))
    assert [it["ParameterKey"] for it in checked["Parameters"]] == ["Mode", "Secret"]
    assert checked["Parameters"][1]["NoEcho"] is True
    for broken in ["{", "a: [", "Resources: {}", "Resources: 5", "x" * 51201]:
        assert refusal(cloudformation.validate_template, TemplateBody=broken)[:2] == (
            400, "ValidationError")


def test_a_secret_parameter_is_not_shown(cloudformation, stack_name):
    body = json.loads(template())
    body["Parameters"] = {"Secret": {"Type": "String", "NoEcho": True}}
    stack = create(cloudformation, stack_name, json.dumps(body),
                   Parameters=[{"ParameterKey": "Secret", "ParameterValue": "hidden"}])
    assert stack["Parameters"] == [{"ParameterKey": "Secret", "ParameterValue": "****"}]


def test_a_template_lies_in_our_own_bucket_or_nowhere(cloudformation, endpoint, stack_name):
    connect(endpoint, "s3").put_object(Bucket=stack_name, Key="t.json", Body=template().encode())
    cloudformation.create_stack(StackName=stack_name, TemplateURL=f"{endpoint}/{stack_name}/t.json")
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=stack_name, WaiterConfig=QUICK)
    for url in [f"{endpoint}/{stack_name}/other.json",
                f"https://{stack_name}.s3.amazonaws.com/none", "file:///etc/passwd", "x"]:
        assert refusal(cloudformation.validate_template, TemplateURL=url)[:2] == (
            400, "ValidationError")


def test_types_that_are_not_served_are_refused(cloudformation, stack_name):
    body = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    status, code, message = refusal(cloudformation.create_stack, StackName=stack_name,
                                    TemplateBody=body)
    assert (status, code) == (400, "ValidationError")
    assert "AWS::SQS::Queue" in message


@pytest.mark.parametrize("call", [
    lambda it: it.list_imports(ExportName="x"), lambda it: it.list_stack_sets(),
    lambda it: it.set_stack_policy(StackName="x"), lambda it: it.detect_stack_drift(StackName="x"),
])
def test_operations_that_are_not_served_are_refused(cloudformation, call):
    assert refusal(call, cloudformation)[:2] == (400, "InvalidAction")


@pytest.mark.parametrize("operation", [
    "describe_stack_events", "list_stack_resources", "get_template", "list_change_sets",
    "describe_stacks"])
def test_a_stack_that_is_not_there_is_said_so(cloudformation, operation):
    status, code, message = refusal(getattr(cloudformation, operation), StackName="nowhere")
    assert (status, code) == (400, "ValidationError")
    assert "nowhere" in message and message.endswith("does not exist")


def test_worlds_have_stacks_of_their_own(start_server):
    url = start_server("--in-memory", "--isolate").url
    mine, other = connect(url), connect(url, aws_access_key_id="other")
    create(mine, "same", template())
    assert refusal(other.describe_stacks, StackName="same")[1] == "ValidationError"
    create(other, "same", template())
    assert len(mine.list_stacks()["StackSummaries"]) == 1


def test_stacks_survive_a_restart(start_server, tmp_path):
    first = start_server("--data", tmp_path / "data")
    create(connect(first.url), "kept", template())
    assert first.stop() == 0
    second = start_server("--data", tmp_path / "data")
    assert describe(connect(second.url), "kept")["StackStatus"] == "CREATE_COMPLETE"


def test_a_crash_leaves_no_stack_in_progress(start_server, tmp_path):
    flags = ("--data", tmp_path / "data", "--stack-step-ms", "100")
    first = start_server(*flags)
    create(connect(first.url), "crashing", template())
    connect(first.url).update_stack(StackName="crashing", TemplateBody=template(index("by", "a")))
    first.kill()
    second = start_server(*flags)
    cloudformation = connect(second.url)
    serving.wait_until(lambda: not describe(cloudformation, "crashing")["StackStatus"].endswith(
        "IN_PROGRESS"))
    assert describe(cloudformation, "crashing")["StackStatus"] in (
        "UPDATE_COMPLETE", "CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
