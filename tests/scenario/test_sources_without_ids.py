"""Sources without element ids and signals: paths and failures are detected anyway.

Real servers, with memory in PostgreSQL, over the stream, the webhook and capture.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from support.background import PATIENCE_S, BackgroundLoop, eventually
from support.connector import Connector
from support.pair import Pair
from support.postgres import PostgresServer
from support.project import ADMIN_KEY
from support.stories import action
from support.user import User
from support.workshop import STREAM_TOKEN, Workshop

#: Servers of its own; each source's decoding has quick tests too.
pytestmark = pytest.mark.slow

HIDDEN = "secret-of-the-webhook-4d1c"
PATH = "projects-bulk-edit"
WALK = ("Click Table options", "Click Bulk edit", "Click Select Mobile app 4.0", "Click Apply to 1")


@pytest.fixture(scope="module")
def own_connector(background: BackgroundLoop) -> Iterator[Connector]:
    server = Connector(STREAM_TOKEN)
    background.run(server.start(), PATIENCE_S)
    yield server
    background.run(server.close(), PATIENCE_S)


@pytest.fixture(scope="module")
def blind(
    workshop: Workshop,
    background: BackgroundLoop,
    own_connector: Connector,
    postgres_of_the_run: PostgresServer,
) -> Iterator[Pair]:
    """A pair with the stream, the webhook and capture."""
    postgres_of_the_run.make_database()
    project = workshop.project("without_ids")
    project.channel.update(stream={"url": own_connector.url, "token": STREAM_TOKEN}, webhook_secret=HIDDEN)
    project.autoplay["database"] = {"url": postgres_of_the_run.url}
    project.autoplay["triggers"] += [
        {"builtin": "rage_click"},
        {"builtin": "repeated_failure"},
        {"builtin": "dead_click"},
    ]
    with workshop.running(project, background) as pair:
        yield pair


async def push(user: User, *actions: dict[str, Any]) -> None:
    """Send a batch by the vendor's webhook."""
    body = json.dumps(user.batch(*actions)).encode()
    signature = "sha256=" + hmac.new(HIDDEN.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Connector-Signature": signature}
    async with user.pair.http.post(f"{user.pair.base}/events", data=body, headers=headers) as response:
        assert response.status == 200


async def memory_of(user: User) -> dict[str, Any]:
    """Return the user's memory as a server requests it."""
    place = f"{user.pair.base}/users/demo/{user.id}/memory"
    async with user.pair.http.get(place, headers={"Authorization": f"Bearer {ADMIN_KEY}"}) as response:
        answer: dict[str, Any] = await response.json()
        assert response.status == 200, answer
        return answer


async def masters(user: User) -> None:
    """Wait until memory contains this."""

    async def is_mastered() -> bool:
        return bool((await memory_of(user))["knowledge_state"]["mastered"] == [PATH])

    await eventually(is_mastered, what=f"{user.id} masters {PATH}")


async def test_a_complete_path_by_stream_is_mastery(blind: Pair, own_connector: Connector) -> None:
    user, now = User(blind, "walker"), time.time()
    for number, title in enumerate(WALK):
        own_connector.send(user.batch(action(title, at=now - 20 + 3 * number, index=number)))
    await masters(user)
    assert (await memory_of(user))["struggle_patterns"] == []


async def test_a_complete_path_by_capture_is_mastery(blind: Pair) -> None:
    user = User(blind, "captured")
    await user.send_story(user.story("discover_bulk_edit"))
    await masters(user)


async def test_half_a_path_by_webhook_is_in_progress_with_its_missed_step(blind: Pair) -> None:
    user, now = User(blind, "halfway"), time.time()
    await push(user, *(action(title, at=now - 20 + number) for number, title in enumerate(WALK[:2])))

    async def is_in_progress() -> bool:
        known = (await memory_of(user))["knowledge_state"]["in_progress"]
        return bool(list(known) == [PATH] and known[PATH]["last_issue"] == "missed step: select")

    await eventually(is_in_progress, what="bulk edit is in progress")


async def test_three_quick_clicks_by_webhook_are_a_rage_click(blind: Pair) -> None:
    user, now = User(blind, "raging"), time.time()
    async with user.feed() as feed:
        await push(user, *(action("Click Export", at=now - 2 + 0.3 * n, index=n) for n in range(3)))
        toast = await feed.toast()
    assert toast.data["trigger_id"] == "rage_click"


async def test_three_errors_by_webhook_are_a_repeated_failure(blind: Pair) -> None:
    user, now = User(blind, "unlucky"), time.time()
    async with user.feed() as feed:
        for number in range(3):
            says = "User saw an error message on the projects page"
            title = "Validation error"
            await push(
                user, action(title, at=now - 20 + 4 * number, index=number, type="blur", description=says)
            )
        toast = await feed.toast()
    assert toast.data["trigger_id"] == "repeated_failure"


async def test_health_counts_what_these_sources_cannot_show(blind: Pair, own_connector: Connector) -> None:
    user, now = User(blind, "counted"), time.time()
    own_connector.send(user.batch(action("Click Anything", at=now - 1)))
    await push(user, action("Click Anything else", at=now))

    async def is_counted() -> bool:
        counted = (await blind.health())["engine"].get("not_shown", {})
        return bool(counted == {name: {"steps": 0, "triggers": 1} for name in ("stream", "webhook")})

    await eventually(is_counted, what="health counts the dead clicks that nobody can show")
