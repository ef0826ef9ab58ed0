"""Health names the setting of posthog-js that keeps triggers from seeing what they need."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.session_rules import session_of_user
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, CapturedRequest

NOW = 1_800_000_000.0


def read(reader: CaptureReader, *events: dict[str, Any], user: str = "u1", at: float = NOW) -> list[Any]:
    """Have the reader read events of an identified user."""
    captured = [
        CapturedEvent(
            "",
            event.pop("event", "$autocapture"),
            user,
            at + number,
            {"$session_id": "s1", "$is_identified": True, "$event_type": "click", **event},
        )
        for number, event in enumerate(events)
    ]
    return reader.read(CapturedRequest("phc_x", captured, received_at=at + 60))


def click(chain: str = 'button:text="Save"', url: str = "https://a.example/p", **more: Any) -> dict[str, Any]:
    """A click on an element."""
    return {"$elements_chain": chain, "$current_url": url, **more}


def pages(*urls: str) -> list[dict[str, Any]]:
    """Page views."""
    return [{"event": "$pageview", "$current_url": url} for url in urls]


def hints(*events: dict[str, Any]) -> str:
    """What the setup of a page with two paths gives as hints, in one text."""
    reader = CaptureReader("demo")
    read(reader, *pages("https://a.example/p", "https://a.example/q"), *events)
    return " ".join(reader.setup.hints())


def test_says_nothing_about_a_good_page() -> None:
    assert hints(*[click() for _ in range(9)]) == ""


def test_names_masked_texts() -> None:
    assert "Remove mask_all_text, or" in hints(*[click('button:attr__id="save"attr_id="save"')] * 3)


def test_names_masked_attributes() -> None:
    assert "Remove mask_all_element_attributes." in hints(*[click('button:nth-child="1"')] * 3)


def test_names_controls_whose_label_is_nested() -> None:
    edge = click('button:attr__class="btn"')
    assert "clicks hit controls without a name" in hints(click(), *[edge] * 3)
    named = click('button:attr__class="btn"attr__aria-label="Save"')
    assert hints(click(), *[named] * 3) == ""


@pytest.mark.parametrize("mark", ["#/", "#!/"])
def test_names_hash_routes_without_page_views(mark: str) -> None:
    routes = [f"https://a.example/p{mark}{name}" for name in ("projects", "team", "plans")]
    clicks = [click(url=url) for url in routes]
    assert "addEventListener('hashchange'" in hints(*pages(routes[0]), *clicks)
    assert hints(*pages(*routes), *clicks) == ""


def test_names_a_hash_that_is_cut_off() -> None:
    reader = CaptureReader("demo")
    read(reader, *[click() for _ in range(3)])
    assert "disable_capture_url_hashes: false" in " ".join(reader.setup.hints())


@pytest.mark.parametrize(("devices", "apart_s", "is_told"), [(4, 60, True), (3, 60, False), (4, 900, False)])
def test_names_in_memory_persistence(devices: int, apart_s: int, is_told: bool) -> None:
    reader = CaptureReader("demo")
    for number in range(devices):
        visit = click(**{"$session_id": f"s{number}", "$device_id": f"d{number}"})
        read(reader, visit, *pages("https://a.example/q"), at=NOW + number * apart_s)
    told = " ".join(reader.setup.hints())
    assert ("persistence: 'memory'" in told and "sessions: of_user" in told) == is_told


def test_many_users_of_one_device_are_no_sign_of_it() -> None:
    reader = CaptureReader("demo")
    for number in range(9):
        read(reader, click(**{"$device_id": "d"}), *pages("https://a.example/q"), user=f"u{number}")
    assert reader.setup.hints() == []


def test_joins_the_page_loads_of_a_user_if_told_to() -> None:
    reader = CaptureReader("demo", session_of=session_of_user)
    batches = [read(reader, click(**{"$session_id": f"s{number}"})) for number in range(3)]
    assert {batch.session_id for (batch,) in batches} == {"user_u1"}
    assert [action.index for (batch,) in batches for action in batch.actions] == [0, 1, 2]
    anonymous: dict[str, Any] = {"$is_identified": False, "$device_id": "d"}
    visitor = read(reader, click(**anonymous), user="d")
    assert visitor[0].session_id == "s1"
