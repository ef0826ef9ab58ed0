"""One part of a deployment hangs: what does not need it continues, and health names it with a remedy."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from support.background import eventually
from support.connector import Connector
from support.deployment import DEADLINE_S, Deployment, deployed, signed
from support.embeddings import EmbeddingsEndpoint
from support.hanging import Relay, relay_to
from support.language_model import LanguageModelServer
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_action_server import SharedActionServer

from rasa_autoplay.gateway.sources import stream as event_stream

#: Far more seconds than any answer here may take, whatever hangs.
_ANSWER_WITHIN_S = 20.0
_ASKED = "/reply/anna?query=bulk+edit+projects"


class Models:
    """A language model and its embeddings behind one endpoint, each with its own mode."""

    def __init__(self) -> None:
        self.language_model = LanguageModelServer(slow_s=60.0)
        self.embeddings = EmbeddingsEndpoint(slow_s=60.0)

    @asynccontextmanager
    async def deployed(self, folder: Path) -> AsyncIterator[Deployment]:
        app = self.embeddings.app()
        app.router.add_post("/v1/chat/completions", self.language_model._complete)
        async with TestServer(app, handler_cancellation=True) as server:
            base_url = server.make_url("/v1")
            llm = f"llm: {{model: m, embedding_model: e, base_url: '{base_url}', timeout: 1s}}\n"
            async with deployed(folder, more=llm) as deployment:
                yield deployment


async def within(limit_s: float, asking: Any) -> Any:
    """Return the answer, which must arrive in time."""
    begun = time.monotonic()
    answer = await asyncio.wait_for(asking, DEADLINE_S)
    took_s = time.monotonic() - begun
    assert took_s < limit_s, f"the answer took {took_s:.1f} s"
    return answer


async def ask(deployment: Deployment, what: str = "") -> dict[str, Any]:
    """Ask the bot a question; each is a new one."""
    asking = deployment.request("GET", f"{_ASKED}{what}", None, signed("anna"))
    status, answer = await within(_ANSWER_WITHIN_S, asking)
    assert status == 200, answer
    return dict(answer)


async def health_of(deployment: Deployment, *path: str) -> dict[str, Any]:
    """Return one part of health, which must arrive in time."""
    found: Any = await within(_ANSWER_WITHIN_S, deployment.health())
    for name in path:
        found = found[name]
    return dict(found)


async def names(deployment: Deployment, *path: str, remedy: str) -> None:
    """Wait until health reports a fault of this part, with a remedy."""

    async def is_named() -> bool:
        health = await health_of(deployment, *path)
        return health["state"] not in ("connected", "idle", "running") and remedy in health.get("remedy", "")

    await eventually(is_named, within_s=DEADLINE_S, what=f"health names {path} with {remedy!r}")


async def is_well(deployment: Deployment, *path: str) -> None:
    """Wait until health reports that this part is well."""

    async def is_connected() -> bool:
        health = await health_of(deployment, *path)
        return health["state"] == "connected" and "remedy" not in health

    await eventually(is_connected, within_s=DEADLINE_S, what=f"{path} is well")


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Models:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-s3cret")
    return Models()


@asynchronous
async def test_works_without_model_answers_while_the_language_model_hangs(
    models: Models, tmp_path: Path
) -> None:
    async with models.deployed(tmp_path) as deployment:
        await deployment.check_still_serves("anna")
        assert (await ask(deployment))["source"] == "llm"
        await is_well(deployment, "engine", "llm")
        models.language_model.mood = "slow"
        answer = await ask(deployment)
        assert answer["source"] == "steps"
        assert "Bulk edit" in answer["text"]
        await names(deployment, "engine", "llm", remedy="does not answer in time: check llm in autoplay.yml")
        await within(_ANSWER_WITHIN_S, deployment.check_still_serves("ben"))
        await is_well(deployment, "engine", "embeddings")
        models.language_model.mood = "good"
        assert (await ask(deployment))["source"] == "llm"
        await is_well(deployment, "engine", "llm")


@asynchronous
async def test_searches_by_words_while_the_embeddings_endpoint_hangs(models: Models, tmp_path: Path) -> None:
    async with models.deployed(tmp_path) as deployment:
        await is_well(deployment, "engine", "embeddings")
        models.embeddings.mood = "slow"
        await deployment.check_still_serves("anna")
        assert (await ask(deployment, "+please"))["source"] == "llm"
        await names(
            deployment, "engine", "embeddings", remedy="does not answer in time: check llm in autoplay.yml"
        )
        await within(_ANSWER_WITHIN_S, deployment.check_still_serves("ben"))
        await is_well(deployment, "engine", "llm")
        models.embeddings.mood = "good"
        await ask(deployment, "+thanks")
        await is_well(deployment, "engine", "embeddings")


@pytest.mark.parametrize("hangs", ["before it is opened", "while it is open"])
@asynchronous
async def test_a_hanging_upstream_delays_only_its_own_events(
    hangs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "_SILENCE_S", 1.0)
    async with AsyncExitStack() as stack:
        connector = Connector("stream-token")
        await connector.start()
        stack.push_async_callback(connector.close)
        relay = await stack.enter_async_context(relay_to(connector.port))
        if hangs == "before it is opened":
            relay.hang()
        url = f"http://127.0.0.1:{relay.port}/stream/demo"
        stream = {"url": url, "token": connector.token}
        deployment = await stack.enter_async_context(deployed(tmp_path, stream=stream))
        if hangs == "while it is open":
            await connector.connected()
            relay.hang()
        await within(_ANSWER_WITHIN_S, deployment.check_still_serves("anna"))
        await names(deployment, "sources", "stream", remedy="does not answer")
        relay.resume()
        await is_well_again(deployment, connector)
        await deployment.check_still_serves("ben")


async def is_well_again(deployment: Deployment, connector: Connector) -> None:
    """Wait until a working stream is connected."""

    async def has_come() -> bool:
        connector.send_heartbeat()
        return bool((await health_of(deployment, "sources", "stream"))["state"] == "connected")

    await eventually(has_come, within_s=DEADLINE_S, what="the stream is open again")


def _paused(server: RedisServer, _: Relay) -> tuple[Callable[[], None], Callable[[], None]]:
    return server.pause, server.resume


def _silent(_: RedisServer, relay: Relay) -> tuple[Callable[[], None], Callable[[], None]]:
    return relay.hang, relay.resume


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(_paused, id="stopped server", marks=pytest.mark.slow),
        pytest.param(_silent, id="silent network"),
    ],
)
@asynchronous
async def test_loses_nothing_while_redis_hangs(fault: Any, redis_server: RedisServer, tmp_path: Path) -> None:
    """Engine and gateway share Redis: toasts wait for it, and no request does."""
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(relay_to(redis_server.port))
        url = redis_server.url.replace(f":{redis_server.port}/", f":{relay.port}/")
        hang, resume = fault(redis_server, relay)
        stack.callback(resume)
        deployment = await stack.enter_async_context(
            deployed(
                tmp_path,
                more=f'shared: {{redis: "{url}"}}\n',
                actions=SharedActionServer(tmp_path),
                shared={"redis": url},
                journal={"folder": str(tmp_path / "journal")},
            )
        )
        toast = await deployment.offer_to("anna")
        stream = await deployment.listen("ben")
        hang()
        statuses = await within(_ANSWER_WITHIN_S, deployment.send_story("ben"))
        assert set(statuses) == {200}, "they are in the journal"
        click = {**{key: toast[key] for key in ("offer_id", "trigger_id", "body")}, "user_id": "anna"}
        for path, body in (
            ("/proactive/ack", {"offer_id": toast["offer_id"], "event": "rendered"}),
            ("/proactive/inject", {**click, "sender_id": "anna"}),
            ("/tour/start", {"user_id": "anna", "tour_id": "projects-bulk-edit"}),
        ):
            status, answer = await within(_ANSWER_WITHIN_S, deployment.post(path, body, "anna"))
            assert status >= 400, path
            assert "remedy" in answer, answer
        await names(deployment, "link", remedy="Redis does not answer in time: check shared.redis")
        await names(deployment, "engine", remedy="shared.redis in credentials.yml")
        resume()
        assert (await stream.toast())["offer_id"]
        await is_well(deployment, "link")
        await deployment.check_still_serves("clara")
        assert len(stream.toasts) == 1
