"""Answers the gateways' requests about the consent of users."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from rasa_autoplay.engine.consent.base import Consent, ConsentStore
from rasa_autoplay.engine.consent.withdrawn_users import WithdrawnUsers
from rasa_autoplay.engine.studio.user_data import UserData
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.link.answers import UserDeleted
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.consent_answers import ConsentGiven, ConsentsFound
from rasa_autoplay.link.consent_requests import FindConsents, GiveConsent

__all__ = ["ConsentRequests"]

#: Who deletes, in the log of changes.
_BY = "the user, who withdrew the consent"


class _Presence(Protocol):
    def forget_user(self, user_id: str) -> None: ...


class ConsentRequests:
    """Stores consents, and deletes everything about users who withdraw theirs.

    Args:
        store: stores the consents.
        withdrawn: the users whose messages the engine ignores.
        presence: the open feeds of users.
        user_data: deletes what is stored about a user.
        forget_live: removes a user from the running engine.
    """

    def __init__(
        self,
        store: ConsentStore,
        withdrawn: WithdrawnUsers,
        presence: _Presence,
        user_data: UserData,
        forget_live: Callable[[str], Awaitable[object]],
    ) -> None:
        self._store = store
        self._withdrawn = withdrawn
        self._presence = presence
        self._user_data = user_data
        self._forget_live = forget_live

    async def find(self, request: FindConsents) -> ConsentsFound:
        """Return which users have given consent.

        Raises:
            EngineRefused: the database is not available.
        """
        since = await self._store.find(request.user_ids)
        if since is None:
            raise self._unavailable()
        return ConsentsFound(since)

    async def give(self, request: GiveConsent) -> ConsentGiven:
        """Store a user's consent.

        Raises:
            EngineRefused: the database is not available.
        """
        since = await self._store.give(Consent(request.user_id, request.at, request.version[:64]))
        if since is None:
            raise self._unavailable()
        self._withdrawn.remove(request.user_id)
        return ConsentGiven(since)

    async def withdraw(self, user_id: str) -> UserDeleted:
        """Delete everything about a user, and ignore the messages that are still under way.

        Raises:
            EngineRefused: the database is not available.
        """
        self._withdrawn.add(user_id)
        self._presence.forget_user(user_id)
        try:
            deleted = await self._user_data.delete(user_id, _BY, self._forget_live)
        except AutoplayError as failure:
            raise EngineRefused("unavailable", failure.message, failure.remedy) from None
        return UserDeleted(dict(deleted.counts), deleted.fingerprint)

    def _unavailable(self) -> EngineRefused:
        return EngineRefused(
            "unavailable",
            f"the database of consents cannot be used: {self._store.problem}",
            "Send it again later. The health of the channel names the reason.",
        )
