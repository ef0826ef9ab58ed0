"""``rasa-autoplay pause``, ``resume`` and ``changes`` work on the database of ``autoplay.yml``."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from rasa_autoplay.engine.changes.change import Change, ChangeKind
from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.cli.main import main
from rasa_autoplay.tools.cli.project_changes import _trigger_ids

CONFIG = """
product_id: demo
database: {url: "sqlite:///data/autoplay.db"}
triggers:
  - builtin: rage_click
  - {id: dwell, builtin: user_page_dwell, dwell: 60s}
  - {id: own, body: Hello, when: {count: {title: save, at_least: 3}}}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "autoplay.yml").write_text(CONFIG, "utf-8")
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    monkeypatch.setenv("LOGNAME", "ann")
    return tmp_path


def entries(folder: Path) -> list[Change]:
    async def read() -> list[Change]:
        log = SqlChangeLog(f"sqlite:///{folder / 'data' / 'autoplay.db'}")
        found = await log.since("demo", 0.0)
        await log.close()
        assert found is not None
        return found

    return asyncio.run(read())


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == status
    output = capsys.readouterr()
    return output.err if output.err else output.out


def test_pause_is_stored_and_says_how_to_undo_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "pause", "rage_click", "--why", "wrong  words\n", "--by", "Bob")
    assert text.splitlines() == [
        "Paused rage_click.",
        "Running engines apply it within 1 s and withdraw the offers that wait; toasts on a page stay.",
        "To undo it: rasa-autoplay resume rage_click",
    ]
    (entry,) = entries(project)
    assert (entry.kind, entry.trigger_id, entry.who, entry.why) == (
        ChangeKind.PAUSED,
        "rage_click",
        "Bob",
        "wrong words",
    )


def test_resume_ends_the_pause(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "pause", "--all", "--why", "incident")
    assert said(capsys, "resume", "--all", "--why", "solved").startswith("Resumed all triggers.")
    assert [(e.kind.value, e.trigger_id, e.who, e.why) for e in entries(project)] == [
        ("paused", "", "ann", "incident"),
        ("resumed", "", "ann", "solved"),
    ]


def test_second_pause_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "pause", "dwell", "--why", "first")
    text = said(capsys, "pause", "dwell", "--why", "second")
    assert text.startswith("Nothing has changed: ann paused dwell on 20")
    assert ": first.\n" in text
    assert len(entries(project)) == 1


def test_pauses_of_one_and_of_all_triggers_are_independent(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "pause", "--all", "--why", "incident")
    text = said(capsys, "pause", "dwell", "--why", "wrong words")
    assert "Paused dwell." in text
    assert "All triggers are paused as well: ann paused all triggers on" in text
    text = said(capsys, "resume", "--all")
    assert "Still in force: ann paused dwell on" in text
    assert "rasa-autoplay resume dwell" in text
    assert "is not paused" not in said(capsys, "resume", "dwell")


def test_resume_of_what_is_not_paused_says_what_is(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "resume", "dwell") == "Nothing has changed: dwell is not paused.\n"
    said(capsys, "pause", "--all", "--why", "incident")
    text = said(capsys, "resume", "dwell", status=1)
    assert "dwell is not paused" in text
    assert "To end it: rasa-autoplay resume --all" in text
    assert len(entries(project)) == 1


def test_resumes_a_trigger_that_the_file_no_longer_has(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "pause", "dwell", "--why", "x")
    (project / "autoplay.yml").write_text(CONFIG.replace("id: dwell", "id: renamed"), "utf-8")
    assert said(capsys, "resume", "dwell").startswith("Resumed dwell.")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["rage_clik", "--why", "x"], "There is no trigger 'rage_clik'; did you mean 'rage_click'?"),
        (["--why", "x"], "Name one trigger, or --all for all triggers."),
        (["dwell", "--all", "--why", "x"], "Name one trigger, or --all for all triggers."),
        (["dwell", "--why", " "], "The reason is empty."),
        (["dwell", "--why", "x" * 501], "--why: 501 characters are too many; at most 500."),
    ],
)
def test_refuses_and_names_the_remedy(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    error = said(capsys, "pause", *arguments, status=1)
    assert text in error
    assert not (project / "data" / "autoplay.db").exists() or entries(project) == []


def test_names_the_triggers(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Triggers: dwell, own, rage_click." in said(capsys, "pause", "x", "--why", "y", status=1)


def test_needs_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["pause", "dwell"])
    assert exit_.value.code == 2
    assert "--why" in capsys.readouterr().err


def test_pauses_although_the_file_has_another_mistake(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "autoplay.yml").write_text(f"{CONFIG}courtesy: {{snoze: 1d}}\n", "utf-8")
    assert "Paused dwell." in said(capsys, "pause", "dwell", "--why", "the file is wrong")


def test_names_the_file_without_a_product(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "autoplay.yml").write_text("triggers: []\n", "utf-8")
    assert "product_id" in said(capsys, "pause", "--all", "--why", "x", status=1)


def test_says_when_the_database_cannot_be_used(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "data").rmdir()
    text = said(capsys, "pause", "--all", "--why", "x", status=1)
    assert "The database cannot be used: unable to open the database file." in text


def test_knows_each_trigger_by_the_engines_name(project: Path) -> None:
    file = YamlFile(project / "autoplay.yml")
    loaded = load_triggers(file.read(EngineSettings), [], file)
    assert _trigger_ids(file) == [trigger.id for trigger in loaded]


def test_lists_changes_and_pauses_in_force(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "changes") == "Nothing has changed in the last 7d.\n"
    said(capsys, "pause", "dwell", "--why", "wrong \x1b[2J words")
    said(capsys, "pause", "own", "--why", "x")
    said(capsys, "resume", "own")
    lines = said(capsys, "changes", "--since", "1h").splitlines()
    assert [line[21:] for line in lines[:3]] == [
        "ann paused dwell: wrong \N{REPLACEMENT CHARACTER}[2J words",
        "ann paused own: x",
        "ann resumed own",
    ]
    assert len(lines) == 4
    assert lines[3].startswith("In force: ann paused dwell on 20")
    assert said(capsys, "changes", "--since", "0s").splitlines()[1:] == lines[3:]


def test_lists_what_was_loaded_and_refused_in_one_line_each(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def write() -> None:
        log = SqlChangeLog(f"sqlite:///{project / 'data' / 'autoplay.db'}")
        fields: dict[str, Any] = {"at": time.time(), "engine_id": "e1"}
        await log.append(Change("c1", "demo", kind=ChangeKind.LOADED, fingerprint="f1", **fields))
        refused = "autoplay.yml:3: wrong\nautoplay.yml:5: wrong"
        await log.append(Change("c2", "demo", kind=ChangeKind.REFUSED, detail=refused, **fields))
        await log.close()

    asyncio.run(write())
    assert [line[21:] for line in said(capsys, "changes").splitlines()] == [
        "e1 loaded f1",
        "e1 refused: autoplay.yml:3: wrong autoplay.yml:5: wrong",
    ]


def test_prints_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "pause", "dwell", "--why", "x")
    found = json.loads(said(capsys, "changes", "--json"))
    (change,), (pause,) = found["changes"], found["paused"]
    assert (change["kind"], change["trigger_id"], change["who"], change["why"]) == (
        "paused",
        "dwell",
        "ann",
        "x",
    )
    assert pause == {"trigger_id": "dwell", "at": change["at"], "who": "ann", "why": "x"}


def test_refuses_a_wrong_duration(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--since: 'yesterday' is not a duration" in said(
        capsys, "changes", "--since", "yesterday", status=1
    )
