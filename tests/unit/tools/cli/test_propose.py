"""``rasa-autoplay propose`` lists proposals, explains the rule, and takes steps."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from support.proposals import write_proposal

from rasa_autoplay.tools.cli.main import main

CONFIG = "product_id: demo # our app\n"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "autoplay.yml").write_text(CONFIG, "utf-8")
    write_proposal(tmp_path / "proposals", "bulk-edit", path="default")
    noisy = {"fires": 100, "fires_per_user_day": 0.2, "found_share": 0.6}
    write_proposal(tmp_path / "proposals", "noisy", backtest=noisy)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    monkeypatch.setenv("LOGNAME", "ann")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    capsys.readouterr()
    assert main(["propose", *arguments]) == status
    output = capsys.readouterr()
    return output.out + output.err


def test_lists_stages_and_what_is_next(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "proposals" / "broken").mkdir()
    text = said(capsys)
    assert "bulk-edit  draft     to ghost: The back-test has 120 fires" in text
    assert "noisy      draft     60% of the users find the fast way themselves" in text
    assert "cannot be read: broken/trigger.yml" in text
    assert not (project / "autoplay.db").exists(), "reading creates no database"


def test_an_empty_folder_says_where_proposals_come_from(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "autoplay.yml").write_text("product_id: demo\ndiscover: {proposals: none}\n")
    assert "rasa-autoplay discover" in said(capsys)


def test_takes_a_step_that_the_rule_says_and_back(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "bulk-edit", "--to", "ghost", "--yes")
    assert "+    rollout: ghost" in text
    assert "To undo it: rasa-autoplay propose bulk-edit --back" in text
    page = said(capsys, "bulk-edit")
    assert "The rule says: wait. Missing for 5 %:" in page
    assert "draft to ghost, promoted by ann" in page
    said(capsys, "bulk-edit", "--back", "--yes", "--why", "not now")
    assert "rollout" not in (project / "autoplay.yml").read_text()
    assert main(["changes"]) == 0
    listed = capsys.readouterr().out
    assert "ann moved bulk-edit from draft to ghost" in listed
    assert "ann moved bulk-edit from ghost to draft: not now" in listed


def test_a_step_against_the_rule_needs_force(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "noisy", "--to", "5%", "--yes", status=1)
    assert "The rule does not say to take noisy to 5 % now." in text
    assert "--force" in text
    assert (project / "autoplay.yml").read_text() == CONFIG
    said(capsys, "noisy", "--to", "5", "--yes", "--force", "a test", "--who", "Bob")
    assert "rollout: 5%" in (project / "autoplay.yml").read_text()
    assert main(["changes"]) == 0
    assert "Bob moved noisy from draft to 5%, against the rule: a test" in capsys.readouterr().out


def test_asks_before_it_writes(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no terminal" in said(capsys, "bulk-edit", "--to", "ghost", status=1)
    terminal = io.StringIO("n\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    assert "Nothing was changed." in said(capsys, "bulk-edit", "--to", "ghost", status=1)
    assert (project / "autoplay.yml").read_text() == CONFIG


def test_rejects_for_a_reason(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "reason is empty" in said(capsys, "bulk-edit", "--reject", " ", "--yes", status=1)
    said(capsys, "bulk-edit", "--reject", "we remove the page", "--yes")
    assert "bulk-edit  rejected  It is rejected: we remove the page" in said(capsys)
    assert "was rejected" in said(capsys, "bulk-edit", "--to", "ghost", "--yes", status=1)


def test_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "--json"))
    assert [(each["id"], each["stage"]) for each in found["proposals"]] == [
        ("bulk-edit", "draft"),
        ("noisy", "draft"),
    ]
    assert found["proposals"][0]["decision"]["verdict"]["to"] == "ghost"


def test_checks_a_log_by_deciding_again(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "bulk-edit", "--to", "ghost", "--yes")
    log = project / "proposals" / "bulk-edit" / "log.jsonl"
    assert "1 of 1 decision computed again, with the same answer." in said(capsys, "--check", str(log))
    log.write_text(log.read_text().replace('"found_share":0.1', '"found_share":0.9'))
    text = said(capsys, "--check", str(log), status=1)
    assert "log.jsonl:1: the log says up to ghost" in text
    log.write_text("{}\n")
    assert "log.jsonl:1: this is not an entry" in said(capsys, "--check", str(log), status=1)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nothing"], "no proposal 'nothing'"),
        (["../noisy"], "no proposal '../noisy'"),
        (["bulk-edit", "--to", "10%"], "is no stage"),
        (["bulk-edit", "--to", "draft"], "--back or --reject"),
        (["bulk-edit", "--back"], "is a draft"),
        (["--to", "ghost"], "Name the proposal."),
        (["--check", "none.jsonl"], "none.jsonl: cannot be read"),
    ],
)
def test_names_mistakes(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert expected in said(capsys, *arguments, "--yes", status=1)


def test_names_the_file_of_another_golden_path_before_it_asks(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "golden_paths").mkdir()
    other = "id: other\ntitle: Other\nsteps: [{id: a, title: A, text: B}]\n"
    (project / "golden_paths" / "bulk-edit.yml").write_text(other)
    text = said(capsys, "bulk-edit", "--to", "ghost", "--yes", status=1)
    assert text.startswith("golden_paths/bulk-edit.yml exists already, and holds another golden path.")
    assert (project / "autoplay.yml").read_text() == CONFIG


def test_names_an_error_of_a_draft_in_its_own_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trigger = project / "proposals" / "bulk-edit" / "trigger.yml"
    trigger.write_text(trigger.read_text().replace("at_least: 3", "at_leest: 3"))
    text = said(capsys, "bulk-edit", "--to", "ghost", "--force", "try it", "--yes", status=1)
    assert text.startswith("trigger.yml: when.all.1.count.at_least: this key is required.")
    assert "did you mean 'at_least'?" in text


def test_says_that_a_trigger_is_not_the_proposal_s(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = "triggers:\n  - id: bulk-edit\n    rollout: ghost\n    when: {on_page: /}\n    body: Mine\n"
    (project / "autoplay.yml").write_text(CONFIG + own)
    text = said(capsys, "bulk-edit")
    assert "bulk-edit (ghost)" in text
    assert "no step of this proposal has put it there" in text


def test_says_that_nothing_has_fired_yet(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "bulk-edit", "--to", "ghost", "--yes")
    assert "ghost: 0.0 days, no fires yet" in said(capsys, "bulk-edit")
