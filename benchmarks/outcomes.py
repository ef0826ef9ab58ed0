"""What outcomes cost: the time that they add to an offer's way, and the rate and CPU of their delivery."""

from __future__ import annotations

import asyncio
import base64
import multiprocessing
import statistics
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.figures import Figure
from rasa_autoplay.engine.offers.offer import Offer, new_offer_id
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.outcomes.delivery.outcomes import Outcomes
from rasa_autoplay.settings.outcomes import OutcomeSettings

__all__ = ["measure"]

_OFFERS = 2_000
_DELIVERED = 10_000
_ENVIRONMENT = {
    "AUTOPLAY_OUTCOMES_SECRET": f"whsec_{base64.b64encode(bytes(32)).decode()}",
    "AUTOPLAY_POSTHOG_PROJECT_KEY": "phc_benchmark",
}


def _offer(number: int) -> Offer:
    now = time.time()
    return Offer(
        offer_id=new_offer_id(),
        trigger_id="t1",
        body="Shall I show you how?",
        product_id="bench",
        session_id=f"s{number}",
        user_id=f"u{number}",
        created_at=now,
        expires_at=now + 120,
        evidence_until=now,
        golden_path="projects-bulk-edit",
        page="https://app.example.com/projects",
    )


async def _ledger_times(file: Path, settings: OutcomeSettings | None) -> tuple[float, float, float]:
    """Return the median times, in µs, of storing a new offer, its next status, and a receipt.

    Nothing is delivered meanwhile, as the delivery has a thread and a connection of its own.
    """
    url = f"sqlite:///{file}"
    outcomes = Outcomes(url, "bench", settings, time.time, _ENVIRONMENT)
    ledger = SqlOfferLedger(url, outcomes.recorder)
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    for number in range(_OFFERS):
        offer = _offer(number)
        began = time.perf_counter()
        await ledger.save(offer)
        times[0].append(time.perf_counter() - began)
        offer.advance(OfferStatus.RENDERED, time.time())
        began = time.perf_counter()
        await ledger.save(offer)
        times[1].append(time.perf_counter() - began)
        began = time.perf_counter()
        await ledger.record_receipt(offer.offer_id, "accepted", time.time(), "show_me")
        times[2].append(time.perf_counter() - began)
    await outcomes.close()
    await ledger.close()
    made, saved, received = (statistics.median(each) * 1e6 for each in times)
    return made, saved, received


def _receive(ports: Connection) -> None:
    """Answer each request with 200, in a process of its own."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        ports.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


async def _delivery(file: Path, port: int, target: str) -> tuple[float, float]:
    """Return how many outcomes a second are delivered, and the CPU of this process for each, in µs."""
    origin = f"http://127.0.0.1:{port}"
    sections = {"webhook": {"webhook": {"url": origin}}, "posthog": {"posthog": {"host": origin}}}
    settings = OutcomeSettings.parse_obj(sections[target])
    url = f"sqlite:///{file}"
    outcomes = Outcomes(url, "bench", settings, time.time, _ENVIRONMENT)
    ledger = SqlOfferLedger(url, outcomes.recorder)
    for number in range(_DELIVERED):
        await ledger.save(_offer(number))
    began, began_cpu = time.perf_counter(), time.process_time()
    outcomes.start()
    delivered = 0
    while delivered < _DELIVERED:
        await asyncio.sleep(0.1)
        found = (await outcomes.find(1)).outcomes["targets"]
        delivered = int(found[target]["delivered"])  # type: ignore[index]
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    await outcomes.close()
    await ledger.close()
    return _DELIVERED / took_s, cpu_s / _DELIVERED * 1e6


async def measure() -> list[Figure]:
    """What outcomes add to the ledger's times, and how fast they are delivered."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    receiver = spawn.Process(target=_receive, args=(theirs,), daemon=True)
    receiver.start()
    both = OutcomeSettings.parse_obj({"webhook": {"url": "http://localhost:1"}, "event_broker": True})
    one = OutcomeSettings.parse_obj({"webhook": {"url": "http://localhost:1"}})
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            off = await _ledger_times(folder / "off.db", None)
            on = await _ledger_times(folder / "on.db", one)
            two = await _ledger_times(folder / "two.db", both)
            port = await asyncio.to_thread(ours.recv)
            webhook = await _delivery(folder / "webhook.db", port, "webhook")
            posthog = await _delivery(folder / "posthog.db", port, "posthog")
    finally:
        receiver.terminate()
    steps = ("a new offer", "an offer's next step", "an accepting receipt")
    return [
        *(Figure(f"storing {step}, outcomes off", off[n], "µs") for n, step in enumerate(steps)),
        *(
            Figure(f"storing {step}, added for one receiver", on[n] - off[n], "µs")
            for n, step in enumerate(steps)
        ),
        *(Figure(f"storing {step}, added for two", two[n] - off[n], "µs") for n, step in enumerate(steps)),
        Figure("webhook: outcomes a second", webhook[0], "/s"),
        Figure("webhook: CPU an outcome", webhook[1], "µs"),
        Figure("PostHog: outcomes a second", posthog[0], "/s"),
        Figure("PostHog: CPU an outcome", posthog[1], "µs"),
    ]
