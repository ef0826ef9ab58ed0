"""Asks a page what it has, through the functions that the recorder uses, too."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rasa_autoplay.common.languages.tags import canonical_tag
from rasa_autoplay.gateway.routes.browser_script import as_elements_expression

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Page

__all__ = ["INIT_SCRIPT", "POLL_MS", "SEEN", "PageView"]

#: The name of the function by which a page reports what analytics would capture.
SEEN = "__rasaAutoplayVerifySeen"
_VIEW = "__rasaAutoplayVerify"
#: How often a condition is checked, in milliseconds.
POLL_MS = 50
_ResultT = TypeVar("_ResultT")

#: Runs in each document before the app's own scripts.
INIT_SCRIPT = f"""
if (window === top) (() => {{
  const elements = {as_elements_expression()};
  const view = ({(Path(__file__).parent / "page_view.js").read_text("utf-8")})(elements);
  Object.defineProperty(window, "{_VIEW}", {{ value: view }});
  for (const type of ["click", "change", "submit"])
    addEventListener(type, (event) => {{
      const captured = elements.capturedEvent(type, event.composedPath()[0]);
      if (captured) window.{SEEN}?.(captured);
    }}, {{ capture: true }});
}})();
"""


class PageView:
    """What a tab shows.

    A page may navigate at any moment, and its document is then gone. Every question is asked again until its
    time is over.

    Args:
        page: the tab.
        timeout_s: how long to wait for a condition.
    """

    def __init__(self, page: Page, timeout_s: float) -> None:
        self.page = page
        self.timeout_s = timeout_s

    def until(self, check: Callable[[], _ResultT], timeout_s: float | None = None) -> _ResultT:
        """Return the first true result of a check, or its last result when the time is over."""
        end = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        while True:
            found = check()
            if found or time.monotonic() >= end:
                return found
            self.page.wait_for_timeout(POLL_MS)

    def ask(self, question: str, *arguments: Any) -> Any:
        """Call a function of ``page_view.js``; returns None if the page cannot answer."""
        from playwright.sync_api import Error

        for _ in range(10):
            try:
                return self.page.evaluate(
                    f"(arguments) => window.{_VIEW}.{question}(...arguments)", list(arguments)
                )
            except Error:
                if self.page.is_closed():
                    return None
                self.page.wait_for_timeout(POLL_MS)
        return None

    def languages(self) -> tuple[str, ...]:
        """Return the language that the page names in ``<html lang>``; empty if it names none."""
        from playwright.sync_api import Error

        try:
            named = self.page.evaluate("document.documentElement.lang")
        except Error:  # the page navigates
            return ()
        tag = canonical_tag(named) if isinstance(named, str) else None
        return (tag,) if tag else ()

    def look(self, selector: str) -> dict[str, Any]:
        """Return what a selector finds."""
        return self.ask("look", selector) or {"hits": 0, "shown": 0, "names": []}

    def similar(self, step: dict[str, str], others: Sequence[str]) -> list[dict[str, Any]]:
        """Return the elements that are most like a step's, best first.

        Args:
            step: ``{selector, label, title}``, and ``role`` if it is known.
            others: selectors of the path's other steps; their elements are no candidates.
        """
        return self.ask("similar", step, list(others)) or []

    def handle(self, index: int) -> ElementHandle | None:
        """Return an element that the last answer named."""
        from playwright.sync_api import Error

        try:
            return self.page.evaluate_handle(f"(index) => window.{_VIEW}.kept(index)", index).as_element()
        except Error:
            return None
