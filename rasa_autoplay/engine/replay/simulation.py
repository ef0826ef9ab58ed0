"""Simulates what the engine would have done: replays recorded moments with simulated users."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import evaluation_requests
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.courses import courses_of
from rasa_autoplay.engine.replay.foresight import Foresight
from rasa_autoplay.engine.replay.moment import Moment, NumberedMoment
from rasa_autoplay.engine.replay.near_misses import NearMisses, even_sample
from rasa_autoplay.engine.replay.replay import Replay, ReplayClock
from rasa_autoplay.engine.replay.replay_memory import ReplayMemory
from rasa_autoplay.engine.replay.replay_timers import ReplayTimers, Step
from rasa_autoplay.engine.replay.results import Fire, Outcome, SessionStory, Suppression
from rasa_autoplay.engine.replay.users import remembered_users
from rasa_autoplay.engine.sessions.session import SessionKey

__all__ = [
    "REPORTED_MOMENTS",
    "SimulatedUsers",
    "Simulation",
    "empty_outcome",
    "replay",
    "stories_of",
]

#: Progress is reported after this many moments.
REPORTED_MOMENTS = 1000


def replay(
    moments: Sequence[Moment],
    configuration: Configuration,
    assumptions: Assumptions,
    replayed: Callable[[int], object] = int,
) -> Outcome:
    """Replay recordings.

    Args:
        moments: the recorded moments, in order of time.
        configuration: the triggers, golden paths and settings.
        assumptions: how users behave.
        replayed: called with the number of additional moments replayed.
    """
    return asyncio.run(_replay(moments, configuration, assumptions, replayed))


async def _replay(
    moments: Sequence[Moment],
    configuration: Configuration,
    assumptions: Assumptions,
    replayed: Callable[[int], object],
) -> Outcome:
    outcome = empty_outcome(configuration, assumptions, stories_of(moments))
    clock = ReplayClock()
    timers = ReplayTimers(clock)
    simulation = Simulation(configuration, outcome, even_sample(outcome.sessions), clock, timers)
    simulation.replay.begin(moments[0][0])
    for number, (at, payload, source) in enumerate(moments, 1):
        await simulation.replay.apply(payload, source, at, number)
        if number % REPORTED_MOMENTS == 0:
            replayed(REPORTED_MOMENTS)
    await simulation.finish(moments[-1][0] + assumptions.stays_s)
    replayed(len(moments) % REPORTED_MOMENTS)
    return outcome


def empty_outcome(
    configuration: Configuration, assumptions: Assumptions, stories: dict[SessionKey, SessionStory]
) -> Outcome:
    """Return the outcome of a replay that has not begun.

    Args:
        configuration: the triggers, golden paths and settings.
        assumptions: how users behave.
        stories: the recorded sessions.
    """
    return Outcome(
        configuration.name,
        configuration.settings.product_id,
        [trigger.id for trigger in configuration.triggers],
        assumptions,
        stories,
        external_ids=[trigger.id for trigger in configuration.triggers if trigger.is_external],
    )


def stories_of(moments: Sequence[Moment]) -> dict[SessionKey, SessionStory]:
    """Return the sessions with at least one action, in order of their first moment."""
    stories: dict[SessionKey, SessionStory] = {}
    for at, payload, _ in moments:
        key = (payload.product_id, payload.session_id or "")
        story = stories.get(key)
        if story is None:
            story = stories[key] = SessionStory(key[1])
        story.user_id = payload.user_id or story.user_id
        if payload.actions:
            story.actions.append(payload.actions[0])
            story.times.append(at)
    return {key: story for key, story in stories.items() if story.times}


class SimulatedUsers:
    """Users who see every toast at once, and answer as is assumed.

    Args:
        configuration: the settings.
        outcome: gets the offers.
    """

    def __init__(self, configuration: Configuration, outcome: Outcome) -> None:
        self._session = configuration.settings.session
        self._assumptions = outcome.assumptions
        self._outcome = outcome

    async def offered(self, replay: Replay, offer: Offer) -> None:
        """Show a toast to its user, or count it as shown if it is withheld."""
        now, lifecycle = replay.clock(), replay.core.lifecycle
        if offer.is_withheld:
            self._outcome.withheld.append(self._fire(offer, now))
            await lifecycle.advance(offer, OfferStatus.RENDERED, now)
            return
        self._outcome.fires.append(self._fire(offer, now))
        await lifecycle.receipt(offer.offer_id, "rendered", now)
        if answer := self._assumptions.answer_to(offer):
            due = now + self._assumptions.answer_after_s
            replay.call_at(due, lambda: lifecycle.receipt(offer.offer_id, answer, due))

    def is_present(self, key: SessionKey, now: float) -> bool:
        """Whether the user is assumed to be on the page."""
        story = self._outcome.sessions.get(key)
        gap_s = self._session.idle_timeout
        return story is not None and story.is_present(now, self._assumptions.stays_s, gap_s)

    def _fire(self, offer: Offer, now: float) -> Fire:
        own_timeout_s, own_cooldown_s = offer.interaction_timeout_s, offer.cooldown_s
        timeout_s = self._session.interaction_timeout if own_timeout_s is None else own_timeout_s
        cooldown_s = self._session.cooldown if own_cooldown_s is None else own_cooldown_s
        answered_s = self._assumptions.answer_after_s if self._assumptions.answer_to(offer) else 0.0
        last_at = self._outcome.sessions[offer.product_id, offer.session_id].times[-1]
        return Fire(
            trigger_id=offer.trigger_id,
            user_id=offer.user_id,
            session_id=offer.session_id,
            at=now,
            body=offer.body,
            page=offer.page,
            quiet_until=now + answered_s + timeout_s + cooldown_s,
            after_last_action=now > last_at,
            arm=offer.arm.value,
            variant=offer.variant,
        )


class Simulation:
    """One run of a simulation.

    Args:
        configuration: the triggers, golden paths and settings.
        outcome: gets the results; it has the recorded sessions.
        examined: the sessions in which near misses are searched.
        clock: its clock.
        timers: on the same clock.
    """

    def __init__(
        self,
        configuration: Configuration,
        outcome: Outcome,
        examined: frozenset[SessionKey],
        clock: ReplayClock,
        timers: ReplayTimers,
    ) -> None:
        self._settings, self._outcome, self._examined = configuration.settings.session, outcome, examined
        self._timers = timers
        #: By user: the step in which it appeared.
        self.appeared: dict[str, Step] = {}
        self._memory_store = LocalMemoryStore()
        self.memory = ReplayMemory(
            configuration.paths, self._memory_store, evaluation_requests(timers, clock)
        )
        self._near_misses = NearMisses(examined, configuration.evaluated_triggers, self.memory)
        self.replay = Replay(
            configuration,
            clock,
            timers,
            self.memory,
            SimulatedUsers(configuration, outcome),
            observe=self._record,
            load_histories=self._load,
            evaluated=self._examine,
        )
        tracker = self.memory.follower.tracker
        self._foresight = Foresight(configuration, self.replay.core, timers, tracker)

    async def replay_users(self, moments: Sequence[NumberedMoment], begins_at: float, ends_at: float) -> None:
        """Replay some users from the beginning to the end of a recording.

        Args:
            moments: all moments of these users, in order of time; no other user affects them.
            begins_at: when the whole recording begins, epoch seconds.
            ends_at: when the replay ends, epoch seconds.
        """
        courses = courses_of(moments, self._settings, self._outcome.assumptions.stays_s, self._examined)
        self._foresight.begin(courses)
        self.replay.begin(begins_at)
        place = 0
        while place < len(moments):
            number, at, payload, source = moments[place]
            if self.replay.next_due() <= at:
                self._foresight.forget()
                await self.replay.pass_time(at)
            past = await self._foresight.skip(moments, place, self.replay.clock.now, self.replay.next_due())
            if past == place:
                self._foresight.forget()
                await self.replay.apply(payload, source, at, number)
                past += 1
            self.replay.clock.now = moments[past - 1][1]
            place = past
        await self.replay.pass_time(ends_at)
        await self.replay.end()

    async def finish(self, ends_at: float) -> None:
        """Let time pass until the last user has left (epoch seconds), and complete the outcome."""
        await self.replay.pass_time(ends_at)
        self._outcome.counts.update(self.replay.core.counts)
        self._near_misses.report_to(self._outcome)
        await self.replay.sessions.clear()
        await self.memory.finish_pending()
        self._outcome.users = await remembered_users(self._memory_store, self.memory)

    def _load(self) -> Awaitable[object] | None:
        for user_id in self.memory.new_users():
            self.appeared.setdefault(user_id, self._timers.step)
        return self.memory.load()

    def _examine(self, key: SessionKey, now: float) -> Awaitable[None] | None:
        return self._examine_now(key, now) if key in self._examined else None

    async def _examine_now(self, key: SessionKey, now: float) -> None:
        session = await self.replay.sessions.find(key)
        if session is not None and session.user_id:
            self._near_misses.examine(session, now)

    def _record(self, decision: Decision) -> None:
        is_made = decision.outcome in ("offered", "withheld") and not decision.gate
        if is_made or decision.outcome == "fired":
            return
        self._outcome.suppressed.append(
            Suppression(
                trigger_id=decision.trigger_id,
                user_id=decision.user_id,
                session_id=decision.session_id,
                at=decision.at,
                gate=decision.gate,
                until=decision.until,
                outcome="stopped" if decision.outcome == "withheld" else decision.outcome,
                detail=decision.detail,
            )
        )
