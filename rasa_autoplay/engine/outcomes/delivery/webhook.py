"""The team's own webhook as a target, signed as Standard Webhooks says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import aiohttp

from rasa_autoplay.engine.outcomes.base import Claimed, Settlement
from rasa_autoplay.engine.outcomes.delivery.http_post import TIMEOUT_S, Posted, new_session, post
from rasa_autoplay.engine.outcomes.delivery.standard_webhooks import signed_headers
from rasa_autoplay.settings.secret import Secret

__all__ = ["WebhookTarget"]

_GONE = 410
_HEADERS = {"Content-Type": "application/json", "User-Agent": "rasa-autoplay"}


class WebhookTarget:
    """Posts each outcome to a URL.

    Args:
        url: the receiver's address.
        secrets: sign each message.
        clock: epoch seconds.
        timeout_s: for one request, in seconds.
    """

    name = "webhook"
    batch_size = 1
    requests = 8

    def __init__(
        self, url: str, secrets: Sequence[Secret], clock: Callable[[], float], timeout_s: float = TIMEOUT_S
    ) -> None:
        self._url = url
        self._secrets = secrets
        self._clock = clock
        self._timeout_s = timeout_s
        self._http: aiohttp.ClientSession | None = None
        self.address = hashlib.sha256(url.encode()).hexdigest()

    async def send(self, outcomes: Sequence[Claimed]) -> Sequence[Settlement]:
        """Post one outcome."""
        (outcome,) = outcomes
        if self._http is None:
            self._http = new_session(self.requests, self._timeout_s)
        now, body = self._clock(), outcome.body.encode()
        headers = {**_HEADERS, **signed_headers(self._secrets, outcome.outcome_id, now, body)}
        return [_settlement(outcome.number, await post(self._http, self._url, body, headers, now), now)]

    async def close(self) -> None:
        """Close all connections."""
        if self._http is not None:
            await self._http.close()


def _settlement(number: int, posted: Posted, now: float) -> Settlement:
    if posted.is_success:
        return Settlement(number)
    problem = posted.problem or f"it answers {posted.status}"
    not_before = now + posted.retry_after_s if posted.retry_after_s else 0.0
    return Settlement(number, problem, not_before, posted.status == _GONE)
