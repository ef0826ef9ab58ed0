"""The screen People: search, who would benefit, one person, export and deletion."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.axe import AXE, RUN_AXE

from browser.studio.recorded_session import BEGAN, person
from browser.studio.stand_in import Refused, StudioStandIn

HOSTILE = '<img src=x onerror="document.title=1">\u202e'
Open = Callable[..., Page]


def _person(user_id: str, **more: Any) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "properties": {"plan": "pro", "seats": 5},
        "session_count": 3,
        "first_seen_at": BEGAN - 90_000,
        "last_seen_at": BEGAN,
        "latest_session": "s1",
        "mastered": [],
        "in_progress": {},
        "untouched": [],
        "struggles": [],
        "silences": [],
        "live": None,
        **more,
    }


def _found(*people: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "people": list(people),
        "matched": len(people),
        "searched": 1_000,
        "all_searched": False,
        "counts": {"mastered": 2, "struggling": 1, "snoozed": 0},
        "paths": [{"id": "export", "title": "Export a report"}],
        **more,
    }


@pytest.fixture(autouse=True)
def _people(answers: dict[str, Any]) -> None:
    struggles = [{"workflow": "export", "kind": "failures", "count": 3, "step": "format"}]
    ann = _person("ann@acme.test", mastered=["export"])
    ben = _person(
        "ben", struggles=struggles, live={"session_id": "s9", "page": "/reports", "active_at": BEGAN}
    )

    def find(query: dict[str, str], _body: Any) -> Any:
        if query.get("path"):
            benefit = {"reason": "struggles", "text": "Struggles: failures, 3×.", "quiet_until": "ever"}
            return _found({**ben, "benefit": benefit, "live": {**ben["live"], "on_path": True}})
        shown = [each for each in (ann, ben) if query.get("q", "") in each["user_id"]]
        return _found(*(each for each in shown if not query.get("state") or each["struggles"]))

    silence = {
        "trigger_id": "exports",
        "subject": "export",
        "status": "never",
        "shown_at": BEGAN,
        "until": None,
    }
    offer = {
        "offer_id": "o1",
        "trigger_id": "exports",
        "user_id": "ben",
        "session_id": "s1",
        "body": "Shall I show you?",
        "status": "dismissed",
        "life": {"queued": BEGAN},
    }
    answers["people"] = find
    answers["users/demo/ben/person"] = {**ben, **person(), "user_id": "ben", "silences": [silence]}
    answers["users/demo/ben/offers"] = {"offers": [offer]}


def _queries(server: StudioStandIn) -> list[dict[str, str]]:
    return [
        {k: v for k, v in each.query.items() if k != "limit"}
        for each in server.asked
        if each.path == "people"
    ]


def test_searches_while_typing_and_every_state_is_a_url(studio: Open, server: StudioStandIn) -> None:
    page = studio("#/people")
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("status").filter(has_text="among the 1,000 seen last")).to_be_visible()
    page.get_by_label("User or property").press_sequentially("be")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_label("User or property")).to_be_focused()
    page.get_by_role("button", name="Struggling 1").click()
    expect(page.get_by_role("button", name="Struggling 1")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("#/people?q=be&state=struggling")
    assert _queries(server)[-1] == {"q": "be", "state": "struggling"}
    expect(page.get_by_role("link", name="here now")).to_have_attribute("href", "#/session/s9?user=ben")


def test_names_who_would_benefit_from_a_path_now(studio: Open, server: StudioStandIn) -> None:
    page = studio("#/people")
    page.get_by_label("Who would benefit from").select_option("Export a report")
    row = page.get_by_role("row").filter(has_text="Struggles: failures, 3×.")
    expect(row).to_contain_text("On its page now.")
    expect(row).to_contain_text("Never wants to be asked again.")
    assert _queries(server)[-1] == {"path": "export"}


def test_shows_one_person_and_exports_their_data(
    studio: Open, server: StudioStandIn, answers: dict[str, Any]
) -> None:
    answers["users/demo/ben/export"] = {"user_id": "ben", "sessions": [], "texts": HOSTILE}
    page = studio("#/people/ben")
    expect(page.get_by_role("region", name="Facts")).to_contain_text("on /reports")
    expect(page.get_by_role("region", name="Silence")).to_contain_text("it counts for ever")
    expect(page.get_by_role("region", name="Offers")).to_contain_text("Shall I show you?")
    expect(page.get_by_role("region", name="Memory")).to_contain_text("Click Apply (error)")
    link = page.get_by_role("link", name="Click Apply (error)")
    expect(link).to_have_attribute("href", re.compile("#/session/s0.user=ben&at="))
    page.get_by_role("button", name="Export").click()
    page.get_by_label("Your name").fill("Cleo")
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "ben.json"
    assert json.loads(download.value.path().read_text("utf-8"))["texts"] == HOSTILE
    (asked,) = [each for each in server.asked if each.path == "users/demo/ben/export"]
    assert asked.query == {"by": "Cleo"}


def test_deletes_only_after_a_name_and_says_why_it_failed(
    studio: Open, server: StudioStandIn, answers: dict[str, Any]
) -> None:
    page = studio("#/people/ben")

    def delete() -> None:
        page.get_by_role("button", name="Delete…").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    delete()
    expect(page.get_by_label("Your name")).to_be_focused()
    page.get_by_role("button", name="Cancel").click()
    assert not [each for each in server.asked if each.path.endswith("/delete")]
    answers["users/demo/ben/delete"] = Refused(503, "the database cannot be used", "Check database.url.")
    page.get_by_role("button", name="Delete…").click()
    page.get_by_label("Your name").fill("Cleo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The database cannot be used. Check database.url.")).to_be_visible()
    assert page.url.endswith("#/people/ben")


def test_hostile_texts_stay_text(studio: Open, answers: dict[str, Any]) -> None:
    struggles = [{"workflow": HOSTILE, "kind": HOSTILE, "count": 3, "step": HOSTILE}]
    hostile = _person(HOSTILE, properties={HOSTILE: HOSTILE}, struggles=struggles, mastered=[HOSTILE])
    answers["people"] = _found(hostile, paths=[{"id": HOSTILE, "title": HOSTILE}])
    page = studio("#/people")
    expect(page.get_by_role("cell").filter(has_text="<img").first).to_be_visible()
    page.get_by_role("link", name="<img").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x")
    assert page.locator("main img").count() == 0
    assert page.title() == "People · Studio"


def test_says_what_to_do_without_results_and_after_a_failure(studio: Open, answers: dict[str, Any]) -> None:
    answers["people"] = _found()
    page = studio("#/people?q=nobody")
    expect(page.get_by_text("Nobody fits")).to_be_visible()
    answers["people"] = Refused(503, "the database cannot be read", "Check it.")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The database cannot be read.")
    answers["people"] = _found(_person("ann"))
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="ann")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
@pytest.mark.parametrize("route", ["#/people", "#/people/ben"])
def test_is_accessible_in_both_themes_and_on_a_phone(
    studio: Open, scheme: Any, width: int, route: str
) -> None:
    page = studio(route, color_scheme=scheme, viewport={"width": width, "height": 800})
    expect(page.locator("main .panel").last).to_be_visible()
    expect(page.locator("main [aria-busy]")).to_have_count(0)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.evaluate(AXE.read_text("utf-8"))
    assert not page.evaluate(RUN_AXE)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page).to_have_url(re.compile(route))
