"""The team's PostHog project as a target: outcomes become events of their users."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import msgspec

from rasa_autoplay.engine.outcomes.base import Claimed, Settlement
from rasa_autoplay.engine.outcomes.delivery.http_post import TIMEOUT_S, Posted, new_session, post
from rasa_autoplay.engine.outcomes.outcome import Outcome
from rasa_autoplay.events.outcome_types import posthog_event
from rasa_autoplay.settings.secret import Secret

__all__ = ["PosthogTarget"]

#: Any constant of our own. PostHog drops an event whose uuid, name, user and day it has already.
_NAMESPACE = uuid.UUID("6f0d3c1e-5b0b-4f6e-9b57-2a64a1f2c9d8")
_HEADERS = {"Content-Type": "application/json", "User-Agent": "rasa-autoplay"}
#: PostHog's own properties begin with $. These let an event neither create a profile of a user nor move the
#: user to the place of this server.
_PROCESSING = {"$process_person_profile": False, "$geoip_disable": True, "$lib": "rasa-autoplay"}


class PosthogTarget:
    """Posts batches of events to ``/batch/``.

    Args:
        host: scheme and host, such as ``https://eu.i.posthog.com``.
        project_key: the project's key, ``phc_…``, which can only write events.
        clock: epoch seconds.
        timeout_s: for one request, in seconds.
    """

    name = "posthog"
    batch_size = 100
    requests = 2

    def __init__(
        self, host: str, project_key: Secret, clock: Callable[[], float], timeout_s: float = TIMEOUT_S
    ) -> None:
        self._url = f"{host.rstrip('/')}/batch/"
        self._key = project_key
        self._clock = clock
        self._timeout_s = timeout_s
        self._http: aiohttp.ClientSession | None = None
        self.address = hashlib.sha256(self._url.encode()).hexdigest()

    async def send(self, outcomes: Sequence[Claimed]) -> Sequence[Settlement]:
        """Post a batch."""
        if self._http is None:
            self._http = new_session(self.requests, self._timeout_s)
        now = self._clock()
        events = [_event(msgspec.json.decode(each.body, type=Outcome)) for each in outcomes]
        body = msgspec.json.encode({"api_key": self._key.reveal(), "batch": events})
        posted = await post(self._http, self._url, body, _HEADERS, now)
        problem = _problem_of(posted)
        not_before = now + posted.retry_after_s if posted.retry_after_s else 0.0
        return [Settlement(each.number, problem, not_before if problem else 0.0) for each in outcomes]

    async def close(self) -> None:
        """Close all connections."""
        if self._http is not None:
            await self._http.close()


def _event(outcome: Outcome) -> dict[str, Any]:
    """Return the event of an outcome, whose fields become properties such as ``autoplay_trigger_id``."""
    about = msgspec.to_builtins(outcome.data)
    user_id = about.pop("user_id")
    return {
        "uuid": str(uuid.uuid5(_NAMESPACE, outcome.id)),
        "event": posthog_event(outcome.type.value),
        "distinct_id": user_id,
        "timestamp": outcome.timestamp,
        "properties": {
            "autoplay_outcome": outcome.id,
            **{f"autoplay_{name}": value for name, value in about.items()},
            **_PROCESSING,
        },
    }


def _problem_of(posted: Posted) -> str:
    """Return why PostHog has not stored the events; empty if it has."""
    if posted.problem or not posted.is_success:
        return posted.problem or f"it answers {posted.status}"
    try:
        answer = msgspec.json.decode(posted.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    # The answer is 200 even if the project's limit is reached and the events are dropped.
    limited = isinstance(answer, dict) and "events" in (answer.get("quota_limited") or ())
    return "the project's limit of events is reached" if limited else ""
