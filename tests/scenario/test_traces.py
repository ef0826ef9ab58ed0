"""One trace on real processes: from an action in the page to both chat bubbles and the language model."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from support.background import PATIENCE_S, BackgroundLoop, eventually
from support.language_model import LanguageModelServer
from support.pair import Pair
from support.span_collector import SpanCollector, tree_of
from support.span_table import undescribed
from support.user import User
from support.workshop import API_KEY, Workshop

from rasa_autoplay.common.tracing.offer_digest import offer_digest

pytestmark = pytest.mark.slow

TREE = """\
gateway: POST /capture
  gateway: intake
    gateway: link event
      engine: apply event
        engine: decide
          engine: offer
            gateway: feed
              gateway: POST /proactive/ack
                gateway: ask acknowledge
                  engine: answer acknowledge
              gateway: POST /proactive/inject
                gateway: ask prepare_inject
                  engine: answer prepare_inject
                gateway: bubble 1
                gateway: bubble 2
                  gateway: ask follow_up
                    engine: answer follow_up
                      engine: chat stand-in
              gateway: POST /tour/end
                gateway: ask end_tour
                  engine: answer end_tour
              gateway: POST /tour/start
                gateway: ask start_tour
                  engine: answer start_tour"""


class Traced(NamedTuple):
    """A pair that traces, and what receives its spans."""

    pair: Pair
    collector: SpanCollector


@pytest.fixture(scope="module")
def traced(
    workshop: Workshop, background: BackgroundLoop, language_models: LanguageModelServer
) -> Iterator[Traced]:
    collector = SpanCollector()
    background.run(collector.start(), PATIENCE_S)
    project = workshop.project("traced")
    project.channel["tracing"] = project.autoplay["tracing"] = True
    project.autoplay["llm"] = {"model": "stand-in", "base_url": language_models.base_url}
    project.environment.update(collector.environment, OPENAI_API_KEY=API_KEY)
    with workshop.running(project, background) as pair:
        yield Traced(pair, collector)
    background.run(collector.close(), PATIENCE_S)


async def test_one_trace_crosses_both_processes(traced: Traced) -> None:
    pair, collector = traced
    user = User(pair, "anna")
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        await user.acknowledge(toast)
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        for _ in range(2):
            await window.bubble()
        (tour,) = toast.data["tours"]
        begun = {"user_id": user.id, "tour_id": tour["id"], "offer_id": toast.id}
        status, _ = await user.post("/tour/start", begun)
        assert status == 200
        ended = {"user_id": user.id, "outcome": "finished"}
        assert await user.post("/tour/end", ended) == (200, {"status": "ok"})
        lines = TREE.split("\n")
        for last in ("POST /tour/end", "answer end_tour", "bubble 2", "answer follow_up", "POST /capture"):
            await eventually(functools.partial(collector.named, last), what=f"the span {last}")
    assert tree_of(collector.spans) == lines
    (trace_id,) = {span.trace_id for span in collector.spans}
    assert int(trace_id, 16)
    assert undescribed(collector.spans) == []
    assert not [span for span in collector.spans if span.is_error]
    (offer,) = [span for span in collector.spans if span.name == "offer"]
    assert offer.attributes["autoplay.offer"] == offer_digest(toast.id)
    (chat,) = [span for span in collector.spans if span.name == "chat stand-in"]
    assert chat.attributes["gen_ai.response.finish_reasons"] == ["stop"]
    exported = b"".join(collector.bodies)
    secret = (toast.id, user.id, user.email, window.sender_id, str(toast.data["body"]))
    assert [word for word in secret if word.encode() in exported] == []
    assert (await pair.health())["tracing"]["state"] == "connected"


async def test_a_hanging_collector_does_not_delay_the_stop(traced: Traced) -> None:
    """The last test of this file, because it stops both processes."""
    pair, collector = traced
    collector.mood = "hanging"
    asked = collector.requests
    user = User(pair, "ben")
    async with user.feed() as feed:
        await user.send_story(user.story())
        await feed.toast()
    await eventually(lambda: collector.requests > asked, what="spans that nobody takes")
    await pair.hang_up()
    assert pair.rasa is not None
    assert pair.actions is not None
    stops = [await process.stop() for process in (pair.actions, pair.rasa)]
    assert max(stops) < 10.0
