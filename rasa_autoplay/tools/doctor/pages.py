"""The host app's page: what it tells posthog-js and the chat widget."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from rasa_autoplay.engine.knowledge.golden_path import EMBEDDED_PROVIDER
from rasa_autoplay.tools.doctor.base import Problem, error, warning
from rasa_autoplay.tools.doctor.project import Project

__all__ = [
    "api_host",
    "batching",
    "clicks",
    "greeting",
    "page_views",
    "script",
    "tour_library",
    "user_email",
    "user_ids",
    "widget_lines",
    "widget_session",
    "widget_storage",
]

_INIT_PAYLOAD = re.compile(r"""initPayload["']?\s*[:=]\s*\{?\s*["'`]([^"'`]+)["'`]""")
_WIDGET = re.compile(r"\bWebChat(?:\.default)?\s*\(")
_CONNECT_ON_OPEN = re.compile(r"""connectOn["']?\s*[:=]\s*\{?\s*["']open["']""")
_SESSION_STORAGE = re.compile(r"""storage["']?\s*:\s*["']session["']""")
_HISTORY = 'capture_pageview: "history_change"'
_SCRIPT = re.compile(r"\bautoplay\.m?js\b|\bcreateCopilot\b")
_INIT = re.compile(r"\bposthog\.init\s*\(")
#: How a page shows that it has a tour product.
_TOURS = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        EMBEDDED_PROVIDER: r"\bdriver\b",
        "usertour": r"\busertour\b",
        "userflow": r"\buserflow\b",
        "userpilot": r"\buserpilot\b",
        "chameleon": r"\bchmln\b|chameleon",
        "pendo": r"\bpendo\b",
        "userguiding": r"userguiding",
        "told": r"\btold\b",
    }.items()
}
#: Ids that are written out; what a program fills in cannot be compared.
_USER_ID = re.compile(
    r"""(?:posthog\.identify\(\s*|\bdata-user-id=|\buserId["']?\s*:\s*)["'](?P<id>[^"'{}<>$]+)["']"""
)
_NO_PAGE_VIEWS = re.compile(r"""capture_pageview["']?\s*:\s*false""")


def script(project: Project) -> Iterator[Problem]:
    """The copilot is there, and begins a fresh chat before the widget looks for the old one."""
    if not any(_SCRIPT.search(text) for text in project.pages.values()):
        yield error(
            "no page has autoplay.js: nobody listens for toasts",
            '<script src="<Rasa server>/webhooks/autoplay/autoplay.js" data-user-id="…"></script>',
        )
    for name, text in project.pages.items():
        tag, widget = _SCRIPT.search(text), _WIDGET.search(text)
        if name.endswith((".html", ".htm")) and tag and widget and widget.start() < tag.start():
            line = text.count("\n", 0, tag.start()) + 1
            yield warning(
                f"{name}:{line}: autoplay.js comes after the chat widget: the last page load's talk is back",
                "put its tag before the widget",
            )


def user_ids(project: Project) -> Iterator[Problem]:
    """Capture, feed and chat mean the same user."""
    for name, text in project.pages.items():
        said = {match.group(0): match.group("id") for match in _USER_ID.finditer(text)}
        if len(set(said.values())) > 1 and any("userId" not in each for each in said):
            yield error(
                f"{name}: {' and '.join(said)} are not the same user: the toast goes to somebody else",
                "the same id in posthog.identify, data-user-id and customData.userId, letter by letter",
            )


def api_host(project: Project) -> Iterator[Problem]:
    """What posthog-js captures reaches the channel's capture."""
    if not project.channel.get("capture") or any("/capture" in text for text in project.pages.values()):
        return
    for name, line, _ in _matches(project, _INIT, first_only=True):
        yield error(
            f"{name}:{line}: posthog.init does not send to the Rasa server, which waits for capture",
            'api_host: "<Rasa server>/webhooks/autoplay/capture"',
        )


def clicks(project: Project) -> Iterator[Problem]:
    """Autocapture is on: clicks are what triggers look at."""
    for name, line, _ in _matches(project, re.compile(r"""autocapture["']?\s*:\s*false""")):
        yield error(f"{name}:{line}: autocapture false: no click is told", "leave it out, or set it to true")


def batching(project: Project) -> Iterator[Problem]:
    """Events are sent when they happen."""
    for name, line, _ in _matches(project, _INIT, first_only=True):
        if not re.search(r"""request_batching["']?\s*:\s*false""", project.pages[name]):
            yield warning(
                f"{name}:{line}: posthog.init without request_batching: events come up to 3 s late",
                "request_batching: false",
            )


def tour_library(project: Project) -> Iterator[Problem]:
    """What shows the golden paths' tours is there."""
    texts = list(project.pages.values())
    for file, provider in _providers(project):
        if not any(_TOURS[provider].search(text) for text in texts):
            yield warning(
                f"{file} is shown by {provider}, which no page has: there is no Show me",
                "put it on the page, before autoplay.js: docs/tours.md",
            )


def _providers(project: Project) -> Iterator[tuple[str, str]]:
    """Which golden path's tour is shown by what, as far as that can be read."""
    folder = project.engine.get("golden_paths")
    for file, path in project.texts(Path(folder)).items() if isinstance(folder, str) else ():
        steps = path.get("steps")
        has_elements = any(step.get("element") for step in steps or () if isinstance(step, Mapping))
        provider = path.get("provider") or ("usertour" if path.get("flow_id") else EMBEDDED_PROVIDER)
        if provider in _TOURS and (path.get("flow_id") or has_elements):
            yield file, provider


def widget_lines(project: Project) -> Iterator[Problem]:
    """Steps stand below each other in the chat."""
    if not any("pre-line" in text or "pre-wrap" in text for text in project.pages.values()):
        for name, line, _ in _matches(project, _WIDGET, first_only=True):
            yield warning(
                f"{name}:{line}: rasa-webchat runs the lines of a message together, and steps with them",
                ".rw-conversation-container .rw-markdown p {white-space: pre-line}",
            )


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
            yield error(f"{name}:{line}: capture_pageview false: no trigger knows the page", _HISTORY)
    for name, line, _ in _matches(project, _INIT, first_only=True):
        if not re.search(r"\bcapture_pageview\b|\bdefaults\b|\$pageview", project.pages[name]):
            yield warning(
                f"{name}:{line}: posthog.init without capture_pageview: only page loads are told, and no "
                "other page of a single-page app",
                _HISTORY,
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
