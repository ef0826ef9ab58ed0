"""Stalls are found where more users than elsewhere give up, fail, or try again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.made_sessions import Session, made
from support.menu_app import Play, amid_noise

from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.tools.discovery.findings.checked_triggers import with_valid_triggers
from rasa_autoplay.tools.discovery.findings.finding import Finding, FindingKind
from rasa_autoplay.tools.discovery.journeys import find_journeys
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns

STEPS = ("new-import", "choose-file", "map-columns", "check-rows", "start-import")


def stalls(file: Path, play: Play, number: int = 500) -> list[Finding]:
    findings = find_journeys(read_columns([made(file, number, play, users=90)], "demo"))
    return [each for each in findings if each.kind is FindingKind.STALL]


def imports(session: Session, at: str = "", trouble: Callable[[Session], bool] | None = None) -> None:
    """Do the workflow; the trouble at a step may end it."""
    session.clicks("Menu /files", "menu-files", "/files")
    for step in STEPS:
        session.clicks(step, step)
        if step == at and trouble is not None and trouble(session):
            return
    session.opens("/files/imported", by_click=True)


def with_trouble(at: str, trouble: Callable[[Session], bool], share: float = 0.4) -> Play:
    def imports_with_trouble(session: Session) -> None:
        has_trouble = session.chance.random() < share
        imports(session, at if has_trouble else "", trouble)

    return amid_noise(imports_with_trouble)


def gives_up(session: Session) -> bool:
    session.waits(90)
    return True


def goes_back_and_forth(session: Session) -> bool:
    for page in ("/files", "/files/columns", "/files"):
        session.opens(page)
    return True


def turns_to_something_else(_session: Session) -> bool:
    return True


def fails(session: Session) -> bool:
    session.fails()
    session.waits(5)
    return False


def repeats(session: Session) -> bool:
    for _ in range(4):
        session.clicks("map-columns", "map-columns")
    return False


@pytest.mark.parametrize(
    ("trouble", "condition"),
    [(gives_up, "absent"), (goes_back_and_forth, "absent"), (fails, "failure"), (repeats, "repeat")],
)
def test_finds_the_step(tmp_path: Path, trouble: Callable[[Session], bool], condition: str) -> None:
    (finding,) = stalls(tmp_path / "r.jsonl", with_trouble("map-columns", trouble))
    assert finding.slow_way[-1].element_id == "map-columns"
    assert [act.element_id for act in finding.fast_way] == list(STEPS)
    assert finding.users >= 20
    assert condition in finding.trigger["when"]["all"][1]
    assert finding.path is not None
    assert with_valid_triggers([finding], EngineSettings(product_id="demo"))[1] == []


def test_what_is_lost_is_what_others_do_not_do(tmp_path: Path) -> None:
    (finding,) = stalls(tmp_path / "r.jsonl", with_trouble("map-columns", repeats))
    assert finding.extra_acts == 4
    # Four acts of 2.5 to 9 s each.
    assert 15 < finding.extra_s < 32


def test_a_few_who_give_up_everywhere_are_no_stall(tmp_path: Path) -> None:
    def gives_up_anywhere(session: Session) -> None:
        imports(session, session.chance.choice((*STEPS[1:-1], "", "", "", "")), gives_up)

    assert stalls(tmp_path / "r.jsonl", amid_noise(gives_up_anywhere)) == []


def test_turning_to_something_else_is_no_stall(tmp_path: Path) -> None:
    assert stalls(tmp_path / "r.jsonl", with_trouble("map-columns", turns_to_something_else)) == []


def test_steps_that_go_well_are_no_stall(tmp_path: Path) -> None:
    assert stalls(tmp_path / "r.jsonl", with_trouble("", gives_up)) == []


def test_a_last_step_that_fails_is_a_stall(tmp_path: Path) -> None:
    (finding,) = stalls(tmp_path / "r.jsonl", with_trouble("start-import", fails, 0.5))
    assert finding.slow_way[-1].element_id == "start-import"
