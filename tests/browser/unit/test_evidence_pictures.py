"""The pictures of a proposal's evidence in a browser: every text fits, is readable, and is said for all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from support.slow_paths import a_finding, discovered, recorded_days

#: Whether all texts lie on the card, and apart from each other.
_FITS = """() => {
  const card = document.querySelector(".card").getBoundingClientRect();
  const boxes = [...document.querySelectorAll("text")].map((each) => each.getBoundingClientRect());
  const inside = boxes.every((b) => b.left >= card.left && b.right <= card.right && b.bottom <= card.bottom);
  const apart = boxes.every((b, n) => boxes.slice(n + 1).every((o) =>
    b.right <= o.left || o.right <= b.left || b.bottom <= o.top + 4 || o.bottom <= b.top + 4));
  return [inside, apart];
}"""
#: The contrast between texts and the card, at least.
_CONTRAST = """() => {
  const light = (color) => color.match(/[0-9.]+/g).slice(0, 3).map(Number)
    .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const fill = (element) => light(getComputedStyle(element).fill);
  const card = fill(document.querySelector(".card"));
  return Math.min(...[...document.querySelectorAll("text")].map(fill).map((text) =>
    (Math.max(text, card) + 0.05) / (Math.min(text, card) + 0.05)));
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A proposal's folder."""
    root, batches = tmp_path_factory.mktemp("project"), recorded_days(days=40, users=10)
    # Playwright's synchronous form runs an event loop in this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(discovered, root, batches, [a_finding(batches)]).result()
    return root / "proposals" / "projects-save-changes"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["cost.svg", "days.svg", "after.svg"])
def test_texts_fit_and_are_readable(chromium: Browser, folder: Path, name: str, scheme: str) -> None:
    context = chromium.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto((folder / name).as_uri())

    assert page.evaluate(_FITS) == [True, True]
    assert page.evaluate(_CONTRAST) >= 4.5
    said = page.locator("desc").text_content() or ""
    assert f"]({name})" in (folder / "evidence.md").read_text()
    assert said.endswith(".")
    context.close()
