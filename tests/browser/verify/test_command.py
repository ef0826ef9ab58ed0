"""The command ``rasa-autoplay verify``, as a CI job runs it: it starts the browser itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.changing_app import GOLDEN_PATHS
from support.chromium import require_browser

_SECRET = "c00kie-of-somebody"


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rasa_autoplay.tools.cli", "verify", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the changing app's golden paths."""
    shutil.copytree(GOLDEN_PATHS, tmp_path / "golden_paths")
    (tmp_path / "autoplay.yml").write_text('version: "1"\nproduct_id: demo\ngolden_paths: golden_paths\n')
    state = {"cookies": [{"name": "s", "value": _SECRET, "domain": "127.0.0.1", "path": "/"}], "origins": []}
    (tmp_path / "state.json").write_text(json.dumps(state))
    return tmp_path


@pytest.mark.slow
def test_reports_findings_in_all_forms(project: Path, app: str) -> None:
    files = ["--json", "found.json", "--junit", "found.xml", "--pictures", "pictures"]
    more = ["--browser", require_browser(), "--storage-state", "state.json", "--timeout", "1"]
    done = _run(project, f"{app}/?change=moved-into-menu", "--path", "monthly-report", *files, *more)
    assert done.returncode == 1, done.stderr
    assert "monthly-report:download:23" in done.stdout
    assert '→ element: "#menu-download"' in done.stdout
    assert "\x1b" not in done.stdout
    found = json.loads((project / "found.json").read_text("utf-8"))
    (path,) = found["paths"]
    assert [step["status"] for step in path["steps"]] == ["ok", "ok", "finding"]
    assert path["steps"][2]["findings"][0]["replacement"]["opener"]["label"] == "More"
    assert "<failure" in (project / "found.xml").read_text("utf-8")
    pictures = sorted(file.name for file in (project / "pictures").iterdir())
    assert pictures == [
        "monthly-report-01-reports.png",
        "monthly-report-02-month.png",
        "monthly-report-03-download.png",
    ]
    written = [done.stdout, done.stderr, *(f.read_text("utf-8") for f in project.glob("found.*"))]
    assert not any(_SECRET in text for text in written)


@pytest.mark.slow
def test_exit_status_says_whether_all_is_well(project: Path, app: str) -> None:
    well = _run(project, app, "--path", "notify-me", "--browser", require_browser())
    assert (well.returncode, well.stderr) == (0, "")
    assert "1 path, 3 steps ok, 0 findings." in well.stdout


@pytest.mark.slow
def test_browser_that_does_not_start_is_named(project: Path, app: str) -> None:
    """``launched`` says what to install."""
    (project / "no-browser").write_text("#!/bin/sh\nexit 1\n")
    (project / "no-browser").chmod(0o755)
    done = _run(project, app, "--browser", str(project / "no-browser"))
    assert done.returncode == 2
    assert "does not start" in done.stderr
    assert "playwright install --with-deps chromium" in done.stderr
