"""An HTTP client that reads a model's response only up to a limit, and never decompresses it."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["AnswerTooLarge", "bounded_client"]


class AnswerTooLarge(AutoplayError):
    """The endpoint sends more than the limit, or compresses its response."""


def bounded_client(base_url: str | None, max_bytes: int) -> AsyncOpenAI:
    """Create a client that reads at most ``max_bytes`` of a response and then closes the connection.

    Args:
        base_url: URL of the endpoint; None to take it from the environment.
        max_bytes: the largest response body, as received.
    """
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    # openai's own client: httpx up to openai 2, httpx2 since openai 3.
    library = importlib.import_module(DefaultAsyncHttpxClient.__bases__[0].__module__)

    class Bounded(library.AsyncByteStream):  # type: ignore[name-defined,misc]
        """A body that raises an error when it exceeds the limit."""

        def __init__(self, stream: Any) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = max_bytes
            async for chunk in self._stream:
                left -= len(chunk)
                if left < 0:
                    raise AnswerTooLarge(f"the endpoint's response is larger than {max_bytes} bytes")
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def bound(response: Any) -> None:
        # A small compressed response could expand to a huge one, and we ask for an uncompressed one.
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise AnswerTooLarge(
                "the endpoint compresses its response although we ask for an uncompressed one"
            )
        response.stream = Bounded(response.stream)

    # A hook, because a custom transport would ignore the proxies of the environment.
    http = DefaultAsyncHttpxClient(event_hooks={"response": [bound]})
    return AsyncOpenAI(
        base_url=base_url, max_retries=0, http_client=http, default_headers={"Accept-Encoding": "identity"}
    )
