"""Records a workflow, and replays its draft: the tour in the page, and the matcher on the traffic."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Error as PlaywrightError

from browser.recorder.apps.copilot import Copilot
from browser.recorder.apps.person import follow_tour, record
from browser.recorder.apps.workflows import Workflow

__all__ = ["Replay", "Site", "record_and_replay"]

_MATCHED_WITHIN_S = 15.0


class Site(NamedTuple):
    """An app that runs.

    Args:
        name: for people.
        copilot: its gateway and engine.
        origin: its origin, with the path before its pages.
        user_in_cookie: the app reads the user from a cookie, not from ``?user=``.
    """

    name: str
    copilot: Copilot
    origin: str
    user_in_cookie: bool = False

    def open_profile(self, browser: Browser, user: str) -> BrowserContext:
        """Return a browser profile in which a user is signed in."""
        context = browser.new_context()
        context.set_default_timeout(20_000)
        if self.user_in_cookie:
            context.add_cookies([{"name": "user", "value": user, "url": self.origin}])
        return context

    def address(self, page: str, user: str) -> str:
        """Return the address of a page for a user."""
        return f"{self.origin}/{page}" + ("" if self.user_in_cookie else f"?user={user}")


class Replay(NamedTuple):
    """What became of a draft.

    Args:
        app: the app.
        workflow: the workflow.
        steps: how many steps the draft has.
        in_tour: how many of them the tour shows.
        problem: why it does not replay; empty if it does.
        draft: the file.
    """

    app: str
    workflow: str
    steps: int = 0
    in_tour: int = 0
    problem: str = ""
    draft: str = ""

    def describe(self) -> str:
        """Return a row of the table."""
        outcome = self.problem.splitlines()[0][:90] if self.problem else "replays"
        return (
            f"{self.app:<10}{self.workflow:<40}{self.steps:>5} steps{self.in_tour:>3} in the tour  {outcome}"
        )


def record_and_replay(browser: Browser, site: Site, workflow: Workflow, folder: Path) -> Replay:
    """Record a workflow as one user, and follow its tour as another one.

    Args:
        browser: each user has a profile of their own.
        site: the app.
        workflow: the workflow.
        folder: for files.
    """
    context = site.open_profile(browser, "recording")
    try:
        link = site.copilot.link(site.address(workflow.page, "recording"))
        draft = record(context, link, workflow)
    except (PlaywrightError, AssertionError) as problem:
        return Replay(site.name, workflow.name, problem=f"recording: {problem}")
    finally:
        context.close()
    return _replay(browser, site, workflow, folder, draft)


def _replay(browser: Browser, site: Site, workflow: Workflow, folder: Path, draft: str) -> Replay:
    path = site.copilot.offer(draft)
    in_tour = sum(bool(step.element) for step in path.steps)
    replay = Replay(site.name, workflow.name, len(path.steps), in_tour, draft=draft)
    user = f"user-{uuid.uuid4().hex[:8]}"
    context = site.open_profile(browser, user)
    try:
        page = follow_tour(context, site.address(workflow.page, user), path, workflow)
        wanted = site.copilot.provable(path)
        end = time.monotonic() + _MATCHED_WITHIN_S
        while (done := site.copilot.done_steps(path, user, folder)) != wanted and time.monotonic() < end:
            page.wait_for_timeout(100)
    except (PlaywrightError, AssertionError) as problem:
        return replay._replace(problem=f"tour: {problem}")
    finally:
        context.close()
    missing = ", ".join(step for step in wanted if step not in done)
    return replay._replace(problem=f"matcher: it did not see {missing}" if missing else "")
