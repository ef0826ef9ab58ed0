"""Programs read events, memory and golden paths from the Rasa server, as from the vendor's connector."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from support.background import eventually
from support.deployment import ADMIN_KEY, BASE, DEADLINE_S, Deployment, deployed
from support.run import asynchronous

from rasa_autoplay import ActionsPayload, AsyncConnectorClient, SourceRefused
from rasa_autoplay.gateway.subscriber_streams import EventStreams


def client_of(made: Deployment, product: str = "demo", key: str = ADMIN_KEY) -> AsyncConnectorClient:
    return AsyncConnectorClient(f"{made.origin}{BASE}/stream/{product}", key)


@asynccontextmanager
async def streaming(made: Deployment) -> AsyncIterator[tuple[AsyncConnectorClient, list[ActionsPayload]]]:
    """A client that reads the stream and collects what it read."""
    got: list[ActionsPayload] = []
    client = client_of(made).on_actions(got.append)
    task = client.run_in_background()
    try:
        await eventually(lambda: client.state == "connected", within_s=DEADLINE_S, what="the stream")
        yield client, got
    finally:
        client.stop()
        await task


@asynchronous
async def test_serves_events_memory_and_golden_paths_to_one_client(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made, streaming(made) as (client, got):
        await made.send_story("anna")

        def has_three_saves() -> bool:
            titles = [action.title for payload in got for action in payload.actions]
            return sum("Save changes" in title for title in titles) == 3

        await eventually(has_three_saves, within_s=DEADLINE_S, what="three saves")
        assert {payload.user_id for payload in got} <= {"anna", None}
        assert {payload.product_id for payload in got} == {"demo"}
        paths = await client.query_knowledge_base(query="bulk edit", top_k=1)
        assert paths[0].path_id == "projects-bulk-edit"
        memory = await client.get_user_memory(user_id="anna")
        assert memory.knowledge_state.mastered == []


@asynchronous
async def test_requires_the_admin_key_and_the_right_product(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        for client, what in ((client_of(made, key="guessed"), "401"), (client_of(made, "other"), "404")):
            with pytest.raises(SourceRefused, match=what):
                await client.run()


@asynchronous
async def test_the_stream_ends_when_the_server_stops(tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        async with deployed(tmp_path) as made:
            response = await http.get(f"{made.origin}{BASE}/stream/demo")
            assert await response.content.readline() == b": connected\n"
        await response.read()


@asynchronous
async def test_disconnects_and_counts_a_client_that_reads_too_slowly() -> None:
    streams = EventStreams()
    payload = ActionsPayload("demo", "s1", "u1", None, [])
    with streams.subscribe() as slow:
        for _ in range(1_001):
            streams.publish(payload)
        assert await slow.next() is None
    assert streams.counts == {"disconnected": 1}
    assert len(streams) == 0
