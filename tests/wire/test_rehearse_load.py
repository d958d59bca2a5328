"""`rehearse load` with templates: real tables, and an endpoint that leaves puts unprocessed."""

import collections
import http.server
import json
import pty
import re
import signal
import subprocess
import threading
import time

import pytest

import serving

TOOL = serving.ROOT / "build/release/rehearse"
KEYS = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                      {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"},
                                 {"AttributeName": "sk", "AttributeType": "N"},
                                 {"AttributeName": "kind", "AttributeType": "S"}],
        "GlobalSecondaryIndexes": [
            {"IndexName": "by-kind", "Projection": {"ProjectionType": "KEYS_ONLY"},
             "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}]}]}
TEMPLATE = {"Attributes": {
    "pk": {"Type": "S", "Pattern": "user-{001-050}"},
    "sk": {"Type": "N", "Start": 1000},
    "kind": {"Type": "S", "Choices": ["a", {"Value": "b", "Weight": 2}], "Missing": 0.1},
    "text": {"Type": "S", "Length": [5, 10], "Missing": 0.02, "WrongType": 0.05},
    "amount": {"Type": "N", "From": -1, "To": 1, "Decimals": 3, "Distribution": "Normal",
               "WrongType": 0.05},
    "at": {"Type": "N", "Timestamp": "EpochSeconds", "From": "2024-01-01", "To": "2024-12-31"},
    "day": {"Type": "S", "Timestamp": "Iso", "From": "2024-01-01", "To": "2024-01-02"},
    "good": {"Type": "BOOL"},
    "none": {"Type": "NULL"},
    "blob": {"Type": "B", "Length": [0, 40]},
    "strings": {"Type": "SS", "Count": [1, 3], "Element": {"Type": "S", "Pattern": "{1-9}"}},
    "numbers": {"Type": "NS", "Count": 2, "Element": {"Type": "N", "From": 1, "To": 9}},
    "blobs": {"Type": "BS", "Count": 2, "Element": {"Type": "B", "Length": 3}},
    "list": {"Type": "L", "Count": [0, 2], "Element": {"Type": "M", "Attributes": {
        "id": {"Type": "S", "Pattern": "{uuid}"},
        "maybe": {"Type": "BOOL", "Missing": 0.5}}}}}}


@pytest.fixture(scope="module")
def server():
    server = serving.Server("--in-memory", "--profile", "instant")
    yield server
    server.kill()


@pytest.fixture(scope="module")
def client(server):
    return serving.connect(server.url)


@pytest.fixture
def table(client, table_name):
    client.create_table(TableName=table_name, BillingMode="PAY_PER_REQUEST", **KEYS)
    return table_name


def load(url, *arguments, template=None):
    stdin = None if template is None else json.dumps(template)
    template = () if template is None else ("--template", "-")
    return subprocess.run(
        [TOOL, "load", *arguments, *template, "--endpoint", url], input=stdin,
        env=serving.clean_environment(), capture_output=True, text=True, timeout=120)


def everything(client, table):
    pages = client.get_paginator("scan").paginate(TableName=table)
    return {(item["pk"]["S"], item["sk"]["N"]): item for page in pages for item in page["Items"]}


def test_items_are_as_the_template_says(server, client, table):
    result = load(server.url, "--table", table, "--items", "4000", "--seed", "1",
                  "--output", "json", template=TEMPLATE)
    assert (result.returncode, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    assert answer["TableName"] == table
    assert answer["ItemsWritten"] == answer["ItemsExpected"] == 4000
    assert answer["WriteUnits"] >= 4000
    assert answer["Seed"] == 1
    items = everything(client, table).values()
    assert sorted(int(item["sk"]["N"]) for item in items) == list(range(1000, 5000))
    assert all(re.fullmatch("user-0([0-4][0-9]|50)", item["pk"]["S"]) for item in items)
    kinds = collections.Counter(item["kind"]["S"] for item in items if "kind" in item)
    assert kinds["b"] / kinds["a"] == pytest.approx(2, rel=0.2)
    assert 4000 - kinds.total() == pytest.approx(400, rel=0.25)
    texts = [item["text"] for item in items if "text" in item]
    assert 4000 - len(texts) == pytest.approx(80, rel=0.5)
    assert sum("N" in text for text in texts) == pytest.approx(200, rel=0.3)
    assert all(5 <= len(text["S"]) <= 10 for text in texts if "S" in text)
    amounts = [item["amount"] for item in items]
    assert sum("S" in amount for amount in amounts) == pytest.approx(200, rel=0.3)
    assert all(-1 <= float(next(iter(amount.values()))) <= 1 for amount in amounts)
    assert all(1704067200 <= int(item["at"]["N"]) <= 1735603200 for item in items)
    assert all(item["day"]["S"].startswith("2024-01-0") for item in items)
    assert {item["good"]["BOOL"] for item in items} == {True, False}
    assert all(item["none"] == {"NULL": True} and len(item["blob"]["B"]) <= 40 for item in items)
    assert {len(item["strings"]["SS"]) for item in items} == {1, 2, 3}
    elements = [element["M"] for item in items for element in item["list"]["L"]]
    assert len({element["id"]["S"] for element in elements}) == len(elements)
    assert sum("maybe" in one for one in elements) == pytest.approx(len(elements) / 2, rel=0.1)


def test_the_index_holds_what_the_template_did_not_leave_out(server, client, table):
    assert load(server.url, "--table", table, "--items", "500", template=TEMPLATE).returncode == 0
    there = sum("kind" in item for item in everything(client, table).values())
    assert client.scan(TableName=table, IndexName="by-kind", Select="COUNT")["Count"] == there


REPEATED = {"Attributes": {"pk": {"Type": "S", "Choices": ["a", "b", "c"]},
                           "sk": {"Type": "N", "From": 1, "To": 20, "Distribution": "Zipf"},
                           "text": {"Type": "S", "Length": 12}}}


@pytest.mark.parametrize("template, count", [(TEMPLATE, 700), (REPEATED, 1500), (None, 700)])
def test_the_same_seed_fills_a_table_alike(server, client, table, template, count):
    seen = []
    for seed, connections in (("7", "1"), ("7", "3"), ("7", "16"), ("8", "3")):
        result = load(server.url, "--table", table, "--items", str(count), "--seed", seed,
                      "--connections", connections, template=template)
        assert (result.returncode, result.stderr) == (0, "")
        assert re.fullmatch(rf"{count} items written to {table} in .* s \(.* a second, .* write "
                            rf"units\); seed {seed}\n", result.stdout)
        seen.append(everything(client, table))
        for pk, sk in seen[-1]:
            client.delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"N": sk}})
    assert seen[0] == seen[1] == seen[2] != seen[3]


def test_without_a_seed_items_are_others_each_time(server, client, table):
    results = [json.loads(load(server.url, "--table", table, "--items", "1", "--output",
                               "json").stdout) for _ in range(2)]
    assert results[0]["Seed"] != results[1]["Seed"]


def test_the_template_made_from_a_table_can_be_kept_and_used(server, client, table):
    shown = load(server.url, "--table", table, "--print-template")
    assert (shown.returncode, shown.stderr) == (0, "")
    template = json.loads(shown.stdout)
    assert template["Attributes"]["kind"] == {"Type": "S", "Pattern": "kind-{1-100}",
                                              "Missing": 0.02}
    assert everything(client, table) == {}
    kept = load(server.url, "--table", table, "--items", "50", "--seed", "3", template=template)
    with_template = everything(client, table)
    made = load(server.url, "--table", table, "--items", "50", "--seed", "3")
    assert (kept.returncode, made.returncode) == (0, 0)
    assert everything(client, table) == with_template and len(with_template) == 50


def test_no_item_is_a_result_too(server, table):
    result = load(server.url, "--table", table, "--items", "0", "--output", "json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["ItemsWritten"] == 0


def test_a_bound_on_write_units_is_kept(server, table):
    began = time.monotonic()
    result = load(server.url, "--table", table, "--items", "600", "--write-units", "400",
                  "--output", "json", template=REPEATED)
    assert json.loads(result.stdout)["WriteUnits"] == 600
    assert time.monotonic() - began > 1


# ---- what is wrong is told before anything is written ----

@pytest.mark.parametrize("template, reason", [
    ({"Attributes": {"pk": {"Type": "S", "Patern": "x"}}},
     "Attributes.pk: a value of type S needs one of Pattern, Choices, Timestamp, Length"),
    ({**TEMPLATE, "Extra": 1}, "Extra: not known"),
    ({"Attributes": {"pk": {"Type": "S", "Length": 9}}},
     "sk is not in the template: it is a key of the table"),
    ({"Attributes": {**TEMPLATE["Attributes"], "kind": {"Type": "N", "Start": 1}}},
     "kind is of type N, but S as a key of index by-kind"),
    ({"Attributes": {**TEMPLATE["Attributes"],
                     "kind": {"Type": "S", "Length": 9, "WrongType": 0.01}}},
     "kind cannot have a wrong type: it is a key of index by-kind")])
def test_a_template_that_does_not_fit_is_refused(server, client, table, template, reason):
    result = load(server.url, "--table", table, "--items", "100", template=template)
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr == f"rehearse load: -: {reason}\n"
    assert everything(client, table) == {}


@pytest.mark.parametrize("arguments, code, message", [
    (["--items", "5"], 2, "--table is needed; see rehearse load --help"),
    (["--table", "t"], 2, "--items or --from-export is needed; see rehearse load --help"),
    (["--table", "t", "--items", "-1"], 2,
     '--items must be 0 to 1000000000000, not "-1"'),
    (["--table", "t", "--items", "1", "--print-template"], 2,
     "--print-template goes with --table alone; see rehearse load --help"),
    (["--table", "t", "--from-export", "d", "--seed", "1"], 2,
     "--from-export goes without --items, --template and --seed; see rehearse load --help"),
    (["--table", "t", "--items", "1", "--connections", "65"], 2,
     '--connections must be 1 to 64, not "65"'),
    (["--table", "t", "--rows", "1"], 2, 'unknown argument "--rows"; see rehearse load --help'),
    (["--table", "gone", "--items", "1"], 1, "there is no table gone at {url}"),
    (["--table", "{table}", "--items", "1", "--template", "/nowhere/t.json"], 3,
     "cannot read /nowhere/t.json: No such file or directory"),
    (["--table", "{table}", "--items", "1", "--template", "/dev/null"], 3,
     "/dev/null is not JSON")])
def test_wrong_usage_is_told(server, table, arguments, code, message):
    words = {"url": server.url, "table": table}
    result = load(server.url, *(argument.format(**words) for argument in arguments))
    assert (result.returncode, result.stdout) == (code, "")
    assert result.stderr == f"rehearse load: {message.format(**words)}\n"


def test_the_help_names_every_option(server):
    text = load(server.url, "--help").stdout
    for option in ("--table", "--items", "--template", "--seed", "--print-template",
                   "--from-export", "--connections", "--write-units", "--endpoint", "--region", "--output"):
        assert f"\n  {option} " in text


def test_an_item_that_is_refused_is_named(server, client, table):
    template = {"Attributes": {**REPEATED["Attributes"],
                               "pk": {"Type": "S", "Choices": ["x" * 2049]}}}
    result = load(server.url, "--table", table, "--items", "5", "--seed", "1",
                  template=template)
    assert result.returncode == 3
    assert result.stderr.startswith('rehearse load: the item {"pk":{"S":"xxx')
    assert '"}} is refused: ValidationException: One or more parameter values' in result.stderr
    assert "0 items written" in result.stdout and "5 not written" in result.stdout


# ---- ends before its time, and terminals ----

def test_an_interruption_tells_how_many_were_written(server, client, table):
    process = subprocess.Popen(
        [TOOL, "load", "--table", table, "--items", "100000", "--write-units", "200", "--endpoint",
         server.url], env=serving.clean_environment(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    serving.wait_until(lambda: client.scan(TableName=table, Select="COUNT")["Count"] > 0, 30)
    process.send_signal(signal.SIGINT)
    output, messages = process.communicate(timeout=30)
    assert (process.returncode, messages) == (-signal.SIGINT, "")
    written, left = re.match(r"(\d+) items written .*, (\d+) not written; seed", output).groups()
    assert int(written) == len(everything(client, table))
    assert int(written) + int(left) == 100000


def test_a_terminal_sees_a_bar_that_moves(server, table):
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [TOOL, "load", "--table", table, "--items", "900", "--write-units", "1000",
             "--endpoint", server.url],
            env=serving.clean_environment(TERM="xterm"), stdout=theirs, stderr=theirs)
        assert process.wait(timeout=60) == 0
        text = screen.read(65536).decode()
    assert re.search(r"\[#+\.+\] \d+ of 900 items, \d+ a second", text)
    assert "\r\033[K900 items written" in text


# ---- an endpoint that leaves puts unprocessed ----

class Unwilling(http.server.ThreadingHTTPServer):
    """Takes so many puts of each batch and leaves the rest; remembers what it has taken."""

    def __init__(self, taken_each_time):
        super().__init__(("127.0.0.1", 0), UnwillingHandler)
        self.taken_each_time = taken_each_time
        self.taken = []
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def write(self, request):
        (table, puts), = request["RequestItems"].items()
        with self.lock:
            self.taken += [put["PutRequest"]["Item"] for put in puts[:self.taken_each_time]]
        left = puts[self.taken_each_time:]
        return {"UnprocessedItems": {table: left} if left else {}}


class UnwillingHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["X-Amz-Target"].endswith("DescribeTable"):
            reply = {"Table": {"TableName": request["TableName"], "TableStatus": "ACTIVE",
                               "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                               "AttributeDefinitions": [
                                   {"AttributeName": "pk", "AttributeType": "S"}]}}
        else:
            reply = self.server.write(request)
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def unwilling():
    servers = []

    def start(taken_each_time):
        servers.append(Unwilling(taken_each_time))
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_unprocessed_puts_are_sent_again(unwilling):
    server = unwilling(9)
    template = {"Attributes": {"pk": {"Type": "S", "Pattern": "zero\0ü\"{number}"}}}
    result = load(server.url, "--table", "t", "--items", "300", "--output", "json",
                  template=template)
    assert (result.returncode, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    assert answer["ItemsWritten"] == 300
    assert answer["ItemsSentAgain"] > 0
    assert sorted(item["pk"]["S"] for item in server.taken) == sorted(
        f"zero\0ü\"{number}" for number in range(300))


def test_an_endpoint_that_takes_nothing_is_given_up(unwilling):
    result = load(unwilling(0).url, "--table", "t", "--items", "3", "--output", "json")
    assert result.returncode == 3
    assert "took none of a batch 10 times in a row" in result.stderr
    assert json.loads(result.stdout)["ItemsWritten"] == 0
