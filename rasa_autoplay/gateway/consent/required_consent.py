"""``consent: required``: nothing about a user is kept before the user's page has said that it may.

Whether a user has given consent is known without asking for most events. The events of an unknown user wait
in memory while the engine is asked.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.consent.announcements import ConsentAnnouncer, NobodyToTell
from rasa_autoplay.gateway.consent.base import Outcome
from rasa_autoplay.gateway.consent.consent_asker import ConsentAsker
from rasa_autoplay.gateway.consent.guarded_link import GuardedLink
from rasa_autoplay.gateway.consent.held_events import HeldEvents
from rasa_autoplay.gateway.consent.kept_sessions import KeptSessions
from rasa_autoplay.gateway.consent.known_consents import NEVER, KnownConsents
from rasa_autoplay.gateway.consent.permitted_part import about_user
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.consent_requests import GiveConsent, WithdrawConsent
from rasa_autoplay.link.messages import Event

__all__ = ["DROP_REASONS", "Forget", "RequiredConsent", "consent_data"]

logger = logging.getLogger(__name__)

#: Why an event was dropped: its visitor is anonymous; its user has not given consent; it happened before
#: that; nobody said whether it may be kept.
DROP_REASONS = ("anonymous", "no_consent", "before_consent", "unanswered")
#: The page says it a moment before the request arrives. What the user does in between is covered.
LATENCY_S = 1.0
_TICK_S = 1.0
_WITHDRAW_WAIT_S = 15.0
#: A withdrawal is expensive. Within this time, a second one has nothing to do.
_AGAIN_S = 10.0
_WITHDRAWN: Outcome = {"status": "ok", "required": True, "consent": False}

#: Forgets a user: the id, the user's sessions, and a function that tells whether an event is about the user.
Forget = Callable[[str, "set[str]", Callable[[Event], bool]], object]


class RequiredConsent:
    """Knows which users have given consent, and what may be kept of an event.

    Args:
        clock: epoch seconds.
        monotonic: monotonic seconds.
        forget: forgets a user in all parts of this gateway.
        changed: called with a user and whether consent is given, whenever that changes.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        forget: Forget,
        changed: Callable[[str, bool], object],
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._forget = forget
        self._changed = changed
        self._known = KnownConsents(monotonic)
        self._held = HeldEvents(monotonic)
        self._link: Link | None = None
        self._asker = ConsentAsker(self._engine, self._answered, monotonic)
        #: Reaches the other gateways.
        self.announcer: ConsentAnnouncer = NobodyToTell()
        #: By the hash of a user's id: when the page, or another gateway, said something new.
        self._told_at: BoundedDict[int, float] = BoundedDict(10_000)
        #: By the hash of a user's id: when a withdrawal was finished.
        self._done_at: BoundedDict[int, float] = BoundedDict(10_000)
        #: Withdrawals that are not done everywhere yet; until then nothing of these users passes.
        self._unfinished: dict[str, None] = {}
        self._sessions = KeptSessions()
        #: Counts of dropped events by reason, and of what pages have said.
        self.dropped: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def guarded(self, link: Link) -> Link:
        """Return a link that sends nothing about users without consent."""
        self._link = link
        return GuardedLink(link, self)

    def _engine(self) -> Link:
        if self._link is None:
            raise EngineUnreachable("The gateway has no link yet.")
        return self._link

    def may_read(self, user_id: str | None) -> bool:
        """Whether an event of this user may be read: unless it is anonymous, or consent is missing."""
        if not user_id:
            self.dropped["anonymous"] += 1
            return False
        if self._known.since(user_id) == NEVER:
            self.dropped["no_consent"] += 1
            return False
        return True

    def may_remember(self, user_id: str | None) -> bool:
        """Whether a user has given consent; if that is unknown, it is found out."""
        if not user_id:
            return False
        if self._known.is_old(user_id):
            self._asker.ask_about(user_id)
        return self._known.since(user_id) not in (None, NEVER)

    async def find(self, user_id: str) -> bool:
        """Whether a user has given consent; asks the engine if that is unknown.

        Raises:
            EngineRefused, EngineUnreachable: the engine does not know it now.
        """
        if self._known.since(user_id) is None:
            await self._asker.find(user_id)
        return self._known.since(user_id) not in (None, NEVER)

    def admitted(
        self, event: Event, deliver: Callable[[Event], object], drop: Callable[[Event], object] = bool
    ) -> Event | None:
        """Return what may be kept of an event now; see :class:`.base.ConsentOfUsers`."""
        user_id = self._sessions.user_of(event)
        if not user_id:
            self._drop(event, "anonymous", drop)
            return None
        if self._known.is_old(user_id):
            self._asker.ask_about(user_id)
        since = self._known.since(user_id)
        if since is not None:
            return self._permitted(event, user_id, since, drop)
        if not self._held.put(user_id, event, deliver, drop):
            self._drop(event, "unanswered", drop)
        return None

    def _permitted(
        self, event: Event, user_id: str, since: float, drop: Callable[[Event], object]
    ) -> Event | None:
        if since == NEVER:
            self._drop(event, "no_consent", drop)
            return None
        before = _actions_of(event)
        if not self._sessions.permit(event, user_id, since):
            self._drop(event, "before_consent", drop)
            return None
        self.dropped["before_consent"] += before - _actions_of(event)
        return event

    def _drop(self, event: Event, reason: str, drop: Callable[[Event], object]) -> None:
        self.dropped[reason] += max(_actions_of(event), 1)
        drop(event)

    def _answered(self, user_id: str, since: float, asked_at: float) -> None:
        """Act on the engine's answer, unless the page has said something new since the question."""
        if user_id in self._unfinished or self._told_at.get(hash(user_id), 0.0) >= asked_at:
            return
        if self._known.since(user_id) not in (None, NEVER) and since == NEVER:
            # Withdrawn elsewhere: at another gateway, in the studio, or by the command line.
            self._forget_here(user_id)
        self.learn(user_id, since)

    def learn(self, user_id: str, since: float) -> None:
        """Know from now on when a user gave consent, and deliver or drop the events that waited for it."""
        is_new = self._known.learn(user_id, since)
        for held in self._held.pop(user_id):
            part = self._permitted(held.event, user_id, since, held.drop)
            if part is not None:
                held.deliver(part)
        if is_new:
            self._changed(user_id, since != NEVER)

    async def told(self, user_id: str, since: float) -> None:
        """Act on what another gateway's page has said."""
        self._told_at[hash(user_id)] = self._monotonic()
        if since == NEVER:
            self._forget_here(user_id)
        self.learn(user_id, since)

    def _forget_here(self, user_id: str) -> None:
        sessions = self._sessions.pop(user_id)
        for held in self._held.pop(user_id):
            self._drop(held.event, "no_consent", held.drop)
        self._forget(user_id, sessions, about_user(user_id, sessions))

    async def give(self, user_id: str, version: str) -> Outcome:
        """Record that a user has given consent; see :class:`.base.ConsentOfUsers`."""
        given = await self._engine().ask(GiveConsent(user_id, self._clock() - LATENCY_S, version))
        self._unfinished.pop(user_id, None)
        self.counts["given"] += 1
        self._told_at[hash(user_id)] = self._monotonic()
        self.learn(user_id, given.since)
        with suppress(EngineUnreachable):  # another gateway asks again within a minute
            await self.announcer.announce(user_id, given.since)
        return {"status": "ok", "required": True, "consent": True, "since": given.since}

    async def withdraw(self, user_id: str) -> Outcome:
        """Forget everything about a user; see :class:`.base.ConsentOfUsers`.

        From the first moment, nothing of the user passes. If the engine or another gateway does not answer,
        the withdrawal is repeated until they do.
        """
        last = self._done_at.get(hash(user_id), -math.inf)
        if self._known.since(user_id) == NEVER and self._monotonic() - last < _AGAIN_S:
            return {**_WITHDRAWN, "deleted": {}}
        self.counts["withdrawn"] += 1
        self._unfinished[user_id] = None
        self._told_at[hash(user_id)] = self._monotonic()
        self.learn(user_id, NEVER)
        deleted = await self._withdraw(user_id)
        return {**_WITHDRAWN, "deleted": deleted}

    async def _withdraw(self, user_id: str) -> dict[str, int]:
        self._forget_here(user_id)
        await self.announcer.announce(user_id, NEVER)
        answer = await self._engine().ask(WithdrawConsent(user_id), _WITHDRAW_WAIT_S)
        await self.announcer.forget_user(user_id)
        self._unfinished.pop(user_id, None)
        self._done_at[hash(user_id)] = self._monotonic()
        return answer.deleted

    async def deleted(self, user_id: str) -> None:
        """Forget a user whose data, with the consent, an operator has deleted."""
        await self.told(user_id, NEVER)
        with suppress(EngineUnreachable):  # another gateway asks again within a minute
            await self.announcer.announce(user_id, NEVER)
            await self.announcer.forget_user(user_id)

    async def run(self) -> None:
        """Ask the engine about unknown users, and finish withdrawals, until cancelled."""
        asking = asyncio.get_running_loop().create_task(self._asker.run(), name="autoplay consent")
        try:
            while True:
                await asyncio.sleep(_TICK_S)
                self._drop_expired()
                await self._finish_withdrawals()
        finally:
            await end_tasks([asking])

    async def tick(self) -> None:
        """Do at once what :meth:`run` does in the background."""
        self._drop_expired()
        await self._finish_withdrawals()
        await self._asker.ask_waiting()

    def _drop_expired(self) -> None:
        for held in self._held.pop_expired():
            self._drop(held.event, "unanswered", held.drop)
        for user_id in self._held.users():
            self._asker.ask_about(user_id)

    async def _finish_withdrawals(self) -> None:
        for user_id in list(self._unfinished):
            try:
                await self._withdraw(user_id)
            except (EngineUnreachable, EngineRefused, asyncio.TimeoutError):
                return
            except Exception:
                logger.exception("A withdrawal of consent could not be finished; it is tried again.")
                return

    def feed_event(self, user_id: str) -> str:
        """Tell the page whether it has to ask; empty if that is not known yet."""
        since = self._known.since(user_id)
        return "" if since is None else consent_data(since != NEVER)

    def health(self) -> dict[str, Any]:
        """The mode, and counts without ids."""
        health: dict[str, Any] = {
            "mode": "required",
            "users_with_consent": self._known.given,
            "told": dict(self.counts),
            "held": len(self._held),
            "dropped": dict(self.dropped),
            "unfinished_withdrawals": len(self._unfinished),
        }
        if self._asker.problem:
            health["remedy"] = (
                f"{self._asker.problem} Until the engine answers, the events of unknown users wait, and are "
                "dropped after 30 s."
            )
        return health


def consent_data(is_given: bool) -> str:
    """Return the data of the event ``consent`` in a feed."""
    return json.dumps({"required": True, "given": is_given})


def _actions_of(event: Event) -> int:
    return len(event.payload.actions) if isinstance(event.payload, ActionsPayload) else 0
