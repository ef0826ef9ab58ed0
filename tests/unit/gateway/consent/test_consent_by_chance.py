"""Random orders of events, consents, withdrawals, restarts and silences of the engine.

Nothing is kept that was done before a consent or after a withdrawal, whatever the order. What is kept is
compared with a reference that knows the truth at each moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.consent.required_consent import LATENCY_S, RequiredConsent
from rasa_autoplay.link.answers import UserDeleted
from rasa_autoplay.link.base import Link
from rasa_autoplay.link.consent_answers import ConsentGiven, ConsentsFound
from rasa_autoplay.link.consent_requests import FindConsents, GiveConsent, WithdrawConsent
from rasa_autoplay.link.messages import Event
from rasa_autoplay.link.request_types import EngineRequest

AnswerT = TypeVar("AnswerT")
USERS = ["anna", "ben", ""]
START = 1_000_000.0


class Engine:
    """Stores consents as the real one does, and may not answer."""

    def __init__(self) -> None:
        self.since: dict[str, float] = {}
        self.is_away = False

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        await asyncio.sleep(0)
        if self.is_away:
            raise EngineUnreachable("It is away.")
        answer: Any
        match request:
            case FindConsents(user_ids=users):
                answer = ConsentsFound({user: self.since[user] for user in users if user in self.since})
            case GiveConsent(user_id=user, at=at):
                answer = ConsentGiven(self.since.setdefault(user, at))
            case WithdrawConsent(user_id=user):
                self.since.pop(user, None)
                answer = UserDeleted({}, "")
        return cast("AnswerT", answer)


class World:
    """One gateway after another, with the same engine, and what is kept."""

    def __init__(self) -> None:
        self.now = START
        self.engine = Engine()
        #: The kept actions: user and time.
        self.kept: list[tuple[str, float]] = []
        #: What the page has said: user, time and whether consent is given.
        self.said: list[tuple[str, float, bool]] = []
        self.restart()

    def restart(self) -> None:
        """Start another gateway, which knows nothing."""
        self.gateway = RequiredConsent(
            lambda: self.now, lambda: self.now, self.forget, lambda _user, _given: None
        )
        self.gateway.guarded(cast(Link, self.engine))

    def forget(self, user: str, _sessions: set[str], is_theirs: Callable[[Event], bool]) -> None:
        self.kept = [each for each in self.kept if each[0] != user]

    def keep(self, event: Event) -> None:
        payload = event.payload
        assert isinstance(payload, ActionsPayload)
        self.kept += [(payload.user_id or "", action.timestamp_start) for action in payload.actions]

    def act(self, user: str, age_s: float) -> None:
        action = SlimAction("Click Save", "", "/projects", timestamp_start=self.now - age_s, user_id=user)
        event = Event(ActionsPayload("demo", f"s-{user}", user or None, None, [action]), "capture")
        part = self.gateway.admitted(event, self.keep)
        if part is not None:
            self.keep(part)

    async def say(self, user: str, is_given: bool) -> None:
        saying = self.gateway.give(user, "") if is_given else self.gateway.withdraw(user)
        try:
            await saying
        except EngineUnreachable:
            if not is_given:  # it counts from now on, and is repeated until it is done
                self.said.append((user, self.now, False))
        else:
            self.said.append((user, self.now, is_given))

    def may_keep(self, user: str, at: float) -> bool:
        """Whether the reference keeps what a user did at a time, seen from now."""
        is_given, given_at = False, 0.0
        for who, when, value in self.said:
            if who == user and value and not is_given:
                is_given, given_at = True, when
            elif who == user and not value:
                is_given = False
        return is_given and at >= given_at - LATENCY_S


STEP = st.one_of(
    st.tuples(st.just("act"), st.sampled_from(USERS), st.sampled_from([0.0, 0.5, 3.0, 90.0])),
    st.tuples(st.just("say"), st.sampled_from(USERS[:2]), st.booleans()),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from([0.1, 2.0, 31.0, 61.0])),
    st.tuples(st.sampled_from(["restart", "away", "back", "answer"]), st.just(""), st.just(0.0)),
)


async def take(world: World, kind: str, user: str, value: Any) -> None:
    """Take one step."""
    match kind:
        case "act":
            world.act(user, value)
        case "say":
            await world.say(user, value)
        case "wait":
            world.now += value
        case "restart":
            # A page whose withdrawal failed sends it again; that is not part of this story.
            if not world.gateway.health()["unfinished_withdrawals"]:
                world.restart()
        case "away" | "back":
            world.engine.is_away = kind == "away"
        case "answer":
            await world.gateway.tick()


async def live(steps: list[tuple[str, str, Any]]) -> None:
    world = World()
    for step in steps:
        await take(world, *step)
        for who, at in world.kept:
            assert world.may_keep(who, at), (steps, who, at)
    # In the end the engine is there, and what a user with consent does is kept.
    world.engine.is_away = False
    await world.gateway.tick()
    world.now += 100.0
    for user in USERS[:2]:
        world.act(user, 0.0)
    await world.gateway.tick()
    for user in USERS[:2]:
        assert ((user, world.now) in world.kept) == world.may_keep(user, world.now), (steps, user)


@given(st.lists(STEP, max_size=25))
@settings(max_examples=150, deadline=None)
def test_keeps_nothing_before_consent_or_after_a_withdrawal(steps: list[tuple[str, str, Any]]) -> None:
    asyncio.run(live(steps))
