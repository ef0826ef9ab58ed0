"""Requests written byte by byte, and answers read with every header line that was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["RawAnswer", "ask_raw"]

_DEADLINE_S = 60.0


@dataclass(frozen=True)
class RawAnswer:
    """The head of an answer.

    Attributes:
        status: of the first line.
        headers: names in lower case, and values, in the order in which they were sent, repeated ones too.
    """

    status: int
    headers: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        """All values of one header."""
        return [value for each, value in self.headers if each == name]

    def starting(self, prefix: str) -> list[tuple[str, str]]:
        """All headers whose names begin so."""
        return [(name, value) for name, value in self.headers if name.startswith(prefix)]


async def ask_raw(
    origin: str, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> RawAnswer:
    """Ask, and read the head of the answer; of a stream as soon as it begins.

    Args:
        origin: ``http://host:port`` of the server.
        method: of the request.
        target: the path as it stands in the request's first line.
        headers: more of them; ``Host`` and ``Content-Length`` are there already.
        body: sent as it is.
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
