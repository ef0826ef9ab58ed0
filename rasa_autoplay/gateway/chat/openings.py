"""Opens a chat: bubble 1 asks, and bubble 2 explains a moment later unless the user writes first."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections import OrderedDict
from typing import Protocol

from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.common.tracing.current import child_span
from rasa_autoplay.errors import AutoplayError, ChatUndelivered
from rasa_autoplay.gateway.chat.open_talks import OpenTalks
from rasa_autoplay.link.base import Link
from rasa_autoplay.link.messages import ChatDelivery
from rasa_autoplay.link.requests import FollowUp, PrepareInject

__all__ = ["ChatOpener", "ChatWindows", "Conversations"]

logger = logging.getLogger(__name__)

#: The pause between the bubbles: two bubbles at once look mechanical.
FOLLOW_UP_DELAY_S = 0.6
#: How long the engine may take for bubble 2; by default it gives the language model 8 s.
_FOLLOW_UP_TIMEOUT_S = 60.0
#: How long a click waits for its answer. Another gateway that forwarded the click waits for 20 s.
_ANSWER_WITHIN_S = 15.0
_MAX_QUESTIONS = 10_000
_USER_WROTE = "the user wrote first"


class ChatWindows(Protocol):
    """The chat windows in which the bot can speak."""

    async def say(self, sender_id: str, text: str, button: TourButton | None = None) -> None:
        """Let the bot say a text; raises :class:`~rasa_autoplay.errors.ChatUndelivered`."""
        ...


class Conversations(Protocol):
    """Opens conversations in chat windows."""

    async def open(
        self,
        sender_id: str,
        user_id: str,
        trigger_id: str,
        offer_id: str,
        step: str = "",
        languages: tuple[str, ...] = (),
    ) -> None:
        """Say bubble 1 and start bubble 2; see :meth:`ChatOpener.open`."""
        ...

    def user_wrote(self, sender_id: str) -> None:
        """Handle that the user wrote in a window."""
        ...

    async def stop(self) -> None:
        """Cancel unfinished bubbles, because the server stops."""
        ...


class ChatOpener:
    """Says the two bubbles of each accepted offer.

    Args:
        link: asks the engine for the texts, and reports their delivery.
        windows: where the bot speaks.
        talks: remembers what was said where.
    """

    def __init__(self, link: Link, windows: ChatWindows, talks: OpenTalks) -> None:
        self._link = link
        self._windows = windows
        self._talks = talks
        #: Bubble 1 by window, offer and step, until it fails: a double click must not say it twice.
        self._questions: OrderedDict[tuple[str, str, str], asyncio.Task[None]] = OrderedDict()
        #: Bubble 2 by window, until it is said.
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._follow_ups: set[asyncio.Task[None]] = set()
        #: For each window that waits for bubble 1: whether the user has written in the meantime.
        self._interrupted: dict[str, bool] = {}

    async def open(
        self,
        sender_id: str,
        user_id: str,
        trigger_id: str,
        offer_id: str,
        step: str = "",
        languages: tuple[str, ...] = (),
    ) -> None:
        """Say bubble 1 and start bubble 2.

        If the caller is cancelled, the bubbles are still said.

        Args:
            sender_id: the chat window.
            user_id: the user who clicked.
            trigger_id: the offer's trigger; may be empty.
            offer_id: the offer; may be empty.
            step: the step at which a tour failed; empty for the whole explanation.
            languages: the page's languages, best first; empty if the page does not say.

        Raises:
            EngineRefused: this user has no such offer.
            EngineUnreachable: the action server does not answer.
            ChatUndelivered: bubble 1 did not arrive, or not in time.
        """
        key = (sender_id, offer_id or trigger_id, step)
        question = self._questions.get(key)
        if question is None:
            opening = self._open(sender_id, PrepareInject(user_id, trigger_id, offer_id, step, languages))
            question = self._questions[key] = asyncio.get_running_loop().create_task(opening)
            question.add_done_callback(functools.partial(self._forget_failed, key))
            self._forget_old_questions()
        try:
            await asyncio.wait_for(asyncio.shield(question), _ANSWER_WITHIN_S)
        except asyncio.TimeoutError:
            raise ChatUndelivered(
                f"Rasa has not said it within {_ANSWER_WITHIN_S:g} s, and is still trying.",
                remedy="An action of this conversation takes long, or the action server hangs: check its log "
                "and the load of its machine.",
            ) from None

    def _forget_failed(self, key: tuple[str, str, str], question: asyncio.Task[None]) -> None:
        """Forget a bubble that failed, so that the next click says it again."""
        if question.cancelled() or question.exception() is not None:
            self._questions.pop(key, None)

    def _forget_old_questions(self) -> None:
        while len(self._questions) > _MAX_QUESTIONS and next(iter(self._questions.values())).done():
            self._questions.popitem(last=False)

    async def _open(self, sender_id: str, asked: PrepareInject) -> None:
        self._interrupted[sender_id] = False
        try:
            found = await self._say_question(sender_id, asked)
        finally:
            interrupted = self._interrupted.pop(sender_id, False)
        self.user_wrote(sender_id)
        if interrupted:
            self._report(found, 2, "dropped", sender_id, _USER_WROTE)
            return
        follow_up = asyncio.get_running_loop().create_task(self._follow_up(sender_id, found))
        self._pending[sender_id] = follow_up
        self._follow_ups.add(follow_up)
        follow_up.add_done_callback(self._follow_ups.discard)

    async def _say_question(self, sender_id: str, asked: PrepareInject) -> FollowUp:
        """Say bubble 1; returns the request for bubble 2, with the offer that the engine found."""
        question = await self._link.ask(asked)
        found = FollowUp(asked.user_id, question.trigger_id, question.offer_id, asked.step)
        try:
            with child_span("bubble 1"):
                await self._windows.say(sender_id, question.body)
        except Exception as failure:
            self._report(found, 1, "failed", sender_id, _reason(failure))
            raise
        self._talks.opened(sender_id, found)
        self._report(found, 1, "delivered", sender_id)
        return found

    def user_wrote(self, sender_id: str) -> None:
        """Cancel bubble 2 if it is not said yet, because the user wrote in the window."""
        if sender_id in self._interrupted:
            self._interrupted[sender_id] = True
        pending = self._pending.pop(sender_id, None)
        if pending is not None:
            pending.cancel()

    def _report(self, asked: FollowUp, bubble: int, outcome: str, sender_id: str, detail: str = "") -> None:
        self._link.send(ChatDelivery(asked.offer_id, bubble, outcome, asked.user_id, sender_id, detail))

    async def _follow_up(self, sender_id: str, asked: FollowUp) -> None:
        begun = time.monotonic()
        try:
            with child_span("bubble 2") as span:
                answer = await self._link.ask(asked, timeout_s=_FOLLOW_UP_TIMEOUT_S)
                span.set("autoplay.explained_by", answer.source)
                await asyncio.sleep(begun + FOLLOW_UP_DELAY_S - time.monotonic())
                if not answer.text:
                    return
                # From here on, a message from the user no longer cancels the bubble.
                self._pending.pop(sender_id, None)
                button = TourButton(answer.button, answer.tour_id) if answer.tour_id else None
                await self._windows.say(sender_id, answer.text, button)
            self._talks.explained(sender_id)
            self._report(asked, 2, "delivered", sender_id, answer.source)
        except asyncio.CancelledError:
            self._report(asked, 2, "dropped", sender_id, _USER_WROTE)
            raise
        except Exception as failure:
            logger.warning("The explanation for offer %s did not arrive: %s", asked.offer_id, failure)
            self._report(asked, 2, "failed", sender_id, _reason(failure))
        finally:
            if self._pending.get(sender_id) is asyncio.current_task():
                del self._pending[sender_id]

    async def stop(self) -> None:
        """Cancel unfinished bubbles, because the server stops."""
        await end_tasks([*self._questions.values(), *self._follow_ups])


def _reason(failure: Exception) -> str:
    """The reason for the receipt: of a foreign exception only the type, as its text may hold user data."""
    return str(failure) if isinstance(failure, AutoplayError) else type(failure).__name__
