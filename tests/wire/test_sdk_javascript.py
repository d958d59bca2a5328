"""The AWS SDK for JavaScript v3: runs sdk_javascript.mjs, one Python test for each of its tests."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

FOLDER = pathlib.Path(__file__).resolve().parent
SCRIPT = FOLDER / "sdk_javascript.mjs"
NAMES = re.findall(r'^ *test\("(.+)", async', SCRIPT.read_text(), re.MULTILINE)

pytestmark = pytest.mark.skipif(
    os.environ.get("WIRE_WITHOUT_NODE") == "1", reason="WIRE_WITHOUT_NODE=1")


@pytest.fixture(scope="module")
def results(endpoint):
    """The script's report: each test's name with "ok" or "not ok", and the whole text."""
    assert shutil.which("node"), "no node here; without it, say WIRE_WITHOUT_NODE=1"
    assert (FOLDER / "node_modules").is_dir(), \
        "the SDK is not installed: npm ci --prefix tests/wire; or say WIRE_WITHOUT_NODE=1"
    variables = {"NO_PROXY": "127.0.0.1,localhost"}
    if endpoint is not None:
        variables["WIRE_ENDPOINT"] = endpoint
    result = subprocess.run(
        ["node", "--test-reporter=tap", "--test", SCRIPT], env={**os.environ, **variables},
        capture_output=True, text=True, timeout=3600 if endpoint is None else 120)
    report = result.stdout + result.stderr
    lines = re.findall(r"^ *(ok|not ok) \d+ - (.*?)(?: # .*)?$", result.stdout, re.MULTILINE)
    return {name: status for status, name in lines}, report


@pytest.mark.parametrize("name", NAMES)
def test_javascript(results, name):
    statuses, report = results
    assert statuses.get(name) == "ok", report


def test_every_test_of_the_script_is_known_here(results):
    statuses, report = results
    assert len(NAMES) == len(set(NAMES)) >= 8
    assert set(NAMES) <= statuses.keys(), report
    assert "not ok" not in statuses.values(), report
