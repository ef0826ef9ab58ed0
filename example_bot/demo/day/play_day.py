"""Plays a day of visits through the real engine, in a few seconds."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from example_bot.demo.day.deeds import Deed
from example_bot.demo.day.events import event_of
from example_bot.demo.day.reactions import Answer, EndTour, OpenChat, StartTour, Step, StepTour
from example_bot.demo.day.simulated_engine import DayClock, SimulatedEngine, Toasts
from example_bot.demo.day.traffic import Due, Traffic, Visit, visits_of_a_day
from rasa_autoplay.gateway.sources.intake import Intake, Payload
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.wire import decode_request
from rasa_autoplay.link import requests
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import (
    ChatDelivery,
    Delivered,
    Event,
    FeedClosed,
    FeedInfo,
    FeedOpened,
    UpMessage,
)
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["DayReport", "play_day"]

_GATEWAY = "made-up-day"
_CHAT_STARTS_S = 0.6
#: On a busy machine, the database may not answer in time.
_MOST_ATTEMPTS, _AGAIN_AFTER_S = 20, 0.5


@dataclass
class DayReport:
    """What happened in the day.

    Args:
        engine_id: the engine's run, to which the counts of gates belong.
        users: how many users came.
        visits: how many visits they made.
        actions: how many actions the engine applied.
        toasts: how many toasts appeared.
        answers: the receipts, by their names.
    """

    engine_id: str
    users: int
    visits: int
    actions: int = 0
    toasts: int = 0
    answers: Counter[str] = field(default_factory=Counter)

    def describe(self) -> str:
        """Say in one sentence what happened."""
        return (
            f"{self.users} made-up users came {self.visits} times and did {self.actions:,} things; "
            f"{self.toasts} toasts were shown, and {self.answers['accepted']} accepted"
        )


async def play_day(config: Path, app_url: str, end: float, seed: int, users: int) -> DayReport:
    """Play a day into the database that ``autoplay.yml`` names.

    Args:
        config: ``autoplay.yml``.
        app_url: the address of the host app.
        end: when the day ends, epoch seconds.
        seed: the same day for the same seed, if it ends at the same time.
        users: how many users there are.

    Raises:
        ConfigError: the file is wrong.
    """
    visits = visits_of_a_day(seed, end, users)
    day = _Day(config, app_url, visits)
    try:
        await day.play(end)
    finally:
        await day.engine.stop()
    return day.report


class _Day:
    """One run of the day.

    Args:
        config: ``autoplay.yml``.
        app_url: the address of the host app.
        visits: the visits, in order.
    """

    def __init__(self, config: Path, app_url: str, visits: list[Visit]) -> None:
        self._app_url = app_url
        self._traffic = Traffic(visits)
        self._clock = DayClock(visits[0].begins_at)
        self._toasts = Toasts()
        self.engine = SimulatedEngine(YamlFile(config), self._toasts, self._clock)
        product_id = self.engine.settings.product_id
        self._capture = CaptureReader(product_id)
        self._intake = Intake(product_id, "capture", self._clock)
        #: The visits whose page is open, by user.
        self._open: dict[str, Visit] = {}
        users = len({visit.user.user_id for visit in visits})
        self.report = DayReport(self.engine.engine_id, users, len(visits))

    async def play(self, end: float) -> None:
        """Do every step of the day, each at its own time."""
        while (at := self._traffic.next_at) is not None and at < end:
            await self._pass_time(at)
            due = self._traffic.pop()
            if due is not None:
                await self._do(due)
        await self._pass_time(end)

    async def _pass_time(self, until: float) -> None:
        await self.engine.pass_time(until)
        await self._show_toasts()

    async def _do(self, due: Due) -> None:
        visit, step = due.visit, due.step
        if step is None:
            await self._leave(visit)
            return
        if self._open.get(visit.user.user_id) is not visit:
            await self._come(visit)
        if isinstance(step, Deed):
            await self._act(visit, step)
        else:
            await self._call(visit, step)
        await self.engine.settle()
        await self._show_toasts()

    async def _come(self, visit: Visit) -> None:
        former = self._open.get(visit.user.user_id)
        if former is not None:
            await self._leave(former)
        self._open[visit.user.user_id] = visit
        await self._send(FeedOpened(FeedInfo(visit.session_id, visit.user.user_id, sends_receipts=True)))

    async def _leave(self, visit: Visit) -> None:
        if self._open.get(visit.user.user_id) is visit:
            del self._open[visit.user.user_id]
            await self._send(FeedClosed(visit.session_id, visit.user.user_id))

    async def _act(self, visit: Visit, deed: Deed) -> None:
        """Report a deed as posthog-js does, and pass it on as the gateway does."""
        visit.page = deed.page or visit.page
        now = self._clock()
        event = event_of(deed, visit, self._app_url, now)
        body = json.dumps({"api_key": "phc_demo", "batch": [event]}).encode()
        request = decode_request(body, content_type="text/plain", query={}, received_at=now)
        messages: list[UpMessage] = []

        def queue(payload: Payload, source: str) -> None:
            messages.append(Event(payload, source))

        for payload in self._capture.read(request):
            self._intake.accept(payload, queue)
            self.report.actions += len(payload.actions)
        await self._send(*messages)

    async def _call(self, visit: Visit, step: Step) -> None:
        user_id = visit.user.user_id
        if isinstance(step, Answer):
            self.report.answers[step.event] += 1
            await self._ask(requests.Acknowledge(step.offer_id, step.event, user_id, step.button))
        elif isinstance(step, StartTour):
            await self._ask(requests.StartTour(user_id, step.tour_id, step.offer_id))
        elif isinstance(step, StepTour):
            await self._ask(requests.StepTour(user_id, step.tour_id, step.step))
        elif isinstance(step, EndTour):
            await self._ask(requests.EndTour(user_id, step.outcome, step.step))
        elif isinstance(step, OpenChat):
            await self._open_chat(visit, step)

    async def _open_chat(self, visit: Visit, step: OpenChat) -> None:
        user_id, window = visit.user.user_id, f"chat-{visit.session_id}"
        await self._ask(requests.PrepareInject(user_id, step.trigger_id, step.offer_id))
        await self._send(ChatDelivery(step.offer_id, 1, "delivered", user_id, window))
        await self._pass_time(self._clock() + _CHAT_STARTS_S)
        await self._ask(requests.FollowUp(user_id, step.trigger_id, step.offer_id))
        await self._send(ChatDelivery(step.offer_id, 2, "delivered", user_id, window))

    async def _ask(self, request: EngineRequest[Any]) -> None:
        """Ask the engine; if the database is too slow at the moment, ask again, as browsers do."""
        for _ in range(_MOST_ATTEMPTS - 1):
            try:
                await self.engine.answer(request)
            except EngineRefused as refused:
                if refused.kind != "unavailable":
                    raise
                await asyncio.sleep(_AGAIN_AFTER_S)
            else:
                return
        await self.engine.answer(request)

    async def _show_toasts(self) -> None:
        for user_id, toast in self._toasts.pop_all():
            visit = self._open.get(user_id)
            if visit is not None:
                self.report.toasts += 1
                await self._send(Delivered(str(toast["offer_id"]), [visit.session_id], user_id))
                self._traffic.receive(visit, toast, self._clock())

    async def _send(self, *messages: UpMessage) -> None:
        await self.engine.apply_messages(_GATEWAY, messages)
