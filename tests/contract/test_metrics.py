"""``GET …/metrics`` of both processes, as Prometheus reads it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.background import eventually
from support.deployment import ADMIN_KEY, BASE, JWT_KEY, LINK_SECRET, Deployment, deployed
from support.metrics import METRICS_TOKEN, Scrape
from support.redis_server import RedisServer
from support.run import asynchronous
from support.serve_process import OwnProcess

from rasa_autoplay.channel import AutoplayInput
from rasa_autoplay.engine.hosting.metrics_blueprint import METRICS_PATH
from rasa_autoplay.engine.metrics.catalogue import ENGINE_METRICS, OF_SHARED_ENGINE
from rasa_autoplay.gateway.metrics.catalogue import GATEWAY_METRICS, OF_JOURNAL, OF_REDIS

TRIGGER = "bulk_edit_opportunity"


def names(metrics: Any, *missing: Any) -> set[str]:
    return {metric.name.removesuffix("_total") for metric in metrics if metric not in missing}


async def helped(made: Deployment, user: str) -> dict[str, Any]:
    """Let a user get an offer, see it, and take its tour."""
    stream = await made.listen(user, sends_receipts=True)
    await made.send_story(user)
    toast = await stream.toast()
    for event in ("rendered", "seen"):
        receipt = {"offer_id": toast["offer_id"], "event": event}
        assert (await made.post("/proactive/ack", receipt, user))[0] == 200
    tour = {"user_id": user, "tour_id": "projects-bulk-edit", "offer_id": toast["offer_id"]}
    assert (await made.post("/tour/start", tour, user))[0] == 200
    end = {"user_id": user, "outcome": "finished"}
    assert (await made.post("/tour/end", end, user))[0] == 200
    return toast


@asynchronous
async def test_pages_tell_the_story_of_an_offer(tmp_path: Path) -> None:
    async with deployed(tmp_path, metrics_token=METRICS_TOKEN) as made:
        await helped(made, "anna")
        gateway, engine = await made.gateway_metrics(), await made.engine_metrics()
        assert names(GATEWAY_METRICS, *OF_REDIS) <= gateway.kinds.keys()
        assert names(ENGINE_METRICS, *OF_SHARED_ENGINE) <= engine.kinds.keys()
        assert engine.value("autoplay_decisions_total", trigger=TRIGGER, arm="shown") == 1
        for status in ("sent", "rendered", "seen", "accepted"):
            assert engine.value("autoplay_offers_total", trigger=TRIGGER, status=status) == 1, status
        assert engine.value("autoplay_offers_accepted_total", trigger=TRIGGER, button="show_me") == 1
        assert engine.value("autoplay_receipts_total", event="rendered") == 1
        assert engine.value("autoplay_tours_started_total") == 1
        assert engine.value("autoplay_tours_total", outcome="finished") == 1
        for stage in ("decision", "offer_delivery", "offer_rendering"):
            assert engine.value(f"autoplay_{stage}_seconds_count") == 1, stage
        assert gateway.value("autoplay_action_to_sent_seconds_count") == 1
        whole = gateway.value("autoplay_action_to_sent_seconds_sum")
        # The stamp is rounded to a millisecond.
        assert 0 < engine.value("autoplay_decision_seconds_sum") <= whole + 0.001 < 30
        assert gateway.value("autoplay_toasts_written_total") == 1
        accepted = gateway.value("autoplay_source_events_total", source="capture", outcome="accepted")
        assert accepted == engine.value("autoplay_actions_total", result="applied") > 0
        assert gateway.value("autoplay_event_delivery_seconds_count") >= 1
        assert gateway.value("autoplay_feeds_open") == engine.value("autoplay_engine_feeds") == 1
        assert gateway.value("autoplay_link_connected") == engine.value("autoplay_database_up") == 1


@asynchronous
async def test_timers_cause_no_latencies(tmp_path: Path) -> None:
    """An offer that a user's silence causes has waited for that silence, not for us."""
    rules = (
        "product_id: demo\ncourtesy: {min_interval: 0}\n"
        "triggers: [{id: quiet, body: May I?, when: {idle: 1s}}]\n"
    )
    async with deployed(tmp_path, rules=rules, metrics_token=METRICS_TOKEN) as made:
        await made.offer_to("anna")
        engine = await made.engine_metrics()
        assert engine.value("autoplay_decisions_total", trigger="quiet", arm="shown") == 1
        assert engine.value("autoplay_decision_seconds_count") == 0
        assert (await made.gateway_metrics()).value("autoplay_action_to_sent_seconds_count") == 0


@asynchronous
async def test_pages_contain_no_user_and_no_secret(tmp_path: Path) -> None:
    async with deployed(tmp_path, metrics_token=METRICS_TOKEN) as made:
        users = [f"mallory-{number}" for number in range(4)]
        toasts = await asyncio.gather(*(helped(made, user) for user in users))
        await made.post("/proactive/ack", {"offer_id": "offer_of_nobody", "event": "seen"}, users[0])
        text = (await made.gateway_metrics()).text + (await made.engine_metrics()).text
        secrets = (METRICS_TOKEN, JWT_KEY, LINK_SECRET, ADMIN_KEY)
        ids = [*users, *(toast["offer_id"] for toast in toasts), "offer_of_nobody"]
        for word in (*secrets, *ids, "mallory", "ps-", "example.com", str(tmp_path)):
            assert word not in text, word


@asynchronous
async def test_route_needs_the_token(tmp_path: Path) -> None:
    async with deployed(tmp_path, metrics_token=METRICS_TOKEN) as made:
        for url in (f"{made.origin}{BASE}/metrics", f"{made.engine_origin}{METRICS_PATH}"):
            right = {"Authorization": f"Bearer {METRICS_TOKEN}"}
            wrong: tuple[dict[str, str], ...] = (
                {},
                {"Authorization": "Bearer nonsense"},
                {"Authorization": METRICS_TOKEN},
            )
            for headers in (*wrong, {"Authorization": f"Bearer {ADMIN_KEY}"}):
                async with made.http.get(url, headers=headers) as response:
                    assert response.status == 401, (url, headers)
                    assert "autoplay_" not in await response.text()
            async with made.http.get(f"{url}?token={METRICS_TOKEN}") as response:
                assert response.status == 401  # a URL is logged
            async with made.http.get(url, headers=right) as response:
                assert response.status == 200
                assert response.content_type == "text/plain"
                assert response.headers["Cache-Control"] == "no-store"


@asynchronous
async def test_guessing_is_limited(tmp_path: Path) -> None:
    async with deployed(tmp_path, metrics_token=METRICS_TOKEN) as made:
        for url in (f"{made.origin}{BASE}/metrics", f"{made.engine_origin}{METRICS_PATH}"):
            for number in range(10):
                async with made.http.get(url, headers={"Authorization": f"Bearer no{number}"}) as response:
                    assert response.status == 401
            async with made.http.get(url, headers={"Authorization": f"Bearer {METRICS_TOKEN}"}) as response:
                assert response.status == 429
                assert int(response.headers["Retry-After"]) >= 1
            # Somebody behind a proxy does not lock out a Prometheus on this machine, nor the reverse.
            forwarded = {"X-Forwarded-For": "192.0.2.7", "Authorization": f"Bearer {METRICS_TOKEN}"}
            async with made.http.get(url, headers=forwarded) as response:
                assert response.status == 200
        assert (await made.health())["rate_limited"]["by_metrics_token"] == 1


@asynchronous
async def test_without_a_token_there_is_no_page(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {METRICS_TOKEN}"}):
            status, answer = await made.request("GET", "/metrics", headers=headers)
            assert status == 404
            assert "metrics_token" in answer["remedy"]
        await helped(made, "anna")  # nothing is stamped


def test_short_token_is_refused() -> None:
    section = {"product_id": "demo", "identity": "none", "metrics_token": "short"}
    with pytest.raises(Exception, match=r"metrics_token: must have at least 16 characters"):
        AutoplayInput.from_credentials(section)


@asynchronous
async def test_engine_of_its_own_has_a_page(tmp_path: Path) -> None:
    engine = OwnProcess(tmp_path, AUTOPLAY_METRICS_TOKEN=METRICS_TOKEN)
    async with deployed(tmp_path, actions=engine, metrics_token=METRICS_TOKEN) as made:
        await helped(made, "anna")
        page = await made.engine_metrics()
        assert page.value("autoplay_decisions_total", trigger=TRIGGER, arm="shown") == 1
        assert page.value("process_resident_memory_bytes") > 0
        async with aiohttp.ClientSession() as http, http.get(f"{engine.origin}{METRICS_PATH}") as response:
            assert response.status == 401
        assert engine.process is not None
        assert METRICS_TOKEN not in engine.process.log()


@asynchronous
async def test_engine_in_the_rasa_server_is_on_the_gateways_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOPLAY_CONFIG", str(tmp_path / "autoplay.yml"))
    monkeypatch.chdir(tmp_path)
    section: dict[str, Any] = {"engine": "in_process", "link": {"secret": ""}, "metrics_token": METRICS_TOKEN}
    nowhere = OwnProcess(tmp_path)  # which is never started
    nowhere.start = nowhere.stop  # type: ignore[method-assign]
    async with deployed(tmp_path, actions=nowhere, **section) as made:
        await helped(made, "anna")
        page = await made.gateway_metrics()
        assert names(ENGINE_METRICS, *OF_SHARED_ENGINE) <= page.kinds.keys()
        assert names(GATEWAY_METRICS, *OF_REDIS) <= page.kinds.keys()
        assert page.value("autoplay_decisions_total", arm="shown") == 1
        assert page.value("autoplay_action_to_sent_seconds_count") == 1


@pytest.mark.slow
@asynchronous
async def test_shared_engine_and_gateway_show_redis(tmp_path: Path, redis_server: RedisServer) -> None:
    section: dict[str, Any] = {"shared": {"redis": redis_server.url}, "journal": False}
    more = f'shared: {{redis: "{redis_server.url}"}}\n'
    engine = OwnProcess(tmp_path, AUTOPLAY_METRICS_TOKEN=METRICS_TOKEN)
    async with deployed(tmp_path, more=more, actions=engine, metrics_token=METRICS_TOKEN, **section) as made:
        await helped(made, "anna")
        page, gateway = await made.engine_metrics(), await made.gateway_metrics()
        assert names(ENGINE_METRICS) <= page.kinds.keys()
        assert names(GATEWAY_METRICS, *OF_JOURNAL) <= gateway.kinds.keys()
        assert page.value("autoplay_engine_partitions") == 16
        assert page.value("autoplay_engine_redis_up") == gateway.value("autoplay_link_redis_up") == 1
        assert gateway.value("autoplay_action_to_sent_seconds_count") == 1


@asynchronous
async def test_counters_never_fall_over_versions_of_the_files(tmp_path: Path) -> None:
    async with deployed(tmp_path, metrics_token=METRICS_TOKEN) as made:
        await helped(made, "anna")
        file = tmp_path / "autoplay.yml"
        original = file.read_text("utf-8")
        before = await made.engine_metrics()
        for number in range(3):
            file.write_text(
                original.replace(TRIGGER, f"renamed_{number}", 2).replace(
                    f"example_bot.triggers:renamed_{number}", f"example_bot.triggers:{TRIGGER}"
                ),
                "utf-8",
            )
            before = await checked_after_a_change(made, before)
            assert before.value("autoplay_decisions_total", trigger=f"renamed_{number}") == 0
        file.write_text(original, "utf-8")
        after = await checked_after_a_change(made, before)
        assert after.value("autoplay_decisions_total", trigger=TRIGGER, arm="shown") == 1


async def checked_after_a_change(made: Deployment, before: Scrape) -> Scrape:
    """Wait until another version is in force, and check that no counter has fallen or vanished."""

    def version(page: Scrape) -> set[Any]:
        return set(page.series["autoplay_configuration_info"])

    async def is_loaded() -> bool:
        return version(await made.engine_metrics()) != version(before)

    await eventually(is_loaded, within_s=30.0, what="the new version is in force")
    after = await made.engine_metrics()
    for name, values in before.series.items():
        if name.endswith(("_total", "_count", "_bucket", "_sum")):
            for labels, value in values.items():
                assert after.series[name][labels] >= value, (name, labels)
    return after
