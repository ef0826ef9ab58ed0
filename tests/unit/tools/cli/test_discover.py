"""``rasa-autoplay discover``: a table of proposals, what to do next, and errors with a remedy."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from support.databases import KINDS, empty_database
from support.engine_parts import save
from support.made_sessions import Session, made
from support.processes import ROOT
from support.project_edits import edits_many_or_none
from support.recorded_engine import recorded_engine

from rasa_autoplay.engine.recording.row_encoder import Seen, encode_rows
from rasa_autoplay.engine.recording.sql.store import SqlRecordingStore
from rasa_autoplay.tools.cli.main import main
from rasa_autoplay.tools.simulation.recordings import read_recordings

MONDAY = ROOT / "docs" / "simulate" / "monday.jsonl"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``autoplay.yml``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    (tmp_path / "autoplay.yml").write_text("product_id: demo\nrecording: {keep: 100000d}\n")
    return tmp_path


def test_prints_a_table_and_what_to_do_next(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = made(project / "edits.jsonl", 200, edits_many_or_none)
    assert main(["discover", str(recording), "--out", "found"]) == 0
    printed = capsys.readouterr()
    head, line, *_ = printed.out.splitlines()
    assert head.split()[:2] == ["proposal", "kind"]
    assert line.startswith("repeat-save-changes-projects  repetition")
    assert "Read found/repeat-save-changes-projects/evidence.md first" in printed.out
    assert "rasa-autoplay propose repeat-save-changes-projects" in printed.out


def test_says_that_nothing_was_found(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def looks(session: Session) -> None:
        session.opens("/help")

    assert main(["discover", str(made(project / "x.jsonl", 60, looks)), "--out", "found"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "No slow way and no workflow was found.\n"
    assert "Record more days" in printed.err


def test_says_how_many_users_it_needs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discover", str(MONDAY)]) == 1
    assert (
        "Discovery needs 10 users and 50 sessions; these recordings have 4 users and 5 sessions."
        in capsys.readouterr().err
    )


def test_says_that_anonymous_visitors_do_not_count(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = made(project / "x.jsonl", 60, edits_many_or_none)
    recording.write_text(recording.read_text().replace('"user_id": "user-', '"user_id": null, "x": "'))
    assert main(["discover", str(recording)]) == 1
    assert "60 sessions are anonymous" in capsys.readouterr().err


def test_reads_what_the_engine_has_recorded(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def record() -> None:
        async with recorded_engine(project) as engine:
            await engine.act(save(0), user="u1", session="s1")
            await engine.rows()

    asyncio.run(record())
    assert main(["discover", "--recorded", "--since", "90000d"]) == 1
    assert "these recordings have 1 users and 1 sessions" in capsys.readouterr().err


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, project: Path) -> str:
    return empty_database(request, project)


def test_finds_the_same_in_the_database_as_in_a_file(url: str, project: Path) -> None:
    file = made(project / "edits.jsonl", 200, edits_many_or_none)
    (project / "autoplay.yml").write_text(
        f'product_id: demo\nrecording: {{keep: 100000d}}\ndatabase: {{url: "{url}"}}\n'
    )
    asyncio.run(_store(url, _as_recorded(file)))
    assert main(["discover", "--recorded", "--out", "recorded"]) == 0
    assert main(["discover", str(file), "--out", "read"]) == 0
    found = {path.relative_to("recorded"): path.read_bytes() for path in Path("recorded").glob("*/*")}
    assert {path.parts[0] for path in found} >= {"repeat-save-changes-projects"}
    assert found == {path.relative_to("read"): path.read_bytes() for path in Path("read").glob("*/*")}


def _as_recorded(file: Path) -> list[Seen]:
    """Return a recording as the engine's recorder sees it."""
    moments = read_recordings([file], "demo").moments
    return [
        Seen(str(batch.user_id), str(batch.session_id), at, (batch, source), number)
        for number, (at, batch, source) in enumerate(moments, 1)
    ]


async def _store(url: str, seen: list[Seen]) -> None:
    store = SqlRecordingStore(url, "demo")
    try:
        assert await store.append("run", lambda: encode_rows(seen))
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "There is nothing to read."),
        (["missing.jsonl"], "missing.jsonl: there is no such file or folder."),
        ([str(MONDAY), "--recorded"], "Name files and --recorded together."),
        ([str(MONDAY), "--processes", "-1"], "--processes: must be 0 or more."),
        (["table.csv"], "this is "),
        ([str(MONDAY), "--config", "none.yml"], "none.yml: cannot be read"),
    ],
)
def test_refuses_what_it_cannot_use(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    (project / "table.csv").write_text("user,action\nana,save\n")
    assert main(["discover", *arguments]) == 1
    assert problem in capsys.readouterr().err


def test_says_that_a_recording_belongs_to_another_product(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = made(project / "edits.jsonl", 3, edits_many_or_none)
    (project / "autoplay.yml").write_text("product_id: another\n")
    assert main(["discover", str(recording)]) == 1
    assert "not to 'another', the product_id of autoplay.yml" in capsys.readouterr().err


def test_works_without_the_folder_of_proposals(project: Path) -> None:
    recording = made(project / "edits.jsonl", 100, edits_many_or_none)
    shutil.rmtree(project / "proposals", ignore_errors=True)
    assert main(["discover", str(recording)]) == 0


def test_writes_a_folder_for_each_proposal_and_keeps_what_was_edited(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = made(project / "edits.jsonl", 200, edits_many_or_none)
    assert main(["discover", str(recording), "--out", "found"]) == 0
    folder = project / "found" / "repeat-save-changes-projects"
    first = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert {"trigger.yml", "evidence.md", "evidence.json"} <= first.keys()

    assert main(["discover", str(recording), "--out", "found"]) == 0
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == first

    (folder / "trigger.yml").write_text("id: repeat-save-changes-projects\nwhen: {on_page: /projects}\n")
    capsys.readouterr()
    assert main(["discover", str(recording), "--out", "found"]) == 0
    assert (folder / "trigger.yml").read_text().endswith("when: {on_page: /projects}\n")
    assert (folder / "trigger.new.yml").read_bytes() == first["trigger.yml"]
    assert "repeat-save-changes-projects: you have edited it" in capsys.readouterr().err


def test_a_model_must_be_configured(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discover", str(MONDAY), "--model"]) == 1
    assert "autoplay.yml names no language model" in capsys.readouterr().err
