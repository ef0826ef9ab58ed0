"""Reads a gateway's tail over HTTP."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from rasa_autoplay.common.http.sse import SseDecoder
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.no_redirects import NoRedirects

__all__ = ["StreamEnded", "TailReader"]

_PATH = "/webhooks/autoplay/tail"
#: The gateway sends a heartbeat every 10 s.
_SILENCE_S = 35.0


class StreamEnded(AutoplayError):
    """The stream has ended, or could not be resumed after an earlier connection.

    Args:
        reason: a sentence.
        had_begun: whether this attempt had connected.
    """

    def __init__(self, reason: str, *, had_begun: bool) -> None:
        super().__init__(reason)
        self.had_begun = had_begun


class TailReader:
    """Reads the tail of one gateway and reconnects.

    Args:
        url: the Rasa server's scheme and host.
        key: the admin key.
        user_id: limits the tail to this user; empty for all users.
        session_id: limits the tail to this session; empty for all sessions.

    Raises:
        AutoplayError: ``url`` is not an HTTP address, or a header cannot carry the key.
    """

    def __init__(self, url: str, key: str, user_id: str = "", session_id: str = "") -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise AutoplayError(
                f"{url!r} is not an HTTP address.", remedy="Write it as http://localhost:5005."
            )
        if not (key.isascii() and key.isprintable()):
            raise AutoplayError("The admin key contains characters that an HTTP header cannot carry.")
        self.place = url.rstrip("/")
        wanted = {"user_id": user_id, "session_id": session_id}
        query = urlencode({name: value for name, value in wanted.items() if value})
        self._request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            f"{self.place}{_PATH}?{query}", headers={"Authorization": f"Bearer {key}"}
        )
        self._opener = urllib.request.build_opener(NoRedirects)
        self._has_begun = False

    def moments(self) -> Iterator[dict[str, Any] | None]:
        """Yield events as they happen. The first item is None, when the stream has begun.

        Raises:
            AutoplayError: the server refuses, or the very first attempt finds no server.
            StreamEnded: the stream ended, or a later attempt finds no server.
        """
        begun_now = False
        try:
            with self._opener.open(self._request, timeout=_SILENCE_S) as answer:
                begun_now = self._has_begun = True
                yield None
                decoder = SseDecoder()
                while chunk := answer.read1(65_536):
                    for event in decoder.feed(chunk):
                        yield json.loads(event.data)
            reason = f"{self.place} ended the stream."
        except urllib.error.HTTPError as refusal:
            if refusal.code < 500 or not self._has_begun:
                raise self._refused(refusal) from None
            reason = f"{self.place} answers {refusal.code}."
        except (OSError, http.client.HTTPException) as problem:
            reason = f"{self.place} does not answer ({getattr(problem, 'reason', None) or problem})."
            if not self._has_begun:
                raise AutoplayError(
                    reason, remedy="Start `rasa run`, or give its address: `rasa-autoplay tail URL`."
                ) from None
        raise StreamEnded(reason, had_begun=begun_now)

    def _refused(self, refusal: urllib.error.HTTPError) -> AutoplayError:
        try:
            answer = json.loads(refusal.read(100_000))
        except (ValueError, OSError):
            answer = None
        if isinstance(answer, dict) and "error" in answer:
            problem = f"{self.place} refuses: {answer['error']}."
            return AutoplayError(problem, remedy=str(answer.get("remedy") or ""))
        return AutoplayError(
            f"{self.place} answers {refusal.code} instead of a tail.",
            remedy="Its credentials.yml must have the channel rasa_autoplay.channel.AutoplayInput.",
        )
