"""Looks for the element that does now what a step's element did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step, Way
from rasa_autoplay.tools.verification.names import fits_label
from rasa_autoplay.tools.verification.page_view import PageView
from rasa_autoplay.tools.verification.report import Opener, Replacement
from rasa_autoplay.tools.verification.session import Session

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle

__all__ = ["Seeker"]

#: Below this, an element is not similar enough to be proposed.
_SIMILAR = 0.45
#: A link leads away from the steps that follow, so it must be more similar.
_SIMILAR_LINK = 0.7
#: A menu opens at once; a page that is looked at aside gets more time.
_OPENS_WITHIN_S = 0.5
_PAGES_WITHIN_S = 2.0
_MAX_PAGES = 6
_TABS_BEFORE = "(it) => it.closest('[role=tablist]')?.querySelector('[role=tab][aria-selected=true]') || null"

_Check = Callable[[PageView], "dict[str, Any] | None"]


class Seeker:
    """Looks for replacements on the page, in its closed menus and parts, and on the app's other pages.

    Args:
        session: the browser context.
        path: the golden path.
        urls: addresses of the app's other pages.
    """

    def __init__(self, session: Session, path: GoldenPath, urls: Sequence[str]) -> None:
        self._session = session
        self._path = path
        self._urls = urls

    def replacement(self, step: Step, way: Way, facts: dict[str, Any]) -> Replacement | None:
        """Return the best replacement of an element that is not shown, and leave its menu open.

        Args:
            step: the step.
            way: the way whose element is not shown.
            facts: what the page says of the way's selector.
        """
        asked = {"selector": way.element or "", "label": way.label or "", "title": step.title}
        if facts["hits"]:
            asked["role"] = facts["first"]["role"]
        others = self._others(step)

        def exact(view: PageView) -> dict[str, Any] | None:
            return next(
                (it for it in view.similar(asked, others) if it["isReachable"] and _is_named(way, it)), None
            )

        def itself(view: PageView) -> dict[str, Any] | None:
            found = view.look(way.element or "")
            return {**found["first"], "selector": way.element} if found["shown"] else None

        here = exact(self._session.view)
        if here:
            return Replacement(here["selector"], here["name"])
        return (
            self._behind_openers(itself, exact)
            or self._on_other_pages(itself, exact)
            or self._similar_here(asked, others)
            or _hidden(way, facts)
        )

    def named(self, step: Step, way: Way) -> Replacement | None:
        """Return another element on the page that has the label of a step, and that users can reach."""
        asked = {"selector": "", "label": way.label or "", "title": step.title}
        found = self._session.view.similar(asked, self._others(step))
        best = next((it for it in found if it["isReachable"] and _is_named(way, it)), None)
        return Replacement(best["selector"], best["name"]) if best else None

    def _others(self, step: Step) -> list[str]:
        """The selectors of the path's other steps: their elements are no candidates."""
        return [selector for each in self._path.steps if each is not step for selector in each.elements]

    def _similar_here(self, asked: dict[str, str], others: Sequence[str]) -> Replacement | None:
        found = self._session.view.similar(asked, others)
        best = next((it for it in found if it["isReachable"] and it["score"] >= _needed(it)), None)
        return Replacement(best["selector"], best["name"]) if best else None

    def _behind_openers(self, *checks: _Check) -> Replacement | None:
        view = self._session.view
        listed = view.ask("openers") or []
        openers = [(opener, view.handle(opener["index"])) for opener in listed]
        for opener, handle in openers:
            if handle is None:
                continue
            before = self._open(handle)
            for check in checks:
                found = view.until(lambda check=check: check(view), _OPENS_WITHIN_S / len(checks))  # type: ignore[misc]
                if found:
                    return Replacement(
                        found["selector"], found["name"], opener=Opener(opener["selector"], opener["label"])
                    )
            self._close(handle, before)
        return None

    def _open(self, handle: ElementHandle) -> ElementHandle | None:
        """Use an opener; returns the tab that was selected before."""
        from playwright.sync_api import Error

        with suppress(Error):
            before = handle.evaluate_handle(_TABS_BEFORE).as_element()
            handle.click(timeout=1000)
            return before
        return None

    def _close(self, handle: ElementHandle, before: ElementHandle | None) -> None:
        from playwright.sync_api import Error

        with suppress(Error):
            if before is not None:
                before.click(timeout=1000)
                return
            self._session.page.keyboard.press("Escape")
            if handle.evaluate("(it) => it.ariaExpanded === 'true' || it.parentElement?.open === true"):
                handle.click(timeout=1000)

    def _on_other_pages(self, *checks: _Check) -> Replacement | None:
        from playwright.sync_api import Error

        here = urlsplit(self._session.page.url).path
        for url in [url for url in self._urls if urlsplit(url).path != here][:_MAX_PAGES]:
            page = self._session.aside()
            try:
                page.goto(url, wait_until="domcontentloaded")
                view = PageView(page, _PAGES_WITHIN_S)
                found = view.until(lambda view=view: next(filter(None, (c(view) for c in checks)), None))  # type: ignore[misc]
                if found:
                    return Replacement(found["selector"], found["name"], page=urlsplit(url).path)
            except Error:
                continue
            finally:
                page.close()
        return None


def _needed(found: dict[str, Any]) -> float:
    return _SIMILAR_LINK if found["tag"] == "a" else _SIMILAR


def _is_named(way: Way, found: dict[str, Any]) -> bool:
    return bool(way.label) and fits_label(way.labels, [found["name"]])


def _hidden(way: Way, facts: dict[str, Any]) -> Replacement | None:
    """The element itself, if it is only hidden and has the right name."""
    first = facts.get("first")
    if first and way.element and fits_label(way.labels, [first["name"]]):
        return Replacement(way.element, first["name"])
    return None
