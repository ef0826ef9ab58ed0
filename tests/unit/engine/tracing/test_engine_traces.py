"""The engine's part of traces, with a stand-in for OpenTelemetry."""

from __future__ import annotations

from typing import Any

import msgspec
from support.engine_parts import Publisher, batch, save
from support.run import asynchronous

from rasa_autoplay.common.tracing.remote_caller import RemoteCaller
from rasa_autoplay.common.tracing.sampling import always
from rasa_autoplay.common.tracing.span import Span
from rasa_autoplay.common.tracing.trace_parent import format_trace_parent, parse_trace_parent
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.tracing.base import NoTraces
from rasa_autoplay.engine.tracing.traces import EngineTraces, deciding, join_offer, offering
from rasa_autoplay.link.frames import FeedFrame, trace_notice
from rasa_autoplay.link.messages import Delivered, Event, Reply
from rasa_autoplay.link.redis.peer_messages import Call, OpenChat
from rasa_autoplay.link.requests import Acknowledge, EndTour, GetHealth
from rasa_autoplay.settings.engine import SessionSettings

ACTION = format_trace_parent(0xA, 0xB)
SHOWN = format_trace_parent(0xA, 0xC)
#: A gateway does not know the trace of a click.
CLICK = format_trace_parent(0xD, 0xE, is_sampled=False)


class Recorded:
    """What the engine needs of OpenTelemetry."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.samples = always

    def record(self, span: Span) -> None:
        self.spans.append(span)

    def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""

    def health(self) -> dict[str, Any]:
        return {}

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]


def traces() -> tuple[EngineTraces, Recorded, Publisher]:
    sink, publisher = Recorded(), Publisher()
    made = EngineTraces(sink)  # type: ignore[arg-type]
    made.publishing(publisher)
    return made, sink, publisher


def session() -> Session:
    return Session(("demo", "s1"), SessionSettings(), 0.0)


def offer(offer_id: str = "offer_1", **fields: Any) -> Offer:
    return Offer(offer_id, "saves", "Shall I?", "demo", "s1", "u1", 1.0, 121.0, 1.0, **fields)


def event(trace_parent: str = ACTION) -> Event:
    return Event(batch(save(0)), "capture", trace_parent=trace_parent)


def test_an_offer_continues_the_trace_of_its_action() -> None:
    made, sink, publisher = traces()
    about = session()
    with made.applying("gateway_1", event()), deciding(about), offering(offer()):
        frame = made.publishing(publisher)
        frame.push("gateway_1", FeedFrame("u1", "proactive", "offer_1", "{}"))
    assert sink.names == ["apply event", "offer", "decide"]
    applied, offered, decided = sink.spans
    assert {span.trace.trace_id for span in sink.spans} == {0xA}
    assert (applied.parent_id, decided.parent_id, offered.parent_id) == (
        0xB,
        applied.span_id,
        decided.span_id,
    )
    (_, notice), (_, toast) = publisher.pushed
    assert (notice.is_trace_notice, notice.trace_parent) == (True, ACTION)
    assert toast.trace_parent == offered.trace_parent()
    assert about.offer_trace == ("offer_1", offered.trace_parent())


def test_a_decision_without_an_offer_is_not_recorded() -> None:
    made, sink, publisher = traces()
    with made.applying("gateway_1", event()), deciding(session()):
        pass
    with made.applying("gateway_1", event()), deciding(session()):
        withheld = offer(status=OfferStatus.WITHHELD)
        with offering(withheld):
            pass
    assert (sink.spans, publisher.pushed) == ([], [])


def test_an_event_that_is_not_sampled_begins_nothing() -> None:
    made, sink, _ = traces()
    with made.applying("gateway_1", event("")), deciding(session()), offering(offer()):
        pass
    assert sink.spans == []


def test_a_decision_that_waited_is_about_the_newest_event() -> None:
    made, sink, publisher = traces()
    with made.applying("gateway_1", event()) as first:
        assert first is not None
        with made.applying("gateway_2", event(format_trace_parent(0x1, 0x2))):
            pass
        with deciding(session()), offering(offer()):
            pass
    assert {span.trace.trace_id for span in sink.spans} == {0x1}
    assert [gateway_id for gateway_id, _ in publisher.pushed] == ["gateway_2"]


def test_a_timer_begins_a_trace_that_links_to_the_last_event() -> None:
    made, sink, _ = traces()
    with made.applying("gateway_1", event()):
        pass
    with made.on_timer(), deciding(session()), offering(offer()):
        pass
    offered, decided = sink.spans
    assert decided.parent_id == 0
    assert decided.links == [parse_trace_parent(ACTION)]
    assert offered.trace.trace_id not in (0, 0xA)


@asynchronous
async def test_a_click_joins_its_offers_trace_and_tells_the_gateway() -> None:
    made, sink, _ = traces()
    with made.applying("gateway_1", event()), deciding(session()), offering(offer()):
        pass
    made.applying("gateway_1", Delivered("offer_1", ["f1"], "u1", SHOWN))
    with RemoteCaller(CLICK) as caller, made.answering(Acknowledge("offer_1", "seen", "u1")):
        pass
    answer = sink.spans[-1]
    assert (answer.trace.trace_id, answer.parent_id) == (0xA, 0xE)
    assert caller.answered_in == SHOWN


@asynchronous
async def test_a_request_that_names_no_offer_joins_when_the_engine_finds_it() -> None:
    made, sink, _ = traces()
    with made.applying("gateway_1", event()), deciding(session()), offering(offer()):
        pass
    before = len(sink.spans)
    with RemoteCaller(CLICK) as caller, made.answering(EndTour("u1", "finished")):
        join_offer("")
        join_offer("unknown")
        assert len(sink.spans) == before
        join_offer("offer_1")
    assert sink.names[before:] == ["answer end_tour"]
    assert caller.answered_in.startswith(f"00-{0xA:032x}-")


@asynchronous
async def test_another_request_is_not_recorded() -> None:
    made, sink, _ = traces()
    with RemoteCaller(CLICK) as caller, made.answering(GetHealth()):
        pass
    assert (sink.spans, caller.answered_in) == ([], "")


def test_the_next_engine_continues_the_offer_of_a_session() -> None:
    made, _, _ = traces()
    about = session()
    with made.applying("gateway_1", event()), deciding(about), offering(offer()):
        pass
    another, sink, _ = traces()
    another.adopt(session())
    another.adopt(about)
    with RemoteCaller(CLICK), another.answering(Acknowledge("offer_1", "seen", "u1")):
        pass
    assert sink.spans[0].trace.trace_id == 0xA


def test_nothing_happens_if_tracing_is_off() -> None:
    off, publisher = NoTraces(), Publisher()
    assert off.publishing(publisher) is publisher
    about = session()
    with off.applying("g", event()), off.on_timer(), off.answering(GetHealth()), deciding(about):
        join_offer("offer_1")
    off.adopt(about)
    assert (off.health(), about.offer_trace) == ({}, None)


def test_messages_are_the_same_as_before_if_tracing_is_off() -> None:
    raw = msgspec.Raw(b"{}")
    messages = [
        event(""),
        Delivered("o", ["f"], "u"),
        FeedFrame("u", "proactive", "o", "{}"),
        Reply(raw),
        Call("c", raw, 1.0),
        OpenChat("q", "g", "s", "u", "t", "o", ""),
    ]
    for message in messages:
        assert b"trace" not in msgspec.json.encode(message)
    assert b"trace_parent" in msgspec.json.encode(trace_notice("u", ACTION))
