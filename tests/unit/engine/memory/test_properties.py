"""User properties from the app reach triggers: in this session, and on another day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.engine_parts import T0, EngineParts
from support.run import asynchronous
from support.visits import APP, DAY, leaves, parts, stored

from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.sources.intake import Intake
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.wire import decode_request

PRO = """  - id: for-pros
    body: "As a pro, you can …"
    when: {segment: {properties: {plan: pro}}}
"""


async def visits(made: EngineParts, at: float, session: str, events: list[dict[str, Any]]) -> None:
    """Pass posthog-js events through capture and intake to the driver."""
    made.clock.now = T0 + at
    reader, taken = CaptureReader("demo"), list[ActionsPayload]()

    def sink(payload: Any, _source: str) -> None:
        taken.append(payload)

    intake = Intake("demo", "capture", made.clock)
    properties = {"$session_id": session, "$current_url": f"{APP}/reports", "$is_identified": True}
    sent = [
        {
            "event": event["event"],
            "distinct_id": event.get("who", "u1"),
            "timestamp": made.clock.now,
            "properties": {**properties, **event.get("properties", {})},
        }
        for event in events
    ]
    request = decode_request(
        msgspec.json.encode(sent), content_type="application/json", query={}, received_at=made.clock.now
    )
    for payload in reader.read(request):
        intake.accept(payload, sink)
    await made.take(*taken)
    await made.at(at + 1)


VIEW = {"event": "$pageview"}


def identify(**properties: Any) -> dict[str, Any]:
    return {"event": "$identify", "properties": {"$set": properties}}


@pytest.mark.parametrize(("plan", "offers"), [("pro", 1), ("PRO", 1), ("free", 0)])
@asynchronous
async def test_user_properties_are_known_at_once_and_days_later(
    tmp_path: Path, plan: str, offers: int
) -> None:
    store = SqlMemoryStore(f"sqlite:///{tmp_path / 'memory.db'}")
    async with parts(tmp_path, store, PRO) as made:
        await visits(made, 0, "s1", [VIEW])
        assert await made.offers() == []
        await visits(made, 10, "s1", [identify(plan=plan, email="anna@example.com")])
        assert len(await made.offers()) == offers
        await leaves(made)
        assert made.keeper is not None
        await made.keeper.finish_pending()
    (only,) = await stored(store)
    assert only.analysis.properties == {"plan": plan}
    # posthog-js sends them once: the browser does not repeat them the next day.
    (tmp_path / "next").mkdir()
    async with parts(tmp_path / "next", store, PRO) as made:
        await visits(made, DAY, "s2", [VIEW])
        assert len(await made.offers()) == offers
        await leaves(made)
    assert {record.analysis.session_id: record.analysis.properties for record in await stored(store)} == {
        "s1": {"plan": plan},
        "s2": {"plan": plan},
    }
    await store.close()


@asynchronous
async def test_removed_property_no_longer_counts(tmp_path: Path) -> None:
    store = SqlMemoryStore(f"sqlite:///{tmp_path / 'memory.db'}")
    async with parts(tmp_path, store) as made:
        await visits(made, 0, "s1", [identify(plan="pro", role="admin")])
        await leaves(made)
        await visits(made, DAY, "s2", [VIEW, {"event": "$set", "properties": {"$unset": ["plan"]}}])
        await leaves(made)
    (tmp_path / "next").mkdir()
    async with parts(tmp_path / "next", store, PRO) as made:
        await visits(made, 2 * DAY, "s3", [VIEW])
        assert await made.offers() == []
        facts = made.follower.user_history(await made.session("s3"))
        assert facts is not None
        assert (facts.properties.get("plan"), facts.properties["role"]) == (None, "admin")
    await store.close()


@asynchronous
async def test_keeps_users_properties_apart(tmp_path: Path) -> None:
    async with parts(tmp_path, None, PRO) as made:
        await visits(made, 0, "s1", [identify(plan="pro")])
        await visits(made, 5, "s1", [{"event": "$identify", "who": "u2"}, {**VIEW, "who": "u2"}])
        session = await made.session()
        assert (session.user_id, session.properties) == ("u2", None)
