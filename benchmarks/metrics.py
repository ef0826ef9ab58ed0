"""What metrics cost: the CPU of an event with and without them, and of a scrape."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import msgspec

from benchmarks.figures import Figure
from rasa_autoplay.common.metrics.page import MetricsPage
from rasa_autoplay.engine import dispatch
from rasa_autoplay.engine.hosting.single import SingleEngine
from rasa_autoplay.engine.offers.cause import begin_cause, resume_cause
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.metrics.latencies import Latencies
from rasa_autoplay.link.local.link import LocalLink
from rasa_autoplay.link.messages import Event, UpMessage
from rasa_autoplay.settings.channel import ChannelSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["measure"]

_ROUNDS = 60
_EVENTS, _PEOPLE = 1_000, 500
_RATE = 3_000
_SCRAPE_EVERY_S = 15.0
_FEEDS = 1_000
_ALONE = 20_000
_AT_MOST_PERCENT = 1.0
_TRIGGERS = 20

_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Event)


async def measure() -> list[Figure]:
    """Events through a gateway and an engine in this process, with metrics and without, in turn."""
    with tempfile.TemporaryDirectory(prefix="autoplay-benchmark-") as folder:
        engine = SingleEngine(_file(Path(folder)))
        await engine.start()
        counting: dict[Gateway, _Counting] = {}
        on, off = _gateway(engine, "benchmark-token-of-metrics"), _gateway(engine, "")
        for gateway in (on, off):
            counting[gateway] = _Counting(gateway)
            gateway.link.start(gateway.feeds.deliver, gateway.feeds.open_feeds, counting[gateway])
        try:
            with_us, without_us = await _events(on, off, counting)
            gateway_ms, engine_ms = _scrapes(on, engine)
        finally:
            for gateway in (on, off):
                await gateway.link.stop()
            await engine.stop()
    alone_us = _alone()
    percent = (alone_us * _RATE / 1e6 + (gateway_ms + engine_ms) / 1e3 / _SCRAPE_EVERY_S) * 100
    differences = [one - other for one, other in zip(with_us, without_us, strict=True)]
    return [
        Figure("an event, both processes' work, metrics off", statistics.median(without_us), "µs CPU"),
        Figure("an event, both processes' work, metrics on", statistics.median(with_us), "µs CPU"),
        Figure("the same, median of the paired differences", statistics.median(differences), "µs CPU"),
        Figure("what metrics add to an event, alone", alone_us, "µs CPU"),
        Figure(f"a scrape of the Rasa server, {_FEEDS:,} feeds", gateway_ms, "ms CPU"),
        Figure(f"a scrape of the engine, {_TRIGGERS} triggers", engine_ms, "ms CPU"),
        Figure(
            f"metrics at {_RATE:,} events a second, a scrape every {_SCRAPE_EVERY_S:g} s",
            percent,
            "% of a core",
            below=_AT_MOST_PERCENT,
        ),
    ]


def _file(folder: Path) -> YamlFile:
    triggers = "".join(
        f"  - {{id: t{n}, body: Shall I?, when: {{count: {{title: item {n}, at_least: 9, within: 2m}}}}}}\n"
        for n in range(_TRIGGERS)
    )
    file = folder / "autoplay.yml"
    file.write_text(f"product_id: bench\ntriggers:\n{triggers}", encoding="utf-8")
    return YamlFile(file)


def _gateway(engine: SingleEngine, token: str) -> Gateway:
    section = {"product_id": "bench", "identity": "none", "journal": False, "metrics_token": token}
    return Gateway(
        ChannelSettings.parse_obj(section),
        lambda settings, _server, clock: LocalLink(settings.product_id, engine.engine, engine.streams, clock),
    )


class _Counting:
    """Handles settled messages as the gateway does, and knows when all events of a round are settled."""

    def __init__(self, gateway: Gateway) -> None:
        settle = gateway._settle
        self._handle = gateway.latencies.watching(settle) if gateway.metrics.is_on else settle
        self._left = 0
        self.done = asyncio.Event()

    def expect(self, events: int) -> None:
        """Begin a round."""
        self._left = events
        self.done.clear()

    def __call__(self, message: UpMessage, is_accepted: bool) -> None:
        """Handle a message."""
        self._handle(message, is_accepted)
        self._left -= isinstance(message, Event)
        if not self._left:
            self.done.set()


async def _events(
    on: Gateway, off: Gateway, counting: Mapping[Gateway, _Counting]
) -> tuple[list[float], list[float]]:
    """Return the CPU of an event in each round, in µs: with metrics, and as if they did not exist."""
    times_us: dict[Gateway, list[float]] = {on: [], off: []}
    for number in range(_ROUNDS + 2):
        # The order changes, so that neither always comes after the other.
        for gateway in (on, off) if number % 2 else (off, on):
            with _as_before_metrics() if gateway is off else mock.patch.object(dispatch, "logger"):
                cpu_us = await _round(gateway, number, counting[gateway])
            if number >= 2:  # before that, sessions are new
                times_us[gateway].append(cpu_us)
    return times_us[on], times_us[off]


@contextmanager
def _as_before_metrics() -> Iterator[None]:
    """Leave out what the engine does for metrics even if nobody reads them."""
    nothing = lambda *_arguments: None  # noqa: E731 - the cheapest stand-in
    with (
        mock.patch.object(dispatch, "begin_cause", nothing),
        mock.patch.object(dispatch, "resume_cause", nothing),
    ):
        yield


async def _round(gateway: Gateway, number: int, counting: _Counting) -> float:
    payloads = [_payload(place % _PEOPLE, number * _EVENTS + place) for place in range(_EVENTS)]
    counting.expect(_EVENTS)
    began = time.process_time()
    for payload in payloads:
        gateway._enqueue(payload, "stream")
    await counting.done.wait()
    return (time.process_time() - began) / _EVENTS * 1e6


def _payload(person: int, number: int) -> ActionsPayload:
    title, now = f"Click item {number % 250} of the navigation", time.time()
    url = f"https://app.example.com/area-{number % 250}/projects"
    action = SlimAction(
        title, f"User: {title}", url, number, "click", now, now, url, f"s{person}", f"u{person}"
    )
    return ActionsPayload("bench", f"s{person}", f"u{person}", None, [action])


def _alone() -> float:
    """Return the CPU of everything that metrics do for an event, in µs, its way over the link included."""
    latencies, event = Latencies(), Event(_payload(1, 1), "stream")
    settled = latencies.watching(lambda _message, _is_accepted: None)

    def measured() -> None:
        latencies.arrived(event)
        begin_cause("gateway", event.arrived_at)
        resume_cause(None)
        settled(event, True)

    latencies.arrived(event)
    stamped_us = _best_us(lambda: _over_the_link(event))
    event.arrived_at = 0.0
    return _best_us(measured) + max(stamped_us - _best_us(lambda: _over_the_link(event)), 0.0)


def _over_the_link(event: Event) -> None:
    _decoder.decode(_encoder.encode(event))


def _best_us(work: Callable[[], None]) -> float:
    """Return the CPU of a call, in µs: the best of twenty loops, because other programs disturb."""
    best_s = float("inf")
    for _ in range(20):
        began = time.process_time()
        for _ in range(_ALONE):
            work()
        best_s = min(best_s, time.process_time() - began)
    return best_s / _ALONE * 1e6


def _scrapes(gateway: Gateway, engine: SingleEngine) -> tuple[float, float]:
    """Return the CPU of a scrape of each process, in ms."""
    feeds = [gateway.feeds.subscribe(f"u{number}", "") for number in range(_FEEDS)]
    for feed in feeds:
        feed.__enter__()
    page = gateway.metrics._page
    assert page is not None
    times_ms = tuple(_cpu_ms(each.render) for each in (page, MetricsPage(engine.read_metrics)))
    for feed in feeds:
        feed.__exit__(None, None, None)
    return times_ms[0], times_ms[1]


def _cpu_ms(work: Callable[[], object], times: int = 50) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e3
