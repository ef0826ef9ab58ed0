"""Buffers actions, decisions and offers for operators who watch; each watcher has a bounded buffer.

If a watcher is slow, its oldest moments are dropped and counted; a watcher that stops fetching is forgotten.
Without watchers, showing something costs one check of an empty dict.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from rasa_autoplay.engine.changes.change import Change
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.link.answers import JsonObject, Moments
from rasa_autoplay.link.base import EngineRefused

__all__ = ["MAX_MOMENTS", "Watchers"]

#: A watcher's buffer keeps the latest moments.
MAX_MOMENTS = 1_000
_MAX_WATCHERS = 16
#: A watcher that has not fetched for this long has gone.
_LEASE_S = 30.0
#: A request waits at most this long. It is shorter than the lease, so that a waiting watcher is not
#: forgotten.
_MAX_WAIT_S = 20.0


class _Watcher:
    def __init__(self, user_id: str, session_id: str) -> None:
        self._user_id = user_id
        self._session_id = session_id
        self._moments: deque[JsonObject] = deque(maxlen=MAX_MOMENTS)
        self._lost = 0
        self.arrived = asyncio.Event()
        self.until = 0.0

    def wants(self, user_id: str | None, session_id: str) -> bool:
        return self._user_id in ("", user_id) and self._session_id in ("", session_id)

    def put(self, moment: JsonObject) -> None:
        self._lost += len(self._moments) == MAX_MOMENTS
        self._moments.append(moment)
        self.arrived.set()

    def forget_user(self, user_id: str) -> None:
        left = [moment for moment in self._moments if moment.get("user_id") != user_id]
        self._moments.clear()
        self._moments.extend(left)

    def fetch(self) -> Moments:
        fetched = Moments(list(self._moments), self._lost, begun=self.until == 0.0)
        self._moments.clear()
        self._lost = 0
        self.arrived.clear()
        return fetched


class Watchers:
    """All watchers of this engine.

    Args:
        clock: epoch seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._watchers: dict[str, _Watcher] = {}

    def __len__(self) -> int:
        return len(self._watchers)

    async def watch(
        self, watch_id: str, user_id: str = "", session_id: str = "", wait_s: float = 0.0
    ) -> Moments:
        """Return what has happened since this watcher's last request; the first request begins the watch.

        Args:
            watch_id: id of the watcher.
            user_id: show only this user; empty for all users. The filters of the first request count.
            session_id: show only this session; empty for all sessions.
            wait_s: how long to wait for something to happen, at most 20 s. The first request is answered at
                once. A request with 0 ends another one of this watcher that still waits.

        Returns:
            A moment has ``kind`` (``action``, ``decision`` or ``offer``), ``at`` (epoch seconds),
            ``user_id``, ``session_id`` and further fields of its kind; or the kind ``pause``, which concerns
            all users and has ``outcome`` (``paused`` or ``resumed``), ``trigger_id`` (empty for all
            triggers), ``who``, ``why`` and ``text``. ``lost`` is the number of moments that
            were dropped before them; ``begun`` says that the watch has only just begun.

        Raises:
            EngineRefused: there are too many watchers.
        """
        watcher = self._watchers.get(watch_id)
        if watcher is None:
            watcher = self._begin(watch_id, user_id, session_id)
        elif wait_s > 0:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(watcher.arrived.wait(), min(wait_s, _MAX_WAIT_S))
        else:
            watcher.arrived.set()
        answer = watcher.fetch()
        watcher.until = self._clock() + _LEASE_S
        return answer

    def _begin(self, watch_id: str, user_id: str, session_id: str) -> _Watcher:
        self._forget_gone()
        if len(self._watchers) >= _MAX_WATCHERS:
            raise EngineRefused(
                "too_many",
                f"{_MAX_WATCHERS} terminals are watching already",
                f"Close one of them and wait {_LEASE_S:.0f} s.",
            )
        self._watchers[watch_id] = watcher = _Watcher(user_id, session_id)
        return watcher

    def _forget_gone(self) -> None:
        now = self._clock()
        for watch_id in [each for each, watcher in self._watchers.items() if watcher.until < now]:
            del self._watchers[watch_id]

    def forget_user(self, user_id: str) -> None:
        """Drop the moments of a user that are not fetched yet."""
        for watcher in self._watchers.values():
            watcher.forget_user(user_id)

    def end_all(self) -> None:
        """End all watches, because the engine is stopping."""
        for watcher in self._watchers.values():
            watcher.arrived.set()
        self._watchers.clear()

    def actions(self, source: str, actions: Iterable[SlimAction]) -> None:
        """Show new actions of users."""
        if not self._watchers:
            return
        for action in actions:
            self._show(
                "action",
                action.timestamp_start,
                action.user_id,
                action.session_id or "",
                type=action.type,
                title=action.title,
                page=action.canonical_url,
                source=source,
                **{name: text for name in ("element_id", "signal") if (text := getattr(action, name))},
            )

    def decision(self, decision: Decision) -> None:
        """Show a decision; this is an :data:`~rasa_autoplay.engine.decisions.decision_log.Observer`."""
        if not self._watchers:
            return
        fields: dict[str, Any] = {"outcome": decision.outcome, "trigger_id": decision.trigger_id}
        if decision.variant:
            fields["variant"] = decision.variant
        if decision.arm:
            fields.update(arm=decision.arm, detail=decision.detail)
        if decision.gate:
            fields.update(gate=decision.gate, detail=decision.detail)
            fields.update({"for_ever": True} if decision.until == math.inf else {"until": decision.until})
        if decision.offer_id:
            fields["offer_id"] = decision.offer_id
        self._show("decision", decision.at, decision.user_id, decision.session_id, **fields)

    def offer(self, offer: Offer, now: float) -> None:
        """Show an offer's new status. Nothing happens to a withheld one: its decision has been shown."""
        if not self._watchers or offer.is_withheld:
            return
        self._show(
            "offer",
            now,
            offer.user_id,
            offer.session_id,
            offer_id=offer.offer_id,
            trigger_id=offer.trigger_id,
            status=offer.status.value,
            body=offer.body,
        )

    def pause(self, change: Change) -> None:
        """Show every watcher that a pause has begun or ended, because it concerns all users."""
        moment: JsonObject = {
            "kind": "pause",
            "outcome": change.kind.value,
            "at": self._clock(),
            "trigger_id": change.trigger_id,
            "who": change.who,
            "why": change.why,
            "text": change.describe(),
        }
        for watcher in self._watchers.values():
            watcher.put(moment)

    def _show(
        self, kind: str, happened_at: float, user_id: str | None, session_id: str, **fields: Any
    ) -> None:
        self._forget_gone()
        moment: JsonObject = {
            "kind": kind,
            "at": happened_at,
            "user_id": user_id,
            "session_id": session_id,
            **fields,
        }
        for watcher in self._watchers.values():
            if watcher.wants(user_id, session_id):
                watcher.put(moment)
