"""`rehearse estimate` on seeded tables: exact from a whole table, and samples that hold the truth."""

import json
import math
import random
import subprocess

import pytest

import serving

TOOL = serving.ROOT / "build/release/rehearse"
INDEX = {"IndexName": "by-kind",
         "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title", "tags"]},
         "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"},
                       {"AttributeName": "sk", "KeyType": "RANGE"}]}
TYPES = [{"AttributeName": "kind", "AttributeType": "S"}]
ITEMS = 6000


@pytest.fixture(scope="module")
def server():
    server = serving.Server("--in-memory", "--profile", "instant", "--item-count-refresh-ms", 0)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def client(server):
    return serving.connect(server.url)


def run(server, *arguments, stdin=None):
    return subprocess.run(
        [TOOL, "estimate", *map(str, arguments), "--endpoint", server.url], input=stdin,
        env=serving.clean_environment(), capture_output=True, text=True, timeout=120)


def estimate(server, *arguments, index=INDEX, table="things"):
    result = run(server, "--table", table, "--definition", "-", "--output", "json", *arguments,
                 stdin=json.dumps({**index, "AttributeDefinitions": TYPES}))
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout)


def make_item(generator, number):
    """An item and the bytes of its entry in INDEX, None without one."""
    item = {"pk": {"S": f"customer-{number // 6:05}"}, "sk": {"S": f"{number % 6:03}"},
            "kind": {"S": generator.choice("abc")}, "other": {"S": "x" * generator.randrange(300)}}
    size = 2 + 14 + 2 + 3 + 4 + 1
    if generator.random() < 0.8:
        title = "ü" * generator.randrange(900)
        item["title"] = {"S": title}
        size += 5 + 2 * len(title)
    if generator.random() < 0.5:
        item["tags"] = {"SS": ["red", "blue"]}
        size += 4 + 7
    if generator.random() < 0.3:
        item["kind"] = generator.choice([{"N": "1"}, {"NULL": True}])
        return item, None
    return item, size


def create(client, name, **arguments):
    client.create_table(
        TableName=name, KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"},
                                   {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                              {"AttributeName": "sk", "AttributeType": "S"}],
        **{"BillingMode": "PAY_PER_REQUEST", **arguments})


@pytest.fixture(scope="module")
def sizes(client):
    """The bytes of each entry."""
    create(client, "things")
    generator = random.Random(20261201)
    made = [make_item(generator, number) for number in range(ITEMS)]
    for start in range(0, ITEMS, 25):
        client.batch_write_item(RequestItems={"things": [
            {"PutRequest": {"Item": item}} for item, _ in made[start:start + 25]]})
    return [size for _, size in made if size is not None]


def exactly(value):
    return {"Estimate": value, "Low": value, "High": value}


def test_a_whole_table_is_told_exactly(server, sizes):
    answer = estimate(server)
    units = sum(math.ceil(size / 1024) for size in sizes)
    assert answer["IsComplete"] and answer["ItemsRead"] == ITEMS
    assert "Confidence" not in answer
    assert answer["Items"] == exactly(ITEMS)
    assert answer["Entries"] == exactly(len(sizes))
    assert answer["EntryBytes"] == exactly(sum(sizes))
    assert answer["StorageBytes"] == exactly(sum(sizes) + 100 * len(sizes))
    assert answer["WriteUnits"] == exactly(units)
    assert answer["WriteUnitsPerEntry"]["Estimate"] == pytest.approx(units / len(sizes))
    assert answer["ReadUnits"] > 0
    assert answer == estimate(server, "--segments", 1) | {"ReadUnits": answer["ReadUnits"]}


def test_the_build_writes_what_was_estimated(server, client, sizes):
    create(client, "built")
    paginator = client.get_paginator("scan")
    for page in paginator.paginate(TableName="things", PaginationConfig={"PageSize": 25}):
        if page["Items"]:
            client.batch_write_item(RequestItems={"built": [
                {"PutRequest": {"Item": item}} for item in page["Items"]]})
    answer = estimate(server, table="built")
    client.update_table(
        TableName="built",
        AttributeDefinitions=TYPES + [{"AttributeName": "sk", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": INDEX}])
    subprocess.run([TOOL, "wait", "--table", "built", "--endpoint", server.url], check=True,
                   env=serving.clean_environment(), stdout=subprocess.DEVNULL, timeout=60)
    entries = sum(page["Count"] for page in paginator.paginate(
        TableName="built", IndexName="by-kind", Select="COUNT"))
    assert answer["Entries"]["Estimate"] == entries
    consumed = 0
    for page in paginator.paginate(TableName="built", IndexName="by-kind",
                                   PaginationConfig={"PageSize": 25}):
        for item in page["Items"]:
            reply = client.delete_item(
                TableName="built", Key={"pk": item["pk"], "sk": item["sk"]},
                ReturnConsumedCapacity="INDEXES")
            consumed += reply["ConsumedCapacity"]["GlobalSecondaryIndexes"]["by-kind"][
                "CapacityUnits"]
    assert answer["WriteUnits"]["Estimate"] == consumed


def test_samples_hold_the_truth_as_often_as_they_say(server, sizes):
    truth = {"Items": ITEMS, "Entries": len(sizes), "EntryBytes": sum(sizes),
             "WriteUnits": sum(math.ceil(size / 1024) for size in sizes)}
    held = dict.fromkeys(truth, 0)
    draws = 60
    for seed in range(draws):
        answer = estimate(server, "--sample", 1500, "--seed", seed)
        assert not answer["IsComplete"] and answer["Confidence"] == 0.95
        assert answer["Places"] == 300 and answer["PlacesRead"] == 75
        for name, value in truth.items():
            interval = answer[name]
            assert interval["Low"] <= interval["Estimate"] <= interval["High"]
            assert interval["High"] < 1.5 * interval["Estimate"]
            held[name] += interval["Low"] <= value <= interval["High"]
    # 95 of 100, four standard deviations of so many draws below it.
    least = draws * 0.95 - 4 * math.sqrt(draws * 0.95 * 0.05)
    assert min(held.values()) >= least, held


def test_the_same_seed_reads_the_same_places(server, sizes):
    first, again, other = (estimate(server, "--sample", 1000, "--seed", seed, "--segments", count)
                           for seed, count in [(3, 4), (3, 1), (4, 4)])
    assert first == again
    assert first["EntryBytes"] != other["EntryBytes"]


def test_a_sample_no_smaller_than_the_table_is_the_whole(server, sizes):
    assert estimate(server, "--sample", 100000)["IsComplete"]


def test_a_table_whose_size_is_not_described_yet_is_felt_out_first(client, sizes):
    stale = serving.Server("--in-memory", "--profile", "instant")
    try:
        other = serving.connect(stale.url)
        create(other, "things")
        count = 40000
        subprocess.run([TOOL, "load", "--table", "things", "--items", str(count), "--seed", "1",
                        "--endpoint", stale.url], check=True, stdout=subprocess.DEVNULL,
                       env=serving.clean_environment(), timeout=120)
        assert other.describe_table(TableName="things")["Table"]["ItemCount"] == 0
        sampled = [estimate(stale, "--sample", 1500, "--seed", seed,
                            index={**INDEX, "KeySchema": [{"AttributeName": "pk",
                                                           "KeyType": "HASH"}]})
                   for seed in range(3)]
        assert any(not answer["IsComplete"] for answer in sampled)
        assert all(answer["Items"]["Low"] * 0.9 < count < answer["Items"]["High"] * 1.1
                   for answer in sampled)
    finally:
        stale.kill()


def test_an_empty_table_takes_what_aws_takes_for_nothing(server, client):
    create(client, "empty")
    for more in [], ["--sample", 1000]:
        answer = estimate(server, *more, table="empty")
        assert answer["IsComplete"] and answer["Entries"] == exactly(0)
        assert answer["WritingSeconds"] == exactly(0)
        assert answer["BuildSeconds"] == answer["EmptyTableSeconds"] == {"Low": 506, "High": 1003}
        assert "BytesPerEntry" not in answer


def test_time_goes_by_the_write_units_of_the_index(server, client, sizes):
    units = sum(math.ceil(size / 1024) for size in sizes)
    on_demand = estimate(server)
    assert on_demand["IsAssumed"] and on_demand["WriteUnitsPerSecond"] == 4000
    given = estimate(server, "--write-units", 10, "--live-write-units", 6)
    assert not given["IsAssumed"] and given["WriteUnitsPerSecond"] == 4
    assert given["WritingSeconds"] == exactly(units / 4)
    assert given["BuildSeconds"] == {"Low": units / 4, "High": units / 4 + 1003}
    defined = {**INDEX, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 5}}
    assert estimate(server, index=defined)["WriteUnitsPerSecond"] == 5
    create(client, "provisioned", BillingMode="PROVISIONED",
           ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})
    assert "WritingSeconds" not in estimate(server, table="provisioned")
    assert "WritingSeconds" in estimate(server, "--write-units", 5, table="provisioned")


def test_costs_are_told_at_given_prices_only(server, sizes):
    units = sum(math.ceil(size / 1024) for size in sizes)
    bytes_stored = sum(sizes) + 100 * len(sizes)
    assert not [name for name in estimate(server) if "Cost" in name]
    answer = estimate(server, "--price-million-writes", "0.625", "--price-unit-hour", "0.00065",
                      "--price-gigabyte-month=0.25", "--write-units", 1)
    assert answer["OnDemandCost"]["Estimate"] == pytest.approx(units * 0.625 / 1e6)
    assert answer["MillionWritesCost"]["Estimate"] == pytest.approx(units / len(sizes) * 0.625)
    assert answer["StorageCostPerMonth"]["Estimate"] == pytest.approx(bytes_stored / 2**30 * 0.25)
    hours = math.ceil(units / 3600)
    assert answer["ProvisionedCost"]["Low"] == pytest.approx(hours * 0.00065)


def test_the_text_tells_what_it_is_sure_of(server, sizes, tmp_path):
    path = tmp_path / "index.json"
    path.write_text(json.dumps({**INDEX, "AttributeDefinitions": TYPES}))
    whole = run(server, "--table", "things", "--definition", path).stdout
    assert whole.startswith(f"by-kind on things: all {ITEMS} items read, ")
    assert f" {len(sizes)}\n" in whole
    assert "8 to 17 minutes of it also for an empty table" in whole
    assert "cost" not in whole
    sampled = run(server, "--table", "things", "--definition", path, "--sample", 1000,
                  "--price-gigabyte-month", "0.25").stdout
    assert "intervals with 95 % confidence" in sampled
    assert "cost of storage, a month" in sampled
    assert sampled.splitlines()[2].endswith(")")


def test_uneven_places_are_told(server, client):
    create(client, "uneven")
    for start in range(0, 3000, 25):
        client.batch_write_item(RequestItems={"uneven": [
            {"PutRequest": {"Item": {"pk": {"S": "one" if number < 1500 else f"{number}"},
                                     "sk": {"S": f"{number:05}"}, "kind": {"S": "k"}}}}
            for number in range(start, start + 25)]})
    answers = [estimate(server, "--sample", 1400, "--seed", seed, table="uneven")
               for seed in range(20)]
    found = [answer for answer in answers if answer["ItemsRead"] >= 1500]
    assert found and all(answer["PlacesNeeded"] > answer["PlacesRead"] for answer in found)


def test_what_cannot_be_used_is_told(server, sizes):
    local = {"TableName": "t", "LocalSecondaryIndexes": [
        {**INDEX, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                                {"AttributeName": "sk", "KeyType": "RANGE"}]}]}
    whole = json.dumps({**INDEX, "AttributeDefinitions": TYPES})
    there = ["--table", "things", "--definition", "-"]
    for arguments, stdin, code, words in [
            (["--table", "none", "--definition", "-"], whole, 1, "there is no table none"),
            (["--table", "things"], "", 2, "are needed"),
            (there, "no json", 3, "is not JSON"),
            (there, json.dumps(local), 3, "local secondary index"),
            (there + ["--sample", "0"], whole, 2, "--sample must be"),
            (there + ["--live-write-units", "4000"], whole, 2, "leave nothing"),
            (there + ["--price-unit-hour", "0.1", "--table", "provisioned"], whole, 2,
             "needs --write-units"),
            *((there + ["--price-unit-hour", price], whole, 2, "must be a number like 0.25")
              for price in ["-1", "1e3", "0x1", "nan", ".5", "1.", "1,5", "1" * 16])]:
        result = run(server, *arguments, stdin=stdin)
        assert (result.returncode, result.stdout) == (code, ""), result.stderr
        assert words in result.stderr
