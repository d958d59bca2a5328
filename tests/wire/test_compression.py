"""Compressed bodies in both directions: raw, and through boto3, which asks for none."""

import gzip
import http.client
import json
import urllib.parse
import zlib

import pytest

BODY_SIZE_MAX = 16 * 1024 * 1024
CORRUPT = "com.amazonaws.dynamodb.v20120810#InternalServerError"
SERIALIZATION = "com.amazon.coral.service#SerializationException"
SMALL = json.dumps({"Limit": 1}).encode()
DECODERS = {"gzip": gzip.decompress, "deflate": zlib.decompress}


class Caller:
    """call(operation, body, **headers) returns status, headers and the body as sent."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)

    def __call__(self, operation, body, *headers, content_type="application/x-amz-json-1.0"):
        self.connection.putrequest("POST", "/", skip_accept_encoding=True)
        for name, value in (
                ("Content-Type", content_type),
                ("X-Amz-Target", "DynamoDB_20120810." + operation),
                ("X-Amz-Date", "20260101T000000Z"),
                ("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/"
                                  "aws4_request, SignedHeaders=host;x-amz-date, Signature=0"),
                ("Content-Length", str(len(body))), *headers):
            self.connection.putheader(name, value)
        self.connection.endheaders(body)
        response = self.connection.getresponse()
        sent = response.read()
        received = {name.lower(): value for name, value in response.getheaders()}
        if "x-amz-crc32" in received:
            assert received["x-amz-crc32"] == str(zlib.crc32(sent))
        assert received["content-length"] == str(len(sent))
        return response.status, received, sent


@pytest.fixture
def call(endpoint):
    if endpoint is None:
        pytest.skip("signs for rehearsedb alone")
    caller = Caller(endpoint)
    yield caller
    caller.connection.close()


def encoded(encoding):
    return ("Content-Encoding", encoding)


# Requests


@pytest.mark.parametrize("encoding, body", [
    ("gzip", gzip.compress(SMALL)),
    ("GZIP", gzip.compress(SMALL)),
    ("gZip", gzip.compress(SMALL[:5]) + gzip.compress(SMALL[5:])),
    ("gzip", gzip.compress(SMALL[:5]) + gzip.compress(b"") + gzip.compress(SMALL[5:])),
    ("gzip", gzip.compress(SMALL) + b"junk that is no member"),
    ("gzip", gzip.compress(SMALL + b" " * (BODY_SIZE_MAX - len(SMALL)))),
    ("deflate", zlib.compress(SMALL)),
    ("Deflate", zlib.compress(SMALL)),
    ("deflate", zlib.compress(SMALL + b" " * (BODY_SIZE_MAX - len(SMALL)))),
    ("identity", SMALL),
    ("", SMALL),
], ids=range(11))
def test_a_compressed_request_is_read(call, encoding, body):
    status, _, reply = call("ListTables", body, encoded(encoding))
    assert (status, "TableNames" in json.loads(reply)) == (200, True)


@pytest.mark.parametrize("encoding, body", [
    ("gzip", SMALL),
    ("gzip", b""),
    ("gzip", zlib.compress(SMALL)),
    ("gzip", gzip.compress(SMALL)[:-1]),
    ("gzip", gzip.compress(SMALL)[:-8] + b"\0" * 8),
    ("gzip", gzip.compress(SMALL) + b"\x1f\x8b\x08\0\0\0\0\0\0\0 begins as a member"),
    ("deflate", SMALL),
    ("deflate", gzip.compress(SMALL)),
    ("deflate", zlib.compress(SMALL)[:-1]),
    ("br", SMALL),
    ("garbage", SMALL),
], ids=range(11))
def test_a_corrupt_request_is_an_internal_error(call, encoding, body):
    status, headers, reply = call("ListTables", body, encoded(encoding))
    assert (status, json.loads(reply)["__type"]) == (500, CORRUPT)
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert len(headers["x-amzn-requestid"]) == 52
    assert call("ListTables", SMALL)[0] == 200  # on the same connection


def test_of_two_deflate_streams_the_first_is_read(call):
    body = zlib.compress(SMALL[:5]) + zlib.compress(SMALL[5:])
    status, _, reply = call("ListTables", body, encoded("deflate"))
    assert (status, json.loads(reply)) == (400, {"__type": SERIALIZATION})


@pytest.mark.parametrize("encoding, compress", [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_the_limit_is_of_the_expanded_body(call, encoding, compress):
    bomb = compress(SMALL + b" " * (BODY_SIZE_MAX - len(SMALL) + 1))
    assert call("ListTables", bomb, encoded(encoding))[::2] == (413, b"")
    bomb = compress(b" " * (8 * BODY_SIZE_MAX))
    assert call("ListTables", bomb, encoded(encoding))[::2] == (413, b"")
    assert call("ListTables", SMALL)[0] == 200


def test_a_compressed_body_may_come_in_chunks(call):
    body = gzip.compress(SMALL)
    call.connection.request("POST", "/", iter([body[:7], body[7:]]), encode_chunked=True, headers={
        "Content-Type": "application/json", "Content-Encoding": "gzip",
        "Expect": "100-continue", "Transfer-Encoding": "chunked"})
    reply = json.loads(call.connection.getresponse().read())
    assert reply["__type"].endswith("UnknownOperationException")  # so the body was JSON


def test_what_is_no_request_is_not_expanded(call):
    status, _, reply = call("ListTables", b"corrupt", encoded("gzip"), content_type="text/plain")
    assert (status, reply) == (404, b"<UnknownOperationException/>\n")


def test_a_compressed_write_is_kept(call, make_table):
    table = make_table()
    item = {"pk": {"S": "a"}, "text": {"S": "x" * 100000}}
    body = gzip.compress(json.dumps({"TableName": table.name, "Item": item}).encode())
    assert len(body) < 1000
    assert call("PutItem", body, encoded("gzip"))[::2] == (200, b"{}")
    assert table.get_item(Key={"pk": "a"})["Item"]["text"] == "x" * 100000


# Replies


@pytest.fixture(scope="module")
def filled(make_shared_table):
    """A table whose items of partition n have n characters of text."""
    table = make_shared_table()
    for size in (3000, 4200, 300000):
        table.put_item(Item={"pk": str(size), "text": "text " * (size // 5)})
    return table


def read(call, table, size, *headers):
    body = json.dumps({"TableName": table.name, "Key": {"pk": {"S": str(size)}}}).encode()
    status, received, sent = call("GetItem", body, *headers)
    encoding = received.get("content-encoding")
    reply = DECODERS[encoding](sent) if encoding else sent
    assert (status, len(json.loads(reply)["Item"]["text"]["S"])) == (200, size)
    assert len(sent) < len(reply) or not encoding
    return encoding


@pytest.mark.parametrize("accepted, encoding", [
    ("gzip", "gzip"),
    ("gzip, deflate, br", "gzip"),
    ("deflate", "deflate"),
    ("*", "gzip"),
    ("gzip;q=0, deflate;q=0.5", "deflate"),
    ("gzip;q=0", None),
    ("identity", None),
    ("br", None),
    ("", None),
])
def test_a_large_reply_is_compressed_as_accepted(call, filled, accepted, encoding):
    assert read(call, filled, 300000, ("Accept-Encoding", accepted)) == encoding
    assert read(call, filled, 4200, ("Accept-Encoding", accepted)) == encoding
    assert read(call, filled, 3000, ("Accept-Encoding", accepted)) is None


def test_who_accepts_nothing_gets_plain_replies(call, filled):
    assert read(call, filled, 300000) is None


def test_the_first_accept_encoding_counts(call, filled):
    both = ("Accept-Encoding", "identity"), ("Accept-Encoding", "gzip")
    assert read(call, filled, 300000, *both) is None
    assert read(call, filled, 300000, *reversed(both)) == "gzip"


def test_an_incompressible_reply_keeps_its_meaning(call, make_table):
    table = make_table()
    noise = "".join(chr(0x4e00 + i * 7919 % 20000) for i in range(20000))
    table.put_item(Item={"pk": "noise", "text": noise})
    body = json.dumps({"TableName": table.name, "Key": {"pk": {"S": "noise"}}}).encode()
    _, received, sent = call("GetItem", body, ("Accept-Encoding", "gzip"))
    reply = gzip.decompress(sent) if "content-encoding" in received else sent
    assert json.loads(reply)["Item"]["text"]["S"] == noise


def test_boto3_reads_large_pages(client, filled):
    """It asks for none, since it could not read them."""
    reply = client.scan(TableName=filled.name)
    assert sorted(len(item["text"]["S"]) for item in reply["Items"]) == [3000, 4200, 300000]
    reply = client.query(TableName=filled.name, KeyConditionExpression="pk = :pk",
                         ExpressionAttributeValues={":pk": {"S": "300000"}})
    assert len(reply["Items"][0]["text"]["S"]) == 300000
    headers = reply["ResponseMetadata"]["HTTPHeaders"]
    assert "content-encoding" not in headers
    assert int(headers["content-length"]) > 300000
