"""The route of the metrics: its token, and its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sanic import Request
from sanic.response import HTTPResponse, raw

from rasa_autoplay.common.http.guesser import guesser_of
from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.common.http.request_body import BadRequest
from rasa_autoplay.common.metrics.metric import ReadMetrics
from rasa_autoplay.settings.secret import Secret

if TYPE_CHECKING:
    from rasa_autoplay.common.metrics.page import MetricsPage

__all__ = ["MetricsRoute"]

#: Limit of wrong tokens from one address; up to ten may arrive at once.
_WRONG_PER_MINUTE = 60.0
#: The text format, as Prometheus' documentation names it.
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsRoute:
    """Answers ``GET …/metrics`` for those who know the token.

    After too many wrong tokens, all requests from that address are refused for a while, even those with the
    right token, as with the admin key.

    Args:
        token: the token; if it is empty, there are no metrics.
        clock: monotonic seconds.
        parts: each reads the metrics of one part of this process.
    """

    def __init__(self, token: Secret, clock: Callable[[], float], *parts: ReadMetrics) -> None:
        self._token = token
        self._wrong = RateLimit(_WRONG_PER_MINUTE, clock)
        self._page: MetricsPage | None = None
        if token:
            # Imported here, because most servers have no metrics.
            from rasa_autoplay.common.metrics.page import MetricsPage

            self._page = MetricsPage(*parts)

    @property
    def is_on(self) -> bool:
        """Whether a token is set, so that there are metrics."""
        return self._page is not None

    @property
    def refused(self) -> int:
        """How many requests were refused because of too many wrong tokens."""
        return self._wrong.refused

    def answer(self, request: Request) -> HTTPResponse:
        """Check the token, then return the page.

        Raises:
            BadRequest: 404 if no token is set, 401 if the token is wrong, 429 after too many wrong tokens.
        """
        if self._page is None:
            raise BadRequest(
                "this server has no metrics",
                remedy="Set metrics_token in credentials.yml and AUTOPLAY_METRICS_TOKEN for the engine.",
                status=404,
            )
        self._check(request)
        page = self._page.render()
        return raw(page, content_type=_CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    def _check(self, request: Request) -> None:
        scheme, _, presented = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not presented.strip():
            raise _missing()
        sender = guesser_of(request)
        if wait_s := self._wrong.wait_s(sender):
            raise BadRequest(
                "too many wrong metrics tokens came from this address", status=429, retry_after_s=wait_s
            )
        if not self._token.matches(presented.strip()):
            raise _missing()
        self._wrong.give_back(sender)


def _missing() -> BadRequest:
    return BadRequest(
        "the metrics token is missing or wrong",
        remedy='Send "Authorization: Bearer …" with the token: metrics_token in credentials.yml, or '
        "AUTOPLAY_METRICS_TOKEN for the engine.",
        status=401,
    )
