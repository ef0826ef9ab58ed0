"""HTTP requests written byte by byte, and responses with every header line as sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["RawAnswer", "ask_raw"]

_DEADLINE_S = 60.0


@dataclass(frozen=True)
class RawAnswer:
    """The head of a response.

    Attributes:
        status: the status code of the first line.
        headers: names in lower case with their values, in the order sent, repeated ones included.
    """

    status: int
    headers: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        """Return all values of one header."""
        return [value for each, value in self.headers if each == name]

    def starting(self, prefix: str) -> list[tuple[str, str]]:
        """Return all headers whose names have that prefix."""
        return [(name, value) for name, value in self.headers if name.startswith(prefix)]


async def ask_raw(
    origin: str, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> RawAnswer:
    """Send a request and read the head of the response; of a stream as soon as it starts.

    Args:
        origin: ``http://host:port`` of the server.
        method: the request's method.
        target: the path exactly as in the request line.
        headers: additional headers; ``Host`` and ``Content-Length`` are included already.
        body: the body, sent unchanged.
    """
    place = origin.removeprefix("http://")
    host, port = place.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    sent = {"Host": place, **({"Content-Length": str(len(body))} if body else {}), **(headers or {})}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
    try:
        writer.write("\r\n".join(lines).encode() + body)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _DEADLINE_S)
    finally:
        writer.close()
    first, *rest = head.decode("latin-1").strip().split("\r\n")
    pairs = [line.partition(":")[::2] for line in rest]
    return RawAnswer(int(first.split()[1]), [(name.lower(), value.strip()) for name, value in pairs])
