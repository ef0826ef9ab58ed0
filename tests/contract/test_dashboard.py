"""The dashboard and the alert rules ask only for what real pages contain."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.alerting import ALERTS
from support.background import eventually
from support.dashboard import alert_queries, dashboard, dashboard_queries, names_in, without_variables
from support.deployment import BASE, Deployment, deployed
from support.metrics import METRICS_TOKEN
from support.missing import miss
from support.processes import ServerProcess, free_port
from support.run import asynchronous

from rasa_autoplay.engine.hosting.metrics_blueprint import METRICS_PATH
from rasa_autoplay.engine.metrics.catalogue import ENGINE_METRICS, OF_SHARED_ENGINE
from rasa_autoplay.gateway.metrics.catalogue import GATEWAY_METRICS, OF_REDIS

QUERIES = {**alert_queries(), **dashboard_queries()}
OF_PROMETHEUS = {"job", "instance", "le"}
#: Metrics that need Redis; tests/contract/test_metrics.py shows them on real pages.
WITH_REDIS = {metric.name for metric in (*OF_SHARED_ENGINE, *OF_REDIS)}
LABELS = {metric.name: set(metric.labels) for metric in (*ENGINE_METRICS, *GATEWAY_METRICS)}
PANELS = dashboard()["panels"]
GRID_WIDTH = 24


def metric_of(series: str) -> str:
    """Return the metric that a series belongs to."""
    ends = ("_bucket", "_count", "_sum")
    return next((series.removesuffix(end) for end in ends if series.endswith(end)), series)


@asynchronous
async def test_queries_name_only_what_real_pages_have(tmp_path: Path) -> None:
    async with deployed(tmp_path, metrics_token=METRICS_TOKEN) as made:
        await made.offer_to("anna")
        pages = [await made.gateway_metrics(), await made.engine_metrics()]
    on_pages = {"up"} | WITH_REDIS
    for page in pages:
        on_pages |= {f"{name}_total" if kind == "counter" else name for name, kind in page.kinds.items()}
        on_pages |= page.series.keys()
    for what, query in QUERIES.items():
        series, groups = names_in(query)
        assert series, what
        known: set[str] = set(OF_PROMETHEUS)
        for name, labels in series.items():
            assert name in on_pages or metric_of(name) in on_pages, (what, name)
            own = LABELS.get(metric_of(name), set())
            assert labels <= own | OF_PROMETHEUS, (what, name, labels)
            known |= own
        assert groups <= known, (what, groups)


def test_prometheus_can_read_every_query(tmp_path: Path) -> None:
    program = shutil.which("promtool")
    if program is None:
        miss("There is no promtool here: install the package prometheus.")
        return
    rules = [
        {"record": f"query_{number}", "expr": without_variables(query)}
        for number, query in enumerate(QUERIES.values())
    ]
    file = tmp_path / "queries.yml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}), "utf-8")
    for each in (file, ALERTS):
        done = subprocess.run([program, "check", "rules", str(each)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_panels_have_ids_places_and_datasource() -> None:
    ids = [panel["id"] for panel in PANELS]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= GRID_WIDTH, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
            letters = [target["refId"] for target in panel["targets"]]
            assert letters == sorted(set(letters)), panel["title"]
            assert all(target["datasource"] == panel["datasource"] for target in panel["targets"])


def test_dashboard_can_be_imported_anywhere() -> None:
    board = dashboard()
    assert board["id"] is None
    assert board["schemaVersion"] >= 36
    assert [each["name"] for each in board["templating"]["list"]] == ["datasource", "trigger"]
    assert {panel["type"] for panel in PANELS} <= {"row", "stat", "timeseries", "bargauge", "alertlist"}


def test_dashboard_answers_the_operators_questions() -> None:
    questions = [panel["title"] for panel in PANELS if panel["type"] == "row"]
    assert questions[:4] == [
        "Is it working?",
        "Is it helping?",
        "How long do users wait?",
        "What is broken?",
    ]


def test_every_metric_is_on_the_dashboard_or_in_an_alert() -> None:
    shown = {metric_of(name) for query in QUERIES.values() for name in names_in(query)[0]}
    every = {metric.name for metric in (*ENGINE_METRICS, *GATEWAY_METRICS)}
    # These are for people who look closer.
    unused = {
        "autoplay_receipts_total",
        "autoplay_engine_feeds",
        "autoplay_open_offers",
        "autoplay_actions_total",
        "autoplay_evaluations_total",
        "autoplay_configuration_info",
        "autoplay_configuration_loaded_timestamp_seconds",
        "autoplay_engine_partitions",
        "autoplay_toasts_written_total",
        "autoplay_source_up",
        "autoplay_link_connections_total",
        "autoplay_journal_failures_total",
        "autoplay_consent_dropped_events_total",
        "autoplay_consent_held_events",
    }
    assert every - shown == unused


async def asked(http: aiohttp.ClientSession, origin: str, path: str, **query: str) -> Any:
    async with http.get(f"{origin}/api/v1/{path}", params=query) as response:
        answer = await response.json()
        assert answer["status"] == "success", (path, query, answer)
        return answer["data"]


def configuration(made: Deployment, folder: Path) -> Path:
    """Write Prometheus' configuration, with our rules but without their patience."""
    rules = ALERTS.read_text("utf-8")
    for patience in ("10m", "5m", "2m", "1m"):
        rules = rules.replace(f"for: {patience}\n", "for: 0s\n")
    (folder / "alerts.yml").write_text(rules, "utf-8")
    (folder / "token").write_text(METRICS_TOKEN, "utf-8")
    jobs = [
        {
            "job_name": name,
            "metrics_path": path,
            "authorization": {"credentials_file": str(folder / "token")},
            "static_configs": [{"targets": [origin.removeprefix("http://")]}],
        }
        for name, path, origin in (
            ("autoplay-gateway", f"{BASE}/metrics", made.origin),
            ("autoplay-engine", METRICS_PATH, made.engine_origin),
        )
    ]
    pace = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    file = folder / "prometheus.yml"
    whole = {"global": pace, "rule_files": [str(folder / "alerts.yml")], "scrape_configs": jobs}
    file.write_text(json.dumps(whole), "utf-8")
    return file


def started(program: str, file: Path, port: int) -> ServerProcess:
    options: Sequence[str] = (
        f"--config.file={file}",
        f"--storage.tsdb.path={file.parent / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    return ServerProcess("prometheus", [program, *options], file.parent, {})


@pytest.mark.slow
@asynchronous
async def test_a_real_prometheus_reads_alerts_and_dashboard(tmp_path: Path) -> None:
    program = shutil.which("prometheus")
    if program is None:
        miss("There is no Prometheus here: install the package prometheus.")
        return
    async with deployed(tmp_path, metrics_token=METRICS_TOKEN) as made:
        folder = tmp_path / "prometheus"
        await asyncio.to_thread(folder.mkdir)
        port = free_port()
        process = started(program, await asyncio.to_thread(configuration, made, folder), port)
        origin = f"http://127.0.0.1:{port}"
        try:

            async def sees_both() -> bool:
                try:
                    targets = await asked(made.http, origin, "targets")
                except (aiohttp.ClientError, AssertionError):
                    return False
                return [each["health"] for each in targets["activeTargets"]] == ["up", "up"]

            await eventually(sees_both, within_s=60.0, what="both pages are scraped")
            await made.offer_to("anna")

            async def has_seen_the_offer() -> bool:
                query = 'sum(autoplay_offers_total{status="sent"})'
                found = await asked(made.http, origin, "query", query=query)
                return bool(found["result"]) and float(found["result"][0]["value"][1]) == 1

            await eventually(has_seen_the_offer, within_s=30.0, what="the offer is stored")
            for query in QUERIES.values():
                await asked(made.http, origin, "query", query=without_variables(query))

            async def firing() -> set[str]:
                alerts = (await asked(made.http, origin, "alerts"))["alerts"]
                return {each["labels"]["alertname"] for each in alerts if each["state"] == "firing"}

            assert await firing() == set()
            await made.actions.kill()

            async def fires() -> bool:
                return "AutoplayEngineUnreachable" in await firing()

            await eventually(fires, within_s=60.0, what="the alert fires")
            (group,) = (await asked(made.http, origin, "rules"))["groups"]
            assert {rule["health"] for rule in group["rules"]} == {"ok"}
            await made.actions.start()

            async def is_silent() -> bool:
                return await firing() == set()

            await eventually(is_silent, within_s=60.0, what="the alert ends")
        finally:
            await process.stop()
