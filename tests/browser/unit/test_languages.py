"""The language of the page: what the feed asks for, and the script's own texts."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer

_OVERFLOWING = """(card) => [...card.querySelectorAll(":not(.sr)")]
  .filter((it) => it.scrollWidth > it.clientWidth + 1).map((it) => it.outerHTML)"""
GERMAN = "Mehrere Projekte auf einmal ändern? Soll ich es dir zeigen?"


def card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


def speak(language: str) -> str:
    """Returns JavaScript that gives the page a language before its body is parsed."""
    say = f"document.documentElement.lang = '{language}'"
    observer = f"new MutationObserver((_, it) => {{ {say}; it.disconnect(); }})"
    return f"{observer}.observe(document, {{ childList: true }})"


def browser_reads(*languages: str) -> str:
    return f"Object.defineProperty(navigator, 'languages', {{ value: {json.dumps(languages)} }});"


# What the feed asks for ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page_language", "browser", "option", "asked"),
    [
        ("de-CH", ["fr-FR", "fr", "en"], "", "de-CH,fr-FR,fr,en"),
        ("en", ["en", "de"], "", "en,de"),
        ("de", ["en"], "ja", "ja,en"),
        ("", ["pl"], "", "pl"),
        ("en", ["ar", "de", "es", "fr", "it"], "", "en,ar,de,es,fr"),
        ('de"><script>', ["x" * 40, "*", "en"], "", "en"),
    ],
)
def test_feed_names_the_languages_of_the_page_and_then_the_browser(
    visitor: Visitor, server: StandIn, page_language: str, browser: list[str], option: str, asked: str
) -> None:
    init = browser_reads(*browser) + speak(page_language)
    visitor.open("plain.html", init=init, **({"language": option} if option else {}))
    assert server.until_feeds(1)[0]["languages"] == asked


def test_another_language_of_the_page_brings_the_waiting_offer_in_it(
    visitor: Visitor, server: StandIn
) -> None:
    page = visitor.open("plain.html")
    server.send(offer())
    expect(card(page)).to_contain_text("Changing projects")
    expect(card(page).get_by_role("button", name="Later")).to_be_visible()
    server.until_receipt("seen")
    with server.another_feed():
        page.evaluate("document.documentElement.lang = 'de'")
    query = server.until_feeds(2)[-1]
    assert query["languages"].split(",")[0] == "de"
    assert query["last_event_id"] == ""
    server.send(offer(body=GERMAN))
    expect(card(page)).to_contain_text(GERMAN)
    expect(card(page).get_by_role("button", name="Später")).to_be_visible()
    # It is the same offer: nothing is reported twice.
    assert visitor.settled().receipts() == ["rendered", "seen"]
    # The next connection says that it is here.
    with server.another_feed():
        server.drop()
    assert server.asked().feeds[-1]["last_event_id"] == "offer_1"


def test_an_answered_offer_stays_answered_in_another_language(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html")
    server.send(offer())
    card(page).get_by_role("button", name="Later").click()
    with server.another_feed():
        page.evaluate("document.documentElement.lang = 'de'")
    server.send(offer(body=GERMAN))
    server.send(offer("offer_2", body="Noch etwas?"))
    expect(card(page)).to_contain_text("Noch etwas?")
    assert visitor.settled().receipts("offer_1") == ["rendered", "snoozed"]


def test_a_page_without_the_feed_changes_its_language(visitor: Visitor, server: StandIn) -> None:
    first = visitor.open("plain.html")
    server.until_open(1)
    second = visitor.open("plain.html")
    with server.another_feed():
        second.evaluate("document.documentElement.lang = 'it'")
    assert server.asked().feeds[-1]["languages"].split(",")[0] == "it"
    server.send(offer())
    expect(card(second).get_by_role("button", name="Più tardi")).to_be_visible()
    expect(card(first).get_by_role("button", name="Later")).to_be_visible()


# The script's own texts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "later", "tag", "direction"),
    [
        ("de-CH", "Später", "de", "ltr"),
        ("pt-BR", "Mais tarde", "pt", "ltr"),
        ("ja", "あとで", "ja", "ltr"),
        ("ar-EG", "لاحقًا", "ar", "rtl"),
    ],
)
def test_toast_speaks_the_language_of_the_page(
    visitor: Visitor, server: StandIn, language: str, later: str, tag: str, direction: str
) -> None:
    page = visitor.open("plain.html", init=speak(language))
    server.send(offer())
    expect(card(page).get_by_role("button", name=later)).to_be_visible()
    host = page.locator("rasa-autoplay")
    expect(host).to_have_attribute("lang", tag)
    assert host.evaluate("(it) => getComputedStyle(it).direction") == direction
    assert server.texts_loaded == [f"{tag}.json"]


def test_tour_speaks_the_language_of_the_page(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(init=speak("ar"))
    server.send(offer())
    card(page).get_by_role("button", name="أرني كيف").click()
    tour = page.locator("rasa-autoplay-tour")
    expect(tour.get_by_role("button", name="إغلاق")).to_be_visible()
    expect(tour).to_have_attribute("lang", "ar")
    assert tour.evaluate("(it) => getComputedStyle(it).direction") == "rtl"


def test_the_browser_s_language_counts_if_the_page_s_is_unknown(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html", init=browser_reads("sv", "nl-BE") + speak("sv"))
    server.send(offer())
    expect(card(page).get_by_role("button", name="Niet meer tonen")).to_be_visible()


def test_texts_of_the_page_replace_single_ones(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html", init=speak("de"), texts={"later": "Vielleicht später"})
    server.send(offer())
    expect(card(page).get_by_role("button", name="Vielleicht später")).to_be_visible()
    expect(card(page).get_by_role("button", name="Nicht mehr anzeigen")).to_be_visible()


def test_texts_of_the_page_are_in_its_language(visitor: Visitor, server: StandIn) -> None:
    init = browser_reads("sv", "de") + speak("sv")
    page = visitor.open("plain.html", init=init, texts={"later": "Senare"})
    server.send(offer())
    expect(card(page).get_by_role("button", name="Senare")).to_be_visible()
    expect(page.locator("rasa-autoplay")).to_have_attribute("lang", "sv")
    assert server.texts_loaded == []


def test_an_english_page_loads_no_texts(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html", init=browser_reads("en-GB", "de") + speak("en-GB"))
    server.send(offer())
    expect(card(page)).to_be_visible()
    expect(page.locator("rasa-autoplay")).to_have_attribute("lang", "en")
    assert server.texts_loaded == []


def test_a_page_without_an_offer_loads_no_texts(visitor: Visitor, server: StandIn) -> None:
    visitor.open("plain.html", init=speak("de"))
    server.until_open(1)
    visitor.settled()
    assert server.texts_loaded == []


@pytest.mark.parametrize("fault", [503, StandIn.NO_ANSWER])
def test_texts_that_do_not_come_delay_the_toast_for_a_second_at_most(
    visitor: Visitor, server: StandIn, fault: int
) -> None:
    server.answers["texts"] = [fault]
    page = visitor.open("plain.html", init=speak("de"))
    server.send(offer())
    expect(card(page).get_by_role("button", name="Later")).to_be_visible()
    expect(page.locator("rasa-autoplay")).to_have_attribute("lang", "en")


def test_texts_that_are_no_json_leave_the_toast_in_english(visitor: Visitor, server: StandIn) -> None:
    visitor.context.route("**/texts/de.json", lambda route: route.fulfill(body="<html>Sign in</html>"))
    page = visitor.open("plain.html", init=speak("de"))
    server.send(offer())
    expect(card(page).get_by_role("button", name="Later")).to_be_visible()


def test_own_chat_window_speaks_the_language_of_the_page(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html", init=speak("de"), chat="window")
    launcher = page.locator("rasa-autoplay-chat .launcher")
    expect(launcher).to_have_accessible_name("Chat öffnen")
    page.evaluate("document.documentElement.lang = 'fr'")
    expect(launcher).to_have_accessible_name("Ouvrir le chat")
    expect(page.locator("rasa-autoplay-chat")).to_have_count(1)


@pytest.mark.parametrize("language", ["de", "ja", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_other_languages_on_a_phone(
    new_visitor: Callable[..., Visitor], server: StandIn, language: str, scheme: str
) -> None:
    axe = server.library("axe-core/axe.min.js")
    if axe is None:
        pytest.skip("axe-core is not there: make web")
    visitor = new_visitor(viewport={"width": 375, "height": 667}, color_scheme=scheme)
    page = visitor.open("plain.html", init=speak(language))
    server.send(offer(reply_options=["Yes"]))
    expect(card(page).locator(".quiet button")).to_have_count(2)
    page.evaluate(axe)
    assert page.evaluate("async () => (await axe.run()).violations.map(({ id }) => id)") == []
    box = card(page).bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375
    assert card(page).evaluate(_OVERFLOWING) == []
