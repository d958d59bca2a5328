"""The HTTP envelope, below any SDK: what DynamoDB's front end does, seen with bare sockets.

`endpoint` is the URL of a running server, such as "http://127.0.0.1:8000".
"""

import http.client
import json
import re
import socket
import struct
import threading
import time
import urllib.parse
import zlib

import pytest

JSON_1_0 = "application/x-amz-json-1.0"
NOT_FOUND = b"<UnknownOperationException/>\n"
BODY_SIZE_MAX = 16 * 1024 * 1024
CORAL = "com.amazon.coral.service#"
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=rehearsal/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0123456789abcdef"
)
SIGNED = {
    "Content-Type": JSON_1_0,
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": AUTHORIZATION,
}


def without(*names):
    return {name: value for name, value in SIGNED.items() if name not in names}


@pytest.fixture
def address(endpoint):
    url = urllib.parse.urlsplit(endpoint)
    return url.hostname, url.port


@pytest.fixture
def connection(address):
    connection = http.client.HTTPConnection(*address, timeout=20)
    yield connection
    connection.close()


@pytest.fixture
def raw(address):
    with socket.create_connection(address, timeout=20) as raw:
        yield raw


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.body = response.read()
        self.headers = {name.lower(): value for name, value in response.getheaders()}

    def json(self):
        return json.loads(self.body)


def request(connection, method="POST", path="/", body=None, headers=None):
    connection.request(method, path, body=body, headers=headers or {})
    return Reply(connection.getresponse())


def call(connection, body=b"{}", headers=None, path="/"):
    return request(connection, "POST", path, body, SIGNED if headers is None else headers)


def read_reply(raw, method="POST"):
    response = http.client.HTTPResponse(raw, method=method)
    response.begin()
    return Reply(response)


def raw_call(body=b"{}", extra="", operation="ListTables"):
    headers = SIGNED | {"X-Amz-Target": "DynamoDB_20120810." + operation}
    lines = ["POST / HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n" + extra + "\r\n").encode() + body


def assert_alive(connection):
    reply = call(connection)
    assert (reply.status, list(reply.json())) == (200, ["TableNames"])


def assert_enveloped(reply):
    assert re.fullmatch("[0-9A-Z]{52}", reply.headers["x-amzn-requestid"])
    assert reply.headers["x-amz-crc32"] == str(zlib.crc32(reply.body))
    assert reply.headers["content-length"] == str(len(reply.body))
    assert reply.headers["server"] == "Server"
    assert reply.headers["connection"].lower() == "keep-alive"
    assert reply.headers["date"].endswith(" GMT")


def assert_nothing_there(reply):
    assert (reply.status, reply.body) == (404, NOT_FOUND)
    assert reply.headers["x-amz-crc32"] == "3552371480"
    assert_enveloped(reply)


# Routing


@pytest.mark.parametrize("path", ["/", "/any/path", "/?a=b"])
def test_get_is_greeted(connection, path):
    reply = request(connection, "GET", path)
    assert reply.status == 200
    assert re.fullmatch(rb"healthy: dynamodb\.[a-z0-9-]+\.amazonaws\.com ", reply.body)
    assert_enveloped(reply)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_find_nothing(connection, method):
    assert_nothing_there(request(connection, method, headers=SIGNED))


@pytest.mark.parametrize("content_type", [None, "whatever", "application/x-amz-json-1.1",
                                          "application/jsonasdf", "text/json;application/json"])
def test_a_body_of_another_content_type_finds_nothing(connection, content_type):
    headers = without("Content-Type")
    if content_type is not None:
        headers["Content-Type"] = content_type
    assert_nothing_there(call(connection, headers=headers))


@pytest.mark.parametrize("content_type, reply_type", [
    (JSON_1_0, JSON_1_0),
    (JSON_1_0 + ";blahblah", JSON_1_0),
    ("application/json", "application/json"),
    ("application/json;", "application/json"),
    ("  application/json  ;   asfd", "application/json"),
    ("application/json;charset=utf-8", "application/json"),
])
def test_the_reply_has_the_type_of_the_request(connection, content_type, reply_type):
    reply = call(connection, headers=SIGNED | {"Content-Type": content_type})
    assert (reply.status, reply.headers["content-type"]) == (200, reply_type)
    assert_enveloped(reply)


def test_no_body_needs_no_content_type(connection):
    reply = request(connection, "POST")
    assert (reply.status, reply.json()) == (400, {"__type": CORAL + "UnknownOperationException"})
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-amz-crc32"] == "1368724161"
    assert_enveloped(reply)


def test_request_ids_differ_in_their_first_half(connection):
    ids = {call(connection).headers["x-amzn-requestid"] for _ in range(20)}
    assert len(ids) == 20
    assert {request_id[26:] for request_id in ids} == {"VV4KQNSO5AEMVJF66Q9ASUAAJG"}


# Browsers


def test_a_preflight_is_allowed_everything(connection):
    reply = request(connection, "OPTIONS", headers={
        "Origin": "https://example.com",
        "Access-Control-Request-Headers": "a, b, c",
        "Access-Control-Request-Method": "d",
    })
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-max-age"] == "172800"
    assert reply.headers["access-control-allow-headers"] == "a, b, c"
    assert reply.headers["access-control-allow-methods"] == "d"
    assert_enveloped(reply)


def test_every_reply_to_an_origin_allows_it(connection):
    origin = {"Origin": "whatever", "Access-Control-Request-Headers": "a"}
    for reply in (call(connection, headers=SIGNED | origin),
                  request(connection, "PUT", headers=origin),
                  request(connection, "GET", headers=origin)):
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-headers" not in reply.headers


def test_without_an_origin_nothing_is_said_of_it(connection):
    assert "access-control-allow-origin" not in call(connection).headers


# Who calls: refused in the recorded words and order


@pytest.mark.parametrize("headers, path, kind, message", [
    ({}, "/", "MissingAuthenticationTokenException", "Request is missing Authentication Token"),
    ({"Authorization": "AWS4"}, "/", "MissingAuthenticationTokenException",
     "Request is missing Authentication Token"),
    ({"Authorization": "X"}, "/?X-Amz-Algorithm", "InvalidSignatureException",
     "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."),
    ({"Authorization": "AWS4-"}, "/", "IncompleteSignatureException",
     "Authorization header requires 'Credential' parameter. "
     "Authorization header requires 'Signature' parameter. "
     "Authorization header requires 'SignedHeaders' parameter. "
     "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
     "Authorization=AWS4-"),
    ({"Authorization": "AWS4- Signature=b,Credential=a", "Date": "a"}, "/",
     "IncompleteSignatureException",
     "Authorization header requires 'SignedHeaders' parameter. "
     "Authorization=AWS4- Signature=b,Credential=a"),
    ({}, "/?X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d",
     "IncompleteSignatureException",
     "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
     "Re-examine the query-string parameters."),
])
def test_an_incomplete_signature_is_refused(connection, headers, path, kind, message):
    reply = call(connection, headers=without("Authorization", "X-Amz-Date") | headers, path=path)
    assert (reply.status, reply.json()) == (400, {"__type": CORAL + kind, "message": message})
    assert_enveloped(reply)


def test_a_signed_query_is_accepted(connection):
    path = ("/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host"
            "&X-Amz-Credential=key%2F20260101%2Feu-west-1%2Fdynamodb%2Faws4_request"
            "&X-Amz-Signature=0")
    reply = call(connection, headers=without("Authorization", "X-Amz-Date"), path=path)
    assert reply.status == 200


def test_the_order_is_body_then_target_then_signature_then_emptiness(connection):
    bare = without("Authorization", "X-Amz-Target")
    serialization = {"__type": CORAL + "SerializationException"}
    assert call(connection, b"hi", bare).json() == serialization
    assert call(connection, b"{}", bare).json() == {"__type": CORAL + "UnknownOperationException"}
    unsigned = call(connection, b"", without("Authorization")).json()
    assert unsigned["__type"] == CORAL + "MissingAuthenticationTokenException"
    assert call(connection, b"").json() == serialization


# Sizes


def test_a_body_of_16_mib_is_read(connection):
    reply = call(connection, b"x" * BODY_SIZE_MAX)
    assert (reply.status, reply.json()) == (400, {"__type": CORAL + "SerializationException"})


def test_a_larger_body_is_413_before_any_other_check(connection):
    reply = request(connection, "PUT", "/", b"x" * (BODY_SIZE_MAX + 1))
    assert (reply.status, reply.body) == (413, b"")


def test_a_larger_chunked_body_is_413(address, connection):
    connection.request("POST", "/", body=(b"x" * 65536 for _ in range(257)), headers=SIGNED,
                       encode_chunked=True)
    assert connection.getresponse().status == 413
    assert_alive(http.client.HTTPConnection(*address, timeout=20))


def test_who_asks_first_is_refused_before_sending_a_larger_body(raw):
    raw.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                b"Content-Length: 16777217\r\n\r\n")
    assert read_reply(raw).status == 413


@pytest.mark.parametrize("path, headers", [
    ("/" + "x" * 17000, {}),
    ("/", {"X-Long": "x" * 17000}),
    ("/", {f"X-{i}": "x" * 200 for i in range(80)}),
], ids=["path", "one header", "many headers"])
def test_headers_over_16_kib_are_400(address, connection, path, headers):
    assert call(connection, headers=SIGNED | headers, path=path).status == 400
    assert_alive(http.client.HTTPConnection(*address, timeout=20))


def test_headers_below_16_kib_are_read(connection):
    assert call(connection, headers=SIGNED | {"X-Long": "x" * 15000}).status == 200


# Connections


def test_a_connection_is_kept(connection):
    assert_alive(connection)
    kept = connection.sock
    for _ in range(10):
        assert_alive(connection)
    assert connection.sock is kept


def test_http_1_0_is_answered_and_closed(raw):
    raw.sendall(b"GET / HTTP/1.0\r\n\r\n")
    assert read_reply(raw, "GET").status == 200
    assert raw.recv(1) == b""


def test_a_chunked_body_is_read(connection):
    connection.request("POST", "/", body=iter([b"{", b" " * 100000, b"}"]), headers=SIGNED,
                       encode_chunked=True)
    assert Reply(connection.getresponse()).status == 200
    assert_alive(connection)


def test_a_body_is_asked_for_when_the_client_waits(raw):
    whole = raw_call(b"{}", extra="Expect: 100-continue\r\n")
    raw.sendall(whole[:-2])
    assert raw.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    raw.sendall(whole[-2:])
    assert read_reply(raw).status == 200


def test_pipelined_requests_are_answered_in_order(raw):
    asked = [f"GET /{i} HTTP/1.1\r\nHost: x\r\n\r\n".encode() if i % 2 else raw_call()
             for i in range(20)]
    raw.sendall(b"".join(asked))
    received = b""
    while received.count(b"HTTP/1.1 200") < 20 or not received.endswith(b" "):
        more = raw.recv(65536)
        assert more, received
        received += more
    kinds = re.findall(rb"\r\n\r\n(healthy|\{)", received)
    assert kinds == [b"healthy" if i % 2 else b"{" for i in range(20)]


def test_a_slow_client_is_waited_for(raw):
    whole = raw_call()
    for start in range(0, len(whole), 40):
        raw.sendall(whole[start:start + 40])
        time.sleep(0.005)
    assert read_reply(raw).status == 200


@pytest.mark.parametrize("operation, body", [
    ("ListTables", b"{}"),
    ("PutItem", b'{"TableName":"absent","Item":{"pk":{"S":"1"}}}'),  # waits for another thread
])
def test_a_client_that_has_said_all_is_still_answered(address, operation, body):
    for _ in range(50):
        with socket.create_connection(address, timeout=20) as raw:
            raw.sendall(raw_call(body, operation=operation))
            raw.shutdown(socket.SHUT_WR)
            assert read_reply(raw).status in (200, 400)


def test_a_client_that_is_gone_before_its_write_is_done_harms_nobody(address, connection):
    at_once = struct.pack("ii", 1, 0)  # SO_LINGER: reset instead of an orderly end
    for _ in range(200):
        with socket.create_connection(address, timeout=20) as leaver:
            leaver.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            leaver.sendall(raw_call(b'{"TableName":"absent"}', operation="PutItem"))
    assert_alive(connection)


def test_a_client_that_leaves_in_the_middle_harms_nobody(address, connection):
    for length in (1, 20, 60, 200, len(raw_call()) - 1):
        with socket.create_connection(address, timeout=20) as leaver:
            leaver.sendall(raw_call()[:length])
    assert_alive(connection)


GARBAGE = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    "empty lines": b"\r\n\r\n\r\n\r\n",
    "zeros": b"\0" * 1000 + b"\r\n\r\n",
    "unknown version": b"POST / HTTP/9.9\r\n\r\n",
    "header without colon": b"POST / HTTP/1.1\r\nno colon here\r\n\r\n",
    "negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "huge length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "bad chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
    "bad escapes": b"GET /%00%zz%/../?%&=&=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "endless line": b"x" * 100000,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_harms_nobody(raw, connection, garbage):
    raw.settimeout(0.2)
    try:
        raw.sendall(garbage)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(65536):
            pass
    except OSError:  # closed on us, or still waiting for more
        pass
    assert_alive(connection)


def test_many_connections_at_once(address):
    failures = []

    def talk():
        try:
            connection = http.client.HTTPConnection(*address, timeout=20)
            for _ in range(20):
                assert_alive(connection)
            connection.close()
        except Exception as failure:  # reported below, on the test's own thread
            failures.append(failure)

    threads = [threading.Thread(target=talk) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


# The control surface, on loopback


def test_health_is_json(connection):
    reply = request(connection, "GET", "/_rehearsedb/health")
    assert (reply.status, reply.json()["Status"]) == (200, "ok")
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize("headers", [
    {"Origin": "http://example.com"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Host": "rebound.example.com"},
    {"Host": "127.0.0.1.example.com:8000"},
])
def test_pages_of_other_origins_are_kept_out(connection, headers):
    reply = request(connection, "GET", "/_rehearsedb/health", headers=headers)
    assert reply.status == 403
    assert "access-control-allow-origin" not in reply.headers


def test_the_own_console_is_let_in(address, connection):
    host = "localhost:%d" % address[1]
    for site in ("same-origin", "none"):
        reply = request(connection, "GET", "/_rehearsedb/health", headers={
            "Host": host, "Origin": "http://" + host, "Sec-Fetch-Site": site})
        assert reply.status == 200


def test_a_preflight_for_the_control_surface_fails(connection):
    reply = request(connection, "OPTIONS", "/_rehearsedb/reset", headers={
        "Origin": "http://example.com", "Access-Control-Request-Method": "POST"})
    assert reply.status == 403
    assert "access-control-allow-origin" not in reply.headers
