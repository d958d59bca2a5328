"""`rehearse load --from-export` with exports to S3 as the service writes them, and broken ones."""

import base64
import gzip
import hashlib
import json
import shutil
import subprocess

import pytest

import serving

TOOL = serving.ROOT / "build/release/rehearse"
EXPORT_ID = "01700000000000-0a1b2c3d"


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
    client.create_table(TableName=table_name, BillingMode="PAY_PER_REQUEST",
                        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    return table_name


def load(server, table, directory, *arguments):
    return subprocess.run(
        [TOOL, "load", "--table", table, "--from-export", directory, *arguments, "--endpoint",
         server.url], env=serving.clean_environment(), capture_output=True, text=True, timeout=120)


def everything(client, table):
    pages = client.get_paginator("scan").paginate(TableName=table)
    return {item["pk"]["S"]: item for page in pages for item in page["Items"]}


def make_item(number):
    return {"pk": {"S": f"item \0\n{number} ü"}, "n": {"N": str(number)}, "b": {"B": "AAEC"},
            "more": {"L": [{"M": {"x": {"SS": ["a", "b"]}}}, {"NULL": True}, {"BOOL": False}]}}


def expected(numbers):
    items = [json.loads(json.dumps(make_item(number))) for number in numbers]
    for item in items:
        item["b"]["B"] = b"\x00\x01\x02"
    return {item["pk"]["S"]: item for item in items}


def lines_of(items):
    return "".join(json.dumps({"Item": item}) + "\n" for item in items).encode()


class Export:
    """A full export of 230 items in three files and an empty one, below a bucket's prefix."""

    def __init__(self, root):
        self.root = root
        self.folder = root / "AWSDynamoDB" / EXPORT_ID
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "_started").write_bytes(b"")
        self.summary = {
            "version": "2020-06-30", "outputFormat": "DYNAMODB_JSON", "itemCount": 230,
            "exportArn": f"arn:aws:dynamodb:eu-west-1:123456789012:table/t/export/{EXPORT_ID}",
            "s3Bucket": "b", "s3Prefix": "p", "s3SseKmsKeyId": None, "billedSizeBytes": 0,
            "manifestFilesS3Key": f"p/AWSDynamoDB/{EXPORT_ID}/manifest-files.json"}
        self.files = [self.add("a", map(make_item, range(100))), self.add("b", []),
                      self.add("c", map(make_item, range(100, 200))),
                      self.add("d", map(make_item, range(200, 230)))]
        self.write()

    def path(self, name):
        return self.folder / "data" / f"{name}.json.gz"

    def add(self, name, items):
        items = list(items)
        return self.add_bytes(name, gzip.compress(lines_of(items)), len(items))

    def add_bytes(self, name, content, count):
        self.path(name).write_bytes(content)
        digest = hashlib.md5(content).digest()
        return {"itemCount": count, "md5Checksum": base64.b64encode(digest).decode(),
                "etag": hashlib.md5(digest).hexdigest() + "-1",
                "dataFileS3Key": f"p/AWSDynamoDB/{EXPORT_ID}/data/{name}.json.gz"}

    def write(self):
        (self.folder / "manifest-summary.json").write_text(json.dumps(self.summary))
        (self.folder / "manifest-files.json").write_text(
            "".join(json.dumps(file) + "\n" for file in self.files))


@pytest.fixture
def export(tmp_path):
    return Export(tmp_path / "bucket")


@pytest.mark.parametrize("below", [".", "AWSDynamoDB", f"AWSDynamoDB/{EXPORT_ID}"])
def test_an_export_is_loaded_whole(server, client, table, export, below):
    result = load(server, table, export.root / below, "--output", "json")
    assert (result.returncode, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    assert answer["ItemsWritten"] == answer["ItemsExpected"] == 230
    assert "Seed" not in answer
    assert everything(client, table) == expected(range(230))


def test_the_text_has_one_line(server, table, export):
    result = load(server, table, export.root, "--connections", "8")
    assert result.stdout.startswith(f"230 items written to {table} in ")
    assert result.stdout.count("\n") == 1 and "seed" not in result.stdout


def test_a_file_without_a_byte_is_an_empty_partition(server, client, table, export):
    export.files[1] = export.add_bytes("b", b"", 0)
    export.write()
    assert load(server, table, export.root).returncode == 0
    assert len(everything(client, table)) == 230


def test_a_key_that_is_there_twice_is_the_last_ones(server, client, table, export):
    twice = [{**make_item(1), "n": {"N": str(number)}} for number in range(3)]
    export.files = [export.add("a", twice)]
    export.summary["itemCount"] = 3
    export.write()
    result = load(server, table, export.root, "--connections", "1")
    assert (result.returncode, result.stderr) == (0, "")
    assert [item["n"] for item in everything(client, table).values()] == [{"N": "2"}]


# ---- what is wrong is told before anything is written ----

def refuse(server, client, table, directory, message):
    result = load(server, table, directory)
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr == f"rehearse load: {message}\n"
    assert everything(client, table) == {}


@pytest.mark.parametrize("change, message", [
    ({"outputFormat": "ION"},
     "the export's outputFormat is ION; one in DYNAMODB_JSON is needed"),
    ({"exportType": "INCREMENTAL_EXPORT"},
     "the export is incremental (exportType INCREMENTAL_EXPORT): it holds changes, not items; "
     "a full export is needed"),
    ({"itemCount": None}, "manifest-summary.json has no itemCount"),
    ({"itemCount": 231}, "the files have 230 items by manifest-files.json, but the table 231 by "
                         "manifest-summary.json")])
def test_a_summary_that_will_not_do(server, client, table, export, change, message):
    export.summary.update(change)
    export.write()
    refuse(server, client, table, export.root, f"{export.folder}: {message}")


@pytest.mark.parametrize("change, message", [
    ({"dataFileS3Key": "data/"}, "line 2 of manifest-files.json names no file .json.gz in "
                                 "dataFileS3Key"),
    ({"md5Checksum": None}, "line 2 of manifest-files.json has no md5Checksum"),
    ({"itemCount": -1}, "line 2 of manifest-files.json has no itemCount")])
def test_a_list_of_files_that_will_not_do(server, client, table, export, change, message):
    export.files[1].update(change)
    export.write()
    refuse(server, client, table, export.root, f"{export.folder}: {message}")


@pytest.mark.parametrize("change", [{"md5Checksum": "AAAAAAAAAAAAAAAAAAAAAA=="},
                                    {"etag": "0" * 32}, {"etag": "0" * 32 + "-1"}])
def test_checksums_are_checked(server, client, table, export, change):
    export.files[2].update(change)
    export.write()
    refuse(server, client, table, export.root,
           f"{export.path('c')} is damaged: its checksum is not that of the manifest")


def test_a_byte_that_has_changed_is_noticed(server, client, table, export):
    content = bytearray(export.path("d").read_bytes())
    content[len(content) // 2] ^= 1
    export.path("d").write_bytes(content)
    refuse(server, client, table, export.root,
           f"{export.path('d')} is damaged: its checksum is not that of the manifest")


def test_an_etag_of_several_parts_says_nothing(server, table, export):
    export.files[0]["etag"] = "0" * 32 + "-3"
    export.write()
    assert load(server, table, export.root).returncode == 0


def test_a_file_that_is_not_there(server, client, table, export):
    export.path("d").unlink()
    refuse(server, client, table, export.root,
           f"cannot read {export.path('d')}: No such file or directory")


def test_a_folder_without_an_export(server, client, table, tmp_path):
    refuse(server, client, table, tmp_path,
           f"{tmp_path} is no export: neither it nor AWSDynamoDB/<id> in it has "
           "manifest-summary.json")


def test_a_bucket_with_several_exports(server, client, table, export):
    shutil.copytree(export.folder, export.folder.parent / "01800000000000-0a1b2c3d")
    refuse(server, client, table, export.root,
           f"{export.root} has 2 exports; give the folder of one, like {export.folder}")


@pytest.mark.parametrize("item, message", [
    ({"id": {"S": "x"}}, "does not fit the table's key: attribute missing: pk"),
    ({"pk": {"N": "1"}}, "does not fit the table's key: wrong type: pk"),
    (None, 'is not {"Item":{…}}')])
def test_an_export_of_another_table(server, client, table, export, item, message):
    export.files = [export.add("a", [item])]
    export.summary["itemCount"] = 1
    export.write()
    refuse(server, client, table, export.root, f"line 1 of {export.path('a')} {message}")


def test_no_item_of_a_table_that_is_not_there(server, export):
    result = load(server, "gone", export.root)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"rehearse load: there is no table gone at {server.url}\n"


# ---- what shows only on the way: the result says how far it came ----

def cut_off(export):
    content = gzip.compress(lines_of(map(make_item, range(200, 230))))
    return content[:len(content) - 20], 30, "is no gzip file, or damaged, at line "


def never_compressed(export):
    return lines_of(map(make_item, range(200, 230))), 30, "is no gzip file, or damaged, at line 1"


def too_few(export):
    return (gzip.compress(lines_of(map(make_item, range(200, 229)))), 30,
            "holds 29 items, but 30 by manifest-files.json")


def no_item(export):
    lines = lines_of(map(make_item, range(200, 229)))
    return gzip.compress(lines + b'{"Item":5}\n'), 30, 'is not {"Item":{…}}'


@pytest.mark.parametrize("damage", [cut_off, never_compressed, too_few, no_item])
def test_what_the_checksums_cannot_show(server, client, table, export, damage):
    content, count, message = damage(export)
    export.files[3] = export.add_bytes("d", content, count)
    export.write()
    result = load(server, table, export.root, "--output", "json")
    assert result.returncode == 3
    assert str(export.path("d")) in result.stderr and message in result.stderr
    assert result.stderr.count("\n") == 1
    written = json.loads(result.stdout)["ItemsWritten"]
    assert written == len(everything(client, table)) < 230
