"""Accessibility violations that axe-core finds in a page."""

from __future__ import annotations

from playwright.async_api import Page

from support.processes import ROOT

__all__ = ["axe_violations"]

_AXE = ROOT / "example_bot" / "host_app" / "node_modules" / "axe-core" / "axe.min.js"

# driver.js draws its titles as <header>, which counts as a second banner while a tour runs.
_DRIVERS_OWN = ("landmark-no-duplicate-banner", "landmark-unique")
_RUN = """async (ignored) => {
  const rules = Object.fromEntries(ignored.map((id) => [id, { enabled: false }]));
  const { violations } = await axe.run(document, { rules });
  return violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map((node) => `${node.target.flat().join(" ")} (${node.failureSummary})`).join("; ")}`);
}"""


async def axe_violations(page: Page, *, in_tour: bool = False) -> list[str]:
    """Return each violation as one line: the rule and the failing elements."""
    if not await page.evaluate("() => !!window.axe"):
        # Injected through the debugger: the page's own policy allows no further scripts.
        await page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(_RUN, _DRIVERS_OWN if in_tour else ())
    return found
