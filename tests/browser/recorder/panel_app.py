"""An app to record, and what tests see of the recorder's panel in it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect
from support.background import PATIENCE_S

from browser.recorder.stand_in import RECORDER, RecorderStandIn

__all__ = ["APP", "button", "cards", "checked", "expect_titles"]

expect.set_options(timeout=PATIENCE_S * 1000)

#: An app with a menu that closes when something outside it is pressed, by a listener in the capture phase.
APP = """
<main style="max-width: 600px">
  <h1>Projects</h1>
  <button id=options aria-label="Table options">⋯</button>
  <div id=menu role=menu hidden style="position: absolute; top: 400px">
    <button role=menuitem id=toggle>Bulk edit</button>
  </div>
  <label>Name <input id=name></label>
  <label>Password <input id=secret type=password></label>
  <ul>
    <li><label><input type=checkbox id=row-1> One</label></li>
    <li><label><input type=checkbox id=row-2> Two</label></li>
    <li><label><input type=checkbox id=row-3> Three</label></li>
  </ul>
  <button id=save>Save</button>
  <a href="/other" style="color: inherit">Other page</a>
  <a id=new-tab style="color: inherit" href="/other" target=_blank rel=opener>New tab</a>
  <button id=open>Ask</button>
  <dialog id=ask><button id=confirm>Confirm</button></dialog>
  <p id=seen></p>
</main>
<script>
  const seen = (what) => (document.querySelector("#seen").textContent += `${what};`);
  options.onclick = () => (menu.hidden = false);
  toggle.onclick = () => (menu.hidden = true);
  const leave = ({ target }) => menu.contains(target) || (menu.hidden = true);
  document.addEventListener("pointerdown", leave, true);
  document.addEventListener("keydown", ({ key }) => seen(`key ${key}`), true);
  for (const type of ["click", "input", "focusin", "wheel"]) {
    document.addEventListener(type, ({ target }) => target.localName.startsWith("rasa-") && seen(type), true);
  }
  document.querySelector("#open").onclick = () => ask.showModal();
  document.querySelector("#confirm").onclick = () => ask.close();
</script>
"""


def cards(page: Page) -> Locator:
    """The cards of the steps."""
    return page.locator(f"{RECORDER} .steps .card")


def expect_titles(page: Page, *titles: str) -> None:
    """Wait until these are the titles of the steps."""
    fields = page.locator(f"{RECORDER} .card .title")
    expect(fields).to_have_count(len(titles))
    for index, title in enumerate(titles):
        expect(fields.nth(index)).to_have_value(title)


def button(page: Page, name: str) -> Locator:
    """A button of the panel."""
    return page.locator(RECORDER).get_by_role("button", name=name, exact=True)


def checked(app: RecorderStandIn, page: Page, count: int) -> dict[str, Any]:
    """Wait until the server has checked the draft as it is now, with so many steps; returns it."""
    expect(cards(page)).to_have_count(count)
    page.locator(f"{RECORDER} .path").evaluate("(it) => (it.open = true)")
    described = f"Draft {len(app.posts)}."
    with page.expect_response(lambda it: "recorder/draft" in it.url and described in repr(app.drafts()[-1])):
        page.locator(RECORDER).get_by_label("Description").fill(described)
    return app.drafts()[-1]
