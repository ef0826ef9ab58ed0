"""What tracing costs: gateway, link and engine in one process, with tracing off, at 1 % and at 100 %."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.figures import Figure
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.hosting.single import SingleEngine
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.chat.injection import RasaClasses
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.link.local.link import LocalLink
from rasa_autoplay.link.messages import Event
from rasa_autoplay.settings.channel import read_channel_settings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["measure"]

#: The share of traces that begin, by mode; None for tracing off.
_MODES: dict[str, float | None] = {"off": None, "1 %": 0.01, "100 %": 1.0}
_ROUNDS = 60
_PAYLOADS = 500
_USERS = 100
#: One user of this many saves three times, and gets an offer.
_USERS_PER_OFFER = 100
_PER_S = 3_000
#: For the cost of tracing alone.
_REPEATS, _TIMES = 7, 20_000
_AUTOPLAY = """\
product_id: demo
courtesy: {min_interval: 0s}
triggers:
  - {id: saves, when: {count: {title: save, at_least: 3}}, body: "Shall I show you how?"}
"""


async def measure() -> list[Figure]:
    """CPU of a payload in each mode, in turn, and what tracing adds at 3,000 payloads a second."""
    costs: dict[str, list[float]] = {mode: [] for mode in _MODES}
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(_collector())
        runs: dict[str, _Run] = {}
        for mode, share in _MODES.items():
            with _environment(endpoint, share):
                runs[mode] = await stack.enter_async_context(_running(is_traced=share is not None))
        for number in range(-2, _ROUNDS):  # the first two warm up
            # Each mode comes first in turn, because the first one finds colder caches or warmer ones.
            for mode in (list(runs) * 2)[number % len(runs) :][: len(runs)]:
                cost_s = await runs[mode].round(number)
                if number >= 0:
                    costs[mode].append(cost_s)
    # The lower quartile, because other work on the machine only adds.
    off, *others = (statistics.quantiles(costs[mode])[0] for mode in _MODES)
    figures = [Figure("gateway, link and engine: CPU a payload, tracing off", off * 1e6, "µs")]
    for mode, cost in zip(("1 %", "100 %"), others, strict=True):
        what = f"tracing at {mode} of actions"
        figures.append(Figure(f"{what}: CPU of a payload, times that without", cost / off, ""))
    alone = {mode: own_cost_s(runs[mode].gateway, runs[mode].engine) for mode in _MODES}
    figures.append(Figure("tracing off: its own CPU a payload", alone["off"] * 1e6, "µs"))
    for mode in ("1 %", "100 %"):
        what = f"tracing at {mode} of actions: its own CPU at {_PER_S:,} payloads a second"
        share = alone[mode] * _PER_S * 100
        figures.append(Figure(what, share, "% of a core", below=1 if mode == "1 %" else None))
    return figures


def own_cost_s(gateway: Gateway, engine: Engine) -> float:
    """CPU time of all that tracing does for a payload of which nothing comes, the larger message excluded."""
    event, traces, applied = Event(_payload(0, 1), "stream"), gateway.traces, engine._traces
    times: list[float] = []
    for _ in range(_REPEATS):
        began = time.process_time()
        for _ in range(_TIMES):
            if traces is not None:
                with traces.begun("stream"):
                    traces.queued(event)
                traces.settled(event, True)
            with applied.applying("gateway", event):
                pass
        times.append((time.process_time() - began) / _TIMES)
    return min(times)


class _Run:
    """One gateway with its engine.

    Args:
        gateway: takes the payloads.
        engine: gets them over the link.
    """

    def __init__(self, gateway: Gateway, engine: Engine) -> None:
        self.gateway = gateway
        self.engine = engine

    async def round(self, number: int) -> float:
        """Handle one round of payloads; return the CPU time of each in seconds."""
        payloads = [_payload(number, place) for place in range(_PAYLOADS)]
        began = time.process_time()
        for place, payload in enumerate(payloads):
            self.gateway._enqueue(payload, "stream")  # as the connector's stream does
            if place % 50 == 0:
                await asyncio.sleep(0)
        while self.gateway.link.health()["queued"]:  # noqa: ASYNC110 - the link reports it only if it is asked
            await asyncio.sleep(0.002)
        return (time.process_time() - began) / _PAYLOADS


def _payload(number: int, place: int) -> ActionsPayload:
    user, turn = place % _USERS, place // _USERS
    saves = user % _USERS_PER_OFFER == 0
    at = time.time()
    action = SlimAction(
        "Click Save" if saves else f"Click button {turn}",
        "User clicked",
        "https://app.example.com/projects",
        type="click",
        timestamp_start=at,
        timestamp_end=at,
        index=place,
    )
    name = f"{user}-{number}"
    return ActionsPayload("demo", f"s-{name}", f"u-{name}", None, [action])


@asynccontextmanager
async def _running(*, is_traced: bool) -> AsyncIterator[_Run]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "autoplay.yml"
        path.write_text(_AUTOPLAY + ("tracing: true\n" if is_traced else ""), encoding="utf-8")
        engine = SingleEngine(YamlFile(path))
        section = {"product_id": "demo", "identity": "none", "tracing": is_traced, "journal": False}
        gateway = Gateway(
            read_channel_settings(section),
            lambda settings, _server, clock: LocalLink(
                settings.product_id, engine.engine, engine.streams, clock
            ),
        )
        await engine.start()
        nothing: Any = None
        await gateway.start(SimpleNamespace(), RasaClasses(nothing, nothing, nothing, nothing))
        try:
            yield _Run(gateway, engine.engine)
        finally:
            await gateway.stop()
            await engine.stop()


@contextmanager
def _environment(endpoint: str, share: float | None) -> Iterator[None]:
    """The variables that are read when tracing starts."""
    names = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_TRACES_SAMPLER": "traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": str(share),
    }
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@asynccontextmanager
async def _collector() -> AsyncIterator[str]:
    """Take every request; its CPU time counts as tracing's."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.split(b":")[1]))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
