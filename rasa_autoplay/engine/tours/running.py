"""The tours that run now: which steps the user has done, and which were given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from rasa_autoplay.common.runtime.timers import Timers
from rasa_autoplay.engine.knowledge.attempts import Attempt, StepEvidence, attempts_of
from rasa_autoplay.engine.knowledge.completion import Completion
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.offers.open_offers import FramePublisher
from rasa_autoplay.engine.offers.presence import Presence, by_gateway
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.link.frames import FeedFrame

__all__ = ["RunningTour", "RunningTours", "TourTimer"]

#: A tour without any news for this long was given up: its tab was closed, or the user went away (seconds).
GIVEN_UP_AFTER_S = 900.0


class TourTimer(str, Enum):
    """What time alone does to tours; the timer's argument is the user's id."""

    GIVE_UP = "give_up_tour"


@dataclass
class RunningTour:
    """A tour in a user's browser.

    Args:
        path: the golden path that it shows.
        offer_id: the offer that it came with; empty for none.
        step: id of the step that the browser reported last.
        attempt: the steps that were done so far.
        seen: the newest action that was looked at; its time in epoch seconds and its index.
    """

    path: GoldenPath
    offer_id: str
    step: str
    attempt: Attempt
    seen: tuple[float, int] = (0.0, -1)

    def switch_to(self, path: GoldenPath) -> None:
        """Continue with another version of the path; the steps that were done are found by their ids."""
        places = {step.id: place for place, step in enumerate(path.steps)}
        moved = {old: places[step.id] for old, step in enumerate(self.path.steps) if step.id in places}
        former, self.path, self.attempt = self.attempt, path, Attempt(Completion.of(path.steps))
        self.attempt.done = {moved[step]: done for step, done in former.done.items() if step in moved}
        self.attempt.failed = {moved[step]: found for step, found in former.failed.items() if step in moved}
        self.attempt.last, self.attempt.last_step = former.last, moved.get(former.last_step, -1)
        self.attempt.step = moved.get(former.step, -1)

    def observe(self, evidence: Sequence[StepEvidence]) -> list[int]:
        """Record newer evidence; returns the indexes of the steps that it shows done."""
        newer = [each for each in evidence if (each.at, each.index) > self.seen]
        done = []
        for each in newer:
            self.seen = (each.at, each.index)
            if not each.signal:
                step = self.attempt.step_of(each)
                self.attempt.record(step, each)
                done.append(step)
        return done


class RunningTours:
    """Follows tours while they run, and tells their browsers what the user has done.

    The matcher that fills memory decides what was done (``done_when``), so a step counts however it was done.

    Args:
        presence: which feeds are open.
        publisher: sends frames to the gateways.
        timers: gets :class:`TourTimer`.
    """

    def __init__(self, presence: Presence, publisher: FramePublisher, timers: Timers) -> None:
        self._presence = presence
        self._publisher = publisher
        self._timers = timers
        self._by_user: dict[str, RunningTour] = {}

    def start(
        self, user_id: str, path: GoldenPath, offer_id: str, session: Session | None, now: float
    ) -> list[str]:
        """Follow a tour from now on.

        Args:
            user_id: the user.
            path: the tour's golden path.
            offer_id: the offer that it came with; empty for none.
            session: the user's session; None when there is none.
            now: epoch seconds.

        Returns:
            Ids of the steps that the user had done before, in the attempt that they are in.
        """
        completion = Completion.of(path.steps)
        evidence = _evidence(session, path)
        attempts = attempts_of(completion, evidence) if evidence and completion.provable else []
        is_under_way = bool(attempts) and not attempts[-1].completed
        attempt = attempts[-1] if is_under_way else Attempt(completion)
        newest = evidence[-1] if evidence else None
        tour = RunningTour(path, offer_id, "", attempt)
        if newest is not None:
            tour.seen = (newest.at, newest.index)
        self._by_user[user_id] = tour
        self._wait_for_news(user_id, now)
        return [path.steps[index].id for index in sorted(attempt.done)]

    def report_step(self, user_id: str, step: str, now: float) -> str:
        """Record that the browser shows another step; returns the id of the tour's offer, empty for none."""
        tour = self._by_user.get(user_id)
        if tour is not None:
            tour.step = step or tour.step
            self._wait_for_news(user_id, now)
        return tour.offer_id if tour is not None else ""

    def end(self, user_id: str) -> RunningTour | None:
        """Follow the user's tour no longer; returns it, or None if none ran."""
        self._timers.set((TourTimer.GIVE_UP, user_id), None)
        return self._by_user.pop(user_id, None)

    def switch_to(self, path_of: Callable[[str], GoldenPath | None]) -> None:
        """Follow all tours along other golden paths.

        A tour whose path is gone gets no more news, but how it ends still counts.

        Args:
            path_of: returns the golden path with an id; None if there is none.
        """
        for tour in self._by_user.values():
            path = path_of(tour.path.id)
            if path is not None and path != tour.path:
                tour.switch_to(path)

    def release(self, is_theirs: Callable[[str], bool]) -> None:
        """Forget the tours of these users: another engine serves them from now on."""
        for user_id in [user_id for user_id in self._by_user if is_theirs(user_id)]:
            self.end(user_id)

    def observe(self, session: Session, now: float) -> None:
        """Tell the user's browsers which steps the session's new actions have done."""
        tour = self._by_user.get(session.user_id or "")
        if tour is None or not tour.attempt.steps.provable:
            return
        done = tour.observe(_evidence(session, tour.path))
        if done:
            self._wait_for_news(session.user_id or "", now)
            self._send(session.user_id or "", tour, done)

    def _send(self, user_id: str, tour: RunningTour, done: Sequence[int]) -> None:
        progress = {
            "tour_id": tour.path.id,
            "done": [tour.path.steps[index].id for index in done],
            "complete": tour.attempt.completed,
            **({"next": upcoming} if (upcoming := _step_after_chat_only(tour.path, done)) else {}),
        }
        data = msgspec.json.encode(progress).decode()
        for gateway_id, feed_ids in by_gateway(self._presence.feeds_of(user_id)).items():
            # Without an SSE id, so that the feed's Last-Event-ID stays that of the last offer.
            self._publisher.push(gateway_id, FeedFrame(user_id, "tour_progress", "", data, feed_ids))

    def _wait_for_news(self, user_id: str, now: float) -> None:
        self._timers.set((TourTimer.GIVE_UP, user_id), now + GIVEN_UP_AFTER_S)


def _step_after_chat_only(path: GoldenPath, done: Sequence[int]) -> str:
    """Id of the tour's step after a done step that only the chat explains; empty if there was none."""
    chat_only = [index for index in done if not path.steps[index].elements]
    following = path.steps[max(chat_only) + 1 :] if chat_only else []
    return next((step.id for step in following if step.elements), "")


def _evidence(session: Session | None, path: GoldenPath) -> Sequence[StepEvidence]:
    """What the session's actions show of a path, in order of time."""
    return session.step_evidence.get(path.id, ()) if session is not None and session.step_evidence else ()
