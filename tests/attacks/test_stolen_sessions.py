"""Mallory sends events with Anna's analytics session id, or uses the browser after her."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.deployment import DEADLINE_S, JWT_KEY, LINK_SECRET, Deployment, deployed, signed
from support.gateway import ServedGateway, served_gateway
from support.run import asynchronous

HERS = "ps-anna"
REQUIRED: dict[str, Any] = {"identity": "required", "jwt_key": JWT_KEY, "link": {"secret": LINK_SECRET}}
_SAVE = 'button:attr__id="edit-save"nth-child="1"text="Save changes"'


def event(name: str, uuid: str, who: str = "", **properties: Any) -> dict[str, Any]:
    """Return an event of her session; of an anonymous visitor if no user is given."""
    own = {
        "$session_id": HERS,
        "distinct_id": who or "device",
        "$device_id": "device",
        "$is_identified": bool(who),
        "$current_url": "https://app.example.com/projects/7/edit",
    }
    return {"uuid": uuid, "event": name, "properties": {**own, **properties}}


def save(number: int, who: str, **properties: Any) -> dict[str, Any]:
    click = {"$event_type": "click", "$elements_chain": _SAVE}
    return event("$autocapture", f"{who}-save-{number}", who, **click, **properties)


def capture(*events: Any) -> dict[str, Any]:
    return {"api_key": "phc_x", "batch": list(events)}


async def toast_after_saves(made: Deployment, user: str, numbers: range) -> dict[str, Any]:
    """Save that many times, and wait for the toast."""
    stream = await made.listen(user)
    for number in numbers:
        assert (await made.post("/capture/e/", capture(save(number, user)), user))[0] == 200
    return await stream.toast()


THEFTS = {
    "anonymous": [event("$pageview", "m1", **{"$current_url": "https://evil.example/"})],
    "as himself": [event("$identify", "m2", "mallory"), save(1, "mallory")],
    "with her past's end": [{**save(2, "mallory"), "timestamp": "2099-01-01T00:00:00Z"}],
    "with her events' ids": [{**save(3, "mallory"), "uuid": f"anna-save-{number}"} for number in range(3)],
}


@pytest.mark.parametrize("theft", THEFTS)
@pytest.mark.parametrize("identity", ["required", "report_only"])
@asynchronous
async def test_a_stolen_session_id_does_not_change_the_owners_window(
    tmp_path: Path, identity: str, theft: str
) -> None:
    async with deployed(tmp_path, identity=identity) as made:
        for number in range(2):
            assert (await made.post("/capture/e/", capture(save(number, "anna")), "anna"))[0] == 200
        stolen = capture(*THEFTS[theft])
        assert (await made.post("/capture/e/", stolen, "mallory"))[0] == 200
        toast = await toast_after_saves(made, "anna", range(2, 3))
        assert toast["session_id"] == HERS


@asynchronous
async def test_a_second_user_of_the_browser_gets_a_separate_session(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        hers = save(0, "anna", email="anna@example.com")
        assert (await made.post("/capture/e/", capture(hers, save(1, "anna")), "anna"))[0] == 200
        # The page has not registered his email yet, and keeps sending hers.
        first = save(0, "ben", email="anna@example.com")
        assert (await made.post("/capture/e/", capture(first), "ben"))[0] == 200
        toast = await toast_after_saves(made, "ben", range(1, 3))
        assert toast["session_id"].startswith(f"{HERS}~for~")
        (offer,) = await made.engine.stores.ledger.history("demo", "ben")
        session = await made.engine.sessions.find(("demo", offer.session_id))
        assert session is not None
        assert (session.user_id, session.email, len(session.window)) == ("ben", None, 3)
        # She returns, and her history is still there.
        assert (await toast_after_saves(made, "anna", range(2, 3)))["session_id"] == HERS


@asynchronous
async def test_rejects_session_ids_with_a_reserved_prefix(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        forged = save(0, "mallory", **{"$session_id": f"{HERS}~for~0123456789abcdef"})
        assert (await made.post("/capture/e/", capture(forged), "mallory"))[0] == 200

        async def is_counted() -> bool:
            return bool((await made.health())["sources"]["capture"].get("unsafe_id") == 1)

        await eventually(is_counted, within_s=DEADLINE_S, what="the id is refused")


async def posted(gateway: ServedGateway, user: str, *events: Any) -> int:
    content = json.dumps(capture(*events)).encode()
    headers = signed(user) if user else {}
    return (await gateway.request("POST", "/capture/e/", content, headers))[0]


@asynchronous
async def test_a_rejected_request_changes_no_state() -> None:
    key = {"project_key": "phc_x"}
    async with served_gateway(**REQUIRED, capture=key) as gateway:
        person = {"email": "anna@example.com", "$timezone": "Europe/Berlin"}
        assert await posted(gateway, "anna", save(0, "anna", **person)) == 200
        before = await gateway.health("capture")
        lie = {"email": "mallory@example.com", "$timezone": "Asia/Tokyo", "$set": {"email": "m@example.com"}}
        identify = event("$identify", "anna-save-1", "anna", **lie)
        assert await posted(gateway, "mallory", identify, save(2, "anna", **lie)) == 403
        assert await posted(gateway, "", identify) == 401
        content = json.dumps({"api_key": "phc_other", "batch": [identify]}).encode()
        assert (await gateway.request("POST", "/capture/e/", content, signed("anna")))[0] == 401
        after = await gateway.health("capture")
        changed = {name for name in after if after[name] != before.get(name)}
        assert changed <= {"of_another_user", "refused", "remedy", "last_event_age_s"}
        # A rejected event is new when she sends it, and the session is still hers.
        assert await posted(gateway, "anna", save(1, "anna"), save(2, "anna")) == 200
        assert len(gateway.actions) == 3
        assert {batch.email for batch in gateway.batches} == {"anna@example.com"}
        assert {batch.timezone for batch in gateway.batches} == {"Europe/Berlin"}


@asynchronous
async def test_rejects_other_users_events_and_keeps_the_senders_own() -> None:
    async with served_gateway(**REQUIRED) as gateway:
        assert await posted(gateway, "ben", save(0, "anna"), save(0, "ben"), event("$pageview", "b1")) == 200
        assert [(action.user_id, action.type) for action in gateway.actions] == [
            ("ben", "click"),
            ("ben", "pageview"),
        ]
        health = await gateway.health("capture")
        assert (health["accepted"], health["of_another_user"]) == (2, 1)
