"""What the wire tests start and call: a rehearsedb process, and clients that talk to an endpoint."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.session

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("REHEARSEDB_BINARY", ROOT / "build/release/rehearsedb"))
REGION = "us-east-1"
CREDENTIALS = {
    "aws_access_key_id": "rehearsal",
    "aws_secret_access_key": "rehearsal",
    "region_name": REGION,
}
START_SECONDS = 20
STOP_SECONDS = 20


def wait_until(check, seconds=30, every=0.01):
    """Calls `check` until it returns something true, which is returned."""
    end = time.monotonic() + seconds
    while True:
        result = check()
        if result:
            return result
        assert time.monotonic() < end, f"waited {seconds} s in vain for {check.__name__}"
        time.sleep(every)


def clean_environment(**variables):
    """This process's environment without settings that change what is tested."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("REHEARSEDB_", "AWS_"))}
    return {**kept, **variables}


class Server:
    """A server of a test's own; `url` is where it listens and `banner` the line it said so with."""

    def __init__(self, *flags, port=0, environment=None):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--port", str(port), *map(str, flags)],
            env=clean_environment(**(environment or {})),
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        try:
            self.banner = self._read_banner()
        except BaseException:
            self.kill()
            raise
        self.url = self.banner.split("listening on ")[1].split()[0]
        self.port = int(self.url.rsplit(":", 1)[1])

    def _read_banner(self):
        lines = []

        def read():
            for line in self.process.stdout:
                lines.append(line)
                if "listening on http://" in line:
                    return

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        reader.join(START_SECONDS)
        assert lines and "listening on http://" in lines[-1], \
            f"no banner: {lines} {self.messages()}"
        return lines[-1]

    def messages(self):
        """What it wrote to its standard error."""
        self.log.seek(0)
        return self.log.read()

    def stop(self, number=signal.SIGTERM):
        """Asks it to end, as an operator would, and returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def connect(url, factory=boto3.client, **options):
    """A boto3 client or resource; AWS itself, with the caller's own credentials, without a URL."""
    config = botocore.config.Config(**options)
    if url is None:
        return factory("dynamodb", config=config)
    # One try: a server that fails now and then must not look as if it did not.
    config = config.merge(botocore.config.Config(
        retries={"total_max_attempts": 1}, proxies={}, max_pool_connections=64))
    return factory("dynamodb", endpoint_url=url, config=config, **CREDENTIALS)


class RawCaller:
    """Calls with bodies that no SDK would send, signed as any SDK signs."""

    def __init__(self, url):
        session = botocore.session.get_session()
        if url is None:
            self.region = session.get_config_variable("region")
            self.url = f"https://dynamodb.{self.region}.amazonaws.com"
            self.credentials = session.get_credentials()
        else:
            self.region, self.url = REGION, url
            self.credentials = botocore.credentials.Credentials("rehearsal", "rehearsal")
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __call__(self, operation, body):
        """Returns the status and the reply, decoded; a body may be bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = botocore.awsrequest.AWSRequest("POST", self.url + "/", data=data, headers={
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}"})
        botocore.auth.SigV4Auth(self.credentials, "dynamodb", self.region).add_auth(request)
        prepared = request.prepare()
        return read_reply(self.opener, urllib.request.Request(
            prepared.url, data=data, headers=dict(prepared.headers), method="POST"))


class Control:
    """The control surface, over nothing but urllib."""

    def __init__(self, url):
        self.url = url + "/_rehearsedb/"
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        return read_reply(self.opener, urllib.request.Request(
            self.url + path, data=data, headers={"Content-Type": "application/json"},
            method=method))

    def _succeed(self, method, path, body=None):
        status, reply = self.call(method, path, body)
        assert status == 200, f"{method} {path}: {status} {reply}"
        return reply

    def hold(self, table, index, phase, after_items=0):
        self._succeed("POST", "hold", {"TableName": table, "IndexName": index, "Phase": phase,
                                       "AfterItems": after_items})

    def release(self, table, index, items=None):
        body = {"TableName": table, "IndexName": index}
        if items is not None:
            body["Items"] = items
        self._succeed("POST", "release", body)

    def table(self, table):
        return self._succeed("GET", f"tables/{table}")

    def timeline(self, after=0, **query):
        """The events after `after`, and the sequence number to ask on with."""
        reply = self._succeed("GET", "timeline?" + urllib.parse.urlencode(
            {"After": after, **query}))
        return reply["Events"], reply["LastSequence"]

    def timeline_end(self):
        """The sequence number of the newest event; a page does not hold them all."""
        last, seen = 0, None
        while last != seen:
            seen = last
            _, last = self.timeline(seen)
        return last

    def readers(self, table):
        return self._succeed("GET", f"readers?TableName={table}")["Tables"][0]

    def faults(self, *rules):
        """Replaces the rules."""
        return self._succeed("PUT", "faults", {"Rules": rules})["Rules"]

    def shown_faults(self):
        return self._succeed("GET", "faults")["Rules"]

    def freeze(self, table, **body):
        self._succeed("POST", "freeze", {"TableName": table, **body})

    def thaw(self, table):
        self._succeed("POST", "thaw", {"TableName": table})

    def index(self, table, index):
        """The index from inside; None once it is gone."""
        for one in self.table(table)["Indexes"]:
            if one["IndexName"] == index:
                return one
        return None


def read_reply(opener, request):
    try:
        with opener.open(request, timeout=30) as reply:
            body = reply.read()
            return reply.status, json.loads(body) if body else None  # TagResource says nothing
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
