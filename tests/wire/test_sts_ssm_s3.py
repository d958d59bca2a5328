"""What clients ask before they deploy: who they are, a role, the bootstrap version, a bucket."""

import urllib.error
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import pytest

import serving

pytestmark = pytest.mark.ours

ROLE = "arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-us-east-1"
BUCKET = "cdk-hnb659fds-assets-000000000000-us-east-1"


def connect(service, url, **options):
    credentials = {**serving.CREDENTIALS, **options.pop("credentials", {})}
    config = botocore.config.Config(retries={"total_max_attempts": 1}, proxies={}, **options)
    return boto3.client(service, endpoint_url=url, config=config, **credentials)


@pytest.fixture
def sts(endpoint):
    return connect("sts", endpoint)


@pytest.fixture
def ssm(endpoint):
    return connect("ssm", endpoint)


@pytest.fixture
def s3(endpoint):
    return connect("s3", endpoint, s3={"addressing_style": "path"})


@pytest.fixture
def bucket():
    """Named for one test: all buckets exist, so nobody need make it."""
    import uuid
    return f"wire-{uuid.uuid4().hex[:12]}"


def code_of(error):
    return error.value.response["Error"]["Code"]


def status_of(error):
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_caller_is_the_root_of_its_account(sts, endpoint):
    identity = sts.get_caller_identity()
    assert identity["Account"] == "000000000000"
    assert identity["Arn"] == "arn:aws:iam::000000000000:root"
    mine = connect("sts", endpoint, credentials={"aws_access_key_id": "123456789012"})
    assert mine.get_caller_identity()["Account"] == "123456789012"


def test_a_role_has_the_access_key_of_its_caller(sts):
    role = sts.assume_role(RoleArn=ROLE, RoleSessionName="aws-cdk-me")
    assert role["Credentials"]["AccessKeyId"] == serving.CREDENTIALS["aws_access_key_id"]
    assert role["Credentials"]["Expiration"].timestamp() > 0
    assert role["AssumedRoleUser"]["Arn"] == (
        "arn:aws:sts::123456789012:assumed-role/"
        "cdk-hnb659fds-deploy-role-123456789012-us-east-1/aws-cdk-me")


@pytest.mark.parametrize("arguments", [
    {"RoleArn": "arn:aws:iam::123456789012:user/somebody", "RoleSessionName": "name"},
    {"RoleArn": ROLE, "RoleSessionName": "not allowed!"},
    {"RoleArn": ROLE, "RoleSessionName": "name", "DurationSeconds": 43201},
])
def test_a_role_that_cannot_be_is_refused(sts, arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        sts.assume_role(**arguments)
    assert (status_of(error), code_of(error)) == (400, "ValidationError")


def test_other_operations_of_sts_are_refused(sts):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        sts.get_session_token()
    assert (status_of(error), code_of(error)) == (400, "InvalidAction")


def test_the_bootstrap_version_is_there(ssm):
    parameter = ssm.get_parameter(Name="/cdk-bootstrap/hnb659fds/version")["Parameter"]
    assert int(parameter["Value"]) >= 6
    assert parameter["Type"] == "String"
    assert parameter["ARN"] == \
        "arn:aws:ssm:us-east-1:000000000000:parameter/cdk-bootstrap/hnb659fds/version"


@pytest.mark.parametrize("name", ["/cdk-bootstrap/version", "/cdk-bootstrap//version",
                                  "/cdk-bootstrap/a/b/version", "other"])
def test_other_parameters_are_not(ssm, name):
    with pytest.raises(ssm.exceptions.ParameterNotFound) as error:
        ssm.get_parameter(Name=name)
    assert status_of(error) == 400


def test_other_operations_of_ssm_are_refused(ssm):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        ssm.put_parameter(Name="a", Value="b", Type="String")
    assert (status_of(error), code_of(error)) == (400, "UnknownOperationException")


def test_an_object_is_put_got_and_deleted(s3, bucket):
    body = bytes(range(256)) * 300
    put = s3.put_object(Bucket=bucket, Key="a/b c+ü.json", Body=body, ContentType="text/x-own")
    got = s3.get_object(Bucket=bucket, Key="a/b c+ü.json")
    assert got["Body"].read() == body
    assert got["ETag"] == put["ETag"]
    assert got["ContentType"] == "text/x-own"
    head = s3.head_object(Bucket=bucket, Key="a/b c+ü.json")
    assert head["ContentLength"] == len(body)
    assert head["LastModified"] == got["LastModified"]
    s3.delete_object(Bucket=bucket, Key="a/b c+ü.json")
    s3.delete_object(Bucket=bucket, Key="a/b c+ü.json")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="a/b c+ü.json")
    with pytest.raises(botocore.exceptions.ClientError) as error:
        s3.head_object(Bucket=bucket, Key="a/b c+ü.json")
    assert status_of(error) == 404


def test_an_empty_object_is_an_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    assert s3.get_object(Bucket=bucket, Key="empty")["Body"].read() == b""


def test_keys_are_listed_in_pages(s3, bucket):
    keys = [f"k{i:02}" for i in range(7)] + ["z<&>"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = list(s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 3}))
    assert [len(page["Contents"]) for page in pages] == [3, 3, 2]
    assert [item["Key"] for page in pages for item in page["Contents"]] == keys
    one = s3.list_objects_v2(Bucket=bucket, Prefix="k0", MaxKeys=1, StartAfter="k02")
    assert [item["Key"] for item in one["Contents"]] == ["k03"]
    assert one["IsTruncated"]
    assert s3.list_objects_v2(Bucket=bucket, Prefix="none")["KeyCount"] == 0


def test_keys_behind_a_delimiter_are_put_together(s3, bucket):
    for key in ["a", "d/1", "d/2", "e/1", "f"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = list(s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2}))
    assert [item["Key"] for page in pages for item in page.get("Contents", [])] == ["a", "f"]
    assert [item["Prefix"] for page in pages
            for item in page.get("CommonPrefixes", [])] == ["d/", "e/"]


def test_buckets_exist_and_go_when_empty(s3, bucket):
    s3.head_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket=bucket)
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    with pytest.raises(botocore.exceptions.ClientError) as error:
        s3.get_bucket_encryption(Bucket=bucket)
    assert code_of(error) == "ServerSideEncryptionConfigurationNotFoundError"
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    with pytest.raises(botocore.exceptions.ClientError) as error:
        s3.delete_bucket(Bucket=bucket)
    assert code_of(error) == "BucketNotEmpty"
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_bucket(Bucket=bucket)


def test_what_s3_has_more_is_refused(s3, bucket):
    calls = [lambda: s3.list_buckets(),
             lambda: s3.create_multipart_upload(Bucket=bucket, Key="k"),
             lambda: s3.get_object_tagging(Bucket=bucket, Key="k"),
             lambda: s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/a")]
    for call in calls:
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call()
        assert (status_of(error), code_of(error)) == (405, "MethodNotAllowed")


def test_a_key_that_is_too_long_is_refused(s3, bucket):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k" * 500, Body=b"x")
    assert (status_of(error), code_of(error)) == (400, "KeyTooLongError")


def send(url, method, path, body=b"", **headers):
    """Signed for S3, but as nobody sends it."""
    request = botocore.awsrequest.AWSRequest(method, url + path, data=body, headers=headers)
    botocore.auth.S3SigV4Auth(botocore.credentials.Credentials("rehearsal", "rehearsal"), "s3",
                              "us-east-1").add_auth(request)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        reply = opener.open(urllib.request.Request(url + path, data=body or None, method=method,
                                                   headers=dict(request.headers.items())))
        return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_body_in_chunks_is_put_together(endpoint, s3, bucket):
    chunks = (b"5;chunk-signature=0\r\nhello\r\n6\r\n world\r\n"
              b"0;chunk-signature=1\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")
    encoding = {"Content-Encoding": "aws-chunked"}
    assert send(endpoint, "PUT", f"/{bucket}/k", chunks, **encoding)[0] == 200
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello world"
    for broken in [b"5\r\nhell", b"zz\r\n", b"ffffffffffffffffff\r\nx", b"5\r\nhelloXX0\r\n"]:
        status, reply = send(endpoint, "PUT", f"/{bucket}/k", broken, **encoding)
        assert status == 400 and b"<Code>IncompleteBody</Code>" in reply


@pytest.mark.parametrize("path, code", [
    ("/", b"MethodNotAllowed"), ("/UPPER/k", b"InvalidBucketName"), ("/ab/k", b"InvalidBucketName"),
    ("/bucket/%ff", b"InvalidURI"), ("/bucket/k?prefix=%c3", b"InvalidURI"),
    ("/bucket?list-type=2&max-keys=x", b"InvalidArgument"),
    ("/bucket?list-type=1", b"InvalidArgument"), ("/bucket", b"MethodNotAllowed"),
    ("/bucket?list-type=2&continuation-token=zz", b"InvalidArgument"),
])
def test_addresses_that_mean_nothing_are_refused(endpoint, path, code):
    status, reply = send(endpoint, "GET", path)
    assert 400 <= status < 500
    assert b"<Code>" + code + b"</Code>" in reply


def test_objects_survive_a_restart(start_server, tmp_path):
    first = start_server("--data", tmp_path / "data")
    connect("s3", first.url, s3={"addressing_style": "path"}).put_object(
        Bucket="bucket", Key="k", Body=b"kept")
    assert first.stop() == 0
    second = start_server("--data", tmp_path / "data")
    assert connect("s3", second.url, s3={"addressing_style": "path"}).get_object(
        Bucket="bucket", Key="k")["Body"].read() == b"kept"


def test_worlds_keep_their_objects_apart(start_server):
    url = start_server("--in-memory", "--isolate").url
    path = {"addressing_style": "path"}
    mine = connect("s3", url, s3=path)
    other = connect("s3", url, s3=path, credentials={"aws_access_key_id": "other"})
    mine.put_object(Bucket="bucket", Key="k", Body=b"mine")
    assert other.list_objects_v2(Bucket="bucket")["KeyCount"] == 0
    with pytest.raises(other.exceptions.NoSuchKey):
        other.get_object(Bucket="bucket", Key="k")
    role = connect("sts", url).assume_role(RoleArn=ROLE, RoleSessionName="me")["Credentials"]
    as_role = connect("s3", url, s3=path, credentials={
        "aws_access_key_id": role["AccessKeyId"],
        "aws_secret_access_key": role["SecretAccessKey"],
        "aws_session_token": role["SessionToken"]})
    assert as_role.get_object(Bucket="bucket", Key="k")["Body"].read() == b"mine"
