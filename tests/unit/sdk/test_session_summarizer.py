"""The summarizer that code written for the vendor's SDK uses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay import AsyncSessionSummarizer, SdkConfigError
from rasa_autoplay.events.models import ActionsPayload, SlimAction


def batch(*titles: str, session: str | None = "s1") -> ActionsPayload:
    actions = [SlimAction(title, title, "/a", type="click") for title in titles]
    return ActionsPayload("demo", session, None, None, actions)


class Model:
    """Returns its prompt, and records it."""

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self.failures = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        await self.may_answer.wait()
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the model is away")
        return f"summary {len(self.prompts)}"


class Summaries:
    """Records what ``on_summary`` receives."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []

    async def __call__(self, session_id: str, summary: str) -> None:
        self.got.append((session_id, summary))


@asynchronous
async def test_summarizes_at_the_threshold() -> None:
    model, summaries = Model(), Summaries()
    summarizer = AsyncSessionSummarizer(model, threshold=3, on_summary=summaries, prompt="Sum up:\n{actions}")
    await summarizer.add(batch("a", "b"))
    await summarizer.flush()
    assert summaries.got == []
    assert await summarizer.active_sessions == ["s1"]
    await summarizer.add(batch("c"))
    await summarizer.flush()
    assert summaries.got == [("s1", "summary 1")]
    assert [line.split(": ")[-1].split(" —")[0] for line in model.prompts[0].splitlines()[1:]] == [
        "a",
        "b",
        "c",
    ]
    assert await summarizer.get_context("s1") == ""
    assert await summarizer.active_sessions == []


@asynchronous
async def test_keeps_the_actions_when_the_model_fails() -> None:
    model, summaries = Model(), Summaries()
    model.failures = 1
    summarizer = AsyncSessionSummarizer(model, threshold=1, on_summary=summaries, prompt="{actions}")
    await summarizer.add(batch("a"))
    await summarizer.add(batch("b"))
    await summarizer.flush()
    assert summaries.got == [("s1", "summary 2")]
    assert "a" in model.prompts[1]
    assert "b" in model.prompts[1]


@asynchronous
async def test_slow_model_delays_only_its_own_session() -> None:
    slow, summaries = Model(), Summaries()
    slow.may_answer.clear()

    async def model(prompt: str) -> str:
        return await slow(prompt) if "slow" in prompt else "quick"

    summarizer = AsyncSessionSummarizer(model, threshold=1, on_summary=summaries, prompt="{actions}")
    await summarizer.add(batch("slow", session="s1"))
    for _ in range(3):
        await summarizer.add(batch("b", session="s2"))
    await eventually(lambda: len(summaries.got) == 3, what="the other session's summaries")
    assert {session for session, _ in summaries.got} == {"s2"}
    slow.may_answer.set()
    await summarizer.flush()
    assert summaries.got[-1] == ("s1", "summary 1")


@asynchronous
async def test_reset_forgets_the_actions() -> None:
    summarizer = AsyncSessionSummarizer(Model(), threshold=2)
    await summarizer.add(batch("a"))
    await summarizer.flush()
    await summarizer.reset("s1")
    assert await summarizer.get_context("s1") == ""


@asynchronous
async def test_treats_braces_in_actions_as_text() -> None:
    model = Model()
    summarizer = AsyncSessionSummarizer(model, threshold=1, prompt="{actions} {{kept}}")
    await summarizer.add(batch("{user.__class__} {0}"))
    await summarizer.flush()
    assert "{user.__class__} {0}" in model.prompts[0]
    assert "{kept}" in model.prompts[0]


@asynchronous
async def test_failing_callback_affects_nothing_else() -> None:
    async def failing(_session_id: str, _summary: str) -> None:
        raise RuntimeError("no")

    model = Model()
    summarizer = AsyncSessionSummarizer(model, threshold=1, on_summary=failing)
    await summarizer.add(batch("a"))
    await summarizer.add(batch("b"))
    await summarizer.flush()
    assert len(model.prompts) == 2


@asynchronous
async def test_drops_batches_above_the_queue_size() -> None:
    model = Model()
    model.may_answer.clear()
    summarizer = AsyncSessionSummarizer(model, threshold=1, max_queue_size=2)
    for _ in range(5):
        await summarizer.add(batch("a"))
    assert summarizer.dropped == 3
    model.may_answer.set()
    await summarizer.flush()


@pytest.mark.parametrize("prompt", ["no placeholder", "{actions} {user}", "{actions", "{}"])
def test_refuses_a_template_that_cannot_be_filled(prompt: str) -> None:
    async def make() -> None:
        AsyncSessionSummarizer(Model(), prompt=prompt)

    with pytest.raises(SdkConfigError, match=r"\{actions\}"):
        asyncio.run(make())


def test_refuses_a_threshold_below_one() -> None:
    model: Callable[[str], Awaitable[str]] = Model()
    with pytest.raises(SdkConfigError, match="threshold"):
        AsyncSessionSummarizer(model, threshold=0)
