"""Streams what happens in the engine to operators' terminals (``rasa-autoplay tail``), by long polling.

Nothing is buffered here. If a terminal reads slowly, the engine is polled slowly, and its bounded buffer
drops and counts the oldest moments.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import msgspec

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.answers import JsonObject, Moments
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.requests import Watch

__all__ = ["LiveTails"]

#: How long the engine waits for something to happen; then the stream sends a heartbeat.
_WAIT_S = 10.0
_CALL_TIMEOUT_S = _WAIT_S + 5.0
_PAUSE_S = 1.0
_STOP_S = 1.0

_Moments = list[JsonObject]
_Poll = asyncio.Future[Moments]


class LiveTails:
    """All terminals of this gateway."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()
        #: The running polls, each with a function that makes it return early. Polls are never cancelled, even
        #: if the terminal is gone, because the engine would log an error.
        self._polls: dict[_Poll, Callable[[], _Poll]] = {}

    async def stop(self) -> None:
        """End every stream, because the server stops."""
        self._ended.set()
        if self._polls:
            ending = [end() for end in self._polls.values()]
            await asyncio.wait([*self._polls, *ending], timeout=_STOP_S)

    async def begin(self, link: Link, user_id: str, session_id: str) -> AsyncIterator[_Moments]:
        """Begin a watch; nothing that happens after the return is missed.

        Args:
            link: to the engine.
            user_id: only this user; empty for all users.
            session_id: only this session; empty for all sessions.

        Returns:
            Lists of moments as in :meth:`Watchers.watch`; an empty list is a heartbeat. The gateway adds two
            kinds of its own, each with a ``text``: ``lost`` (with a ``count``) and ``engine``.

        Raises:
            EngineRefused: there are too many watchers, or the engine has another version.
            EngineUnreachable: there is no engine.
        """
        watch = Watch(secrets.token_urlsafe(9), user_id, session_id)
        await link.ask(watch)
        return self._follow(link, msgspec.structs.replace(watch, wait_s=_WAIT_S))

    async def _follow(self, link: Link, watch: Watch) -> AsyncIterator[_Moments]:
        is_away = False
        while not self._ended.is_set():
            try:
                answer = await self._unless_ended(link, watch)
            except (EngineUnreachable, EngineRefused, asyncio.TimeoutError) as problem:
                yield [] if is_away else [_notice("engine", f"The engine does not answer: {problem}")]
                is_away = True
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._ended.wait(), _PAUSE_S)
                continue
            if is_away or answer.begun:
                yield [_notice("engine", "The watch has restarted. What happened in between is missing.")]
                is_away = False
            yield _with_notice(answer)

    async def _unless_ended(self, link: Link, watch: Watch) -> Moments:
        """The engine's answer; an empty one if the server stops first."""
        poll = self._poll(link, watch)
        self._polls[poll] = lambda: self._poll(link, msgspec.structs.replace(watch, wait_s=0.0))
        poll.add_done_callback(self._polls.pop)
        ending = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait((poll, ending), return_when=asyncio.FIRST_COMPLETED)
            return poll.result() if poll.done() else Moments([])
        finally:
            ending.cancel()

    def _poll(self, link: Link, watch: Watch) -> _Poll:
        poll = asyncio.ensure_future(link.ask(watch, _CALL_TIMEOUT_S))
        # Retrieved, so that asyncio does not log the exception if the terminal is gone.
        poll.add_done_callback(lambda done: done.cancelled() or done.exception())
        return poll


def _with_notice(answer: Moments) -> _Moments:
    if lost := answer.lost:
        return [
            _notice("lost", f"{lost} lines were dropped because this terminal is too slow.", count=lost),
            *answer.moments,
        ]
    return answer.moments


def _notice(kind: str, text: str, **facts: object) -> JsonObject:
    return {"kind": kind, "at": time.time(), "text": text, **facts}
