"""The product as a contestant: one engine for each app, its real core on a simulated clock."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.timing.messages import AppMessage, EventMessage, Message, TickMessage
from benchmarks.timing.referee import Offer
from rasa_autoplay.engine.core.configuration import Configuration, load_configuration
from rasa_autoplay.engine.core.decision_core import evaluation_requests
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.offers.offer import Offer as EngineOffer
from rasa_autoplay.engine.replay.replay import Replay, ReplayClock
from rasa_autoplay.engine.replay.replay_timers import ReplayTimers
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["FilesOf", "Product", "golden_paths_of"]

#: Returns the files of an app's project by their paths, ``autoplay.yml`` among them.
FilesOf = Callable[[AppMessage], Mapping[str, str]]


def golden_paths_of(app: AppMessage) -> dict[str, str]:
    """Return the golden paths of an app as files: what the contestants are told about it, no more."""
    return {f"golden_paths/{one['id']}.yml": json.dumps(_golden_path(one)) for one in app.workflows}


def _golden_path(workflow: Mapping[str, Any]) -> dict[str, Any]:
    steps = [
        {
            "id": step["element"],
            "title": step["title"],
            "element": f"#{step['element']}",
            "text": f"{step['title']}.",
            "done_when": {"title": {"exact": step["title"]}},
        }
        for step in workflow["steps"]
    ]
    page = workflow["page"].partition(".example.com")[2]
    return {"id": workflow["id"], "title": workflow["title"], "page": page, "steps": steps}


class Product:
    """The engine, configured by files.

    Args:
        files_of: the files of each app's project.
    """

    def __init__(self, files_of: FilesOf) -> None:
        self._files_of = files_of
        self._loop = asyncio.new_event_loop()
        self._engines: dict[str, _Engine] = {}
        self._of_session: dict[str, _Engine] = {}

    def react(self, message: Message) -> Sequence[Offer]:
        """Start the app's engine, or let it handle the message."""
        if isinstance(message, AppMessage):
            self._engines[message.id] = _Engine(message.id, _load(self._files_of(message)))
            return ()
        if isinstance(message, EventMessage):
            self._of_session[message.session] = self._engines[message.app]
        engine = self._of_session[message.session]
        if isinstance(message, TickMessage) and not engine.is_due(message.at):
            engine.present = (message.session, message.at)
            return ()
        return self._loop.run_until_complete(engine.react(message))

    def close(self) -> None:
        """End all engines."""
        for engine in self._engines.values():
            self._loop.run_until_complete(engine.close())
        self._loop.close()


def _load(files: Mapping[str, str]) -> Configuration:
    with tempfile.TemporaryDirectory() as name:
        for path, text in files.items():
            file = Path(name, path)
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return load_configuration(YamlFile(Path(name, "autoplay.yml")))


class _Engine:
    """The engine of one app, and its users.

    Args:
        product_id: the app.
        configuration: its files.
    """

    def __init__(self, product_id: str, configuration: Configuration) -> None:
        self._product_id = product_id
        self._clock = ReplayClock()
        self._timers = ReplayTimers(self._clock)
        self._memory = MemoryKeeper(
            configuration.paths, LocalMemoryStore(), evaluation_requests(self._timers, self._clock)
        )
        self._replay = Replay(
            configuration, self._clock, self._timers, self._memory, self, load_histories=self._load_histories
        )
        self._offers: list[EngineOffer] = []
        self._open_offer: dict[str, str] = {}
        #: The session whose page is open, and the time up to which that is known.
        self.present: tuple[str, float] = ("", 0.0)
        self._user = ""
        self._index = 0

    def is_due(self, at: float) -> bool:
        """Whether anything happens in the engine up to a time."""
        due = self._timers.next_due()
        return due is not None and due <= at

    async def react(self, message: EventMessage | Any) -> list[Offer]:
        """Handle a message; return the offers that are made meanwhile."""
        if not self._clock.now:
            self._replay.begin(message.at)
        self.present = (message.session, message.at)
        if isinstance(message, EventMessage):
            self._user = message.user
            await self._replay.apply(self._payload(message), "capture", message.at)
        else:
            await self._replay.pass_time(message.at)
            if not isinstance(message, TickMessage):
                await self._answered(message.session, message.answer, message.at)
        made, self._offers = self._offers, []
        return [Offer(message.session, message.at, offer.golden_path) for offer in made]

    async def close(self) -> None:
        """End all sessions."""
        await self._replay.sessions.clear()
        await self._memory.finish_pending()

    async def offered(self, replay: Replay, offer: EngineOffer) -> None:
        """Show a toast at once, on the user's open page; if another user is there, nobody sees it."""
        if offer.user_id != self._user:
            return
        self._offers.append(offer)
        # It may have been made for an earlier session of this user.
        self._open_offer[self.present[0]] = offer.offer_id
        await replay.core.lifecycle.receipt(offer.offer_id, "rendered", replay.clock())

    def is_present(self, key: SessionKey, now: float) -> bool:
        """Whether the session's page is open."""
        session, until = self.present
        return key[1] == session and now <= until

    async def _answered(self, session: str, answer: str, at: float) -> None:
        await self._replay.core.lifecycle.receipt(self._open_offer[session], answer, at)
        await self._replay.finish_pending()

    async def _load_histories(self) -> None:
        if self._memory.is_loading:
            await self._memory.finish_pending()

    def _payload(self, event: EventMessage) -> ActionsPayload:
        self._index += 1
        action = SlimAction(
            event.title,
            event.title,
            event.page,
            self._index,
            event.type,
            event.at,
            event.at,
            event.page,
            event.session,
            event.user,
            element_id=event.element,
            signal=event.signal,
        )
        return ActionsPayload(
            self._product_id, event.session, event.user, None, [action], forwarded_at=event.at
        )
