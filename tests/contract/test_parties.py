"""Every external party may hang: each call ends in time. The list is checked against the code."""

from __future__ import annotations

import ast
import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from support.processes import ROOT
from support.run import asynchronous

from rasa_autoplay.engine.assistant.embeddings import Embeddings
from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.engine.outcomes.base import Claimed
from rasa_autoplay.engine.outcomes.delivery.posthog import PosthogTarget
from rasa_autoplay.engine.outcomes.delivery.standard_webhooks import read_secrets
from rasa_autoplay.engine.outcomes.delivery.webhook import WebhookTarget
from rasa_autoplay.engine.outcomes.outcome import Outcome, OutcomeData
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.events.outcome_types import OutcomeType
from rasa_autoplay.gateway.sources import live_activity, live_request, upstream
from rasa_autoplay.settings.llm import LlmSettings
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.tools import operator_request, studio_link
from rasa_autoplay.tools.doctor import health_request as running
from rasa_autoplay.tools.doctor import machine
from rasa_autoplay.tools.live_tail import reader
from rasa_autoplay.tools.posthog import destination_api

#: Each module that opens a connection, and the test in which the other side hangs.
PARTIES = {
    "engine/assistant/size_limited_http.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
    "engine/outcomes/delivery/http_post.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
    "storage/database.py": "attacks/test_hanging_database.py::"
    "test_toasts_and_chat_work_and_health_reports_the_database",
    "tools/doctor/feed_timing.py": "contract/test_feed_timing.py::test_ends_when_the_server_says_nothing",
    "tools/doctor/machine.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
    "tools/doctor/health_request.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
    "tools/live_tail/reader.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
    "tools/operator_request.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
    "gateway/sources/connector.py": "attacks/test_stuck_parties.py::"
    "test_reconnects_to_an_upstream_that_never_answers",
    "gateway/sources/live_activity.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
    "tools/posthog/destination_api.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
    "gateway/sources/upstream.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
    "link/http/connection.py": "attacks/test_stuck_parties.py::"
    "test_a_stopped_action_server_blocks_no_request",
    "storage/redis.py": "contract/test_parties.py::test_call_ends_within_its_time_limit",
}
_OPENERS = {
    "AsyncClient",
    "AsyncOpenAI",
    "ClientSession",
    "Redis",
    "build_opener",
    "create_connection",
    "create_engine",
    "from_url",
    "open_connection",
    "urlopen",
}
#: Seconds by which a busy machine may be late.
_LATE_S = 5.0
_STALLS = {
    "accepts and says nothing": b"",
    "stops within the header": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "stops within the body": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Content-Length: 99\r\n\r\n{",
}


def _openers() -> Iterator[str]:
    package = ROOT / "rasa_autoplay"
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called in _OPENERS:
                    yield path.relative_to(package).as_posix()


def test_lists_a_test_for_every_module_that_opens_connections() -> None:
    assert set(_openers()) == set(PARTIES), "let the new party hang in a test, and list both here"
    for test in PARTIES.values():
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), test


@asynccontextmanager
async def _hanging(says: bytes) -> AsyncIterator[int]:
    """Run a server that sends this much and then hangs; return its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        await reader.read()
        while await reader.read(65_536):
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


def _llm(port: int) -> LlmSettings:
    base_url = f"http://127.0.0.1:{port}/v1"
    return LlmSettings.parse_obj(
        {"model": "m", "embedding_model": "e", "base_url": base_url, "timeout": "1s", "user_per_minute": 20}
    )


async def _model(port: int) -> None:
    model = LanguageModel(_llm(port))
    assert await model.complete("system", "user") is None
    assert model.counts["timed_out"] == 1
    await model.close()


async def _outcome_receiver(port: int) -> None:
    secrets = read_secrets(f"whsec_{base64.b64encode(bytes(32)).decode()}")
    target = WebhookTarget(f"http://127.0.0.1:{port}/", secrets, time.time, timeout_s=1.0)
    (settled,) = await target.send([Claimed(1, "msg_1", "{}")])
    assert settled.problem
    await target.close()


async def _posthog_project(port: int) -> None:
    target = PosthogTarget(f"http://127.0.0.1:{port}", Secret("phc_k"), time.time, timeout_s=1.0)
    data = OutcomeData("demo", "u1", "0" * 32, "t1", "shown")
    outcome = Outcome("msg_1", OutcomeType.MADE, "2026-01-01T00:00:00.000Z", data)
    (settled,) = await target.send([Claimed(1, outcome.id, outcome.encode())])
    assert settled.problem
    await target.close()


async def _embeddings(port: int) -> None:
    embeddings = Embeddings(_llm(port), {"a": "text"}, ":memory:")
    assert await embeddings._vector_of("question") is None
    assert embeddings.counts["failed"] == 1
    await embeddings.stop()


async def _redis(port: int) -> None:
    connection = RedisConnection(Secret(f"redis://127.0.0.1:{port}/0"), "store.url in autoplay.yml")
    assert not await connection.check()
    assert connection.health()["state"] == "failed"
    assert "store.url" in connection.health()["remedy"]
    await connection.close()


async def _live_activity(port: int) -> None:
    timeout = aiohttp.ClientTimeout(total=live_activity._REQUEST_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        url = live_request.live_activity_url(f"http://127.0.0.1:{port}", "demo", "anna", 10)
        with pytest.raises(AutoplayError):
            await live_request.ask(http, url, now=0.0, left_out=lambda *_: None)


async def _upstream(port: int) -> None:
    with pytest.raises(AutoplayError, match="does not answer"):
        await upstream.get_json(f"http://127.0.0.1:{port}/x", token="t", params={}, timeout_s=1.0)


async def _posthog_api(port: int) -> None:
    async with destination_api._api(f"http://127.0.0.1:{port}", "1", "phx_k") as api:
        with pytest.raises(AutoplayError, match="PostHog does not answer"):
            await api.find("ours")


async def _doctors_server(port: int) -> None:
    _, _, why = await asyncio.to_thread(running._get, f"http://127.0.0.1:{port}/", "")
    assert why.startswith("the server does not answer")


async def _doctors_redis(port: int) -> None:
    policy, why = await asyncio.to_thread(machine.redis_policy, f"redis://127.0.0.1:{port}/0")
    assert (policy, bool(why)) == ("", True)


async def _tail(port: int) -> None:
    tail = reader.TailReader(f"http://127.0.0.1:{port}", "k" * 16)
    with pytest.raises(AutoplayError):
        await asyncio.to_thread(list, tail.moments())


async def _studio_link(port: int) -> None:
    with pytest.raises(AutoplayError):
        await asyncio.to_thread(studio_link.make_studio_link, f"http://127.0.0.1:{port}", "k" * 16)


#: The calls, and their time limits in seconds.
_CALLS: dict[str, tuple[Callable[[int], Awaitable[None]], float]] = {
    "language model": (_model, 1.0),
    "embeddings": (_embeddings, 2.0),
    "a receiver of outcomes": (_outcome_receiver, 1.0),
    "PostHog as a receiver of outcomes": (_posthog_project, 1.0),
    "Redis": (_redis, 5.0),
    "live activity": (_live_activity, live_activity._REQUEST_TIMEOUT_S),
    "upstream's REST": (_upstream, 1.0),
    "PostHog's API": (_posthog_api, 2.0),
    "the studio's link": (_studio_link, 2.0),
    "the doctor's Rasa server": (_doctors_server, running._TIMEOUT_S),
    "the live tail": (_tail, 2.0),
    "the doctor's Redis": (_doctors_redis, machine._TIMEOUT_S),
}


@pytest.mark.parametrize("says", _STALLS.values(), ids=_STALLS)
@asynchronous
async def test_call_ends_within_its_time_limit(says: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """All parties hang at once, each behind its own port."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-s3cret")
    monkeypatch.setattr(operator_request, "_TIMEOUT_S", 2.0)  # 10 s in a terminal
    monkeypatch.setattr(destination_api, "_TIMEOUT_S", 2.0)  # 30 s in a terminal
    monkeypatch.setattr(reader, "_SILENCE_S", 2.0)  # 35 s, because heartbeats are rare
    took_s: dict[str, float] = {}

    async def call(name: str) -> None:
        async with _hanging(says) as port:
            begun = time.monotonic()
            await _CALLS[name][0](port)
            took_s[name] = time.monotonic() - begun

    await asyncio.to_thread(__import__, "openai.resources.chat.completions")
    await asyncio.gather(*map(call, _CALLS))
    late = {name: took for name, took in took_s.items() if took > _CALLS[name][1] + _LATE_S}
    assert not late, late
