"""The operators' tail over HTTP and in a terminal: events arrive at once, and only with the key."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import re
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import action
from support.gateway import BASE, ServedGateway, served_gateway
from support.processes import free_port
from support.run import asynchronous

from rasa_autoplay.engine.live_tail.watchers import Watchers
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.answers import Moments
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.requests import Watch

KEY = "s3cret-word-of-operators"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}


class _WatchedLink:
    """A link to the watchers of a real engine."""

    def __init__(self) -> None:
        self.watchers = Watchers(time.time)
        self.failure: Exception | None = None
        #: Requests whose caller hung up: an engine would log each as an error.
        self.cut_off = 0

    def send(self, _message: object) -> bool:
        return True

    async def ask(self, request: Watch, _timeout_s: float = 5.0) -> Moments:
        if self.failure:
            raise self.failure
        try:
            return await self.watchers.watch(
                request.watch_id, request.user_id, request.session_id, request.wait_s
            )
        except asyncio.CancelledError:
            self.cut_off += 1
            raise

    def happens(self, title: str, user: str = "u1") -> None:
        self.watchers.actions("capture", [action(title, 1, session_id=f"of {user}", user_id=user)])


@asynccontextmanager
async def _gateway(**settings: Any) -> AsyncIterator[tuple[ServedGateway, _WatchedLink]]:
    async with served_gateway(**{"admin_key": KEY, **settings}) as served:
        link = _WatchedLink()
        served.gateway.link = link  # type: ignore[assignment] # what the route uses of it
        try:
            yield served, link
        finally:
            begun = time.monotonic()
            await served.gateway.tails.stop()
            assert time.monotonic() - begun < 5, "a question kept the server from stopping"
            assert link.cut_off == 0


class _Terminal:
    """`rasa-autoplay tail` in its own process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self) -> str:
        assert self.process.stdout is not None
        return (await asyncio.wait_for(self.process.stdout.readline(), 60)).decode().rstrip("\n")

    async def complaint(self) -> str:
        assert self.process.stderr is not None
        return (await asyncio.wait_for(self.process.stderr.readline(), 60)).decode().rstrip("\n")

    async def end(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 60)


@asynccontextmanager
async def _terminal(
    folder: Path, *arguments: str, key: str = KEY, output: int = asyncio.subprocess.PIPE
) -> AsyncIterator[_Terminal]:
    foreign = ("AUTOPLAY_", "COLUMNS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rasa_autoplay.tools.cli", "tail", *arguments),
        cwd=folder,
        env={**environment, **({"AUTOPLAY_ADMIN_KEY": key} if key else {})},
        stdout=output,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield _Terminal(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynchronous
async def test_streams_each_occurrence_as_an_event() -> None:
    async with _gateway() as (served, link):
        async with _tail(served, "?user_id=u1") as response:
            link.happens("Not mine", user="u2")
            link.happens("Click one")
            link.happens("Click two")
            told = [await _data(response) for _ in range(2)]
        assert [(each["title"], each["user_id"]) for each in told] == [
            ("Click one", "u1"),
            ("Click two", "u1"),
        ]


@asynccontextmanager
async def _tail(served: ServedGateway, query: str = "") -> AsyncIterator[Any]:
    async with served.http.get(f"{served.origin}{BASE}/tail{query}", headers=WITH_KEY) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        assert await response.content.readline() == b": watching\n"
        yield response


async def _data(response: Any) -> dict[str, Any]:
    while True:
        line = await asyncio.wait_for(response.content.readline(), 60.0)
        assert line, "the stream has ended"
        if line.startswith(b"data: "):
            found: dict[str, Any] = json.loads(line[6:])
            return found


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": f"Basic {KEY}"}]
)
def test_requires_the_admin_key(headers: dict[str, str]) -> None:
    async def ask() -> None:
        async with _gateway() as (served, link):
            status, answer = await served.request("GET", "/tail", headers=headers)
            assert status == 401
            assert KEY not in json.dumps(answer)
            assert len(link.watchers) == 0

    asyncio.run(ask())


@asynchronous
async def test_route_is_closed_without_a_configured_key() -> None:
    async with _gateway(admin_key="") as (served, link):
        status, answer = await served.request("GET", "/tail", headers={"Authorization": "Bearer "})
        assert status == 404
        assert "admin_key" in answer["remedy"]
        assert len(link.watchers) == 0


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (EngineUnreachable("It does not answer.", remedy="Start it."), 502),
        (EngineRefused("too_many", "too many", "End one."), 429),
    ],
)
def test_answers_an_error_when_watching_cannot_begin(failure: Exception, status: int) -> None:
    async def ask() -> None:
        async with _gateway() as (served, link):
            link.failure = failure
            found, answer = await served.request("GET", "/tail", headers=WITH_KEY)
            assert (found, bool(answer["remedy"])) == (status, True)

    asyncio.run(ask())


@asynchronous
async def test_reports_when_the_engine_disconnects_and_returns() -> None:
    async with _gateway() as (served, link), _tail(served) as response:
        link.failure = EngineUnreachable("It does not answer.", remedy="Start it.")
        link.happens("Click before")
        assert (await _data(response))["title"] == "Click before"
        away = await _data(response)
        assert (away["kind"], "Start it." in away["text"]) == ("engine", True)
        link.watchers, link.failure = Watchers(time.time), None
        assert "watch has restarted" in (await _data(response))["text"]
        link.happens("Click after")
        assert (await _data(response))["title"] == "Click after"


@asynchronous
async def test_stopping_the_server_ends_the_stream() -> None:
    async with _gateway() as (served, _link), _tail(served) as response:
        await served.gateway.tails.stop()
        await asyncio.wait_for(response.content.read(), 60.0)


@asynchronous
async def test_command_prints_without_colours_into_a_pipe(tmp_path: Path) -> None:
    async with _gateway() as (served, link), _terminal(tmp_path, served.origin, "--user", "u1") as terminal:
        assert await terminal.complaint() == f"Watching {served.origin}."
        link.happens("Not mine", user="u2")
        link.happens("Click \x1b[2Jone")
        line = await terminal.line()
        assert "u1  of u1  Click \N{REPLACEMENT CHARACTER}[2Jone on " in line
        assert line.isprintable()


@asynchronous
async def test_command_fits_a_terminal_of_80_columns(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    async with _gateway() as (served, link), _terminal(tmp_path, served.origin, output=theirs) as terminal:
        os.close(theirs)
        assert await terminal.complaint() == f"Watching {served.origin}."
        link.happens("Click " + "a long name " * 12, user="a-user-with-a-very-long-id-of-her-own")
        shown = b""
        while b"(capture)" not in shown:
            shown += await asyncio.to_thread(os.read, ours, 65_536)
    os.close(ours)
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown.decode()).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines).split()).count("a long name") == 12


@asynchronous
async def test_command_prints_json_with_the_key_from_the_file(tmp_path: Path) -> None:
    section = "rasa_autoplay.channel.AutoplayInput:\n  admin_key: ${THE_KEY}\n"
    (tmp_path / "credentials.yml").write_text(section)
    os.environ["THE_KEY"] = KEY
    try:
        async with (
            _gateway() as (served, link),
            _terminal(tmp_path, served.origin, "--json", key="") as terminal,
        ):
            assert await terminal.complaint() == f"Watching {served.origin}."
            link.happens("Click one")
            assert json.loads(await terminal.line())["title"] == "Click one"
    finally:
        del os.environ["THE_KEY"]


@asynchronous
async def test_command_waits_for_a_server_that_has_stopped(tmp_path: Path) -> None:
    async with _gateway() as (served, link), _terminal(tmp_path, served.origin) as terminal:
        assert (await terminal.complaint()).startswith("Watching")
        await served.gateway.tails.stop()
        assert "Reconnecting." in await terminal.complaint()
        served.gateway.tails = type(served.gateway.tails)()
        while not (await terminal.complaint()).startswith("Watching"):
            pass
        link.happens("Click after")
        assert "Click after" in await terminal.line()


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("", "There is no admin key in credentials.yml."),
        ("wrong", "the admin key is missing or wrong"),
        ("wörng", "characters that an HTTP header cannot carry"),
    ],
)
def test_command_explains_a_wrong_key(tmp_path: Path, key: str, says: str) -> None:
    async def ask() -> None:
        async with _gateway() as (served, _link), _terminal(tmp_path, served.origin, key=key) as terminal:
            complaint = await terminal.complaint()
            assert says in complaint
            assert await terminal.end() == 1

    asyncio.run(ask())


def test_command_reports_an_unreachable_or_invalid_server(tmp_path: Path) -> None:
    async def ask() -> None:
        url = f"http://127.0.0.1:{free_port()}"
        async with _terminal(tmp_path, url) as terminal:
            assert "does not answer" in await terminal.complaint()
            assert await terminal.end() == 1
        async with _terminal(tmp_path, "localhost:5005") as terminal:
            assert "is not an HTTP address" in await terminal.complaint()
            assert await terminal.end() == 1

    asyncio.run(ask())
