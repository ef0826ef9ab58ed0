"""The writer that keeps an agent's context up to date."""

from __future__ import annotations

import logging

import pytest
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay import AsyncAgentContextWriter, AsyncSessionSummarizer, SdkConfigError
from rasa_autoplay.events.models import ActionsPayload, SlimAction


def batch(*titles: str, session: str = "s1") -> ActionsPayload:
    return ActionsPayload("demo", session, None, None, [SlimAction(title, title, "/a") for title in titles])


async def summary(prompt: str) -> str:
    return f"summary of {prompt.count('/a')}"


class Destination:
    """Records the agent's context."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.fails = False

    async def write(self, session_id: str, text: str) -> None:
        if self.fails:
            raise RuntimeError("the destination is away")
        self.notes.append(f"{session_id}: {text}")

    async def overwrite(self, session_id: str, text: str) -> None:
        await self.write(session_id, text)
        del self.notes[:-1]


@asynchronous
async def test_writes_batches_and_replaces_them_by_the_summary() -> None:
    destination = Destination()
    summarizer = AsyncSessionSummarizer(summary, threshold=2)
    writer = AsyncAgentContextWriter(summarizer, destination.overwrite, destination.write)
    await writer.add(batch("a"))
    assert len(destination.notes) == 1
    await writer.add(batch("b"))
    await summarizer.flush()
    assert destination.notes == ["s1: summary of 2"]


@asynchronous
async def test_merges_batches_that_follow_each_other_closely() -> None:
    destination = Destination()
    summarizer = AsyncSessionSummarizer(summary, threshold=100)
    writer = AsyncAgentContextWriter(summarizer, destination.overwrite, destination.write, debounce_ms=20)
    for title in ("a", "b", "c"):
        await writer.add(batch(title))
    await writer.add(batch("d", session="s2"))
    await eventually(lambda: len(destination.notes) == 2, what="both sessions' batches")
    first = next(note for note in destination.notes if note.startswith("s1"))
    assert [title for title in "abcd" if f" {title} " in first.replace("\n", " ") + " "] == ["a", "b", "c"]


@asynchronous
async def test_failing_destination_still_gets_the_summary(caplog: pytest.LogCaptureFixture) -> None:
    destination = Destination()
    summarizer = AsyncSessionSummarizer(summary, threshold=1)
    writer = AsyncAgentContextWriter(summarizer, destination.overwrite, destination.write)
    destination.fails = True
    await writer.add(batch("a"))
    destination.fails = False
    await summarizer.flush()
    assert destination.notes == ["s1: summary of 1"]
    assert "write_actions failed" in caplog.text


@asynchronous
async def test_warns_when_it_replaces_a_callback(caplog: pytest.LogCaptureFixture) -> None:
    destination = Destination()
    summarizer = AsyncSessionSummarizer(summary, on_summary=destination.write)
    with caplog.at_level(logging.WARNING):
        AsyncAgentContextWriter(summarizer, destination.overwrite)
    assert "on_summary" in caplog.text


@asynchronous
async def test_refuses_a_negative_debounce() -> None:
    with pytest.raises(SdkConfigError, match="debounce_ms"):
        AsyncAgentContextWriter(AsyncSessionSummarizer(summary), Destination().overwrite, debounce_ms=-1)
