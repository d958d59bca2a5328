"""`rehearse run --report`: the files, and the page as a browser shows it."""

import html.parser
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from rehearse_bench import Story, bench, listen, story  # noqa: F401 (fixtures)

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(html.parser.HTMLParser):
    """A page's elements: they must nest, and nothing may be fetched from anywhere."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.ids = set()
        self.links = []
        self.texts = {}
        self.elements = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        assert tag not in {"script", "link", "img", "iframe", "object"}
        assert "src" not in attributes
        self.elements.append((tag, attributes))
        if "id" in attributes:
            assert attributes["id"] not in self.ids
            self.ids.add(attributes["id"])
        if "href" in attributes:
            self.links.append(attributes["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data

    def of_class(self, name):
        return [tag for tag, attributes in self.elements
                if name in (attributes.get("class") or "").split()]


def page_of(bench):
    return Page((bench.folder / "out/index.html").read_text("utf-8"))


def write_story(bench):
    """A migration in ten steps: created, read too early, switched, deleted while it is read."""
    bench.write_page(
        ("", Story.SHELL),
        ("", "tell CALL Operation=CreateTable; tell STATE To=CREATING;"
             "tell STATE IndexName=by-user To=CREATING; sleep 0.3; tell STATE To=ACTIVE;"
             "tell STATE IndexName=by-user To=ACTIVE; use by-user 10"),
        ("", "tell STATE IndexName=by-user-v2 To=ALLOCATING; sleep 0.3;"
             "tell STATE IndexName=by-user-v2 To=BACKFILLING"),
        ("exit=1", "tell REFUSAL Operation=Query IndexName=by-user-v2 Error=ValidationException "
                   "'Message=Cannot read from backfilling global secondary index: by-user-v2'; false"),
        ("", "tell REFUSAL Operation=Query Error=ValidationException "
             "'Message=Cannot read from backfilling global secondary index: by-user-v3 <&>'"),
        ("", "tell FAULT Operation=PutItem Error=ThrottlingException"),
        ("", "tell STATE IndexName=by-user-v2 To=ACTIVE; use by-user-v2 6"),
        ("", "tell STATE IndexName=by-user To=DELETING; use by-user 2"),
        ("", "tell STATE IndexName=by-user; tell STATE"),
        ("only=aws", "touch never"),
        ("contains='<x>'".replace("'", '"'), "printf '\\033[31m<b>\\377</b>\\n'"))


def test_the_report_tells_what_the_server_told(bench, story):
    story.skipped = 3
    write_story(bench)
    result = bench.run("--endpoint", story.url, "--report", "out")
    assert result.returncode == 1, result.stdout + result.stderr
    report = json.loads((bench.folder / "out/report.json").read_text("utf-8"))
    assert report["version"] == "9.9" and report["profile"] == "brisk"
    states = [(event.get("index"), event.get("state")) for event in report["timeline"]
              if event["kind"] == "STATE"]
    assert states == [(None, "CREATING"), ("by-user", "CREATING"), (None, "ACTIVE"),
                      ("by-user", "ACTIVE"), ("by-user-v2", "ALLOCATING"),
                      ("by-user-v2", "BACKFILLING"), ("by-user-v2", "ACTIVE"),
                      ("by-user", "DELETING"), ("by-user", None), (None, None)]
    times = [event["at_ms"] for event in report["timeline"]]
    assert times == sorted(times) and 0 <= times[0] and times[-1] <= report["duration_ms"]
    reads = {}
    for use in report["uses"]:
        assert use["from_ms"] <= use["to_ms"]
        reads[use["index"]] = reads.get(use["index"], 0) + use["reads"]
    assert reads == {"by-user": 12, "by-user-v2": 6}
    warnings = [(warning["kind"], warning["expected"]) for warning in report["warnings"]]
    assert warnings == [
        ("Read too early", True), ("Read too early", False), ("Read while it was deleted", False),
        ("Items left out", False), ("Not rehearsed", False)]
    assert "by-user was read 2 times" in report["warnings"][2]["text"]
    assert report["warnings"][3]["text"].startswith("3 items of approvals cannot be in by-user-v2")
    assert report["lacks"] == []


def test_items_that_were_left_out_for_a_while_are_told_as_mended(bench, story):
    story.skipped = 4

    def mend(*_):
        story.skipped = 0
        return {}

    story.server.replies["GET mend"] = mend
    bench.write_page(("", Story.SHELL), ("", "tell STATE To=ACTIVE"),
                     ("", 'curl -sS -f "$REHEARSEDB_ENDPOINT/_rehearsedb/mend"'))
    assert bench.run("--endpoint", story.url, "--report", "out").returncode == 0
    report = json.loads((bench.folder / "out/report.json").read_text("utf-8"))
    assert report["warnings"] == [{
        "kind": "Items left out", "expected": True,
        "text": "4 items of approvals could not be in by-user-v2: a key attribute of the index was "
                "missing or of another type; in the end none was left out"}]


def test_the_page_shows_it(bench, story):
    write_story(bench)
    bench.run("--endpoint", story.url, "--report", "out")
    page = page_of(bench)
    assert {f"step-{number}" for number in range(1, 12)} <= page.ids
    assert {link for link in page.links} <= {f"#{name}" for name in page.ids}
    assert "\ufffd[31m<b>\ufffd</b>\n" in page.texts["pre"]
    for name, count in {"refusal": 3, "fault": 2, "creating": 4, "filling": 2, "deleting": 2}.items():
        assert len(page.of_class(name)) == count, name  # one of each is the key
    assert "by-user-v3 <&>" in page.texts["title"]
    assert page.texts["h2"].startswith("Over time")
    assert [tag for tag, attributes in page.elements if tag == "details" and "open" in attributes] \
        == ["details"], "the failed step alone is open"


def test_without_a_control_surface_the_report_says_so(bench, listen):
    server = listen()
    bench.write_page(("", "true"))
    assert bench.run("--endpoint", server.url, "--report", "out").returncode == 0
    report = json.loads((bench.folder / "out/report.json").read_text())
    assert report["lacks"] == [
        "states over time, reads per index, snapshots: the endpoint is not rehearsedb"]
    assert "the endpoint is not rehearsedb" in page_of(bench).texts["li"]


def test_a_server_that_falls_silent_is_asked_no_more(bench, story):
    bench.write_page(("", Story.SHELL), ("", "tell STATE To=ACTIVE"), ("", "echo quiet"))
    story.server.replies["GET timeline"] = (500, {"message": "no more"})
    assert bench.run("--endpoint", story.url, "--report", "out").returncode == 0
    report = json.loads((bench.folder / "out/report.json").read_text())
    assert report["lacks"] == [
        "states over time, reads per index: HTTP status 500: no more"]


def test_a_moved_clock_does_not_move_the_picture(bench, story):
    story.clock_offset_s = 86400
    bench.write_page(("", Story.SHELL), ("", "tell STATE To=ACTIVE; sleep 0.2; tell STATE"))
    assert bench.run("--endpoint", story.url, "--report", "out").returncode == 0
    report = json.loads((bench.folder / "out/report.json").read_text())
    times = [event["at_ms"] for event in report["timeline"]]
    assert len(times) == 2 and times[0] <= times[1] <= report["duration_ms"]


# ---- two runs ----

RANDOM = """
echo "$AWS_ENDPOINT_URL $(mktemp)"; folder=$(mktemp -d); echo "$folder/x $folder"
cat /proc/sys/kernel/random/uuid; id=$(cat /proc/sys/kernel/random/uuid); echo "$id $id"
nonsense
"""


def without_times(name, text):
    if name == "report.json":
        return re.sub(r'("(?:began_ms|duration_ms|at_ms|from_ms|to_ms|tries)": )[0-9]+', r"\1N",
                      re.sub(r'"started": "[^"]+"', "", text))
    if name == "junit.xml":
        return re.sub(r' (time|timestamp)="[^"]+"', "", text)
    return re.sub(r"(?s)<svg.*?</svg>|<time>.*?</time>", "", text)


def test_two_runs_differ_in_nothing_but_times(bench):
    bench.write_page(("contains=command", RANDOM.strip() + "\ntrue"),
                     ('capture="NAME=(.+)" until=a', "mktemp; echo a"),
                     ("background contains=tmp", "mktemp; nothing; sleep 1000"), ("", "sleep 0.2"))
    # Another port each time, as a real server would have.
    runs = []
    for port in (4711, 4712):
        server = bench.folder / "rehearsedb"
        server.write_text(server.read_text().replace("4711", str(port)))
        assert bench.run("--report", "out").returncode == 0
        runs.append({name: (bench.folder / "out" / name).read_text("utf-8")
                     for name in ("report.json", "junit.xml", "index.html")})
    for name, text in runs[0].items():
        assert without_times(name, text) == without_times(name, runs[1][name]), name
    output = json.loads(runs[0]["report.json"])["steps"][0]["output"]
    assert output == (
        "http://127.0.0.1:PORT TMPDIR/tmp.1\nTMPDIR/tmp.2/x TMPDIR/tmp.2\n"
        "00000000-0000-0000-0000-000000000001\n"
        "00000000-0000-0000-0000-000000000002 00000000-0000-0000-0000-000000000002\n"
        "page.md: line 6: nonsense: command not found\n")
    assert "page.md: line 19: nothing: command not found" in \
        json.loads(runs[0]["report.json"])["steps"][2]["output"]


# ---- other readers ----

@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed")
def test_junit_is_well_formed_for_libxml(bench):
    bench.write_page(("exit=1", "printf '<&>\\001\\033]]>\\377'; false"), ("", "false"))
    assert bench.run("--report", "out").returncode == 1
    subprocess.run(["xmllint", "--noout", bench.folder / "out/junit.xml"], check=True)
    assert ElementTree.parse(bench.folder / "out/junit.xml").getroot().tag == "testsuites"


CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [390, 1200])
def test_a_browser_shows_the_page(bench, story, tmp_path, width):
    write_story(bench)
    bench.run("--endpoint", story.url, "--report", "out")
    page = bench.folder / "out/index.html"
    # The page runs no script; what it measures is asked for by one that is added here.
    measured = tmp_path / "measured.html"
    measured.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "",
                               page.read_text("utf-8")).replace("</body>", """<script>
const box = element => element.getBoundingClientRect();
document.title = JSON.stringify({
  overflow: document.documentElement.scrollWidth - innerWidth,
  picture: box(document.querySelector('svg')).height,
  bands: [...document.querySelectorAll('.state rect')].filter(band => box(band).width > 0).length,
  columns: [...document.querySelectorAll('rect[class^=hue] > title')].length,
  colour: getComputedStyle(document.querySelector('.state.filling rect')).fill,
  open: [...document.querySelectorAll('details[open]')].map(step => step.id)});
</script></body>"""), "utf-8")
    dump = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path}/profile", f"--window-size={width},1600",
         "--dump-dom", measured.as_uri()], capture_output=True, text=True, timeout=60)
    title = re.search(r"<title>(\{.*?\})</title>", dump.stdout)
    assert title is not None, dump.stderr
    seen = json.loads(title.group(1).replace("&quot;", '"'))
    assert seen["overflow"] <= 0, "the page is wider than the window"
    assert seen["picture"] > 150 and seen["bands"] == 8 and seen["columns"] >= 2
    assert seen["colour"] == "rgb(243, 156, 61)"
    assert seen["open"] == ["step-11"]
