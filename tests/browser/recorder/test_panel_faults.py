"""The recorder when something fails: the server, its key, the storage, the draft."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.recorder.panel_app import button, cards, checked, expect_titles
from browser.recorder.stand_in import ORIGIN, RECORDER, RecorderStandIn, open_recorder


def _downloaded(page: Page) -> str:
    with page.expect_download() as download:
        button(page, "Download").click()
    assert download.value.suggested_filename == "new-path.yml"
    return download.value.path().read_text("utf-8")


def test_an_expired_key_keeps_the_draft_and_a_new_link_goes_on(page: Page, app: RecorderStandIn) -> None:
    open_recorder(page)
    page.click("#options")
    expect(cards(page)).to_contain_text("Traffic shows")
    app.statuses = {"action": 401, "draft": 401}
    page.click("#save")
    panel = page.locator(RECORDER)
    expect(panel).to_contain_text("This link has expired")
    expect(panel).to_contain_text("Make a new link in the studio")
    button(page, "Get the file").click()
    expect(button(page, "Send to the studio")).to_be_hidden()
    path = json.loads(_downloaded(page))  # JSON is YAML
    assert [step["element"] for step in path["steps"]] == ["#options", "#save"]
    app.statuses = {}
    page.goto(f"{ORIGIN}/other")
    page.goto(f"{ORIGIN}/projects#autoplay-record=token-2")
    button(page, "Back to the steps").click()
    expect_titles(page, "Press Table options", "Press Save")
    expect(cards(page).nth(1)).to_contain_text("Traffic shows: Click Save")
    expect(panel).not_to_contain_text("expired")
    assert app.bodies("session") == [{"token": "token-1"}, {"token": "token-2"}]


def test_a_link_that_was_used_says_what_to_do(page: Page, app: RecorderStandIn) -> None:
    app.statuses = {"session": 401}
    open_recorder(page)
    expect(page.locator(RECORDER)).to_contain_text("it was used before. Make a new link in the studio")


@pytest.mark.slow
def test_a_server_that_is_away_loses_nothing(page: Page, app: RecorderStandIn) -> None:
    app.statuses = {"session": 0}
    open_recorder(page)
    page.click("#save")
    expect(page.locator(RECORDER)).to_contain_text("The Rasa server can’t be reached")
    page.reload()  # the token waits, too
    page.locator(f"{RECORDER} .frame").wait_for()
    page.click("#options")
    expect_titles(page, "Press Save", "Press Table options")
    app.statuses = {}
    expect(cards(page).nth(1)).to_contain_text("Traffic shows: Click ⋯")
    expect(page.locator(RECORDER)).not_to_contain_text("can’t be reached")


@pytest.mark.slow
def test_a_browser_that_stores_nothing_says_so(
    new_context: Callable[..., BrowserContext], app: RecorderStandIn
) -> None:
    page = new_context().new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('refused'); } })"
    )
    open_recorder(page)
    page.click("#save")
    expect_titles(page, "Press Save")
    expect(page.locator(RECORDER)).to_contain_text("your draft is lost when the page reloads")


def test_errors_of_the_draft_are_at_their_card(page: Page, app: RecorderStandIn) -> None:
    app.errors = [
        {"place": "step 2 (Press Save), text", "message": "is empty", "remedy": "Write what to do."},
        {"place": "title", "message": "is too long", "remedy": "Shorten it."},
    ]
    open_recorder(page)
    page.click("#options")
    page.click("#save")
    checked(app, page, 2)
    expect(cards(page).nth(1).locator(".notes")).to_have_text("text: is empty. Write what to do.")
    expect(cards(page).nth(0).locator(".notes")).to_be_hidden()
    expect(page.locator(f"{RECORDER} .path + .notes")).to_have_text("title: is too long. Shorten it.")


@pytest.mark.slow
def test_a_path_can_be_recorded_again(page: Page, app: RecorderStandIn) -> None:
    path: dict[str, Any] = {
        "id": "save",
        "title": "Save it",
        "description": "Save your work.",
        "page": "/projects",
        "tour_label": "Show it",
        "steps": [
            {
                "id": "press",
                "title": "Press Save",
                "element": "#save",
                "text": "Press it.",
                "done_when": {"element_id": "save"},
                "any": [{"label": "Keep", "element": "#options", "done_when": {"element_id": "options"}}],
            }
        ],
    }
    app.recorded_again = path
    open_recorder(page)
    expect_titles(page, "Press Save")
    draft = checked(app, page, 1)
    assert draft == {**path, "description": draft["description"]}


@pytest.mark.slow
def test_the_file_is_downloaded_copied_and_sent(
    new_context: Callable[..., BrowserContext], app: RecorderStandIn
) -> None:
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    open_recorder(page)
    page.click("#save")
    checked(app, page, 1)
    button(page, "Get the file").click()
    expect(page.locator(f"{RECORDER} pre")).to_contain_text("# checked")
    text = _downloaded(page)
    assert text.startswith("# checked")
    button(page, "Copy").click()
    expect(page.locator(RECORDER)).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == text
    button(page, "Send to the studio").click()
    link = page.locator(RECORDER).get_by_role("link", name="Open it in the studio")
    expect(link).to_have_attribute("href", f"{ORIGIN}/webhooks/autoplay/studio#/drafts/d1")
    assert app.bodies("save") == [{"draft": app.drafts()[-1]}]


@pytest.mark.slow
def test_long_tours_are_warned_of(page: Page, app: RecorderStandIn) -> None:
    app.statuses = {"draft": 500}
    open_recorder(page)
    for selector in ("#options", "#toggle", "#save", "#row-1", "#open", "#confirm"):
        page.click(selector)
    warning = page.locator(RECORDER).get_by_text("This tour has 6 steps")
    expect(warning).to_contain_text("16 % one of seven")
    page.locator(f"{RECORDER} .steps summary").first.click()
    page.locator(RECORDER).get_by_label("Chat only").first.check()
    expect(warning).to_have_count(0)
