"""``kill -9`` of both processes while a receiver of outcomes is down: nothing is lost, repetitions show."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
from standardwebhooks import Webhook
from support.background import eventually
from support.deployment import BASE, LINK_SECRET, write_engine_file
from support.faster_outcomes import FASTER
from support.gateway_process import GatewayProcess
from support.gateway_senders import WEBHOOK_SECRET, GatewaySenders
from support.outcome_engine import OutcomeEngine
from support.outcome_receiver import OutcomeReceiver, receiving
from support.outcomes import ENVIRONMENT, SECRET
from support.postgres import PostgresServer
from support.run import asynchronous
from support.stories import batch, save

#: What each user's confirmed receipts must lead to; the last one differs from user to user.
_STEPS = ("offer.made", "offer.shown", "offer.seen")
_ENDS = ("accepted", "dismissed", "snoozed", "never")
_DEADLINE_S = 600.0


class Told(NamedTuple):
    """One outcome as a receiver got it."""

    outcome_id: str
    user: str
    type: str
    body: str


class Servers(GatewaySenders):
    """Both processes, the receivers, and browsers that never give up."""

    def __init__(
        self,
        process: GatewayProcess,
        http: aiohttp.ClientSession,
        engine: OutcomeEngine,
        webhook: OutcomeReceiver,
        posthog: OutcomeReceiver,
        log: Path,
    ) -> None:
        super().__init__(process, http)
        self.engine, self.webhook_receiver, self.posthog, self._log = engine, webhook, posthog, log
        self.kills = 0
        #: What was counted, for the benchmarks' README.
        self.report: dict[str, str] = {}

    async def kill_engine(self) -> None:
        """``kill -9``, and start again."""
        assert self.engine.process is not None
        self.engine.process.kill()
        self.kills += 1
        await self.engine.start()

    async def kill_gateway(self) -> None:
        """``kill -9``, and start again."""
        self.process.process.kill()
        self.kills += 1
        self.process.restart()
        await self.started()

    async def visit(self, user: str, end: str) -> None:
        """Do something, get a toast, and answer it; each step is repeated until it is confirmed."""
        await self._until_ok(lambda: self._save_three_times(user))
        offer_id = (await self._toast(user))["offer_id"]
        button = {"button": "open_chat"} if end == "accepted" else {}
        for receipt in ({"event": "rendered"}, {"event": "seen"}, {"event": end, **button}):
            body = json.dumps({"offer_id": offer_id, "user_id": user, **receipt}).encode()
            await self._until_ok(lambda body=body: self._posts("/proactive/ack", body))

    async def _save_three_times(self, user: str) -> list[int]:
        now = time.time()
        saves = [save(at=now - ago) for ago in (20, 10, 0)]
        told = batch(*saves, session_id=f"ps-{user}", user_id=user, forwarded_at=now)
        body = json.dumps(told).encode()
        signature = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        return [await self.post("/events", body, **{"X-Connector-Signature": f"sha256={signature}"})]

    async def _posts(self, path: str, body: bytes) -> list[int]:
        return [await self.post(path, body)]

    async def _until_ok(self, step: Any) -> None:
        while True:
            with suppress(aiohttp.ClientError, asyncio.TimeoutError):
                if set(await step()) == {200}:
                    return
            await asyncio.sleep(0.1)

    async def _toast(self, user: str) -> dict[str, Any]:
        while True:
            with suppress(aiohttp.ClientError, asyncio.TimeoutError):
                url = f"{self.process.origin}{BASE}/proactive/stream/{user}?receipts=1"
                async with self._http.get(url, timeout=aiohttp.ClientTimeout(total=20)) as response:
                    async for line in response.content:
                        if line.startswith(b"data: {"):
                            return dict(json.loads(line.removeprefix(b"data:")))
            await asyncio.sleep(0.1)

    def told_by_webhook(self) -> Iterator[Told]:
        """What the webhook has accepted."""
        for request in self.webhook_receiver.accepted:
            yield _told(request.message_id, request.decoded(), request.body.decode())

    def told_by_posthog(self) -> Iterator[Told]:
        """The events that PostHog has accepted."""
        for request in self.posthog.accepted:
            for event in request.decoded()["batch"]:
                name = event["event"].removeprefix("autoplay_").replace("_", ".", 1)
                yield Told(event["uuid"], event["distinct_id"], name, json.dumps(event))

    def told_by_broker(self) -> Iterator[Told]:
        """The events in the file of Rasa's event broker."""
        for line in self._log.read_text("utf-8").splitlines():
            outcome = json.loads(line)["outcome"]
            yield _told(outcome["id"], outcome, line)


def _told(outcome_id: str, outcome: dict[str, Any], body: str) -> Told:
    return Told(outcome_id, outcome["data"]["user_id"], outcome["type"], body)


@asynccontextmanager
async def servers(folder: Path, database: str) -> AsyncIterator[Servers]:
    """Run both processes and the receivers."""
    async with receiving() as webhook, receiving() as posthog:
        outcomes = {
            "webhook": {"url": webhook.url},
            "posthog": {"host": posthog.origin},
            "event_broker": True,
        }
        more = f"outcomes: {json.dumps(outcomes)}\n"
        write_engine_file(folder, more=more, **({"database": database} if database else {}))
        engine = OutcomeEngine(folder, **ENVIRONMENT)
        section = {
            "product_id": "demo",
            "identity": "none",
            "webhook_secret": WEBHOOK_SECRET,
            "link": {"secret": LINK_SECRET, "url": engine.origin},
            "rate_limits": {"max_feeds": 5_000},
        }
        log = folder / "events.log"
        process = GatewayProcess(folder, engine.origin, section, event_broker=str(log))
        try:
            await engine.start()
            connections = aiohttp.TCPConnector(limit=0)
            limit = aiohttp.ClientTimeout(20)
            async with aiohttp.ClientSession(connector=connections, timeout=limit) as http:
                made = Servers(process, http, engine, webhook, posthog, log)
                await made.started()
                yield made
        finally:
            process.process.kill()
            if engine.process is not None:
                engine.process.kill()


async def _down_for(receiver: OutcomeReceiver, seconds: float) -> None:
    await receiver.stop()
    await asyncio.sleep(seconds)
    await receiver.start()


async def _check(made: Servers, users: int, kills: int, down_s: float) -> None:
    begun = time.monotonic()
    gate = asyncio.Semaphore(40)
    ends = dict(zip([f"user-{number}" for number in range(users)], itertools.cycle(_ENDS), strict=False))

    async def visit(user: str, end: str) -> None:
        async with gate:
            await made.visit(user, end)

    async def kill_again_and_again() -> None:
        for number in range(kills):
            await asyncio.sleep(2.0)
            await (made.kill_gateway() if number % 2 else made.kill_engine())

    outage = asyncio.ensure_future(_down_for(made.webhook_receiver, down_s))
    visits = [asyncio.ensure_future(visit(user, end)) for user, end in ends.items()]
    await kill_again_and_again()
    await asyncio.gather(outage, *visits)
    visited = time.monotonic() - begun
    expected = {(user, step) for user, end in ends.items() for step in (*_STEPS, f"offer.{end}")}
    told = (made.told_by_webhook, made.told_by_posthog, made.told_by_broker)
    for each in told:
        await eventually(
            lambda each=each: expected <= {(one.user, one.type) for one in each()},  # type: ignore[misc]
            within_s=_DEADLINE_S,
            what=f"{each.__name__} knows all",
        )
    for each in told:
        ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        bodies: defaultdict[str, set[str]] = defaultdict(set)
        everything = list(each())
        for one in everything:
            ids[one.user, one.type].add(one.outcome_id)
            bodies[one.outcome_id].add(one.body)
        assert set(ids) == expected
        assert all(len(found) == 1 for found in ids.values()), "a repetition has the same id"
        assert all(len(found) == 1 for found in bodies.values()), "and the same content"
        made.report[each.__name__] = f"{len(bodies)} outcomes, {len(everything) - len(bodies)} repetitions"
    took = f"users done after {visited:.0f} s, everything after {time.monotonic() - begun:.0f} s"
    made.report["times"] = f"{made.kills} kills; {took}"
    request = made.webhook_receiver.accepted[-1]
    assert Webhook(SECRET).verify(request.body, request.headers)
    assert made.engine.process is not None
    assert made.engine.process.own_tracebacks() == []
    assert made.process.process.own_tracebacks() == []


@asynchronous
async def test_nothing_is_lost_when_both_processes_are_killed(tmp_path: Path) -> None:
    async with servers(tmp_path, "") as made:
        await _check(made, users=40, kills=2, down_s=3.0)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_ten_thousand_outcomes_survive_kills_and_an_outage(
    tmp_path: Path,
    database: str,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    postgres: PostgresServer | None = (
        request.getfixturevalue("postgres") if database == "postgresql" else None
    )

    async def run() -> None:
        async with servers(tmp_path, postgres.url if postgres else "") as made:
            await _check(made, users=2_500, kills=8, down_s=3_600 / FASTER)
            for name, value in made.report.items():
                record_property(name, value)

    asyncio.run(run())
