"""``rasa-autoplay simulate``: a table for people, JSON for programs, and errors with a remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, action, save
from support.recorded import line, write

from rasa_autoplay.tools.cli.main import main

CONFIG = """
version: "1"
product_id: demo
session: {interaction_timeout: 10s, cooldown: 20s}
courtesy: {min_interval: INTERVAL}
triggers:
  - {builtin: user_page_dwell, dwell: DWELL}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``autoplay.yml``, ``patient.yml`` and a recording of one session."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    for name, interval, dwell in (("autoplay.yml", "0s", "60s"), ("patient.yml", "0s", "90s")):
        (tmp_path / name).write_text(CONFIG.replace("INTERVAL", interval).replace("DWELL", dwell))
    write(tmp_path / "monday.jsonl", line(action("View projects", 0), save(200)))
    return tmp_path


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["simulate", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("project")
def test_json_lists_every_fire(capsys: pytest.CaptureFixture[str]) -> None:
    report = _json(capsys, "monday.jsonl")
    assert (report["events"], report["sessions"], report["user_count"]) == (2, 1, 1)
    assert [(f["trigger_id"], f["user_id"], f["session_id"], f["at"] - T0) for f in report["fires"]] == [
        ("user_page_dwell", "u1", "s1", 60),
        ("user_page_dwell", "u1", "s1", 260),
    ]
    assert report["triggers"]["user_page_dwell"]["fires"] == 2
    assert report["suppressed"] == report["near_misses"] == []


PATH = """
id: export
title: Export a report
steps:
  - {id: menu, title: Menu, text: Open it., done_when: {title: menu}}
  - {id: download, title: Download, text: Press it., done_when: {title: download}}
"""
MEMORY = """
version: "1"
product_id: demo
golden_paths: paths
triggers:
  - {builtin: return_after_gap}
"""
DAY = 86_400


def test_json_contains_every_users_results_and_memory(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "autoplay.yml").write_text(MEMORY)
    (project / "paths").mkdir()
    (project / "paths" / "export.yml").write_text(PATH)
    back = 4 * DAY
    write(
        project / "monday.jsonl",
        line(action("Click Menu", 0), action("Look around", 5), session="first"),
        line(action("Look around", back), session="second"),
        line(action("Click Menu", back + 9), action("Click Download", back + 10), session="second"),
    )
    report = _json(capsys, "monday.jsonl")
    (u1,) = report["users"].values()
    assert [(v["session_id"], v["path_id"], v["done"], v["completed"]) for v in u1["verdicts"]] == [
        ("first", "export", ["menu"], 0),
        ("second", "export", ["menu", "download"], 1),
    ]
    (menu, _) = u1["verdicts"][0]["steps"]
    assert menu["proof"] == [{"at": T0, "title": "Click Menu", "shows": "done"}]
    assert u1["memory"]["knowledge_state"] == {"mastered": ["export"], "in_progress": {}, "untouched": []}
    assert [(f["trigger_id"], f["at"] - T0) for f in report["fires"]] == [("return_after_gap", back)]


@pytest.mark.usefixtures("project")
def test_same_input_gives_the_same_output(capsys: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for _ in range(2):
        assert main(["simulate", ".", "--json"]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]


@pytest.mark.usefixtures("project")
def test_table_has_a_line_for_every_trigger(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "monday.jsonl"]) == 0
    out, err = capsys.readouterr()
    assert "2 events, 1 sessions, 1 users, 2023-11-14 22:13:20 to 2023-11-14 22:16:40 UTC" in out
    assert out.splitlines()[3].split()[:5] == ["user_page_dwell", "2", "1", "2.00", "2"]
    assert err == "", "a progress bar is for terminals only"


@pytest.mark.usefixtures("project")
def test_compares_two_versions(capsys: pytest.CaptureFixture[str]) -> None:
    report = _json(capsys, "monday.jsonl", "--compare", "patient.yml")["compared_with"]
    assert report["config"] == "patient.yml"
    assert [(move["at"] - T0, move["other_at"] - T0) for move in report["moved"]] == [(60, 90), (260, 290)]
    assert main(["simulate", "monday.jsonl", "--compare", "patient.yml"]) == 0
    out = capsys.readouterr().out
    assert "offers with patient.yml: 0 new, 0 dropped, 2 at another time" in out
    assert "30s later" in out


@pytest.mark.usefixtures("project")
def test_accepts_a_configuration_in_another_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert _json(capsys, "monday.jsonl", "--config", "patient.yml")["fires"][0]["at"] - T0 == 90


def test_reports_what_was_left_out(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(
        project / "odd.jsonl",
        line(save(1), product="acme"),
        "junk",
        line(save(2), session="s9", user=None),
        line(save(3)),
    )
    assert main(["simulate", "odd.jsonl"]) == 0
    out = capsys.readouterr().out
    assert "1 batches of the product 'acme' were left out, because autoplay.yml is for 'demo'." in out
    assert f"{file.name}:2: skipped: the line is not JSON (" in out
    assert "1 sessions have no known user" in out
    report = _json(capsys, "odd.jsonl")
    assert report["other_products"] == {"acme": 1}
    assert report["unreadable"] == [
        {"place": "odd.jsonl:2", "reason": "the line is not JSON (invalid character)"}
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jsonl"], "missing.jsonl: there is no such file or folder. Name a"),
        (["monday.jsonl", "--config", "missing.yml"], "missing.yml: cannot be read"),
        (["monday.jsonl", "--compare", "broken.yml"], "broken.yml:1: produkt: unknown key"),
    ],
)
def test_reports_faults_in_plain_words(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (project / "broken.yml").write_text("produkt: demo\n")
    assert main(["simulate", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


@pytest.mark.usefixtures("project")
def test_writes_the_html_beside_the_table(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "monday.jsonl", "--html", "report.html"]) == 0
    assert "user_page_dwell" in capsys.readouterr().out
    assert (project / "report.html").read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.usefixtures("project")
def test_unwritable_report_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "monday.jsonl", "--html", "no/where.html"]) == 1
    assert capsys.readouterr().err == "no/where.html: cannot be written: No such file or directory.\n"
