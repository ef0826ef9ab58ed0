"""Pages whose posthog-js settings withhold what triggers need: counted anyway, or reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.gateway import ServedGateway, served_gateway
from support.run import asynchronous

PAGE = "http://127.0.0.1:8000/app?u=user-1"


def sent(name: str, number: int, **properties: Any) -> dict[str, Any]:
    """Return an event as posthog-js 1.449.2 sends it for a signed-in user; None omits a property."""
    own = {
        "$current_url": PAGE,
        "distinct_id": "user-1",
        "$user_id": "user-1",
        "$device_id": "device",
        "$session_id": "s1",
        "$is_identified": True,
    }
    kept = {key: value for key, value in {**own, **properties}.items() if value is not None}
    # Two seconds apart: quick clicks are a rage click.
    return {"uuid": f"e{number}", "event": name, "properties": kept, "offset": 10_000 - 2_000 * number}


def saves(text: str | None = "Save changes", **properties: Any) -> list[dict[str, Any]]:
    """Return a page view and three clicks on the same button."""
    chain = 'button:attr__id="save"attr_id="save"nth-child="1"' + (f'text="{text}"' if text else "")
    click = {"$event_type": "click", "$elements_chain": chain, "$el_text": text, **properties}
    return [
        sent("$pageview", 0, **properties),
        *(sent("$autocapture", number, **click) for number in (1, 2, 3)),
    ]


async def health_after(gateway: ServedGateway, events: list[dict[str, Any]]) -> dict[str, Any]:
    content = json.dumps({"api_key": "phc_any", "batch": events}).encode()
    assert (await gateway.request("POST", "/capture/e/", content))[0] == 200
    return await gateway.health("capture")


@asynchronous
async def test_uses_a_signed_in_user_as_the_session_when_none_is_sent() -> None:
    cookieless: dict[str, Any] = {"$session_id": None, "$device_id": None, "$cookieless_mode": True}
    async with served_gateway() as gateway:
        health = await health_after(gateway, saves(**cookieless))
        assert (health["accepted"], health["malformed"]) == (4, 0)
        assert {(batch.session_id, batch.user_id) for batch in gateway.batches} == {("user_user-1", "user-1")}


@asynchronous
async def test_drops_a_visitors_events_without_a_session_and_names_the_setting() -> None:
    visitor: dict[str, Any] = {
        "distinct_id": "$posthog_cookieless",
        "$user_id": None,
        "$is_identified": False,
    }
    cookieless: dict[str, Any] = {"$session_id": None, "$device_id": None, "$cookieless_mode": True}
    async with served_gateway() as gateway:
        health = await health_after(gateway, saves(**cookieless, **visitor))
        assert (health["accepted"], health["malformed"]) == (0, 4)
        (hint,) = health["hints"]
        assert "cookieless_mode" in hint


@pytest.mark.parametrize(
    ("events", "setting"),
    [(saves(text=None), "mask_all_text"), (saves(), "disable_capture_url_hashes")],
)
@asynchronous
async def test_names_a_setting_that_may_withhold_events(events: list[Any], setting: str) -> None:
    async with served_gateway() as gateway:
        health = await health_after(gateway, events)
        assert health["accepted"] == 4
        assert any(setting in hint for hint in health["hints"])


@pytest.mark.parametrize(
    "second", [{"$current_url": f"{PAGE}#/projects"}, {"$current_url": "http://127.0.0.1:8000/projects"}]
)
@asynchronous
async def test_does_not_warn_about_distinguishable_pages(second: dict[str, str]) -> None:
    async with served_gateway() as gateway:
        health = await health_after(gateway, [*saves(), sent("$pageview", 9, **second)])
        assert "hints" not in health


@asynchronous
async def test_uses_a_label_nested_in_the_button() -> None:
    chain = 'div:nth-child="1"text="Save changes";button:attr__type="button"nth-child="1"'
    async with served_gateway() as gateway:
        await health_after(
            gateway, [sent("$autocapture", 1, **{"$event_type": "click", "$elements_chain": chain})]
        )
        assert [action.title for action in gateway.actions] == ["Click Save changes"]
