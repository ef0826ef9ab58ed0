"""Detours are found with what they cost, and only if the other way is really shorter for the same task."""

from __future__ import annotations

from pathlib import Path

from support.made_sessions import Session, made
from support.menu_app import Play, amid_noise

from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.tools.discovery.findings.checked_triggers import with_valid_triggers
from rasa_autoplay.tools.discovery.findings.finding import Finding, FindingKind
from rasa_autoplay.tools.discovery.journeys import find_journeys
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns

SLOW = ("columns", "copy-rows", "paste-sheet", "tidy-sheet", "save-sheet")


def detours(file: Path, play: Play, number: int = 500) -> list[Finding]:
    findings = find_journeys(read_columns([made(file, number, play, users=90)], "demo"))
    return [each for each in findings if each.kind is FindingKind.DETOUR]


def knows_the_short_way(session: Session) -> bool:
    """Whether the user is one of the third who do: each user has a habit."""
    return int(session.user.split("-")[1]) % 3 == 0


def ends_a_report(session: Session, *steps: str) -> None:
    """Do some steps on the page of reports; their first and last ones are always the same."""
    session.clicks("Menu /reports", "menu-reports", "/reports")
    session.clicks("Share", "share")
    for step in steps:
        session.clicks(step.title(), step)
    session.clicks("Finish", "finish", "/reports/done")


def exports(session: Session) -> None:
    ends_a_report(session, *(["quick-export"] if knows_the_short_way(session) else SLOW))


def test_finds_the_long_way_and_the_short_one(tmp_path: Path) -> None:
    (finding,) = detours(tmp_path / "r.jsonl", amid_noise(exports))
    assert [act.element_id for act in finding.slow_way] == ["share", *SLOW, "finish"]
    assert [act.element_id for act in finding.fast_way] == ["share", "quick-export", "finish"]
    assert finding.extra_acts == 4
    # Each act takes between 2.5 and 9 s.
    assert 15 < finding.extra_s < 35
    assert finding.users <= 60
    assert finding.path is not None
    assert [step.settings["id"] for step in finding.path.steps] == ["share", "quick-export", "finish"]


def test_the_trigger_fires_early_and_not_for_those_who_know_the_short_way(tmp_path: Path) -> None:
    (finding,) = detours(tmp_path / "r.jsonl", amid_noise(exports))
    conditions = finding.trigger["when"]["all"]
    sequence = next(each["sequence"] for each in conditions if "sequence" in each)
    assert [act["element_id"]["exact"] for act in sequence] == ["share", "columns"]
    assert {"element_id": {"exact": "quick-export"}, "page": {"exact": "/reports"}} in [
        each.get("never") for each in conditions
    ]
    assert with_valid_triggers([finding], EngineSettings(product_id="demo"))[1] == []


def test_the_same_page_reached_by_other_acts_is_the_same_end(tmp_path: Path) -> None:
    def shares(session: Session) -> None:
        session.clicks("Menu /reports", "menu-reports", "/reports")
        session.clicks("Share", "share")
        if knows_the_short_way(session):
            session.clicks("Send link", "send-link", "/reports/shared")
        else:
            for step in SLOW:
                session.clicks(step.title(), step)
            session.clicks("Finish", "finish", "/reports/shared")

    (finding,) = detours(tmp_path / "r.jsonl", amid_noise(shares))
    assert [act.element_id for act in finding.fast_way] == ["share", "send-link"]
    assert finding.goal is not None
    assert finding.goal.page == "/reports/shared"
    assert with_valid_triggers([finding], EngineSettings(product_id="demo"))[1] == []


def test_two_forms_that_open_the_same_page_have_the_same_end(tmp_path: Path) -> None:
    def moves_a_project(session: Session) -> None:
        session.clicks("Menu /projects", "menu-projects", "/projects")
        is_fast = knows_the_short_way(session)
        steps = ("change", "new") if is_fast else ("customer", "its-projects", "move", "to")
        for step in steps:
            session.clicks(step.title(), step)
        session.submits("Ok", f"ok-{steps[0]}", "/projects/moved")

    (finding,) = detours(tmp_path / "r.jsonl", amid_noise(moves_a_project))
    assert [act.element_id for act in finding.fast_way] == ["change", "new", "ok-change"]
    assert [act.element_id for act in finding.slow_way][-1] == "ok-customer"


def test_two_tasks_with_the_same_last_act_are_no_detour(tmp_path: Path) -> None:
    """Who changes an address fills in more than who changes a name; both save."""

    def changes_settings(session: Session) -> None:
        session.clicks("Menu /settings", "menu-settings", "/settings")
        session.clicks("Edit", "edit")
        is_address = session.chance.random() < 0.5
        for field in ("street", "number", "city", "zip", "country") if is_address else ("name",):
            session.fills(field, field)
        session.clicks("Save", "save", "/settings/saved")

    assert detours(tmp_path / "r.jsonl", amid_noise(changes_settings, 0.6)) == []


def test_ways_of_equal_length_are_no_detour(tmp_path: Path) -> None:
    def takes_one_of_two_ways(session: Session) -> None:
        way = "a" if knows_the_short_way(session) else "b"
        ends_a_report(session, f"{way}-one", f"{way}-two", f"{way}-three")

    assert detours(tmp_path / "r.jsonl", amid_noise(takes_one_of_two_ways)) == []


def test_a_short_way_that_takes_as_long_is_no_detour(tmp_path: Path) -> None:
    def generates(session: Session) -> None:
        if not knows_the_short_way(session):
            ends_a_report(session, *SLOW)
            return
        session.clicks("Menu /reports", "menu-reports", "/reports")
        session.clicks("Share", "share")
        session.clicks("Generate", "generate")
        session.waits(40)
        session.clicks("Finish", "finish", "/reports/done")

    assert detours(tmp_path / "r.jsonl", amid_noise(generates)) == []


def test_two_users_prove_nothing(tmp_path: Path) -> None:
    def exports_quickly_if_one_of_two(session: Session) -> None:
        ends_a_report(session, *(["quick-export"] if session.user in ("user-1", "user-2") else SLOW))

    assert detours(tmp_path / "r.jsonl", amid_noise(exports_quickly_if_one_of_two)) == []
