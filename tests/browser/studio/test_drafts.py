"""Screen Drafts, and the button that opens the app with the recorder."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.studio.stand_in import Refused, StudioStandIn
from browser.studio.test_paths import ABOUT, DETAIL, HOSTILE, NOW, violations_in_both_themes

DRAFT: dict[str, Any] = {
    "draft_id": "draft_1",
    "made_at": NOW - 300,
    "path_id": "export",
    "title": f"Export {HOSTILE}",
    "yaml": f'id: "export"\ntitle: "{HOSTILE}"\n',
    "file": "golden_paths/export.yml",
    "diff": "--- a/golden_paths/export.yml\n+++ b/golden_paths/export.yml\n"
    '@@ -1 +1 @@\n-title: "Old"\n+title: "New"\n',
    "base": "ab12",
    "can_write": True,
    "errors": [],
    "warnings": [{"step": "menu", "message": "The id “menu-7” contains a number."}],
}
ROW = {"draft_id": "draft_1", "made_at": NOW - 300, "path_id": "export", "title": "Export", "steps": 3}


@pytest.fixture
def drafts(answers: dict[str, Any]) -> dict[str, Any]:
    answers["path-drafts"] = {"drafts": [{**ROW, "is_new": False}], "can_write": True}
    answers["path-drafts/draft_1"] = DRAFT
    return answers


def test_shows_a_draft_and_writes_it(
    studio: Callable[..., Page], drafts: dict[str, Any], server: StudioStandIn
) -> None:
    drafts["path-drafts/write"] = Refused(400, "The file has changed.", "Open the draft again.")
    page = studio("#/drafts")
    row = page.get_by_role("row", name=re.compile("Export"))
    expect(row).to_contain_text("change a path")
    assert violations_in_both_themes(page) == []
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Export {HOSTILE}")
    expect(page.get_by_text('+title: "New"')).to_be_visible()
    expect(page.get_by_text("The id “menu-7” contains a number.")).to_be_visible()
    assert violations_in_both_themes(page) == []
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download export.yml").click()
    assert downloading.value.suggested_filename == "export.yml"
    for answer, expected in ((None, "Open the draft again."), ({"is_logged": True}, "is written.")):
        drafts["path-drafts/write"] = answer or drafts["path-drafts/write"]
        page.get_by_role("button", name="Write into export.yml").click()
        page.get_by_label("Your name").fill("Ann")
        page.get_by_role("button", name="Write", exact=True).click()
        expect(page.get_by_text(expected).first).to_be_visible()
    written = [asked.body for asked in server.asked if asked.path == "path-drafts/write"]
    assert written == [{"draft_id": "draft_1", "base": "ab12", "by": "Ann", "why": ""}] * 2


def test_deletes_a_draft_only_when_asked_twice(
    studio: Callable[..., Page], drafts: dict[str, Any], server: StudioStandIn
) -> None:
    drafts["path-drafts/delete"] = {"was_there": True}
    drafts["path-drafts/draft_1"] = {**DRAFT, "can_write": False, "file": "", "diff": "", "warnings": []}
    page = studio("#/drafts/draft_1")
    expect(page.get_by_role("button", name=re.compile("Write into"))).to_have_count(0)
    page.get_by_role("button", name="Delete the draft").click()
    page.get_by_role("button", name="Cancel").click()
    assert "path-drafts/delete" not in [asked.path for asked in server.asked]
    drafts["path-drafts"] = {"drafts": [], "can_write": False}
    page.get_by_role("button", name="Delete the draft").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No drafts yet.")).to_be_visible()


def test_opens_the_page_of_the_app_with_the_recorder(
    studio: Callable[..., Page], drafts: dict[str, Any], server: StudioStandIn
) -> None:
    drafts["golden-paths/export"] = DETAIL
    drafts["golden-paths"] = {"paths": [], **ABOUT}
    seen = [
        {"word": "https://app.example.com/", "count": 9},
        {"word": f"{server.origin}/reports", "count": 3},
        {"word": "https://app.example.com/reports/:id", "count": 2},
    ]
    drafts["rules/vocabulary"] = {"captured": {"page": seen}}
    drafts["recorder/links"] = {"link": f"{server.origin}/app#autoplay-record=T", "expires_at": NOW + 3600}
    page = studio("#/paths/export")
    page.get_by_role("button", name="Record again").click()
    field = page.get_by_label("Address of the page where it begins")
    options = page.locator("datalist option")
    expect(options).to_have_count(2)
    assert options.first.get_attribute("value") == f"{server.origin}/reports", "the path begins on /reports"
    field.fill(f"{server.origin}/app")
    assert violations_in_both_themes(page) == []
    with page.context.expect_page() as opening:
        page.get_by_role("button", name="Open the page").click()
    tab = opening.value
    tab.wait_for_url(re.compile("/app#autoplay-record=T$"))
    assert tab.evaluate("window.opener") is None
    (asked,) = [asked for asked in server.asked if asked.path == "recorder/links"]
    assert asked.body == {"page": f"{server.origin}/app", "path_id": "export"}
    tab.close()
    drafts["recorder/links"] = Refused(400, "It may not use the copilot", "Add it to allowed_origins.")
    page.goto(page.url.partition("#")[0] + "#/paths")
    page.get_by_role("button", name="Record a path").click()
    page.get_by_label("Address of the page where it begins").fill("https://other.example.com/")
    page.get_by_role("button", name="Open the page").click()
    expect(page.get_by_text("Add it to allowed_origins.")).to_be_visible()
