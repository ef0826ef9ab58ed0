"""Users who visit an app with one workflow and leave: with the engine's parts and a store of user memory."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.memory.base import MemoryStore, SessionRecord, UserKey
from rasa_autoplay.events.models import SlimAction
from support.engine_parts import T0, EngineParts, action, batch, settings
from support.rules import triggers

__all__ = ["APP", "CHECKED", "DAY", "EXPORT", "U1", "comes", "did", "leaves", "parts", "stored"]

DAY = 86_400.0
U1: UserKey = ("demo", "u1")

APP = "https://app.example.com"
EXPORT = GoldenPath.parse_obj(
    {
        "id": "export",
        "title": "Export a report",
        "page": "/reports",
        "steps": [
            {
                "id": "menu",
                "title": "Open Export",
                "element": "#menu",
                "text": "Open.",
                "done_when": {"element_id": "menu"},
            },
            {"id": "format", "title": "Choose", "text": "Choose.", "done_when": {"element_id": "format"}},
            {"id": "wait", "text": "Wait a little."},
            {
                "id": "download",
                "title": "Download",
                "text": "Press Download.",
                "done_when": {"element_id": "download", "page": "/files"},
            },
        ],
    }
)


_CHECK = {"id": "check", "title": "Check it", "text": "Look at it.", "done_when": {"element_id": "check"}}
#: The same workflow with a step after the download, so that a user can download and still miss a step.
CHECKED = GoldenPath.parse_obj({**EXPORT.dict(), "steps": [*(s.dict() for s in EXPORT.steps), _CHECK]})


def did(element: str, at: float, page: str = "/reports") -> SlimAction:
    """Return a click on an element ``at`` seconds after T0."""
    return action(f"Click {element}", at, f"{APP}{page}", element_id=element)


def parts(
    folder: Path, store: MemoryStore | None = None, entries: str = "  []", path: GoldenPath = EXPORT
) -> EngineParts:
    """Return the engine's parts with these triggers and few limits."""
    quick = settings(session={"interaction_timeout": "5s", "cooldown": "0s"})
    return EngineParts(folder, triggers(folder, entries), configuration=quick, paths=[path], memory=store)


async def stored(store: MemoryStore, user: UserKey = U1) -> list[SessionRecord]:
    """Return the user's stored sessions, newest first."""
    found = await store.recall([user])
    assert found is not None
    return found[user]


async def comes(made: EngineParts, at: float, *elements: str, session: str, user: str = "u1") -> None:
    """Let a user use these elements, one per second, from ``at`` seconds after T0 on."""
    made.clock.now = T0 + at + len(elements)
    actions = [
        did(element, at + n, "/files" if element == "download" else "/reports")
        for n, element in enumerate(elements)
    ]
    await made.take(batch(*actions, user=user, session=session))


async def leaves(made: EngineParts) -> None:
    """Let all sessions expire."""
    made.clock.now += made.settings.session.idle_timeout + 1
    await made.sessions.expire(made.clock())
    assert made.keeper is not None
    await made.keeper.finish_pending()
