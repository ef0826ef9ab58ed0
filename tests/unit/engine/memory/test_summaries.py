"""A session's summary by a source or model reaches triggers, now and in the user's later sessions."""

from __future__ import annotations

from pathlib import Path

from support.engine_parts import T0, EngineParts
from support.run import asynchronous
from support.visits import DAY, comes, leaves, parts, stored

from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
from rasa_autoplay.engine.triggers.context import context_of
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SummaryPayload


async def context(made: EngineParts, session_id: str) -> ProactiveTriggerContext:
    return context_of(await made.session(session_id), 0.0, made.clock.now, made.follower)


async def summarize(made: EngineParts, session_id: str, text: str, at: float) -> None:
    payload = SummaryPayload("demo", session_id, text, 0, T0 + at)
    assert (await made.session(session_id)).summarize(payload)


@asynchronous
async def test_trigger_reads_the_newest_and_earlier_summaries(tmp_path: Path) -> None:
    store = SqlMemoryStore(f"sqlite:///{tmp_path / 'memory.db'}")
    async with parts(tmp_path, store) as made:
        await comes(made, 0, "menu", session="s1")
        first = await context(made, "s1")
        assert (first.latest_summary_text, first.prior_session_summaries) == ("", ())
        await summarize(made, "s1", "They opened the menu.", 1)
        await summarize(made, "s1", "They looked at formats.", 2)
        assert (await context(made, "s1")).latest_summary_text == "They looked at formats."
        await leaves(made)
    assert [record.analysis.summary for record in await stored(store)] == ["They looked at formats."]
    (tmp_path / "next").mkdir()
    async with parts(tmp_path / "next", store) as made:
        await comes(made, DAY, "menu", session="s2")
        second = await context(made, "s2")
        assert second.latest_summary_text == ""
        assert second.prior_session_summaries == ("They looked at formats.",)
    await store.close()


@asynchronous
async def test_does_not_return_another_users_summaries(tmp_path: Path) -> None:
    store = SqlMemoryStore(f"sqlite:///{tmp_path / 'memory.db'}")
    async with parts(tmp_path, store) as made:
        await comes(made, 0, "menu", session="s1")
        await summarize(made, "s1", "They opened the menu.", 1)
        await leaves(made)
        await comes(made, DAY, "menu", session="s2", user="u2")
        assert (await context(made, "s2")).prior_session_summaries == ()
    await store.close()
