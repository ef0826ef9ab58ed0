"""A gateway among others, on Redis: ``shared: {redis: …}`` in ``credentials.yml``."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.gateway.chat.openings import ChatOpener, Conversations
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.redis_session_owners import RedisSessionOwners
from rasa_autoplay.gateway.chat.remote_windows import ChatGateways, CheckOwner
from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners, SessionOwners
from rasa_autoplay.gateway.redis.singleton_source import SingletonSource
from rasa_autoplay.gateway.sources.base import Source
from rasa_autoplay.link.base import Link
from rasa_autoplay.link.messages import Answer, FindChatWindow, OpenChat
from rasa_autoplay.link.redis.gateway_link import RedisLink, deny_peer
from rasa_autoplay.settings.channel import ChannelSettings
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames

__all__ = ["RedisGateway"]


class RedisGateway:
    """A gateway that meets the others, and the engines, on Redis.

    Args:
        settings: the channel's section of ``credentials.yml``.
        clock: epoch seconds.

    Raises:
        ConfigError: the URL cannot be used, or the package redis is missing.
    """

    def __init__(self, settings: ChannelSettings, clock: Callable[[], float]) -> None:
        assert settings.shared is not None  # noqa: S101 - the settings have checked it
        self._connection = RedisConnection(settings.shared.redis, "shared.redis in credentials.yml")
        self._names = RedisNames(settings.product_id)
        self._redis_link = RedisLink(settings.product_id, self._connection, clock, self._answer_peer)
        self._gateways: ChatGateways | None = None
        self.link: Link = self._redis_link
        # Without signed users, a session is nobody's.
        is_signed = settings.identity != "none"
        self.owners: SessionOwners = (
            RedisSessionOwners(self._connection, self._names) if is_signed else LocalSessionOwners()
        )

    def once(self, name: str, make: Callable[[], Source]) -> Source:
        """The source, at whichever gateway holds its lease."""
        return SingletonSource(make, self._connection, self._names.once(name))

    def conversations(self, chat: RasaChat, check_owner: CheckOwner) -> Conversations:
        """Those of all servers' windows."""
        self._gateways = ChatGateways(
            ChatOpener(self.link, chat), chat.has_window, check_owner, self._redis_link
        )
        return self._gateways

    async def _answer_peer(self, asked: FindChatWindow | OpenChat) -> Answer:
        return await (self._gateways.answer(asked) if self._gateways else deny_peer(asked))
