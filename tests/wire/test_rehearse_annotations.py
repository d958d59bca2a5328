"""`rehearse run`: what the annotations of a step do, beyond those of test_rehearse_run.py."""

import json
import re
import subprocess
import time

import pytest

from rehearse_bench import HEALTH, bench, listen, lives, wait_for  # noqa: F401 (fixtures)


def report_of(bench):
    return json.loads((bench.folder / "out/report.json").read_text("utf-8"))


# ---- texts and repetition ----

def test_a_forbidden_expression_fails(bench):
    bench.write_page(('mismatches="^b"', "printf 'ab\\nac\\n'"),
                     ('mismatches="^ac$"', "printf 'ab\\nac\\n'"))
    result = bench.run()
    assert result.returncode == 1
    assert "[1/2] Step 1 ... ok" in result.stdout
    assert 'expected mismatches="^ac$"' in result.stdout


def test_retry_waits_for_everything_at_once(bench):
    bench.write_page(
        ('retry within=20 contains=out absent=wait matches="^[3-9]$"',
         'n=$((n + 1)); echo out; echo $n; [ $n -gt 2 ] || echo wait; [ $n -gt 3 ]'))
    result = bench.run("--report", "out")
    assert result.returncode == 0, result.stdout
    assert report_of(bench)["steps"][0]["tries"] == 4


def test_retry_gives_up_at_its_limit(bench):
    bench.write_page(("retry within=2 exit=0", "false"))
    result = bench.run()
    assert result.returncode == 1
    assert "expected exit=0, got 1 within 2 s, tried " in result.stdout


# ---- capture ----

def test_a_captured_value_is_there_for_later_steps(bench):
    bench.write_page(
        ('capture="ARN=\\"TableArn\\": \\"([^\\"]*)\\"" capture=FIRST=[0-9]+ capture="ALL=^it.*$"',
         """echo '"TableArn": "arn:aws:x/y", 17, 18'; echo "it's \\$HOME \\"a\\"" """),
        ("contains=<arn:aws:x/y><17>",
         """printf '<%s>' "$ARN" "$FIRST"; [ "$ALL" = "it's \\$HOME \\"a\\"" ]"""))
    result = bench.run("--report", "out")
    assert result.returncode == 0, result.stdout
    assert report_of(bench)["steps"][0]["captured"] == {
        "ARN": "arn:aws:x/y", "FIRST": "17", "ALL": "it's $HOME \"a\""}


def test_a_capture_that_finds_nothing_fails(bench):
    bench.write_page(("capture=ARN=Arn:.*", "echo nothing"), ("", "touch never"))
    result = bench.run()
    assert result.returncode == 1
    assert "nothing in its output matches capture ARN=Arn:.*" in result.stdout
    assert not (bench.folder / "never").exists()


def test_a_captured_value_stays_out_of_a_read_only_variable(bench):
    bench.write_page(("", "readonly FIXED=1"), ("capture=FIXED=.+", "echo 2"))
    result = bench.run()
    assert result.returncode == 1
    assert "the shell does not set the variable FIXED" in result.stdout


# ---- background ----

def test_a_background_step_runs_until_a_later_step(bench):
    bench.write_page(
        ("", "word=hello; say() { echo \"$word from $1\"; }"),
        ('background="step 4" contains="hello from behind" absent=never',
         "say behind; echo $BASHPID >pid; while :; do sleep 0.05; done"),
        ("", "until [ -s pid ]; do sleep 0.02; done; kill -0 $(cat pid)"),
        ("exit=nonzero", "kill -0 $(cat pid)"))
    result = bench.run("--report", "out")
    assert result.returncode == 0, result.stdout
    assert "[2/4] Step 2 ... in the background\n" in result.stdout
    lines = result.stdout.splitlines()
    assert lines[4].startswith("[2/4] Step 2 ... ok (") and lines[5].startswith("[4/4] Step 4 ")
    assert lines[-1] == "4 passed, 0 failed, 0 not run"
    step = report_of(bench)["steps"][1]
    assert step["background"] and step["output"] == "hello from behind\n"


def test_a_background_step_is_judged_at_its_end(bench):
    bench.write_page(("background contains=missing", "echo there; sleep 1000"), ("", "sleep 0.3"))
    result = bench.run()
    assert result.returncode == 1
    assert 'expected contains="missing"' in result.stdout and "      there\n" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 passed, 1 failed, 0 not run"


def test_a_background_step_that_dies_is_told_at_once(bench):
    bench.write_page(("background", "sleep 0.5; echo cannot go on; exit 7"), ("", "sleep 1000"),
                     ("", "touch never"))
    begin = time.monotonic()
    result = bench.run()
    assert result.returncode == 1
    assert time.monotonic() - begin < 20
    assert 'stopped, because the step "Step 1" in the background has ended' in result.stdout
    assert "it ended by itself with exit status 7" in result.stdout
    assert "      cannot go on\n" in result.stdout
    assert not (bench.folder / "never").exists()


def test_a_background_step_that_dies_at_its_start_is_told(bench):
    bench.write_page(("background", "exit 9"), ("", "sleep 0.5; touch never"))
    result = bench.run()
    assert result.returncode == 1
    assert "it ended by itself with exit status 9" in result.stdout


def test_a_background_step_may_say_how_it_ends(bench):
    bench.write_page(
        ("background exit=0 contains=sum", "trap 'echo sum; exit 0' TERM; while :; do sleep 0.05; done"),
        ("background exit=3", "exit 3"), ("", "sleep 0.5"))
    result = bench.run()
    assert result.returncode == 0, result.stdout
    bench.write_page(("background exit=3", "exit 4"), ("", "sleep 1000"))
    result = bench.run()
    assert result.returncode == 1
    assert "it ended by itself with exit status 4" in result.stdout


def test_the_variables_of_a_background_step_are_its_own(bench):
    bench.write_page(("background", "word=changed; sleep 1000"),
                     ("contains=<>", 'sleep 0.2; echo "<$word>"'))
    assert bench.run().returncode == 0


def test_wait_does_not_wait_for_the_background(bench):
    bench.write_page(("background", "sleep 1000"), ("", "sleep 0.1 & wait"))
    assert bench.run("--step-timeout", "10").returncode == 0


def test_a_failure_ends_the_background_unjudged(bench):
    bench.write_page(("background contains=late", "echo $BASHPID >pid; sleep 1000"),
                     ("", "until [ -s pid ]; do sleep 0.02; done; false"), ("", "true"))
    result = bench.run("--report", "out")
    assert result.returncode == 1
    assert "ended with the run, before its time" in result.stdout
    assert result.stdout.splitlines()[-1] == "0 passed, 1 failed, 2 not run"
    assert not lives(int((bench.folder / "pid").read_text()))
    assert report_of(bench)["steps"][0]["status"] == "not run"


def test_the_limit_of_a_step_leaves_the_background_alone(bench):
    bench.write_page(("background", "echo $BASHPID >pid; sleep 1000"),
                     ("", "until [ -s pid ]; do sleep 0.02; done; sleep 1000"))
    result = bench.run("--step-timeout", "1")
    assert result.returncode == 1
    assert "ended by itself" not in result.stdout
    assert not lives(int((bench.folder / "pid").read_text()))


# ---- what gets away ----

DAEMON = ("(setsid bash -c 'echo $BASHPID >daemon; trap \"\" TERM HUP; "
          "while :; do sleep 0.1; done' >/dev/null 2>&1 &) ; until [ -s daemon ]; do sleep 0.02; done")


def test_a_daemon_ends_with_the_run(bench):
    bench.write_page(("", DAEMON), ("", "kill -0 $(cat daemon)"))
    assert bench.run().returncode == 0
    assert not lives(int((bench.folder / "daemon").read_text()))
    assert (bench.folder / "stopped").exists(), "the server is no orphan"


def test_a_daemon_of_a_hanging_step_ends_with_it(bench):
    bench.write_page(("", DAEMON + "; sleep 1000"))
    assert bench.run("--step-timeout", "1").returncode == 1
    assert not lives(int((bench.folder / "daemon").read_text()))


def test_a_daemon_of_the_background_ends_with_the_run(bench):
    bench.write_page(("background", DAEMON + "; sleep 1000"),
                     ("", "until [ -s daemon ]; do sleep 0.02; done"))
    assert bench.run().returncode == 0
    assert not lives(int((bench.folder / "daemon").read_text()))


# ---- only, always ----

def test_a_step_for_aws_is_left_out_elsewhere(bench):
    bench.write_page(("only=aws", "touch never"), ("only=rehearsedb", "echo here"))
    result = bench.run("--report", "out")
    assert result.returncode == 0
    assert "[1/2] Step 1 ... skipped: only for AWS\n" in result.stdout
    assert "[2/2] Step 2 ... ok" in result.stdout
    assert not (bench.folder / "never").exists()
    assert {"kind": "Not rehearsed", "expected": False,
            "text": '1 step only for AWS was not run, first "Step 1"'} in report_of(bench)["warnings"]


def test_a_step_for_rehearsedb_is_left_out_on_aws(bench):
    bench.write_page(("only=aws", "echo there"), ("only=rehearsedb", "touch never"))
    result = bench.run("--endpoint", "aws")
    assert result.returncode == 0
    assert "[2/2] Step 2 ... skipped: only for rehearsedb\n" in result.stdout
    assert not (bench.folder / "never").exists()


@pytest.mark.parametrize("option", ["--from", "--only"])
def test_steps_that_define_things_are_always_run(bench, option):
    bench.write_page(("always", "word=defined"), ("", "touch never"),
                     ("contains=defined", "echo $word"), ("always skip", "true"))
    result = bench.run(option, "3")
    assert result.returncode == 0, result.stdout
    assert not (bench.folder / "never").exists()


# ---- snapshots ----

def surface(listen, **more):
    return listen(**{"GET health": HEALTH, **more})


def test_a_snapshot_is_taken_before_its_step(bench, listen):
    server = surface(listen, **{"POST snapshots": {}})
    bench.write_page(("", "true"), ("snapshot", 'curl -s "$REHEARSEDB_ENDPOINT/_rehearsedb/step"'),
                     ("snapshot=named", "true"))
    assert bench.run("--endpoint", server.url).returncode == 0
    calls = [call for call in server.requests if "snapshots" in call[0] or "step" in call[0]]
    assert [name for name, _ in calls] == ["POST snapshots", "GET step", "POST snapshots"]
    assert [json.loads(body) for _, body in (calls[0], calls[2])] == [
        {"Name": "step-2", "Replace": True}, {"Name": "named", "Replace": True}]


def test_without_snapshots_the_run_goes_on_and_says_so(bench, listen):
    server = surface(listen)
    bench.write_page(("snapshot", "true"), ("snapshot", "true"))
    assert bench.run("--endpoint", server.url, "--report", "out").returncode == 0
    lacks = [lack for lack in report_of(bench)["lacks"] if lack.startswith("snapshots: ")]
    assert len(lacks) == 1


def test_a_snapshot_that_fails_fails_its_step(bench, listen):
    server = surface(listen, **{"POST snapshots": (500, {"message": "disk full"})})
    bench.write_page(("snapshot", "touch never"))
    result = bench.run("--endpoint", server.url)
    assert result.returncode == 1
    assert "cannot take the snapshot step-1: HTTP status 500: disk full" in result.stdout
    assert not (bench.folder / "never").exists()


def test_from_goes_back_to_the_snapshot(bench, listen):
    server = surface(listen, **{"POST snapshots/step-2/restore": {}, "POST snapshots": {}})
    bench.write_page(("", "touch never"), ("snapshot", "true"), ("snapshot", "true"))
    result = bench.run("--endpoint", server.url, "--from", "Step 2")
    assert result.returncode == 0
    assert "went back to the snapshot step-2\n" in result.stdout
    taken = [json.loads(body)["Name"] for name, body in server.requests
             if name == "POST snapshots"]
    assert taken == ["step-3"], "the restored one is not taken again"


UNKNOWN = (400, {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
                 "message": "There is no snapshot step-2"})


@pytest.mark.parametrize("reply", [UNKNOWN, None])
def test_from_without_a_snapshot_goes_on_with_what_is_there(bench, listen, reply):
    server = surface(listen, **{"POST snapshots/step-2/restore": reply})
    bench.write_page(("", "touch never"), ("snapshot", "true"))
    result = bench.run("--endpoint", server.url, "--from", "Step 2")
    assert result.returncode == 0
    assert "there is no snapshot step-2 to go back to: the data are as they are\n" in result.stdout


def test_from_with_a_snapshot_that_cannot_be_used_runs_nothing(bench, listen):
    server = surface(listen, **{"POST snapshots/step-1/restore": (500, {"message": "corrupt"})})
    bench.write_page(("snapshot", "touch never"))
    result = bench.run("--endpoint", server.url, "--from", "1")
    assert result.returncode == 3
    assert "cannot go back to the snapshot step-1: HTTP status 500: corrupt" in result.stderr
    assert not (bench.folder / "never").exists()


# ---- what stays ----

def test_keep_leaves_the_server(bench):
    bench.write_page(("", "true"))
    result = bench.run("--keep")
    assert result.returncode == 0
    server = bench.server_id()
    assert f"kept: http://127.0.0.1:4711, process {server}, data in memory\n" in result.stdout
    assert lives(server) and not (bench.folder / "stopped").exists()
    end = next(line for line in result.stdout.splitlines() if "end it:" in line)
    bench.shell(end.split("end it:")[1])
    wait_for(lambda: not lives(server))


def test_what_keep_says_for_a_look_can_be_run_without_an_account(bench):
    bench.write_page(("", "true"))
    (bench.folder / "bin").mkdir()
    (bench.folder / "bin/aws").write_text('#!/bin/sh\necho "$AWS_ACCESS_KEY_ID $*"\n')
    (bench.folder / "bin/aws").chmod(0o755)
    said = bench.run("--keep").stdout
    look = re.search(r"(?s)  look: (.*)  go on:", said).group(1)
    seen = subprocess.run(["bash", "-c", look], capture_output=True, text=True,
                          env={"PATH": f"{bench.folder}/bin:/usr/bin:/bin"}).stdout
    assert seen == ("rehearsal dynamodb list-tables --region us-east-1 "
                    "--endpoint-url http://127.0.0.1:4711\n")
    bench.shell(re.search(r"end it: (.*)", said).group(1))


def test_keep_leaves_the_server_of_a_failed_run(bench):
    bench.write_page(("", "false"))
    result = bench.run("--keep")
    assert result.returncode == 1
    assert lives(bench.server_id())
    end = next(line for line in result.stdout.splitlines() if "end it:" in line)
    bench.shell(end.split("end it:")[1])
    wait_for(lambda: not lives(bench.server_id()))


def test_data_are_kept_where_they_are_wanted(bench):
    bench.write_page(("", "true"))
    assert bench.run("--data", "kept").returncode == 0
    assert (bench.folder / "started").read_text().split()[1:] == [
        "serve", "--port", "0", "--data", "kept"]


def test_temporary_files_do_not_stay(bench):
    bench.write_page(("", "mktemp -d; touch $TMPDIR/file"))
    assert bench.run().returncode == 0  # the fixture looks for leftovers
