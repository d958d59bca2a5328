"""A rehearsedb server of a test's own: started on a free port, stopped, killed, called raw.

Plain standard library. The binary is REHEARSEDB_BINARY or build/release/rehearsedb.
"""

import base64
import http.client
import json
import os
import pathlib
import select
import signal
import subprocess
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("REHEARSEDB_BINARY", str(REPOSITORY / "build/release/rehearsedb"))
START_TIMEOUT_S = 20
WAIT_TIMEOUT_S = 60

HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0",
}


class CallError(Exception):
    """A reply that is not HTTP 200."""

    def __init__(self, status, body):
        super().__init__(f"HTTP {status}: {body}")
        self.status = status
        self.body = body
        self.type = body.get("__type", "").split("#")[-1] if isinstance(body, dict) else ""


class Connection:
    """One kept-alive connection; for one thread."""

    def __init__(self, port):
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def _send(self, method, path, headers, payload):
        body = None if payload is None else json.dumps(payload)
        self._http.request(method, path, body=body, headers=headers)
        reply = self._http.getresponse()
        text = reply.read()
        parsed = json.loads(text) if text else {}
        if reply.status != 200:
            raise CallError(reply.status, parsed)
        return parsed

    def call(self, operation, **parameters):
        headers = dict(HEADERS, **{"X-Amz-Target": f"DynamoDB_20120810.{operation}"})
        return self._send("POST", "/", headers, parameters)

    def control(self, method, path, payload=None):
        headers = {} if payload is None else {"Content-Type": "application/json"}
        return self._send(method, f"/_rehearsedb/{path}", headers, payload)

    def close(self):
        self._http.close()


class ServerProcess:
    """`ServerProcess(directory).start()`; after stop() or kill() it may be started again."""

    def __init__(self, directory=None, *flags):
        self.directory = directory
        self.flags = list(flags)
        self.port = None
        self._process = None
        self._local = threading.local()

    def start(self):
        where = ["--in-memory"] if self.directory is None else ["--data", str(self.directory)]
        self._process = subprocess.Popen(
            [BINARY, "serve", "--port", "0", *where, *self.flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        ready, _, _ = select.select([self._process.stdout], [], [], START_TIMEOUT_S)
        banner = self._process.stdout.readline() if ready else ""
        if " listening on http://" not in banner:
            self.kill()
            raise RuntimeError(f"{BINARY} did not start: {banner!r}")
        self.port = int(banner.split("listening on http://")[1].split()[0].rsplit(":", 1)[1])
        self._local = threading.local()
        return self

    def _end(self, number):
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(number)
            self._process.wait(timeout=START_TIMEOUT_S)
            self._process.stdout.close()
            self._process = None

    def kill(self):
        """As kill -9: the server has no say."""
        self._end(signal.SIGKILL)

    def stop(self):
        self._end(signal.SIGTERM)

    def restart_after_kill(self):
        self.kill()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.kill()

    # ---- calls, over a connection of the calling thread ----

    @property
    def connection(self):
        if getattr(self._local, "connection", None) is None:
            self._local.connection = Connection(self.port)
        return self._local.connection

    def call(self, operation, **parameters):
        return self.connection.call(operation, **parameters)

    def control(self, method, path, payload=None):
        return self.connection.control(method, path, payload)

    # ---- what tests of tables and indexes want to know ----

    def scan(self, table, index=None):
        """Every item, over as many pages as it takes."""
        parameters = {"TableName": table}
        if index is not None:
            parameters["IndexName"] = index
        items = []
        while True:
            page = self.call("Scan", **parameters)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return items
            parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def describe(self, table):
        return self.call("DescribeTable", TableName=table)["Table"]

    def index_status(self, table, index):
        """None when there is no such index."""
        for entry in self.describe(table).get("GlobalSecondaryIndexes", []):
            if entry["IndexName"] == index:
                return entry["IndexStatus"]
        return None

    def progress(self, table, index):
        """The control surface's view of an index, or None."""
        for entry in self.control("GET", f"tables/{table}")["Indexes"]:
            if entry["IndexName"] == index:
                return entry
        return None

    def has_table(self, table):
        try:
            self.describe(table)
        except CallError as error:
            assert error.type == "ResourceNotFoundException", error
            return False
        return True


def wait_until(holds, what):
    """Asks until `holds()` is true; what it gives is returned."""
    deadline = time.monotonic() + WAIT_TIMEOUT_S
    while time.monotonic() < deadline:
        value = holds()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"did not happen in {WAIT_TIMEOUT_S} s: {what}")


def binary(data):
    """An attribute value of type B."""
    return {"B": base64.b64encode(data).decode()}
