"""What surrounds a table, through boto3 and the AWS CLI: tags, time to live, insights and the rest."""

import time

import botocore.exceptions
import pytest

import serving

KINESIS = f"arn:aws:kinesis:{serving.REGION}:000000000000:stream/orders"
POLICY = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":'
          '"111122223333"},"Action":"dynamodb:GetItem","Resource":"*"}]}')


def refused(call, **parameters):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]


@pytest.fixture
def table(make_table):
    return make_table()


def test_tags_are_seen_after_a_while_and_page_whole(client, table, patience):
    arn = table.table_arn
    tags = [{"Key": f"k{i:02}", "Value": str(i)} for i in range(50)]
    client.tag_resource(ResourceArn=arn, Tags=tags)
    serving.wait_until(
        lambda: client.list_tags_of_resource(ResourceArn=arn)["Tags"] == tags, patience)
    assert "NextToken" not in client.list_tags_of_resource(ResourceArn=arn)
    client.untag_resource(ResourceArn=arn, TagKeys=[tag["Key"] for tag in tags[1:]])
    serving.wait_until(
        lambda: client.list_tags_of_resource(ResourceArn=arn)["Tags"] == tags[:1], patience)
    error = refused(client.tag_resource, ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": ""}])
    assert error == {"Code": "ValidationException",
                     "Message": "Tag Key cannot be prefixed with aws:, Key: aws:x"}


def test_a_table_is_made_with_tags(client, make_table):
    tags = [{"Key": "team", "Value": "orders"}]
    table = make_table(Tags=tags)
    assert client.list_tags_of_resource(ResourceArn=table.table_arn)["Tags"] == tags


@pytest.mark.ours
def test_items_expire(client, table, patience):
    name = table.name
    now = int(time.time())
    for key, at in (("old", now - 60), ("later", now + 3600), ("ancient", 1)):
        table.put_item(Item={"pk": key, "at": at})
    client.update_time_to_live(TableName=name, TimeToLiveSpecification={
        "Enabled": True, "AttributeName": "at"})
    description = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert description["AttributeName"] == "at"
    serving.wait_until(lambda: "Item" not in table.get_item(Key={"pk": "old"}), patience)
    assert {item["pk"] for item in table.scan()["Items"]} == {"later", "ancient"}
    assert refused(client.update_time_to_live, TableName=name, TimeToLiveSpecification={
        "Enabled": True, "AttributeName": "at"})["Message"] == "TimeToLive is already enabled"


def test_insights_of_a_table(client, table, patience):
    name = table.name
    assert client.describe_contributor_insights(
        TableName=name)["ContributorInsightsStatus"] == "DISABLED"
    reply = client.update_contributor_insights(
        TableName=name, ContributorInsightsAction="ENABLE")
    assert reply["ContributorInsightsStatus"] == "ENABLING"
    serving.wait_until(lambda: client.describe_contributor_insights(
        TableName=name)["ContributorInsightsStatus"] == "ENABLED", patience)
    listed = client.list_contributor_insights(TableName=name)["ContributorInsightsSummaries"]
    assert [entry["TableName"] for entry in listed] == [name]


def enable_recovery(client, name):
    try:
        return client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True})
    except client.exceptions.ContinuousBackupsUnavailableException:
        return None


def test_recovery_is_enabled_once_the_table_can_be_backed_up(client, table, patience):
    serving.wait_until(lambda: enable_recovery(client, table.name), patience)
    description = client.describe_continuous_backups(
        TableName=table.name)["ContinuousBackupsDescription"]
    recovery = description["PointInTimeRecoveryDescription"]
    assert description["ContinuousBackupsStatus"] == "ENABLED"
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    assert recovery["EarliestRestorableDateTime"] <= recovery["LatestRestorableDateTime"]
    assert refused(client.describe_continuous_backups,
                   TableName="no-such-table")["Code"] == "TableNotFoundException"


@pytest.mark.ours
def test_policies_by_their_bytes(raw_call, table, patience):
    """Debian's botocore is older than these operations."""
    arn = table.table_arn
    status, reply = raw_call("PutResourcePolicy", {"ResourceArn": arn, "Policy": POLICY})
    assert status == 200
    revision = reply["RevisionId"]
    serving.wait_until(
        lambda: raw_call("GetResourcePolicy", {"ResourceArn": arn})[0] == 200, patience)
    status, reply = raw_call("GetResourcePolicy", {"ResourceArn": arn})
    assert reply["RevisionId"] == revision
    assert "arn:aws:iam::111122223333:root" in reply["Policy"]
    status, reply = raw_call("DeleteResourcePolicy",
                             {"ResourceArn": arn, "ExpectedRevisionId": revision})
    assert (status, reply) == (200, {"RevisionId": revision})
    serving.wait_until(
        lambda: raw_call("GetResourcePolicy", {"ResourceArn": arn})[0] == 400, patience)
    assert raw_call("GetResourcePolicy", {"ResourceArn": arn})[1]["__type"].endswith(
        "#PolicyNotFoundException")


def destination(client, name):
    listed = client.describe_kinesis_streaming_destination(
        TableName=name)["KinesisDataStreamDestinations"]
    return [(entry["StreamArn"], entry["DestinationStatus"]) for entry in listed]


@pytest.mark.ours
def test_a_kinesis_destination_walks_through_its_states(client, raw_call, table, patience):
    name = table.name
    assert destination(client, name) == []
    reply = client.enable_kinesis_streaming_destination(TableName=name, StreamArn=KINESIS)
    assert reply["DestinationStatus"] == "ENABLING"
    serving.wait_until(lambda: destination(client, name) == [(KINESIS, "ACTIVE")], patience)
    status, reply = raw_call("UpdateKinesisStreamingDestination", {
        "TableName": name, "StreamArn": KINESIS, "UpdateKinesisStreamingConfiguration": {
            "ApproximateCreationDateTimePrecision": "MICROSECOND"}})
    assert (status, reply["DestinationStatus"]) == (200, "UPDATING")
    serving.wait_until(lambda: destination(client, name) == [(KINESIS, "ACTIVE")], patience)
    client.disable_kinesis_streaming_destination(TableName=name, StreamArn=KINESIS)
    serving.wait_until(lambda: destination(client, name) == [(KINESIS, "DISABLED")], patience)


def test_limits_and_endpoints(client, endpoint):
    limits = client.describe_limits()
    assert limits["TableMaxReadCapacityUnits"] >= 40000
    (found,) = client.describe_endpoints()["Endpoints"]
    assert found["CachePeriodInMinutes"] == 1440
    assert endpoint is None or endpoint.endswith(found["Address"])


def test_a_table_without_replicas_is_no_global_table(client, table):
    name = table.name
    missing = f"Global table with name: '{name}' does not exist."
    assert client.list_global_tables()["GlobalTables"] == []
    for call, code in ((client.describe_global_table, "GlobalTableNotFoundException"),
                       (client.describe_global_table_settings, "GlobalTableNotFoundException"),
                       (client.update_global_table_settings, "GlobalTableNotFoundException")):
        error = refused(call, GlobalTableName=name)
        assert error["Code"] == code
        assert error["Message"].endswith(missing)
    for call in (client.describe_table_replica_auto_scaling,
                 client.update_table_replica_auto_scaling):
        assert refused(call, TableName=name) == {
            "Code": "ResourceNotFoundException", "Message": missing}
    assert "2017.11.29 is not supported" in refused(
        client.create_global_table, GlobalTableName=name,
        ReplicationGroup=[{"RegionName": serving.REGION}])["Message"]
    assert refused(client.update_global_table, GlobalTableName=name,
                   ReplicaUpdates=[{"Delete": {"RegionName": serving.REGION}}])["Code"] == \
        "GlobalTableNotFoundException"


def test_the_command_line_reads_and_sets_all_of_it(aws, table, patience):
    name, arn = table.name, table.table_arn
    assert aws("tag-resource", "--resource-arn", arn, "--tags", "Key=a,Value=1") is None
    serving.wait_until(lambda: aws("list-tags-of-resource", "--resource-arn", arn)["Tags"] == [
        {"Key": "a", "Value": "1"}], patience)
    assert aws("untag-resource", "--resource-arn", arn, "--tag-keys", "a") is None
    aws("update-time-to-live", "--table-name", name, "--time-to-live-specification",
        "Enabled=true,AttributeName=at")
    described = aws("describe-time-to-live", "--table-name", name)["TimeToLiveDescription"]
    assert described["AttributeName"] == "at"
    assert aws("describe-continuous-backups", "--table-name", name)[
        "ContinuousBackupsDescription"]["ContinuousBackupsStatus"] in ("ENABLED", "DISABLED")
    assert aws("describe-contributor-insights", "--table-name", name)[
        "ContributorInsightsStatus"] == "DISABLED"
    assert aws("list-contributor-insights", "--table-name", name)[
        "ContributorInsightsSummaries"] == []
    assert aws("describe-kinesis-streaming-destination", "--table-name", name)[
        "KinesisDataStreamDestinations"] == []
    assert aws("describe-limits")["TableMaxWriteCapacityUnits"] >= 40000
    assert len(aws("describe-endpoints")["Endpoints"]) == 1
    assert aws("list-global-tables")["GlobalTables"] == []
    failed = aws.run("describe-global-table", "--global-table-name", name)
    assert failed.returncode != 0
    assert "GlobalTableNotFoundException" in failed.stderr


@pytest.mark.ours
def test_the_command_line_changes_what_is_beside_a_table(aws, client, table, patience):
    name = table.name

    def status(action):
        return aws("update-contributor-insights", "--table-name", name,
                   "--contributor-insights-action", action)["ContributorInsightsStatus"]

    assert status("ENABLE") == "ENABLING"
    serving.wait_until(lambda: client.describe_contributor_insights(TableName=name)[
        "ContributorInsightsStatus"] == "ENABLED", patience)
    assert status("DISABLE") == "DISABLING"
    serving.wait_until(lambda: client.describe_continuous_backups(TableName=name)[
        "ContinuousBackupsDescription"]["ContinuousBackupsStatus"] == "ENABLED", patience)
    for enabled, shown in (("true", "ENABLED"), ("false", "DISABLED")):
        reply = aws("update-continuous-backups", "--table-name", name,
                    "--point-in-time-recovery-specification",
                    f"PointInTimeRecoveryEnabled={enabled}")["ContinuousBackupsDescription"]
        assert reply["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == shown
    for command, shown in (("enable", "ACTIVE"), ("disable", "DISABLED")):
        aws(f"{command}-kinesis-streaming-destination", "--table-name", name,
            "--stream-arn", KINESIS)
        serving.wait_until(
            lambda shown=shown: destination(client, name) == [(KINESIS, shown)], patience)


@pytest.mark.parametrize("arguments,code", [
    (("create-global-table", "--replication-group", "RegionName=us-east-1"),
     "ValidationException"),
    (("update-global-table", "--replica-updates", "Delete={RegionName=us-east-1}"),
     "GlobalTableNotFoundException"),
    (("describe-global-table-settings",), "GlobalTableNotFoundException"),
    (("update-global-table-settings",), "GlobalTableNotFoundException"),
    (("describe-table-replica-auto-scaling",), "ResourceNotFoundException"),
    (("update-table-replica-auto-scaling",), "ResourceNotFoundException"),
])
def test_the_command_line_is_told_that_it_is_no_global_table(aws, table, arguments, code):
    option = "--table-name" if "auto-scaling" in arguments[0] else "--global-table-name"
    failed = aws.run(*arguments, option, table.name)
    assert failed.returncode != 0
    assert f"({code})" in failed.stderr
