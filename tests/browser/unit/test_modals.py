"""While something modal is open, a toast waits: it is neither shown nor charged, and no time runs."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer

_DIALOG = """
  const dialog = document.createElement("dialog");
  dialog.innerHTML = "<button>Inside</button>";
  %s.append(dialog);
  dialog.showModal();
  window.closeIt = () => %s;
"""
_SCRIPTED = """
  document.body.insertAdjacentHTML("beforeend", '<div id="modal" %s><button>Inside</button></div>');
  document.querySelector("#modal button").focus();
  %s
  window.closeIt = () => { document.querySelector("#modal").remove(); %s };
"""
_REST = "document.querySelector('main')"
#: What opens something modal; `closeIt()` closes it.
MODALS = {
    "a dialog": _DIALOG % ("document.body", "dialog.close()"),
    "a dialog that is removed": _DIALOG % ("document.body", "dialog.remove()"),
    "a dialog in a shadow root": _DIALOG
    % ("document.querySelector('#log').attachShadow({ mode: 'open' })", "dialog.close()"),
    "a script's dialog": _SCRIPTED % ('role="dialog" aria-modal="true"', "", ""),
    "a script's dialog beside inert content": _SCRIPTED
    % ('role="dialog"', f"{_REST}.inert = true;", f"{_REST}.inert = false;"),
    "a script's dialog beside hidden content": _SCRIPTED
    % ('role="alertdialog"', f"{_REST}.ariaHidden = 'true';", f"{_REST}.ariaHidden = null;"),
    "an inert page": "document.body.inert = true; window.closeIt = () => (document.body.inert = false)",
    "an element in full screen": """
      const video = document.querySelector("main");
      document.querySelector("#before").onclick = () => video.requestFullscreen();
      window.closeIt = () => document.exitFullscreen();
    """,
}
NOT_MODAL = {
    "a dialog that is not modal": """
      const dialog = document.createElement("dialog");
      dialog.show();
      document.querySelector("main").append(dialog);
    """,
    "a script's dialog without the focus": _SCRIPTED
    % ('role="dialog" aria-modal="true"', "document.activeElement.blur();", ""),
    "a popover with the focus": _SCRIPTED % ('role="dialog"', "", ""),
    "a page in full screen": """
      const page = document.documentElement;
      document.querySelector("#before").onclick = () => page.requestFullscreen();
    """,
}


def _card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


def _until(page: Page, condition: str) -> None:
    """Playwright's own function needs animation frames, and the page's clock may stand still."""
    end = time.monotonic() + 30
    while not page.evaluate(f"!!({condition})"):
        assert time.monotonic() < end, condition


def _begin(page: Page, script: str) -> None:
    page.evaluate(f"() => {{ {script} }}")
    if "requestFullscreen" in script:  # a browser wants a click for it
        page.locator("#before").click()
        _until(page, "document.fullscreenElement")


@pytest.mark.parametrize("modal", MODALS)
def test_a_toast_that_comes_waits(visitor: Visitor, server: StandIn, modal: str) -> None:
    visitor.stop_the_clock()
    page = visitor.open(toast_seconds=10)
    _begin(page, MODALS[modal])
    server.send(offer(expires_in_s=600))
    _until(page, "localStorage['rasa-autoplay']")
    visitor.pass_time(60)
    expect(_card(page)).to_have_count(0)
    assert page.get_by_role("status").inner_text() == ""
    assert visitor.settled().receipts() == []
    page.evaluate("closeIt()")
    visitor.pass_time(1)
    expect(_card(page)).to_be_visible()
    server.until_receipt("rendered")
    visitor.pass_time(8)
    expect(_card(page)).to_be_visible()
    visitor.pass_time(4)  # where nothing tells that the page has changed, it is looked at once a second
    server.until_receipt("timed_out")


@pytest.mark.parametrize("modal", MODALS)
def test_a_toast_that_is_there_keeps_its_time(visitor: Visitor, server: StandIn, modal: str) -> None:
    visitor.stop_the_clock()
    page = visitor.open(toast_seconds=10)
    server.send(offer(expires_in_s=600))
    expect(_card(page)).to_be_visible()
    _begin(page, MODALS[modal])
    visitor.pass_time(60)
    assert "timed_out" not in visitor.settled().receipts()
    page.evaluate("closeIt()")
    page.get_by_role("button", name="Later").click()
    server.until_receipt("snoozed")


@pytest.mark.parametrize("page_state", NOT_MODAL)
def test_it_does_not_wait_for_less(visitor: Visitor, server: StandIn, page_state: str) -> None:
    page = visitor.open()
    _begin(page, NOT_MODAL[page_state])
    server.send(offer())
    page.get_by_role("button", name="Later").click()
    server.until_receipt("snoozed")


def test_an_offer_that_expires_behind_a_dialog_costs_nothing(visitor: Visitor, server: StandIn) -> None:
    visitor.stop_the_clock()
    page = visitor.open()
    _begin(page, MODALS["a dialog"])
    server.send(offer(expires_in_s=30))
    _until(page, "localStorage['rasa-autoplay']")
    visitor.pass_time(31)
    page.evaluate("closeIt()")
    visitor.pass_time(5)
    expect(_card(page)).to_have_count(0)
    assert visitor.settled().receipts() == []


def test_the_keys_belong_to_an_open_dialog(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    _begin(page, MODALS["a dialog"])
    page.keyboard.press("F6")
    expect(page.get_by_role("button", name="Inside")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(_card(page)).to_be_visible()
    assert "dismissed" not in visitor.settled().receipts()


def test_a_pill_waits_too(visitor: Visitor, server: StandIn) -> None:
    visitor.stop_the_clock()
    page = visitor.open(toast_seconds=10)
    server.send(offer(expires_in_s=600))
    expect(_card(page)).to_be_visible()
    visitor.pass_time(11)
    pill = page.get_by_role("button", name="Suggestion")
    expect(pill).to_be_visible()
    page.reload()
    _begin(page, MODALS["a dialog"])
    page.evaluate("closeIt()")
    visitor.pass_time(1)
    expect(pill).to_be_visible()
