"""The pictures of docs/record-a-path.md: taken here, so that they show what is.

``RECORDER_PICTURES=1`` in the environment takes them anew into ``docs/record-a-path``; otherwise they go to
pytest's temporary folder, which shows that they could be taken.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from support.chromium import until_true
from support.processes import ROOT

from browser.recorder.apps.conftest import OpenCopilot
from browser.recorder.apps.person import ALL_NAMED, perform, uncover
from browser.recorder.apps.workflows import DEMO

pytestmark = pytest.mark.slow

_MAX_BYTES = 90_000
_LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 820}, "color_scheme": "light"},
}


def _take(page: Page, name: str, pictures: Path) -> None:
    folder = ROOT / "docs" / "record-a-path" if os.environ.get("RECORDER_PICTURES") else pictures
    place = folder / f"{name}.webp"
    shot = page.screenshot(animations="disabled")
    Image.open(io.BytesIO(shot)).convert("RGB").save(place, quality=82, method=6)
    assert place.stat().st_size < _MAX_BYTES


def _recorded(page: Page, link: str) -> Locator:
    """Record the demo's workflow, and return the panel."""
    page.goto(link)
    panel = page.locator("rasa-autoplay-recorder")
    expect(panel.get_by_text("Recording", exact=True)).to_be_visible()
    workflow = DEMO[0]
    for act in workflow.acts:
        uncover(page, act)
        perform(page, act)
    until_true(page, ALL_NAMED)
    return panel


@pytest.mark.parametrize("look", _LOOKS)
def test_takes_the_pictures(chromium: Browser, open_copilot: OpenCopilot, tmp_path: Path, look: str) -> None:
    copilot = open_copilot(demo_page=str(ROOT / "example_bot" / "host_app"))
    context = chromium.new_context(**_LOOKS[look])
    page = context.new_page()
    panel = _recorded(page, copilot.link(f"{copilot.base}/demo/projects?user=anna"))
    _take(page, f"steps-{look}", tmp_path)
    if look == "light":
        panel.get_by_role("button", name="Get the file").click()
        expect(panel.locator(".view:visible p.about")).to_have_text("")
        expect(panel.get_by_role("button", name="Send to the studio")).to_be_in_viewport()
        _take(page, f"file-{look}", tmp_path)
        panel.get_by_role("button", name="Back to the steps").click()
        panel.get_by_role("button", name="Try it").click()
        expect(page.locator("rasa-autoplay-tour .card .title")).to_be_visible()
        # The panel rises above the tour when it next keeps up with the page; nothing in the page says so.
        page.evaluate("new Promise((done) => setTimeout(done, 600))")
        _take(page, f"trial-{look}", tmp_path)
    context.close()
