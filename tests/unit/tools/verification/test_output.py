"""A report as a table of 80 columns, as JSON, and as JUnit XML."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from rasa_autoplay.tools.verification.formats import as_json, as_junit
from rasa_autoplay.tools.verification.report import (
    Finding,
    Opener,
    PathReport,
    Replacement,
    Report,
    StepReport,
)
from rasa_autoplay.tools.verification.table import path_as_text, summary

_GONE = Finding(
    "missing",
    'No element matches #export. There is one after "More \x1b[31m" is used, ' + "which is a long story " * 5,
    12,
    Replacement("#menu-export", "Export", opener=Opener("#more", "More")),
    ('a new step before it: element: "#more" label: More', 'element: "#menu-export"'),
)


def _report() -> Report:
    good = StepReport("open", "Open it", 5, "ok")
    bad = StepReport("export", "Export", 11, notes=["went on with #menu-export"], picture="p/export.png")
    bad.add(_GONE)
    chat = StepReport("wait", "Wait", 19, "skipped", notes=["it has neither element nor label"])
    closed = Finding("sign-in", "http://app.test/login looks like a sign-in page.", 4, None, ("sign in",))
    return Report(
        "http://app.test",
        [
            PathReport("export", "Export a report", "export.yml", [good, bad, chat], notes=["flaky: once"]),
            PathReport("other", "Other", "other.yml", [StepReport("a", "A", 6)], [closed]),
            PathReport("flow", "Flow", "flow.yml", [StepReport("b", "B", 6, "skipped")], skipped="a flow"),
        ],
    )


def test_table_fits_80_columns_and_names_each_place() -> None:
    text = "\n".join(map(path_as_text, _report().paths))
    assert max(map(len, text.splitlines())) <= 80
    assert "export:export:12" in text
    assert "other:4" in text
    assert "\x1b" not in text
    assert '→ element: "#menu-export"' in text
    assert "(went on with #menu-export)" in text


def test_colours_do_not_change_the_text() -> None:
    for path in _report().paths:
        coloured = path_as_text(path, colours=True)
        assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == path_as_text(path)
    assert "\x1b[1;31m" in path_as_text(_report().paths[0], colours=True)


def test_summary_counts() -> None:
    assert summary(_report()) == "3 paths, 1 step ok, 2 skipped, 1 not checked, 2 findings."


def test_json_has_findings_with_replacements() -> None:
    found = json.loads(json.dumps(as_json(_report())))
    assert (found["ok"], found["findings"]) == (False, 2)
    assert found["steps"] == {"ok": 1, "finding": 1, "skipped": 2, "not checked": 1}
    finding = found["paths"][0]["steps"][1]["findings"][0]
    assert finding["line"] == 12
    assert finding["replacement"]["opener"] == {"selector": "#more", "label": "More"}


def test_junit_has_a_test_case_for_each_step() -> None:
    root = ElementTree.fromstring(as_junit(_report()))  # noqa: S314 - our own text
    suites = {suite.get("name"): suite for suite in root}
    export = suites["export"]
    assert (export.get("tests"), export.get("failures"), export.get("skipped")) == ("3", "1", "1")
    case = export.findall("testcase")[1]
    assert (case.get("classname"), case.get("file"), case.get("line")) == ("export", "export.yml", "11")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "missing"
    assert "export:export:12" in (failure.text or "")
    assert "[[ATTACHMENT|p/export.png]]" in (case.findtext("system-out") or "")
    # The page that could not be opened is a failure of the path; its steps were skipped.
    assert (suites["other"].get("failures"), suites["other"].get("skipped")) == ("1", "1")
