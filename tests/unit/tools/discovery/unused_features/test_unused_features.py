"""A feature that few use is found if it shortens what many do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.made_sessions import Session, made

from rasa_autoplay.tools.discovery.findings.finding import Finding
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns
from rasa_autoplay.tools.discovery.unused_features.unused_features import find_unused_features


def found(file: Path, play: Callable[[Session], None], number: int = 500) -> list[Finding]:
    return find_unused_features(read_columns([made(file, number, play, users=100)], "demo"))


def looks_around(session: Session) -> None:
    for _ in range(session.chance.randrange(1, 5)):
        page = session.chance.choice(["/home", "/reports", "/team", "/billing"])
        session.opens(page)
        for _ in range(session.chance.randrange(3)):
            session.clicks(session.chance.choice(["Sort", "Help", "Filter", "More"]))


def exports_by_hand(session: Session) -> None:
    session.opens("/reports")
    session.clicks(
        "Open", f"open-{session.chance.randrange(900)}", f"/reports/{session.chance.randrange(900)}"
    )
    session.clicks("Menu", "menu")
    session.clicks("Settings", "settings")
    session.fills("Format", "format")
    session.clicks("Export", "export", "/exports/done")


def exports_quickly(session: Session) -> None:
    session.opens("/reports")
    session.clicks("Quick export", "quick-export", "/exports/done")


def is_expert(session: Session) -> bool:
    return session.user in {f"user-{number}" for number in range(12)}


def test_finds_a_feature_that_few_use(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.5:
            (exports_quickly if is_expert(session) else exports_by_hand)(session)
        looks_around(session)

    (finding,) = found(tmp_path / "x.jsonl", play)
    assert [act.element_id for act in finding.fast_way][:-1] == ["quick-export"]
    assert finding.goal is not None
    assert finding.goal.page == "/exports/done"
    assert [act.element_id for act in finding.slow_way[:-1]] == [
        "open-*",
        "menu",
        "settings",
        "format",
        "export",
    ]
    assert finding.extra_acts == 4
    assert finding.extra_s > 5
    assert finding.trigger["when"]["all"][0]["sequence"][0]["page"] == {"exact": "/reports"}


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_leaves_out_a_feature_that_many_use(tmp_path: Path, share: float) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        knows = int(session.user.removeprefix("user-")) < 100 * share
        if session.chance.random() < 0.5:
            (exports_quickly if knows else exports_by_hand)(session)

    assert found(tmp_path / "x.jsonl", play) == []


def test_leaves_out_what_saves_nothing(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.5:
            if is_expert(session):
                session.opens("/reports")
                session.clicks("Preview", "preview")
            exports_by_hand(session)

    assert found(tmp_path / "x.jsonl", play) == []


def test_leaves_out_rare_acts_without_an_end(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        for _ in range(session.chance.randrange(6)):
            session.clicks(f"Rare {session.chance.choice('abcdefghijklmnop')}")
        looks_around(session)

    assert found(tmp_path / "x.jsonl", play) == []


def test_needs_more_than_a_handful_of_users(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.5:
            knows = session.user in ("user-1", "user-2", "user-3")
            (exports_quickly if knows else exports_by_hand)(session)

    assert found(tmp_path / "x.jsonl", play) == []
