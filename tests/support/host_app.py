"""The host app as its user sees it: one tab of a real browser with toast, tour and chat."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from support.background import eventually
from support.pair import Pair

__all__ = [
    "BULK_STEPS",
    "LARGE",
    "NARROW",
    "THREE_PROJECTS",
    "TOAST_MS",
    "HostApp",
    "Opener",
    "give_time",
    "new_user",
]

LARGE = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}

#: The projects that the user edits one by one.
THREE_PROJECTS = ("Customer portal relaunch", "Payment provider migration", "Mobile app 4.0")
#: The tour: each step's title and element.
BULK_STEPS = (
    ("Open table options", "#projects-table-options"),
    ("Pick Bulk edit", "#projects-bulk-edit-toggle"),
    ("Select projects", "#project-checkbox-P-1042"),
    ("Apply", "#bulk-apply"),
)
# Generous for a busy machine; only a failing test waits this long.
expect.set_options(timeout=60_000)

#: The trigger is evaluated in milliseconds; a busy machine gets more time.
TOAST_MS = 60_000


def new_user(name: str = "anna") -> str:
    """Return a user id that was never used."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


async def give_time(context: BrowserContext) -> None:
    """Let pages wait for the chat and for a tour's elements as long as a busy machine takes."""
    context.set_default_timeout(60_000)
    await context.add_init_script("""
      new MutationObserver((records) => {
        for (const { addedNodes } of records)
          for (const { src, dataset } of addedNodes)
            if (src && dataset.userId) Object.assign(dataset, { chatSeconds: "60", anchorSeconds: "60" });
      }).observe(document, { childList: true, subtree: true });
    """)


class HostApp:
    """One browser tab.

    Args:
        page: the browser's page.
        pair: the servers whose demo page it opens.
        user_id: the signed-in user; None for a visitor.
        pictures: the folder for screenshots.
    """

    def __init__(self, page: Page, pair: Pair, user_id: str | None, pictures: Path) -> None:
        self.page = page
        self.pair = pair
        self.user_id = user_id
        self._pictures = pictures
        #: Errors in the page's own scripts.
        self.errors: list[str] = []
        self.console: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)
        # Playwright's locators pierce the shadow root.
        self.toast = page.locator("rasa-autoplay .card")
        self.show_me = self.toast.get_by_role("button", name="Show me")
        self.open_chat = self.toast.get_by_role("button", name="Open chat")
        self.pill = page.locator("rasa-autoplay .pill button").first
        self.tour = page.locator("rasa-autoplay-tour .card:not(.done)")
        self.chat = page.locator(".rw-conversation-container")
        self.chat_launcher = page.locator(".rw-launcher")
        self.bubbles = page.locator(".rw-conversation-container .rw-response")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.console.append(message.text)

    async def visit(self, path: str = "projects", *, with_chat: bool = True) -> None:
        """Load the page and wait until the copilot is ready."""
        user = f"?user={self.user_id}" if self.user_id else ""
        await self.page.goto(f"{self.pair.base}/demo/{path}{user}", wait_until="domcontentloaded")
        await self.page.wait_for_function("() => window.rasaAutoplay?.copilot")
        if with_chat:
            await expect(self.chat_launcher).to_be_visible()
            await self.page.wait_for_function("() => sessionStorage.chat_session")

    async def another_tab(self) -> HostApp:
        """Open another tab of the same browser and user."""
        return HostApp(await self.page.context.new_page(), self.pair, self.user_id, self._pictures)

    async def go_to(self, name: str) -> None:
        """Use the app's own navigation (``pushState``)."""
        await self.page.get_by_role("link", name=name).first.click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(name)

    async def begin_edit(self, project: str, priority: str = "Urgent") -> None:
        """Open a project's dialog and choose a priority without saving."""
        await self.page.get_by_role("button", name=f"Edit {project}").click()
        await self.page.locator("#edit-priority").select_option(priority)

    async def edit(self, project: str, priority: str = "Urgent") -> None:
        """Give one project a priority."""
        await self.begin_edit(project, priority)
        await self.page.locator("#edit-save").click()
        await expect(self.page.locator("#edit-dialog")).to_be_hidden()

    async def edit_three(self, priority: str = "Urgent", projects: Sequence[str] = THREE_PROJECTS) -> None:
        """Edit three projects, which brings the toast."""
        for project in projects:
            await self.edit(project, priority)

    async def invited(self) -> None:
        """Visit, edit three projects, and wait for the toast."""
        await self.visit()
        await self.edit_three()
        await expect(self.toast).to_be_visible(timeout=TOAST_MS)

    def priority_of(self, project_id: str) -> Locator:
        """Return the priority in the table."""
        return self.page.locator(f'tr[data-project="{project_id}"] .cell-priority')

    async def tick(self, project_id: str) -> None:
        """Select one more row in bulk edit."""
        await self.page.locator(f"#project-checkbox-{project_id}").check()

    async def do_tour_step(self, title: str, element: str) -> None:
        """Do what a step of the tour asks for, on the element that it points at."""
        await self.page.locator(element).click()
        if title == "Select projects":
            await self.tour.get_by_role("button", name="Next").click()

    async def chat_session(self) -> str:
        """The sender id of this tab's chat."""
        return str(await self.page.evaluate("() => JSON.parse(sessionStorage.chat_session).session_id"))

    async def receipt(self, event: str) -> str:
        """Wait until the user's first offer has that receipt; return the offer's id."""
        assert self.user_id
        offer_id = await self.pair.offer_to(self.user_id)
        await eventually(
            lambda: event in self.pair.receipts(offer_id),
            what=f"the receipt {event} of {offer_id}",
        )
        return offer_id

    async def press(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def tab_to(self, element: Locator, key: str = "Tab", at_most: int = 60) -> None:
        """Press the Tab key until the element has the focus."""
        passed: list[str] = []
        for _ in range(at_most):
            if await element.evaluate("(it) => it.getRootNode().activeElement === it"):
                return
            await self.page.keyboard.press(key)
            passed.append(await self.page.evaluate("() => document.activeElement.outerHTML.slice(0, 60)"))
        raise AssertionError(f"{element} is not reached by {key}, only: {passed}")

    async def says_nothing(self, for_ms: int = 1500) -> None:
        """Check that no toast appears. To await all evaluations, call `pair.has_counted` first."""
        assert await self.page.evaluate(_APPEARS_WITHIN, for_ms) is False, "nothing was to be said"

    async def picture(self, name: str) -> None:
        """Save a screenshot."""
        await self.page.evaluate("() => document.fonts.ready")
        await self.page.screenshot(path=self._pictures / f"{name}.png", animations="disabled")

    async def evaluate(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page."""
        return await self.page.evaluate(script, *arguments)


#: Opens a tab for a story.
Opener = Callable[..., AbstractAsyncContextManager[HostApp]]

#: Resolves to whether a card or a pill appears within that time.
_APPEARS_WITHIN = """(ms) => new Promise((done) => {
  const end = performance.now() + ms;
  const look = () => {
    const shown = document.querySelector("rasa-autoplay")?.shadowRoot.querySelector(".card, .pill");
    if (shown || performance.now() > end) done(!!shown);
    else requestAnimationFrame(look);
  };
  look();
})"""
