"""One browser context, in which one golden path is walked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rasa_autoplay.tools.verification.options import VerifyOptions
from rasa_autoplay.tools.verification.page_view import INIT_SCRIPT, POLL_MS, SEEN, PageView
from rasa_autoplay.tools.verification.sign_in import SignedIn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Frame, Page, Request

__all__ = ["Session", "context_options"]

_ResultT = TypeVar("_ResultT")
#: A verification is no user: nothing that it does is sent to the copilot or to PostHog.
_ANALYTICS = re.compile(
    r"/webhooks/autoplay/(?:capture|events|posthog|proactive|tour)\b|//[\w.-]*\bposthog\.com/"
)
_PRIVATE = (
    "input[type=password], .ph-no-capture, .ph-sensitive, [data-private], [autocomplete*=cc-], "
    "[autocomplete~=one-time-code]"
)


def context_options(options: VerifyOptions) -> dict[str, Any]:
    """Return Playwright's options of every context."""
    return {
        "ignore_https_errors": options.ignore_https_errors,
        # A worker could answer with a page of an earlier release.
        "service_workers": "block",
        "viewport": {"width": 1280, "height": 800},
        "reduced_motion": "reduce",
    }


class Session:
    """A fresh context, and the tab in it that a user would look at: the newest one.

    Args:
        browser: the browser.
        options: of the command.
        signed_in: what the browser stored at sign-in.
    """

    def __init__(self, browser: Browser, options: VerifyOptions, signed_in: SignedIn) -> None:
        self._options = options
        self.context = browser.new_context(**context_options(options), storage_state=signed_in.state)
        #: What analytics would have captured so far, in the form of posthog-js.
        self.events: list[dict[str, Any]] = []
        #: What was noticed since the last step.
        self.notes: list[str] = []
        self._pages: list[Page] = []
        self._is_aside = False
        #: Pages that were asked for and have not arrived.
        self._navigations: set[Request] = set()
        signed_in.apply(self.context, options.origin)
        self.context.expose_binding(SEEN, lambda _, event: self.events.append(event))
        self.context.add_init_script(INIT_SCRIPT)
        self.context.route(_ANALYTICS, lambda route: route.abort())
        self.context.on("page", self._add_page)
        self.context.on("request", self._begin_navigation)
        self.context.on("requestfinished", lambda request: self._navigations.discard(request))
        self.context.on("requestfailed", lambda request: self._navigations.discard(request))
        self.context.new_page()

    @property
    def page(self) -> Page:
        """The tab that a user would look at."""
        open_pages = [page for page in self._pages if not page.is_closed()]
        return open_pages[-1] if open_pages else self.context.new_page()

    @property
    def view(self) -> PageView:
        """What that tab shows."""
        return PageView(self.page, self._options.timeout_s)

    def until(self, check: Callable[[], _ResultT], timeout_s: float | None = None) -> _ResultT:
        """Return the first true result of a check, or its last result; the tab may change meanwhile.

        While a page loads, the time for a page holds.
        """
        begun = time.monotonic()
        limit_s = self._options.timeout_s if timeout_s is None else timeout_s
        while True:
            found = check()
            passed_s = time.monotonic() - begun
            is_over = passed_s >= limit_s and (
                passed_s >= self._options.page_timeout_s or not self._is_loading()
            )
            if found or is_over:
                return found
            self.page.wait_for_timeout(POLL_MS)

    def close(self) -> None:
        """Close all tabs."""
        self.context.close()

    def aside(self) -> Page:
        """Open another tab to look at another page; close it afterwards."""
        self._is_aside = True
        try:
            return self.context.new_page()
        finally:
            self._is_aside = False

    def settle(self) -> None:
        """Wait until the events of what was just done have arrived."""
        from playwright.sync_api import Error

        # Messages of one page arrive in order.
        with suppress(Error):
            self.page.evaluate("0")

    def picture(self, file: Path, index: int | None) -> None:
        """Save a picture of the tab, without its private parts.

        Args:
            file: the PNG file.
            index: the element to frame, as the page's last answer named it.
        """
        from playwright.sync_api import Error

        page = self.page
        if index is not None:
            self.view.ask("frame", index)
        try:
            page.screenshot(path=file, mask=[page.locator(_PRIVATE)], animations="disabled")
        except Error as problem:
            self.notes.append(f"no picture: {problem.message.splitlines()[0]}")
        if index is not None:
            self.view.ask("unframe")

    def _is_loading(self) -> bool:
        return bool(self._navigations) or bool(self.view.ask("isLoading"))

    def _begin_navigation(self, request: Request) -> None:
        from playwright.sync_api import Error

        # The first request of a new tab has no frame yet.
        with suppress(Error):
            if request.is_navigation_request() and request.frame.parent_frame is None:
                self._navigations.add(request)

    def _add_page(self, page: Page) -> None:
        page.on("dialog", self._answer)
        if self._is_aside:
            return
        self._pages.append(page)
        page.on("framenavigated", self._record_page)
        page.on("crash", lambda _: self.notes.append("the page crashed"))

    def _record_page(self, frame: Frame) -> None:
        if frame.parent_frame is None:
            self.events.append({"event": "$pageview", "properties": {"$current_url": frame.url}})

    def _answer(self, dialog: Dialog) -> None:
        """Close a dialog of the browser: only ``--finish`` may confirm anything."""
        confirms = dialog.type in ("confirm", "prompt")
        if dialog.type != "beforeunload":
            answer = "OK" if not confirms or self._options.finish else "Cancel"
            self.notes.append(f"the page showed {dialog.type}(), and the answer was {answer}")
        if confirms and not self._options.finish:
            dialog.dismiss()
        else:
            dialog.accept()
