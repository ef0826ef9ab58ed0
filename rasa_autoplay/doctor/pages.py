"""The host app's page: what it tells posthog-js and the chat widget."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rasa_autoplay.doctor.base import Problem, error, warning
from rasa_autoplay.doctor.project import Project

__all__ = ["greeting", "page_views", "user_email", "widget_session", "widget_storage"]

_INIT_PAYLOAD = re.compile(r"""initPayload["']?\s*[:=]\s*\{?\s*["'`]([^"'`]+)["'`]""")
_WIDGET = re.compile(r"\bWebChat(?:\.default)?\s*\(")
_CONNECT_ON_OPEN = re.compile(r"""connectOn["']?\s*[:=]\s*\{?\s*["']open["']""")
_SESSION_STORAGE = re.compile(r"""storage["']?\s*:\s*["']session["']""")
_NO_PAGE_VIEWS = re.compile(r"""capture_pageview["']?\s*:\s*false""")


def greeting(project: Project) -> Iterator[Problem]:
    """The widget says nothing by itself."""
    for name, line, found in _matches(project, _INIT_PAYLOAD):
        yield error(
            f"{name}:{line}: initPayload {found!r}: a greeting stands in front of the question",
            'initPayload: ""',
        )


def widget_session(project: Project) -> Iterator[Problem]:
    """The widget has its session before it is opened."""
    for name, line, _ in _matches(project, _CONNECT_ON_OPEN):
        yield error(
            f"{name}:{line}: connectOn open: a closed chat has no session, and Open chat no address",
            'connectOn: "mount"',
        )
    for name, line, _ in _matches(project, re.compile(r"\bsession_confirm\b")):
        yield error(
            f"{name}:{line}: a handler for session_confirm replaces the widget's own",
            "remove it from onSocketEvent",
        )


def widget_storage(project: Project) -> Iterator[Problem]:
    """Every tab has a conversation of its own, and none of the last page load's."""
    for name, line, _ in _matches(project, _WIDGET, first_only=True):
        if not _SESSION_STORAGE.search(project.pages[name]):
            yield warning(
                f"{name}:{line}: its session is in localStorage: tabs share it, and old talk returns",
                'params: {storage: "session"}',
            )


def page_views(project: Project) -> Iterator[Problem]:
    """posthog-js tells of every page."""
    for name, line, _ in _matches(project, _NO_PAGE_VIEWS):
        if "$pageview" not in project.pages[name]:
            yield error(
                f"{name}:{line}: capture_pageview false: no trigger knows the page",
                'capture_pageview: "history_change"',
            )


def user_email(project: Project) -> Iterator[Problem]:
    """Events carry the user's e-mail, from which comes the first name."""
    for name, line, _ in _matches(project, re.compile(r"posthog\.identify\("), first_only=True):
        if not re.search(r"\.register\(\s*\{[^}]*email", project.pages[name]):
            yield warning(
                f"{name}:{line}: identify without register: events carry no e-mail, and bubbles no name",
                "posthog.register({email}) after identify",
            )


def _matches(
    project: Project, pattern: re.Pattern[str], *, first_only: bool = False
) -> Iterator[tuple[str, int, str]]:
    """Page, line, and what the pattern's group holds."""
    for name, text in project.pages.items():
        for match in pattern.finditer(text):
            yield name, text.count("\n", 0, match.start()) + 1, match.group(match.lastindex or 0)
            if first_only:
                break
