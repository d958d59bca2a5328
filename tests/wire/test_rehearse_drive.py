"""`rehearse drive`: readers and writers during a migration, and what they find wrong."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import threading
import time

import pytest

import lying_proxy
import serving

TOOL = serving.ROOT / "build/release/rehearse"
FAST = ["--rate", "400", "--items", "40"]
WRITES = ("PutItem", "UpdateItem", "DeleteItem")
TYPES = [{"AttributeName": name, "AttributeType": kind}
         for name, kind in [("pk", "S"), ("sk", "N"), ("user", "S"), ("status", "B"),
                            ("rank", "N")]]


def index(name, hash_key, range_key=None, **projection):
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    if range_key:
        keys.append({"AttributeName": range_key, "KeyType": "RANGE"})
    return {"IndexName": name, "KeySchema": keys,
            "Projection": projection or {"ProjectionType": "ALL"}}


BY_USER = index("by-user", "user", "status", ProjectionType="KEYS_ONLY")
BY_RANK = index("by-rank", "rank", ProjectionType="INCLUDE", NonKeyAttributes=["note"])
V2 = index("by-user-v2", "user", "status", ProjectionType="INCLUDE", NonKeyAttributes=["note"])


def create(client, table, indexes=(BY_USER, BY_RANK)):
    used = {key["AttributeName"] for one in indexes for key in one["KeySchema"]} | {"pk", "sk"}
    client.create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[one for one in TYPES if one["AttributeName"] in used],
        **({"GlobalSecondaryIndexes": list(indexes)} if indexes else {}))
    client.put_item(TableName=table, Item={"pk": {"S": "theirs"}, "sk": {"N": "1"}})


@pytest.fixture(scope="module")
def server():
    server = serving.Server("--in-memory", "--profile", "instant")
    yield server
    server.kill()


@pytest.fixture(scope="module")
def client(server):
    return serving.connect(server.url)


@pytest.fixture
def table(client, request):
    name = request.node.name[:200].replace("[", ".").replace("]", "")
    create(client, name)
    return name


@pytest.fixture
def proxy(server):
    proxy = lying_proxy.LyingProxy(server.url)
    yield proxy
    proxy.close()


def arguments_of(url, table, *arguments):
    return [TOOL, "drive", "--endpoint", url, "--table", table, *map(str, arguments)]


def drive(url, table, *arguments):
    return subprocess.run(arguments_of(url, table, *arguments), env=serving.clean_environment(),
                          capture_output=True, text=True, timeout=120)


def drive_json(url, table, *arguments, code=0):
    result = drive(url, table, "--output", "json", *FAST, *arguments)
    assert result.returncode == code, result.stdout + result.stderr
    return json.loads(result.stdout)


class Running:
    """A drive in the background, as in a runbook."""

    def __init__(self, url, table, *arguments):
        self.process = subprocess.Popen(
            arguments_of(url, table, "--output", "json", *FAST, *arguments),
            env=serving.clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)

    def end(self, number=signal.SIGTERM):
        """Its exit code and its answer."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        assert out, err
        return self.process.returncode, json.loads(out)


@contextlib.contextmanager
def running(url, table, *arguments):
    one = Running(url, table, *arguments)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def written(client, table):
    return [item for page in client.get_paginator("scan").paginate(TableName=table)
            for item in page["Items"] if "rehearse_drive_run" in item]


def scan_count(client, table):
    return client.scan(TableName=table, Select="COUNT")["Count"]


# ---- all is well ----


def test_nothing_is_wrong_with_a_sound_table(server, client, table):
    answer = drive_json(server.url, table, "--index", "by-user", "--seconds", 3)
    assert answer["Fine"] is True
    assert (answer["Lost"], answer["Stale"], answer["Unexpected"], answer["Refused"]) == (0,) * 4
    assert answer["Findings"] == answer["Refusals"] == []
    requests = answer["Requests"]
    assert all(one["Count"] > 20 for one in requests.values()), requests
    assert 600 < sum(one["Count"] for one in requests.values()) < 1400
    assert all(0 < one["LatencyMs"]["P50"] <= one["LatencyMs"]["P99"] <= one["LatencyMs"]["Max"]
               for one in requests.values())
    (served,) = answer["ReadIndexes"]
    assert served["IndexName"] == "by-user" and served["Refused"] == 0
    assert served["Answered"] == requests["Query"]["Count"]
    verified = answer["Verified"]
    assert verified["Items"] == 40 and verified["Entries"] == 80 and verified["Failed"] == 0
    assert (answer["ItemsRemoved"], answer["ItemsLeft"]) == (40, 0)
    assert scan_count(client, table) == 1  # theirs


def test_items_stay_when_they_are_to(server, client, table):
    answer = drive_json(server.url, table, "--keep-items", "--seconds", 2)
    items = written(client, table)
    assert 10 < len(items) <= 40
    for item in items:
        assert item["rehearse_drive_run"] == {"S": answer["Run"]}
        assert item["pk"]["S"].startswith(f"rehearse/drive/{answer['Run']}/")
        assert item["sk"]["N"].startswith(f"-8{answer['Run']}")
        version = int(item["rehearse_drive_version"]["N"])
        assert item["note"] == {"N": str(version)}
    for name in "by-user", "by-rank":
        assert client.scan(TableName=table, IndexName=name, Select="COUNT")["Count"] == len(items)
    assert answer["ItemsRemoved"] == answer["ItemsLeft"] == 0


def test_nobody_elses_items_are_touched(server, client, table):
    theirs = client.scan(TableName=table)["Items"]
    answer = drive_json(server.url, table, "--keep-items", "--seconds", 1)
    ours = written(client, table)
    assert client.get_item(TableName=table, Key={"pk": {"S": "theirs"}, "sk": {"N": "1"}}
                           )["Item"] == theirs[0]
    again = drive_json(server.url, table, "--seconds", 1)
    assert again["Run"] != answer["Run"]
    assert sorted(map(str, written(client, table))) == sorted(map(str, ours))


@pytest.mark.parametrize("keys", ["S", "N", "B"])
def test_keys_of_every_type_and_local_indexes_do(server, client, keys):
    name = f"keys-{keys}"
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": keys} for one in "abcd"],
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"},
                   {"AttributeName": "b", "KeyType": "RANGE"}],
        LocalSecondaryIndexes=[index("local", "a", "c")],
        GlobalSecondaryIndexes=[index("turned", "b", "a", ProjectionType="KEYS_ONLY"),
                                index("other", "d", "c", ProjectionType="KEYS_ONLY")])
    for one in "local", "turned", "other":
        answer = drive_json(server.url, name, "--index", one, "--seconds", 1)
        assert answer["Requests"]["Query"]["Count"] > 50
        assert answer["Verified"]["Entries"] == 3 * answer["Verified"]["Items"] > 0
    assert scan_count(client, name) == 0


def test_the_text_sums_it_up(server, table):
    result = drive(server.url, table, "--index", "by-rank", "--seconds", 1, *FAST)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].endswith(f"s on table {table}")
    assert [line.split()[0] for line in lines[2:7]] == [*WRITES, "GetItem", "Query"]
    assert lines[7].startswith("readers used by-rank from 0.")
    assert lines[-1] == "fine: 0 lost, 0 stale (by more than 1000 ms), 0 unexpected, 0 refused"
    assert "\033" not in result.stdout


def test_a_terminal_gets_a_line_that_moves(server, table):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(arguments_of(server.url, table, "--index", "by-user",
                                            "--seconds", 1, *FAST),
                               env=serving.clean_environment(TERM="xterm"), stdout=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while chunk := os.read(ours, 4096):
            shown += chunk
    os.close(ours)
    assert process.wait(30) == 0
    assert shown.count(b"\r\033[K") >= 4 and b"; reading by-user" in shown
    assert b"; verifying" in shown and b"fine: 0 lost" in shown


# ---- lies ----


class DropOnce:
    """Acknowledges one call of an operation without doing it.

    When the item is written again before it is read, nobody can have noticed, and it is the turn of
    the next call.
    """

    def __init__(self, operation):
        self.operation = operation
        self.lock = threading.Lock()
        self.seen = 0
        self.key = None
        self.is_read = False

    def __call__(self, operation, request):
        source = request.get("Item") or request.get("Key")
        if source is None or "pk" not in source:
            return False
        key = {name: source[name] for name in ("pk", "sk")}
        with self.lock:
            if key == self.key and not self.is_read:
                self.is_read = operation == "GetItem"
                self.key = key if self.is_read else None
                return False
            self.seen += operation == self.operation
            if operation != self.operation or self.seen < 10 or self.key is not None:
                return False
            self.key = key
            return True


@pytest.mark.parametrize("operation", WRITES)
def test_an_acknowledged_write_that_was_not_done_is_lost(proxy, table, operation):
    proxy.drop = DropOnce(operation)
    answer = drive_json(proxy.url, table, "--seconds", 4, "--reads", 85, "--rate", 200, code=1)
    assert answer["Fine"] is False and answer["Lost"] == 1, answer
    assert answer["Stale"] == answer["Unexpected"] == answer["Refused"] == 0
    (finding,) = answer["Findings"]
    assert finding["Kind"] == "Lost" and finding["Key"] == proxy.drop.key
    assert finding["Missed"]["IsThere"] is (operation != "DeleteItem")
    assert "IndexName" not in finding


def test_what_nobody_reads_in_time_is_found_at_the_end(proxy, client, table):
    proxy.drop = lambda operation, request: operation == "PutItem"
    answer = drive_json(proxy.url, table, "--reads", 0, "--seconds", 1, code=1)
    assert answer["Requests"]["GetItem"]["Count"] == 0
    assert answer["Lost"] > 0 and answer["Verified"]["Items"] == 40
    proxy.drop = lambda operation, request: False


def hide(name):
    def edit(operation, request, answer):
        if operation == "Query" and request.get("IndexName") == name:
            answer["Items"], answer["Count"] = [], 0
    return edit


def test_entries_that_do_not_come_are_stale(proxy, table):
    proxy.edit = hide("by-user")
    answer = drive_json(proxy.url, table, "--index", "by-user", "--seconds", 2, "--max-lag", 300,
                        "--rate", 200, code=1)
    assert answer["Lost"] == answer["Refused"] == answer["Unexpected"] == 0
    assert answer["Stale"] > 10
    assert answer["Behind"]["Count"] > 10 and answer["Behind"]["MaxMs"] > 300
    for finding in answer["Findings"]:
        assert finding["Kind"] == "Stale" and finding["IndexName"] == "by-user"
        assert finding["AgeMs"] > 300
        assert finding["Seen"] == {"IsThere": False} and finding["Missed"]["IsThere"] is True


def test_what_the_readers_do_not_query_is_verified_too(proxy, table):
    proxy.edit = hide("by-rank")
    answer = drive_json(proxy.url, table, "--index", "by-user", "--seconds", 1, code=1)
    assert answer["Stale"] > 0 and answer["Behind"]["Count"] == 0
    assert {finding["IndexName"] for finding in answer["Findings"]} == {"by-rank"}


def lag(server, table, milliseconds):
    status, reply = serving.Control(server.url).call(
        "PUT", "lag", {"TableName": table, "IndexLagMilliseconds": milliseconds})
    assert status == 200, reply


def test_a_lag_within_the_limit_is_told_and_no_fault(server, table):
    lag(server, table, 300)
    answer = drive_json(server.url, table, "--index", "by-user", "--seconds", 3, "--items", 10,
                        "--max-lag", 5000)
    behind = answer["Behind"]
    assert behind["Count"] > 100
    assert 0 < behind["P50Ms"] <= behind["P99Ms"] <= behind["MaxMs"] <= 400
    assert answer["Stale"] == answer["Lost"] == 0


def test_a_lag_beyond_the_limit_is_stale_and_the_end_waits_for_it(server, table):
    lag(server, table, 1000)
    answer = drive_json(server.url, table, "--index", "by-user", "--seconds", 3, "--items", 10,
                        "--max-lag", 300, code=1)
    assert answer["Lost"] == answer["Unexpected"] == answer["Refused"] == 0
    assert 0 < answer["Stale"] < answer["Behind"]["Count"]
    assert 300 < answer["Behind"]["MaxMs"] <= 1100
    assert all(one["IndexName"] == "by-user" and one["AtSeconds"] < 3.5
               for one in answer["Findings"])


def test_versions_that_nobody_wrote_are_unexpected(proxy, table):
    def edit(operation, request, answer):
        if operation == "GetItem" and "Item" in answer:
            answer["Item"]["rehearse_drive_version"] = {"N": "99999999"}
    proxy.edit = edit
    answer = drive_json(proxy.url, table, "--seconds", 1, code=1)
    assert answer["Unexpected"] > 0
    assert answer["Findings"][0]["Seen"]["Version"] == 99999999


# ---- indexes that come and go ----


def test_the_flag_of_the_cut_over_is_followed(server, client, tmp_path):
    create(client, "flagged", [BY_USER])
    flag = tmp_path / "flag"
    flag.write_text("by-user\n")
    with running(server.url, "flagged", "--read-index", flag) as one:
        serving.wait_until(lambda: len(written(client, "flagged")) > 10)
        client.update_table(TableName="flagged", AttributeDefinitions=TYPES[:4],
                            GlobalSecondaryIndexUpdates=[{"Create": V2}])
        subprocess.run([TOOL, "wait", "--table", "flagged", "--index", "by-user-v2", "--endpoint",
                        server.url], env=serving.clean_environment(), check=True, timeout=30,
                       stdout=subprocess.DEVNULL)
        flag.write_text("")  # as when it is replaced in two steps
        time.sleep(0.3)
        (tmp_path / "new").write_text("by-user-v2")
        (tmp_path / "new").replace(flag)
        time.sleep(0.8)
        client.update_table(TableName="flagged", GlobalSecondaryIndexUpdates=[
            {"Delete": {"IndexName": "by-user"}}])
        time.sleep(1)
        code, answer = one.end()
    assert code == 0, answer
    before, after = answer["ReadIndexes"]
    assert (before["IndexName"], after["IndexName"]) == ("by-user", "by-user-v2")
    assert before["FromSeconds"] < before["ToSeconds"] <= after["FromSeconds"] + 0.1
    assert after["Answered"] > 50 and after["Refused"] == before["Refused"] == 0


def test_an_index_that_is_not_ready_refuses_readers_as_it_would_refuse_an_application(tmp_path):
    server = serving.Server("--in-memory", "--profile", "instant")
    client = serving.connect(server.url)
    control = serving.Control(server.url)
    create(client, "early", [BY_USER])
    control.hold("early", "by-user-v2", "BACKFILLING")
    flag = tmp_path / "flag"
    flag.write_text("by-user")
    try:
        with running(server.url, "early", "--read-index", flag) as one:
            serving.wait_until(lambda: len(written(client, "early")) > 10)
            flag.write_text("by-user-v2")  # before there is one
            time.sleep(0.7)
            client.update_table(TableName="early", AttributeDefinitions=TYPES[:4],
                                GlobalSecondaryIndexUpdates=[{"Create": V2}])
            time.sleep(1)
            control.release("early", "by-user-v2")
            time.sleep(1)
            code, answer = one.end()
    finally:
        server.kill()
    assert code == 1
    assert answer["Lost"] == answer["Stale"] == answer["Unexpected"] == 0, answer
    messages = {one["FirstMessage"] for one in answer["Refusals"]}
    assert {(one["Operation"], one["IndexName"], one["Code"], one["Allowed"])
            for one in answer["Refusals"]} == {
                ("Query", "by-user-v2", "ValidationException", False)}
    assert any("does not have the specified index" in one for one in messages), messages
    assert answer["Refused"] == sum(one["Count"] for one in answer["Refusals"]) > 20
    served = answer["ReadIndexes"][-1]
    assert served["IndexName"] == "by-user-v2" and served["Answered"] > 20 < served["Refused"]


def test_an_index_that_is_deleted_under_its_readers_is_told(server, client, table):
    with running(server.url, table, "--index", "by-user") as one:
        serving.wait_until(lambda: len(written(client, table)) > 10)
        client.update_table(TableName=table, GlobalSecondaryIndexUpdates=[
            {"Delete": {"IndexName": "by-user"}}])
        time.sleep(1)
        code, answer = one.end()
    assert code == 1 and answer["Lost"] == answer["Stale"] == answer["Unexpected"] == 0
    assert all(one["Operation"] == "Query" and one["IndexName"] == "by-user"
               for one in answer["Refusals"])
    assert answer["Refused"] > 10
    assert written(client, table) == []


def test_new_key_attributes_are_filled_once_an_index_has_them(server, client):
    create(client, "growing", [])
    with running(server.url, "growing", "--items", 10) as one:
        serving.wait_until(lambda: len(written(client, "growing")) > 4)
        client.update_table(TableName="growing", AttributeDefinitions=[TYPES[0], TYPES[1], TYPES[4]],
                            GlobalSecondaryIndexUpdates=[{"Create": BY_RANK}])
        serving.wait_until(lambda: client.scan(TableName="growing")["Items"] and sum(
            "rank" in item for item in written(client, "growing")) > 4)
        time.sleep(1)
        code, answer = one.end()
    assert code == 0, answer
    assert answer["Verified"]["Entries"] == 10


# ---- refusals ----


def put_faults(server, *rules):
    status, reply = serving.Control(server.url).call("PUT", "faults", {"Rules": list(rules)})
    assert status == 200, reply


@pytest.fixture
def faults(server):
    yield lambda *rules: put_faults(server, *rules)
    put_faults(server)


def test_throttling_is_counted_and_can_be_allowed(server, client, table, faults):
    rule = {"Operation": "PutItem", "TableName": table, "Error": "ThrottlingException",
            "Repeat": 5}
    faults(rule)
    answer = drive_json(server.url, table, "--seconds", 1, code=1)
    (refusal,) = answer["Refusals"]
    assert (refusal["Operation"], refusal["Code"], refusal["Count"], refusal["Allowed"]) == (
        "PutItem", "ThrottlingException", 5, False)
    assert refusal["FirstMessage"]
    assert answer["Refused"] == answer["Requests"]["PutItem"]["Refused"] == 5
    assert answer["Lost"] == answer["Unexpected"] == 0
    faults(rule)
    answer = drive_json(server.url, table, "--seconds", 1, "--allow", "ThrottlingException",
                        "--allow", "NoAnswer")
    (refusal,) = answer["Refusals"]
    assert (refusal["Count"], refusal["Allowed"], answer["Refused"]) == (5, True, 0)


def test_a_write_without_an_answer_may_go_either_way(server, table, faults):
    faults(*({"Operation": operation, "TableName": table, "Countdown": 5, "Repeat": 5, **how}
             for operation in WRITES for how in (
                 {"Error": "InternalServerError"}, {"Drop": "BEFORE"}, {"Drop": "AFTER"})))
    answer = drive_json(server.url, table, "--index", "by-user", "--seconds", 3,
                        "--allow", "InternalServerError", "--allow", "NoAnswer")
    counts = {code: sum(one["Count"] for one in answer["Refusals"] if one["Code"] == code)
              for code in ("InternalServerError", "NoAnswer")}
    assert counts["InternalServerError"] == 15 and counts["NoAnswer"] >= 15, answer["Refusals"]
    assert answer["Lost"] == answer["Stale"] == answer["Unexpected"] == answer["Refused"] == 0


def test_a_server_that_is_killed_loses_nothing_it_has_acknowledged(tmp_path):
    server = serving.Server("--data", tmp_path / "data", "--profile", "instant")
    client = serving.connect(server.url)
    create(client, "durable")
    try:
        with running(server.url, "durable", "--index", "by-user", "--allow", "NoAnswer",
                     "--timeout", 1000) as one:
            for _ in range(3):
                serving.wait_until(lambda: len(written(client, "durable")) > 10)
                time.sleep(0.3)
                server.kill()
                time.sleep(0.3)
                server = serving.Server("--data", tmp_path / "data", "--profile", "instant",
                                        port=server.port)
                time.sleep(0.5)
            code, answer = one.end()
        assert code == 0, answer
        assert answer["Lost"] == answer["Stale"] == answer["Unexpected"] == 0
        assert sum(one["NoAnswer"] for one in answer["Requests"].values()) > 10
        assert {one["Code"] for one in answer["Refusals"]} == {"NoAnswer"}
        assert answer["Verified"]["Items"] == 40 and written(client, "durable") == []
    finally:
        server.kill()


def test_a_server_that_stays_away_is_told_at_the_end(tmp_path):
    server = serving.Server("--in-memory", "--profile", "instant")
    create(serving.connect(server.url), "gone")
    with running(server.url, "gone", "--items", 2, "--allow", "NoAnswer", "--connections", 2) as one:
        time.sleep(1)
        server.kill()
        one.process.send_signal(signal.SIGTERM)
        out, err = one.process.communicate(timeout=90)
    assert one.process.returncode == 3, out + err
    assert "not everything could be verified" in err
    answer = json.loads(out)
    assert answer["Lost"] == 0 and answer["ItemsLeft"] == 2 and answer["Verified"]["Failed"] > 0


# ---- ends ----


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_is_told_to_end_and_cleans_up(server, client, table, number):
    with running(server.url, table, "--index", "by-user") as one:
        serving.wait_until(lambda: len(written(client, table)) > 10)
        code, answer = one.end(number)
    assert code == 0 and answer["Fine"] is True
    assert answer["ItemsRemoved"] > 10 and answer["Verified"]["Items"] > 10
    assert scan_count(client, table) == 1


def test_a_second_interrupt_ends_it_at_once(proxy, client, table):
    proxy.edit = hide("by-user")
    with running(proxy.url, table, "--max-lag", 60000) as one:
        serving.wait_until(lambda: len(written(client, table)) > 10)
        one.process.send_signal(signal.SIGINT)
        time.sleep(2)
        begun = time.monotonic()
        one.process.send_signal(signal.SIGINT)
        out, _ = one.process.communicate(timeout=30)
    assert time.monotonic() - begun < 10
    assert one.process.returncode == -signal.SIGINT
    answer = json.loads(out)
    assert answer["ItemsLeft"] > 10 and answer["ItemsRemoved"] == 0
    assert len(written(client, table)) > 10


@pytest.fixture
def run_page(server, tmp_path):
    """run_page(text) rehearses the page."""
    def run(text):
        page = tmp_path / "page.md"
        page.write_text(text)
        path = f"{TOOL.parent}:{os.environ['PATH']}"
        return subprocess.run([TOOL, "run", page, "--endpoint", server.url], cwd=tmp_path,
                              env=serving.clean_environment(PATH=path), capture_output=True,
                              text=True, timeout=120)
    return run


def test_a_runbook_ends_it_in_the_background(server, client, table, run_page):
    result = run_page(f"""# Page

## Drive

```bash background="Delete" contains="fine: 0 lost"
rehearse drive --table {table} --index by-user --rate 100
```

## Wait

```bash
sleep 2
```

## Delete

```bash
aws dynamodb describe-table --table-name {table}
```
""")
    assert result.returncode == 0, result.stdout + result.stderr
    assert written(client, table) == []


def test_a_runbook_can_ask_for_its_exit_code(server, client, table, run_page):
    result = run_page(f"""# Page

## Start

```bash
rehearse drive --table {table} --index by-user > "$PWD/drive.txt" 2>&1 &
DRIVE=$!
sleep 1
```

## Stop

```bash contains="fine: 0 lost"
kill "$DRIVE"
wait "$DRIVE"
STATUS=$?
cat "$PWD/drive.txt"
(exit "$STATUS")
```
""")
    assert result.returncode == 0, result.stdout + result.stderr
    assert written(client, table) == []


# ---- usage ----


@pytest.mark.parametrize("arguments, words", [
    ([], "--table is needed"),
    (["--table", "t", "--index", "i", "--read-index", "f"], "give one"),
    (["--table", "t", "--rate", "0"], "--rate must be 1 to"),
    (["--table", "t", "--reads", "101"], "--reads must be 0 to 100"),
    (["--table", "t", "--seconds", "soon"], "--seconds must be"),
    (["--table", "t", "--allow"], "--allow needs a value"),
    (["--table", "t", "--wrong"], 'unknown argument "--wrong"'),
    (["--table", "t", "--output", "xml"], "--output must be text or json"),
])
def test_a_wrong_command_line_is_told(arguments, words):
    result = subprocess.run([TOOL, "drive", *arguments], env=serving.clean_environment(),
                            capture_output=True, text=True, timeout=30)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr


def test_what_cannot_be_used_is_told(server, table, tmp_path):
    empty = tmp_path / "empty"
    empty.write_text(" \n")
    for url, name, arguments, code, words in [
            (server.url, "none", [], 1, "there is no table none"),
            ("http://127.0.0.1:1", table, [], 3, "cannot reach http://127.0.0.1:1"),
            (server.url, table, ["--read-index", tmp_path / "none"], 3, "No such file"),
            (server.url, table, ["--read-index", empty], 3, "cannot read the name of an index")]:
        result = drive(url, name, "--seconds", 1, *arguments)
        assert (result.returncode, result.stdout) == (code, ""), result.stderr
        assert words in result.stderr


def test_help_says_what_counts():
    result = subprocess.run([TOOL, "drive", "--help"], capture_output=True, text=True, timeout=30)
    assert result.returncode == 0 and "--allow names its code" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100
