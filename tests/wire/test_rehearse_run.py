"""`rehearse run`: what it does with the steps of a page. No network, no real server."""

import json
import re
import shutil
import signal
import socket
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import pytest

from rehearse_bench import (  # noqa: F401 (fixtures)
    BINARY, HEALTH, ROOT, SERVER, bench, listen, lives, wait_for)


def test_steps_share_one_shell_and_a_server_of_their_own(bench):
    bench.write_page(
        ("", "greeting=hello; greet() { echo \"$greeting $1\"; }; cd /"),
        ('contains="hello there"', "greet there"),
        ("contains=/ absent=tmp", "pwd"),
        ("contains=http://127.0.0.1:4711", 'echo "$AWS_ENDPOINT_URL_DYNAMODB"'),
    )
    result = bench.run()
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[-1] == "4 passed, 0 failed, 0 not run"
    assert "[2/4] Step 2 ... ok (" in result.stdout
    assert "\x1b" not in result.stdout and "\r" not in result.stdout
    assert (bench.folder / "started").read_text().split()[1:] == [
        "serve", "--port", "0", "--in-memory"]
    assert (bench.folder / "stopped").exists()


def test_the_environment_is_ready_for_the_aws_cli(bench):
    bench.environment.update(
        AWS_PROFILE="work", AWS_SESSION_TOKEN="t", AWS_ACCESS_KEY_ID="mine", BASH_ENV="/nowhere",
        HTTP_PROXY="http://proxy:1", NO_PROXY="intranet", REHEARSEDB_DATA="/precious")
    bench.write_page(("", "env >seen"), ("contains='<--endpoint-url> <http://127.0.0.1:4711> <dynamodb>'"
                                   .replace("'", '"'),
                                   "PATH=$PWD/bin:$PATH aws dynamodb"))
    (bench.folder / "bin").mkdir()
    (bench.folder / "bin/aws").write_text("#!/bin/sh\nprintf '<%s> ' \"$@\"\n")
    (bench.folder / "bin/aws").chmod(0o755)
    assert bench.run().returncode == 0
    seen = dict(line.split("=", 1) for line in (bench.folder / "seen").read_text().splitlines()
                if "=" in line)
    assert seen["AWS_ENDPOINT_URL"] == seen["REHEARSEDB_ENDPOINT"] == "http://127.0.0.1:4711"
    assert seen["AWS_ACCESS_KEY_ID"] == seen["AWS_SECRET_ACCESS_KEY"] == "rehearsal"
    assert seen["AWS_REGION"] == seen["AWS_DEFAULT_REGION"] == "us-east-1"
    assert seen["AWS_PAGER"] == "" and seen["AWS_MAX_ATTEMPTS"] == "2"
    assert seen["NO_PROXY"] == seen["no_proxy"] == "intranet,127.0.0.1"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "BASH_ENV", "REHEARSEDB_DATA"} & seen.keys()


def test_a_page_can_use_the_tools_of_the_program_that_runs_it(bench):
    bench.environment["PATH"] = "/usr/bin:/bin"
    bench.write_page(('matches="^rehearse [0-9]"', "sh -c 'rehearse version'"),
                     ("", 'readlink -f "$(command -v rehearse)" >which'))
    assert bench.run().returncode == 0
    assert (bench.folder / "which").read_text() == f"{bench.folder / 'rehearse'}\n"


def test_a_wrong_exit_code_stops_the_run(bench):
    bench.write_page(("", "true"), ("exit=254", "echo said; (exit 3)"), ("", "touch never"))
    result = bench.run()
    assert result.returncode == 1
    assert "[2/3] Step 2 ... FAILED" in result.stdout
    assert f"at {bench.page}:9" in result.stdout
    assert "expected exit=254, got 3" in result.stdout
    assert "      said\n" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 passed, 1 failed, 1 not run"
    assert not (bench.folder / "never").exists()


def test_any_failure_may_be_expected(bench):
    bench.write_page(("exit=nonzero", "false"), ("exit=nonzero", "true"))
    result = bench.run()
    assert result.returncode == 1
    assert "expected exit=nonzero, got 0" in result.stdout


@pytest.mark.parametrize("info, line", [
    ('contains="a text"', 'expected contains="a text"'),
    ("absent=output", 'expected absent="output"'),
    ('matches="^out$"', 'expected matches="^out$"'),
])
def test_a_missing_text_fails(bench, info, line):
    bench.write_page((info, "echo output; echo more >&2"))
    result = bench.run()
    assert result.returncode == 1
    assert line in result.stdout
    assert "      output\n      more\n" in result.stdout


def test_expressions_match_within_lines(bench):
    bench.write_page(('matches="^b[0-9]+\\.c$" contains="a" absent="d" contains="b12"',
                      "printf 'a\\nb12.c\\n'"))
    assert bench.run().returncode == 0


def test_the_last_40_lines_of_a_failure_are_shown(bench):
    bench.write_page(("exit=1", "seq 1 100"))
    lines = [line.strip() for line in bench.run().stdout.splitlines()]
    assert "60" not in lines and "61" in lines and "100" in lines


def test_a_step_waits_until(bench):
    bench.write_page(('until="3 times" every=1 within=20',
                      'n=$((n + 1)); echo "$n times"; (exit $((n < 3)))'))
    begin = time.monotonic()
    result = bench.run("--report", "out")
    assert result.returncode == 0, result.stdout
    assert 2 <= time.monotonic() - begin < 15
    step = json.loads((bench.folder / "out/report.json").read_text())["steps"][0]
    assert step["tries"] == 3 and step["output"] == "3 times\n"


def test_a_step_does_not_wait_for_ever(bench):
    bench.write_page(("until=never every=1 within=2", "echo not yet"))
    result = bench.run()
    assert result.returncode == 1
    assert 'expected until="never" within 2 s' in result.stdout


def test_a_step_timeout_bounds_waiting_too(bench):
    bench.write_page(("until=never within=3600", "echo not yet"))
    begin = time.monotonic()
    assert bench.run("--step-timeout", "1").returncode == 1
    assert time.monotonic() - begin < 15


def test_a_hanging_step_is_ended_with_its_children(bench):
    bench.write_page(("", "sleep 1000 & echo $! >child; (trap '' TERM; sleep 1000) & echo $! >deaf; "
                          "sleep 1000"))
    result = bench.run("--step-timeout", "1")
    assert result.returncode == 1
    assert "not done after 1 s; ended with all it had started" in result.stdout
    for name in "child", "deaf":
        assert not lives(int((bench.folder / name).read_text()))


def test_processes_left_in_the_background_end_with_the_run(bench):
    bench.write_page(("", "sleep 1000 & echo $! >child"))
    begin = time.monotonic()
    assert bench.run().returncode == 0
    assert time.monotonic() - begin < 15
    assert not lives(int((bench.folder / "child").read_text()))


@pytest.mark.parametrize("commands", [
    "exit 3", "(sleep 1000) & exit 3", "set -e; (exit 3)", "exec bash -c 'exit 3'"])
def test_a_step_that_ends_the_shell_is_told(bench, commands):
    bench.write_page(("exit=3", commands), ("", "true"))
    result = bench.run()
    assert result.returncode == 1
    assert "the step ended the shell of the whole run (status 3)" in result.stdout
    assert result.stdout.splitlines()[-1] == "0 passed, 1 failed, 1 not run"


def test_return_ends_only_the_step(bench):
    bench.write_page(("exit=3", "return 3\ntouch never"), ("", "true"))
    assert bench.run().returncode == 0
    assert not (bench.folder / "never").exists()


def test_a_syntax_error_fails_with_the_line_of_the_page(bench):
    bench.write_page(("", "true"), ("", "true\nif then"))
    result = bench.run()
    assert result.returncode == 1
    assert "page.md: line 11: syntax error" in result.stdout


def test_steps_read_nothing_and_an_exit_trap_runs(bench):
    bench.write_page(("", "trap 'touch cleaned' EXIT"), ("exit=1", "read -r line"), ("", "cat"))
    assert bench.run().returncode == 0
    assert (bench.folder / "cleaned").exists()


def test_endless_output_is_bounded(bench):
    bench.write_page(("", "yes"))
    result = bench.run("--step-timeout", "2", "--report", "out")
    assert result.returncode == 1
    assert len(json.loads((bench.folder / "out/report.json").read_text())["steps"][0]["output"]) \
        == 4 * 1024 * 1024


def test_skipped_steps_are_shown_but_not_run(bench):
    bench.write_page(('skip="needs an account"', "touch never"), ("skip", "touch never"))
    result = bench.run()
    assert result.returncode == 0
    assert "[1/2] Step 1 ... skipped: needs an account\n" in result.stdout
    assert "[2/2] Step 2 ... skipped\n" in result.stdout
    assert not (bench.folder / "never").exists()


@pytest.mark.parametrize("arguments, expected", [
    (["--only", "2"], "2\n"), (["--only", "STEP 2"], "2\n"), (["--from", "Step 2"], "2\n3\n")])
def test_steps_can_be_chosen(bench, arguments, expected):
    bench.write_page(*(("", f"echo {number} >>ran") for number in (1, 2, 3)))
    result = bench.run(*arguments)
    assert result.returncode == 0
    assert (bench.folder / "ran").read_text() == expected
    assert result.stdout.splitlines()[-1].endswith(f"{3 - expected.count(chr(10))} not run")


def test_list_shows_the_steps_and_runs_nothing(bench):
    bench.write_page(("", "touch never"), ("skip=later", "true"))
    result = bench.run("--list")
    assert result.returncode == 0
    assert result.stdout == "  1  line 3     Step 1\n  2  line 9     Step 2  [skipped: later]\n"
    assert not (bench.folder / "started").exists() and not (bench.folder / "never").exists()


def test_verbose_shows_commands_and_output(bench):
    bench.write_page(("", "echo out"))
    assert "  $ echo out\n    out\n[1/1] ok" in bench.run("--verbose").stdout


def test_the_report_is_json_and_junit(bench):
    bench.write_page(
        ("contains=shown", "printf 'shown \\033[31m\\377\\000<&]]>\\n'"),
        ("skip=later", "true"), ('exit=2 contains="<x>"', "echo y"), ("", "true"))
    assert bench.run("--report", "deep/er").returncode == 1
    report = json.loads((bench.folder / "deep/er/report.json").read_text("utf-8"))
    assert report["runbook"] == str(bench.page)
    assert report["endpoint"] == "private rehearsedb"
    assert time.strptime(report["started"], "%Y-%m-%dT%H:%M:%SZ")
    steps = report["steps"]
    assert [step["status"] for step in steps] == ["passed", "skipped", "failed", "not run"]
    assert steps[0]["output"] == "shown \x1b[31m\ufffd?<&]]>\n"
    assert steps[2]["line"] == 15 and steps[2]["command"] == "echo y\n" and steps[2]["exit"] == 0
    assert steps[2]["expectations"] == [
        {"kind": "exit", "value": "2", "held": False},
        {"kind": "contains", "value": "<x>", "held": False}]
    assert steps[3]["exit"] is None and steps[3]["expectations"][0]["held"] is None

    suite = ElementTree.parse(bench.folder / "deep/er/junit.xml").getroot().find("testsuite")
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["4", "1", "2"]
    cases = suite.findall("testcase")
    assert cases[2].find("failure").get("message") == \
        'expected exit=2, contains="<x>"; exit status 0'
    assert cases[3].find("skipped").get("message") == "not run"
    assert (bench.folder / "deep/er/server.log").exists()


def test_a_report_that_cannot_be_written_is_told_first(bench):
    bench.write_page(("", "touch never"))
    (bench.folder / "file").write_text("")
    result = bench.run("--report", "file")
    assert result.returncode == 3
    assert "cannot write to file: Not a directory" in result.stderr
    assert not (bench.folder / "never").exists()


def test_without_a_server_nothing_runs(bench):
    (bench.folder / "rehearsedb").unlink()
    bench.environment["PATH"] = "/usr/bin:/bin"
    bench.write_page(("", "touch never"))
    result = bench.run()
    assert result.returncode == 3
    assert "neither beside rehearse nor in PATH" in result.stderr
    assert not (bench.folder / "never").exists()


def test_a_server_in_the_path_is_found(bench):
    (bench.folder / "elsewhere").mkdir()
    (bench.folder / "rehearsedb").rename(bench.folder / "elsewhere/rehearsedb")
    bench.environment["PATH"] = f"{bench.folder}/elsewhere:/usr/bin:/bin"
    bench.write_page(("", "true"))
    assert bench.run().returncode == 0


def test_a_server_that_does_not_start_is_told(bench):
    bench.write_server("#!/bin/sh\necho 'no room on the disk' >&2\nexit 3\n")
    bench.write_page(("", "true"))
    result = bench.run()
    assert result.returncode == 3
    assert "it ended with exit status 3: no room on the disk" in result.stderr


def test_a_server_that_goes_is_told(bench):
    bench.write_page(("", "kill -9 $(cut -d' ' -f1 started); sleep 0.3"))
    result = bench.run()
    assert result.returncode == 3
    assert "the private server is gone: it ended with signal 9" in result.stderr


def test_a_server_that_will_not_go_is_killed(bench):
    bench.write_server(SERVER.replace("trap 'echo", "trap '' TERM; trap 'echo", 1)
                       .replace("exit 0' TERM", "exit 0' USR1"))
    bench.write_page(("", "true"))
    begin = time.monotonic()
    assert bench.run().returncode == 0
    assert time.monotonic() - begin >= 5
    assert not lives(bench.server_id())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_everything_and_leaves_a_report(bench, number):
    bench.write_page(("", "echo $BASHPID >shell; sleep 1000 & echo $! >child; wait"), ("", "true"))
    run = bench.start("--report", "out")
    wait_for(lambda: (bench.folder / "child").exists())
    run.send_signal(number)
    output, _ = run.communicate(timeout=15)
    assert run.returncode == -number
    assert "interrupted" in output and "0 passed, 1 failed, 1 not run" in output
    for name in "shell", "child":
        assert not lives(int((bench.folder / name).read_text()))
    assert not lives(bench.server_id()) and (bench.folder / "stopped").exists()
    assert json.loads((bench.folder / "out/report.json").read_text())["steps"][0]["trouble"] \
        == "interrupted"


def test_a_killed_run_leaves_no_server(bench):
    bench.write_page(("", "echo $BASHPID >shell; sleep 2"))
    run = bench.start()
    wait_for(lambda: (bench.folder / "shell").exists())
    run.kill()
    run.communicate()
    wait_for(lambda: not lives(bench.server_id()))
    wait_for(lambda: not lives(int((bench.folder / "shell").read_text())))
    shutil.rmtree(bench.folder / "tmp")
    (bench.folder / "tmp").mkdir()


@pytest.mark.parametrize("health, control", [(HEALTH, "{url}"), (None, "none"), ({}, "none")])
def test_an_endpoint_is_used_and_recognised(bench, listen, health, control):
    listener = listen(**{"GET health": health})
    bench.environment.update(AWS_ACCESS_KEY_ID="mine", AWS_REGION="eu-west-1",
                             REHEARSEDB_ENDPOINT="http://left.over")
    expected = f"<{listener.url} mine eu-west-1 {control}>".format(url=listener.url)
    bench.write_page((f'contains="{expected}"',
                      'echo "<$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID $AWS_REGION '
                      '${REHEARSEDB_ENDPOINT:-none}>"'))
    result = bench.run("--endpoint", listener.url + "/")
    assert result.returncode == 0, result.stdout + result.stderr
    assert listener.requests[0][0] == "GET health"
    assert not (bench.folder / "started").exists()


@pytest.mark.parametrize("status, message", [(401, "Send the token"), (404, "It is off")])
def test_steps_for_rehearsedb_are_passed_over_where_its_control_surface_is_closed(
        bench, listen, status, message):
    listener = listen(**{"GET health": HEALTH, "GET clock": (status, {"message": message})})
    bench.write_page(("only=rehearsedb", "touch never"), ("", "true"))
    result = bench.run("--endpoint", listener.url, "--report", "out")
    assert result.returncode == 0, result.stdout + result.stderr
    assert not (bench.folder / "never").exists()
    assert f"the control surface is closed (HTTP status {status}: {message})" in result.stderr
    report = json.loads((bench.folder / "out/report.json").read_text())
    assert report["lacks"] == [f"states over time, reads per index, snapshots: the control surface "
                               f"is closed (HTTP status {status}: {message})"]


def test_an_endpoint_nobody_listens_on(bench):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    bench.write_page(("", "touch never"))
    result = bench.run("--endpoint", url)
    assert result.returncode == 3
    assert f"cannot reach {url}: Failed to connect to 127.0.0.1 port" in result.stderr
    assert not (bench.folder / "never").exists()


def test_aws_itself_gets_the_callers_own_settings(bench):
    for name in "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB":
        bench.environment.pop(name, None)
    bench.environment.update(AWS_PROFILE="work", REHEARSEDB_ENDPOINT="http://left.over")
    bench.write_page(('contains="<work none none none>"',
                      'echo "<$AWS_PROFILE ${AWS_ENDPOINT_URL:-none} ${AWS_MAX_ATTEMPTS:-none} '
                      '${REHEARSEDB_ENDPOINT:-none}>"; ! declare -F aws'))
    assert bench.run("--endpoint", "aws").returncode == 0


@pytest.mark.parametrize("arguments, message", [
    (["--nonsense"], "unrecognized option"),
    (["--only", "1", "--from", "1"], "exclude each other"),
    (["--only", "9"], 'no step "9"'),
    (["--from", "Nowhere"], 'no step "Nowhere"'),
    (["--step-timeout", "soon"], "--step-timeout must be"),
    (["--endpoint", "localhost:8000"], "not of the form http://HOST:PORT"),
    (["second.md"], "one runbook is needed"),
    (["--keep", "--endpoint", "aws"], "--keep is about the private server"),
    (["--data", "d", "--endpoint", "aws"], "--data is about the private server"),
])
def test_usage(bench, arguments, message):
    bench.write_page(("", "true"))
    result = bench.run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr


def test_an_unknown_annotation_names_its_line(bench):
    bench.write_page(("", "touch never"), ("contain=x", "true"))
    result = bench.run()
    assert result.returncode == 2
    assert f'{bench.page}:9: unknown annotation "contain"' in result.stderr
    assert not (bench.folder / "never").exists()


def test_a_missing_page(bench):
    result = bench.run()
    assert result.returncode == 3
    assert f"{bench.page}: No such file or directory" in result.stderr


@pytest.mark.parametrize("page", sorted((ROOT / "docs/operations").glob("*.md")), ids=lambda p: p.stem)
def test_our_own_runbooks_are_well_formed(page):
    result = subprocess.run([BINARY, "run", page, "--list"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    for commands in re.findall(r"(?ms)^```bash[^\n]*\n(.*?)^```$", page.read_text()):
        subprocess.run(["bash", "-n"], input=commands, text=True, check=True)


def test_help_and_version(bench):
    for arguments in ["--help"], ["run", "--help"]:
        result = subprocess.run([BINARY, *arguments], capture_output=True, text=True)
        assert result.returncode == 0 and result.stdout.startswith("usage: rehearse")
    assert subprocess.run([BINARY, "version"], capture_output=True, text=True).stdout \
        .startswith("rehearse ")
    assert subprocess.run([BINARY, "nonsense"], capture_output=True).returncode == 2
    assert subprocess.run([BINARY], capture_output=True).returncode == 2
