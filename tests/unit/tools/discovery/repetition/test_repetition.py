"""Repetition is found with what does it at once; everyday work that looks alike is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.made_sessions import Session, made
from support.project_edits import edits_one_by_one, looks_at_projects, works_on_projects

from rasa_autoplay.tools.discovery.columns.translations import with_translations
from rasa_autoplay.tools.discovery.findings.finding import Finding
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns
from rasa_autoplay.tools.discovery.repetition.repetition import find_repetition


def found(file: Path, play: Callable[[Session], None], number: int = 300, users: int = 60) -> list[Finding]:
    return find_repetition(read_columns([made(file, number, play, users=users)], "demo"))


def test_finds_the_repetition_and_what_does_it_at_once(tmp_path: Path) -> None:
    (finding,) = found(tmp_path / "x.jsonl", works_on_projects)
    assert finding.page == "/projects/:id"
    assert [act.label for act in finding.slow_way] == ["Edit", "Status", "Save changes"]
    assert finding.fast_way[-1].element_id == "apply-to-all"
    assert "bulk-edit" in [act.element_id for act in finding.fast_way]
    assert finding.users >= 5
    assert len(finding.examples) == 10
    assert finding.extra_s > 60
    assert finding.extra_acts > 5


def test_finds_a_repetition_that_nobody_can_shorten(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        edits_one_by_one(session, session.chance.choice([0, 0, 0, 1, 9]))

    (finding,) = found(tmp_path / "x.jsonl", play)
    assert finding.slow_way[-1].label == "Save changes"
    assert finding.fast_way == ()


def test_finds_clicks_on_the_rows_of_a_list(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        session.opens("/inbox")
        what = session.chance.random()
        if what < 0.3:
            for _ in range(session.chance.randrange(5, 10)):
                session.clicks("Archive", f"archive-{session.chance.randrange(1_000)}")
        elif what < 0.45:
            session.clicks("Select all", "select-all")
            session.clicks("Archive all", "archive-all")
        else:
            session.clicks("Compose", "compose")

    (finding,) = found(tmp_path / "x.jsonl", play, 600)
    assert finding.slow_way[-1].element_id == "archive-*"
    assert [act.label for act in finding.fast_way] == ["Select all", "Archive all"]


NAMES = [f"{first} {last}" for first in ("Ana", "Ben", "Cleo") for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]


def in_a_dialog(session: Session, number: int) -> None:
    for _ in range(number):
        session.opens("/app/v2/tickets")
        session.clicks("Edit", leads_to=f"/app/v2/tickets?edit=T-{session.chance.randrange(300)}")
        session.fills("Status")
        session.clicks("Save")


def by_name(session: Session, number: int) -> None:
    session.opens("/app/v2/tickets")
    for _ in range(number):
        session.clicks(f"Assign {session.chance.choice(NAMES)}")
        session.fills("Note")


def in_a_hash_router(session: Session, number: int) -> None:
    for _ in range(number):
        session.opens("/app#/tickets")
        session.clicks("Open", leads_to=f"/app#/tickets/{session.chance.randrange(400)}")
        session.fills("Owner")
        session.clicks("Save")


@pytest.mark.parametrize(
    ("work", "last"),
    [(in_a_dialog, "Save"), (by_name, "Assign …"), (in_a_hash_router, "Save")],
    ids=["a dialog", "names", "a hash router"],
)
def test_finds_records_wherever_they_are_named(
    tmp_path: Path, work: Callable[[Session, int], None], last: str
) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        what = session.chance.random()
        work(session, session.chance.randrange(6, 11) if what < 0.15 else session.chance.randrange(3))

    (finding,) = found(tmp_path / "x.jsonl", play, 500, users=200)
    assert finding.slow_way[-1].label == last


PEOPLE = ["Quinn García", "Ana Ek", "Émile Dubois", "Jun Abe", "Rosa Tamm", "Wen Ueda", "Luís Fuchs"]


def test_finds_rows_that_ask_back_although_few_know_the_fast_way(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        session.opens("/tickets")
        what = session.chance.random()
        if what < 0.09:
            for _ in range(session.chance.randrange(1, 9)):
                row = f"ticket-archive-T{session.chance.randrange(9_000)}"
                session.clicks(f"Archive {session.chance.choice(PEOPLE)}", row)
                session.clicks("Yes, archive")
        elif what < 0.12:
            session.clicks("Select all", "tickets-all")
            session.clicks("Archive selected", "tickets-archive-selected")
        else:
            session.clicks(
                session.chance.choice(PEOPLE), leads_to=f"/tickets/{session.chance.randrange(9_000)}"
            )
            session.clicks("Reply and close")

    (finding,) = found(tmp_path / "x.jsonl", play, 1_200, users=300)
    assert {act.label for act in finding.slow_way} == {"Archive …", "Yes, archive"}
    assert [act.label for act in finding.fast_way] == ["Select all", "Archive selected"]


def test_finds_one_button_on_the_page_of_each_record(tmp_path: Path) -> None:
    def visit(session: Session, button: str) -> None:
        session.opens("/invoices")
        session.clicks(session.chance.choice(PEOPLE), leads_to=f"/invoices/{session.chance.randrange(900)}")
        session.clicks(button, leads_to="/invoices")

    def play(session: Session) -> None:
        looks_at_projects(session)
        what = session.chance.random()
        for _ in range(session.chance.randrange(1, 9) if what < 0.15 else 0):
            visit(session, "Mark as paid")
        for _ in range(session.chance.randrange(1, 5)):
            visit(session, session.chance.choice(["Send", "Preview", "Back to list", "Back to list"]))

    (finding,) = found(tmp_path / "x.jsonl", play, 800, users=300)
    assert finding.slow_way[-1].label == "Mark as paid"
    assert finding.fast_way == ()


def test_finds_a_button_in_each_row_that_nothing_presses_at_once(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        session.opens("/timesheets")
        if session.chance.random() < 0.15:
            for _ in range(session.chance.randrange(4, 10)):
                session.clicks("Approve", f"approve-{session.chance.randrange(1_000)}")
        elif session.chance.random() < 0.1:
            session.clicks("Approve", f"approve-{session.chance.randrange(1_000)}")
        else:
            session.clicks("Next week", "next-week")

    (finding,) = found(tmp_path / "x.jsonl", play, 600, users=200)
    assert finding.slow_way[-1].element_id == "approve-*"
    assert finding.fast_way == ()


def test_finds_what_does_it_at_once_by_another_name_if_users_select_before(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        session.opens("/parcels")
        what = session.chance.random()
        if what < 0.15:
            for _ in range(session.chance.randrange(1, 9)):
                parcel = session.chance.randrange(100, 1_000)
                session.clicks("Hand over", f"hand-over-{parcel}", f"/parcels/{parcel}/label")
                session.opens("/parcels")
        elif what < 0.22:
            for _ in range(session.chance.randrange(3, 8)):
                session.clicks("Select", f"tick-{session.chance.randrange(100, 1_000)}")
            session.clicks("Fetch all today", "fetch-today")
        else:
            session.clicks("Print list", "print")

    (finding,) = found(tmp_path / "x.jsonl", play, 1_200, users=300)
    assert finding.slow_way[-1].element_id == "hand-over-*"
    assert [act.label for act in finding.fast_way] == ["Select", "Fetch all today"]


def test_finds_one_repetition_if_each_language_puts_names_in_other_words(tmp_path: Path) -> None:
    menu = [("Trips", "Reisen", "Viajes"), ("Team", "Leute", "Gente"), ("Home", "Start", "Inicio")]
    other = ("Back", "Zurück", "Volver")

    def play(session: Session) -> None:
        language = int(session.user.removeprefix("user-")) % 3
        for words in session.chance.choices(menu, k=4):
            session.clicks(words[language], "", f"/{words[0].lower()}")
        session.opens("/trips")
        for _ in range(session.chance.randrange(4, 9) if session.chance.random() < 0.25 else 0):
            name = session.chance.choice(NAMES)
            session.clicks((f"Pay {name}", f"{name} bezahlen", f"Pagar a {name}")[language])
        session.clicks(other[language])

    columns = read_columns([made(tmp_path / "x.jsonl", 900, play, users=300)], "demo")
    (finding,) = find_repetition(with_translations(columns))
    assert len(finding.slow_way[-1].also) == 2


def changes_members(session: Session, number: int) -> None:
    """Each row has the same "Change", and a dialog opens on the same page."""
    session.opens("/members")
    for _ in range(number):
        session.clicks("Change")
        session.fills("Role", "role")
        session.clicks("Save", "member-save")


def test_finds_forms_that_users_open_again_and_again_if_few_change_all_at_once(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        what = session.chance.random()
        if what < 0.5:
            changes_members(session, session.chance.randrange(2, 8))
        elif what < 0.65:
            session.opens("/members")
            session.clicks("Change several", "change-several")
            for _ in range(session.chance.randrange(3, 6)):
                session.clicks("Select", f"tick-{session.chance.randrange(100, 108)}")
            session.clicks("Apply", "members-apply")

    (finding,) = found(tmp_path / "x.jsonl", play, 250, users=180)
    assert [act.label for act in finding.slow_way] == ["Change", "Role", "Save"]
    assert [act.label for act in finding.fast_way] == ["Change several", "Select", "Apply"]


def test_a_form_that_nothing_replaces_may_change_the_same_record_each_time(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        changes_members(session, session.chance.randrange(2, 8) if session.chance.random() < 0.3 else 0)

    assert found(tmp_path / "x.jsonl", play) == []


def test_random_clicks_are_no_repetition(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        for _ in range(60):
            session.opens(f"/projects/{session.chance.randrange(900)}", by_click=True)
            session.clicks(f"Button {session.chance.choice('abcdefghijklmnopqrst')}")

    assert found(tmp_path / "x.jsonl", play, 400) == []


def pages_of_a_list(session: Session) -> None:
    session.opens("/invoices")
    for page in range(1, session.chance.randrange(2, 10)):
        session.clicks(str(page), f"page-{page}", f"/invoices?page={page}")


def tabs(session: Session) -> None:
    session.opens(f"/projects/{session.chance.randrange(500)}")
    for _ in range(session.chance.randrange(2, 9)):
        session.clicks("Tab", f"tab-{session.chance.randrange(6)}")


def search(session: Session) -> None:
    session.opens("/projects")
    for _ in range(session.chance.randrange(2, 9)):
        session.fills("Search", "search")
        session.clicks("Search", "go")


def chat(session: Session) -> None:
    for _ in range(session.chance.randrange(2, 7)):
        session.opens("/chats")
        session.clicks("Open", leads_to=f"/chats/{session.chance.randrange(900)}")
        for _ in range(session.chance.randrange(2, 6)):
            session.fills("Message", "message")
            session.clicks("Send", "send")


def media_player(session: Session) -> None:
    for _ in range(session.chance.randrange(2, 9)):
        session.opens(f"/videos/{session.chance.randrange(900)}")
        for _ in range(session.chance.randrange(1, 5)):
            session.clicks(session.chance.choice(["Play", "Pause", "Skip"]), "player")


def polling(session: Session) -> None:
    session.opens("/status")
    for job in range(session.chance.randrange(5, 30)):
        session.opens(f"/status?id={job}")


def wizard(session: Session) -> None:
    for question in range(1, session.chance.randrange(5, 30)):
        session.opens(f"/quiz/{question}", by_click=True)
        session.fills("Answer", "answer")
        session.clicks("Next question", "next")


def calculator(session: Session) -> None:
    session.opens("/calculator")
    for _ in range(session.chance.randrange(5, 30)):
        session.clicks("Key", f"key-{session.chance.randrange(10)}")


def reading(session: Session) -> None:
    for _ in range(session.chance.randrange(3, 12)):
        session.opens("/articles")
        session.clicks("Read", leads_to=f"/articles/{session.chance.randrange(900)}")
        session.clicks("Back", "back")


def shopping(session: Session) -> None:
    for _ in range(session.chance.randrange(2, 9)):
        session.opens("/products")
        product = session.chance.randrange(900)
        session.clicks("Open", f"product-{product}", f"/products/{product}")
        session.clicks("Add to cart", "add")
    session.clicks("Checkout", "checkout", "/cart")


def feed(session: Session) -> None:
    session.opens("/feed")
    for _ in range(session.chance.randrange(3, 12)):
        session.clicks("Like", f"like-{session.chance.randrange(900)}")


def reading_or_deleting(session: Session) -> None:
    if session.chance.random() < 0.7:
        reading(session)
        return
    session.opens("/articles")
    for _ in range(3):
        session.clicks("Select", f"select-{session.chance.randrange(900)}")
    session.clicks("Delete selected", "delete-selected")


@pytest.mark.parametrize(
    "work",
    [
        pages_of_a_list,
        tabs,
        search,
        chat,
        media_player,
        polling,
        wizard,
        calculator,
        reading,
        shopping,
        feed,
        reading_or_deleting,
    ],
    ids=lambda work: work.__name__,
)
def test_leaves_out_everyday_work(tmp_path: Path, work: Callable[[Session], None]) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        if session.chance.random() < 0.4:
            work(session)

    assert found(tmp_path / "x.jsonl", play) == []


def test_leaves_out_what_few_users_do(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_at_projects(session)
        if session.user in ("user-1", "user-2"):
            edits_one_by_one(session, 9)

    assert found(tmp_path / "x.jsonl", play) == []
