"""How much may a model's endpoint answer? Its answer is read up to a bound, and never unpacked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    import httpx
    from openai import AsyncOpenAI

__all__ = ["AnswerTooLarge", "bounded_client"]


class AnswerTooLarge(AutoplayError):
    """The endpoint sends more than any answer has, or packs what it sends."""


def bounded_client(base_url: str | None, max_bytes: int) -> AsyncOpenAI:
    """A client of the endpoint that reads at most ``max_bytes`` of an answer, and then closes the connection.

    Args:
        base_url: of the endpoint; None for what the environment says.
        max_bytes: of the body, as it comes over the wire.
    """
    import httpx
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    class Bounded(httpx.AsyncByteStream):
        """A body that ends with an error where the bound is passed."""

        def __init__(self, stream: Any) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = max_bytes
            async for chunk in self._stream:
                left -= len(chunk)
                if left < 0:
                    raise AnswerTooLarge(f"the endpoint's answer has more than {max_bytes} bytes")
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def bound(response: httpx.Response) -> None:
        # A small answer could unpack to a huge one, and we ask for one that is not packed.
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise AnswerTooLarge("the endpoint's answer is packed, although we ask for one that is not")
        response.stream = Bounded(response.stream)

    # A hook instead of a transport of our own: that would switch off the proxies of the environment.
    http = DefaultAsyncHttpxClient(event_hooks={"response": [bound]})
    return AsyncOpenAI(
        base_url=base_url, max_retries=0, http_client=http, default_headers={"Accept-Encoding": "identity"}
    )
