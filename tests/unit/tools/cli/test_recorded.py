"""``--recorded`` of simulate and record reads what the engine has recorded, or says why it cannot."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import action, save
from support.recorded_engine import recorded_engine

from rasa_autoplay.tools.cli.main import main

RULE = """\
product_id: demo
recording: {keep: 100000d}
triggers:
  - id: saves
    when: {count: {title: save changes, at_least: 2}}
    body: Several at once?
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``autoplay.yml``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    (tmp_path / "autoplay.yml").write_text(RULE)
    return tmp_path


async def _record(folder: Path) -> None:
    async with recorded_engine(folder) as engine:
        for user, session in (("u1", "s1"), ("u2", "s2")):
            await engine.act(save(0), user=user, session=session)
            await engine.wait(5)
            await engine.act(
                save(0), action("Click Export", 0, element_id="export"), user=user, session=session
            )
        await engine.rows()


def test_simulates_what_the_engine_has_recorded(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(_record(project))
    assert main(["simulate", "--recorded", "--json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert main(["simulate", "--recorded", "--since", "90000d", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["events"] == report["events"]
    assert (report["events"], report["sessions"], report["user_count"]) == (6, 2, 2)
    assert {(fire["user_id"], fire["session_id"]) for fire in report["fires"]} == {("u1", "s1"), ("u2", "s2")}


def test_drafts_a_golden_path_from_a_recorded_session(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_record(project))
    assert main(["record", "--recorded", "--session", "s2", "--id", "export"]) == 0
    assert "#export" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["simulate", "record"])
@pytest.mark.parametrize(
    ("rule", "remedy"),
    [
        (RULE.replace("recording: {keep: 100000d}\n", ""), "Recording is off"),
        (RULE, "Recording is on and keeps"),
    ],
)
def test_says_why_nothing_is_recorded(
    project: Path, capsys: pytest.CaptureFixture[str], command: str, rule: str, remedy: str
) -> None:
    (project / "autoplay.yml").write_text(rule)
    assert main([command, "--recorded"]) != 0
    assert "There is no database" in (said := capsys.readouterr().err)
    assert remedy in said
    asyncio.run(_do_nothing(project))
    assert main([command, "--recorded"]) != 0
    assert "No session is recorded" in (said := capsys.readouterr().err)
    assert remedy in said


async def _do_nothing(folder: Path) -> None:
    async with recorded_engine(folder) as engine:
        await engine.wait(1)
        await engine.engine.stores.ledger.history("demo", "u1")  # which creates the database


def test_since_leaves_older_sessions_out(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(_record(project))  # by the test's clock, years ago
    assert main(["simulate", "--recorded", "--since", "2d"]) != 0
    assert "No session is recorded in the last 2d" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "There is nothing to read"),
        (["a.jsonl", "--recorded"], "files and --recorded"),
        (["a.jsonl", "--since", "2d"], "--since: it needs --recorded"),
        (["--recorded", "--since", "soon"], "--since"),
    ],
)
def test_rejects_what_contradicts_itself(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    (project / "autoplay.db").touch()
    assert main(["simulate", *arguments]) != 0
    assert problem in capsys.readouterr().err
