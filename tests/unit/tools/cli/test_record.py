"""``rasa-autoplay record``: a draft that validate accepts and the recording completes; clear errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.engine_parts import action
from support.recorded import line, write

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.path_results import path_results_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.cli.main import main
from rasa_autoplay.tools.simulation.recordings import read_recordings
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.golden_paths import check_golden_path

ROOT = Path(__file__).parents[4]
RECORDINGS = [
    ROOT / "example_bot" / "recordings" / "edit_three_projects.jsonl",
    ROOT / "tests" / "recordings" / "posthog" / "discover_bulk_edit.jsonl",
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``autoplay.yml`` and a recording of two sessions."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    (tmp_path / "autoplay.yml").write_text('version: "1"\nproduct_id: demo\ntriggers: []\n')
    write(
        tmp_path / "two.jsonl",
        line(action("Click Export", 0, element_id="export"), session="first"),
        line(action("Click Save", 60, element_id="save"), session="second"),
        line(action("Page load: Home", 90, type="pageview"), session="idle"),
    )
    return tmp_path


def _completed(path: GoldenPath, recording: Path) -> int:
    tracker, evidence = PathTracker([path]), EvidenceByPath()
    for _, payload, _ in read_recordings([recording], "demo").moments:
        for each in payload.actions:
            tracker.record(each, evidence)
    return sum(verdict.completed for verdict in path_results_of(tracker, evidence))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda file: file.stem)
def test_recording_completes_its_own_draft(recording: Path, project: Path) -> None:
    (project / "paths").mkdir()
    draft = project / "paths" / "draft.yml"
    assert main(["record", str(recording), "--id", "drafted", "--out", str(draft)]) == 0
    (path,) = load_golden_paths(project / "paths")
    assert path.id == "drafted"
    assert path.page == "/projects"
    assert _completed(path, recording) >= 1
    findings = Findings()
    check_golden_path(YamlFile(draft), path, True, findings)
    assert (findings.lines, findings.warnings) == ([], [])


def test_drafts_the_bulk_edit_step_by_step(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", str(RECORDINGS[1])]) == 0
    (project / "draft.yml").write_text(capsys.readouterr().out, "utf-8")
    path = YamlFile(project / "draft.yml").read(GoldenPath)
    assert [step.element for step in path.steps] == [
        "#projects-table-options",
        "#projects-bulk-edit-toggle",
        "#project-checkbox-P-1042",
        "#bulk-priority",
        "#bulk-apply",
    ]
    ticked = path.steps[2].done_when
    assert ticked is not None
    assert ticked.element_id is not None
    assert ticked.element_id.matches("project-checkbox-P-7")


@pytest.mark.usefixtures("project")
def test_selects_one_of_several_sessions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "two.jsonl", "--session", "second"]) == 0
    out = capsys.readouterr().out
    assert 'element: "#save"' in out
    assert "export" not in out


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [],
            "There are 3 sessions. Choose one with --session ID:\n  first (from 2023-11-14 22:13:20 UTC, 1 a",
        ),
        (["--session", "third"], "There is no session 'third'. Choose one with --session ID:\n  first ("),
        (["--session", "idle"], "The session 'idle' has no click, no change and no submit. Record a session"),
        (
            ["--session", "first", "--out", "autoplay.yml"],
            "autoplay.yml: the file exists and was not changed",
        ),
        (["--session", "first", "--out", "no/where.yml"], "no/where.yml: cannot be written: No such file"),
        (["--session", "first", "--id", " "], "--id: ' ' is not a valid id."),
        (["--config", "missing.yml"], "missing.yml: cannot be read"),
        (["missing.jsonl"], "missing.jsonl: there is no such file or folder."),
    ],
)
def test_reports_faults_in_plain_words(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", "two.jsonl", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)


def test_does_not_overwrite_an_existing_file(project: Path) -> None:
    before = (project / "autoplay.yml").read_text()
    assert main(["record", "two.jsonl", "--session", "first", "--out", "autoplay.yml"]) == 1
    assert (project / "autoplay.yml").read_text() == before
