"""The client's queries about a product: golden paths and a user's memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.records import Record, Records
from rasa_autoplay.common.runtime.backoff import Backoff
from rasa_autoplay.errors import AutoplayError, ConfigError, MalformedEvent, SourceRefused
from rasa_autoplay.gateway.sources.connector import AsyncConnectorClient
from rasa_autoplay.gateway.sources.upstream import product_base, safe_url

MEMORY = {
    "knowledge_state": {
        "mastered": ["connect_data_source", "export"],
        "in_progress": {
            "slack": {"attempts": 2, "last_issue": "missed step: verify", "best_completion_pct": 85.0}
        },
        "untouched": [],
    },
    "struggle_patterns": [{"workflow": "slack", "times": 3}, {"workflow": "export", "times": None}],
}


@asynccontextmanager
async def answering(answer: object, status: int = 200) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A server that always gives the same answer, its origin, and the requests that it got."""
    requests: list[web.Request] = []

    async def handle(request: web.Request) -> web.Response:
        requests.append(request)
        if isinstance(answer, str):
            return web.Response(text=answer, status=status)
        return web.json_response(answer, status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", requests
    finally:
        await runner.cleanup()


def test_queries_golden_paths_beside_the_stream() -> None:
    async def scenario() -> None:
        answer = {
            "results": [{"title": "Bulk edit", "score": 0.9, "text": "1. Open the menu"}, {"title": "Export"}]
        }
        async with answering(answer) as (origin, requests):
            client = AsyncConnectorClient(f"{origin}/api/stream/my%20app", "uk_1")
            paths = await client.query_knowledge_base(query="change & save?", top_k=2)
        assert requests[0].raw_path.startswith("/api/knowledge-base/my%20app?")
        assert dict(requests[0].query) == {"query": "change & save?", "top_k": "2"}
        assert requests[0].headers["Authorization"] == "Bearer uk_1"
        assert [(path.title, path.get("score")) for path in paths] == [("Bulk edit", 0.9), ("Export", None)]
        assert paths.to_text() == "1. Open the menu\n\ntitle: Export"

    asyncio.run(scenario())


def test_reads_a_users_memory_by_attribute() -> None:
    async def scenario() -> None:
        async with answering(MEMORY) as (origin, requests):
            client = AsyncConnectorClient(f"{origin}/webhooks/autoplay", "uk_1", product_id="demo")
            memory = await client.get_user_memory(user_id="ann/../bob@x")
        assert requests[0].raw_path == "/webhooks/autoplay/users/demo/ann%2F..%2Fbob%40x/memory"
        assert memory.knowledge_state.mastered == ["connect_data_source", "export"]
        assert memory.knowledge_state.in_progress["slack"].best_completion_pct == 85.0
        assert memory.struggle_patterns[0].times == 3

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        ({}, 401, SourceRefused),
        ({}, 404, SourceRefused),
        ({}, 500, AutoplayError),
        ("no JSON", 200, AutoplayError),
        ([1], 200, MalformedEvent),
        ("null", 200, MalformedEvent),
    ],
)
def test_invalid_response_is_an_error(answer: object, status: int, error: type[AutoplayError]) -> None:
    async def scenario() -> None:
        async with answering(answer, status) as (origin, _):
            client = AsyncConnectorClient(f"{origin}/stream/demo", "uk_secret")
            for question in (client.query_knowledge_base(query="q"), client.get_user_memory(user_id="u")):
                with pytest.raises(error) as raised:
                    await question
                assert "uk_secret" not in str(raised.value)

    asyncio.run(scenario())


def test_unreachable_server_error_names_the_server() -> None:
    async def scenario() -> None:
        async with answering({}) as (origin, _):
            pass
        with pytest.raises(AutoplayError, match=f"{origin}.*does not answer"):
            await AsyncConnectorClient(f"{origin}/stream/demo").query_knowledge_base(query="q")

    asyncio.run(scenario())


def test_url_without_a_product_error_names_what_is_missing() -> None:
    with pytest.raises(ConfigError, match="product_id"):
        asyncio.run(AsyncConnectorClient("https://host/").get_user_memory(user_id="u"))


@pytest.mark.parametrize(
    ("url", "product", "base"),
    [
        ("https://h/stream/demo", "", ("https://h", "demo")),
        ("https://h:8443/a/b/stream/demo/?x=1", "", ("https://h:8443/a/b", "demo")),
        ("https://h/stream/a%2Fb", "", ("https://h", "a%2Fb")),
        ("https://h/stream/demo", "other", ("https://h", "other")),
        ("https://h/webhooks/autoplay/", "demo", ("https://h/webhooks/autoplay", "demo")),
    ],
)
def test_builds_the_url_of_a_product(url: str, product: str, base: tuple[str, str]) -> None:
    assert product_base(url, product) == base


def test_shows_urls_without_secrets() -> None:
    assert safe_url("https://user:pw@h:1/stream/demo?token=t#f") == "https://h:1/stream/demo"


def test_record_works_like_an_object_and_a_mapping() -> None:
    record = Record(MEMORY)
    assert record.knowledge_state == Record(MEMORY["knowledge_state"])  # type: ignore[arg-type]
    assert record["knowledge_state"]["untouched"] == []
    assert (len(record), "nothing" in record, record.get("nothing")) == (2, False, None)
    with pytest.raises(AttributeError, match="nothing"):
        record.nothing  # noqa: B018 - reading it is the test
    with pytest.raises(AttributeError):
        record._fields_of_another_kind  # noqa: B018


def test_formats_a_record_as_text() -> None:
    assert Record(MEMORY).to_text() == (
        "knowledge_state:\n"
        "  mastered: connect_data_source, export\n"
        "  in_progress:\n"
        "    slack:\n"
        "      attempts: 2\n"
        "      last_issue: missed step: verify\n"
        "      best_completion_pct: 85.0\n"
        "  untouched: none\n"
        "struggle_patterns:\n"
        "  - workflow: slack\n"
        "    times: 3\n"
        "  - workflow: export\n"
        "    times: none"
    )


@pytest.mark.parametrize("answer", [None, 1, "text", {}, [1], {"a": [], "b": []}, {"a": [1]}])
def test_requires_a_list_of_objects(answer: Any) -> None:
    with pytest.raises(MalformedEvent):
        Records.from_answer(answer)


def test_accepts_a_bare_array_even_if_empty() -> None:
    assert [record.id for record in Records.from_answer([{"id": 1}, {"id": 2}])] == [1, 2]
    assert Records.from_answer({"results": []}) == []


@given(st.floats(0.001, 100), st.floats(1, 100), st.integers(1, 10_000))
def test_wait_stays_within_limits_and_grows(initial: float, factor: float, failures: int) -> None:
    backoff = Backoff(initial, initial * factor)
    wait = backoff.wait_s(failures)
    assert 0.8 * initial <= wait <= initial * factor
    if initial * 2.0 ** min(failures - 1, 60) * 1.25 < initial * factor:
        assert initial * 2.0 ** (failures - 1) <= wait * (1 + 1e-9)


def test_default_waits_vary_between_1_and_30_seconds() -> None:
    backoff = Backoff(1.0, 30.0)
    for failures, least, most in ((1, 1.0, 1.25), (3, 4.0, 5.0), (5, 16.0, 20.0), (9, 24.0, 30.0)):
        waits = [backoff.wait_s(failures) for _ in range(50)]
        assert least <= min(waits) < max(waits) <= most
