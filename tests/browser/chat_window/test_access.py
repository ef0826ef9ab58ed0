"""Everybody can use the window: keyboard, screen reader, small screens, colours, directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect
from support.axe import AXE, RUN_AXE
from support.chromium import require_libraries

from browser.chat_window.conftest import ChatTab, ChatVisitor
from browser.chat_window.stand_in import ChatServer

STEPS = "You can change **many** at once:\n\n1. Open `⋯`\n2. Pick *Bulk edit*\n\nSee [the guide](/guide)."
PICTURE = {"attachment": {"type": "image", "payload": {"src": "/picture.svg"}}}
TALK: list[Any] = [
    {"text": STEPS, "quick_replies": [{"title": "Show me on the page", "payload": "/autoplay_show_me{}"}]},
    PICTURE,
    {"text": "האם לערוך **הכול** יחד?"},
    {"text": "A very long word: " + "x" * 300},
]
PHONE = ViewportSize(width=375, height=667)
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True},
    "phone, dark": {"viewport": PHONE, "color_scheme": "dark"},
    "320 px": {"viewport": ViewportSize(width=320, height=568)},
    "forced colours": {"forced_colors": "active"},
    "forced colours, dark": {"forced_colors": "active", "color_scheme": "dark"},
    "zoom 200 %": {"viewport": ViewportSize(width=640, height=360), "device_scale_factor": 2},
    "right to left": {},
}


@pytest.mark.parametrize(
    "look", [pytest.param(look, marks=[] if look == "light" else pytest.mark.slow) for look in LOOKS]
)
def test_axe_finds_nothing_in_any_look(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer, look: str
) -> None:
    require_libraries()
    visitor = new_visitor(**{"reduced_motion": "reduce", "bypass_csp": True, **LOOKS[look]})
    tab = visitor.visit()
    if look == "right to left":
        tab.page.evaluate("document.dir = 'rtl'")
    tab.page.evaluate(AXE.read_text("utf-8"))
    assert tab.page.evaluate(RUN_AXE) == []
    tab.launcher.click()
    server.until_windows(1)
    assert tab.page.evaluate(RUN_AXE) == []
    server.say(*TALK)
    tab.write("Hello")
    expect(tab.bot).to_have_count(5)
    server.acknowledgement = {"refused": "too_often"}
    tab.write("Too often")
    expect(tab.notes).to_have_count(1)
    assert tab.page.evaluate(RUN_AXE) == []
    server.stop()
    expect(tab.host.get_by_role("button", name="Try now")).to_be_visible()
    assert tab.page.evaluate(RUN_AXE) == []
    # Everything is in the window, and nothing sticks out of it.
    for part in (tab.input, tab.host.get_by_role("button", name="Close the chat")):
        expect(part).to_be_in_viewport(ratio=0.99)
    assert tab.log.evaluate("(it) => it.scrollWidth <= it.clientWidth")
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.host.get_by_role("button", name="Close the chat").click()
    assert tab.page.evaluate(RUN_AXE) == []


def test_the_keyboard_reaches_everything_in_order(tab: ChatTab, server: ChatServer) -> None:
    tab.page.locator("#before").focus()
    for _ in range(3):
        tab.page.keyboard.press("Tab")
    expect(tab.launcher).to_be_focused()
    tab.page.keyboard.press("Enter")
    expect(tab.input).to_be_focused()
    server.until_windows(1)
    server.say({"text": "Shall I?", "quick_replies": [{"title": "Yes", "payload": "/yes"}]})
    yes = tab.host.get_by_role("button", name="Yes")
    expect(yes).to_be_visible()
    # From the input backwards: the reply, the messages, the button that closes the window.
    for part in (yes, tab.log, tab.host.get_by_role("button", name="Close the chat")):
        tab.page.keyboard.press("Shift+Tab")
        expect(part).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(tab.window).to_be_hidden()
    expect(tab.launcher).to_be_focused()


def test_f6_goes_to_the_window_and_back(tab: ChatTab) -> None:
    tab.open()
    tab.page.locator("#field").focus()
    tab.page.keyboard.press("F6")
    expect(tab.input).to_be_focused()
    tab.page.keyboard.press("F6")
    expect(tab.page.locator("#field")).to_be_focused()
    # Escape belongs to the page while the focus is there.
    tab.page.keyboard.press("Escape")
    expect(tab.window).to_be_visible()
    # The toast comes first.
    tab.page.evaluate("""() => {
      const toast = document.createElement("rasa-autoplay");
      const card = document.createElement("section");
      card.className = "card";
      toast.attachShadow({ mode: "open" }).append(card);
      document.body.append(toast);
    }""")
    tab.page.keyboard.press("F6")
    expect(tab.page.locator("#field")).to_be_focused()


@pytest.mark.slow
def test_screen_readers_hear_what_is_new_and_who_says_it(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    expect(tab.log).to_have_attribute("aria-live", "polite")
    tab.write("Hello")
    expect(tab.bot).to_have_text("Assistant: You said: Hello")
    expect(tab.own.locator(".sr")).to_have_text("You: ")
    tab.page.reload()
    expect(tab.bot).to_have_count(1)
    # What is old is put in while the list is silent.
    tab.page.evaluate("""() => {
      const list = document.querySelector("rasa-autoplay-chat").shadowRoot.querySelector("[role=log]");
      window.heard = [];
      new MutationObserver((found) => {
        for (const { addedNodes } of found)
          for (const { className } of addedNodes) window.heard.push(`${list.ariaLive} ${className}`);
      }).observe(list, { childList: true });
    }""")
    tab.write("More")
    expect(tab.bot).to_have_count(2)
    assert tab.page.evaluate("heard") == ["polite row user", "polite row bot"]


@pytest.mark.slow
def test_a_phones_keyboard_leaves_the_input_in_sight(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    tab = new_visitor(viewport=PHONE, is_mobile=True, has_touch=True, reduced_motion="reduce").visit()
    tab.launcher.tap()
    # On a phone, the keyboard comes only when the user wants to write.
    expect(tab.host.get_by_role("heading", name="Assistant")).to_be_focused()
    box = tab.window.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 375, 667)
    # Chromium has no keyboard without a screen: its viewport says what a keyboard would leave.
    tab.page.evaluate("""() => {
      Object.defineProperty(visualViewport, "height", { value: 340 });
      Object.defineProperty(visualViewport, "offsetTop", { value: 20 });
      visualViewport.dispatchEvent(new Event("resize"));
    }""")
    box = tab.window.bounding_box()
    assert box is not None
    assert (box["y"], box["height"]) == (20, 340)
    expect(tab.input).to_be_in_viewport(ratio=0.99)


@pytest.mark.slow
def test_a_long_answer_is_shown_from_its_beginning(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    server.say({"text": "\n".join(f"{number}. Do this" for number in range(1, 60))})
    expect(tab.bot.locator("li").first).to_be_in_viewport()
    expect(tab.bot.locator("li").last).not_to_be_in_viewport()
    # Who reads further up is not torn away.
    down = tab.host.locator(".down")
    server.say({"text": "One more"})
    expect(tab.bot).to_have_count(2)
    expect(down).to_be_visible()
    expect(tab.bot.last).not_to_be_in_viewport()
    down.click()
    expect(tab.bot.last).to_be_in_viewport()
    expect(down).to_be_hidden()


@pytest.mark.slow
def test_it_is_not_printed_and_does_not_move_for_those_who_ask_for_that(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    tab = new_visitor(reduced_motion="reduce").visit()
    tab.open()
    server.hold_answers()
    tab.write("Hello")
    expect(tab.typing).to_be_visible()
    assert tab.window.evaluate("(it) => it.getAnimations({ subtree: true }).length") == 0
    tab.page.emulate_media(media="print")
    expect(tab.window).to_be_hidden()
    server.release_answers()


def test_it_steps_aside_and_keeps_its_place(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    server.say(*({"text": f"Message {number}"} for number in range(40)))
    expect(tab.bot).to_have_count(40)
    tab.log.evaluate("(it) => (it.scrollTop = 200)")
    tab.page.evaluate("chat.setVisible(false)")
    expect(tab.window).to_be_hidden()
    assert tab.page.evaluate("chat.isOpen()") is True
    tab.page.evaluate("chat.setVisible(true)")
    expect(tab.window).to_be_visible()
    assert tab.log.evaluate("(it) => it.scrollTop") == 200


@pytest.mark.slow
def test_the_toast_finds_launcher_and_window(new_visitor: Callable[..., ChatVisitor]) -> None:
    tab = new_visitor(reduced_motion="reduce").visit()
    for selector, part in ((".rasa-autoplay-launcher", tab.launcher), (".rasa-autoplay-panel", tab.window)):
        place = tab.page.locator(selector).bounding_box()
        assert place == part.bounding_box()
        if part is tab.launcher:
            tab.open()
