"""The recording of an engine's sessions, which is on or off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.decisions.decision_log import Decision, Observer
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.open_offers import OfferObserver
from rasa_autoplay.engine.recording.base import RecordingStore
from rasa_autoplay.engine.recording.recorder import Recorder
from rasa_autoplay.engine.sessions.session_observer import NO_SESSION_OBSERVER, SessionObserver
from rasa_autoplay.settings.engine import RecordingSettings

__all__ = ["Recording"]


class Recording:
    """Adds the recorder to the engine's observers if ``autoplay.yml`` says ``recording``; else adds nothing.

    Args:
        settings: ``recording`` in ``autoplay.yml``; None if nothing is recorded.
        store: stores the rows.
        clock: epoch seconds.
        engine_id: this engine's run.
        fingerprint: returns that of the files in force.
        delete_leftovers: deletes what was recorded before; called if nothing is recorded now.
    """

    def __init__(
        self,
        settings: RecordingSettings | None,
        store: RecordingStore,
        clock: Callable[[], float],
        engine_id: str,
        fingerprint: Callable[[], str],
        delete_leftovers: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self._delete_leftovers = delete_leftovers
        self._deleting: asyncio.Task[None] | None = None
        self._recorder: Recorder | None = None
        if settings is not None:
            self._recorder = Recorder(store, settings, clock, engine_id, fingerprint)

    @property
    def session_observer(self) -> SessionObserver:
        """Sees what happens in sessions."""
        return NO_SESSION_OBSERVER if self._recorder is None else self._recorder

    def with_decisions(self, observe: Observer) -> Observer:
        """Return an observer of decisions that also records them."""
        recorder = self._recorder
        if recorder is None:
            return observe

        def observe_and_record(decision: Decision) -> None:
            observe(decision)
            recorder.decision(decision)

        return observe_and_record

    def with_offers(self, observe: OfferObserver) -> OfferObserver:
        """Return an observer of offers that also records them."""
        recorder = self._recorder
        if recorder is None:
            return observe

        def observe_and_record(offer: Offer, now: float) -> None:
            observe(offer, now)
            recorder.offer(offer, now)

        return observe_and_record

    def forget_user(self, user_id: str) -> None:
        """Drop what waits to be written about a user."""
        if self._recorder is not None:
            self._recorder.forget_user(user_id)

    def start(self) -> None:
        """Delete in the background what is too old; everything if nothing is recorded any more."""
        if self._recorder is not None:
            self._recorder.forget_old()
        else:
            loop = asyncio.get_running_loop()
            self._deleting = loop.create_task(self._delete_leftovers(), name="autoplay, old recordings")

    def forget_old(self) -> None:
        """Delete in the background what is too old."""
        if self._recorder is not None:
            self._recorder.forget_old()

    async def stop(self) -> None:
        """Write what waits, if the database works; the caller closes the store."""
        await end_tasks([self._deleting])
        if self._recorder is not None:
            await self._recorder.stop()

    def health(self) -> dict[str, Any]:
        """Return the recording's health, without secrets; empty if it is off."""
        return {"recording": self._recorder.health()} if self._recorder is not None else {}
