"""A whole engine that records its sessions. The test moves the time, and each timer fires at its own time."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id
from rasa_autoplay.engine.changes.pauses import pauses_after
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.recording.row import RecordingRow
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.link.messages import Batch, ChatMessage, Event, FeedClosed, FeedInfo, FeedOpened, UpMessage
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.link.requests import Acknowledge, EndTour, ExplainUser, StartTour, StepTour
from rasa_autoplay.link.studio_requests import ExplainMoment
from rasa_autoplay.settings.yaml_file import YamlFile
from support.engine_parts import T0, Clock, Publisher, batch
from support.patient import be_patient

__all__ = ["RecordedEngine", "recorded_engine"]


class RecordedEngine:
    """An engine without background tasks, a gateway, and one user who does what the test says.

    Args:
        folder: where its files and its database are.
        clock: the clock of an earlier run, if this is a restart.
    """

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.clock, self.publisher = clock or Clock(), Publisher()
        self.engine = Engine(YamlFile(folder / "autoplay.yml"), self.publisher, self.clock)
        self.engine._core.schedule_expiry()
        stores = self.engine.stores
        ledger = stores.ledger._ledger
        assert isinstance(ledger, SqlOfferLedger)
        be_patient(ledger, stores.memory, stores.change_log)
        self._number = 1
        self._pause_entries: list[Change] = []

    @property
    def now(self) -> float:
        """Seconds after T0."""
        return self.clock.now - T0

    async def wait(self, seconds: float) -> None:
        """Let time pass; every timer fires at its own time."""
        until = self.clock.now + seconds
        timers = self.engine._timers
        while (due := timers.next_due()) is not None and due <= until:
            self.clock.now = max(due, self.clock.now)
            for key in timers.pop_due(due):
                await self.engine._handle_timer(key)
                await self.settle()
        self.clock.now = until

    async def settle(self) -> None:
        """Wait for everything that is pending at this moment."""
        await self.engine.finish_pending()
        await self.engine._memory.finish_pending()
        await self.engine.finish_pending()

    async def send(self, *messages: UpMessage) -> None:
        """Send messages of a gateway."""
        sent = Batch("d1", "demo", self.engine.engine_id, self._number, list(messages))
        await self.engine.apply_batch(sent)
        self._number += len(messages)
        await self.settle()
        await self.wait(0.0)  # what a loaded history makes due

    async def act(self, *actions: SlimAction, session: str = "s1", user: str | None = "u1") -> None:
        """Let the user act in one batch; the actions' times are those of now."""
        for action in actions:
            action.timestamp_start = action.timestamp_end = self.clock.now
        await self.send(Event(batch(*actions, session=session, user=user), "capture"))

    async def ask(self, request: EngineRequest[Any]) -> Any:
        """Ask the engine, as the gateway does."""
        answer = await self.engine.answer(request)
        await self.settle()
        return answer

    def open_offer(self) -> Offer | None:
        """Return the user's open offer."""
        return self.engine._live.open_offers.of_user("u1")

    async def report(self, event: str) -> None:
        """Send a receipt for the open offer, if there is one that the user can see."""
        offer = self.open_offer()
        if offer is not None and not offer.is_withheld:
            await self.ask(Acknowledge(offer.offer_id, event, "u1"))

    async def listen(self, *, receipts: bool) -> None:
        """Open the user's feed."""
        await self.send(FeedOpened(FeedInfo("f1", "u1", "", receipts)))

    async def leave(self) -> None:
        """Close the user's feed."""
        await self.send(FeedClosed("f1", "u1"))

    async def write(self) -> None:
        """Write a message in the chat."""
        await self.send(ChatMessage("u1", "c1"))

    async def start_tour(self) -> None:
        """Press "Show me" on the open offer, or start the tour without one."""
        offer = self.open_offer()
        await self.ask(StartTour("u1", "export", offer.offer_id if offer else ""))

    async def step_tour(self) -> None:
        """Show the next step of the tour."""
        await self.ask(StepTour("u1", "export", "menu", ""))

    async def end_tour(self, outcome: str) -> None:
        """End the tour."""
        await self.ask(EndTour("u1", outcome, "menu"))

    async def pause(self, kind: ChangeKind, trigger_id: str) -> None:
        """Pause or resume a trigger, as the poller of pauses learns it."""
        change = Change(new_change_id(), "demo", self.clock.now, kind, trigger_id, "Ann", "a test")
        assert await self.engine.stores.change_log.append(change)
        self._pause_entries.append(change)
        self.engine._pauses.know(pauses_after(self._pause_entries))

    async def explain_now(self) -> dict[str, Any]:
        """Explain the user's latest live session."""
        return copy.deepcopy((await self.engine.answer(ExplainUser("u1"))).explanation)  # type: ignore[attr-defined]

    async def explain_at(self, at: float, session: str) -> dict[str, Any]:
        """Explain a session at a time, epoch seconds, from the recording."""
        answer: Any = await self.engine.answer(ExplainMoment("u1", session, at))
        return dict(answer.explanation)

    async def rows(self, *sessions: str) -> list[RecordingRow]:
        """Write what waits, and return the rows of sessions."""
        await self.engine._recording.stop()
        found = await self.engine.stores.recordings.rows_of(sessions or ("s1", "s2"))
        assert found is not None
        return found


@asynccontextmanager
async def recorded_engine(folder: Path, clock: Clock | None = None) -> AsyncIterator[RecordedEngine]:
    """Run an engine on the files in a folder."""
    made = RecordedEngine(folder, clock)
    try:
        yield made
    finally:
        await made.engine.stop()
