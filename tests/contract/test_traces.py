"""One trace for each offer, across gateway and engine, as a collector receives it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.deployment import ActionServer, Deployment, deployed
from support.language_model import LanguageModelServer
from support.redis_server import RedisServer
from support.run import asynchronous
from support.span_collector import CollectedSpan, Mood, SpanCollector, tree_of
from support.span_table import undescribed

from rasa_autoplay.common.tracing.offer_digest import offer_digest
from rasa_autoplay.settings.llm import LlmSettings

QUESTION = "Shall I show you how?"
#: From the action to the toast.
TO_THE_TOAST = """\
gateway: POST /capture
  gateway: intake
    gateway: link event
      engine: apply event
        engine: decide
          engine: offer
            gateway: feed"""
#: From the toast to both bubbles.
AFTER_THE_TOAST = """\
              gateway: POST /proactive/ack
                gateway: ask acknowledge
                  engine: answer acknowledge
              gateway: POST /proactive/inject
                gateway: ask prepare_inject
                  engine: answer prepare_inject
                gateway: bubble 1
                gateway: bubble 2
                  gateway: ask follow_up
                    engine: answer follow_up
                      engine: chat stand-in"""
#: Two pages in quick succession, then nothing.
DWELL = """\
product_id: demo
courtesy: {min_interval: 0}
triggers:
  - {id: stays, when: {dwell: 1s}, body: "Shall I show you how?", golden_path: projects-bulk-edit}
"""


class NoActionServer(ActionServer):
    """Nothing listens, and nothing runs."""

    async def start(self) -> None:
        self.origin = "http://127.0.0.1:9"

    async def stop(self) -> None:
        """Nothing has started."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTOPLAY_CONFIG", str(tmp_path / "autoplay.yml"))
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-a-stand-in")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@asynccontextmanager
async def collecting(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SpanCollector]:
    collector = SpanCollector()
    await collector.start()
    for name, value in collector.environment.items():
        monkeypatch.setenv(name, value)
    try:
        yield collector
    finally:
        await collector.close()


@asynccontextmanager
async def a_model() -> AsyncIterator[LanguageModelServer]:
    model = LanguageModelServer(slow_s=9.0)
    await model.start()
    try:
        yield model
    finally:
        await model.close()


def llm(model: LanguageModelServer) -> str:
    return f"llm: {{model: stand-in, base_url: '{model.base_url}'}}\ntracing: true\n"


async def tell_story(
    made: Deployment, collector: SpanCollector
) -> tuple[dict[str, Any], list[CollectedSpan]]:
    """Let a user get the toast and open the chat; return the toast and the spans of its trace."""
    _, sender_id, said = await made.window("anna", "w1")
    toast = await made.offer_to("anna")
    receipt = {"offer_id": toast["offer_id"], "event": "rendered"}
    assert (await made.post("/proactive/ack", receipt, "anna"))[0] == 200
    click = {"sender_id": sender_id, "body": "x", "offer_id": toast["offer_id"], "user_id": "anna"}
    assert (await made.post("/proactive/inject", click, "anna"))[0] == 200
    await eventually(lambda: len(said) == 2, what="both bubbles")
    await eventually(lambda: collector.named("bubble 2"), what="the span of bubble 2")
    await eventually(lambda: collector.named("answer follow_up"), what="the engine's last span")
    await eventually(lambda: collector.named("POST /capture"), what="the trace's root")
    return toast, list(collector.spans)


@asynchronous
async def test_one_trace_leads_from_the_action_to_both_bubbles(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        collecting(monkeypatch) as collector,
        a_model() as model,
        deployed(folder, more=llm(model), tracing=True) as made,
    ):
        toast, spans = await tell_story(made, collector)
        health = await made.health()
        exported = b"".join(collector.bodies)
    # The story's other actions, of which nothing came, are not recorded.
    assert tree_of(spans) == f"{TO_THE_TOAST}\n{AFTER_THE_TOAST}".split("\n")
    assert {span.trace_id for span in spans} == {spans[0].trace_id}
    by_name = {span.name: span for span in spans}
    assert [by_name[name].kind for name in ("POST /capture", "link event", "apply event", "feed")] == [
        "server",
        "producer",
        "consumer",
        "consumer",
    ]
    assert (by_name["ask follow_up"].kind, by_name["answer follow_up"].kind) == ("client", "server")
    assert by_name["POST /capture"].attributes == {
        "http.request.method": "POST",
        "http.route": "/webhooks/autoplay/capture",
        "http.response.status_code": 200,
    }
    assert by_name["decide"].attributes == {
        "autoplay.trigger_id": "bulk_edit_opportunity",
        "autoplay.golden_path": "projects-bulk-edit",
        "autoplay.offer": offer_digest(toast["offer_id"]),
    }
    assert by_name["answer acknowledge"].attributes["autoplay.receipt"] == "rendered"
    assert by_name["bubble 2"].attributes == {"autoplay.explained_by": "llm"}
    assert not any(span.is_error for span in spans)
    assert health["tracing"]["state"] == health["engine"]["tracing"]["state"] == "connected"
    assert undescribed(spans) == []
    check_model_span(by_name["chat stand-in"], model.port)
    # No user, offer, label, prompt or answer.
    prompt = model.requests[0]["messages"][-1]["content"]
    secret = [toast["offer_id"], "anna", "example.com", "w1", QUESTION, "Save changes", "Bulk edit", prompt]
    assert [word for word in secret if word.encode() in exported] == []


def check_model_span(chat: CollectedSpan, port: int) -> None:
    """By OpenTelemetry's conventions for generative AI, 1.37.0."""
    assert chat.kind == "client"
    assert chat.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "stand-in",
        "gen_ai.request.max_tokens": LlmSettings(model="stand-in").max_tokens,
        "gen_ai.request.temperature": 0.4,
        "gen_ai.output.type": "json",
        "gen_ai.response.id": "c1",
        "gen_ai.response.model": "m",
        "gen_ai.response.finish_reasons": ["stop"],
        "server.address": "127.0.0.1",
        "server.port": port,
    }


@pytest.mark.slow
@asynchronous
async def test_a_failing_model_fails_its_span_and_no_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        collecting(monkeypatch) as collector,
        a_model() as model,
        deployed(folder, more=llm(model), tracing=True) as made,
    ):
        model.mood = "failing"
        _, spans = await tell_story(made, collector)
    failed = [span for span in spans if span.is_error]
    assert [span.name for span in failed] == ["chat stand-in"]
    assert failed[0].attributes["error.type"] == "InternalServerError"


@asynchronous
async def test_a_tour_belongs_to_its_offers_trace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        collecting(monkeypatch) as collector,
        deployed(folder, more="tracing: true\n", tracing=True) as made,
    ):
        toast = await made.offer_to("anna")
        await eventually(lambda: collector.named("feed"), what="the toast's span")
        (tour,) = toast["tours"]
        asked = {"user_id": "anna", "tour_id": tour["id"], "step": tour["steps"][0]["id"]}
        # Neither names the offer.
        for path in ("/tour/start", "/tour/step", "/tour/end"):
            body = {**asked, **({"outcome": "finished"} if path == "/tour/end" else {})}
            assert (await made.post(path, body, "anna"))[0] == 200
        await eventually(lambda: collector.named("POST /tour/end"), what="the last span")
        await eventually(lambda: len(collector.named("answer end_tour")) == 1, what="the engine's last span")
        assert undescribed(collector.spans) == []
        (feed,) = collector.named("feed")
        for path in ("/tour/start", "/tour/step", "/tour/end"):
            (span,) = collector.named(f"POST {path}")
            assert (span.trace_id, span.parent_id) == (feed.trace_id, feed.span_id)


@asynchronous
async def test_an_offer_by_time_links_to_an_action(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = Path(__file__).parents[2] / "example_bot" / "golden_paths"
    rules = f"{DWELL}golden_paths: '{paths}'\n"
    async with (
        collecting(monkeypatch) as collector,
        deployed(folder, more="tracing: true\n", rules=rules, tracing=True) as made,
    ):
        stream = await made.listen("anna")
        await made.send_story("anna")
        await stream.toast()
        await eventually(lambda: collector.named("feed"), what="the toast's span")
        await eventually(lambda: collector.named("link event"), what="the action's span")
        await eventually(lambda: collector.named("decide"), what="the decision's span")
        (decide,) = collector.named("decide")
        (action,) = collector.named("link event")
        assert decide.parent_id == ""
        assert decide.links == [(action.trace_id, action.span_id)]
        assert decide.trace_id != action.trace_id
        assert tree_of(collector.of(decide.trace_id)) == [
            "engine: decide",
            "  engine: offer",
            "    gateway: feed",
        ]


@asynchronous
async def test_the_sampler_of_the_environment_decides(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    async with collecting(monkeypatch) as collector:
        async with deployed(folder, more="tracing: true\n", tracing=True) as made:
            toast = await made.offer_to("anna")
            receipt = {"offer_id": toast["offer_id"], "event": "rendered"}
            assert (await made.post("/proactive/ack", receipt, "anna"))[0] == 200
            health = await made.health()
        # The stop has sent what there was.
        assert collector.spans == []
        assert health["tracing"] == {"state": "idle"}


@pytest.mark.slow
@asynchronous
async def test_an_engine_in_the_rasa_server_is_a_service_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        collecting(monkeypatch) as collector,
        a_model() as model,
        deployed(
            folder,
            more=llm(model),
            actions=NoActionServer(folder, ""),
            engine="in_process",
            link={},
            tracing=True,
        ) as made,
    ):
        _, spans = await tell_story(made, collector)
    assert tree_of(spans) == f"{TO_THE_TOAST}\n{AFTER_THE_TOAST}".split("\n")


@asynchronous
async def test_redis_carries_the_trace(
    folder: Path, monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer
) -> None:
    async with (
        collecting(monkeypatch) as collector,
        a_model() as model,
        deployed(
            folder,
            more=f'{llm(model)}shared: {{redis: "{redis_server.url}"}}\n',
            actions=NoActionServer(folder, ""),
            engine="in_process",
            link={},
            shared={"redis": redis_server.url},
            tracing=True,
        ) as made,
    ):
        _, spans = await tell_story(made, collector)
    assert tree_of(spans) == f"{TO_THE_TOAST}\n{AFTER_THE_TOAST}".split("\n")


@pytest.mark.parametrize(
    "mood",
    [
        "hanging",
        *(
            pytest.param(mood, marks=pytest.mark.slow)
            for mood in ("refusing", "rejecting", "mad", "endless", "redirecting", "gone")
        ),
    ],
)
@asynchronous
async def test_a_bad_collector_delays_neither_offers_nor_the_stop(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mood: Mood | str
) -> None:
    async with collecting(monkeypatch) as collector:
        if mood == "gone":
            await collector.close()
        else:
            collector.mood = mood  # type: ignore[assignment]
        async with deployed(folder, more="tracing: true\n", tracing=True) as made:
            await made.offer_to("anna")
            await eventually(lambda: mood == "gone" or collector.requests, what="spans are sent")
            slowest = await _slowest_turn_of(made)
            begun = time.monotonic()
        # Each half waits for half a second at most.
        assert time.monotonic() - begun < 5.0
        assert slowest < 0.5


async def _slowest_turn_of(made: Deployment) -> float:
    """Return the longest time that the event loop was busy while another user got an offer."""
    slowest, is_done = 0.0, False

    async def watch() -> None:
        nonlocal slowest
        while not is_done:
            at = time.monotonic()
            await asyncio.sleep(0.01)
            slowest = max(slowest, time.monotonic() - at - 0.01)

    watching = asyncio.get_running_loop().create_task(watch())
    await made.check_still_serves()
    is_done = True
    await watching
    return slowest


@asynchronous
async def test_health_names_a_collector_that_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with collecting(monkeypatch) as collector:
        await collector.close()
        async with deployed(folder, more="tracing: true\n", tracing=True) as made:
            await made.offer_to("anna")

            async def is_named() -> bool:
                return bool((await made.health())["tracing"]["state"] == "failed")

            await eventually(is_named, what="health says that spans are lost")
            health = (await made.health())["tracing"]
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in health["remedy"]
    assert health["failed"] > 0
