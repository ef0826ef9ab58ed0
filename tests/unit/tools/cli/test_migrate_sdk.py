"""``rasa-autoplay migrate-sdk`` prints a diff, and writes it with the flag."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_autoplay.tools.cli.main import main

SDK_CODE = "from autoplay_sdk.proactive.triggers import ProactiveTriggerContext\r\nx = 1\r\n"


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "bot" / "triggers.py"
    file.parent.mkdir()
    file.write_bytes(SDK_CODE.encode())
    return file


def test_shows_the_diff_and_writes_it(code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate-sdk", "bot", "--yes"]) == 0
    assert code.read_bytes() == b"from rasa_autoplay import ProactiveTriggerContext\r\nx = 1\r\n"
    out = capsys.readouterr().out
    assert "-from autoplay_sdk.proactive.triggers import ProactiveTriggerContext" in out
    assert "+from rasa_autoplay import ProactiveTriggerContext" in out
    assert "Changed 1 file." in out
    assert main(["migrate-sdk", str(code), "--yes"]) == 0
    assert "Nothing to change" in capsys.readouterr().out


def test_changes_nothing_without_the_flag(code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate-sdk", str(code)]) == 1
    assert code.read_bytes() == SDK_CODE.encode()
    assert "--yes" in capsys.readouterr().err


def test_lists_the_remaining_manual_steps(code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code.write_text("from autoplay_sdk import RedisEventBuffer, SlimAction\n")
    assert main(["migrate-sdk", str(code), "--yes"]) == 1
    assert "triggers.py:1: autoplay_sdk.RedisEventBuffer" in capsys.readouterr().err
    assert "from rasa_autoplay import SlimAction" in code.read_text()


def test_unreadable_file_prevents_all_changes(code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code.parent / "broken.py").write_text("def (:")
    assert main(["migrate-sdk", "bot", "--yes"]) == 1
    assert "broken.py" in capsys.readouterr().err
    assert code.read_bytes() == SDK_CODE.encode()


def test_reports_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate-sdk", str(tmp_path)]) == 1
    assert str(tmp_path) in capsys.readouterr().err
