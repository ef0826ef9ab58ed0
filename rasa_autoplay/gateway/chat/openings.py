"""Open chat: bubble 1 asks, bubble 2 explains a moment later, unless the user writes first."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections import OrderedDict
from typing import Protocol

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import AutoplayError, ChatUndelivered
from rasa_autoplay.link.base import Link
from rasa_autoplay.link.messages import ChatDelivery
from rasa_autoplay.link.requests import FollowUp, PrepareInject

__all__ = ["ChatOpener", "ChatWindows", "Conversations"]

logger = logging.getLogger(__name__)

#: Two bubbles at once look like a machine; this much later the second one reads as a thought.
FOLLOW_UP_DELAY_S = 0.6
#: The engine gives the model 8 s by default; past this even a slow engine is given up.
_FOLLOW_UP_TIMEOUT_S = 60.0
#: A click is answered within this time. Another gateway, which may have passed it on, waits for 20 s.
_ANSWER_WITHIN_S = 15.0
_MAX_QUESTIONS = 10_000
_USER_WROTE = "the user wrote first"


class ChatWindows(Protocol):
    """Where the bot can speak."""

    async def say(self, sender_id: str, text: str) -> None:
        """Let the bot say something; raises :class:`~rasa_autoplay.errors.ChatUndelivered`."""
        ...


class Conversations(Protocol):
    """Opens conversations in chat windows."""

    async def open(
        self, sender_id: str, user_id: str, trigger_id: str, offer_id: str, step: str = ""
    ) -> None:
        """Say bubble 1 and start bubble 2; see :meth:`ChatOpener.open`."""
        ...

    def user_wrote(self, sender_id: str) -> None:
        """The user writes in that window."""
        ...

    async def stop(self) -> None:
        """Drop what is on its way: the server stops."""
        ...


class ChatOpener:
    """Runs the two bubbles of each accepted offer.

    Args:
        link: asks the engine what to say, and tells it what became of it.
        windows: where it is said.
    """

    def __init__(self, link: Link, windows: ChatWindows) -> None:
        self._link = link
        self._windows = windows
        #: Bubble 1 by window, offer and step, begun or delivered: a double click asks once.
        self._questions: OrderedDict[tuple[str, str, str], asyncio.Task[None]] = OrderedDict()
        #: Bubble 2 by window, until it is said.
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._follow_ups: set[asyncio.Task[None]] = set()
        #: Windows in which bubble 1 is on its way: has the user written there in the meantime?
        self._interrupted: dict[str, bool] = {}

    async def open(
        self, sender_id: str, user_id: str, trigger_id: str, offer_id: str, step: str = ""
    ) -> None:
        """Say bubble 1 and start bubble 2.

        A caller that goes away does not stop what was begun.

        Args:
            sender_id: the chat window.
            user_id: who asks.
            trigger_id: of the offer; may be empty.
            offer_id: which offer; may be empty.
            step: where a tour could not go on; empty for the whole explanation.

        Raises:
            EngineRefused: there is no such offer for this user.
            EngineUnreachable: the action server does not answer.
            ChatUndelivered: bubble 1 did not arrive, or not so far.
        """
        key = (sender_id, offer_id or trigger_id, step)
        question = self._questions.get(key)
        if question is None:
            opening = self._open(sender_id, PrepareInject(user_id, trigger_id, offer_id, step))
            question = self._questions[key] = asyncio.get_running_loop().create_task(opening)
            question.add_done_callback(functools.partial(self._forget_failed, key))
            self._forget_old_questions()
        try:
            await asyncio.wait_for(asyncio.shield(question), _ANSWER_WITHIN_S)
        except asyncio.TimeoutError:
            raise ChatUndelivered(
                f"Rasa has not said it within {_ANSWER_WITHIN_S:g} s, and goes on trying.",
                remedy="An action of this conversation takes long, or the action server is stopped: its "
                "log, and the load of its machine, say which.",
            ) from None

    def _forget_failed(self, key: tuple[str, str, str], question: asyncio.Task[None]) -> None:
        """The next click asks again, whether or not anybody waited for this one."""
        if question.cancelled() or question.exception() is not None:
            self._questions.pop(key, None)

    def _forget_old_questions(self) -> None:
        while len(self._questions) > _MAX_QUESTIONS and next(iter(self._questions.values())).done():
            self._questions.popitem(last=False)

    async def _open(self, sender_id: str, asked: PrepareInject) -> None:
        self._interrupted[sender_id] = False
        try:
            found = await self._ask(sender_id, asked)
        finally:
            interrupted = self._interrupted.pop(sender_id, False)
        self.user_wrote(sender_id)
        if interrupted:
            self._tell(found, 2, "dropped", sender_id, _USER_WROTE)
            return
        follow_up = asyncio.get_running_loop().create_task(self._follow_up(sender_id, found))
        self._pending[sender_id] = follow_up
        self._follow_ups.add(follow_up)
        follow_up.add_done_callback(self._follow_ups.discard)

    async def _ask(self, sender_id: str, asked: PrepareInject) -> FollowUp:
        """Say bubble 1; gives the request for bubble 2, about the offer that the engine found."""
        question = await self._link.ask(asked)
        found = FollowUp(asked.user_id, question.trigger_id, question.offer_id, asked.step)
        try:
            await self._windows.say(sender_id, question.body)
        except Exception as failure:
            self._tell(found, 1, "failed", sender_id, _reason(failure))
            raise
        self._tell(found, 1, "delivered", sender_id)
        return found

    def user_wrote(self, sender_id: str) -> None:
        """The user writes in that window: an explanation that is still on its way is dropped."""
        if sender_id in self._interrupted:
            self._interrupted[sender_id] = True
        pending = self._pending.pop(sender_id, None)
        if pending is not None:
            pending.cancel()

    def _tell(self, asked: FollowUp, bubble: int, fate: str, sender_id: str, detail: str = "") -> None:
        report = ChatDelivery(asked.offer_id, bubble, fate, asked.user_id, sender_id, detail)
        self._link.send(report)

    async def _follow_up(self, sender_id: str, asked: FollowUp) -> None:
        begun = time.monotonic()
        try:
            answer = await self._link.ask(asked, timeout_s=_FOLLOW_UP_TIMEOUT_S)
            await asyncio.sleep(begun + FOLLOW_UP_DELAY_S - time.monotonic())
            if not answer.text:
                return
            # From here on it is said: a message of the user's now comes after it.
            self._pending.pop(sender_id, None)
            await self._windows.say(sender_id, answer.text)
            self._tell(asked, 2, "delivered", sender_id, answer.source)
        except asyncio.CancelledError:
            self._tell(asked, 2, "dropped", sender_id, _USER_WROTE)
            raise
        except Exception as failure:
            logger.warning("The follow-up for offer %s did not arrive: %s", asked.offer_id, failure)
            self._tell(asked, 2, "failed", sender_id, _reason(failure))
        finally:
            if self._pending.get(sender_id) is asyncio.current_task():
                del self._pending[sender_id]

    async def stop(self) -> None:
        """Drop what is on its way: the server stops."""
        tasks = [*self._questions.values(), *self._follow_ups]
        await end_tasks(tasks)


def _reason(failure: Exception) -> str:
    """For the receipts; what is not ours may say anything, so only its kind is told."""
    return str(failure) if isinstance(failure, AutoplayError) else type(failure).__name__
