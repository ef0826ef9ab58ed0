"""Outcomes as PostHog's events: the same uuid in every repetition, and never taken for a user's action."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from support.background import eventually
from support.outcome_receiver import OutcomeReceiver, receiving
from support.outcomes import POSTHOG_KEY, outbound
from support.run import asynchronous

from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.events.outcome_types import POSTHOG_EVENTS
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, CapturedRequest


def events(receiver: OutcomeReceiver) -> list[dict[str, Any]]:
    """Return the events of all requests that were accepted."""
    return [event for each in receiver.accepted for event in each.decoded()["batch"]]


@asynchronous
async def test_sends_events_of_the_user(tmp_path: Path) -> None:
    async with receiving() as receiver, outbound(tmp_path, posthog={"host": receiver.origin}) as made:
        offer = await made.made("anna")
        await made.becomes(offer, OfferStatus.RENDERED)
        await eventually(lambda: len(events(receiver)) == 2, what="two events")
        assert receiver.requests[0].path == "/batch/"
        assert receiver.requests[0].decoded()["api_key"] == POSTHOG_KEY
        first, second = events(receiver)
        assert (first["event"], second["event"]) == ("autoplay_offer_made", "autoplay_offer_shown")
        assert first["distinct_id"] == "anna"
        assert first["properties"]["autoplay_trigger_id"] == "bulk_edit"
        assert first["properties"]["$process_person_profile"] is False
        own = {name for name in first["properties"] if not name.startswith("$")}
        assert all(name.startswith("autoplay_") for name in own)
        assert uuid.UUID(first["uuid"]) != uuid.UUID(second["uuid"])
        assert offer.offer_id not in str(events(receiver))


@asynchronous
async def test_a_repetition_has_the_same_uuid_and_time(tmp_path: Path) -> None:
    async with receiving() as receiver, outbound(tmp_path, posthog={"host": receiver.origin}) as made:
        receiver.next_moods = ["503 Busy", "cut off"]
        await made.made()
        await eventually(lambda: receiver.accepted, what="an event")
        batches = [each.decoded()["batch"] for each in receiver.requests]
        assert len(batches) == 3
        assert batches[0] == batches[1] == batches[2]


@asynchronous
async def test_tries_again_what_a_full_project_drops(tmp_path: Path) -> None:
    async with receiving() as receiver, outbound(tmp_path, posthog={"host": receiver.origin}) as made:
        receiver.say = '{"status": "Ok", "quota_limited": ["events"]}'
        await made.made()
        await eventually(lambda: len(receiver.requests) > 1, what="a second attempt")
        receiver.say = '{"status": "Ok"}'
        await eventually(lambda: made.in_state("delivered"), what="it is delivered")


def test_gateway_ignores_what_posthog_forwards() -> None:
    reader = CaptureReader("demo")
    forwarded = [
        CapturedEvent(
            uuid=f"u-{name}",
            event=name,
            distinct_id="u1",
            timestamp=1_700_000_000.0,
            properties={"$session_id": "s1", "email": "u1@example.com"},
        )
        for name in sorted(POSTHOG_EVENTS)
    ]
    request = CapturedRequest("phc_demo", forwarded, received_at=1_700_000_001.0)
    assert reader.read(request) == []
    assert reader.counts.ignored == len(POSTHOG_EVENTS)
