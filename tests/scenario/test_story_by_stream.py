"""The same story over the connector's stream, with every irregularity of a real stream."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import pytest
from support.background import eventually
from support.connector import Connector
from support.pair import Pair
from support.stories import action, save
from support.user import User

DASHBOARD = "https://app.example.com/dashboard"
#: As in the repository's autoplay.yml.
LOOKBACK_S = 300.0


def iso(seconds: float, zone: str = "Z") -> str:
    """Return ISO-8601 with microseconds."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f") + zone


async def stream_health(pair: Pair) -> dict[str, Any]:
    """Return the stream's health."""
    health: dict[str, Any] = (await pair.health())["sources"]["stream"]
    return health


@pytest.fixture
def now() -> float:
    """Shift each story so that its newest action has just happened."""
    return time.time() - 0.5


async def test_three_saves_by_stream_bring_one_toast(pair: Pair, connector: Connector, now: float) -> None:
    user = User(pair)
    async with user.feed() as feed:
        connector.send(*(user.batch(save(at=now - 20 * i, index=9 - i)) for i in (2, 1, 0)))
        toast = await feed.toast()
        await user.acknowledge(toast)
        await feed.stays_silent(2.5)
    assert pair.offers_to(user.id) == [toast.id]


async def test_irregular_batches_bring_the_same_toast(pair: Pair, connector: Connector, now: float) -> None:
    """Batches backwards in time, every kind of timestamp, wrong counts, nulls, and each batch twice."""
    user = User(pair)
    newest = user.batch(save(at=now, timestamp_start=iso(now), timestamp_end=None, index=None), count=17)
    middle = user.batch(
        save(at=now, timestamp_start=str(now - 30), timestamp_end=str(now - 30), email=None),
        None,
        "no action",
        count=0,
        forwarded_at=None,
        email=None,
    )
    oldest = user.batch(
        save(at=now, timestamp_start=iso(now - 60, ""), timestamp_end=iso(now - 60, ""), description=None)
    )
    anonymous = user.batch(action("Page load: Projects", at=now - 90, type="pageview"), user_id=None)
    async with user.feed() as feed:
        connector.send(newest, newest, middle, middle, anonymous)
        await feed.stays_silent(0.7)
        connector.send(oldest, oldest)
        toast = await feed.toast()
        await user.acknowledge(toast)
        connector.send(newest, middle, oldest)
        await feed.stays_silent(2.5)
    assert pair.offers_to(user.id) == [toast.id]


async def test_a_user_identified_in_the_last_batch_gets_the_toast(
    pair: Pair, connector: Connector, now: float
) -> None:
    user = User(pair)
    async with user.feed() as feed:
        connector.send(*(user.batch(save(at=now - 9 * i), user_id=None) for i in range(3)))
        await feed.stays_silent(0.7)
        connector.send(user.batch(user_id=user.id))
        toast = await feed.toast()
    assert toast.data["session_id"] == user.session_id


def two_saves(at: float) -> list[dict[str, Any]]:
    return [save(at=at - 5), save(at=at)]


def spread_over_more_than_two_minutes(at: float) -> list[dict[str, Any]]:
    return [save(at=at - 125), save(at=at - 60), save(at=at)]


def saves_elsewhere(at: float) -> list[dict[str, Any]]:
    return [save(at=at - 5 * i, url="https://app.example.com/customers") for i in range(4)]


def on_another_page_by_now(at: float) -> list[dict[str, Any]]:
    # Sent first, but the latest by its time.
    gone = action("Page load: Dashboard", at=at, url=DASHBOARD, type="pageview")
    return [gone, *(save(at=at - 5 - i) for i in range(3))]


def bulk_edit_used_before(at: float) -> list[dict[str, Any]]:
    return [action("Click Bulk edit", at=at - 100), *(save(at=at - i) for i in range(3))]


def applied_to_many_before(at: float) -> list[dict[str, Any]]:
    return [save(at=at - 40), action("Click APPLY TO 3", at=at - 30), save(at=at - 5), save(at=at)]


def bulk_edit_used_before_the_window_began(at: float) -> list[dict[str, Any]]:
    return [action("Click Bulk edit", at=at - 900), *(save(at=at - i) for i in range(3))]


@pytest.mark.parametrize(
    "story",
    [
        two_saves,
        spread_over_more_than_two_minutes,
        saves_elsewhere,
        on_another_page_by_now,
        bulk_edit_used_before,
        applied_to_many_before,
        bulk_edit_used_before_the_window_began,
    ],
)
async def test_shows_no_toast_when(story: Any, pair: Pair, connector: Connector, now: float) -> None:
    user = User(pair)
    async with user.feed() as feed:
        # The last save arrives in its own batch, so that each order is tested.
        actions = story(now)
        connector.send(user.batch(*actions[:-1]), user.batch(actions[-1]))
        # Actions older than the window leave it at once.
        await pair.has_taken(user.id, sum(now - each["timestamp_start"] < LOOKBACK_S for each in actions))
        await feed.stays_silent(0.7)
    assert pair.offers_to(user.id) == []


async def test_saves_count_when_the_user_returns_to_the_page(
    pair: Pair, connector: Connector, now: float
) -> None:
    user = User(pair)
    async with user.feed() as feed:
        connector.send(user.batch(*on_another_page_by_now(now - 5)))
        await feed.stays_silent(0.7)
        connector.send(user.batch(action("Page load: Projects", at=now, type="pageview")))
        await feed.toast()


async def test_another_products_user_with_the_same_session_id_gets_nothing(
    pair: Pair, connector: Connector, now: float
) -> None:
    ours, theirs = User(pair, "ours"), User(pair, "theirs")
    theirs.session_id = ours.session_id
    before = (await stream_health(pair)).get("other_product", 0)
    async with ours.feed() as our_feed, theirs.feed() as their_feed:
        connector.send(*(theirs.batch(save(at=now - i), product_id="other") for i in range(3)))
        connector.send(ours.batch(save(at=now - 50)), ours.batch(save(at=now - 40)))

        async def counted() -> bool:
            return bool((await stream_health(pair)).get("other_product") == before + 3)

        await eventually(counted, what="the other product's batches are counted")
        await our_feed.stays_silent(0.7)
        connector.send(ours.batch(save(at=now)))
        await our_feed.toast()
        await their_feed.stays_silent(0.5)
    assert pair.offers_to(theirs.id) == []


async def test_reconnects_and_misses_no_event(pair: Pair, connector: Connector, now: float) -> None:
    user = User(pair)
    async with user.feed() as feed:
        connector.send(user.batch(save(at=now - 20)), user.batch(save(at=now - 10)))
        await pair.has_taken(user.id, 2)
        connector.drop()
        await connector.disconnected()
        connector.send(user.batch(save(at=now)))
        await feed.toast()
    assert (await stream_health(pair))["state"] == "connected"


JUNK = {
    "no JSON": ("{not json", "malformed"),
    "a list": ("[1,2,3]", "malformed"),
    "null": ("null", "malformed"),
    "a number": ("42", "malformed"),
    "a text": ('"actions"', "malformed"),
    "no type": ("{}", "malformed"),
    "deeply nested": ("[" * 5000, "malformed"),
    "an unknown type": ('{"type":"prophecy","product_id":"demo"}', "unknown"),
    "10 MB": ('{"type":"actions","pad":"' + "x" * 10_000_000 + '"}', "oversized"),
}


async def test_counts_and_skips_junk_between_good_frames(
    pair: Pair, connector: Connector, now: float
) -> None:
    await connector.connected()
    user = User(pair)
    before, requests_before = await stream_health(pair), connector.requests
    async with user.feed() as feed:
        connector.send(user.batch(save(at=now - 20)))
        for text, _ in JUNK.values():
            connector.send_text(text)
            connector.send_heartbeat()
        connector.send(user.batch(save(at=now - 10)))
        # Valid JSON with invalid content.
        connector.send(
            user.batch(save(at=now), session_id=None),
            user.batch(save(at=now), session_id="   "),
            {**user.batch(), "actions": {"title": "Click Save changes"}, "session_id": "junk-1"},
            {**user.batch(), "actions": [7, None, "x", []], "session_id": ["junk-2"], "user_id": {"a": 1}},
            user.batch(save(at=now + 86_400), session_id="junk-3"),
        )
        connector.send(user.batch(save(at=now)))
        await feed.toast()
    after = await stream_health(pair)
    for kind in ("malformed", "unknown", "oversized"):
        expected = sum(1 for _, its_kind in JUNK.values() if its_kind == kind)
        assert after[kind] - before[kind] == expected, kind
    assert after["without_session_id"] - before.get("without_session_id", 0) == 3
    assert after["clock_ahead"] - before.get("clock_ahead", 0) == 1
    assert (after["state"], connector.requests) == ("connected", requests_before)


async def test_dates_saves_without_a_time_and_ignores_saves_from_the_future(
    pair: Pair, connector: Connector, now: float
) -> None:
    """Saves without a time get their batch's; saves dated next year are ignored."""
    user = User(pair)
    async with user.feed() as feed:
        connector.send(*(user.batch(save(at=now + 31_536_000 + i)) for i in range(3)))
        await feed.stays_silent(0.7)
        for i in range(3):
            undated = save(at=now, timestamp_start=None, timestamp_end=None, index=i)
            connector.send(user.batch(undated, forwarded_at=now - i))
        await feed.toast()
