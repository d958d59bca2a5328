"""What no SDK sends to CloudFormation: forms that are none, and texts that XML cannot hold."""

import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

import pytest

pytestmark = pytest.mark.ours

SIGNATURE = ("AWS4-HMAC-SHA256 Credential=rehearsal/20260101/us-east-1/cloudformation/aws4_request, "
             "SignedHeaders=host;x-amz-date, Signature=0")
NAMESPACE = "{http://cloudformation.amazonaws.com/doc/2010-05-15/}"


@pytest.fixture
def send(endpoint):
    """send(body, **headers) gives the status and the reply, parsed; every reply must be XML."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(body, **headers):
        signed = {"Authorization": SIGNATURE, "X-Amz-Date": "20260101T000000Z",
                  "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        request = urllib.request.Request(endpoint + "/", data=body, method="POST", headers={
            name: value for name, value in {**signed, **headers}.items() if value})
        try:
            with opener.open(request) as reply:
                return reply.status, xml.etree.ElementTree.fromstring(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, xml.etree.ElementTree.fromstring(error.read())

    return send


def form(action, **members):
    return urllib.parse.urlencode({"Action": action, "Version": "2010-05-15", **members}).encode()


def code(reply):
    return reply.findtext(f"{NAMESPACE}Error/{NAMESPACE}Code")


@pytest.mark.parametrize("body, expected", [
    (b"", "InvalidAction"),
    (b"&&&===", "InvalidAction"),
    (b"Action=%00", "InvalidAction"),
    (b"Action=<script>&Version=2010-05-15", "InvalidAction"),
    (b"Action=DescribeStacks&StackName=%ff%fe", "MalformedInput"),
    (b"Action=DescribeStackEvents", "ValidationError"),
    (b"Action=DescribeStackEvents&StackName=", "ValidationError"),
    (b"Action=DescribeStackEvents&StackName=" + b"a" * 5000, "ValidationError"),
    (b"Action=UpdateTerminationProtection&StackName=a&EnableTerminationProtection=perhaps",
     "MalformedInput"),
    (b"Action=ListStacks&StackStatusFilter.member.1=NONE", "ValidationError"),
    (b"Action=ValidateTemplate&TemplateBody=%01%02%03", "ValidationError"),
    (b"Action=ValidateTemplate&TemplateBody=" + b"%5B" * 40000, "ValidationError"),
    (b"Action=CreateStack&StackName=a&TemplateBody=" + b"%7B%22a%22%3A" * 3000, "ValidationError"),
    (b"&".join(b"a=b" for _ in range(30000)), "InvalidAction"),
])
def test_a_form_that_means_nothing_is_refused(send, body, expected):
    status, reply = send(body)
    assert (status, code(reply)) == (400, expected)


def test_what_is_echoed_is_text(send):
    hostile = "<&>\"'\x01\ufffe\u2028"
    status, reply = send(form("DescribeStackResources", PhysicalResourceId=hostile))
    message = reply.findtext(f"{NAMESPACE}Error/{NAMESPACE}Message")
    assert status == 400
    assert message == "Stack for <&>\"'\ufffd\ufffd\u2028 does not exist"


def test_a_call_without_a_signature_is_known_by_its_version(send):
    status, reply = send(form("DescribeStacks"), Authorization=None)
    assert (status, code(reply)) == (403, "MissingAuthenticationToken")


def test_unknown_parameters_are_ignored(send):
    status, reply = send(form("ListStacks", IncludeEverything="true", **{"A.member.1.B": "c"}))
    assert status == 200
    assert reply.tag == f"{NAMESPACE}ListStacksResponse"
