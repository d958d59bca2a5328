"""What tests of `rehearse run` stand on: a folder with the program, a stand-in for the server and a
page; and a stand-in for a control surface.

The program is $REHEARSE_BINARY, else build/release/rehearse. It looks for `rehearsedb` beside
itself first, so the tests run a copy of it in a folder of their own.
"""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("REHEARSE_BINARY", ROOT / "build/release/rehearse"))

SERVER = """#!/bin/bash
echo "$$ $*" >"$(dirname "$0")/started"
trap 'echo stopped >"$(dirname "$0")/stopped"; exit 0' TERM
echo "rehearsedb stand-in, listening on http://127.0.0.1:4711, profile brisk"
while :; do sleep 0.05; done
"""


class Bench:
    """A folder with the program, a stand-in for the server and a page."""

    def __init__(self, folder):
        self.folder = folder
        self.page = folder / "page.md"
        shutil.copy(BINARY, folder / "rehearse")
        self.write_server(SERVER)
        (folder / "tmp").mkdir()
        self.environment = {**os.environ, "TMPDIR": str(folder / "tmp")}

    def write_server(self, text):
        (self.folder / "rehearsedb").write_text(text)
        (self.folder / "rehearsedb").chmod(0o755)

    def write_page(self, *blocks):
        """Each block is (info string, commands) under a heading of its own: Step 1, Step 2, …"""
        text = ""
        for number, (info, commands) in enumerate(blocks, 1):
            text += f"# Step {number}\n\n```bash {info}\n{commands}\n```\n\n"
        self.page.write_text(text)

    def command(self, *arguments):
        return [self.folder / "rehearse", "run", self.page, *arguments]

    def run(self, *arguments, timeout=30):
        return subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True,
            errors="replace", timeout=timeout, cwd=self.folder)

    def start(self, *arguments):
        return subprocess.Popen(
            self.command(*arguments), env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, cwd=self.folder)

    def shell(self, commands):
        subprocess.run(["bash", "-c", commands], check=True, cwd=self.folder)

    def server_id(self):
        return int((self.folder / "started").read_text().split()[0])


def lives(process_id):
    try:
        status = pathlib.Path(f"/proc/{process_id}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


class Listener(http.server.ThreadingHTTPServer):
    """
    Answers /_rehearsedb/ with what `replies` holds for "METHOD path": an object, a status with one,
    or a function of query and body that gives one of these. Else with 404.
    """

    daemon_threads = True

    def __init__(self, replies):
        self.replies = replies
        self.requests = []
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        name = f"{self.command} {self.path.removeprefix('/_rehearsedb/')}"
        self.server.requests.append((name, body))
        path, _, query = name.partition("?")
        reply = self.server.replies.get(path)
        reply = reply(query, body) if callable(reply) else reply
        status, content = reply if isinstance(reply, tuple) else \
            (404, {}) if reply is None else (200, reply)
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def log_message(self, *arguments):
        pass


HEALTH = {"Status": "ok", "Version": "9.9", "Profile": "brisk"}


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    assert list((tmp_path / "tmp").iterdir()) == [], "temporary files were left behind"


@pytest.fixture
def listen():
    with contextlib.ExitStack() as stack:
        def start(**replies):
            if replies.get("GET health"):
                replies.setdefault("GET clock", {"Time": 0, "OffsetMilliseconds": 0})
            listener = Listener(replies)
            stack.callback(listener.server_close)
            stack.callback(listener.shutdown)
            return listener

        yield start


class Story:
    """A control surface that tells what a page's steps have told it before: `tell KIND NAME=VALUE…`
    for an event of the timeline, `use INDEX COUNT` for reads."""

    SHELL = r"""
tell() {
  local pair members="\"Kind\":\"$1\""
  shift
  for pair; do members="$members,\"${pair%%=*}\":\"${pair#*=}\""; done
  curl -sS -f "$REHEARSEDB_ENDPOINT/_rehearsedb/tell" -d "{$members}"
}
use() {
  curl -sS -f "$REHEARSEDB_ENDPOINT/_rehearsedb/use" -d "{\"IndexName\":\"$1\",\"Count\":$2}"
}
"""

    def __init__(self, listen):
        self.events = []
        self.reads = {}
        self.skipped = 0
        self.clock_offset_s = 0
        self.server = listen(**{
            "GET health": HEALTH, "GET timeline": self.timeline,
            "GET readers": self.readers, "GET tables/approvals": self.table,
            "POST tell": self.tell, "POST use": self.use})
        self.url = self.server.url

    def timeline(self, query, _):
        after = int(urllib.parse.parse_qs(query)["After"][0])
        return {"Events": self.events[after:], "LastSequence": len(self.events), "More": False,
                "Truncated": False}

    def tell(self, _, body):
        event = json.loads(body)
        self.events.append({"Sequence": len(self.events) + 1, "Time": time.time() + self.clock_offset_s,
                            "TableName": "approvals", **event})
        return {}

    def use(self, _, body):
        use = json.loads(body)
        self.reads[use["IndexName"]] = self.reads.get(use["IndexName"], 0) + use["Count"]
        return {}

    def readers(self, *_):
        return {"Tables": [{"TableName": "approvals", "Reads": 0, "Writes": 0, "Indexes": [
            {"IndexName": name, "Reads": count, "Writes": 0}
            for name, count in self.reads.items()]}] if self.events else []}

    def table(self, *_):
        return None if not self.events else {"TableName": "approvals", "TableStatus": "ACTIVE", "Indexes": [
            {"IndexName": "by-user-v2", "Phase": "BACKFILLING", "ItemsSkipped": self.skipped}]}


@pytest.fixture
def story(listen):
    return Story(listen)
