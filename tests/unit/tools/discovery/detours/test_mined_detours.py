"""Detours are found with what they cost, and only if the other way is really shorter for the same task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from support.made_sessions import Session, made

from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.tools.discovery.findings.checked_triggers import with_valid_triggers
from rasa_autoplay.tools.discovery.findings.finding import Finding, FindingKind
from rasa_autoplay.tools.discovery.journeys import find
from rasa_autoplay.tools.discovery.reading.reading import read_columns

Play = Callable[[Session], None]

PAGES = ("/home", "/projects", "/reports", "/team", "/files")
SLOW = ("columns", "copy-rows", "paste-sheet", "tidy-sheet", "save-sheet")


def detours(file: Path, play: Play, number: int = 500) -> list[Finding]:
    findings = find(read_columns([made(file, number, play, users=90)], "demo"))
    return [each for each in findings if each.kind is FindingKind.DETOUR]


def looks_around(session: Session) -> None:
    for _ in range(session.chance.randrange(1, 8)):
        page = session.chance.choice(PAGES)
        if session.chance.random() < 0.4:
            session.clicks(f"Menu {page}", f"menu{page.replace('/', '-')}", page)
        session.clicks_here(session.chance.choice(("help", "sort", "filter", "refresh")))


def is_slow(session: Session) -> bool:
    """Whether the user knows only the long way: each user has a habit."""
    return int(session.user.split("-")[1]) % 3 > 0


def exports(session: Session, *, slow: bool) -> None:
    session.clicks("Menu /reports", "menu-reports", "/reports")
    session.clicks("Share", "share")
    if slow:
        for step in SLOW:
            session.clicks(step.title(), step)
    else:
        session.clicks("Quick export", "quick-export")
    session.clicks("Finish", "finish", "/reports/done")


def works(session: Session) -> None:
    looks_around(session)
    if session.chance.random() < 0.5:
        exports(session, slow=is_slow(session))
    looks_around(session)


def test_finds_the_long_way_and_the_short_one(tmp_path: Path) -> None:
    (finding,) = detours(tmp_path / "r.jsonl", works)
    assert [act.element_id for act in finding.slow_way] == ["share", *SLOW, "finish"]
    assert [act.element_id for act in finding.fast_way] == ["share", "quick-export", "finish"]
    assert finding.extra_acts == 4
    # Each act takes between 2.5 and 9 s.
    assert 15 < finding.extra_s < 35
    assert finding.users <= 60
    assert finding.path is not None
    assert [step.settings["id"] for step in finding.path.steps] == ["share", "quick-export", "finish"]


def test_the_trigger_fires_early_and_not_for_those_who_know_the_short_way(tmp_path: Path) -> None:
    (finding,) = detours(tmp_path / "r.jsonl", works)
    conditions = finding.trigger["when"]["all"]
    sequence = next(each["sequence"] for each in conditions if "sequence" in each)
    assert [act["element_id"]["exact"] for act in sequence] == ["share", "columns"]
    assert {"element_id": {"exact": "quick-export"}, "page": {"exact": "/reports"}} in [
        each.get("never") for each in conditions
    ]
    assert with_valid_triggers([finding], EngineSettings(product_id="demo"))[1] == []


def test_the_same_page_reached_by_other_acts_is_the_same_end(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.5:
            session.clicks("Menu /reports", "menu-reports", "/reports")
            session.clicks("Share", "share")
            if is_slow(session):
                for step in SLOW:
                    session.clicks(step.title(), step)
                session.clicks("Finish", "finish", "/reports/shared")
            else:
                session.clicks("Send link", "send-link", "/reports/shared")
        looks_around(session)

    (finding,) = detours(tmp_path / "r.jsonl", play)
    assert [act.element_id for act in finding.fast_way] == ["share", "send-link"]
    assert finding.goal is not None
    assert finding.goal.page == "/reports/shared"
    assert with_valid_triggers([finding], EngineSettings(product_id="demo"))[1] == []


def test_two_forms_that_open_the_same_page_have_the_same_end(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.5:
            session.clicks("Menu /projects", "menu-projects", "/projects")
            steps = ("customer", "its-projects", "move", "to") if is_slow(session) else ("change", "new")
            for step in steps:
                session.clicks(step.title(), step)
            session.submits("Ok", f"ok-{steps[0]}", "/projects/moved")
        looks_around(session)

    (finding,) = detours(tmp_path / "r.jsonl", play)
    assert [act.element_id for act in finding.fast_way] == ["change", "new", "ok-change"]
    assert [act.element_id for act in finding.slow_way][-1] == "ok-customer"


def test_two_tasks_with_the_same_last_act_are_no_detour(tmp_path: Path) -> None:
    """Who changes an address fills in more than who changes a name; both save."""

    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.6:
            session.clicks("Menu /settings", "menu-settings", "/settings")
            session.clicks("Edit", "edit")
            if session.chance.random() < 0.5:
                for field in ("street", "number", "city", "zip", "country"):
                    session.fills(field, field)
            else:
                session.fills("name", "name")
            session.clicks("Save", "save", "/settings/saved")
        looks_around(session)

    assert detours(tmp_path / "r.jsonl", play) == []


def test_ways_of_equal_length_are_no_detour(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.5:
            session.clicks("Menu /reports", "menu-reports", "/reports")
            session.clicks("Share", "share")
            for step in ("a-one", "a-two", "a-three") if is_slow(session) else ("b-one", "b-two", "b-three"):
                session.clicks(step, step)
            session.clicks("Finish", "finish", "/reports/done")
        looks_around(session)

    assert detours(tmp_path / "r.jsonl", play) == []


def test_a_short_way_that_takes_as_long_is_no_detour(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.5:
            session.clicks("Menu /reports", "menu-reports", "/reports")
            session.clicks("Share", "share")
            if is_slow(session):
                for step in SLOW:
                    session.clicks(step.title(), step)
            else:
                session.clicks("Generate", "generate")
                session.waits(40)
            session.clicks("Finish", "finish", "/reports/done")
        looks_around(session)

    assert detours(tmp_path / "r.jsonl", play) == []


def test_two_users_prove_nothing(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.5:
            exports(session, slow=session.user not in ("user-1", "user-2"))
        looks_around(session)

    assert detours(tmp_path / "r.jsonl", play) == []
