"""`rehearse skipped` on tables with known faults, seeded."""

import collections
import json
import random
import subprocess

import pytest

import serving

TOOL = serving.ROOT / "build/release/rehearse"
PLANNED = {"IndexName": "by-kind", "Projection": {"ProjectionType": "ALL"},
           "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"},
                         {"AttributeName": "rank", "KeyType": "RANGE"}]}
TYPES = [{"AttributeName": "kind", "AttributeType": "S"},
         {"AttributeName": "rank", "AttributeType": "N"}]


@pytest.fixture(scope="module")
def server():
    server = serving.Server("--in-memory", "--profile", "instant")
    yield server
    server.kill()


@pytest.fixture(scope="module")
def client(server):
    return serving.connect(server.url)


def skipped(server, *arguments, stdin=None):
    return subprocess.run(
        [TOOL, "skipped", *arguments, "--endpoint", server.url], input=stdin,
        env=serving.clean_environment(), capture_output=True, text=True, timeout=120)


def make_item(generator, number):
    """An item and what is wrong with it for the planned index."""
    item = {"pk": {"S": f"item {number}"}, "sk": {"N": str(number % 7)},
            "kind": {"S": "k"}, "rank": {"N": "1"}, "other": {"S": "x" * generator.randrange(2000)}}
    fault = generator.choice([None, None, None, "AttributeMissing", "WrongType", "Empty",
                              "TooLarge"])
    if fault == "AttributeMissing":
        del item[generator.choice(["kind", "rank"])]
    elif fault == "WrongType":
        item.update(generator.choice([{"kind": {"N": "5"}}, {"rank": {"S": "high"}},
                                      {"kind": {"NULL": True}}, {"kind": {"SS": ["a"]}}]))
    elif fault == "Empty":
        item["kind"] = {"S": ""}
    elif fault == "TooLarge":
        item["kind"] = {"S": "ü" * 1025}
    return item, fault


@pytest.fixture(scope="module")
def faults(client):
    """Key of each item -> what is wrong with it."""
    client.create_table(
        TableName="things", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                              {"AttributeName": "sk", "AttributeType": "N"}])
    generator = random.Random(20261124)
    faults = {}
    for start in range(0, 3000, 25):
        batch = [make_item(generator, number) for number in range(start, start + 25)]
        client.batch_write_item(RequestItems={
            "things": [{"PutRequest": {"Item": item}} for item, _ in batch]})
        faults.update({(item["pk"]["S"], item["sk"]["N"]): fault for item, fault in batch})
    return faults


def definition(**members):
    return json.dumps({**PLANNED, "AttributeDefinitions": TYPES, **members})


def test_a_planned_index_is_told_every_item_it_would_leave_out(server, faults):
    result = skipped(server, "--table", "things", "--definition", "-", "--output", "json",
                     stdin=definition())
    assert (result.returncode, result.stderr) == (1, "")
    answer = json.loads(result.stdout)
    wrong = {key: fault for key, fault in faults.items() if fault}
    reasons = {"attribute missing": "AttributeMissing", "wrong type": "WrongType",
               "empty": "Empty", "too large": "TooLarge"}
    found = {(one["Key"]["pk"]["S"], one["Key"]["sk"]["N"]): reasons[one["Reason"]]
             for one in answer["Items"]}
    assert found == wrong
    assert len(answer["Items"]) == len(wrong) == answer["ItemsSkipped"]
    assert answer["ItemsScanned"] == len(faults)
    assert answer["ItemsTaken"] == len(faults) - len(wrong)
    for fault in reasons.values():
        assert answer[fault] == list(wrong.values()).count(fault)


def test_the_text_names_the_attribute_and_what_is_wrong(server, faults):
    result = skipped(server, "--table", "things", "--definition", "-", "--limit", "3",
                     stdin=definition())
    lines = result.stdout.splitlines()
    assert result.returncode == 1
    assert len(lines) == 5
    assert lines[3] == f"and {sum(map(bool, faults.values())) - 3} more"
    assert lines[4].startswith("by-kind takes ")
    whole = skipped(server, "--table", "things", "--definition", "-", stdin=definition()).stdout
    counts = collections.Counter(reason for reason in faults.values() if reason)
    reasons = {"AttributeMissing": "attribute missing", "WrongType": "wrong type",
               "Empty": "empty", "TooLarge": "too large"}
    assert whole.splitlines()[-1] == (
        f"by-kind takes {len(faults) - counts.total()} of {len(faults)} items of things; "
        f"leaves out {counts.total()}: " + ", ".join(f"{counts[fault]} {reason}" for fault, reason in reasons.items()))
    assert "  wrong type: kind is of type NULL\n" in whole
    assert "  too large: kind has 2050 bytes\n" in whole
    assert "  empty: kind\n" in whole


def test_all_forms_of_a_definition_are_taken(server, faults, tmp_path):
    index = {**PLANNED, "IndexName": "by-pk",
             "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}
    forms = [index, {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "x"}},
                                                     {"Create": index}]},
             {"GlobalSecondaryIndexes": [index], "AttributeDefinitions": TYPES},
             {"Table": {"GlobalSecondaryIndexes": [index]}}]
    for form in forms:
        (tmp_path / "index.json").write_text(json.dumps(form))
        result = skipped(server, "--table", "things", "--definition", tmp_path / "index.json")
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout == f"by-pk takes {len(faults)} of {len(faults)} items of things\n"
    several = {"GlobalSecondaryIndexes": [index, PLANNED], "AttributeDefinitions": TYPES}
    (tmp_path / "index.json").write_text(json.dumps(several))
    result = skipped(server, "--table", "things", "--definition", tmp_path / "index.json")
    assert result.returncode == 3 and "say which with --index" in result.stderr
    result = skipped(server, "--table", "things", "--definition", tmp_path / "index.json",
                     "--index", "by-pk")
    assert result.returncode == 0


def test_an_index_that_exists_is_looked_up(server, client, faults):
    client.update_table(
        TableName="things", AttributeDefinitions=TYPES,
        GlobalSecondaryIndexUpdates=[{"Create": PLANNED}])
    subprocess.run([TOOL, "wait", "--table", "things", "--endpoint", server.url], check=True,
                   env=serving.clean_environment(), stdout=subprocess.DEVNULL, timeout=60)
    entries = sum(page["Count"] for page in client.get_paginator("scan").paginate(
        TableName="things", IndexName="by-kind", Select="COUNT"))
    answer = json.loads(skipped(server, "--table", "things", "--index", "by-kind",
                                "--output", "json").stdout)
    assert answer["ItemsTaken"] == entries


def test_keys_of_any_bytes_are_told_as_they_are(server, client):
    client.create_table(
        TableName="odd", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "a \"b\".c", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a \"b\".c", "AttributeType": "S"}])
    keys = ["zero\0byte", "\\u0000", "quote\"", "\u2028 line", "ünï", "\x01\x1f", "\0"]
    for key in keys:
        client.put_item(TableName="odd", Item={"a \"b\".c": {"S": key}})
    result = skipped(server, "--table", "odd", "--definition", "-", "--output", "json",
                     stdin=definition())
    answer = json.loads(result.stdout)
    assert sorted(one["Key"]["a \"b\".c"]["S"] for one in answer["Items"]) == sorted(keys)


def test_what_cannot_be_used_is_told(server, faults, tmp_path):
    for arguments, code, words in [
            (["--table", "none", "--index", "i"], 1, "there is no table none"),
            (["--table", "things", "--index", "none"], 1, "has no index none"),
            (["--table", "things"], 2, "are needed"),
            (["--table", "things", "--definition", tmp_path / "none"], 3, "cannot read"),
            (["--table", "things", "--definition", "-"], 3, "is not JSON")]:
        result = skipped(server, *arguments, stdin="no json")
        assert result.returncode == code, result.stderr
        assert words in result.stderr
    result = skipped(server, "--table", "things", "--definition", "-", stdin=json.dumps(
        {**PLANNED, "KeySchema": [{"AttributeName": "new", "KeyType": "HASH"}]}))
    assert result.returncode == 3 and "new has no type" in result.stderr
