"""My tips: a user finds offers again by keyboard, restarts tours, and decides what to hear about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from support.axe import AXE, RUN_AXE

from browser.unit.conftest import Visitor
from browser.unit.stand_in import STRICT_CSP, StandIn, offer

_SLOW = pytest.mark.slow
TIPS = "rasa-autoplay-tips dialog"
LIVE = "Changing projects one at a time?"


def live(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A live tip as the server lists it."""
    return {**offer(f"offer_{number}"), "topic": "path:bulk-edit", "at": time.time() - 60, **changes}


def past(number: int = 9, **changes: Any) -> dict[str, Any]:
    """A past tip."""
    return {
        "offer_id": f"offer_{number}",
        "topic": "path:export",
        "body": "Shall I show you how to **export** everything?",
        "at": time.time() - 90_000,
        "became": "snoozed",
        "tours": ["bulk-edit"],
        **changes,
    }


def listed(**changes: Any) -> dict[str, Any]:
    """The server's answer."""
    tour = {"title": "Bulk edit", "starts": "here", "steps": ["Open the options.", "Pick Bulk edit."]}
    tips = {
        "live": [],
        "past": [],
        "tours": {"bulk-edit": tour},
        "muted": [],
        "everything": None,
        "quiet_hours": None,
        **changes,
    }
    return {"tips": tips}


MUTED = {"topic": "path:export", "title": "Export a report", "at": 1.0, "until": None}
FULL = listed(
    live=[live()],
    past=[past(), past(8, became="never", tours=[], topic="path:import")],
    muted=[{**MUTED, "topic": "path:import", "title": "Import a file"}],
    quiet_hours={"from": "22:00", "to": "07:00", "zone": "Europe/Berlin"},
)


def open_tips(page: Page) -> Locator:
    page.evaluate("rasaAutoplay.copilot.openTips()")
    dialog = page.locator(TIPS)
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("status")).not_to_have_text("Loading …")
    return dialog


def has_focus(page: Page, name: str) -> bool:
    """Whether the element with the focus, in whatever shadow root, has this text."""
    return bool(
        page.evaluate(
            """(name) => {
              let it = document.activeElement;
              while (it?.shadowRoot?.activeElement) it = it.shadowRoot.activeElement;
              return [it?.textContent, it?.ariaLabel].includes(name);
            }""",
            name,
        )
    )


def until_focus(page: Page, name: str) -> None:
    page.wait_for_function(
        """(name) => {
          let it = document.activeElement;
          while (it?.shadowRoot?.activeElement) it = it.shadowRoot.activeElement;
          return [it?.textContent, it?.ariaLabel].includes(name);
        }""",
        arg=name,
    )


def card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


# --- three presses -----------------------------------------------------------------------------------------


def test_pill_leads_to_its_offer_in_two_presses_and_to_the_list_in_three(
    visitor: Visitor, server: StandIn
) -> None:
    server.details["tips"] = listed(live=[live()])
    page = visitor.open(toast_seconds=0.2)
    server.send(offer())
    server.until_receipt("timed_out")
    for presses in (["F6", "Enter"], ["F6", "Tab", "Enter"]):
        page.evaluate("document.activeElement?.blur()")
        assert len(presses) <= 3
        if len(presses) == 2:
            page.keyboard.press("F6")
            until_focus(page, "Suggestion")
            page.keyboard.press("Enter")
            until_focus(page, "Show me")
            server_pill(page)
        else:
            page.keyboard.press("F6")
            until_focus(page, "Suggestion")
            page.keyboard.press("Tab")
            until_focus(page, "My tips")
            page.keyboard.press("Enter")
            until_focus(page, "Open")


def server_pill(page: Page) -> None:
    """Wait until the card has become a pill again."""
    page.evaluate("document.activeElement?.blur()")
    expect(page.locator("rasa-autoplay .pill")).to_be_visible()


@pytest.mark.parametrize("number", [pytest.param(1, marks=_SLOW), 3])
def test_any_live_offer_is_found_again_in_two_presses(visitor: Visitor, server: StandIn, number: int) -> None:
    server.details["tips"] = listed(live=[live(each, body=f"Tip {each}?") for each in (1, 2, 3)])
    page = visitor.open(toast_seconds=0.2)
    server.send(offer())
    server.until_receipt("timed_out")
    page.keyboard.press("Shift+F6")
    until_focus(page, "Open")
    page.keyboard.press(str(number))
    expect(card(page)).to_contain_text(f"Tip {number}?")
    until_focus(page, "Show me")
    expect(page.locator(TIPS)).to_have_count(0)


def test_f6_opens_the_list_when_the_pill_has_gone(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = listed(live=[live()])
    page = visitor.open(toast_seconds=0.2, pill_minutes=0.01)
    server.send(offer())
    server.until_receipt("timed_out")
    expect(page.locator("rasa-autoplay .pill")).to_have_count(0)
    page.keyboard.press("F6")
    until_focus(page, "Open")
    page.keyboard.press("Enter")
    until_focus(page, "Show me")
    expect(card(page)).to_contain_text(LIVE)


def test_f6_is_the_browsers_while_no_offer_waits(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(card(page)).to_be_visible()
    page.locator("rasa-autoplay .close").click()
    server.until_receipt("dismissed")
    page.evaluate("addEventListener('keydown', (event) => (window.prevented = event.defaultPrevented))")
    page.keyboard.press("F6")
    assert page.evaluate("window.prevented") is False
    expect(page.locator(TIPS)).to_have_count(0)


# --- what the list does ------------------------------------------------------------------------------------


def test_restarts_a_tour_as_asked_for(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = listed(past=[past()])
    asked = offer("offer_asked", trigger_id="show_me_in_chat")
    server.details["tips/tour"] = {"offer": asked}
    page = visitor.open()
    open_tips(page).get_by_role("button", name="Show me again").click()
    (start,) = server.until_posted("tour/start")
    assert server.asked().posted("tips/tour") == [{"tour_id": "bulk-edit", "user_id": "u1"}]
    assert (start["tour_id"], start["offer_id"]) == ("bulk-edit", "offer_asked")
    expect(page.locator(TIPS)).to_have_count(0)
    assert not server.asked().receipts("offer_9"), "the past offer stays as it is"


def test_shows_the_steps_of_a_tour_that_starts_elsewhere(visitor: Visitor, server: StandIn) -> None:
    tours = {"bulk-edit": {"title": "Bulk edit", "starts": "elsewhere", "steps": ["Open the options."]}}
    server.details["tips"] = listed(past=[past()], tours=tours)
    dialog = open_tips(visitor.open())
    expect(dialog.get_by_role("button", name="Show me again")).to_have_count(0)
    dialog.get_by_text("How it works").click()
    expect(dialog.get_by_text("Open the options.")).to_be_visible()


def test_mutes_and_unmutes_and_keeps_the_focus(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = listed(past=[past()])
    page = visitor.open()
    dialog = open_tips(page)
    server.details["tips"] = listed(past=[past()], muted=[MUTED])
    dialog.get_by_role("button", name="Mute topic").click()
    until_focus(page, "Unmute")
    expect(dialog.get_by_role("status")).to_have_text("Saved.")
    expect(dialog.get_by_text("Export a report")).to_be_visible()
    server.details["tips"] = listed(past=[past()])
    page.keyboard.press("Enter")
    until_focus(page, "Mute topic")
    changes = [body["change"] for body in server.asked().posted("tips") if "change" in body]
    assert changes == ["mute", "unmute"]


def test_mutes_everything_for_a_time_and_sets_quiet_hours(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = listed()
    dialog = open_tips(visitor.open())
    everything = {"topic": "", "title": "", "at": 1.0, "until": time.time() + 3600}
    server.details["tips"] = listed(everything=everything)
    dialog.get_by_role("button", name="For an hour").click()
    expect(dialog.get_by_text("All tips are muted until")).to_be_visible()
    dialog.get_by_label("From").fill("21:30")
    dialog.get_by_role("button", name="Save").click()
    server.until_posted("tips", 3)
    _, muted, quiet = server.asked().posted("tips")
    assert (muted["change"], muted["for_s"]) == ("mute_all", 3600)
    assert (quiet["change"], quiet["from"], quiet["to"]) == ("quiet_hours", "21:30", "07:00")
    assert quiet["zone"]


def test_answer_elsewhere_takes_the_toast_away_in_every_tab(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = listed(live=[live()])
    one, two = visitor.open(), visitor.open()
    server.send(offer())
    for tab in (one, two):
        expect(card(tab)).to_be_visible()
    dialogs = [open_tips(tab) for tab in (one, two)]
    server.details["tips"] = listed(past=[past(1, topic="path:bulk-edit", became="never")], muted=[MUTED])
    dialogs[0].get_by_role("button", name="Mute topic").click()
    for tab, dialog in zip((one, two), dialogs, strict=True):
        expect(dialog.get_by_text("Export a report")).to_be_visible()
        expect(card(tab)).to_have_count(0)
        assert dialog.evaluate("(it) => it.matches(':modal')")


def test_offer_that_comes_while_the_list_is_fetched_stays(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = listed(muted=[MUTED])
    page = visitor.open()
    dialog = open_tips(page)
    page.evaluate(
        """() => {
          const own = fetch;
          window.fetch = async (url, ...more) => {
            const answer = await own(url, ...more);
            if (url.endsWith("/tips")) await new Promise((done) => (window.arrive = done));
            return answer;
          };
        }"""
    )
    server.details["tips"] = listed()
    dialog.get_by_role("button", name="Unmute", exact=True).click()
    page.wait_for_function("!!window.arrive")
    server.send(offer())
    page.wait_for_function("localStorage['rasa-autoplay']?.includes('offer_1')")
    page.evaluate("arrive()")
    expect(dialog.get_by_text("No tips yet.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card(page)).to_be_visible()


def test_list_asked_for_in_the_chat_opens_in_the_visible_tab(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = FULL
    pages = [visitor.open(), visitor.open()]
    pages[1].evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    server.open_tips()
    expect(pages[0].locator(TIPS)).to_be_visible()
    expect(pages[1].locator(TIPS)).to_have_count(0)


# --- a dialog ----------------------------------------------------------------------------------------------


def test_dialog_keeps_the_focus_and_gives_it_back(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = FULL
    page = visitor.open()
    page.focus("#before")
    open_tips(page)
    until_focus(page, "Open")
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName !== 'button'"), "no element of the page"
    page.keyboard.press("Escape")
    expect(page.locator(TIPS)).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "before"


def test_opens_again_at_once_after_it_was_closed(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = FULL
    page = visitor.open()
    dialog = open_tips(page)
    closed_and_opened = """async () => {
        const dialog = document.querySelector("rasa-autoplay-tips").shadowRoot.querySelector("dialog");
        const closed = new Promise((done) => dialog.addEventListener("close", done));
        dialog.close();
        await rasaAutoplay.copilot.openTips();
        await closed;
    }"""
    page.evaluate(closed_and_opened)
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Open")).to_be_focused()


def test_opens_above_the_host_apps_own_dialog(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = FULL
    page = visitor.open()
    page.evaluate(
        """() => {
          const dialog = document.createElement("dialog");
          dialog.innerHTML = "<button id=inside>Inside</button>";
          document.body.append(dialog);
          dialog.showModal();
        }"""
    )
    open_tips(page).get_by_role("button", name="Close").click()
    assert page.evaluate("document.activeElement.id") == "inside"


@pytest.mark.parametrize(
    ("status", "says", "can_retry"),
    [
        (503, "That didn’t work.", True),
        (401, "Sign in again", False),
        pytest.param(429, "That didn’t work.", True, marks=_SLOW),
    ],
)
def test_says_what_to_do_when_the_list_does_not_come(
    visitor: Visitor, server: StandIn, status: int, says: str, can_retry: bool
) -> None:
    server.answers["tips"] = [status]
    server.details["tips"] = listed(live=[live()])
    page = visitor.open()
    dialog = open_tips(page)
    expect(dialog.get_by_role("status")).to_contain_text(says)
    retry = dialog.get_by_role("button", name="Try again")
    expect(retry).to_have_count(int(can_retry))
    if can_retry:
        page.keyboard.press("Enter")
        expect(dialog.get_by_text(LIVE)).to_be_visible()


def test_says_what_to_do_without_a_network(visitor: Visitor, server: StandIn) -> None:
    server.details["tips"] = listed()
    page = visitor.open()
    open_tips(page).get_by_role("button", name="Close").click()
    visitor.context.set_offline(True)
    dialog = open_tips(page)
    expect(dialog.get_by_role("status")).to_contain_text("Check your connection")
    visitor.context.set_offline(False)
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_text("No tips yet.")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=_SLOW)])
@pytest.mark.parametrize("width", [375, pytest.param(1000, marks=_SLOW)])
def test_has_no_accessibility_violations(
    new_visitor: Callable[..., Visitor], server: StandIn, theme: str, width: int
) -> None:
    server.details["tips"] = FULL
    visitor = new_visitor(
        viewport={"width": width, "height": 700}, color_scheme=theme, reduced_motion="reduce"
    )
    page = visitor.open(theme=theme)
    dialog = open_tips(page)
    dialog.locator("details").first.locator("summary").click()
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN_AXE) == []
    assert dialog.evaluate("(it) => it.scrollWidth <= it.clientWidth")
    dialog.get_by_role("button", name="Close").click()
    server.details["tips"] = listed(everything={"topic": "", "title": "", "at": 1.0, "until": None})
    open_tips(page)
    assert page.evaluate(RUN_AXE) == []


def test_works_with_a_strict_policy_and_from_right_to_left(visitor: Visitor, server: StandIn) -> None:
    server.policy = f"{STRICT_CSP}; require-trusted-types-for 'script'"
    server.details["tips"] = FULL
    page = visitor.open("host.html", texts={"tipsTitle": "نصائحي", "direction": "rtl", "language": "ar"})
    dialog = open_tips(page)
    expect(dialog.get_by_role("heading", name="نصائحي")).to_be_visible()
    assert dialog.evaluate("(it) => getComputedStyle(it).direction") == "rtl"
    close = dialog.get_by_role("button", name="Close").bounding_box()
    box = dialog.bounding_box()
    assert close is not None
    assert box is not None
    assert close["x"] < box["x"] + box["width"] / 2
