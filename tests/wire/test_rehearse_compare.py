"""`rehearse compare` on tables with known differences, seeded; the lies are a proxy's."""

import json
import random
import signal
import subprocess
import threading
import time

import pytest

import lying_proxy
import serving

TOOL = serving.ROOT / "build/release/rehearse"
ITEMS = 2000
SEGMENTS = 8


@pytest.fixture(scope="module")
def server():
    server = serving.Server("--in-memory", "--profile", "instant")
    yield server
    server.kill()


@pytest.fixture(scope="module")
def client(server):
    return serving.connect(server.url)


@pytest.fixture
def proxy(server):
    proxy = lying_proxy.LyingProxy(server.url)
    yield proxy
    proxy.close()


def index(name, hash_key, range_key=None, attributes=None):
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    if range_key:
        keys.append({"AttributeName": range_key, "KeyType": "RANGE"})
    projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": attributes} \
        if attributes else {"ProjectionType": "ALL"}
    return {"IndexName": name, "KeySchema": keys, "Projection": projection}


def make_item(generator, number):
    return {"pk": {"S": f'item "{number}"'}, "sk": {"N": str(number % 5)},
            "status": {"S": generator.choice(["NEW", "PAID", "SENT"])},
            "at": {"N": f"{generator.randrange(50)}.50"},
            "amount": {"N": str(generator.randrange(1000))},
            "tags": {"SS": generator.sample(["a", "b", "c", "d"], 2)},
            "note": {"S": "x" * generator.randrange(300)}}


@pytest.fixture(scope="module")
def items(client):
    client.create_table(
        TableName="orders", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in
                              [("pk", "S"), ("sk", "N"), ("status", "S"), ("at", "N"),
                               ("rare", "S")]],
        GlobalSecondaryIndexes=[index("status-v1", "status", "at", ["amount"]),
                                index("status-v2", "status", "at", ["amount", "note"]),
                                index("by-rare", "status", "rare"),
                                index("whole", "status", "at")])
    generator = random.Random(20261124)
    items = [make_item(generator, number) for number in range(ITEMS)]
    for start in range(0, ITEMS, 25):
        client.batch_write_item(RequestItems={
            "orders": [{"PutRequest": {"Item": item}} for item in items[start:start + 25]]})
    return items


def command(url, *arguments):
    return [TOOL, "compare", "--table", "orders", *map(str, arguments), "--endpoint", url]


def compare(url, *arguments, **options):
    return subprocess.run(command(url, *arguments), env=serving.clean_environment(),
                          capture_output=True, text=True, timeout=120, **options)


def compare_json(url, *arguments):
    result = compare(url, *arguments, "--output", "json")
    assert result.stderr == ""
    return result.returncode, json.loads(result.stdout)


def key_of(item):
    return item["pk"]["S"], item["sk"]["N"]


def found(answer, kind, side=None):
    return sorted(key_of(one["Key"]) for one in answer["Items"]
                  if one["Kind"] == kind and side in (None, one["Side"]))


class Lies:
    """Edits what one index says: entries gone, changed, or of items that are not there."""

    def __init__(self, index, gone=(), changed=(), stale=()):
        self.index = index
        self.gone = {key_of(item) for item in gone}
        self.changed = {key_of(item) for item in changed}
        self.stale = list(stale)

    def __call__(self, operation, request, answer):
        if request.get("IndexName") != self.index:
            return
        answer["Items"] = [
            {**item, "amount": {"N": "-1"}} if key_of(item) in self.changed else item
            for item in answer["Items"] if key_of(item) not in self.gone]
        if operation == "Scan" and request.get("Segment", 0) == 0:
            answer["Items"] += self.stale
        values = request.get("ExpressionAttributeValues", {})
        if operation == "Query":
            answer["Items"] += [item for item in self.stale
                                if {":v2": item["pk"], ":v3": item["sk"]}.items()
                                <= values.items()]


def test_indexes_that_agree_are_said_to(server, items):
    for right in (["--right", "status-v2"], ["--right", "whole"], []):
        result = compare(server.url, "--left", "status-v1", *right)
        name = right[1] if right else "the table"
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout == f"status-v1: {ITEMS} entries, {name}: {ITEMS} entries; 0 differences\n"


@pytest.mark.parametrize("right", ["status-v2", None])
def test_every_seeded_difference_is_found_and_nothing_else(server, items, proxy, right):
    generator = random.Random(7)
    chosen = generator.sample(items, 60)
    absent = [{**make_item(generator, ITEMS + number)} for number in range(20)]
    proxy.edit = Lies("status-v1", gone=chosen[:25], changed=chosen[25:60], stale=absent)
    code, answer = compare_json(proxy.url, "--left", "status-v1", *(["--right", right] if right else []),
                                "--looks", 2)
    assert code == 1
    assert found(answer, "Missing", "LEFT") == sorted(map(key_of, chosen[:25]))
    assert found(answer, "Different", "LEFT") == sorted(map(key_of, chosen[25:60]))
    assert found(answer, "Stale", "LEFT") == sorted(map(key_of, absent))
    assert (answer["Missing"], answer["Different"], answer["Stale"]) == (25, 35, 20)
    assert answer["Differences"] == len(answer["Items"]) == 80
    assert answer["IsComplete"]


def test_the_text_says_what_is_different_and_where(items, proxy):
    proxy.edit = Lies("status-v2", gone=items[3:4], changed=items[8:9])
    result = compare(proxy.url, "--left", "status-v1", "--right", "status-v2", "--looks", 1)
    assert result.returncode == 1
    assert sorted(result.stdout.splitlines()) == sorted([
        r'{"pk":{"S":"item \"3\""},"sk":{"N":"3"}}  missing in status-v2',
        r'{"pk":{"S":"item \"8\""},"sk":{"N":"3"}}  other in status-v2 than in the table: amount',
        f"status-v1: {ITEMS} entries, status-v2: {ITEMS - 1} entries; 2 differences"])


def test_what_only_one_index_takes_is_left_out_of_the_other_and_why(server, items, client):
    client.put_item(TableName="orders", Item={**items[0], "rare": {"S": "yes"}})
    result = compare(server.url, "--left", "status-v1", "--right", "by-rare", "--max-differences", 5000)
    lines = result.stdout.splitlines()
    assert result.returncode == 1
    assert len(lines) == ITEMS
    assert lines[0].endswith("  left out of by-rare, attribute missing: rare")
    assert lines[-1].endswith(f"{ITEMS - 1} differences")
    # To its table the index is as it should be.
    assert compare(server.url, "--left", "by-rare").stdout == (
        "by-rare: 1 entry, the table: 1 entry; 0 differences\n")


def test_what_was_read_while_it_was_written_is_no_difference(server, items):
    stop = threading.Event()

    def write():
        """Moves, removes and restores items as fast as it can."""
        client = serving.connect(server.url)
        generator = random.Random(3)
        while not stop.is_set():
            item = generator.choice(items)
            if generator.randrange(3) == 0:
                client.delete_item(TableName="orders", Key={"pk": item["pk"], "sk": item["sk"]})
            client.put_item(TableName="orders",
                            Item={**item, "at": {"N": str(generator.randrange(50))},
                                  "amount": {"N": str(generator.randrange(1000))}})

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    try:
        results = [compare_json(server.url, "--left", "status-v1", *right)
                   for right in (["--right", "status-v2"], []) for _ in range(5)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert [(code, answer["Items"]) for code, answer in results] == [(0, [])] * 10
    assert sum(answer["Settled"] for _, answer in results) > 0
    generator = random.Random(20261124)
    client = serving.connect(server.url)
    for item in items:
        client.put_item(TableName="orders", Item=item)


def test_a_sample_says_how_sure_it_is(server, items, proxy):
    result = compare(server.url, "--left", "status-v1", "--right", "status-v2", "--sample", 600)
    assert result.returncode == 0
    assert "a sample of 600: fewer than 0.5 % of all entries differ, with 95 % confidence" \
        in result.stdout
    proxy.edit = Lies("status-v2", changed=items[::10])
    code, answer = compare_json(proxy.url, "--left", "status-v1", "--right", "status-v2", "--sample", 400,
                                "--seed", 5, "--looks", 1)
    again = compare_json(proxy.url, "--left", "status-v1", "--right", "status-v2", "--sample", 400,
                         "--seed", 5, "--looks", 1)
    other = compare_json(proxy.url, "--left", "status-v1", "--right", "status-v2", "--sample", 400,
                         "--seed", 6, "--looks", 1)
    assert code == 1 and again == (code, answer) and other[1]["Items"] != answer["Items"]
    assert answer["Sampled"] == 400
    assert 15 <= answer["Differences"] <= 70
    assert answer["Differences"] / 400 < answer["ShareBelow"] < answer["Differences"] / 400 + 0.05


def test_too_many_differences_end_it(items, proxy):
    proxy.edit = Lies("status-v2", changed=items)
    result = compare(proxy.url, "--left", "status-v1", "--right", "status-v2", "--looks", 1,
                     "--max-differences", 10)
    assert result.returncode == 1
    assert len(result.stdout.splitlines()) == 11
    assert "; at least 10 differences" in result.stdout


class Halting:
    """Answers no Scan of the later segments of `index` until it is let go on; keeps who asked."""

    def __init__(self, index, lies):
        self.index = index
        self.lies = lies
        self.scanned = {"status-v1": set(), "status-v2": set()}
        self.halted = threading.Semaphore(0)
        self.go_on = threading.Event()

    def __call__(self, operation, request, answer):
        if operation == "Scan":
            self.scanned[request["IndexName"]].add(request["Segment"])
            if request["IndexName"] == self.index and request["Segment"] >= SEGMENTS // 2:
                self.halted.release()
                self.go_on.wait()
        self.lies(operation, request, answer)


def end_when_halted(proxy, arguments, halting, ending):
    """Starts it and ends it once half of an index's segments are read."""
    proxy.edit = halting
    tool = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, env=serving.clean_environment())
    for _ in range(SEGMENTS // 2):
        assert halting.halted.acquire(timeout=60)
    time.sleep(0.5)  # the other half is taken in
    tool.send_signal(ending)
    halting.go_on.set()
    assert tool.wait(60) != 0
    return halting.scanned


def test_it_goes_on_where_it_was_broken_off(items, proxy, tmp_path):
    state = tmp_path / "state"
    lies = Lies("status-v2", gone=items[5:8], changed=items[20:25])
    arguments = command(proxy.url, "--left", "status-v1", "--right", "status-v2",
                        "--state", state, "--looks", 1, "--segments", SEGMENTS,
                        "--output", "json")
    end_when_halted(proxy, arguments, Halting("status-v1", lies), signal.SIGINT)
    second = end_when_halted(proxy, arguments, Halting("status-v2", lies), signal.SIGKILL)
    assert second["status-v1"] <= set(range(SEGMENTS // 2, SEGMENTS))
    proxy.edit = last = Halting(None, lies)
    tool = subprocess.run(arguments, capture_output=True, text=True, timeout=120,
                          env=serving.clean_environment())
    answer = json.loads(tool.stdout)
    assert tool.returncode == 1
    assert last.scanned == {"status-v1": set(), "status-v2": set(range(SEGMENTS))}
    assert found(answer, "Missing", "RIGHT") == sorted(map(key_of, items[5:8]))
    assert found(answer, "Different", "RIGHT") == sorted(map(key_of, items[20:25]))
    assert (answer["LeftEntries"], answer["RightEntries"]) == (ITEMS, ITEMS - 3)
    assert not state.exists()


def test_the_state_of_another_comparison_is_refused(server, items, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    (state / "state.json").write_text(json.dumps(
        {"Version": 1, "Identity": "other", "Sides": [{"Segments": [{}]}, {"Segments": [{}]}]}))
    result = compare(server.url, "--left", "status-v1", "--state", state)
    assert result.returncode == 3
    assert "keeps the state of another comparison (other)" in result.stderr
    (state / "state.json").write_text("{")
    result = compare(server.url, "--left", "status-v1", "--state", state)
    assert result.returncode == 3


def test_wrong_usage_is_told(server, items):
    cases = [(["--right", "status-v2"], 2, "--table and --left are needed"),
             (["--left", "status-v1", "--sample", "x"], 2, "--sample"),
             (["--left", "status-v1", "--sample", 5, "--state", "d"], 2, "--state"),
             (["--left", "status-v1", "--right", "status-v1"], 2, "with itself"),
             (["--left", "none"], 1, "none"),
             (["--left", "status-v1", "--state", "/proc/none"], 3, "/proc/none")]
    for arguments, code, text in cases:
        result = compare(server.url, *arguments)
        assert (result.returncode, result.stdout) == (code, "")
        assert text in result.stderr
