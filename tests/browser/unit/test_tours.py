"""Show me: the tour follows what the user does, whatever the host app does to its elements."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor, after_timers
from browser.unit.stand_in import StandIn, offer, tour

#: The card of a step; "Done" is shown for a moment by another.
TOUR_CARD = "rasa-autoplay-tour .card:not(.done)"


def _title(page: Page) -> Locator:
    return page.locator("rasa-autoplay-tour .title")


def _show_me(page: Page) -> None:
    page.get_by_role("button", name="Show me").click()


def test_advances_on_clicks_on_the_elements(visitor: Visitor, server: StandIn) -> None:
    """The menu opens late and elsewhere, an svg covers the button, and a handler stops the event."""
    page = visitor.open()
    server.send(offer())
    _show_me(page)
    expect(_title(page)).to_have_text("Open table options")
    expect(page.locator("#options")).to_be_focused()
    page.locator("#options svg").click()
    expect(_title(page)).to_have_text("Pick Bulk edit")
    server.until_tours("tour/start", "tour/step")
    page.locator("#toggle").click()
    expect(page.locator(TOUR_CARD)).to_have_count(0)
    expect(page.locator("#log")).to_have_text("options;bulk;")
    server.until_tours("tour/start", "tour/step", "tour/end")
    server.until_receipt("accepted")
    asked = visitor.settled()
    assert asked.posted("tour/start") == [{"tour_id": "bulk-edit", "offer_id": "offer_1", "user_id": "u1"}]
    assert asked.posted("proactive/inject") == []
    assert asked.receipts().count("accepted") == 1


@pytest.mark.parametrize("by_key", [False, True], ids=["pointer", "key"])
def test_advances_on_a_menu_that_opens_on_pointer_down(
    visitor: Visitor, server: StandIn, by_key: bool
) -> None:
    """Modal menus of component libraries: nothing but the menu takes the pointer once it is open."""
    page = visitor.open()
    page.evaluate(_OPEN_ON_PRESS)
    server.send(offer())
    _show_me(page)
    expect(_title(page)).to_have_text("Open table options")
    if by_key:
        page.keyboard.press("Enter")
    else:
        page.locator("#options svg").click()
    expect(_title(page)).to_have_text("Pick Bulk edit")
    expect(page.locator("#clicks")).to_have_text("0")
    server.until_tours("tour/start", "tour/step")
    page.locator("#toggle").click()
    expect(page.locator(TOUR_CARD)).to_have_count(0)
    server.until_tours("tour/start", "tour/step", "tour/end")


#: Puts such a menu in the place of the page's own, and counts the clicks that reach its button.
_OPEN_ON_PRESS = """() => {
  const old = document.querySelector("#options");
  const button = old.cloneNode(true);
  old.replaceWith(button);
  const clicks = Object.assign(document.createElement("p"), { id: "clicks", textContent: "0" });
  button.after(clicks);
  const open = (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    event.preventDefault();
    const item = Object.assign(document.createElement("button"), { id: "toggle", textContent: "Bulk edit" });
    item.style.pointerEvents = "auto";
    document.body.style.pointerEvents = "none";
    document.body.append(item);
    item.focus();
  };
  button.addEventListener("pointerdown", open);
  button.addEventListener("keydown", open);
  button.addEventListener("click", () => (clicks.textContent = +clicks.textContent + 1));
}"""


def test_does_not_advance_on_pointer_down_alone(visitor: Visitor, server: StandIn) -> None:
    """Where the next step's element was there before, only the click tells that the user means it."""
    page = visitor.open()
    server.send(offer(tours=[tour(("one", "#before", "First"), ("two", "#options", "Second"))]))
    _show_me(page)
    expect(_title(page)).to_have_text("First")
    page.locator("#before").hover()
    page.mouse.down()
    page.locator("h1").hover()
    page.mouse.up()
    after_timers(page, 300)  # it looks every 100 ms
    expect(_title(page)).to_have_text("First")


def test_the_page_stays_usable(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    _show_me(page)
    expect(_title(page)).to_be_visible()
    page.locator("#before").click()
    page.locator(".rw-launcher").click()
    expect(page.locator("#log")).to_have_text("chat;")
    expect(_title(page)).to_have_text("Open table options")


def test_does_not_change_the_host_apps_attributes(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    _show_me(page)
    options = page.locator("#options")
    expect(_title(page)).to_be_visible()
    expect(options).to_have_attribute("aria-haspopup", "menu")
    expect(options).to_have_attribute("aria-expanded", "false")
    options.click()
    expect(_title(page)).to_have_text("Pick Bulk edit")
    page.keyboard.press("Escape")
    expect(page.locator(TOUR_CARD)).to_have_count(0)
    expect(options).to_have_attribute("aria-haspopup", "menu")
    expect(options).to_have_attribute("aria-expanded", "true")
    assert page.locator("rasa-autoplay-tour").count() == 0


def test_finds_a_re_rendered_element(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(tours=[tour(("one", "#before", "First"), ("two", "#options", "Second"))]))
    _show_me(page)
    expect(_title(page)).to_have_text("First")
    page.evaluate("""() => { const old = document.querySelector('#before'); const fresh = old.cloneNode(true);
        fresh.className = ''; fresh.style.marginLeft = '300px'; old.replaceWith(fresh); }""")
    ring = "document.querySelector('rasa-autoplay-tour').shadowRoot.querySelector('.ring')"
    page.wait_for_function(f"""Math.abs({ring}.getBoundingClientRect().left + 4
        - document.querySelector('#before').getBoundingClientRect().left) < 1""")
    page.locator("#before").click()
    expect(_title(page)).to_have_text("Second")


def test_scrolls_to_an_element_out_of_view(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate("document.querySelector('#before').className = 'away'")
    server.send(offer(tours=[tour(("one", "#before", "Far down"))]))
    _show_me(page)
    expect(_title(page)).to_have_text("Far down")
    expect(page.locator("#before")).to_be_in_viewport()


def test_keeps_a_margin_to_the_windows_edge(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate("document.querySelector('#before').style.cssText = 'position:fixed;right:4px;top:300px'")
    server.send(offer(tours=[tour(("one", "#before", "At the edge"))]))
    _show_me(page)
    expect(_title(page)).to_be_visible()
    box = page.locator(TOUR_CARD).bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 1000 - 8


def test_shows_next_only_when_another_step_can_be_shown(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(
        offer(tours=[tour(("one", "#before", "First"), ("two", "#options", "Second"), ("x", "#x", "X"))])
    )
    _show_me(page)
    following = page.locator("rasa-autoplay-tour .next")
    expect(following).to_be_visible()
    following.click()
    expect(_title(page)).to_have_text("Second")
    expect(following).to_be_hidden()


def test_opens_the_chat_at_the_step_whose_element_is_missing(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(anchor_seconds=1)
    server.send(offer(tours=[tour(("one", "#before", "First"), ("gone", "#gone", "Second"))]))
    _show_me(page)
    expect(_title(page)).to_have_text("First")
    page.locator("#before").click()
    assert server.until_posted("proactive/inject")[0]["step"] == "gone"
    expect(page.locator(".rw-chat-open")).to_be_visible()
    expect(page.locator(TOUR_CARD)).to_have_count(0)
    server.until_tours("tour/start", "tour/step", "tour/end")


def test_opens_the_chat_when_the_element_disappears(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(tours=[tour(("one", "#before", "First"))]))
    _show_me(page)
    expect(_title(page)).to_be_visible()
    page.locator("#before").evaluate("(element) => element.remove()")
    assert server.until_posted("proactive/inject")[0]["step"] == "one"


def test_leaving_the_tour_does_not_open_the_chat(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.locator("#before").focus()
    server.send(offer())
    _show_me(page)
    page.locator("rasa-autoplay-tour .close").click()
    server.until_tours("tour/start", "tour/end")
    assert visitor.settled().posted("proactive/inject") == []
    expect(page.locator(TOUR_CARD)).to_have_count(0)


def test_works_by_keyboard_alone(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(page.get_by_role("button", name="Show me")).to_be_visible()
    page.keyboard.press("F6")
    page.keyboard.press("Enter")
    expect(_title(page)).to_have_text("Open table options")
    status = page.locator("rasa-autoplay-tour").get_by_role("status")
    expect(status).to_have_text("Open table options. About options")
    page.keyboard.press("Enter")
    expect(_title(page)).to_have_text("Pick Bulk edit")
    page.keyboard.press("Enter")
    expect(page.locator(TOUR_CARD)).to_have_count(0)
    expect(page.locator("#log")).to_have_text("options;bulk;")


def test_shows_hostile_texts_as_plain_text(visitor: Visitor, server: StandIn) -> None:
    hostile = "<img src=x onerror='window.hacked=1'>"
    page = visitor.open()
    shown = tour(("one", "#before", hostile))
    shown["steps"][0]["text"] = hostile
    server.send(offer(tours=[shown]))
    _show_me(page)
    expect(_title(page)).to_have_text(hostile)
    expect(page.locator("rasa-autoplay-tour .text")).to_have_text(hostile)
    assert page.locator("rasa-autoplay-tour img").count() == 0
    assert page.evaluate("window.hacked") is None


def test_opens_the_chat_when_the_server_does_not_know_the_tour(visitor: Visitor, server: StandIn) -> None:
    server.answers["tour/start"] = [404]
    page = visitor.open()
    server.send(offer())
    _show_me(page)
    server.until_posted("proactive/inject")
    expect(page.locator(TOUR_CARD)).to_have_count(0)


def test_continues_while_the_server_is_away(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(page.get_by_role("button", name="Show me")).to_be_visible()
    server.stop()
    _show_me(page)
    expect(_title(page)).to_have_text("Open table options")
    page.locator("#options").click()
    expect(_title(page)).to_have_text("Pick Bulk edit")
    server.start()
