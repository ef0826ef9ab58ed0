"""Connects a gateway with other gateways through Redis: ``shared: {redis: …}`` in ``credentials.yml``."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from rasa_autoplay.common.tracing.current import joined_trace_parent
from rasa_autoplay.gateway.chat.openings import ChatOpener, Conversations
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.redis_session_owners import RedisSessionOwners
from rasa_autoplay.gateway.chat.remote_windows import ChatGateways, CheckOwner
from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners, SessionOwners
from rasa_autoplay.gateway.consent.announcements import AnnouncedConsents
from rasa_autoplay.gateway.consent.known_consents import NEVER
from rasa_autoplay.gateway.redis.shared_user_keys import SharedUserKeys
from rasa_autoplay.gateway.redis.singleton_source import SingletonSource
from rasa_autoplay.gateway.sources.base import Source
from rasa_autoplay.gateway.tracing.traces import GatewayTraces
from rasa_autoplay.link.base import Link
from rasa_autoplay.link.redis.gateway_link import RedisLink
from rasa_autoplay.link.redis.peer_messages import Answer, OpenChat, PeerMessage, TellConsent
from rasa_autoplay.link.redis.publish_events import unreachable
from rasa_autoplay.settings.channel import ChannelSettings
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames

__all__ = ["RedisGateway"]


class RedisGateway:
    """One of several gateways, which share users and engines through Redis.

    Args:
        settings: the channel's section of ``credentials.yml``.
        clock: epoch seconds.
        chat: this server's chat windows.
        check_owner: raises ``IdentityRefused`` if a user may not use a window of this gateway.
        consents: knows which users have given consent.
        traces: records what this gateway does for another; None if tracing is off.

    Raises:
        ConfigError: the URL cannot be used, or the package redis is missing.
    """

    def __init__(
        self,
        settings: ChannelSettings,
        clock: Callable[[], float],
        chat: RasaChat,
        check_owner: CheckOwner,
        consents: AnnouncedConsents,
        traces: GatewayTraces | None = None,
    ) -> None:
        assert settings.shared is not None  # noqa: S101 - the caller has checked it
        self._connection = RedisConnection(settings.shared.redis, "shared.redis in credentials.yml")
        self._names = RedisNames(settings.product_id)
        self._traces = traces
        self._consents = consents
        self._link = link = RedisLink(settings.product_id, self._connection, clock, self._answer_peer)
        self.link: Link = consents.consent.guarded(link)
        self._chats = ChatGateways(
            ChatOpener(self.link, chat, chat.talks), chat.has_window, check_owner, link
        )
        self._user_keys = SharedUserKeys(self._connection, self._names)
        consents.announce_to(self)
        self.chat_opener: Conversations = self._chats
        # Without signed users, chat sessions have no owners.
        is_signed = settings.identity != "none"
        self.owners: SessionOwners = (
            RedisSessionOwners(self._connection, self._names) if is_signed else LocalSessionOwners()
        )

    def singleton(self, name: str, make: Callable[[], Source]) -> Source:
        """A source that runs at the gateway that holds its lease."""
        return SingletonSource(make, self._connection, self._names.once(name))

    async def claim_once(self, what: str, for_s: float) -> bool:
        """Claim something in Redis; return whether no gateway had it."""
        key = self._names.once(what)
        try:
            return bool(await self._connection.client.set(key, 1, nx=True, ex=math.ceil(for_s)))
        except REDIS_FAILURES as failure:
            raise unreachable(self._connection, failure) from None

    async def announce(self, user_id: str, since: float) -> None:
        """Tell all other gateways about a user's consent; see :class:`.announcements.ConsentAnnouncer`."""
        await self._link.tell_consent(user_id, 0.0 if since == NEVER else since)

    async def forget_user(self, user_id: str) -> None:
        """Delete the keys that gateways write about a user."""
        await self._user_keys.forget(user_id)

    async def _answer_peer(self, asked: PeerMessage) -> Answer:
        if isinstance(asked, TellConsent):
            await self._consents.told(asked.user_id, asked.since or NEVER)
            return Answer(asked.question_id)
        if self._traces is None or not isinstance(asked, OpenChat):
            return await self._chats.answer(asked)
        with self._traces.continued(asked.trace_parent, "open chat") as active:
            answer = await self._chats.answer(asked)
        joined = joined_trace_parent(active.span)
        return Answer(answer.call_id, msgspec.structs.replace(answer.reply, trace_parent=joined))
