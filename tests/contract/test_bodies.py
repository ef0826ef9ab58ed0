"""Hostile bodies on a real server: too large, too slow, with a wrong length, or damaged."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from support.gateway import BASE, ServedGateway, served_gateway
from support.run import asynchronous

from rasa_autoplay.common.http.request_body import BodyReader
from rasa_autoplay.gateway.sources.posthog.wire import MAX_BYTES

MAX_JSON = 65_536
#: More seconds than anything here should take.
DEADLINE_S = 60.0


class Answer:
    """What the server sent on a connection."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.head = head.decode().lower()
        self.status = int(head.split(b" ")[1]) if head else 0


class Connection:
    """A client that can send what no library would."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def begin(self, path: str, *headers: str, method: str = "POST") -> None:
        lines = [f"{method} {BASE}{path} HTTP/1.1", "Host: x", *headers, "", ""]
        await self.send("\r\n".join(lines).encode())

    async def answer(self) -> Answer:
        """Return the response, after which the server closes the connection."""
        return Answer(await asyncio.wait_for(self._reader.read(), DEADLINE_S))

    async def first_line(self) -> bytes:
        """Return the response's status line as soon as it arrives."""
        return await asyncio.wait_for(self._reader.readline(), DEADLINE_S)

    async def rest_of(self, end: bytes) -> bytes:
        """Return what arrives next, up to ``end``."""
        return await asyncio.wait_for(self._reader.readuntil(end), DEADLINE_S)

    async def close(self) -> None:
        self._writer.close()


class Clients:
    """The parts of a served gateway that these tests need."""

    def __init__(self, served: ServedGateway) -> None:
        self.origin, self.bodies = served.origin, served.bodies
        self._served = served
        self._connections: list[Connection] = []

    async def connect(self) -> Connection:
        host, port = self.origin.removeprefix("http://").split(":")
        self._connections.append(Connection(*await asyncio.open_connection(host, int(port))))
        return self._connections[-1]

    async def is_alive(self) -> bool:
        event = {"uuid": "x", "event": "$pageview", "properties": {"$session_id": "s"}}
        status, _ = await self._served.request("POST", "/capture/e/", json.dumps([event]).encode())
        return status == 200

    async def until(self, condition: Callable[[], bool]) -> None:
        deadline = asyncio.get_running_loop().time() + DEADLINE_S
        while not condition():
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()


@asynccontextmanager
async def server(**bounds: Any) -> AsyncIterator[Clients]:
    async with served_gateway(BodyReader(**bounds), posthog_secret="right") as served:
        made = Clients(served)
        try:
            yield made
        finally:
            await made.close()


@pytest.mark.parametrize(
    ("path", "length"),
    [("/capture/e/", MAX_BYTES + 1), ("/proactive/ack", MAX_JSON + 1), ("/tour/end", 10**30)],
)
@asynchronous
async def test_rejects_a_content_length_over_the_limit_before_the_body_arrives(
    path: str, length: int
) -> None:
    async with server() as made:
        client = await made.connect()
        await client.begin(path, f"Content-Length: {length}")
        answer = await client.answer()
        assert answer.status == 413
        assert "connection: close" in answer.head
        assert "larger" in json.loads(answer.body)["error"]
        assert await made.is_alive()


@asynchronous
async def test_rejects_a_chunked_body_at_the_limit() -> None:
    async with server() as made:
        client = await made.connect()
        await client.begin("/proactive/ack", "Transfer-Encoding: chunked")
        for _ in range(9):
            await client.send(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
        assert (await client.answer()).status == 413, "without the end that never comes"


@asynchronous
async def test_sender_of_a_too_large_body_can_read_the_response() -> None:
    async with server() as made, aiohttp.ClientSession() as http:
        for _ in range(3):
            answer = await http.post(f"{made.origin}{BASE}/capture/e/", data=io.BytesIO(bytes(2 * MAX_BYTES)))
            assert answer.status == 413


@asynchronous
async def test_abandons_a_body_shorter_than_its_content_length() -> None:
    async with server(longest_s=0.3) as made:
        client = await made.connect()
        await client.begin("/capture/e/", "Content-Length: 1000")
        await client.send(b"{}")
        answer = await client.answer()
        assert answer.status == 503
        assert "slowly" in json.loads(answer.body)["error"]


@asynchronous
async def test_cuts_a_body_at_its_content_length() -> None:
    async with server() as made:
        client = await made.connect()
        await client.begin("/proactive/ack", "Content-Length: 2", "Connection: close")
        await client.send(b"{}" + b"x" * 100)
        answer = await client.answer()
        assert answer.status == 400
        assert "offer_id" in json.loads(answer.body)["error"]
        assert await made.is_alive()


@asynchronous
async def test_rejects_a_negative_content_length() -> None:
    async with server() as made:
        client = await made.connect()
        await client.begin("/capture/e/", "Content-Length: -5")
        assert (await client.answer()).status == 400
        assert await made.is_alive()


@pytest.mark.parametrize("damage", [b"zz\r\n{}\r\n", b"-1\r\n", b"x" * 100])
@asynchronous
async def test_rejects_malformed_chunks(damage: bytes) -> None:
    async with server(longest_s=5.0) as made:
        client = await made.connect()
        await client.begin("/capture/e/", "Transfer-Encoding: chunked")
        await client.send(damage)
        assert 400 <= (await client.answer()).status < 500
        assert await made.is_alive()


@asynchronous
async def test_rejects_a_body_in_too_many_chunks() -> None:
    async with server() as made:
        client = await made.connect()
        await client.begin("/capture/e/", "Transfer-Encoding: chunked")
        await client.send(b"1\r\nx\r\n" * 20_001)
        answer = await client.answer()
        assert answer.status == 400
        assert "pieces" in json.loads(answer.body)["error"]


@asynchronous
async def test_abandons_a_dripping_body_without_delaying_others() -> None:
    async with server(longest_s=3.0) as made:
        client = await made.connect()
        await client.begin("/capture/e/", "Content-Length: 1000000")
        answered = asyncio.ensure_future(client.first_line())
        alive = 0
        while not answered.done():
            await client.send(b" ")
            alive += await made.is_alive()
        assert b" 503 " in await answered
        assert alive > 2


@asynchronous
async def test_drops_the_oldest_body_when_too_many_are_being_read() -> None:
    async with server(max_under_way=2) as made:
        clients = []
        for _ in range(3):
            client = await made.connect()
            await client.begin("/capture/e/", "Content-Length: 2")
            clients.append(client)
        assert (await clients[0].answer()).status == 503
        for client in clients[1:]:
            await client.send(b"{}")
            assert b" 400 " in await client.first_line(), "read to its end, and found to hold no events"


@asynchronous
async def test_drops_the_oldest_body_when_too_many_bytes_are_being_read() -> None:
    # The first body would never be dropped for its slowness.
    async with server(max_bytes=100_000, longest_s=3_600.0) as made:
        first, second = await made.connect(), await made.connect()
        await first.begin("/capture/e/", "Content-Length: 90000")
        await first.send(b"x" * 60_000)
        await second.begin("/capture/e/", "Content-Length: 60000")
        await made.until(lambda: len(made.bodies) == 2)
        await second.send(b"x" * 60_000)
        assert b" 400 " in await second.first_line()
        assert (await first.answer()).status == 503


@asynchronous
async def test_releases_the_body_of_a_client_that_disconnects() -> None:
    async with server() as made:
        client = await made.connect()
        await client.begin("/capture/e/", "Content-Length: 1000")
        await made.until(lambda: len(made.bodies) == 1)
        await client.close()
        await made.until(lambda: len(made.bodies) == 0)


@pytest.mark.parametrize("path", ["/", "/capture/array/phc_x/config", "/proactive/stream/u1"])
@asynchronous
async def test_rejects_a_get_request_with_a_large_body(path: str) -> None:
    async with server() as made:
        client = await made.connect()
        await client.begin(path, "Content-Length: 100000000", method="GET")
        assert (await client.answer()).status == 413


@asynchronous
async def test_rejects_a_missing_secret_before_reading_the_body() -> None:
    async with server() as made:
        client = await made.connect()
        await client.begin("/posthog", "Content-Length: 1000", "x-posthog-secret: wrong")
        answer = await client.answer()
        assert answer.status == 401
        assert "connection: close" in answer.head


@asynchronous
async def test_keeps_the_connection_open_after_reading_a_body() -> None:
    async with server() as made:
        client = await made.connect()
        for _ in range(2):
            await client.begin("/proactive/ack", "Content-Length: 2", "Connection: keep-alive")
            await client.send(b"{}")
            assert b" 400 " in await client.first_line()
            assert b"offer_id" in await client.rest_of(b"}")
