"""Users who change without a page load: nothing of one is left, shown or sent for the next."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from browser.unit.conftest import NOTE_CARDS, Visitor
from browser.unit.stand_in import LIBRARIES, StandIn, offer

SIGN_OUT = "window.rasaAutoplay.copilot.signOut()"
SIGN_IN_BEN = "void window.rasaAutoplay.createCopilot({ userId: 'ben' })"
TAG = "document.querySelector('script[data-user-id]')"
#: Each way in which an app may say that ben is there now.
BEN_COMES = {
    "sign-out": f"{SIGN_OUT}.then(() => {{ {SIGN_IN_BEN} }})",
    "create": SIGN_IN_BEN,
    "destroy-and-create": f"window.rasaAutoplay.copilot.destroy(); {SIGN_IN_BEN}",
    "tag": f"void ({TAG}.dataset.userId = 'ben')",
}


def _card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


def _stored(page: Page) -> list[str]:
    """All that the page's storages have."""
    stored: list[str] = page.evaluate(
        "[localStorage, sessionStorage].flatMap((it) => Object.entries(it)).map(String)"
    )
    return stored


def _with_toast(visitor: Visitor, server: StandIn, user: str = "anna") -> Page:
    page = visitor.open(user=user, init=NOTE_CARDS)
    page.wait_for_function("localStorage.chat_session")
    server.send(offer())
    expect(_card(page)).to_be_visible()
    server.until_receipt("seen")
    visitor.settled()
    return page


def test_nothing_of_a_user_who_signed_out_stays(visitor: Visitor, server: StandIn) -> None:
    page = _with_toast(visitor, server)
    page.evaluate("sessionStorage['rasa-autoplay-tour'] = sessionStorage.chat_session = 'anna'")
    page.evaluate(SIGN_OUT)
    server.until_open(0)
    expect(page.locator("rasa-autoplay")).to_have_count(0)
    assert _stored(page) == []
    assert visitor.settled().receipts() == ["rendered", "seen"]


def test_what_the_app_stores_itself_stays(visitor: Visitor, server: StandIn) -> None:
    page = _with_toast(visitor, server)
    page.evaluate("localStorage.theme = 'dark'")
    page.evaluate(SIGN_OUT)
    assert _stored(page) == ["theme,dark"]


def test_it_is_signed_out_in_all_tabs(visitor: Visitor, server: StandIn) -> None:
    first = _with_toast(visitor, server)
    second = visitor.open(user="anna")
    expect(_card(second)).to_be_visible()
    second.evaluate(SIGN_OUT)
    for page in (first, second):
        expect(page.locator("rasa-autoplay")).to_have_count(0)
    server.until_open(0)
    assert _stored(first) == []


@pytest.mark.parametrize("come", BEN_COMES.values(), ids=BEN_COMES.keys())
def test_the_next_user_has_a_feed_and_offers_of_their_own(
    visitor: Visitor, server: StandIn, come: str
) -> None:
    page = _with_toast(visitor, server)
    with server.another_feed():
        page.evaluate(come)
    last = server.until_feeds(2)[-1]
    assert (last["user_id"], last["last_event_id"]) == ("ben", "")
    expect(_card(page)).to_have_count(0)
    assert not any("anna" in item or "several" in item for item in _stored(page))
    server.send(offer("offer_2", body="For Ben"))
    expect(page.get_by_role("status")).to_contain_text("For Ben")
    server.until_receipt("rendered", "offer_2")
    assert {body["user_id"] for body in visitor.settled().posted("proactive/ack")[2:]} == {"ben"}
    expect(page.locator("rasa-autoplay")).to_have_count(1)


def test_a_tag_without_a_user_signs_out(visitor: Visitor, server: StandIn) -> None:
    page = _with_toast(visitor, server)
    page.evaluate(f"{TAG}.dataset.userId = 'anna'")
    visitor.settled()
    expect(_card(page)).to_be_visible()
    page.evaluate(f"delete {TAG}.dataset.userId")
    server.until_open(0)
    assert page.evaluate("window.rasaAutoplay.copilot") is None
    assert _stored(page) == []


def test_a_copilot_that_was_signed_out_cannot_disturb_the_next(visitor: Visitor, server: StandIn) -> None:
    page = _with_toast(visitor, server)
    page.evaluate("window.annas = window.rasaAutoplay.copilot")
    with server.another_feed():
        page.evaluate(SIGN_IN_BEN)
    server.send(offer("offer_2", body="For Ben"))
    expect(_card(page)).to_be_visible()
    page.evaluate("window.annas.signOut()")
    page.evaluate("window.annas.destroy()")
    visitor.settled()
    expect(page.get_by_role("status")).to_contain_text("For Ben")
    assert any("For Ben" in item for item in _stored(page))


def test_the_same_user_again_goes_on(visitor: Visitor, server: StandIn) -> None:
    page = _with_toast(visitor, server)
    with server.another_feed():
        page.evaluate(f"window.rasaAutoplay.copilot.destroy(); {SIGN_IN_BEN.replace('ben', 'anna')}")
    expect(_card(page)).to_be_visible()
    assert server.until_feeds(2)[-1]["last_event_id"] == "offer_1"


def test_another_users_page_load_deletes_the_offer(visitor: Visitor, server: StandIn) -> None:
    page = _with_toast(visitor, server)
    page.close()
    page = visitor.open(user="ben")
    server.until_open(1)
    assert not any("several" in item for item in _stored(page))


# --- answers on their way ----------------------------------------------------------------------------------


def test_an_answer_that_waits_is_sent_before_the_user_is_gone(visitor: Visitor, server: StandIn) -> None:
    page = _with_toast(visitor, server)
    server.answers["proactive/ack"] = [503]
    page.get_by_role("button", name="Later").click()
    server.until_receipt("snoozed")
    page.evaluate(SIGN_OUT)
    assert visitor.settled().receipts().count("snoozed") == 2
    assert _stored(page) == []


def test_an_answer_that_cannot_be_sent_waits_for_its_user(visitor: Visitor, server: StandIn) -> None:
    page = _with_toast(visitor, server)
    server.answers["proactive/ack"] = [503] * 2
    page.get_by_role("button", name="Don’t show again").click()
    server.until_receipt("never")
    page.evaluate(SIGN_OUT)
    with server.another_feed():
        page.evaluate(SIGN_IN_BEN)
    page.wait_for_timeout(6000)
    assert visitor.settled().receipts().count("never") == 2, "nothing of anna's is sent for ben"
    assert [item.partition(",")[0][-4:] for item in _stored(page) if "outbox" in item] == ["anna"]
    page.evaluate("void window.rasaAutoplay.createCopilot({ userId: 'anna' })")
    server.until_receipt("never", times=3)
    assert {body["user_id"] for body in visitor.settled().posted("proactive/ack")} == {"anna"}


def test_a_chat_that_is_still_opening_is_not_opened_in_the_next_users_name(
    visitor: Visitor, server: StandIn
) -> None:
    page = visitor.open("bare.html", user="anna")
    server.send(offer(tours=[]))
    page.get_by_role("button", name="Open chat").click()
    server.until_receipt("accepted")
    page.evaluate(SIGN_OUT)
    page.evaluate(
        """localStorage.chat_session = JSON.stringify({ session_id: "bens" });
        const launcher = document.createElement("button");
        launcher.className = "rw-launcher";
        launcher.onclick = () => (window.wasOpened = true);
        document.body.append(launcher)"""
    )
    page.wait_for_timeout(1500)
    assert "proactive/inject" not in visitor.settled().paths
    assert not page.evaluate("window.wasOpened")
    expect(_card(page)).to_have_count(0)


def test_a_tour_ends(visitor: Visitor, server: StandIn) -> None:
    page = _with_toast(visitor, server)
    page.get_by_role("button", name="Show me").click()
    server.until_posted("tour/start")
    title = page.get_by_text("Open table options", exact=True)
    expect(title).to_be_visible()
    page.evaluate(SIGN_OUT)
    expect(title).to_have_count(0)
    assert _stored(page) == []
    page.locator("#options").click()
    expect(page.locator("#log")).to_have_text("options;")


# --- the chat widget ---------------------------------------------------------------------------------------


def test_a_chat_of_ones_own_is_reset(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("module.html")
    server.until_open(1)
    page.evaluate("window.copilot.signOut()")
    assert page.evaluate("window.resets") == 1
    server.until_open(0)


def test_rasa_webchat_is_disconnected_and_removed_and_can_be_mounted_again(
    visitor: Visitor, server: StandIn
) -> None:
    polls: list[str] = []

    def refuse(route: Route) -> None:
        polls.append(route.request.url)
        route.fulfill(status=503)

    visitor.context.route("**/socket.io/**", refuse)
    visitor.context.route(lambda url: not url.startswith(server.origin), lambda route: route.abort())
    page = visitor.open("bare.html", user="anna")
    page.add_script_tag(path=_webchat())
    page.evaluate(
        """document.body.append(Object.assign(document.createElement("div"), { id: "webchat" }));
        window.mount = (userId) => WebChat.default(
          {
            socketUrl: location.origin,
            customData: { userId },
            hideWhenNotConnected: false,
            withRules: false,
          },
          document.querySelector("#webchat"),
        );
        window.mount("anna")"""
    )
    expect(page.locator(".rw-launcher")).to_be_visible()
    page.evaluate("localStorage.chat_session = JSON.stringify({ session_id: 'annas' })")
    page.evaluate(SIGN_OUT)
    expect(page.locator("#webchat > *")).to_have_count(0)
    asked = len(polls)
    page.wait_for_timeout(6000)
    assert len(polls) == asked, "it would have tried again within 5 s"
    assert _stored(page) == []
    page.evaluate("window.mount('ben')")
    expect(page.locator(".rw-launcher")).to_be_visible()


def _webchat() -> Path:
    file = LIBRARIES / "rasa-webchat" / "lib" / "index.js"
    if not file.is_file():
        pytest.skip("the browser libraries are not installed: make web")
    return file
