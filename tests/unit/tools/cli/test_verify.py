"""``rasa-autoplay verify`` says what keeps it from running, with exit status 2."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from rasa_autoplay.tools.cli.main import main

_PATH = """
id: export
title: Export
steps:
  - {id: open, title: Open, element: "#open", text: Open it., done_when: {element_id: open}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one golden path; its other settings need variables that are not set."""
    (tmp_path / "golden_paths").mkdir()
    (tmp_path / "golden_paths" / "export.yml").write_text(_PATH)
    (tmp_path / "autoplay.yml").write_text(
        'version: "1"\nproduct_id: demo\ngolden_paths: golden_paths\ndatabase: {url: "${NOT_SET}"}\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["verify", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


@pytest.mark.usefixtures("project")
class TestErrors:
    """Each names the option and the remedy."""

    def test_address_without_a_scheme(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "Write it in full" in _error(capsys, "localhost:3000")

    def test_unknown_path(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = _error(capsys, "http://127.0.0.1:1", "--path", "exprot")
        assert "did you mean 'export'?" in text

    def test_invalid_golden_path(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "golden_paths" / "export.yml").write_text("id: export\ntitle: Export\nsteps: []\n")
        assert "export.yml:3" in _error(capsys, "http://127.0.0.1:1")

    def test_no_golden_paths(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "autoplay.yml").write_text('version: "1"\nproduct_id: demo\n')
        assert "golden_paths is missing" in _error(capsys, "http://127.0.0.1:1")

    def test_no_engine_file(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "autoplay.yml").unlink()
        assert "autoplay.yml" in _error(capsys, "http://127.0.0.1:1")

    def test_time_of_zero(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "--timeout" in _error(capsys, "http://127.0.0.1:1", "--timeout", "0")

    def test_start_without_a_page(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "--start" in _error(capsys, "http://127.0.0.1:1", "--start", "export")

    def test_missing_storage_state(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = _error(capsys, "http://127.0.0.1:1", "--storage-state", "state.json")
        assert "--storage-state: state.json is missing" in text

    def test_storage_state_of_another_form(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "state.json").write_text(json.dumps({"token": "s3cret-s3cret"}))
        text = _error(capsys, "http://127.0.0.1:1", "--storage-state", "state.json")
        assert "storage_state" in text
        assert "s3cret" not in text

    def test_missing_script(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "there is no file" in _error(capsys, "http://127.0.0.1:1", "--sign-in", "sign_in.py:go")

    def test_missing_function(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "sign_in.py").write_text("def come(page): ...\n")
        text = _error(capsys, "http://127.0.0.1:1", "--sign-in", "sign_in.py:go")
        assert "has no function 'go'" in text

    def test_script_that_fails_does_not_show_its_secret(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (project / "sign_in.py").write_text("PASSWORD = 's3cret'\nraise ValueError(PASSWORD)\n")
        text = _error(capsys, "http://127.0.0.1:1", "--sign-in", "sign_in.py:go")
        assert "sign_in.py:2: ValueError" in text
        assert "s3cret" not in text

    def test_coroutine_function(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "sign_in.py").write_text("async def go(page): ...\n")
        assert "Write `def`" in _error(capsys, "http://127.0.0.1:1", "--sign-in", "sign_in.py:go")

    def test_missing_playwright(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
        assert 'pip install "rasa-autoplay[verify]"' in _error(capsys, "http://127.0.0.1:1")

    def test_missing_browser(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        pytest.importorskip("playwright.sync_api")
        text = _error(capsys, "http://127.0.0.1:1", "--browser", str(project / "chromium"))
        assert "--browser: there is no file" in text

    def test_two_ways_to_sign_in(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(["verify", "http://127.0.0.1:1", "--storage-state", "a", "--sign-in", "b.py:c"])
        assert stopped.value.code == 2
        assert "not allowed with" in capsys.readouterr().err
