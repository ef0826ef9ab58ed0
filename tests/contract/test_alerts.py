"""Every alert of ``deploy/alerts.yml`` fires after a fault in real servers, and not before."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support import slow_trigger
from support.alerting import ALERTS, Timeline
from support.background import eventually
from support.deployment import Deployment, deployed, signed
from support.language_model import LanguageModelServer
from support.metrics import METRICS_TOKEN, Scrape
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_action_server import SharedActionServer

from rasa_autoplay.common.metrics.page import MetricsPage

NAMES = re.findall(r"- alert: (\w+)", ALERTS.read_text("utf-8"))
#: The tests of this module, by the alert that they prove.
PROVEN: dict[str, Any] = {}


def proves(alert: str) -> Callable[[Any], Any]:
    """Mark the test that proves an alert."""

    def mark(test: Any) -> Any:
        PROVEN[alert] = test
        return test

    return mark


class Monitored:
    """A deployment that is scraped: first some healthy minutes, then the fault."""

    def __init__(self, made: Deployment, folder: Path) -> None:
        self.made, self._folder = made, folder
        self._timeline = Timeline()
        self.gateway = self.engine = Scrape("")

    async def scrape(self, minutes: int = 1) -> None:
        """Scrape both, and let the pages stay like that for some minutes."""
        self.gateway = await self.made.gateway_metrics()
        self.engine = await self.made.engine_metrics()
        self._timeline.lasts(minutes, self.gateway, self.engine)

    async def scrape_gateway(self, minutes: int) -> None:
        """Scrape the Rasa server alone, because the action server is away."""
        self.gateway = await self.made.gateway_metrics()
        self._timeline.lasts(minutes, self.gateway, None)

    async def is_healthy(self, work: Callable[[], Awaitable[object]]) -> None:
        """Let the servers work for some minutes, and begin the fault then."""
        await self.scrape(minutes=5)
        await work()
        await self.scrape(minutes=5)
        self._timeline.breaks()

    def check(self, alert: str) -> None:
        """Check that this alert fires now, and none did before the fault."""
        self._timeline.check(alert, self._folder)


@asynccontextmanager
async def monitored(folder: Path, **more: Any) -> AsyncIterator[Monitored]:
    async with deployed(folder, metrics_token=METRICS_TOKEN, **more) as made:
        yield Monitored(made, folder)


async def shown(made: Deployment, user: str, *, receipts: bool = True) -> None:
    """Let a user get an offer; with receipts, the page reports that it shows it."""
    stream = await made.listen(user, sends_receipts=True)
    await made.send_story(user)
    toast = await stream.toast()
    if receipts:
        receipt = {"offer_id": toast["offer_id"], "event": "rendered"}
        assert (await made.post("/proactive/ack", receipt, user))[0] == 200


async def all_shown(made: Deployment, *users: str, receipts: bool = True) -> None:
    await asyncio.gather(*(shown(made, user, receipts=receipts) for user in users))


def test_every_alert_is_proven() -> None:
    assert sorted(PROVEN) == sorted(NAMES)
    assert len(NAMES) >= 8


@proves("AutoplayEngineUnreachable")
@asynchronous
async def test_engine_is_killed(tmp_path: Path) -> None:
    async with monitored(tmp_path) as seen:
        await seen.is_healthy(lambda: shown(seen.made, "anna"))
        assert seen.gateway.value("autoplay_link_connected") == 1
        await seen.made.actions.kill()

        async def is_away() -> bool:
            return (await seen.made.gateway_metrics()).value("autoplay_link_connected") == 0

        await eventually(is_away, within_s=20.0, what="the gateway notices")
        await seen.scrape_gateway(minutes=5)
        seen.check("AutoplayEngineUnreachable")
        await seen.made.actions.start()


@proves("AutoplayDatabaseFailing")
@asynchronous
async def test_database_is_overwritten(tmp_path: Path) -> None:
    async with monitored(tmp_path) as seen:
        await seen.is_healthy(lambda: shown(seen.made, "anna"))
        assert seen.engine.value("autoplay_database_up") == 1
        overwrite(tmp_path)

        async def fails() -> bool:
            return (await seen.made.engine_metrics()).value("autoplay_database_up") == 0

        await eventually(fails, within_s=20.0, what="the engine notices")
        await shown(seen.made, "ben", receipts=False)  # help continues
        await seen.scrape(minutes=5)
        assert seen.engine.value("autoplay_database_waiting_writes", kind="offers_and_receipts") > 0
        seen.check("AutoplayDatabaseFailing")


def overwrite(folder: Path) -> None:
    for file in folder.glob("autoplay.db*"):
        file.write_bytes(os.urandom(8192))


@proves("AutoplayRedisAway")
@asynchronous
async def test_redis_stops(tmp_path: Path, redis_server: RedisServer) -> None:
    more = f'shared: {{redis: "{redis_server.url}"}}\n'
    section: dict[str, Any] = {"shared": {"redis": redis_server.url}, "journal": False}
    actions = SharedActionServer(tmp_path)
    async with monitored(tmp_path, more=more, actions=actions, **section) as seen:

        async def engine_metrics() -> Scrape:  # this engine does not listen
            return Scrape(MetricsPage(actions.read_metrics).render().decode())

        seen.made.engine_metrics = engine_metrics  # type: ignore[method-assign]
        await seen.is_healthy(lambda: shown(seen.made, "anna"))
        redis_server.stop()
        try:

            async def fails() -> bool:
                pages = await seen.made.gateway_metrics(), await engine_metrics()
                ups = pages[0].value("autoplay_link_redis_up"), pages[1].value("autoplay_engine_redis_up")
                return ups == (0, 0)

            await eventually(fails, within_s=30.0, what="both notice")
            await seen.scrape(minutes=5)
            seen.check("AutoplayRedisAway")
        finally:
            redis_server.start()


@proves("AutoplayEventsStopped")
@asynchronous
async def test_pages_send_events_with_a_wrong_key(tmp_path: Path) -> None:
    capture = {"project_key": "phc_right"}
    async with monitored(tmp_path, capture=capture) as seen:
        users = ["anna", "ben", "carol", "dora", "emil"]
        for user in users:
            await seen.made.listen(user)
        await seen.is_healthy(lambda: captured(seen.made, users, "phc_right"))
        accepted = seen.gateway.value("autoplay_source_events_total", outcome="accepted")
        assert accepted >= len(users)
        await captured(seen.made, users, "phc_wrong")
        await seen.scrape(minutes=25)
        assert seen.gateway.value("autoplay_source_events_total", outcome="accepted") == accepted
        assert seen.gateway.value("autoplay_source_events_total", outcome="refused") > 0
        assert seen.gateway.value("autoplay_feeds_open") == len(users)
        seen.check("AutoplayEventsStopped")


async def captured(made: Deployment, users: list[str], key: str, times: int = 1) -> None:
    """Let each user's browser capture page views."""
    for user in users:
        properties = {
            "token": key,
            "distinct_id": user,
            "$session_id": f"ps-{user}",
            "$current_url": "https://app.example.com/projects",
        }
        events = [
            {"event": "$pageview", "uuid": f"uuid-{user}-{key}-{number}", "properties": properties}
            for number in range(times)
        ]
        body = json.dumps({"api_key": key, "batch": events}).encode()
        await made.request("POST", "/capture/batch/", body, signed(user))


@proves("AutoplayToastsMissing")
@asynchronous
async def test_pages_show_no_toast(tmp_path: Path) -> None:
    """As if the app had removed the script's element: the feed is open, but no receipt comes."""
    async with monitored(tmp_path) as seen:
        await seen.is_healthy(lambda: all_shown(seen.made, *"abcde"))
        assert seen.engine.value("autoplay_offers_total", status="rendered") == 5
        await seen.scrape(minutes=40)
        await all_shown(seen.made, *"fghijk", receipts=False)
        await seen.scrape(minutes=15)
        assert seen.engine.value("autoplay_decisions_total", arm="shown") == 11
        assert seen.engine.value("autoplay_offers_total", status="rendered") == 5
        seen.check("AutoplayToastsMissing")


@proves("AutoplayLanguageModelFailing")
@asynchronous
async def test_language_model_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in")
    model = LanguageModelServer(slow_s=0.0)
    await model.start()
    more = f"llm: {{model: stand-in, base_url: '{model.base_url}'}}\n"
    async with monitored(tmp_path, more=more) as seen:
        await shown(seen.made, "anna")
        ask = "/reply/anna?query=how%20do%20I%20change%20several%20projects%20at%20once"

        async def asked() -> None:
            status, _ = await seen.made.request("GET", ask, headers=signed("anna"))
            assert status == 200

        await seen.is_healthy(asked)
        answered = seen.engine.value("autoplay_llm_calls_total", outcome="answered")
        assert answered >= 1
        assert seen.engine.value("autoplay_llm_call_seconds_count") >= 1
        model.mood = "cut_off"
        await asked()
        page = await seen.made.engine_metrics()
        assert page.value("autoplay_llm_answers_not_used_total", why="cut_off") >= 1
        answered = page.value("autoplay_llm_calls_total", outcome="answered")
        model.mood = "failing"
        while not (await seen.made.engine_metrics()).value("autoplay_llm_circuit_open"):
            await asked()
        await seen.scrape(minutes=3)
        assert seen.engine.value("autoplay_llm_calls_total", outcome="answered") == answered
        assert seen.engine.value("autoplay_llm_circuit_open") == 1
        seen.check("AutoplayLanguageModelFailing")
    await model.close()


@proves("AutoplayQueueFilling")
@asynchronous
async def test_engine_is_away_while_events_arrive(tmp_path: Path) -> None:
    journal = {"folder": str(tmp_path / "journal"), "max_bytes": 1024 * 1024}
    limits = dict.fromkeys(["user_events_per_minute", "address_events_per_minute"], 1_000_000)
    async with monitored(tmp_path, journal=journal, rate_limits=limits) as seen:
        await seen.is_healthy(lambda: shown(seen.made, "anna"))
        await seen.made.actions.stop()
        limit = seen.gateway.value("autoplay_journal_limit_bytes")
        assert limit == 1024 * 1024
        number = 0
        while seen.gateway.value("autoplay_journal_bytes") < 0.85 * limit:
            await captured(seen.made, [f"user-{number}"], "", times=100)
            seen.gateway = await seen.made.gateway_metrics()
            number += 1
        assert seen.gateway.value("autoplay_link_queue") == seen.gateway.value("autoplay_journal_events") > 0
        await seen.scrape_gateway(minutes=3)
        seen.check("AutoplayQueueFilling")
        await seen.made.actions.start()


@proves("AutoplaySlow")
@asynchronous
async def test_trigger_of_the_team_is_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = (
        "product_id: demo\ncourtesy: {min_interval: 0}\nevaluate_timeout: 5s\n"
        "triggers: [{id: late, body: May I?, predicate: 'support.slow_trigger:fires_late'}]\n"
    )
    async with monitored(tmp_path, rules=rules) as seen:
        await seen.is_healthy(lambda: all_shown(seen.made, *"abc"))
        assert seen.engine.value("autoplay_decision_seconds_bucket", le="1.0") >= 3
        await seen.scrape(minutes=15)
        monkeypatch.setitem(slow_trigger.wait, "s", 1.1)
        await all_shown(seen.made, *"def")
        await seen.scrape()
        fast, all_of_them = (
            seen.engine.value("autoplay_decision_seconds_bucket", le=bound) for bound in ("1.0", "+Inf")
        )
        # Only what an event causes is measured; a timer decides for a user whose history came late.
        assert all_of_them - fast >= 1
        await seen.scrape(minutes=8)
        seen.check("AutoplaySlow")


@proves("AutoplayConfigurationRefused")
@asynchronous
async def test_new_version_of_a_file_is_wrong(tmp_path: Path) -> None:
    async with monitored(tmp_path) as seen:
        await seen.is_healthy(lambda: shown(seen.made, "anna"))
        file = tmp_path / "autoplay.yml"
        file.write_text(file.read_text("utf-8").replace("triggers:", "trigers:"), "utf-8")

        async def is_refused() -> bool:
            return (await seen.made.engine_metrics()).value("autoplay_configuration_refused") == 1

        await eventually(is_refused, within_s=20.0, what="the engine refuses the file")
        await seen.scrape(minutes=3)
        seen.check("AutoplayConfigurationRefused")
