"""Accessibility violations of a page of the studio."""

from __future__ import annotations

from playwright.sync_api import Page
from support.axe import AXE, RUN_AXE

__all__ = ["violations"]


def violations(page: Page) -> list[str]:
    """Return each violation that axe finds as one line."""
    # Through the debugger, because the page's own policy allows no further scripts.
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN_AXE)
    return found
