"""Replays recorded sessions of one user as they happened: every batch and receipt at its own time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rasa_autoplay.engine.changes.change import Change
from rasa_autoplay.engine.changes.pauses import Pauses, pauses_after
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import evaluation_requests
from rasa_autoplay.engine.courtesy.pause import Pause
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.memory.path_follower import PathFollower
from rasa_autoplay.engine.memory.stored_history import HistoryReader
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.recording.recorder import UNDONE, WITHDRAWN
from rasa_autoplay.engine.recording.remembered import restore_known
from rasa_autoplay.engine.recording.row import RecordingRow
from rasa_autoplay.engine.replay.earlier_offers import offers_as_of
from rasa_autoplay.engine.replay.recorded_answers import AsyncTriggers, RecordedJudge, RecordedUsers
from rasa_autoplay.engine.replay.recorded_rows import (
    RecordedBatch,
    RecordedEvent,
    RecordedInput,
    decisions_among,
    inputs_among,
)
from rasa_autoplay.engine.replay.replay import Replay, ReplayClock
from rasa_autoplay.engine.replay.replay_timers import ReplayTimers
from rasa_autoplay.engine.sessions.session import Session, SessionKey

__all__ = ["RecordedReplay", "ReplayMaterial"]

#: A replay in a thread pauses this often and this long, so that the event loop of the engine can go on.
_WORK_S = 0.002
_PAUSE_S = 0.0005


@dataclass(frozen=True)
class ReplayMaterial:
    """Everything that a replay needs, read from the database.

    Args:
        rows: the rows of the sessions, in order.
        offers: the user's offers as they are now; those made before the first row are restored.
        pauses: the entries about pauses, in order.
    """

    rows: Sequence[RecordingRow]
    offers: Sequence[Offer] = field(default_factory=list)
    pauses: Sequence[Change] = field(default_factory=list)


class _PastPauses:
    """The pauses that were in force at the time of a clock.

    Args:
        changes: the entries about pauses, in order.
        clock: epoch seconds.
    """

    def __init__(self, changes: Sequence[Change], clock: Callable[[], float]) -> None:
        self._changes, self._clock = changes, clock

    def of(self, trigger_id: str) -> Pause | None:
        """Return the pause that stopped a trigger; None if nothing stopped it."""
        if not self._changes:
            return None
        now, pauses = self._clock(), Pauses()
        pauses.know(pauses_after(change for change in self._changes if change.at <= now))
        return pauses.of(trigger_id)


class RecordedReplay:
    """One replay of a user's recorded sessions.

    Args:
        material: what was recorded.
        configuration: the triggers, golden paths and settings in force now.
        product_id: the product's id.
    """

    def __init__(self, material: ReplayMaterial, configuration: Configuration) -> None:
        self._product_id = configuration.settings.product_id
        self._earlier_offers = material.offers
        self._inputs: list[RecordedInput] = inputs_among(material.rows)
        self._next = 0
        #: The recorded decisions, and those of the replay so far.
        self.recorded: list[Decision] = decisions_among(material.rows)
        self.decisions: list[Decision] = []
        clock = ReplayClock()
        timers = ReplayTimers(clock)
        self._request_evaluation = evaluation_requests(timers, clock)
        self.async_triggers = AsyncTriggers(self.recorded, configuration.settings.evaluate_timeout + 1.0)
        triggers = self.async_triggers.replacing(configuration.triggers)
        self.configuration = replace(configuration, triggers=triggers)
        self.follower = PathFollower(configuration.paths)
        self._reader = HistoryReader(self.follower.tracker)
        self.users = RecordedUsers(self.recorded)
        self._judge = RecordedJudge(self.recorded, clock)
        self.replay = Replay(
            self.configuration,
            clock,
            timers,
            self.follower,
            self.users,
            judge=self._judge if configuration.settings.llm and configuration.settings.llm.judge else None,
            pause_of=_PastPauses(material.pauses, clock).of,
            observe=self._observe,
        )
        self._engine_id = ""
        self._worked_since = time.perf_counter()

    @property
    def next_at(self) -> float | None:
        """Time of the next recorded input, epoch seconds; None if there is none."""
        return self._inputs[self._next].at if self._next < len(self._inputs) else None

    async def begin(self) -> None:
        """Restore the offers as of the first recorded moment."""
        first_at = self._inputs[0].at
        for offer in offers_as_of(self._earlier_offers, first_at):
            await self.replay.ledger.save(offer)
        self.replay.begin(first_at)
        await self.replay.core.open_offers.restore(first_at)

    async def run_until(self, at: float) -> None:
        """Apply everything that happened up to a time, in epoch seconds."""
        while (due := self.next_at) is not None and due <= at:
            await self.step()
        await self.replay.pass_time(at)

    async def step(self) -> RecordedInput:
        """Apply the next recorded input, and return it."""
        one = self._inputs[self._next]
        self._next += 1
        if isinstance(one, RecordedBatch):
            await self.replay.apply(one.payload, one.source, one.at)
        else:
            await self.replay.pass_time(one.at)
            await self._apply_event(one)
            await self.replay.finish_pending()
            await self.replay.pass_time(one.at)
        self.give_way()
        return one

    async def session(self, session_id: str) -> Session | None:
        """Return the session as it is now; None if it is not live."""
        return await self.replay.core.sessions.find((self._product_id, session_id))

    def give_way(self) -> None:
        """Let the engine's event loop go on, if the replay has worked for a while."""
        if time.perf_counter() - self._worked_since > _WORK_S:
            time.sleep(_PAUSE_S)
            self._worked_since = time.perf_counter()

    def _observe(self, decision: Decision) -> None:
        if decision.outcome == "fired":
            self._judge.fired_trigger_id = decision.trigger_id
        if decision.offer_id:
            self.users.decided(decision)
        self.decisions.append(decision)

    async def _apply_event(self, event: RecordedEvent) -> None:
        lifecycle, fields, now = self.replay.core.lifecycle, event.fields, event.at
        if event.name == "began":
            await self._begin_session(fields)
        elif event.name == "offer":
            await self._change_offer(fields, now)
        elif event.name == "tour_started":
            tour = OfferedTour(fields["tour_id"], fields["tour_id"], "", "")
            offer_id = self.users.replayed_id(fields.get("offer_id", ""))
            await lifecycle.tour_started(event.user_id, tour, now, offer_id)
        elif event.name == "tour_step":
            await lifecycle.tour_stepped(event.user_id, now, fields.get("step", ""))
        elif event.name == "tour_ended":
            outcome, step = fields.get("outcome", ""), fields.get("step", "")
            await lifecycle.tour_ended(event.user_id, now, outcome, step)
        else:
            await self._change_session(event)

    async def _change_session(self, event: RecordedEvent) -> None:
        session = await self.session(event.session_id)
        if session is None:
            return
        if event.name in ("helped", "chat_message"):
            await self.replay.core.lifecycle.helped_on_request(session, event.at)
        elif event.name == "history":
            restore_known(session, event.fields, self._reader)
            self._request_evaluation(session.key)

    async def _begin_session(self, fields: dict[str, str]) -> None:
        """A restarted engine had forgotten the live sessions."""
        engine_id = fields.get("engine", "")
        if self._engine_id not in ("", engine_id):
            await self.replay.sessions.clear()
        self._engine_id = engine_id

    async def _change_offer(self, fields: dict[str, str], now: float) -> None:
        core, offer_id = self.replay.core, self.users.replayed_id(fields["offer_id"])
        offer = core.open_offers.get(offer_id) or await self.replay.ledger.get(offer_id)
        if offer is None:
            return
        if fields["status"] == UNDONE:
            await core.open_offers.undo_acceptance(offer, now)
        elif fields["status"] == WITHDRAWN:
            await core.lifecycle.withdraw(offer, WITHDRAWN, now)
        else:
            await core.lifecycle.advance(offer, OfferStatus(fields["status"]), now)

    def key_of(self, session_id: str) -> SessionKey:
        """Return the key of a session."""
        return self._product_id, session_id
