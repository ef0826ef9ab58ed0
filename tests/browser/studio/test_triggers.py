"""Screen Triggers: figures, pauses, the rule in words, and toasts that the product itself draws."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect
from support.axe import AXE, RUN_AXE

from browser.studio.stand_in import Refused, StudioStandIn

HOSTILE = '<img src=x onerror="window.hacked=1">[click](javascript:alert(1)) **b** {{7*7}}'
TOAST = {
    "offer_id": "preview",
    "trigger_id": "saves",
    "body": "Shall I? See [the manual](https://example.com/manual) or [ours](/manual).",
    "tours": [
        {"id": "export", "flow_id": "export", "label": "Show me", "provider": "driverjs", "title": "E"}
    ],
}
TRIGGER: dict[str, Any] = {
    "trigger_id": "saves",
    "kind": "rule",
    "builtin": "",
    "state": "live",
    "share": 0.5,
    "golden_path": {"id": "export", "title": "Export a report"},
    "variants": [],
    "paused": None,
}
DETAIL = {
    **TRIGGER,
    "paused_all": None,
    "rule": [
        {"text": "the user is on /projects"},
        {"text": "at least one of these holds", "parts": [{"text": "the user has done nothing for 5 s"}]},
    ],
    "rollout": "50 % of the users can get its toast.",
    "holdout": "",
    "goal": "The user finishes “Export a report” within 7 days after the decision.",
    "limits": ["At most 1 toast of this trigger to a user in a day."],
    "toasts": [{"variant": "", "share": 1, "is_sample": False, "toast": TOAST}],
}
DIFFERENCE = {
    "treated": {"users": 100, "reached": 40},
    "control": {"users": 100, "reached": 20},
    "treated_share": 0.4,
    "control_share": 0.2,
    "difference": 0.2,
    "low": 0.05,
    "high": 0.35,
}
RESULT = {
    "trigger_id": "saves",
    "variant": "",
    "goal": 'finished "Export a report"',
    "funnel": {
        "fired": 30,
        "offered": 20,
        "sent": 20,
        "rendered": 18,
        "seen": 16,
        "accepted": 8,
        "tour_finished": 6,
        "goal_reached": {"shown": 5},
    },
    "verdict": "helps",
    "answer": "Yes: 40 % of the users with the toast finished it.",
    "comparison": {
        "goal": DIFFERENCE,
        "failures": {**DIFFERENCE, "difference": 0.0, "low": None, "high": None},
        "warnings": ["Still running: 4 users."],
        "since": 1_700_000_000,
    },
    "harm": {"seen": 16, "dismissed_share": 0.25, "never_share": 0},
    "losses": [
        {"stage": "stopped", "cause": "min_interval", "text": "another toast was shown", "count": 7},
        {"stage": "refused", "cause": "dismissed", "text": "the user closed the toast", "count": 4},
    ],
}
PAUSE = {"trigger_id": "saves", "at": 1_700_000_000, "who": "Ann", "why": "wrong words"}


@pytest.fixture
def triggers(answers: dict[str, Any]) -> dict[str, Any]:
    answers["triggers"] = {"triggers": [TRIGGER], "paused_all": None, "holdout": "", "paused_unknown": []}
    answers["triggers/saves"] = DETAIL
    answers["results"] = {"triggers": [RESULT], "at": 1_700_000_000}
    return answers


def previews_of(page: Page) -> list[Frame]:
    """The frames, once each of them shows its toast."""
    expect(page.locator("iframe")).to_have_count(4)
    for index in range(4):
        frame = page.frame_locator("iframe").nth(index)
        expect(frame.get_by_text("Shall I?")).to_be_visible()
    return page.frames[1:]


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


def test_list_and_detail_are_accessible(studio: Callable[..., Page], triggers: dict[str, Any]) -> None:
    page = studio("#/triggers")
    expect(page.get_by_role("row", name=re.compile("saves"))).to_contain_text("+20 points")
    expect(page.get_by_text("It helps")).to_be_visible()
    assert violations_in_both_themes(page) == []
    page.get_by_role("link", name="saves").click()
    expect(page.get_by_role("heading", name="saves")).to_be_visible()
    expect(page.get_by_text("Yes: 40 % of the users")).to_be_visible()
    expect(page.get_by_text("Another toast was shown")).to_be_visible()
    expect(page.get_by_text("The user has done nothing for 5 s")).to_be_visible()
    previews_of(page)
    assert violations_in_both_themes(page) == []


def test_pauses_with_a_reason_and_remembers_the_name(
    studio: Callable[..., Page], triggers: dict[str, Any], server: StudioStandIn
) -> None:
    def pause(_query: Any, body: Any) -> Any:
        paused = body["action"] == "pause"
        triggers["triggers/saves"] = {**DETAIL, "paused": PAUSE if paused else None}
        return {"has_changed": True, "pauses": []}

    triggers["pauses"] = pause
    page = studio("#/triggers/saves")
    page.get_by_role("button", name="Pause").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Pause").click()
    expect(dialog).to_be_visible()  # a reason is required
    dialog.get_by_label("Why?").fill("wrong words")
    dialog.get_by_label("Your name").fill("Ann")
    page.keyboard.press("Enter")
    expect(page.get_by_role("note")).to_contain_text("Ann")
    expect(page.get_by_role("note")).to_contain_text("“wrong words”")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("dialog").get_by_label("Your name")).to_have_value("Ann")
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    changes = [asked.body for asked in server.asked if asked.path == "pauses"]
    assert changes == [
        {"action": "pause", "trigger_id": "saves", "why": "wrong words", "by": "Ann"},
        {"action": "resume", "trigger_id": "saves", "why": "", "by": "Ann"},
    ]


def test_a_pause_of_all_shows_on_each_trigger(studio: Callable[..., Page], triggers: dict[str, Any]) -> None:
    all_of_them = {**PAUSE, "trigger_id": "", "why": "incident"}
    triggers["triggers"] = {**triggers["triggers"], "paused_all": all_of_them}
    page = studio("#/triggers")
    expect(page.get_by_role("note")).to_contain_text("All triggers are paused: Ann")
    expect(page.get_by_role("row", name=re.compile("saves"))).to_contain_text("Paused")
    expect(page.get_by_role("button", name="Resume all")).to_be_visible()


def test_says_why_a_pause_was_refused(studio: Callable[..., Page], triggers: dict[str, Any]) -> None:
    triggers["pauses"] = Refused(503, "the database cannot be used", "Check database.url.")
    page = studio("#/triggers")
    page.get_by_role("button", name="Pause all").click()
    page.get_by_label("Why?").fill("incident")
    page.get_by_label("Your name").fill("Ann")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The database cannot be used. Check database.url.")).to_be_visible()


def test_previews_differ_in_theme_width_and_direction(
    studio: Callable[..., Page], triggers: dict[str, Any]
) -> None:
    page = studio("#/triggers/saves")
    looks = []
    for frame in previews_of(page):
        looks.append(
            frame.evaluate("""() => {
              const card = document.querySelector("rasa-autoplay").shadowRoot.querySelector(".card");
              const { colorScheme, direction } = getComputedStyle(card);
              return [colorScheme, direction, innerWidth];
            }""")
        )
    schemes, directions, widths = zip(*looks, strict=True)
    assert schemes == ("light", "dark", "light", "light")
    assert directions == ("ltr", "ltr", "ltr", "rtl")
    assert widths[2] == 373, "a phone's 375 px, with the frame's borders"


def test_previewed_toast_does_nothing_and_sends_nothing(
    studio: Callable[..., Page], triggers: dict[str, Any], server: StudioStandIn
) -> None:
    page = studio("#/triggers/saves")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    opened: list[str] = []
    page.context.on("page", lambda other: opened.append(other.url))
    for frame in previews_of(page):
        before = frame.url
        for link in frame.locator("a").all() + frame.locator("button").all():
            box = link.bounding_box()
            assert box is not None
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert frame.url == before
        expect(frame.get_by_text("Shall I?")).to_be_visible()
    assert not opened
    assert not [url for url in sent if "studio/session" not in url]
    assert page.url.endswith("#/triggers/saves")


def test_hostile_texts_stay_text(studio: Callable[..., Page], triggers: dict[str, Any]) -> None:
    toast = {**TOAST, "body": f"Shall I? {HOSTILE}"}
    hostile = {
        **DETAIL,
        "rule": [{"text": HOSTILE}],
        "goal": HOSTILE,
        "limits": [HOSTILE],
        "paused": {**PAUSE, "who": HOSTILE, "why": HOSTILE},
        "toasts": [{"variant": "", "share": 1, "is_sample": False, "toast": toast}],
    }
    triggers["triggers/saves"] = hostile
    lost = {"stage": "tour", "cause": HOSTILE, "text": HOSTILE, "count": 3}
    triggers["results"] = {"triggers": [{**RESULT, "answer": HOSTILE, "losses": [lost]}]}
    page = studio("#/triggers/saves")
    expect(page.get_by_role("note")).to_contain_text('<img src=x onerror="window.hacked=1">')
    expect(page.get_by_text("<img src=x").first).to_be_visible()
    for frame in previews_of(page):
        assert frame.locator("img").count() == 0
        assert frame.locator("a").count() == 0, "javascript: is no link"
        assert frame.evaluate("window.hacked") is None
    assert page.locator("main img").count() == 0
    assert page.evaluate("window.hacked") is None


def test_variants_stand_side_by_side(studio: Callable[..., Page], triggers: dict[str, Any]) -> None:
    unknown = {"comparison": None, "verdict": "no_comparison", "answer": "Nobody to compare with."}
    variants = [{**RESULT, "variant": "long"}, {**RESULT, **unknown, "variant": "short"}]
    triggers["results"] = {"triggers": variants, "at": 1_700_000_000}
    toasts = [
        {"variant": name, "share": 0.5, "is_sample": False, "toast": {**TOAST, "body": f"Shall I? {name}"}}
        for name in ("long", "short")
    ]
    triggers["triggers/saves"] = {**DETAIL, "variants": ["long", "short"], "toasts": toasts}
    page = studio("#/triggers/saves")
    table = page.get_by_role("table").filter(has_text="Variant")
    expect(table.get_by_role("row", name=re.compile("long"))).to_contain_text("50 %25 %")
    expect(table.get_by_role("row", name=re.compile("short"))).to_contain_text("No comparison")
    page.get_by_label("Variant").select_option("short (50 % of the users)")
    expect(page.frame_locator("iframe").first.get_by_text("Shall I? short")).to_be_visible()


def test_empty_and_failed_states_say_what_to_do(
    studio: Callable[..., Page], triggers: dict[str, Any]
) -> None:
    triggers["triggers"] = {"triggers": [], "paused_all": None, "holdout": "", "paused_unknown": []}
    page = studio("#/triggers")
    expect(page.get_by_text("No triggers yet.")).to_be_visible()
    triggers["results"] = Refused(503, "the results are still being read", "Ask again in 30 s.")
    page.evaluate("location.hash = '#/triggers/saves'")
    expect(page.get_by_role("alert")).to_contain_text("Ask again in 30 s.")
    expect(page.get_by_text("The user is on /projects")).to_be_visible()  # the rest is shown


def test_fits_a_phone(studio: Callable[..., Page], triggers: dict[str, Any]) -> None:
    page = studio("#/triggers", viewport={"width": 375, "height": 800})
    for heading in ("Triggers", "saves"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        expect(page.get_by_text("It helps").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.evaluate("location.hash = '#/triggers/saves'")
