"""A session as text for a model."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.sdk.context_store import AsyncContextStore, actions_bucket_id


def batch(
    *descriptions: str, at: float = 100.0, product: str = "demo", session: str | None = "s1"
) -> ActionsPayload:
    actions = [SlimAction("", text, "/a", index=7, type="click") for text in descriptions]
    return ActionsPayload(product, session, None, None, actions, forwarded_at=at)


def store(*payloads: ActionsPayload, now: float = 110.0, **options: Any) -> AsyncContextStore:
    made = AsyncContextStore(clock=lambda: now, **options)

    async def fill() -> None:
        for payload in payloads:
            await made.add(payload)

    asyncio.run(fill())
    return made


def summarise(target: AsyncContextStore, session: str = "s1", text: str = "They looked round.") -> None:
    asyncio.run(target.on_summary(session, text))


@pytest.mark.parametrize(
    ("product", "session", "bucket"),
    [
        ("demo", "s1", "demo\x1fs1"),
        (" demo ", " s1 ", "demo\x1fs1"),
        ("", "s1", "s1"),
        (None, "s1", "s1"),
        ("demo", None, "demo\x1funknown"),
        (None, "", "unknown"),
    ],
)
def test_identifies_a_session_by_product_and_id(
    product: str | None, session: str | None, bucket: str
) -> None:
    assert actions_bucket_id(product, session) == bucket


def test_formats_summary_and_actions_as_text() -> None:
    filled = store(batch("Opened billing"), batch("Clicked Upgrade"))
    summarise(filled)
    assert filled.get("s1", product_id="demo") == (
        "Summary: They looked round.\n\n"
        "Recent activity:\n"
        "1. [7] click: Opened billing — /a\n"
        "2. [7] click: Clicked Upgrade — /a"
    )


def test_appends_the_question_to_the_text() -> None:
    filled = store(batch("Opened billing"))
    assert filled.enrich("s1", "How?", product_id="demo") == (
        "[Session context]\nRecent activity:\n1. [7] click: Opened billing — /a\n\n[Query]\nHow?"
    )
    assert filled.enrich("unknown", "How?") == "How?"


def lines(text: str) -> list[str]:
    return [line.split(": ")[1].split(" —")[0] for line in text.splitlines()[1:]]


def test_summary_or_actions_can_be_omitted_by_default_or_per_call() -> None:
    filled = store(batch("a"), include_summary=False)
    summarise(filled)
    assert filled.get("s1", product_id="demo").startswith("Recent activity:")
    only_summary = filled.get("s1", product_id="demo", include_summary=True, include_actions=False)
    assert only_summary == "Summary: They looked round."
    assert filled.get("s1", product_id="demo", include_actions=False) == ""


def test_keeps_the_newest_actions_even_within_a_batch() -> None:
    filled = store(batch("a", "b"), batch("c", "d"), max_actions=3)
    assert lines(filled.get("s1", product_id="demo")) == ["b", "c", "d"]
    assert lines(filled.get("s1", product_id="demo", max_actions=1)) == ["d"]
    assert lines(filled.get("s1", product_id="demo", max_actions=None)) == ["a", "b", "c", "d"]
    assert filled.get("s1", product_id="demo", max_actions=0) == ""


def test_omits_old_batches_and_drops_them_with_its_own_lookback() -> None:
    payloads = (batch("old", at=49.0), batch("edge", at=50.0), batch("new", at=109.0))
    filled = store(*payloads)
    assert lines(filled.get("s1", product_id="demo", lookback_seconds=60)) == ["edge", "new"]
    forgetting = store(*payloads, lookback_seconds=60)
    assert lines(forgetting.get("s1", product_id="demo", lookback_seconds=None)) == ["edge", "new"]


def test_keeps_products_with_the_same_session_id_apart() -> None:
    filled = store(batch("a", product="one"), batch("b", product="two"))
    assert lines(filled.get("s1", product_id="one")) == ["a"]
    assert lines(filled.get("s1", product_id="two")) == ["b"]
    assert filled.get("s1", product_id="three") == ""
    assert filled.get("s1") == ""


def test_without_a_product_uses_the_only_one_that_has_the_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    filled = store(batch("a"), batch("b", session="other"))
    with caplog.at_level(logging.WARNING):
        assert lines(filled.get("s1")) == ["a"]
        filled.get("other")
    assert caplog.text.count("product_id") == 1


def test_stores_batches_without_a_product_or_session() -> None:
    filled = store(batch("a", product=""), batch("b", session=None))
    assert lines(filled.get("s1")) == ["a"]
    assert lines(filled.get("unknown", product_id="demo")) == ["b"]


@pytest.mark.parametrize("product", ["demo", None])
def test_omits_a_session_after_reset(product: str | None) -> None:
    filled = store(batch("a"), batch("b", session="other"))
    summarise(filled)
    filled.reset("s1", product_id=product)
    assert filled.get("s1", product_id="demo") == ""
    assert filled.active_sessions == ["demo\x1fother"]


def test_lists_sessions_sorted() -> None:
    filled = store(batch("a", session="s2"), batch("a", session="s1"))
    summarise(filled, "s0")
    assert filled.active_sessions == ["demo\x1fs1", "demo\x1fs2", "s0"]


def test_evicts_the_least_recent_session_with_its_summary() -> None:
    filled = store(batch("a", session="s1"), batch("b", session="s2"), max_sessions=3)
    summarise(filled, "s1")
    asyncio.run(filled.add(batch("c", session="s1")))
    asyncio.run(filled.add(batch("d", session="s3")))
    # s2 was the oldest, then the summary's entry of s1, whose actions are still stored.
    assert filled.active_sessions == ["demo\x1fs1", "demo\x1fs3", "s1"]
    asyncio.run(filled.add(batch("e", session="s4")))
    assert filled.get("s1", product_id="demo").startswith("Summary: ")
    asyncio.run(filled.add(batch("f", session="s5")))
    assert filled.get("s1", product_id="demo") == ""


def test_wires_a_summarizer_and_warns_of_a_replaced_callback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    summarizer = SimpleNamespace(on_summary=print)
    made = AsyncContextStore(summarizer)
    assert "replaced" in caplog.text
    asyncio.run(summarizer.on_summary("s1", "Done."))
    assert made.get("s1") == "Summary: Done."


@pytest.mark.parametrize("options", [{"lookback_seconds": 0}, {"max_actions": 0}, {"max_sessions": 0}])
def test_rejects_limits_below_one(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        AsyncContextStore(**options)


def test_orders_actions_of_all_batches_by_time() -> None:
    later, earlier = batch("later"), batch("earlier")
    later.actions[0].timestamp_start, earlier.actions[0].timestamp_start = 20.0, 10.0
    filled = store(later, earlier)
    assert [action.description for action in filled.get_actions("s1", "demo")] == ["earlier", "later"]
    assert [action.description for action in filled.get_actions("s1")] == ["earlier", "later"]
    assert [action.description for action in filled.get_actions("s1", "demo", max_actions=1)] == ["later"]
    assert filled.get_actions("unknown", "demo") == []


def test_vendor_code_can_read_the_batches() -> None:
    filled = store(batch("a"))
    assert [len(payload.actions) for payload in filled._actions[actions_bucket_id("demo", "s1")]] == [1]
