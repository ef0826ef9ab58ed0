"""Users who edit projects one by one, and few who edit them at once, as tests of discovery play them."""

from __future__ import annotations

from support.made_sessions import Session

__all__ = [
    "edits_at_once",
    "edits_many_or_none",
    "edits_one_by_one",
    "looks_at_projects",
    "works_on_projects",
]


def works_on_projects(session: Session) -> None:
    """In 15 % of the sessions many projects are edited one by one, in 7 % at once."""
    looks_at_projects(session)
    what = session.chance.random()
    if what < 0.15:
        edits_one_by_one(session, session.chance.randrange(5, 12))
    elif what < 0.22:
        edits_at_once(session)
    elif what < 0.5:
        edits_one_by_one(session, 1)
    looks_at_projects(session)


def looks_at_projects(session: Session) -> None:
    """Everyday acts around everything else."""
    for _ in range(session.chance.randrange(1, 6)):
        act = session.chance.randrange(4)
        if act == 0:
            session.opens("/projects")
            session.clicks("Sort", "sort")
        elif act == 1:
            session.opens("/projects")
            session.fills("Search", "search")
        elif act == 2:
            session.clicks("Help", "help")
        else:
            session.opens(f"/projects/{session.chance.randrange(500)}")


def edits_one_by_one(session: Session, number: int) -> None:
    """Open, change and save so many projects, with a glance at the help in some."""
    for _ in range(number):
        record = session.chance.randrange(1_000)
        session.opens("/projects")
        session.clicks("Edit", f"edit-{record}", f"/projects/{record}")
        session.fills("Status", "status")
        if session.chance.random() < 0.2:
            session.clicks("Help", "help")
        session.clicks("Save changes", "save")


def edits_many_or_none(session: Session) -> None:
    """Edit seven projects one by one, one, or none, and nothing else but look at the help."""
    for _ in range(session.chance.choice([0, 0, 1, 7])):
        session.opens("/projects")
        record = session.chance.randrange(1_000)
        session.clicks("Edit", f"edit-{record}", f"/projects/{record}")
        session.fills("Status", "status")
        session.clicks("Save changes", "save")
    session.opens("/help")


def edits_at_once(session: Session) -> None:
    """Select several projects, and change all of them."""
    session.opens("/projects")
    for _ in range(session.chance.randrange(3, 8)):
        session.clicks("Select", f"select-{session.chance.randrange(1_000)}")
    session.clicks("Bulk edit", "bulk-edit")
    session.fills("Status", "bulk-status")
    session.clicks("Apply to all", "apply-to-all")
