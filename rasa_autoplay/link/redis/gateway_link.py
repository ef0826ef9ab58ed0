"""The gateway's side of the link over Redis: for several Rasa servers and several action servers."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import msgspec

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.common.tracing.current import child_span, join_trace, outgoing_trace_parent
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.answers import EngineHealth
from rasa_autoplay.link.base import EngineRefused, FrameHandler, SettledHandler, no_observer, read_reply
from rasa_autoplay.link.frames import FeedFrame, StreamOpened
from rasa_autoplay.link.messages import Event, FeedInfo, FeedSnapshot, UpMessage
from rasa_autoplay.link.redis.engine_versions import describe_differing_versions
from rasa_autoplay.link.redis.peer_messages import (
    Answer,
    Call,
    FindChatWindow,
    OpenChat,
    PeerMessage,
    TellConsent,
)
from rasa_autoplay.link.redis.publish_events import RedisEventPublisher, unreachable
from rasa_autoplay.link.redis.subscription import Subscription
from rasa_autoplay.link.request_types import EngineRequest, UserRequest, tag_of
from rasa_autoplay.link.requests import Acknowledge, FindOffer, GetHealth, Watch
from rasa_autoplay.link.uplink import Uplink
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import PARTITIONS, RedisNames, partition_of

__all__ = ["PeerHandler", "RedisLink", "deny_peer"]

logger = logging.getLogger(__name__)

_NO_ENGINE = (
    'Start one with "rasa run actions" or "rasa-autoplay serve"; its autoplay.yml needs shared: {redis: ...} '
    "with the same URL and the same product_id."
)
_encoder = msgspec.json.Encoder()
_frames = msgspec.json.Decoder(StreamOpened | FeedFrame | Answer | PeerMessage)
AnswerT = TypeVar("AnswerT")
PeerHandler = Callable[[PeerMessage], Awaitable[Answer]]
#: How often a slow call checks that an engine is still connected.
_CHECK_S = 5.0
#: How long to wait until the gateways have answered whether they have a chat window.
_SEARCH_S = 2.0
#: Bubble 1 goes through Rasa, whose action server may be slow.
_OPEN_CHAT_S = 20.0
_healths = msgspec.json.Decoder(dict[str, Any])


class _Search:
    """Collects the gateways' answers until one has the chat window or all have denied it."""

    def __init__(self) -> None:
        self.found: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._denials = 0
        self._expected: int | None = None

    def expect(self, count: int) -> None:
        """Set how many gateways will answer."""
        self._expected = count
        self._finish_if_denied()

    def record(self, gateway_id: str) -> None:
        """Record an answer: the id of the gateway that has the window, or an empty string for a denial."""
        if gateway_id and not self.found.done():
            self.found.set_result(gateway_id)
        self._denials += not gateway_id
        self._finish_if_denied()

    def _finish_if_denied(self) -> None:
        if self._expected is not None and self._denials >= self._expected and not self.found.done():
            self.found.set_result(None)


async def deny_peer(asked: PeerMessage) -> Answer:
    """Answer another gateway that this one has no chat windows."""
    return Answer(asked.question_id)


class RedisLink:
    """Sends messages through one stream per partition; receives frames and answers on its own channel.

    Args:
        product_id: the product that the gateway is configured for.
        connection: the connection to Redis, which :meth:`stop` closes.
        clock: epoch seconds.
        on_peer: answers requests of other gateways.
    """

    def __init__(
        self,
        product_id: str,
        connection: RedisConnection,
        clock: Callable[[], float],
        on_peer: PeerHandler = deny_peer,
    ) -> None:
        self._product_id = product_id
        self._connection = connection
        self._clock = clock
        self._names = RedisNames(product_id)
        self._up = RedisEventPublisher(connection, self._names)
        self._uplink = Uplink(product_id, self._up.post, clock)
        self._open_feeds: Callable[[], list[FeedInfo]] = list
        self._down: Subscription | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._pending: dict[str, asyncio.Future[Answer]] = {}
        self._searches: dict[str, _Search] = {}
        self._on_peer = on_peer
        self._peer_answers: set[asyncio.Task[None]] = set()

    @property
    def gateway_id(self) -> str:
        """This gateway's name among all gateways."""
        return self._uplink.gateway_id

    def send(self, message: UpMessage) -> bool:
        """Queue a message for the engines; return False if the queue is full."""
        return self._uplink.send(message)

    def start(
        self,
        on_frame: FrameHandler,
        open_feeds: Callable[[], list[FeedInfo]],
        on_settled: SettledHandler = no_observer,
    ) -> None:
        """Begin to carry messages; see :class:`rasa_autoplay.link.base.Link`."""
        # A new uplink: the workers of one server are forked from the process that created this link.
        self._uplink = Uplink(self._product_id, self._up.post, self._clock)
        self._uplink.watch_feeds(open_feeds)
        self._uplink.watch_settled(on_settled)
        self._open_feeds = open_feeds

        async def receive(data: bytes) -> None:
            await self._receive(data, on_frame)

        channels = (self._names.gateway(self.gateway_id), self._names.gateways)
        self._down = Subscription(self._connection, channels, receive, self._uplink.announce_feeds)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._uplink.run(), name="autoplay link, up"),
            loop.create_task(self._down.run(), name="autoplay link, down"),
        ]

    def forget(self, user_id: str, is_theirs: Callable[[Event], bool]) -> None:
        """Forget a user; see :class:`rasa_autoplay.link.base.Link`."""
        self._uplink.forget(is_theirs)
        self._up.forget_user(user_id)

    async def stop(self) -> None:
        """Send the queued messages if the engine accepts them at once, then end."""
        await end_tasks([*self._tasks, *self._peer_answers])
        await self._uplink.drain()
        await self._connection.close()

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        problem = self._connection.problem
        connected = self._down is not None and self._down.is_open and not self._uplink.problem and not problem
        health: dict[str, Any] = {
            "type": "redis",
            "state": "connected" if connected else "connecting",
            "gateway_id": self.gateway_id,
            "redis": self._connection.health()["state"],
            **self._uplink.health(),
        }
        if not connected:
            remedy = f"{problem}: check {self._connection.place}" if problem else self._uplink.problem
            health.update({"remedy": remedy} if remedy else {})
        return health

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        """Send a request to the engine that serves its user; see :class:`rasa_autoplay.link.base.Link`."""
        if isinstance(request, GetHealth):
            try:
                # mypy does not narrow AnswerT to EngineHealth, the answer to GetHealth.
                return cast("AnswerT", EngineHealth(await asyncio.wait_for(self._engines(), timeout_s)))
            except asyncio.TimeoutError as failure:
                raise unreachable(self._connection, failure) from None
        call_id = secrets.token_urlsafe(9)
        return await self._ask(request, call_id, await self._partition(request, call_id), timeout_s)

    async def ask_every_engine(
        self, request: EngineRequest[AnswerT], timeout_s: float = 5.0
    ) -> list[AnswerT]:
        """Send a request to a partition of each engine; see :class:`rasa_autoplay.link.base.Link`."""
        asking = [
            self._ask(request, secrets.token_urlsafe(9), partition, timeout_s)
            for partition in await self._one_partition_of_each_engine()
        ]
        found = await asyncio.gather(*asking, return_exceptions=True)
        answers = [each for each in found if not isinstance(each, BaseException)]
        problems = [each for each in found if isinstance(each, BaseException)]
        if problems and not answers:
            raise problems[0]
        return answers

    async def _one_partition_of_each_engine(self) -> list[int]:
        """Return one partition for each engine that owns any.

        Raises:
            EngineUnreachable: there is no engine, or Redis is away.
        """
        try:
            leases = map(self._names.lease, range(PARTITIONS))
            owners = await self._connection.client.mget(list(leases))
        except REDIS_FAILURES as failure:
            raise unreachable(self._connection, failure) from None
        partitions = {owner: partition for partition, owner in enumerate(owners) if owner}
        if not partitions:
            raise EngineUnreachable("No action server is connected to Redis.", remedy=_NO_ENGINE)
        return sorted(partitions.values())

    async def _ask(
        self, request: EngineRequest[AnswerT], call_id: str, partition: int, timeout_s: float
    ) -> AnswerT:
        """Send a request to the engine that serves a partition."""
        with child_span(f"ask {tag_of(request)}", "client"):
            return await self._call(request, call_id, partition, timeout_s)

    async def _call(
        self, request: EngineRequest[AnswerT], call_id: str, partition: int, timeout_s: float
    ) -> AnswerT:
        encoded = msgspec.Raw(_encoder.encode(request))
        call = Call(call_id, encoded, self._clock() + timeout_s, outgoing_trace_parent())
        answering = self._pending[call.call_id] = asyncio.get_running_loop().create_future()
        try:
            await self._up.send_call(self.gateway_id, partition, call)
            answer = await self._answered(answering, timeout_s)
        except asyncio.TimeoutError:
            raise EngineUnreachable("No action server answered over Redis.", remedy=_NO_ENGINE) from None
        finally:
            del self._pending[call.call_id]
        return read_reply(request, answer.reply)

    async def _answered(self, answering: asyncio.Future[Answer], timeout_s: float) -> Answer:
        """Wait for a slow answer as long as an engine is connected."""
        end = self._clock() + timeout_s
        while (left_s := end - self._clock()) > _CHECK_S:
            done, _ = await asyncio.wait([answering], timeout=_CHECK_S)
            if done:
                return answering.result()
            await self._engines()
        return await asyncio.wait_for(answering, left_s)

    async def _partition(self, request: EngineRequest[AnswerT], call_id: str) -> int:
        # Requests without a user go to any engine, but a watcher always asks the same one.
        match request:
            case Acknowledge(user_id="", offer_id=offer_id) | FindOffer(offer_id=offer_id):
                key = await self._up.user_of_offer(offer_id)
            case UserRequest() | Acknowledge():
                key = request.user_id
            case Watch(user_id=user_id, watch_id=watch_id):
                key = user_id or watch_id
            case _:
                key = ""
        return partition_of(key or call_id)

    async def find_window(self, sender_id: str) -> str | None:
        """Return the gateway that has a chat window; None if no other gateway has it."""
        request = FindChatWindow(secrets.token_urlsafe(9), self.gateway_id, sender_id)
        search = self._searches[request.question_id] = _Search()
        try:
            # This gateway also receives its own request, which it does not answer.
            receivers = await self._publish(self._names.gateways, request)
            search.expect(receivers - 1)
            return await asyncio.wait_for(search.found, _SEARCH_S)
        except asyncio.TimeoutError:
            return None
        finally:
            del self._searches[request.question_id]

    async def open_chat(self, gateway_id: str, sender_id: str, asked: dict[str, Any]) -> None:
        """Ask another gateway to open the conversation in its window.

        Raises:
            EngineRefused: the other gateway could not open it.
            EngineUnreachable: the other gateway does not answer.
        """
        trace_parent = outgoing_trace_parent()
        request = OpenChat(
            secrets.token_urlsafe(9), self.gateway_id, sender_id, **asked, trace_parent=trace_parent
        )
        answering = self._pending[request.question_id] = asyncio.get_running_loop().create_future()
        try:
            await self._publish(self._names.gateway(gateway_id), request)
            answer = await asyncio.wait_for(answering, _OPEN_CHAT_S)
        except asyncio.TimeoutError:
            raise EngineUnreachable(
                "The Rasa server that has this chat window does not answer.", remedy="Try again."
            ) from None
        finally:
            del self._pending[request.question_id]
        join_trace(answer.reply.trace_parent)
        if answer.reply.refusal is not None:
            raise EngineRefused.of(answer.reply.refusal)

    async def tell_consent(self, user_id: str, since: float) -> None:
        """Tell all other gateways about a user's consent, and wait until they have acted on it.

        Args:
            user_id: the user.
            since: when consent was given, epoch seconds; 0 after a withdrawal.

        Raises:
            EngineUnreachable: not all of them have answered.
        """
        told = TellConsent(secrets.token_urlsafe(9), self.gateway_id, user_id, since)
        search = self._searches[told.question_id] = _Search()
        try:
            search.expect(await self._publish(self._names.gateways, told) - 1)
            await asyncio.wait_for(search.found, _SEARCH_S)
        except asyncio.TimeoutError:
            raise EngineUnreachable(
                "Another Rasa server does not answer.", remedy="It is tried again until it does."
            ) from None
        finally:
            del self._searches[told.question_id]

    async def _publish(self, channel: str, message: PeerMessage | Answer) -> int:
        try:
            return int(await self._connection.client.publish(channel, _encoder.encode(message)))
        except REDIS_FAILURES as failure:
            raise unreachable(self._connection, failure) from None

    def _answer_in_background(self, asked: PeerMessage) -> None:
        if asked.gateway_id == self.gateway_id:
            return
        answering = asyncio.get_running_loop().create_task(self._answer_peer(asked))
        self._peer_answers.add(answering)
        answering.add_done_callback(self._peer_answers.discard)

    async def _answer_peer(self, asked: PeerMessage) -> None:
        try:
            answer = await self._on_peer(asked)
            await self._publish(self._names.gateway(asked.gateway_id), answer)
        except EngineUnreachable as problem:
            logger.warning("This server could not answer another Rasa server: %s", problem)
        except Exception:
            logger.exception("This server could not answer another Rasa server.")

    async def _engines(self) -> dict[str, Any]:
        """Return the health of all engines."""
        client, names = self._connection.client, self._names
        try:
            ids = [each.decode() for each in await client.zrange(names.engines, 0, -1)]
            healths = await client.mget([names.health(each) for each in ids]) if ids else []
        except REDIS_FAILURES as failure:
            raise unreachable(self._connection, failure) from None
        engines = {each: _healths.decode(health) for each, health in zip(ids, healths, strict=True) if health}
        if not engines:
            raise EngineUnreachable("No action server is connected to Redis.", remedy=_NO_ENGINE)
        health = {"state": "running", "product_id": self._product_id, "engines": engines}
        return {**health, **describe_differing_versions(engines)}

    async def _receive(self, data: bytes, on_frame: FrameHandler) -> None:
        try:
            frame = _frames.decode(data)
        except msgspec.DecodeError:
            logger.warning(
                "An engine sent a frame that cannot be read. Check that both servers have the same version."
            )
            return
        match frame:
            case FeedFrame():
                await on_frame(frame)
            case StreamOpened():
                self.send(FeedSnapshot(self._open_feeds(), frame.partitions))
            case FindChatWindow() | OpenChat() | TellConsent():
                self._answer_in_background(frame)
            case Answer():
                self._receive_answer(frame)

    def _receive_answer(self, answer: Answer) -> None:
        if answer.call_id in self._searches:
            self._searches[answer.call_id].record(answer.gateway_id)
            return
        answering = self._pending.get(answer.call_id)
        if answering is not None and not answering.done():
            answering.set_result(answer)
