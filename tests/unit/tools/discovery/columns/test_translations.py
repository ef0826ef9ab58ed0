"""One control without an id is one act in all languages; controls that only differ stay apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.made_sessions import Session, made

from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.translations import with_translations
from rasa_autoplay.tools.discovery.evidence.act_matcher import ActMatcher
from rasa_autoplay.tools.discovery.findings.checked_triggers import with_valid_triggers
from rasa_autoplay.tools.discovery.findings.finding import FindingKind
from rasa_autoplay.tools.discovery.findings.path_draft import path_of_acts
from rasa_autoplay.tools.discovery.journeys import find_journeys
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns

#: The same controls in three languages. No word has anything in common.
MENU = (("Reports", "Berichte", "Informes"), ("Team", "Leute", "Equipo"), ("Home", "Start", "Inicio"))
NEW, SOURCE, CHART, NOTE, BUILD = (
    ("New", "Neu", "Nuevo"),
    ("Source", "Quelle", "Origen"),
    ("Chart", "Diagramm", "Gráfico"),
    ("Note", "Notiz", "Apunte"),
    ("Build", "Erstellen", "Crear"),
)
PAGES = {"Reports": "/reports", "Team": "/team", "Home": "/home"}


def language_of(session: Session, languages: int) -> int:
    """Each user reads one language; the first is the most frequent one."""
    return max(0, int(session.user.removeprefix("user-")) % (languages + 2) - 2)


def looks_around(session: Session, language: int) -> None:
    for _ in range(session.chance.randrange(1, 6)):
        names = session.chance.choice(MENU)
        session.clicks(names[language], "", PAGES[names[0]])


def builds(session: Session, language: int) -> None:
    session.clicks(MENU[0][language], "", "/reports")
    session.clicks(NEW[language], "", "/reports/new")
    for field in (SOURCE, CHART, NOTE):
        session.fills(field[language])
    session.clicks(BUILD[language], "", "/reports/ready")


def plays(languages: int) -> Callable[[Session], None]:
    def play(session: Session) -> None:
        language = language_of(session, languages)
        looks_around(session, language)
        if session.chance.random() < 0.5:
            builds(session, language)
        looks_around(session, language)

    return play


def joined(file: Path, play: Callable[[Session], None], users: int = 150) -> Columns:
    return with_translations(read_columns([made(file, 700, play, users=users)], "demo"))


def titles_on(columns: Columns, page: str) -> set[frozenset[str]]:
    """Return the names of each control that is used on a page."""
    used = [columns.acts[code] for code in sorted(set(columns.act.tolist()))]
    return {
        frozenset(title.split(" ", 1)[1] for title in (act.title, *act.also))
        for act in used
        if act.page == page and not act.is_page_view
    }


@pytest.mark.parametrize("languages", [2, 3])
def test_joins_the_translations_of_a_form(tmp_path: Path, languages: int) -> None:
    columns = joined(tmp_path / "r.jsonl", plays(languages))
    expected = {frozenset(names[:languages]) for names in (SOURCE, CHART, NOTE, BUILD)}
    assert titles_on(columns, "/reports/new") == expected


def test_a_title_may_be_the_same_in_two_of_three_languages(tmp_path: Path) -> None:
    import_ = ("Import", "Import", "Importar")

    def play(session: Session) -> None:
        language = language_of(session, 3)
        plays(3)(session)
        if session.chance.random() < 0.4:
            session.clicks(MENU[1][language], "", "/team")
            session.clicks(import_[language], "", "/team/file")

    assert frozenset(import_) in titles_on(joined(tmp_path / "r.jsonl", play), "/team")


def test_one_language_stays_as_it_is(tmp_path: Path) -> None:
    file = made(tmp_path / "r.jsonl", 500, plays(1), users=100)
    columns = read_columns([file], "demo")
    assert with_translations(columns) is columns


def test_people_with_other_tasks_do_not_speak_another_language(tmp_path: Path) -> None:
    """Two trades use the same pages, and never the same buttons: what happens around these differs."""

    def play(session: Session) -> None:
        trade = int(session.user.removeprefix("user-")) % 2
        for _ in range(session.chance.randrange(2, 6)):
            session.opens("/desk")
            for act in (("Search", "Weigh", "Load", "Print"), ("Chat", "Search", "Print", "Sell"))[trade]:
                session.clicks(act)
            session.opens(("/lorries", "/shops")[trade])

    assert all(len(names) == 1 for names in titles_on(joined(tmp_path / "r.jsonl", play), "/desk"))


def test_a_workflow_in_two_languages_is_proposed_once_for_both(tmp_path: Path) -> None:
    columns = joined(tmp_path / "r.jsonl", plays(2))
    (finding,) = (each for each in find_journeys(columns) if each.kind is FindingKind.WORKFLOW)
    goal = {"exact": "Click Build"}, {"exact": "Click Erstellen"}
    assert finding.goal is not None
    assert finding.trigger["goal"]["count"]["title"] == list(goal)
    assert finding.path is not None
    assert finding.path.steps[-1].settings["done_when"]["title"] == list(goal)
    assert with_valid_triggers([finding], EngineSettings(product_id="demo"))[1] == []


def test_a_workflow_whose_titles_could_not_be_joined_is_proposed_once(tmp_path: Path) -> None:
    findings = find_journeys(read_columns([made(tmp_path / "r.jsonl", 700, plays(2), users=150)], "demo"))
    (finding,) = (each for each in findings if each.kind is FindingKind.WORKFLOW)
    assert finding.slow_way[-1].title == "Click Build"


@pytest.mark.parametrize(
    ("title", "fits"), [("Click Build", True), ("Click Erstellen", True), ("Click X", False)]
)
def test_evidence_counts_an_act_in_each_language(tmp_path: Path, title: str, fits: bool) -> None:
    columns = joined(tmp_path / "r.jsonl", plays(2))
    acts = [act for act in columns.acts if act.title == "Click Build" and act.also]
    action = SlimAction(title, "", "https://app.example.com/reports/new", type="click")
    assert ActMatcher(acts)(action) is fits
    assert path_of_acts(acts) is not None
