"""What a page says about its user's consent, and what posthog-js knows of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.unit.conftest import Visitor, after_timers
from browser.unit.stand_in import StandIn, offer

#: A posthog-js that knows what its user has chosen. Older versions have no `get_explicit_consent_status`.
_POSTHOG = """(() => {
  let choice = "CHOICE";
  const isOut = () => choice === "denied" || (choice === "pending" && IS_OUT);
  window.posthog = {
    __loaded: true,
    config: { opt_out_capturing_by_default: IS_OUT },
    get_explicit_consent_status: () => choice,
    has_opted_out_capturing: isOut,
    has_opted_in_capturing: () => !isOut(),
    opt_in_capturing: () => (choice = "granted"),
    opt_out_capturing: () => (choice = "denied"),
  };
  if (IS_OLD) delete window.posthog.get_explicit_consent_status;
})()"""

#: Whether the page has loaded what looks at posthog-js.
_IS_FOLLOWED = (
    """performance.getEntriesByType("resource").some(({ name }) => name.includes("posthog_consent"))"""
)


def posthog(choice: str, *, is_out: bool = False, is_old: bool = False) -> str:
    flags = {"CHOICE": choice, "IS_OUT": str(is_out).lower(), "IS_OLD": str(is_old).lower()}
    script = _POSTHOG
    for name, value in flags.items():
        script = script.replace(name, value)
    return script


def consents(server: StandIn, count: int = 1) -> list[bool]:
    return [body["consent"] for body in server.until_posted("consent", count)]


def say(page: Page, is_given: bool) -> object:
    return page.evaluate("(isGiven) => rasaAutoplay.copilot.consent(isGiven)", is_given)


def test_page_gives_consent(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html")
    assert say(page, True) is True
    assert server.until_posted("consent") == [{"user_id": "u1", "consent": True}]


@pytest.mark.parametrize("fault", [401, 429, 503])
def test_consent_is_sent_until_the_server_has_answered(visitor: Visitor, server: StandIn, fault: int) -> None:
    server.answers["consent"] = [fault]
    page = visitor.open("plain.html")
    assert say(page, True) is True
    assert consents(server) == [True, True]


def test_a_refused_consent_is_not_sent_again(visitor: Visitor, server: StandIn) -> None:
    server.answers["consent"] = [403]
    page = visitor.open("plain.html")
    assert say(page, True) is False
    assert consents(server) == [True]


def test_the_last_answer_counts(visitor: Visitor, server: StandIn) -> None:
    server.answers["consent"] = [503]
    page = visitor.open("plain.html")
    page.evaluate("void (window.first = rasaAutoplay.copilot.consent(true))")
    consents(server)
    assert say(page, False) is True
    assert page.evaluate("window.first") is False
    assert consents(server) == [True, False]


def test_withdrawal_removes_the_offer_from_all_tabs_and_from_the_browser(
    visitor: Visitor, server: StandIn
) -> None:
    first, second = visitor.open("plain.html"), visitor.open("plain.html")
    server.answers["proactive/ack"] = [503] * 9
    server.send(offer())
    for page in (first, second):
        expect(page.locator("rasa-autoplay .card")).to_be_visible()
    server.until_receipt("rendered")
    say(second, False)
    for page in (first, second):
        expect(page.locator("rasa-autoplay .card")).to_have_count(0)
    assert first.evaluate("Object.keys(localStorage).filter((key) => !key.includes('alive'))") == []


def test_withdrawal_elsewhere_removes_the_offer(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html")
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    server.tell_consent(given=False)
    expect(page.locator("rasa-autoplay .card")).to_have_count(0)


def test_page_learns_that_it_has_to_ask(visitor: Visitor, server: StandIn) -> None:
    listen = "addEventListener('rasa-autoplay-consent', ({ detail }) => (window.heard = detail))"
    page = visitor.open("plain.html", init=listen)
    server.tell_consent(given=False)
    page.wait_for_function("window.heard")
    assert page.evaluate("window.heard") == {"required": True, "given": False}
    assert "consent" not in visitor.settled().paths


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (posthog("granted"), True),
        (posthog("denied"), False),
        (posthog("granted", is_out=True, is_old=True), True),
        (posthog("denied", is_old=True), False),
    ],
    ids=["granted", "denied", "granted, old version", "denied, old version"],
)
def test_choice_in_posthog_counts_if_the_page_wants_it(
    visitor: Visitor, server: StandIn, script: str, told: bool
) -> None:
    visitor.open("plain.html", init=script, consent="posthog")
    server.tell_consent(given=False)
    assert consents(server) == [told]


@pytest.mark.parametrize("is_out", [True, False])
@pytest.mark.parametrize("is_old", [True, False])
def test_posthog_s_default_is_no_choice(
    visitor: Visitor, server: StandIn, is_out: bool, is_old: bool
) -> None:
    init = posthog("pending", is_out=is_out, is_old=is_old)
    page = visitor.open("plain.html", init=init, consent="posthog")
    server.tell_consent(given=True)
    choose = "posthog.opt_in_capturing()" if is_out else "posthog.opt_out_capturing()"
    page.wait_for_function(f"() => {_IS_FOLLOWED}")
    after_timers(page, 1100)  # posthog-js has been asked once
    assert "consent" not in visitor.settled().paths
    page.evaluate(choose)
    assert consents(server) == [is_out]


def test_choice_in_posthog_is_not_consent_by_default(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html", init=posthog("granted"))
    server.tell_consent(given=False)
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    assert "consent" not in visitor.settled().paths
    assert not page.evaluate(_IS_FOLLOWED)


def test_choice_in_posthog_is_not_sent_to_a_server_that_requires_none(
    visitor: Visitor, server: StandIn
) -> None:
    page = visitor.open("plain.html", init=posthog("denied"), consent="posthog")
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    assert "consent" not in visitor.settled().paths
    assert not page.evaluate(_IS_FOLLOWED)


# The list of tips ------------------------------------------------------------------------------------------


def test_opens_the_list_of_tips_in_the_user_s_language(visitor: Visitor, server: StandIn) -> None:
    script = """export const createTips = ({ texts }, api, { name }) =>
      ({ open: () => ((window.opened = [texts.language, Boolean(api.ask), name.endsWith("u1")]), true) });"""
    visitor.context.route(
        "**/tips.mjs", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    page = visitor.open("plain.html", language="de")
    assert page.evaluate("rasaAutoplay.copilot.openTips()") is True
    assert page.evaluate("window.opened") == ["de", True, True]


def test_a_list_of_tips_that_cannot_be_loaded_can_be_opened_later(visitor: Visitor, server: StandIn) -> None:
    visitor.context.route("**/tips.mjs", lambda route: route.abort(), times=1)
    script = "export const createTips = () => ({ open: () => true });"
    page = visitor.open("plain.html")
    assert page.evaluate("rasaAutoplay.copilot.openTips()") is False
    visitor.context.route(
        "**/tips.mjs", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    assert page.evaluate("rasaAutoplay.copilot.openTips()") is True
