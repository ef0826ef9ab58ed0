"""Publishes a gateway's messages to the Redis streams of their partitions, each once and in order."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from rasa_autoplay.errors import BatchRefused, EngineUnreachable
from rasa_autoplay.link.messages import Batch, BatchAnswer, UpMessage
from rasa_autoplay.link.redis.peer_messages import Call, StreamEntry
from rasa_autoplay.link.redis.routing import Routing
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames

__all__ = ["STREAM_ENTRY", "RedisEventPublisher"]

#: The one field of a stream's entry.
STREAM_ENTRY = "p"
#: How many entries may wait in a partition. Beyond that, messages stay in the gateway's own queue.
_MAX_WAITING = 20_000
_DAY_S = 86_400
#: How far back triggers look, until an engine has reported its own value.
_LOOKBACK_S = 300.0

#: Appends the new messages of a batch. A gateway that got no answer sends the batch again, perhaps with more
#: messages, so the script returns the first missing number. It also returns the run of Redis's data, which a
#: gateway may not know yet. KEYS: run, the gateway's next number, streams. ARGV: id for a new run, the run
#: that
#: the gateway knows, the batch's first number, the number after the batch, the maximum number of entries in a
#: stream, the lifetime of number and streams in s, entries.
_APPEND = """
redis.call('HSETNX', KEYS[1], 'id', ARGV[1])
local run = redis.call('HMGET', KEYS[1], 'id', 'lookback')
local first = tonumber(ARGV[3])
local missing = tonumber(redis.call('GET', KEYS[2]) or first)
if run[1] ~= ARGV[2] or missing > first then return {run[1], run[2] or '', missing} end
for i = 3, #KEYS do
  if redis.call('XLEN', KEYS[i]) >= tonumber(ARGV[5]) then return redis.error_reply('FULL') end
end
for i = 3, #KEYS do
  redis.call('XADD', KEYS[i], '*', 'p', ARGV[i + 4])
  redis.call('EXPIRE', KEYS[i], ARGV[6])
end
redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[6])
return {run[1], run[2] or '', tonumber(ARGV[4])}
"""

#: KEYS: a stream. ARGV: the maximum number of entries, the stream's lifetime in s, an entry.
_ASK = """
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return redis.error_reply('FULL') end
redis.call('XADD', KEYS[1], '*', 'p', ARGV[3])
return redis.call('EXPIRE', KEYS[1], ARGV[2])
"""

_encoder = msgspec.json.Encoder()


class RedisEventPublisher:
    """Posts batches for an :class:`~rasa_autoplay.link.uplink.Uplink`, and calls.

    Args:
        connection: the connection to Redis.
        names: the names of keys and streams.
    """

    def __init__(self, connection: RedisConnection, names: RedisNames) -> None:
        self._connection = connection
        self._names = names
        self._routing = Routing()
        self._append: Any = connection.client.register_script(_APPEND)
        self._ask: Any = connection.client.register_script(_ASK)

    async def post(self, batch: Batch) -> BatchAnswer:
        """Append a batch to the streams.

        Returns:
            The id of the run of Redis's data instead of an engine's id. If it is new, the data was lost, and
            the gateway sends the recent events first.

        Raises:
            EngineUnreachable: Redis is away or full.
            BatchRefused: a message cannot be encoded.
        """
        try:
            return await self._post(batch)
        except REDIS_FAILURES as failure:
            raise unreachable(self._connection, failure) from None

    async def _post(self, batch: Batch) -> BatchAnswer:
        end = batch.first_number + len(batch.messages)
        await self._look_up_users(batch.messages)
        first, answer = batch.first_number, BatchAnswer("", 0.0)
        while first < end or not answer.engine_id:
            messages = batch.messages[first - batch.first_number :]
            answer, missing = await self._append_new(batch, first, messages)
            if answer.engine_id != batch.engine_id:
                return answer
            first = max(missing, first)
        self._connection.works()
        return answer

    async def _append_new(
        self, batch: Batch, first: int, messages: list[UpMessage]
    ) -> tuple[BatchAnswer, int]:
        entries = self._entries(batch.gateway_id, messages) if batch.engine_id else {}
        names = self._names
        keys = [names.run, names.next_number(batch.gateway_id), *map(names.up, entries)]
        run_id = secrets.token_urlsafe(9)
        end = first + len(messages)
        limits = (_MAX_WAITING, _DAY_S)
        arguments = [run_id, batch.engine_id, first, end, *limits, *entries.values()]
        run, lookback, missing = await self._append(keys=keys, args=arguments)
        return BatchAnswer(run.decode(), float(lookback or _LOOKBACK_S)), missing

    def _entries(self, gateway_id: str, messages: list[UpMessage]) -> dict[int, bytes]:
        parts: dict[int, list[UpMessage | Call]] = {}
        for message in messages:
            for partition, part in self._routing.route(message):
                parts.setdefault(partition, []).append(part)
        try:
            return {p: _encoder.encode(StreamEntry(gateway_id, part)) for p, part in parts.items()}
        except (ValueError, OverflowError, msgspec.EncodeError) as problem:
            raise BatchRefused(f"It cannot be encoded as JSON ({type(problem).__name__}).") from None

    async def _look_up_users(self, messages: list[UpMessage]) -> None:
        """Look up the users of sessions that another gateway, or an earlier run of this one, has seen."""
        client, names, routing = self._connection.client, self._names, self._routing
        sessions_without_user = sorted(routing.sessions_without_user(messages))
        if sessions_without_user:
            users = await client.mget([names.user_of_session(session) for session in sessions_without_user])
            for session, user in zip(sessions_without_user, users, strict=True):
                if user:
                    routing.learn(session, user.decode())
        new = routing.learn_from(messages)
        if new:
            pipeline = client.pipeline(transaction=False)
            for session, user in new.items():
                pipeline.set(names.user_of_session(session), user, ex=_DAY_S)
            await pipeline.execute()

    def forget_user(self, user_id: str) -> None:
        """Forget which sessions belong to a user."""
        self._routing.forget_user(user_id)

    async def send_call(self, gateway_id: str, partition: int, call: Call) -> None:
        """Append a call to a partition's stream.

        Raises:
            EngineUnreachable: Redis is away or full.
        """
        entry = _encoder.encode(StreamEntry(gateway_id, [call]))
        try:
            await self._ask(keys=[self._names.up(partition)], args=[_MAX_WAITING, _DAY_S, entry])
        except REDIS_FAILURES as failure:
            raise unreachable(self._connection, failure) from None

    async def user_of_offer(self, offer_id: str) -> str:
        """Return the user of an offer; empty if Redis does not know it.

        Raises:
            EngineUnreachable: Redis is away.
        """
        try:
            user = await self._connection.client.get(self._names.user_of_offer(offer_id))
        except REDIS_FAILURES as failure:
            raise unreachable(self._connection, failure) from None
        return user.decode() if user else ""


def unreachable(connection: RedisConnection, failure: BaseException) -> EngineUnreachable:
    """Build the error for callers when Redis fails."""
    if str(failure).startswith("FULL"):
        return EngineUnreachable(
            "The streams in Redis are full.",
            remedy='Check that an action server with "shared: {redis: ...}" is running.',
        )
    connection.report(failure)
    problem = connection.problem
    return EngineUnreachable(f"{problem[:1].upper()}{problem[1:]}.", remedy=f"Check {connection.place}.")
