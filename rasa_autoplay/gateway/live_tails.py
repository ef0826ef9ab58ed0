"""The operators' terminals at a gateway: each asks the engine again and again what has happened.

A terminal that reads slowly asks slowly. So it is the engine that forgets for it and counts, in a bounded
buffer, and nothing gathers here.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import msgspec

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.requests import JsonObject, Moments, Watch

__all__ = ["LiveTails"]

#: So long the engine waits for something to happen; then the stream needs a sign of life anyway.
_WAIT_S = 10.0
_CALL_TIMEOUT_S = _WAIT_S + 5.0
_PAUSE_S = 1.0
_STOP_S = 1.0

_Moments = list[JsonObject]
_Question = asyncio.Future[Moments]


class LiveTails:
    """All terminals of this gateway."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()
        #: The questions under way, and what ends them. An engine whose caller hangs up logs an error, so they
        #: are never cut off: not even when the terminal has gone.
        self._asking: dict[_Question, Callable[[], _Question]] = {}

    async def stop(self) -> None:
        """End every stream: the server stops."""
        self._ended.set()
        if self._asking:
            ending = [end() for end in self._asking.values()]
            await asyncio.wait([*self._asking, *ending], timeout=_STOP_S)

    async def begin(self, link: Link, user_id: str, session_id: str) -> AsyncIterator[_Moments]:
        """Begin to watch; from the return on, nothing is missed.

        Args:
            link: to the engine.
            user_id: only this user's; empty for everybody's.
            session_id: only this session's; empty for all.

        Returns:
            What happens: lists of moments as in :meth:`Watchers.watch`, empty ones now and then. Two more
            kinds are the gateway's own, with a ``text`` each: ``lost`` (``count``) and ``engine``.

        Raises:
            EngineRefused: too many watch already, or the engine is of another version.
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
                yield [] if is_away else [_notice("engine", f"The engine is away: {problem}")]
                is_away = True
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._ended.wait(), _PAUSE_S)
                continue
            if is_away or answer.begun:
                yield [_notice("engine", "The watch begins anew; what happened meanwhile was not seen.")]
                is_away = False
            yield _told(answer)

    async def _unless_ended(self, link: Link, watch: Watch) -> Moments:
        """The engine's answer; an empty one as soon as the server stops."""
        asking = self._ask(link, watch)
        self._asking[asking] = lambda: self._ask(link, msgspec.structs.replace(watch, wait_s=0.0))
        asking.add_done_callback(self._asking.pop)
        ending = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait((asking, ending), return_when=asyncio.FIRST_COMPLETED)
            return asking.result() if asking.done() else Moments([])
        finally:
            ending.cancel()

    def _ask(self, link: Link, watch: Watch) -> _Question:
        question = asyncio.ensure_future(link.ask(watch, _CALL_TIMEOUT_S))
        # Nobody may be there any more to hear that it failed.
        question.add_done_callback(lambda done: done.cancelled() or done.exception())
        return question


def _told(answer: Moments) -> _Moments:
    if lost := answer.lost:
        return [
            _notice("lost", f"{lost} lines were left out: this terminal is too slow.", count=lost),
            *answer.moments,
        ]
    return answer.moments


def _notice(kind: str, text: str, **facts: object) -> JsonObject:
    return {"kind": kind, "at": time.time(), "text": text, **facts}
