"""A process that is killed, or a full disk, in a step: the next run completes the step, or says so."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.proposals import write_proposal

from rasa_autoplay.engine.proposals.log_entry import EntryKind, LogEntry
from rasa_autoplay.engine.proposals.proposal_folder import ProposalFolder
from rasa_autoplay.engine.proposals.proposal_log import append_entry
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.file_writer import write_file
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.cli.main import main

FILE = "# Our copilot.\nproduct_id: demo\ngolden_paths: paths\n"
#: More seconds than anything here should take.
DEADLINE_S = 60.0
ENTRY = LogEntry(1.0, EntryKind.PROMOTED, Stage.DRAFT, Stage.GHOST, "Ann")
#: The command, which is killed at a place as if by ``kill -9``.
_COMMAND = """\
import os, signal
import rasa_autoplay.engine.proposals.{module} as module
whole = module.{name}
def killed(*arguments, **named):
    {first}
    os.kill(os.getpid(), signal.SIGKILL)
module.{name} = killed
from rasa_autoplay.tools.cli.main import main
main(["propose", "p", "--to", "ghost", "--yes", "--by", "Ann"])
"""
_WHOLE = "whole(*arguments, **named)"
_HALF_A_LINE = "open(arguments[0] / 'log.jsonl', 'ab').write(b'{\"at\":1.0,\"kind\":\"prom')"


@pytest.fixture
def proposal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A draft with a golden path, in a project that is the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "autoplay.yml").write_text(FILE)
    (tmp_path / "paths").mkdir()
    return write_proposal(tmp_path / "proposals", "p", path="default")


def _kill(module: str, name: str, first: str) -> None:
    code = _COMMAND.format(module=module, name=name, first=first)
    ended = subprocess.run((sys.executable, "-c", code), capture_output=True, timeout=DEADLINE_S, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


def _log(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def _changes() -> list[tuple[str, str]]:
    with closing(sqlite3.connect("autoplay.db")) as database:
        sql = "select who, detail from autoplay_changes where kind = 'promoted'"
        return database.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        pytest.param("step_writer", "begin_step", marks=pytest.mark.slow),
        ("file_step", "create_file"),
    ],
)
def test_a_step_that_was_killed_before_the_file_changed_was_broken_off(
    proposal: Path, caplog: pytest.LogCaptureFixture, module: str, name: str
) -> None:
    _kill(module, name, _WHOLE)
    assert Path("paths/p.yml").exists() == (name == "create_file")
    assert main(["propose"]) == 0
    assert "p, from draft to ghost by Ann was broken off before autoplay.yml changed" in caplog.text
    assert Path("autoplay.yml").read_text() == FILE
    assert not Path("paths/p.yml").exists(), "the golden path does not stay alone"
    assert _log(proposal) == []
    caplog.clear()
    assert main(["propose"]) == 0
    assert caplog.text == "", "it is said once"
    assert main(["propose", "p", "--to", "ghost", "--yes"]) == 0


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("pass", marks=pytest.mark.slow, id="nothing"),
        pytest.param(_HALF_A_LINE, id="half a line"),
        pytest.param(_WHOLE, marks=pytest.mark.slow, id="all"),
    ],
)
def test_the_next_run_logs_a_step_that_was_killed_after_the_file_had_changed(
    proposal: Path, caplog: pytest.LogCaptureFixture, first: str
) -> None:
    _kill("step_writer", "append_entry", first)
    assert "rollout: ghost" in Path("autoplay.yml").read_text()
    assert main(["propose", "p"]) == 0
    assert ("It is logged now" in caplog.text) == (first != _WHOLE)
    (entry,) = _log(proposal)
    assert (entry["who"], entry["before"], entry["after"]) == ("Ann", "draft", "ghost")
    assert entry["is_by_rule"]
    assert entry["decision"]["figures"]["backtest"]["fires"] == 120
    assert _changes() == [("Ann", "from draft to ghost")]
    assert not (proposal / "step.json").exists()
    assert main(["propose", "--check", str(proposal / "log.jsonl")]) == 0
    assert main(["propose", "p", "--back", "--yes"]) == 0
    assert [entry["kind"] for entry in _log(proposal)] == ["promoted", "demoted"]


def test_a_step_that_is_being_taken_is_left_to_its_process(proposal: Path) -> None:
    holder = subprocess.Popen(
        (sys.executable, "-c", _HOLD, str(proposal)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"locked\n"
    (proposal / "step.json").write_text("{}")
    try:
        assert main(["propose"]) == 0
        assert (proposal / "step.json").exists()
    finally:
        holder.communicate(b"\n", timeout=DEADLINE_S)


_HOLD = """\
import pathlib, sys
from rasa_autoplay.engine.proposals.proposal_log import locked_log
with locked_log(pathlib.Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.readline()
"""


def test_an_unreadable_note_is_named_and_hides_nothing(
    proposal: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    (proposal / "step.json").write_text("{")
    assert main(["propose"]) == 0
    assert "p/step.json: cannot be read" in caplog.text
    assert "delete this file" in caplog.text
    assert "ghost" in capsys.readouterr().out


def test_a_note_cannot_make_the_next_run_delete_another_file(proposal: Path) -> None:
    """A folder of proposals may come from anybody."""
    Path("paths/p.yml").write_text("id: p\ntitle: Ours\nsteps: [{id: a, title: A, text: B}]\n")
    note = {"entry": {"at": 1.0, "kind": "promoted", "before": "draft", "after": "ghost"}, "change_id": "x"}
    (proposal / "step.json").write_text(json.dumps({**note, "creates_path": True, "path_file": "/etc/x"}))
    assert main(["propose"]) == 0
    assert "Ours" in Path("paths/p.yml").read_text()
    assert not (proposal / "step.json").exists()


def test_a_full_disk_leaves_the_log_as_it_was(proposal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append_entry(proposal, ENTRY)
    before = (proposal / "log.jsonl").read_bytes()
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:20]))
    with pytest.raises(ConfigError, match="disk is full"):
        append_entry(proposal, ENTRY)
    monkeypatch.undo()
    assert (proposal / "log.jsonl").read_bytes() == before


def test_a_full_disk_after_the_file_has_changed_is_told_and_mended(
    proposal: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rasa_autoplay.engine.proposals.proposal_log.os.write", refuse)
    assert main(["propose", "p", "--to", "ghost", "--yes"]) == 1
    assert "The step is taken, but not logged yet" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.chdir(proposal.parent.parent)
    assert main(["propose"]) == 0
    assert len(_log(proposal)) == len(_changes()) == 1


def test_an_editor_may_leave_the_last_line_of_the_log_open(proposal: Path) -> None:
    append_entry(proposal, ENTRY)
    log = proposal / "log.jsonl"
    log.write_bytes(log.read_bytes().rstrip(b"\n"))
    append_entry(proposal, ENTRY)
    assert ProposalFolder(proposal.parent).read_log("p") == (ENTRY, ENTRY)


def test_a_broken_line_inside_the_log_is_named(proposal: Path) -> None:
    (proposal / "log.jsonl").write_text('{"at": 1\n')
    with pytest.raises(ConfigError, match=r"p/log.jsonl:1: this is not an entry"):
        ProposalFolder(proposal.parent).read("p")


def test_of_two_writers_of_one_file_the_second_is_refused(
    proposal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command and the studio have both read the file; one is about to replace it."""
    path = Path("autoplay.yml")
    read = YamlFile(path)
    is_writing, may_go = threading.Event(), threading.Event()
    real = os.replace

    def slow(*arguments: Any) -> None:
        is_writing.set()
        assert may_go.wait(DEADLINE_S)
        real(*arguments)

    monkeypatch.setattr(os, "replace", slow)
    first = threading.Thread(target=write_file, args=(read, f"{FILE}# first\n", ""))
    first.start()
    assert is_writing.wait(DEADLINE_S)
    refused: list[str] = []

    def second() -> None:
        try:
            write_file(read, f"{FILE}# second\n", "Look again.")
        except ConfigError as problem:
            refused.append(str(problem))

    other = threading.Thread(target=second)
    other.start()
    may_go.set()
    for each in (first, other):
        each.join(DEADLINE_S)
    assert path.read_text() == f"{FILE}# first\n"
    assert refused == ["autoplay.yml has changed since you opened it. Look again."]


@pytest.mark.slow
def test_of_two_people_with_one_proposal_the_second_is_refused(proposal: Path) -> None:
    """Each command takes a second to start, so they overlap."""
    command = (sys.executable, "-m", "rasa_autoplay.tools.cli", "propose", "p")
    steps = (("--to", "ghost", "--yes"), ("--reject", "nobody wants it", "--yes"))
    running = [subprocess.Popen((*command, *step), stderr=subprocess.PIPE) for step in steps]
    errors = [each.communicate(timeout=DEADLINE_S)[1].decode() for each in running]
    entries = ProposalFolder(proposal.parent).read_log("p")
    assert len(entries) == sum(each.returncode == 0 for each in running)
    is_rejected = entries[-1].kind is EntryKind.REJECTED
    assert ("id: p" in Path("autoplay.yml").read_text()) != is_rejected
    assert all("Traceback" not in text for text in errors)
