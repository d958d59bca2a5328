#!/usr/bin/python3
"""Measures rehearsedb beside its yardsticks and prints the ratios.

The yardsticks: `echo`, a libmicrohttpd server with as many threads that answers the same bytes
and does nothing else, and `raw LMDB`, a loop over entries of the same size. Each pair is measured
in turns, and medians are compared, so that a noisy machine disturbs both sides alike.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER = ROOT / "build/release/rehearsedb"
PROGRAMS = ROOT / "build/release/tests/bench"
THREADS = max(2, os.cpu_count())  # of the server and of the echo

TABLE, SMALL_TABLE, INDEX = "Orders", "FewOrders", "ByOwner"
BATCH = 25
FULL_TEXT = "x" * 332  # makes an item of 400 bytes, as DynamoDB counts


# --- the requests; load.c fills in {id+…} and {gr+…} ------------------------------------------


def key(offset=0):
    return {
        "Group": {"S": "group-{gr+%03d}" % offset},
        "Id": {"S": "item-{id+%03d}" % offset},
    }


def item(offset=0):
    return key(offset) | {
        "Owner": {"S": "owner-{id+%03d}" % offset},
        "Total": {"N": "1{id+%03d}" % offset},
        "Text": {"S": FULL_TEXT},
    }


def get_item(table=TABLE):
    return "GetItem", {"TableName": table, "Key": key()}


def put_item(table=TABLE):
    return "PutItem", {"TableName": table, "Item": item()}


def query(table=TABLE):
    return "Query", {
        "TableName": table,
        "KeyConditionExpression": "#g = :g",
        "ExpressionAttributeNames": {"#g": "Group"},
        "ExpressionAttributeValues": {":g": {"S": "group-{gr+000}"}},
    }


def scan(table=TABLE):
    return "Scan", {"TableName": table}


def batch_write(table=TABLE, stride=1):
    puts = [{"PutRequest": {"Item": item(i * stride)}} for i in range(BATCH)]
    return "BatchWriteItem", {"RequestItems": {table: puts}}


def update_with_condition(table=TABLE):
    return "UpdateItem", {
        "TableName": table,
        "Key": key(),
        "UpdateExpression": "SET #t = :t",
        "ConditionExpression": "attribute_exists(Id)",
        "ExpressionAttributeNames": {"#t": "Total"},
        "ExpressionAttributeValues": {":t": {"N": "2{id+000}"}},
    }


def query_with_filter(table=TABLE):
    operation, body = query(table)
    body["FilterExpression"] = "#t > :t AND NOT contains(#x, :x)"
    body["ExpressionAttributeNames"] |= {"#t": "Total", "#x": "Text"}
    body["ExpressionAttributeValues"] |= {":t": {"N": "100000000"}, ":x": {"S": "y"}}
    return operation, body


def transact_write(table=TABLE, count=10, stride=1):
    puts = [{"Put": {"TableName": table, "Item": item(i * stride)}} for i in range(count)]
    return "TransactWriteItems", {"TransactItems": puts}


def create_table(table):
    return "CreateTable", {
        "TableName": table,
        "AttributeDefinitions": [
            {"AttributeName": "Group", "AttributeType": "S"},
            {"AttributeName": "Id", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "Group", "KeyType": "HASH"},
            {"AttributeName": "Id", "KeyType": "RANGE"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }


def create_index():
    return "UpdateTable", {
        "TableName": TABLE,
        "AttributeDefinitions": [{"AttributeName": "Owner", "AttributeType": "S"}],
        "GlobalSecondaryIndexUpdates": [
            {
                "Create": {
                    "IndexName": INDEX,
                    "KeySchema": [{"AttributeName": "Owner", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    }


def delete_index():
    updates = [{"Delete": {"IndexName": INDEX}}]
    return "UpdateTable", {"TableName": TABLE, "GlobalSecondaryIndexUpdates": updates}


# --- the programs -----------------------------------------------------------------------------


def fail(message):
    sys.exit(f"bench: {message}")


def wait_until(condition):
    deadline = time.monotonic() + 300
    while not condition():
        if time.monotonic() > deadline:
            fail("a table or index did not get ready in five minutes")
        time.sleep(0.005)


class Program:
    """A server: started when entered, stopped when left."""

    PORT = r"^(\d+)$"  # in its first line

    def __init__(self, command):
        self.command = [str(word) for word in command]
        self.port = None

    def __enter__(self):
        self.begin = time.perf_counter()
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        try:
            found = re.search(self.PORT, self.process.stdout.readline())
            if found is None:
                fail(f"{self.command[0]} did not start")
            self.port = int(found[1])
            self.greet()
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stdout.close()
        if self.process.wait(60) != 0:
            fail(f"{self.command[0]} ended with {self.process.returncode}")

    def greet(self):
        """What is done once it listens."""


class Echo(Program):
    """Answers with the reply that `server` gives to `request`."""

    def __init__(self, work, server, request):
        headers, body = server.send(*request)
        own = ("date", "content-length", "connection")  # those that libmicrohttpd writes itself
        lines = [f"{name}: {value}\n" for name, value in headers if name.lower() not in own]
        path = work / f"reply-{request[0]}"
        path.write_bytes("".join(lines).encode() + b"\n" + body)
        super().__init__([PROGRAMS / "echo_server", path, THREADS])


class Server(Program):
    """rehearsedb itself. `start_ms` is the time from its start to its first answer."""

    PORT = r"listening on http://\S+:(\d+)"

    def __init__(self, *flags):
        own = ["--port", 0, "--profile", "instant", "--threads", THREADS]
        super().__init__([SERVER, "serve", *own, *flags])

    def greet(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.connection.request("GET", "/_rehearsedb/health")
        self.connection.getresponse().read()
        self.start_ms = (time.perf_counter() - self.begin) * 1000

    def __exit__(self, *details):
        self.connection.close()
        super().__exit__(*details)

    def send(self, operation, body):
        """One request, as load.c would send it for the number 0: its reply's headers and body."""
        text = json.dumps(body)
        for offset in range(1000):
            text = text.replace("{id+%03d}" % offset, "%08d" % offset)
            text = text.replace("{gr+%03d}" % offset, "%08d" % (offset // 100))
        self.connection.request(
            "POST",
            "/",
            text,
            {
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": f"DynamoDB_20120810.{operation}",
                "X-Amz-Date": "20260101T000000Z",
                "Authorization": "AWS4-HMAC-SHA256 "
                "Credential=bench/20260101/us-east-1/dynamodb/aws4_request, "
                "SignedHeaders=host;x-amz-date;x-amz-target, Signature=0",
            },
        )
        reply = self.connection.getresponse()
        content = reply.read()
        if reply.status != 200:
            fail(f"{operation}: {content.decode()}")
        return reply.getheaders(), content

    def describe(self, table=TABLE):
        return json.loads(self.send("DescribeTable", {"TableName": table})[1])["Table"]

    def make_table(self, table, items, work):
        """A table of `items` items, a hundred to each partition key."""
        self.send(*create_table(table))
        wait_until(lambda: self.describe(table)["TableStatus"] == "ACTIVE")
        load(work, self, batch_write(table), requests=items // BATCH, items=items, step=BATCH)

    def index_is_active(self):
        return self.describe()["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"

    def memory_kib(self):
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        return {name: int(fields[name].split()[0]) for name in ("VmRSS", "RssAnon", "RssFile")}


def run_json(command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        fail(f"{command[0]} ended with {done.returncode}")
    return json.loads(done.stdout)


def load(work, server, request, *, seconds=0, requests=0, items=100_000, step=0, connections=16):
    """Sends a request over and over: numbered in steps, or at random without a step."""
    body = work / "body.json"
    body.write_text(json.dumps(request[1], separators=(",", ":")))
    order = ["-k", step] if step else ["-r"]
    amount = ["-n", requests] if requests else ["-s", seconds]
    return run_json(
        [PROGRAMS / "load", "-p", server.port, "-t", request[0], "-b", body, "-c", connections]
        + ["-i", items, *amount, *order]
    )


def raw_lmdb(work, what, sync, batch, amount):
    with tempfile.TemporaryDirectory(dir=work if sync else "/dev/shm") as folder:
        mode = "sync" if sync else "nosync"
        return run_json([PROGRAMS / "raw_lmdb", what, folder, mode, batch, amount])["per_second"]


# --- the measurements -------------------------------------------------------------------------


class Bench:
    def __init__(self, work, quick):
        self.work = work
        self.rounds = 3 if quick else 5
        self.seconds = 0.5 if quick else 1
        self.big = 100_000 if quick else 1_000_000
        self.rows = []

    def note(self, what, ours, unit, yardstick, theirs, ratio, target, at_least):
        met = ratio >= target if at_least else ratio <= target
        self.rows.append(
            {
                "What": what,
                "Rehearsedb": ours,
                "Unit": unit,
                "Yardstick": yardstick,
                "YardstickValue": theirs,
                "Ratio": ratio,
                "Target": target,
                "AtLeast": at_least,
                "Met": met,
            }
        )

    def at_least(self, target, what, ours, unit, yardstick, theirs):
        self.note(what, ours, unit, yardstick, theirs, ours / theirs, target, True)

    def at_most(self, target, what, ours, unit, yardstick, theirs):
        self.note(what, ours, unit, yardstick, theirs, ours / theirs, target, False)

    def limit(self, what, ours, unit, limit):
        """At most `limit` of the unit; there is no yardstick."""
        self.note(what, ours, unit, "limit", limit, ours / limit, 1, False)

    def medians(self, *measures):
        """Each measure's median over rounds in which every one has its turn."""
        say(f"measuring, {len(self.rows)} rows done")
        values = [[measure() for measure in measures] for _ in range(self.rounds)]
        return [statistics.median(column) for column in zip(*values)]

    def rate(self, server, request, **flags):
        flags = {"seconds": self.seconds} | flags
        return lambda: load(self.work, server, request, **flags)["per_second"]

    def raw(self, sync, batch):
        return lambda: raw_lmdb(self.work, "put", sync, batch, self.seconds)

    def start(self, size, limit, *flags):
        def start_ms():
            with Server(*flags) as server:
                return server.start_ms

        self.limit(f"start to first answer, {size}", self.medians(start_ms)[0], "ms", limit)

    def in_memory(self):
        self.start("empty", 10, "--in-memory")
        with Server("--in-memory") as server:
            self.limit("memory at rest, empty", server.memory_kib()["VmRSS"] / 1024, "MB", 10)
            server.make_table(TABLE, 100_000, self.work)
            for what, request, target in (
                ("GetItem, 16 connections", get_item(), 0.85),
                ("PutItem in memory, 16 connections", put_item(), 0.75),
                ("Query of 100 items", query(), 0.50),
                ("Scan page of 1 MB", scan(), 0.50),
            ):
                with Echo(self.work, server, request) as echo:
                    ours, theirs = self.medians(
                        self.rate(server, request), self.rate(echo, request)
                    )
                self.at_least(target, what, ours, "/s", "echo", theirs)
            requests, raw = self.medians(
                self.rate(server, batch_write(stride=37)), self.raw(False, BATCH)
            )
            what, yardstick = "BatchWriteItem of 25 in memory", f"raw LMDB, {BATCH} a commit"
            self.at_least(0.60, what, requests * BATCH, "items/s", yardstick, raw)
            self.beside_our_own(server)

    def beside_our_own(self, server):
        """What an expression or a transaction adds to the same work without."""
        for what, request, plain, other, target in (
            ("UpdateItem with a condition", update_with_condition(), "PutItem", put_item(), 0.70),
            ("Query of 100 with a filter", query_with_filter(), "Query", query(), 0.70),
        ):
            ours, theirs = self.medians(self.rate(server, request), self.rate(server, other))
            self.at_least(target, what, ours, "/s", f"{plain} without", theirs)
        ours, theirs = self.medians(
            self.rate(server, transact_write(stride=37)),
            self.rate(server, batch_write(stride=37)),
        )
        what, yardstick = "TransactWriteItems of 10 puts", "BatchWriteItem"
        self.at_least(0.50, what, ours * 10, "items/s", yardstick, theirs * BATCH)

    def durable(self):
        with Server("--data", self.work / "durable") as server:
            server.make_table(TABLE, 100_000, self.work)
            for connections, target in ((16, 0.35), (64, 0.70)):
                what = f"PutItem durable, {connections} connections"
                request = put_item()
                ours, raw = self.medians(
                    self.rate(server, request, connections=connections), self.raw(True, 16)
                )
                self.at_least(target, what, ours, "/s", "raw LMDB, 16 a commit", raw)
            together = 16 * BATCH  # what one commit can hold
            requests, raw = self.medians(
                self.rate(server, batch_write(stride=37)), self.raw(True, together)
            )
            what, yardstick = "BatchWriteItem of 25 durable", f"raw LMDB, {together} a commit"
            self.at_least(0.60, what, requests * BATCH, "items/s", yardstick, raw)

    def big_table(self):
        size = f"{self.big:,} items"
        folder = self.work / "big"
        with Server("--data", folder) as server:
            say(f"writing {size}")
            server.make_table(TABLE, self.big, self.work)
            server.make_table(SMALL_TABLE, 1000, self.work)
        self.start(size, 50, "--data", folder)
        with Server("--data", folder) as server:
            memory = server.memory_kib()
            self.limit(f"memory at rest, {size}", memory["RssAnon"] / 1024, "MB", 10)
            self.rows[-1]["What"] += f" (and {memory['RssFile'] / 1024:.1f} MB of files)"
            for what, request in (("GetItem", get_item), ("Query of 100", query)):
                big, small = self.medians(
                    self.rate(server, request(), items=self.big),
                    self.rate(server, request(SMALL_TABLE), items=1000),
                )
                what = f"{what}, {size}, time"
                self.at_most(1.5, what, 1e6 / big, "us", "1,000 items", 1e6 / small)
            self.backfill(server, size)
            self.latency_beside_backfill(server)

    def backfill(self, server, size):
        say(f"backfilling {size}")
        begin = time.perf_counter()
        server.send(*create_index())
        wait_until(server.index_is_active)
        ours = self.big / (time.perf_counter() - begin)
        raw = raw_lmdb(self.work, "copy", True, 20_000, self.big)  # its best, by far
        self.at_least(0.50, f"backfill of {size}", ours, "items/s", "raw LMDB copy", raw)
        server.send(*delete_index())
        wait_until(lambda: not server.describe().get("GlobalSecondaryIndexes"))

    def latency_beside_backfill(self, server):
        def p99():
            run = load(self.work, server, get_item(), seconds=0.25, items=self.big)
            return run["p99_us"]

        alone = statistics.median(p99() for _ in range(2 * self.rounds))
        server.send(*create_index())
        beside = [p99()]
        while len(beside) < 20:
            value = p99()
            if server.index_is_active():
                break  # it ended during this round, which therefore does not count
            beside.append(value)
        what = "GetItem p99 beside a backfill"
        self.at_most(2, what, statistics.median(beside), "us", "without one", alone)


def say(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def print_table(rows):
    table = [["what", "rehearsedb", "yardstick", "", "ratio", "target", ""]]
    for row in rows:
        sign = "≥" if row["AtLeast"] else "≤"
        table.append(
            [
                row["What"],
                f"{number(row['Rehearsedb'])} {row['Unit']}",
                row["Yardstick"],
                number(row["YardstickValue"]),
                f"{row['Ratio']:.2f}",
                f"{sign} {row['Target']:.2f}",
                "ok" if row["Met"] else "missed",
            ]
        )
    widths = [max(map(len, column)) for column in zip(*table)]
    right = (1, 3, 4, 5)
    for line in table:
        cells = (
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths))
        )
        print("  ".join(cells).rstrip())


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("quick", nargs="?", choices=["quick"], help="fewer, shorter rounds")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "build") as folder:
        bench = Bench(pathlib.Path(folder), arguments.quick is not None)
        bench.in_memory()
        bench.durable()
        bench.big_table()
    say("")
    if arguments.json:
        print(json.dumps({"Processors": os.cpu_count(), "Results": bench.rows}, indent=2))
    else:
        print_table(bench.rows)
        print(f"\n{os.cpu_count()} processors, {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
