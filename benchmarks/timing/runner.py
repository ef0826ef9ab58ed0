"""Tells a contestant the sessions, one message at a time, and collects its offers.

The next message leaves only after the answer to the last one, so nobody sees the future. Labels never leave
the runner, except as users' answers to offers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from benchmarks.timing.apps import APPS
from benchmarks.timing.labels import Event, LabelledSession
from benchmarks.timing.messages import AnswerMessage, AppMessage, EventMessage, Message, TickMessage
from benchmarks.timing.referee import Offer, Referee
from rasa_autoplay.errors import AutoplayError

__all__ = ["Contestant", "EntryFailed", "play"]

#: How long the page is silent until a tick, in seconds.
_TICK_S = 1.0
#: How long after an offer its user answers, in seconds.
_ANSWERS_AFTER_S = 3.0
#: Times that differ by less than this are equal.
_SAME_S = 0.001


class EntryFailed(AutoplayError):
    """A contestant broke the rules, died, or was too slow; it has no score."""


class Contestant(Protocol):
    """A program that offers help."""

    def react(self, message: Message) -> Sequence[Offer]:
        """Take a message, and return no offer, or one for this session and this time."""
        ...


def play(sessions: Sequence[LabelledSession], contestant: Contestant) -> list[Offer]:
    """Let a contestant play all sessions; return its offers in order.

    Raises:
        EntryFailed: the contestant broke the rules.
    """
    for app in APPS:
        if contestant.react(AppMessage(**app.as_dict())):
            raise EntryFailed(f"It made an offer before the first session, for the app {app.id}.")
    return [offer for session in sessions for offer in _Play(session).run(contestant)]


class _Play:
    """One session.

    Args:
        session: the session.
    """

    def __init__(self, session: LabelledSession) -> None:
        self._session = session
        self._referee = Referee(session)
        self._answers: list[AnswerMessage] = []

    def run(self, contestant: Contestant) -> Iterator[Offer]:
        """Yield the contestant's offers."""
        for message in self._messages():
            offers = contestant.react(message)
            if len(offers) > 1:
                raise EntryFailed(
                    f"It made {len(offers)} offers in one answer: {offers[:2]}. One is allowed."
                )
            for offer in offers:
                yield self._take(offer, message)

    def _messages(self) -> Iterator[EventMessage | TickMessage | AnswerMessage]:
        events = list(self._session.events)
        last_at = events[0].at
        while True:
            tick_at = round(last_at + _TICK_S, 1)
            message: EventMessage | TickMessage | AnswerMessage
            if events and events[0].at <= min(tick_at, self._next_answer_at()):
                message = self._told(events.pop(0))
            elif self._next_answer_at() <= tick_at:
                message = self._answers.pop(0)
            else:
                message = TickMessage(self._session.id, tick_at)
            if message.at >= self._session.end:
                return
            last_at = message.at
            yield message

    def _next_answer_at(self) -> float:
        return self._answers[0].at if self._answers else float("inf")

    def _told(self, event: Event) -> EventMessage:
        one = self._session
        return EventMessage(
            one.id,
            one.user,
            one.app,
            event.at,
            event.type,
            event.page,
            event.title,
            event.element,
            event.signal,
        )

    def _take(self, offer: Offer, message: EventMessage | TickMessage | AnswerMessage) -> Offer:
        if offer.session != message.session or not abs(offer.at - message.at) < _SAME_S:
            raise EntryFailed(
                f"It made an offer for session {offer.session!r:.40} at {offer.at}, when it was told about "
                f"session {message.session!r} at {message.at}. Both must be the same."
            )
        taken = Offer(offer.session, message.at, offer.workflow)
        answer = self._referee.judge(taken).verdict.answer
        if answer:
            due = round(message.at + _ANSWERS_AFTER_S, 1)
            self._answers.append(AnswerMessage(offer.session, due, answer))
        return taken
