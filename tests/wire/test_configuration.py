"""The program from outside: its flags, its variables, how it starts, refuses and ends."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request

import pytest

import serving

FLAGS = ["host", "port", "data", "in-memory", "profile", "table-create-ms",
         "table-create-indexed-ms", "table-update-ms", "table-delete-ms", "index-allocate-ms",
         "index-backfill-ms", "index-update-ms", "index-delete-ms", "billing-provisioned-ms",
         "billing-on-demand-ms", "billing-return-ms", "stream-update-ms", "table-class-ms",
         "encryption-ms", "warm-throughput-ms", "protection-pause-ms", "tags-update-ms",
         "ttl-update-ms", "ttl-pause-ms", "ttl-sweep-ms", "insights-update-ms",
         "backups-enable-ms", "policy-update-ms", "policy-pause-ms", "kinesis-enable-ms",
         "kinesis-update-ms", "stack-step-ms", "cfn-other-resources",
         "cfn-wait-for-index", "item-count-refresh-ms", "throttle", "index-lag",
         "threads", "map-size", "region", "wording", "isolate", "control-token"]


def run(*arguments, **variables):
    """Runs the program to its end."""
    return subprocess.run(
        [serving.BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=20,
        env=serving.clean_environment(**variables))


def refuses(result, status, *words):
    """Ended with the status, nothing on stdout and one line that says why."""
    assert (result.returncode, result.stdout) == (status, "")
    assert result.stderr.startswith("rehearsedb: ") and result.stderr.count("\n") == 1
    for word in words:
        assert str(word) in result.stderr
    return True


def health(server):
    with urllib.request.urlopen(server.url + "/_rehearsedb/health", timeout=5) as reply:
        return json.loads(reply.read())


# --- words only -------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["health", "--help"],
                                       ["serve", "--port", "0", "--help"]])
def test_help_names_every_command_and_flag(arguments):
    result = run(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("rehearsedb ")
    for command in "[serve]", "health [--endpoint URL]", "version":
        assert f"rehearsedb {command}" in result.stdout
    assert re.findall(r"^  --([a-z-]+)", result.stdout, re.MULTILINE) == FLAGS
    assert all(len(line) <= 100 for line in result.stdout.splitlines())


def test_version_is_one_line_and_the_same_everywhere(start_server):
    for arguments in ["version"], ["--version"]:
        result = run(*arguments)
        assert (result.returncode, result.stderr) == (0, "")
        assert re.fullmatch(r"rehearsedb \d+\.\d+\.\d+\n", result.stdout)
    server = start_server("--in-memory")
    assert server.banner.startswith(result.stdout.strip() + " ")
    assert health(server)["Version"] == result.stdout.split()[1]


# --- flags and variables ----------------------------------------------------------------------


@pytest.mark.parametrize("arguments, words", [
    (["version", "extra"], ["usage: rehearsedb version"]),
    (["--nonsense"], ["unknown argument '--nonsense'", "--help"]),
    (["serve", "extra"], ["unknown argument 'extra'"]),
    (["sevre"], ["unknown argument 'sevre'"]),
    (["--port"], ["--port needs a value"]),
    (["--port", "many"], ["--port: 'many' is not allowed", "from 0 to 65535"]),
    (["--port=65536"], ["--port: '65536' is not allowed"]),
    (["--port", "-1"], ["--port: '-1' is not allowed"]),
    (["--profile", "slow"], ["'slow' is not allowed", "brisk, instant, real"]),
    (["--in-memory=maybe"], ["--in-memory: 'maybe' is not allowed"]),
    (["--in-memory", "--data", "somewhere"], ["exclude each other", "somewhere"]),
    (["--map-size", "1GB"], ["--map-size: '1GB' is not allowed", "KiB, MiB or GiB"]),
    (["--map-size", "1MiB"], ["--map-size: '1MiB' is not allowed", "from 16MiB"]),
    (["--threads", "0"], ["--threads: '0' is not allowed"]),
    (["--table-create-ms", "1s"], ["--table-create-ms: '1s' is not allowed", "milliseconds"]),
    (["--host", ""], ["--host: '' is not allowed"]),
    (["-port", "8000"], ["unknown argument '-port'"]),
])
def test_a_wrong_flag_ends_it_with_2(arguments, words):
    assert refuses(run(*arguments), 2, *words)


@pytest.mark.parametrize("name, value", [
    ("REHEARSEDB_PORT", "x"), ("REHEARSEDB_PROFILE", "slow"), ("REHEARSEDB_MAP_SIZE", "little"),
    ("REHEARSEDB_IN_MEMORY", "maybe"), ("REHEARSEDB_INDEX_BACKFILL_MS", "-5")])
def test_a_wrong_variable_ends_it_with_2_and_is_named(name, value):
    assert refuses(run("serve", **{name: value}), 2, f"{name}: '{value}' is not allowed")


def test_a_variable_sets_what_no_flag_sets(start_server):
    variables = {"REHEARSEDB_PROFILE": "real", "REHEARSEDB_IN_MEMORY": "true",
                 "REHEARSEDB_REGION": "mars-north-1"}
    server = start_server(environment=variables)
    assert "profile real, in memory" in server.banner
    with urllib.request.urlopen(server.url, timeout=5) as reply:
        assert reply.read() == b"healthy: dynamodb.mars-north-1.amazonaws.com "
    server = start_server("--profile", "instant", environment=variables)
    assert "profile instant, in memory" in server.banner


def test_a_data_flag_beats_an_in_memory_variable(start_server, tmp_path):
    server = start_server("--data", tmp_path / "data",
                          environment={"REHEARSEDB_IN_MEMORY": "true"})
    assert f"(profile brisk, durable, data in {tmp_path / 'data'}, " in server.banner


def test_the_port_is_the_one_asked_for(start_server):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = start_server("--in-memory", port=port)
    assert server.url == f"http://127.0.0.1:{port}"
    assert health(server)["Status"] == "ok"


@pytest.mark.parametrize("host, shown", [
    ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("::1", "[::1]")])
def test_the_banner_is_one_line_that_says_where_and_how(start_server, host, shown):
    if ":" in host:
        try:
            socket.create_server((host, 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("no IPv6 here")
    server = start_server("--in-memory", "--host", host)
    assert re.fullmatch(
        r"rehearsedb \d+\.\d+\.\d+ listening on http://" + re.escape(shown) +
        r":\d+ \(profile brisk, in memory, tables shared by all callers\)\n", server.banner)
    assert server.stop() == 0
    assert server.messages() == ""


def test_the_banner_tells_of_throttling(start_server):
    server = start_server("--in-memory", "--throttle")
    assert "(profile brisk, throttling, in memory, " in server.banner


def test_profiles_decide_how_long_a_table_takes(start_server, table_name):
    schema = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
              "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
              "BillingMode": "PAY_PER_REQUEST"}
    for flags, status in ((["--profile", "instant"], "ACTIVE"),
                          (["--profile", "real"], "CREATING"),
                          (["--profile", "real", "--table-create-ms", "0"], "ACTIVE"),
                          (["--profile", "instant", "--table-create-ms", "60000"], "CREATING")):
        client = serving.connect(start_server("--in-memory", *flags).url)
        client.create_table(TableName=table_name, **schema)
        assert client.describe_table(TableName=table_name)["Table"]["TableStatus"] == status


# --- what it cannot use -----------------------------------------------------------------------


def test_a_port_in_use_ends_it_with_3(start_server):
    port = start_server("--in-memory").port
    assert refuses(run("--in-memory", "--port", port), 3,
                   f"cannot listen on 127.0.0.1 port {port}: Address already in use", "--port")


@pytest.mark.parametrize("host, words", [
    ("example", ["cannot listen on 'example': not a numeric address", "--host"]),
    ("192.0.2.1", ["cannot listen on 192.0.2.1", "--host"])])
def test_a_host_that_is_not_here_ends_it_with_3(host, words):
    assert refuses(run("--in-memory", "--port", 0, "--host", host), 3, *words)


def test_data_below_nothing_ends_it_with_3_and_makes_nothing(tmp_path):
    data = tmp_path / "missing/data"
    assert refuses(run("--port", 0, "--data", data), 3, data, "No such file or directory",
                   "make the directory above it first")
    assert list(tmp_path.iterdir()) == []


def test_data_below_a_file_ends_it_with_3(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    for data in tmp_path / "file", tmp_path / "file/data":
        assert refuses(run("--port", 0, "--data", data), 3, data, "Not a directory")
    assert (tmp_path / "file").read_text() == "not a folder"


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None,
                    reason="only root can become somebody else")
def test_data_that_another_user_owns_ends_it_with_3(tmp_path):
    for folder in tmp_path, *tmp_path.parents[:2]:
        folder.chmod(0o755)
    shutil.copy(serving.BINARY, tmp_path / "rehearsedb")
    (tmp_path / "data").mkdir(mode=0o755)
    result = subprocess.run(
        ["setpriv", "--reuid", "65534", "--clear-groups", tmp_path / "rehearsedb", "--port", "0",
         "--data", tmp_path / "data"], capture_output=True, text=True, timeout=20,
        env=serving.clean_environment())
    assert refuses(result, 3, tmp_path / "data", "Permission denied",
                   "make it writable for user id 65534")


def test_data_that_another_server_uses_ends_it_with_3(start_server, tmp_path):
    server = start_server("--data", tmp_path / "data")
    assert refuses(run("--port", 0, "--data", tmp_path / "data"), 3, tmp_path / "data",
                   "in use by another")
    assert health(server)["Status"] == "ok"
    assert server.stop() == 0
    assert start_server("--data", tmp_path / "data").stop() == 0


def test_data_that_is_not_ours_is_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    for name in "data.mdb", "rehearsedb.mdb":
        (tmp_path / "data" / name).write_bytes(b"somebody's letters\n" * 1000)
    result = run("--port", 0, "--data", tmp_path / "data")
    assert refuses(result, 3, tmp_path / "data")
    for name in "data.mdb", "rehearsedb.mdb":
        assert (tmp_path / "data" / name).read_bytes() == b"somebody's letters\n" * 1000


# --- its life ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("durable", [False, True])
def test_a_signal_ends_it_with_0(start_server, tmp_path, number, durable):
    server = start_server(*(["--data", tmp_path / "data"] if durable else ["--in-memory"]))
    assert server.stop(number) == 0
    assert server.messages() == ""


def test_health_is_a_command_for_scripts(start_server):
    server = start_server("--in-memory")
    for result in (run("health", "--endpoint", server.url),
                   run("health", f"--endpoint={server.url}/"),
                   run("health", REHEARSEDB_PORT=str(server.port))):
        assert (result.returncode, result.stderr) == (0, "")
    server.stop()
    assert refuses(run("health", "--endpoint", server.url), 3, server.url, "Connection refused")


@pytest.mark.parametrize("arguments, status, words", [
    (["--endpoint"], 2, ["usage: rehearsedb health"]),
    (["--verbose"], 2, ["usage: rehearsedb health"]),
    (["--endpoint", "localhost:8000"], 3, ["'localhost:8000' is no endpoint", "http://"]),
])
def test_health_needs_an_endpoint(arguments, status, words):
    assert refuses(run("health", *arguments), status, *words)


def test_health_waits_for_no_answer_but_not_for_ever():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        assert refuses(run("health", "--endpoint", url), 3, url, "no answer within 2 s")


# --- the control surface of an address that others can reach ----------------------------------


def test_the_control_surface_is_off_for_others_without_a_token(start_server):
    server = start_server("--in-memory", "--host", "0.0.0.0")
    control = serving.Control(f"http://127.0.0.1:{server.port}")
    status, reply = control.call("GET", "tables/any")
    assert status == 404 and "--control-token" in reply["message"]
    assert control.call("GET", "health")[0] == 200


def test_a_token_opens_it(start_server):
    server = start_server("--in-memory", "--host", "0.0.0.0", "--control-token", "secret")
    url = f"http://127.0.0.1:{server.port}"
    serving.connect(url).create_table(
        TableName="orders", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    control = serving.Control(url)
    assert control.call("GET", "tables/orders")[0] == 401
    for token, status in ("wrong!", 401), ("secret", 200):
        control.opener.addheaders = [("Authorization", f"Bearer {token}")]
        assert control.call("GET", "tables/orders")[0] == status
