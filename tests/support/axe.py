"""Accessibility violations that axe-core finds in a page."""

from __future__ import annotations

from playwright.async_api import Page

from support.processes import ROOT

__all__ = ["AXE", "RUN_AXE", "axe_violations"]

AXE = ROOT / "example_bot" / "host_app" / "node_modules" / "axe-core" / "axe.min.js"

#: Returns each violation as one line.
RUN_AXE = """async () => {
  const { violations } = await axe.run(document);
  return violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map((node) => `${node.target.flat().join(" ")} (${node.failureSummary})`).join("; ")}`);
}"""


async def axe_violations(page: Page) -> list[str]:
    """Return each violation as one line: the rule and the failing elements."""
    if not await page.evaluate("() => !!window.axe"):
        # Injected through the debugger: the page's own policy allows no further scripts.
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(RUN_AXE)
    return found
