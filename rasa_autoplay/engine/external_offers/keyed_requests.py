"""Answers a request with a key once, and every retry of it with the same answer.

The semantics are those of the IETF draft ``Idempotency-Key``: the same key with the same content gets the
same answer; with other content, it is refused; while the first request is being answered, a retry is refused.

The offer's id is stored before the offer is made. If an engine is killed in between, the ledger says whether
it has made the offer.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable

import msgspec

from rasa_autoplay.common.runtime.tasks import until_finished
from rasa_autoplay.engine.external_offers.base import KeyedRequest, RequestStore
from rasa_autoplay.engine.offers.offer import new_offer_id
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.offer_answers import OfferAnswer
from rasa_autoplay.link.offer_requests import MakeOffer

__all__ = ["CLAIM_S", "KEPT_S", "KeyedRequests"]

#: How long a retry gets the answer of the first request, in seconds.
KEPT_S = 86_400.0

#: Another engine that began to answer this long ago has died, in seconds. Answers take less.
CLAIM_S = 10.0
#: How many requests are answered at the same time.
_MAX_RUNNING = 1_000

_Make = Callable[[MakeOffer, str], Awaitable[OfferAnswer]]
_Recover = Callable[[str], Awaitable["OfferAnswer | None"]]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(OfferAnswer).decode


class KeyedRequests:
    """Makes sure that a request with a key is carried out once.

    Args:
        store: stores requests and answers.
        engine_id: this engine.
        make: makes the offer of a request, under the given id.
        recover: returns the answer of an offer that was made under an id; None if there is no such offer.
        clock: epoch seconds.
    """

    def __init__(
        self,
        store: RequestStore,
        engine_id: str,
        make: _Make,
        recover: _Recover,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._engine_id = engine_id
        self._make = make
        self._recover = recover
        self._clock = clock
        #: By key: the fingerprint of the request that is being answered.
        self._running: dict[str, str] = {}
        self._tasks: set[asyncio.Task[OfferAnswer]] = set()
        #: ``offer_requests_repeated``: retries that got the answer of the first request.
        #: ``offer_requests_recovered``: those whose first engine was killed.
        self.counts: Counter[str] = Counter()

    async def answer(self, request: MakeOffer) -> OfferAnswer:
        """Answer a request that has a key. It is carried out even if the caller is cancelled.

        Raises:
            EngineRefused: the key was used for another request, or its request is being answered now, or the
                database is not available, or the request itself is refused. A refused request is forgotten,
                so it can be sent again.
        """
        fingerprint = _fingerprint_of(request)
        if request.key in self._running:
            raise _in_progress() if self._running[request.key] == fingerprint else _other_content()
        if len(self._running) >= _MAX_RUNNING:
            raise EngineRefused("unavailable", "too many offers are being decided on", "Send it again.")
        self._running[request.key] = fingerprint
        task = asyncio.get_running_loop().create_task(self._answer(request, fingerprint))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _task: self._running.pop(request.key))
        return await asyncio.shield(task)

    async def finish_pending(self) -> None:
        """Wait until all requests are answered."""
        await until_finished(self._tasks)

    async def _answer(self, request: MakeOffer, fingerprint: str) -> OfferAnswer:
        now = self._clock()
        own = KeyedRequest(request.key, fingerprint, request.user_id, new_offer_id(), self._engine_id, now)
        known = await self._store.claim(own)
        if known is None:
            raise _unavailable()
        if known.fingerprint != fingerprint:
            raise _other_content()
        if known.answer:
            self.counts["offer_requests_repeated"] += 1
            return _decode(known.answer)
        if known.offer_id != own.offer_id:
            await self._take_over(known, now)
            found = await self._recover(known.offer_id)
            if found is not None:
                self.counts["offer_requests_recovered"] += 1
                await self._store.settle(request.key, _encode(found).decode())
                return found
        return await self._carry_out(request, known.offer_id)

    async def _take_over(self, known: KeyedRequest, now: float) -> None:
        """Continue a request that was begun and not answered, unless another engine may still answer it."""
        if known.engine_id != self._engine_id and now < known.claimed_at + CLAIM_S:
            raise _in_progress()
        is_ours = await self._store.take_over(known, self._engine_id, now)
        if is_ours is None:
            raise _unavailable()
        if not is_ours:
            raise _in_progress()

    async def _carry_out(self, request: MakeOffer, offer_id: str) -> OfferAnswer:
        try:
            answer = await self._make(request, offer_id)
        except EngineRefused:
            await self._store.release(request.key, self._engine_id)
            raise
        await self._store.settle(request.key, _encode(answer).decode())
        return answer


def _fingerprint_of(request: MakeOffer) -> str:
    return hashlib.sha256(_encode(msgspec.structs.replace(request, key=""))).hexdigest()


def _in_progress() -> EngineRefused:
    return EngineRefused(
        "conflict", "the first request with this key is being answered now", "Send it again in a second."
    )


def _other_content() -> EngineRefused:
    return EngineRefused(
        "unprocessable",
        "the key of this request was used for another request within the last day",
        "Use a new key for each offer, and the same key and content for a retry.",
    )


def _unavailable() -> EngineRefused:
    return EngineRefused(
        "unavailable",
        "the database is not available, so nobody can tell whether this offer was made before",
        "Send it again with the same key.",
    )
