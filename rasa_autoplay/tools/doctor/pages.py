"""Checks of the host app's pages: posthog-js, autoplay.js and the chat widget."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from rasa_autoplay.common.checks import Problem, error, warning
from rasa_autoplay.engine.knowledge.golden_path import EMBEDDED_PROVIDER
from rasa_autoplay.tools.doctor.project import Project

__all__ = [
    "IDENTIFY",
    "INIT",
    "USER_ID",
    "WIDGET",
    "api_host",
    "batching",
    "clicks",
    "greeting",
    "has_foreign_tours",
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
WIDGET = re.compile(r"\bWebChat(?:\??\.default)?\s*(?:\?\.)?\(")
_CONNECT_ON_OPEN = re.compile(r"""connectOn["']?\s*[:=]\s*\{?\s*["']open["']""")
_SESSION_STORAGE = re.compile(r"""storage["']?\s*:\s*["']session["']""")
_NO_BATCHES = re.compile(r"""request_batching["']?\s*:\s*false""")
_FLUSH_SOON = re.compile(r"""flush_interval_ms["']?\s*:\s*(?:[2-9]\d\d|1000)\b""")
_AT_ONCE = "request_batching: false"
_HISTORY = 'capture_pageview: "history_change"'
_SCRIPT = re.compile(r"\bautoplay\.m?js\b|\bcreateCopilot\b")
INIT = re.compile(r"\bposthog\.init\s*\(")
IDENTIFY = re.compile(r"posthog\.identify\(")
#: What a page that loads a tour product contains.
_TOURS = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "usertour": r"\busertour\b",
        "userflow": r"\buserflow\b",
        "userpilot": r"\buserpilot\b",
        "chameleon": r"\bchmln\b|chameleon",
        "pendo": r"\bpendo\b",
        "userguiding": r"userguiding",
        "told": r"\btold\b",
    }.items()
}
#: Literal ids only; an id that a program fills in cannot be compared.
USER_ID = re.compile(
    r"""(?:posthog\.identify\(\s*|\bdata-user-id=|\buserId["']?\s*:\s*)(?:["'](?P<id>[^"'{}<>$]+)["']|(?P<number>\d+)\b)"""
)
_NO_PAGE_VIEWS = re.compile(r"""capture_pageview["']?\s*:\s*false""")


def script(project: Project) -> Iterator[Problem]:
    """autoplay.js precedes the widget: it starts a fresh chat before the widget restores the old one."""
    if not any(_SCRIPT.search(text) for text in project.pages.values()):
        yield error(
            "no page loads autoplay.js, so no page receives toasts",
            '<script src="<Rasa server>/webhooks/autoplay/autoplay.js" data-user-id="…"></script>',
        )
    for name, text in project.pages.items():
        tag, widget = _SCRIPT.search(text), WIDGET.search(text)
        if name.endswith((".html", ".htm")) and tag and widget and widget.start() < tag.start():
            line = text.count("\n", 0, tag.start()) + 1
            yield warning(
                f"{name}:{line}: autoplay.js comes after the chat widget, which restores the last page "
                "load's chat",
                "put the tag of autoplay.js before the widget",
            )


def user_ids(project: Project) -> Iterator[Problem]:
    """posthog-js, autoplay.js and the widget use the same user id."""
    for name, text in project.pages.items():
        ids = {match.group(0): match["id"] or match["number"] for match in USER_ID.finditer(text)}
        if len(set(ids.values())) > 1 and any("userId" not in each for each in ids):
            yield error(
                f"{name}: {' and '.join(ids)} name different users, so toasts go to the wrong user",
                "use exactly the same id in posthog.identify, data-user-id and customData.userId",
            )


def api_host(project: Project) -> Iterator[Problem]:
    """posthog-js sends its events to the channel's capture route."""
    if not project.channel.get("capture") or any("/capture" in text for text in project.pages.values()):
        return
    for name, line, _ in _matches(project, INIT, first_only=True):
        yield error(
            f"{name}:{line}: posthog.init does not send to the Rasa server, but capture is on",
            'api_host: "<Rasa server>/webhooks/autoplay/capture"',
        )


def clicks(project: Project) -> Iterator[Problem]:
    """Autocapture is on, because triggers need clicks."""
    for name, line, _ in _matches(project, re.compile(r"""autocapture["']?\s*:\s*false""")):
        yield error(
            f"{name}:{line}: autocapture is false, so posthog-js reports no clicks",
            "remove it, or set it to true",
        )


def batching(project: Project) -> Iterator[Problem]:
    """posthog-js sends events at once, or soon."""
    for name, line, _ in _matches(project, INIT, first_only=True):
        text = project.pages[name]
        if not (_NO_BATCHES.search(text) or _FLUSH_SOON.search(text)):
            yield warning(
                f"{name}:{line}: posthog.init does not set request_batching, so events come up to 3 s late",
                _AT_ONCE,
            )


def tour_library(project: Project) -> Iterator[Problem]:
    """The page loads the library that shows the golden paths' tours."""
    texts = list(project.pages.values())
    for file, provider in _providers(project):
        if not any(_TOURS[provider].search(text) for text in texts):
            yield warning(
                f"{provider} shows the tour of {file}, but no page loads it, so there is no Show me button",
                "load it on the page, before autoplay.js (docs/tours.md)",
            )


def has_foreign_tours(project: Project) -> bool:
    """Whether the tours of some golden path need another product on the page."""
    return any(_providers(project))


def _providers(project: Project) -> Iterator[tuple[str, str]]:
    """Yield each golden path's file and the provider that shows its tour, as far as the file can be read."""
    folder = project.engine.get("golden_paths")
    for file, path in project.texts(Path(folder)).items() if isinstance(folder, str) else ():
        steps = path.get("steps")
        has_elements = any(step.get("element") for step in steps or () if isinstance(step, Mapping))
        provider = path.get("provider") or ("usertour" if path.get("flow_id") else EMBEDDED_PROVIDER)
        if provider in _TOURS and (path.get("flow_id") or has_elements):
            yield file, provider


def widget_lines(project: Project) -> Iterator[Problem]:
    """The chat shows each step on its own line."""
    if not any("pre-line" in text or "pre-wrap" in text for text in project.pages.values()):
        for name, line, _ in _matches(project, WIDGET, first_only=True):
            yield warning(
                f"{name}:{line}: rasa-webchat joins the lines of a message, so steps are not on separate "
                "lines",
                ".rw-conversation-container .rw-markdown p {white-space: pre-line}",
            )


def greeting(project: Project) -> Iterator[Problem]:
    """The widget does not greet by itself."""
    for name, line, found in _matches(project, _INIT_PAYLOAD):
        yield error(
            f"{name}:{line}: initPayload is {found!r}, so a greeting comes before the copilot's question",
            'initPayload: ""',
        )


def widget_session(project: Project) -> Iterator[Problem]:
    """The widget has a session before the user opens it."""
    for name, line, _ in _matches(project, _CONNECT_ON_OPEN):
        yield error(
            f"{name}:{line}: connectOn is open, so a closed chat has no session that Open chat could address",
            'connectOn: "mount"',
        )
    for name, line, _ in _matches(project, re.compile(r"\bsession_confirm\b")):
        yield error(
            f"{name}:{line}: this handler for session_confirm replaces the widget's own",
            "remove it from onSocketEvent",
        )


def widget_storage(project: Project) -> Iterator[Problem]:
    """Each tab has its own conversation, and a page load does not restore an old one."""
    for name, line, _ in _matches(project, WIDGET, first_only=True):
        if not _SESSION_STORAGE.search(project.pages[name]):
            yield warning(
                f"{name}:{line}: the session is in localStorage, so tabs share it and old conversations come "
                "back",
                'params: {storage: "session"}',
            )


def page_views(project: Project) -> Iterator[Problem]:
    """posthog-js reports every page view."""
    for name, line, _ in _matches(project, _NO_PAGE_VIEWS):
        if "$pageview" not in project.pages[name]:
            yield error(
                f"{name}:{line}: capture_pageview is false, so triggers do not know the page", _HISTORY
            )
    for name, line, _ in _matches(project, INIT, first_only=True):
        if not re.search(r"\bcapture_pageview\b|\bdefaults\b|\$pageview", project.pages[name]):
            yield warning(
                f"{name}:{line}: posthog.init does not set capture_pageview, so it reports page loads but no "
                "navigation within a single-page app",
                _HISTORY,
            )


def user_email(project: Project) -> Iterator[Problem]:
    """Events carry the user's e-mail address, from which the copilot derives the first name."""
    for name, line, _ in _matches(project, IDENTIFY, first_only=True):
        if not re.search(r"\.register\(\s*\{[^}]*email", project.pages[name]):
            yield warning(
                f"{name}:{line}: posthog.identify is called without posthog.register, so events carry no "
                "e-mail and messages no name",
                "posthog.register({email}) after identify",
            )


def _matches(
    project: Project, pattern: re.Pattern[str], *, first_only: bool = False
) -> Iterator[tuple[str, int, str]]:
    """Yield page, line, and the text of the pattern's last group."""
    for name, text in project.pages.items():
        for match in pattern.finditer(text):
            yield name, text.count("\n", 0, match.start()) + 1, match.group(match.lastindex or 0)
            if first_only:
                break
