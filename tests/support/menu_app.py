"""An imaginary app with a menu, as tests of discovery use it: what users do there without a plan."""

from __future__ import annotations

from collections.abc import Callable

from support.made_sessions import Session

__all__ = ["Play", "amid_noise", "clicks_around", "looks_around"]

Play = Callable[[Session], None]

_PAGES = ("/home", "/projects", "/reports", "/team", "/files")
_BUTTONS = ("help", "sort", "filter", "refresh")


def looks_around(session: Session, most: int = 8) -> None:
    """Go to pages by the menu, and click what is there.

    Args:
        session: the session.
        most: fewer pages than this are visited.
    """
    for _ in range(session.chance.randrange(1, most)):
        page = session.chance.choice(_PAGES)
        if session.chance.random() < 0.4:
            session.clicks(f"Menu {page}", f"menu{page.replace('/', '-')}", page)
        for _ in range(session.chance.randrange(3)):
            clicks_around(session)


def clicks_around(session: Session) -> None:
    """Click a button that every page has."""
    session.clicks_here(session.chance.choice(_BUTTONS))


def amid_noise(task: Play, share: float = 0.5) -> Play:
    """Return sessions that look around, before and after a task.

    Args:
        task: what the tests look for.
        share: the share of the sessions that do it.
    """

    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < share:
            task(session)
        looks_around(session)

    return play
