"""One copilot for each page, however often and in whatever form its script was loaded."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer

_SCRIPT = "/webhooks/autoplay/autoplay.js"
_MODULE = "/webhooks/autoplay/autoplay.mjs"
#: Adds a tag to an element and waits until it has run.
_ADD_TAG = """([parent, user]) => new Promise((done) => {
  const tag = document.createElement("script");
  tag.src = "/webhooks/autoplay/autoplay.js";
  if (user !== null) tag.dataset.userId = user;
  tag.onload = done;
  document.querySelector(parent).append(tag);
})"""


def _add_tag(page: Page, user: str | None = "u1", parent: str = "body") -> None:
    page.evaluate(_ADD_TAG, [parent, user])


def _swap_body(page: Page, user: str | None = "u1") -> None:
    """Do as Turbo does: replace the body; a tag in it runs again."""
    page.evaluate("document.body = document.body.cloneNode(true)")
    _add_tag(page, user)


def _expect_one_card(page: Page, server: StandIn) -> None:
    server.until_open(1)
    server.send(offer(tours=[]))
    expect(page.locator("rasa-autoplay .card")).to_have_count(1)
    expect(page.locator("rasa-autoplay")).to_have_count(1)


def test_a_second_tag_changes_nothing(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html")
    first = page.evaluate_handle("rasaAutoplay.copilot")
    _add_tag(page)
    assert page.evaluate("(first) => rasaAutoplay.copilot === first", first)
    _expect_one_card(page, server)
    page.get_by_role("button", name="Later").click()
    server.until_receipt("snoozed")
    asked = visitor.settled()
    assert sorted(asked.receipts()) == sorted({*asked.receipts()})
    assert len(asked.feeds) == 1


def test_a_tag_in_a_body_that_is_swapped_runs_once(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html")
    for _ in range(3):
        _swap_body(page)
    _expect_one_card(page, server)
    _swap_body(page)
    expect(page.locator("rasa-autoplay .card")).to_have_count(1)
    assert len(visitor.settled().feeds) == 1


def test_the_tag_and_the_module_share_one(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html")
    shared = "({ createCopilot }) => createCopilot({ userId: 'u1' }) === rasaAutoplay.copilot"
    assert page.evaluate(f"import('{_MODULE}').then({shared})")
    _expect_one_card(page, server)


def test_another_user_takes_over(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html")
    _expect_one_card(page, server)
    _add_tag(page, "u2")
    expect(page.locator("rasa-autoplay .card")).to_have_count(0)
    assert server.until_feeds(2)[-1]["user_id"] == "u2"
    server.until_open(1)
    server.send(offer("offer_2", body="For the second user", tours=[]))
    expect(page.locator("rasa-autoplay")).to_have_count(1)
    expect(page.get_by_role("status")).to_contain_text("For the second user")


def test_a_new_body_without_a_user_signs_out(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html")
    _expect_one_card(page, server)
    _swap_body(page, "")
    expect(page.locator("rasa-autoplay")).to_have_count(0)
    server.until_open(0)


def test_an_effect_that_runs_twice_makes_one(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html", user="")
    page.evaluate("""() => {
      const { createCopilot } = rasaAutoplay;
      createCopilot({ userId: "u1" }).destroy();
      createCopilot({ userId: "u1" });
    }""")
    _expect_one_card(page, server)


def _said(visitor: Visitor, body: str, then: str = "") -> list[str]:
    """What a page with that body writes to the console within 20 s."""
    said: list[str] = []
    visitor.context.on("console", lambda message: said.append(message.text))
    page = f'<!doctype html><html lang="en"><title>Projects</title><main>{body}</main></html>'
    visitor.context.route(
        "**/host.html*", lambda route: route.fulfill(body=page, content_type="text/html; charset=utf-8")
    )
    visitor.stop_the_clock()
    tab = visitor.open()
    if then:
        tab.evaluate(then)
    visitor.pass_time(20)
    tab.evaluate("0")
    return said


def test_a_module_tag_says_what_to_do(visitor: Visitor) -> None:
    (line,) = _said(visitor, f'<script type="module" src="{_SCRIPT}" data-user-id="u1"></script>')
    assert line.startswith('rasa-autoplay: remove type="module" from the script tag')


def test_a_tag_whose_attributes_were_removed_says_what_to_do(visitor: Visitor) -> None:
    (line,) = _said(visitor, f'<script src="{_SCRIPT}"></script>' * 2)
    assert "rasa-autoplay: the script tag has no data-user-id" in line


@pytest.mark.parametrize(
    ("body", "then"),
    [
        (f'<script src="{_SCRIPT}" data-user-id="u1"></script>', ""),
        (f'<script src="{_SCRIPT}" data-user-id=""></script>', ""),
        (f'<script src="{_SCRIPT}"></script>', "rasaAutoplay.createCopilot({ userId: 'u1' })"),
        (f'<script src="{_SCRIPT}"></script>', "rasaAutoplay.createCopilot({ userId: 'u1' }).destroy()"),
        (
            f'<script src="{_SCRIPT}"></script>',
            f"import('{_MODULE}').then(({{ createCopilot }}) => createCopilot({{ userId: 'u1' }}).destroy())",
        ),
    ],
    ids=["a user", "nobody yet", "created by the app", "created and destroyed", "created by the module"],
)
def test_nothing_is_said_where_nothing_is_wrong(visitor: Visitor, body: str, then: str) -> None:
    assert _said(visitor, body, then) == []
