"""Nothing that was typed, and nothing of what may not be captured, leaves the page or stays in the tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from support.chromium import until_true

from browser.recorder.apps.conftest import OpenCopilot
from browser.recorder.apps.person import ALL_NAMED, perform, uncover
from browser.recorder.apps.served_app import served_app
from browser.recorder.apps.workflows import Act

_FIELDS = {
    "#full-name": "Zq1Ada",
    "#mail": "zq2.ada@example.com",
    "#password": "Zq3Password",
    "#card": "4111222233334444",
    "#code": "834921",
    "#cvc": "9173",
    "#search": "Zq4Searched",
    "#about": "Zq5About",
    "#note": "Zq6Note",
    "#uncaptured": "Zq7Uncaptured",
    "#salary": "Zq8Salary",
    "#nickname": "Zq10Nick",
    "#inner": "Zq11Inner",
}
#: What must not appear: the values, however an address encodes them, and the text that may not be captured.
_SECRETS = [*_FIELDS.values(), "zq2.ada%40example.com", "Zq9Uncaptured", "uncaptured"]


def _stored(page: Page) -> str:
    """Everything that the recorder keeps in the tab."""
    return str(page.evaluate("sessionStorage['rasa-autoplay-recorder'] || ''"))


def _leaks(text: str) -> list[str]:
    return [secret for secret in _SECRETS if secret.lower() in text.lower()]


@pytest.mark.slow
def test_no_typed_text_leaves_the_page(chromium: Browser, open_copilot: OpenCopilot) -> None:
    sent: list[str] = []

    def keep(request: Request) -> None:
        if "/recorder/" in request.url:
            sent.append(f"{request.url} {request.post_data or ''}")

    with served_app(Path(__file__).parent / "pages", "hostile.html") as served:
        copilot = open_copilot(served.origin)
        served.base = copilot.base
        # Wide enough for the panel beside the form.
        context = chromium.new_context(viewport={"width": 1600, "height": 1000})
        page = context.new_page()
        page.on("request", keep)
        page.goto(copilot.link(f"{served.origin}/sign-up?user=recording"))
        panel = page.locator("rasa-autoplay-recorder")
        expect(panel.get_by_text("Recording", exact=True)).to_be_visible()
        for field, text in _FIELDS.items():
            uncover(page, act := Act("type", field, text))
            perform(page, act)
            assert _leaks(_stored(page)) == [], field
        for button in ("#uncaptured-button", "#greet", "#send"):
            uncover(page, act := Act("click", button))
            perform(page, act)
            assert _leaks(_stored(page)) == [], button
        until_true(page, ALL_NAMED)
        panel.get_by_role("button", name="Get the file").click()
        file = panel.locator("pre")
        expect(file).to_contain_text("Send")
        text = file.text_content() or ""
        panel.get_by_role("button", name="Send to the studio").click()
        expect(panel.get_by_role("link", name="Open it in the studio")).to_be_visible()
        drafts = copilot.stored_drafts()
        context.close()
    assert len(drafts) == 1
    # The fields themselves are steps, by their labels.
    assert "Name" in text
    assert "Fill in" in text
    assert {name: _leaks(found) for name, found in (("file", text), ("drafts", repr(drafts)))} == {
        "file": [],
        "drafts": [],
    }
    assert [found for request in sent if (found := (_leaks(request), request))[0]] == []
    assert len(sent) > len(_FIELDS)
