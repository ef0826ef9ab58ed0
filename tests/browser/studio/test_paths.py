"""Screen Golden paths: users by step, the health of elements, and previews by the product's own scripts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.axe import AXE, RUN_AXE

from browser.studio.stand_in import Refused, StudioStandIn

HOSTILE = '<img src=x onerror="window.hacked=1">[click](javascript:alert(1))'
NOW = time.time()


def step(step_id: str, title: str, share: float | None, state: str = "found", **other: Any) -> dict[str, Any]:
    health = {"state": state, "at": None, "page": "", "times": 0}
    return {
        "id": step_id,
        "title": title,
        "text": f"{title} it.",
        "element": f"#{step_id}",
        "elements": [f"#{step_id}"],
        "is_tracked": share is not None,
        "is_optional": False,
        "is_several": False,
        "users": 90,
        "share": share,
        "last_done_at": NOW - 7_800,
        "health": health,
        **other,
    }


MISSING = {"state": "missing", "at": NOW - 11_400, "page": "/reports", "times": 4}
CARD: dict[str, Any] = {
    "path_id": "export",
    "title": "Export a report",
    "description": "Send a report to others.",
    "page": "/reports",
    "has_tour": True,
    "users": {"mastered": 60, "began": 30, "never": 10},
    "steps": [
        step("menu", "Open the menu", 1.0, elements=["#menu", "#menu-mobile"], is_several=True),
        step("format", "Choose a format", 0.5, health=MISSING),
        step("say", "Tell your team", None, element=None, elements=[], health=None, last_done_at=None),
    ],
    "missed_most": {"step_id": "format", "title": "Choose a format", "users": 25},
    "median_s": 42.0,
    "timed": 80,
}
ABOUT = {"at": NOW - 5, "users_known": 100, "sessions": 250, "is_partial": False}
TOUR = {
    "id": "export",
    "flow_id": "export",
    "label": "Show me",
    "provider": "driverjs",
    "title": "Export a report",
    "steps": [
        {"id": "menu", "title": "Open the menu", "element": "#menu", "text": "The menu is **here**."},
        {"id": "format", "title": "Choose a format", "element": "#format", "text": "PDF or CSV."},
    ],
}
DETAIL: dict[str, Any] = {
    **CARD,
    **ABOUT,
    "preview": {
        "tour": TOUR,
        "chat": {"text": "Export a report:\n1. Open the menu.\n2. Choose a format.", "is_reworded": True},
        "search": {
            "query": "Export a report",
            "hits": [{"path_id": "export", "title": "Export a report", "description": "Send it."}],
        },
    },
}


@pytest.fixture
def paths(answers: dict[str, Any]) -> dict[str, Any]:
    answers["golden-paths"] = {"paths": [CARD], **ABOUT}
    answers["golden-paths/export"] = DETAIL
    return answers


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN_AXE)
    return found


def violations_in_both_themes(page: Page) -> list[str]:
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    found += violations(page)
    page.emulate_media(color_scheme="light")
    return found


def test_cards_and_detail_are_accessible(studio: Callable[..., Page], paths: dict[str, Any]) -> None:
    page = studio("#/paths")
    card = page.get_by_role("article")
    expect(card).to_contain_text(re.compile("60 mastered it.*30 began it.*10 never tried it"))
    expect(card).to_contain_text("Choose a format (25 users)")
    expect(card).to_contain_text("42 s, of 80 completions")
    expect(card.get_by_text("missing")).to_be_visible()
    assert violations_in_both_themes(page) == []
    page.get_by_role("link", name="Export a report").click()
    expect(page.get_by_role("row", name=re.compile("several times *#menu *or *#menu-mobile"))).to_be_visible()
    row = page.get_by_role("row", name=re.compile("Choose a format"))
    expect(row).to_contain_text("Last seen missing 3 hr. ago on /reports, 4 reports.")
    expect(row).to_contain_text("2 hr. ago")
    expect(row).to_contain_text("50 %")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("The menu is here.").last).to_be_visible()
    assert violations_in_both_themes(page) == []


def test_walks_through_the_tour(studio: Callable[..., Page], paths: dict[str, Any]) -> None:
    page = studio("#/paths/export")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("1 / 2")).to_be_visible()
    expect(page.get_by_role("button", name="Back")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Step 2 of 2: Choose a format")).to_be_visible()
    expect(frame.get_by_text("PDF or CSV.").last).to_be_visible()
    expect(frame.get_by_text("2 / 2")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()


def test_searches_as_the_chat_does(
    studio: Callable[..., Page], paths: dict[str, Any], server: StudioStandIn
) -> None:
    paths["knowledge-base/demo"] = {"results": []}
    page = studio("#/paths/export")
    search = page.get_by_role("searchbox")
    expect(search).to_have_value("Export a report")
    search.fill("how do I leave")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The chat would find no golden path.")).to_be_visible()
    (asked,) = [asked for asked in server.asked if asked.path == "knowledge-base/demo"]
    assert asked.query == {"query": "how do I leave", "top_k": "3"}


def test_confirms_a_suspect_step(
    studio: Callable[..., Page], paths: dict[str, Any], server: StudioStandIn
) -> None:
    suspect = {"path": "export", "step": "format", "text": f"users no longer do it {HOSTILE}"}
    paths["golden-paths"] = {"paths": [{**CARD, "suspects": [suspect]}], **ABOUT}
    paths["golden-paths/export"] = {**DETAIL, "suspects": [suspect]}

    def confirm(_query: Any, _body: Any) -> Any:
        paths["golden-paths/export"] = DETAIL
        return {"has_changed": True, "text": "The step counts as right from now on."}

    paths["golden-paths/confirm"] = confirm
    page = studio("#/paths")
    expect(page.get_by_role("article").get_by_text("suspect")).to_be_visible()
    assert violations_in_both_themes(page) == []
    page.get_by_role("link", name="Export a report").click()
    note = page.get_by_role("note")
    expect(note).to_contain_text(f"“Choose a format” may be out of date: users no longer do it {HOSTILE}")
    assert violations_in_both_themes(page) == []
    note.get_by_role("button").click()
    page.get_by_role("dialog").get_by_label("Your name").fill("Ann")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The step counts as right from now on.")).to_be_visible()
    expect(note).to_have_count(0)
    (asked,) = [asked.body for asked in server.asked if asked.path == "golden-paths/confirm"]
    assert asked == {"path_id": "export", "step_id": "format", "why": "", "by": "Ann"}


def test_hostile_texts_stay_text(studio: Callable[..., Page], paths: dict[str, Any]) -> None:
    card = {**CARD, "title": HOSTILE, "description": HOSTILE, "steps": [step("menu", HOSTILE, 1.0)]}
    tour = {**TOUR, "steps": [{"id": "menu", "title": HOSTILE, "element": "#menu", "text": HOSTILE}]}
    hit = {"path_id": "export", "title": HOSTILE, "description": HOSTILE}
    preview = {
        "tour": tour,
        "chat": {"text": HOSTILE, "is_reworded": False},
        "search": {"query": HOSTILE, "hits": [hit]},
    }
    paths["golden-paths"] = {"paths": [card], **ABOUT}
    paths["golden-paths/export"] = {**card, **ABOUT, "preview": preview}
    page = studio("#/paths")
    for route in ("#/paths", "#/paths/export"):
        page.evaluate("route => (location.hash = route)", route)
        expect(page.get_by_role("heading", name="<img src=x")).to_be_visible()
        assert page.locator("main img").count() == 0
        assert page.evaluate("window.hacked") is None
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("<img src=x").first).to_be_visible()
    expect(frame.locator("img, a")).to_have_count(0)


def test_states_say_what_to_do(studio: Callable[..., Page], paths: dict[str, Any]) -> None:
    paths["golden-paths"] = {"paths": [], **ABOUT}
    page = studio("#/paths")
    expect(page.get_by_text("No golden paths yet.")).to_be_visible()
    preview = {**DETAIL["preview"], "tour": None}
    nobody = {"users": {"mastered": 0, "began": 0, "never": 0}, "missed_most": None, "median_s": None}
    paths["golden-paths/export"] = {**DETAIL, **nobody, "timed": 0, "preview": preview}
    page.evaluate("location.hash = '#/paths/export'")
    expect(page.get_by_text("It has no tour.")).to_be_visible()
    expect(page.get_by_text("Nobody has completed it yet")).to_be_visible()
    paths["golden-paths/export"] = Refused(503, "the stored sessions cannot be read", "Check database.url.")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("Check database.url.")


def test_fits_a_phone(studio: Callable[..., Page], paths: dict[str, Any]) -> None:
    page = studio("#/paths", viewport={"width": 375, "height": 800})
    for route in ("#/paths", "#/paths/export"):
        page.evaluate("route => (location.hash = route)", route)
        expect(page.get_by_text("never tried it").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
