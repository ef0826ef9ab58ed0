"""Made-up users who work in the app while the demo stays up, so that the studio's live sessions move."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from contextlib import suppress

from example_bot.demo.browser import Browser
from example_bot.demo.day.deeds import Deed
from example_bot.demo.day.events import event_of
from example_bot.demo.day.people import MadeUpUser
from example_bot.demo.day.reactions import Answer, EndTour, StartTour, Step, StepTour, TimedStep
from example_bot.demo.day.traffic import Due, Traffic, Visit
from example_bot.demo.day.visits import deeds_of_visit
from example_bot.demo.options import DemoFailed
from rasa_autoplay.common.runtime.timers import wait_with_timeout

__all__ = ["CROWD", "Crowd"]

#: How many users are there at the same time.
CROWD = 12
#: The first visits have begun up to so many seconds ago; what happened in them is sent at once.
_BEGAN_S = 240.0
#: How many seconds pass between the end of a visit and the next user's.
_PAUSE_S = 10.0, 60.0
_LONGEST_WAIT_S = 3600.0


class Crowd:
    """Plays visits through the real servers, like browsers.

    Args:
        browser: sends requests.
        app_url: the address of the host app.
        users: who may come.
    """

    def __init__(self, browser: Browser, app_url: str, users: list[MadeUpUser]) -> None:
        self._browser = browser
        self._app_url = app_url
        self._dice = random.Random()  # noqa: S311 - no secret
        self._users = self._dice.sample(users, len(users))
        self._traffic = Traffic([])
        self._changed = asyncio.Event()
        self._feeds: dict[Visit, asyncio.Task[None]] = {}

    async def work(self) -> None:
        """Come and go until cancelled."""
        now = time.time()
        for _ in range(CROWD):
            self._begin_visit(now - self._dice.uniform(0, _BEGAN_S))
        try:
            while True:
                await self._do_what_is_due()
                self._changed.clear()
                due_at = self._traffic.next_at
                wait_s = _LONGEST_WAIT_S if due_at is None else max(due_at - time.time(), 0.0)
                await wait_with_timeout(self._changed, wait_s)
        finally:
            for feed in self._feeds.values():
                feed.cancel()
            await asyncio.gather(*self._feeds.values(), return_exceptions=True)

    def _begin_visit(self, at: float) -> None:
        user = self._users.pop(0)
        self._users.append(user)
        number = self._dice.randint(0, 1)
        steps = [TimedStep(*deed) for deed in deeds_of_visit(user.behaviour, number, self._dice)]
        visit = Visit(user, str(uuid.uuid4()), at, steps, self._dice)
        self._traffic.add(visit)
        self._feeds[visit] = asyncio.get_running_loop().create_task(self._listen(visit))

    async def _listen(self, visit: Visit) -> None:
        with suppress(DemoFailed):
            async with self._browser.feed(visit.user.user_id) as feed:
                while True:
                    toast = await feed.toast(_LONGEST_WAIT_S)
                    self._traffic.receive(visit, toast.data, time.time())
                    self._changed.set()

    async def _do_what_is_due(self) -> None:
        while (at := self._traffic.next_at) is not None and at <= time.time():
            due = self._traffic.pop()
            if due is None:
                continue
            # A server that is gone ends the demo; until then, nothing here may.
            with suppress(DemoFailed):
                await self._do(due)

    async def _do(self, due: Due) -> None:
        if due.step is None:
            feed = self._feeds.pop(due.visit, None)
            if feed is not None:
                feed.cancel()
                self._begin_visit(time.time() + self._dice.uniform(*_PAUSE_S))
        elif isinstance(due.step, Deed):
            await self._act(due.visit, due.step, due.at)
        else:
            await self._call(due.visit.user.user_id, due.step)

    async def _act(self, visit: Visit, deed: Deed, at: float) -> None:
        visit.page = deed.page or visit.page
        event = event_of(deed, visit, self._app_url, at)
        # Without sent_at, what happened before the crowd came does not look like held back.
        await self._browser.capture_json({"api_key": "phc_demo", "batch": [event]})

    async def _call(self, user_id: str, step: Step) -> None:
        post = self._browser.post
        if isinstance(step, Answer):
            button = {"button": step.button} if step.button else {}
            await post("/proactive/ack", offer_id=step.offer_id, event=step.event, user_id=user_id, **button)
        elif isinstance(step, StartTour):
            await post("/tour/start", user_id=user_id, tour_id=step.tour_id, offer_id=step.offer_id)
        elif isinstance(step, StepTour):
            await post("/tour/step", user_id=user_id, tour_id=step.tour_id, step=step.step)
        elif isinstance(step, EndTour):
            await post("/tour/end", user_id=user_id, outcome=step.outcome, step=step.step)
        # Without a chat window, the chat cannot be opened.
