"""Made sessions of an imaginary app, written as a recording: what the tests of discovery look into."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["T0", "Session", "made"]

T0 = 1_700_000_000.0
_DAY_S = 86_400.0


class Session:
    """One session that a test plays.

    Args:
        name: the session's id.
        user: the user's id.
        begins_at: epoch seconds.
        chance: where all randomness comes from.
    """

    def __init__(self, name: str, user: str, begins_at: float, chance: random.Random) -> None:
        self.name, self.user, self.chance = name, user, chance
        self.actions: list[dict[str, Any]] = []
        self._now, self._url = begins_at, "/"

    def opens(self, url: str, *, by_click: bool = False) -> None:
        """View a page; soon after the act before it if that caused the view."""
        self._url = url
        self._add(f"Page load: {url.split('/')[1] or 'home'}", "pageview", "", 0.5 if by_click else None)

    def clicks(self, label: str, element: str = "", leads_to: str = "", wait_s: float | None = None) -> None:
        """Click; the click may lead to a page."""
        self._add(f"Click {label}", "click", element, wait_s)
        if leads_to:
            self.opens(leads_to, by_click=True)

    def fills(self, label: str, element: str = "") -> None:
        """Fill in a field."""
        self._add(f"Change {label}", "type", element, None)

    def submits(self, label: str, element: str, leads_to: str) -> None:
        """Click the button that sends a form, which opens a page."""
        self._add(f"Click {label}", "click", element, None)
        self._add("Submit form", "submit", "", 0.0)
        self.opens(leads_to, by_click=True)

    def clicks_here(self, what: str) -> None:
        """Click an element that every page has, each with an id of its own."""
        self.clicks(what.title(), f"{what}{self._url.replace('/', '-')}")

    def goes(self, url: str) -> None:
        """Be on another page, of which no source tells that it was opened."""
        self._url = url

    def fails(self, message: str = "Error: this did not work") -> None:
        """Meet a failure that the app shows."""
        self._add(message, "", "", 1.0, "error")

    def waits(self, seconds: float) -> None:
        """Do nothing for some time."""
        self._now += seconds

    def _add(self, title: str, kind: str, element: str, wait_s: float | None, signal: str = "") -> None:
        self._now += wait_s if wait_s is not None else self.chance.uniform(2.5, 9.0)
        self.actions.append(
            {
                "title": title,
                "type": kind,
                "raw_url": f"https://app.example.com{self._url}",
                "timestamp_start": self._now,
                "index": len(self.actions),
                "element_id": element,
                "signal": signal,
            }
        )


def made(
    file: Path,
    number: int,
    play: Callable[[Session], None],
    *,
    users: int = 60,
    seed: int = 7,
    days: float = 10,
) -> Path:
    """Write a recording of sessions.

    Args:
        file: the recording.
        number: how many sessions.
        play: plays one session.
        users: how many users share the sessions.
        seed: of the randomness.
        days: how many days the sessions are spread over.
    """
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    lines = []
    for at in range(number):
        begins_at = T0 + chance.random() * days * _DAY_S
        session = Session(f"s{at}", f"user-{chance.randrange(users)}", begins_at, chance)
        play(session)
        batch = {"type": "actions", "product_id": "demo", "session_id": session.name, "user_id": session.user}
        lines.append(json.dumps({**batch, "actions": session.actions}))
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file
