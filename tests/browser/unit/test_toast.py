"""The toast: what it says, where it stands, how it is answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import NOTE_CARDS, Visitor, shown
from browser.unit.stand_in import STRICT_CSP, StandIn, offer, tour

HOSTILE = (
    '<img src=x onerror="window.hacked=1"> [x](javascript:window.hacked=1) <script>window.hacked=1</script>'
)


STYLE = "getComputedStyle(document.querySelector('rasa-autoplay').shadowRoot.querySelector('{part}')).{name}"


def _card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_shows_the_question_and_both_buttons(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Changing projects one at a time?")
    names = ["Show me", "Open chat", "Later", "Don’t show again", "×"]
    expect(page.locator("rasa-autoplay button")).to_have_text(names)
    server.until_receipt("seen")
    assert sorted(visitor.settled().receipts()) == ["rendered", "seen"]


@pytest.mark.parametrize(
    ("button", "event"),
    [("Later", "snoozed"), ("Don’t show again", "never"), ("Close", "dismissed")],
)
def test_reports_each_receipt_once(visitor: Visitor, server: StandIn, button: str, event: str) -> None:
    page = visitor.open(init=NOTE_CARDS)
    server.send(offer())
    _press(page, button)
    expect(_card(page)).to_be_hidden()
    server.until_receipt(event)
    with server.another_feed():
        page.reload()
    server.send(offer())
    server.send(offer("offer_2", body="Another one"))
    expect(page.get_by_role("status")).to_contain_text("Another one")
    assert shown(page) == ["Another one"]
    receipts = visitor.settled().receipts()
    assert sorted(receipts) == sorted({*receipts})


def test_shows_hostile_texts_as_plain_text(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(body=HOSTILE, tours=[]))
    expect(page.get_by_role("status")).to_contain_text("<img src=x onerror=")
    assert page.locator("rasa-autoplay img, rasa-autoplay a, rasa-autoplay script").count() == 0
    assert page.evaluate("window.hacked") is None


def test_offers_a_tour_only_while_its_first_element_is_visible(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(tours=[tour(("one", "#not-yet", "Not yet"))]))
    show_me = page.get_by_role("button", name="Show me")
    expect(_card(page)).to_be_visible()
    expect(show_me).to_be_hidden()
    page.evaluate("document.querySelector('#before').id = 'not-yet'")
    expect(show_me).to_be_visible()
    page.evaluate("document.querySelector('#not-yet').hidden = true")
    expect(show_me).to_be_hidden()


@pytest.mark.parametrize("selector", ["", "###", "[", "html >"])
def test_hides_show_me_when_the_selector_is_mistyped(
    visitor: Visitor, server: StandIn, selector: str
) -> None:
    page = visitor.open()
    server.send(offer(tours=[tour(("one", selector, "Mistyped"))]))
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    expect(page.get_by_role("button", name="Show me")).to_be_hidden()


def test_does_not_offer_a_tour_of_an_unknown_provider(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(tours=[tour(("one", "#before", "One"), provider="somebody")]))
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    expect(page.get_by_role("button", name="Show me")).to_be_hidden()


def test_does_not_show_an_expired_offer(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(init=NOTE_CARDS)
    server.send(offer(expires_in_s=-1))
    server.send(offer("offer_2", body="Another one"))
    expect(page.get_by_role("status")).to_contain_text("Another one")
    assert shown(page) == ["Another one"]
    assert visitor.settled().receipts() == []


def test_a_timed_out_toast_stays_reachable_until_it_expires(visitor: Visitor, server: StandIn) -> None:
    visitor.stop_the_clock()
    page = visitor.open(toast_seconds=10)
    server.send(offer(expires_in_s=60))
    expect(_card(page)).to_be_visible()
    visitor.pass_time(11)
    pill = page.get_by_role("button", name="Suggestion")
    expect(pill).to_be_visible()
    expect(_card(page)).to_be_hidden()
    server.until_receipt("timed_out")
    pill.click()
    expect(_card(page)).to_be_visible()
    expect(page.get_by_role("button", name="Show me")).to_be_focused()
    page.mouse.move(5, 5)
    page.keyboard.press("F6")
    visitor.pass_time(11)
    expect(pill).to_be_visible()
    visitor.pass_time(40)
    expect(pill).to_be_hidden()
    assert visitor.settled().receipts().count("timed_out") == 1


def test_does_not_time_out_under_the_pointer_or_the_focus(visitor: Visitor, server: StandIn) -> None:
    visitor.stop_the_clock()
    page = visitor.open(toast_seconds=10)
    server.send(offer(expires_in_s=600))
    page.get_by_role("button", name="Open chat").hover()
    visitor.pass_time(60)
    expect(_card(page)).to_be_visible()
    page.keyboard.press("F6")
    page.mouse.move(5, 5)
    visitor.pass_time(60)
    expect(_card(page)).to_be_visible()
    page.keyboard.press("F6")
    visitor.pass_time(11)
    expect(_card(page)).to_be_hidden()


def test_does_not_time_out_in_a_hidden_tab(visitor: Visitor, server: StandIn) -> None:
    visitor.stop_the_clock()
    hidden = "Object.defineProperty(document, 'hidden', {get: () => !window.looked, configurable: true})"
    page = visitor.open(init=hidden, toast_seconds=10)
    server.send(offer(expires_in_s=600))
    expect(_card(page)).to_be_visible()
    visitor.pass_time(60)
    expect(_card(page)).to_be_visible()
    server.until_receipt("rendered")
    assert visitor.settled().receipts() == ["rendered"]
    page.evaluate("window.looked = true")
    visitor.pass_time(5)
    server.until_receipt("seen")
    visitor.pass_time(6)
    server.until_receipt("timed_out")
    assert visitor.settled().receipts() == ["rendered", "seen", "timed_out"]


def test_can_be_answered_by_keyboard_alone(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.locator("#before").focus()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    expect(page.locator("#before")).to_be_focused()  # it does not take the focus
    expect(page.get_by_role("button", name="Show me")).to_be_visible()
    page.keyboard.press("F6")
    expect(page.get_by_role("button", name="Show me")).to_be_focused()
    reached = []
    for _ in range(5):
        reached.append(
            page.evaluate("document.querySelector('rasa-autoplay').shadowRoot.activeElement.textContent")
        )
        page.keyboard.press("Tab")
    assert reached == ["Show me", "Open chat", "Later", "Don’t show again", "×"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    expect(_card(page)).to_be_hidden()
    expect(page.locator("#before")).to_be_focused()
    server.until_receipt("dismissed")


def test_ignores_escape_in_the_host_apps_own_field(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    page.locator("#before").focus()
    page.keyboard.press("Escape")  # returns when the page has handled it
    expect(_card(page)).to_be_visible()
    assert "dismissed" not in visitor.settled().receipts()


def test_stays_above_the_launcher_and_beside_the_open_chat(
    new_visitor: Callable[..., Visitor], server: StandIn
) -> None:
    page = new_visitor(reduced_motion="reduce").open()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    launcher = page.locator(".rw-launcher").bounding_box()
    card = _card(page).bounding_box()
    assert launcher
    assert card
    assert card["y"] + card["height"] < launcher["y"]
    assert card["x"] + card["width"] == pytest.approx(launcher["x"] + launcher["width"], abs=2)
    page.locator(".rw-launcher").click()
    # It moves when it next looks where there is room.
    page.wait_for_function("""() => {
      const card = document.querySelector("rasa-autoplay").shadowRoot.querySelector(".card");
      const panel = document.querySelector(".rw-conversation-container");
      return card.getBoundingClientRect().right < panel.getBoundingClientRect().left;
    }""")


def test_fits_a_narrow_window(new_visitor: Callable[..., Visitor], server: StandIn) -> None:
    page = new_visitor(viewport={"width": 320, "height": 480}, reduced_motion="reduce").open()
    server.send(offer(body="Changing projects one at a time? " * 12))
    expect(_card(page)).to_be_visible()
    card = _card(page).bounding_box()
    assert card
    assert card["x"] >= 0
    assert card["x"] + card["width"] <= 320
    assert card["y"] >= 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    close = page.get_by_role("button", name="Close").bounding_box()
    assert close
    assert min(close["width"], close["height"]) >= 24


def test_follows_the_theme(new_visitor: Callable[..., Visitor], server: StandIn) -> None:
    page = new_visitor(color_scheme="dark").open()
    server.send(offer())
    expect(_card(page)).to_have_css("background-color", "rgb(27, 30, 38)")
    page.emulate_media(color_scheme="light")
    expect(_card(page)).to_have_css("background-color", "rgb(255, 255, 255)")
    page.evaluate("document.documentElement.style.setProperty('--autoplay-background', 'rgb(1, 2, 3)')")
    expect(_card(page)).to_have_css("background-color", "rgb(1, 2, 3)")


def test_moves_only_without_reduced_motion(new_visitor: Callable[..., Visitor], server: StandIn) -> None:
    animation = STYLE.format(part=".card", name="animationName")
    still = new_visitor(reduced_motion="reduce").open()
    moved = new_visitor(reduced_motion="no-preference").open()
    server.until_open(2)
    server.send(offer())
    expect(_card(still)).to_be_visible()
    expect(_card(moved)).to_be_visible()
    assert (still.evaluate(animation), moved.evaluate(animation)) == ("none", "rise")


def test_works_under_a_strict_content_security_policy(visitor: Visitor, server: StandIn) -> None:
    server.policy = STRICT_CSP
    page = visitor.open()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    assert page.evaluate(STYLE.format(part=".dock", name="position")) == "fixed"
    _press(page, "Show me")
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("Open table options")
    assert visitor.complaints == []


def test_returns_when_the_host_app_replaces_its_body(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    page.evaluate("document.body.replaceChildren()")
    expect(_card(page)).to_be_visible()


def test_is_excluded_from_capture(visitor: Visitor) -> None:
    page = visitor.open()
    host = page.locator("rasa-autoplay")
    expect(host).to_have_class("rasa-autoplay ph-no-capture")


def test_shows_the_host_apps_texts(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(texts={"showMe": "Zeig es mir"})
    server.send(offer())
    expect(page.get_by_role("button", name="Zeig es mir")).to_be_visible()
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()


def test_axe_reports_no_accessibility_problem(new_visitor: Callable[..., Visitor], server: StandIn) -> None:
    axe = server.library("axe-core/axe.min.js")
    if axe is None:
        pytest.skip("axe-core is not among the browser libraries")
    visitor = new_visitor(reduced_motion="reduce")
    visitor.context.clock.install()
    page = visitor.open(toast_seconds=60)
    server.send(offer(expires_in_s=600))
    expect(_card(page)).to_be_visible()
    page.evaluate(axe)
    look = "axe.run('rasa-autoplay').then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"
    assert page.evaluate(look) == []
    visitor.pass_time(61)
    expect(page.get_by_role("button", name="Suggestion")).to_be_visible()
    assert page.evaluate(look) == []
